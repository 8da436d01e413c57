//! The binary as an operator meets it: what it prints, how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

use db::{Key, Tx, on_both_engines, testing::TestDb};

on_both_engines!(
    a_node_starts_answers_stops_and_goes_on_with_its_data,
    check_exits_with_1_and_names_the_rule_and_the_row
);

/// A folder with settings for one installation.
struct Place {
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Place {
    fn new(database: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.toml");
        let keyring = folder.path().join("keyring.toml");
        let lines = [
            "listen = \"127.0.0.1:0\"".to_owned(),
            format!("database = {database:?}"),
            format!("keyring = {:?}", keyring.display().to_string()),
        ];
        std::fs::write(&config, lines.join("\n")).unwrap();
        Place { folder, config }
    }

    /// Commands run in the folder, so the file lies in it.
    fn sqlite() -> Place {
        Place::new("mott.db")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mott"));
        command.args(words).arg("--config").arg(&self.config).current_dir(self.folder.path());
        command
    }

    /// Runs a command to its end: status, standard output, standard error.
    fn run(&self, words: &[&str]) -> (ExitStatus, String, String) {
        let output = self.command(words).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status, text(output.stdout), text(output.stderr))
    }

    fn fails(&self, words: &[&str]) -> String {
        let (status, _, error) = self.run(words);
        assert_eq!(status.code(), Some(1), "{words:?}: {error}");
        error
    }

    fn succeeds(&self, words: &[&str]) -> String {
        let (status, out, error) = self.run(words);
        assert!(status.success(), "{words:?}: {error}");
        out
    }

    /// Starts a node and waits until it says where it listens.
    fn serve(&self) -> Serving {
        let mut child = self.command(&["serve"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("mott listening on http://").unwrap_or_else(|| panic!("{line}")).to_owned();
        Serving { child, address }
    }
}

struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn stop(mut self, signal: &str) -> ExitStatus {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

async fn a_node_starts_answers_stops_and_goes_on_with_its_data(test: TestDb) {
    let place = Place::new(&test.place);
    place.succeeds(&["migrate"]);
    for signal in ["-TERM", "-INT", "-KILL", "-TERM"] {
        let serving = place.serve();
        assert!(serving.get("/healthz").starts_with("HTTP/1.1 200"));
        assert!(serving.get("/openapi.json").contains("\"openapi\""));
        assert!(serving.get("/api/manager/today").contains("session.missing"));
        let ended = serving.stop(signal);
        assert_eq!(ended.success(), signal != "-KILL", "{signal}: {ended}");
        assert!(place.succeeds(&["check"]).contains("rules hold"));
    }
    assert_eq!(place.succeeds(&["migrate"]), "= nothing to do\n");
}

/// A paid order without payment, record and job: three rules and more.
const TAMPERING: &str = "INSERT INTO orders (merchant_id, order_id, token, code_id, manager_id, org_unit_id, form_id, \
     form_version, form_values, title, subtitle, amount_fen, status, created_at_ms, expires_at_ms) \
     VALUES (1, 4711, 'o', 1, 1, 1, 1, 1, '[]', '', '', 100, 'paid', 0, 0)";

async fn check_exits_with_1_and_names_the_rule_and_the_row(test: TestDb) {
    let place = Place::new(&test.place);
    assert!(place.fails(&["check"]).contains("mott migrate"), "a database that was never migrated proves nothing");
    place.succeeds(&["migrate"]);
    assert!(place.succeeds(&["check"]).contains("rules hold"));
    test.db.write(Key::of(0), async |tx: &mut Tx<'_>| tx.execute(TAMPERING, &[]).await).await.unwrap();
    let (status, out, _) = place.run(&["check"]);
    assert_eq!(status.code(), Some(1));
    for words in ["order-paid-once (PRODUCT 6.1), merchant 1", "order 4711 has 0 payments", "books-balance"] {
        assert!(out.contains(words), "{words}: {out}");
    }
}

#[test]
fn what_was_set_up_wrong_is_answered_with_the_cure() {
    let place = Place::sqlite();
    assert!(place.fails(&["check"]).contains("`mott migrate` makes one"));
    assert!(place.fails(&["serve"]).contains("mott admin rekey"), "a missing keyring");
    place.succeeds(&["migrate"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = place.fails(&["serve", "--listen", &address]);
    assert!(error.contains(&address) && error.contains("--listen"), "{error}");
    assert!(place.fails(&["serve", "--listen", "8080"]).contains("127.0.0.1:8080"));
    assert!(place.fails(&["apply", "-f", "absent.toml"]).contains("absent.toml"));
    assert!(
        place.fails(&["admin", "collection-code", "--mobile", "13800002176"]).contains("no manager has the mobile")
    );
    assert!(place.fails(&["check", "--database", "postgres://nobody@127.0.0.1:1/x"]).contains("cannot be reached"));
    std::fs::write(&place.config, "lisen = \"x\"\n").unwrap();
    let error = place.fails(&["serve"]);
    assert!(error.contains("config.toml") && error.contains("lisen") && error.contains("listen"), "{error}");
    std::fs::write(&place.config, "log = \"mott=loud\"\n").unwrap();
    assert!(place.fails(&["serve"]).contains("log = \"mott=loud\""));
}

#[test]
fn a_new_key_seals_what_was_sealed_and_the_keyring_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    assert!(place.succeeds(&["admin", "rekey"]).contains("with key k0001"));
    assert!(place.succeeds(&["migrate"]).contains("+ 0002_main"));
    assert!(place.succeeds(&["admin", "rekey"]).contains("+ key k0002"));
    let keyring = place.folder.path().join("keyring.toml");
    assert_eq!(std::fs::metadata(&keyring).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(&keyring).unwrap().matches("k000").count(), 2, "the old key stays");
}

#[test]
fn the_example_settings_are_the_defaults() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config.example.toml");
    let read = mott::config::Config::read(&example, true).unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", mott::config::Config::default()));
}

/// Issue 2: `--test-clock` exists only with the cargo feature of that name.
#[cfg(not(feature = "test-clock"))]
#[test]
fn what_is_shipped_has_no_clock_that_can_be_moved() {
    let (status, _, error) = Place::sqlite().run(&["serve", "--test-clock", "clock"]);
    assert_eq!(status.code(), Some(2));
    assert!(error.contains("--test-clock"), "{error}");
}
