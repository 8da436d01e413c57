//! A folder with everything in it: an institution, a database with a merchant, a node, and the clock they all read.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
};

use db::testing::TestDb;
use sandbox::{App, Clock, Settings, Signer, scenario::Target};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};

const MOBILE: &str = "13800002176";
/// 2026-09-21 22:13:20 in Shanghai.
const START_MS: i64 = 1_790_000_000_000;

/// Which database.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub struct World {
    pub target: Target,
    /// The institution lives on it.
    pub runtime: Runtime,
    node: Child,
    folder: TempDir,
    _database: Option<TestDb>,
}

impl World {
    pub fn new(engine: Engine) -> World {
        let mott = binary();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("clock"), START_MS.to_string()).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox_url = institution(&runtime, folder.path());
        let server = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(runtime.block_on(TestDb::postgres())),
        };
        let database =
            server.as_ref().map_or_else(|| path("mott.db").to_str().unwrap().to_owned(), |db| db.place.clone());
        let address = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap().local_addr().unwrap();
        let config = format!(
            "listen = \"{address}\"\npublic_url = \"http://{address}\"\ndatabase = \"{database}\"\nkeyring = \"{}\"\n",
            path("keyring.toml").display()
        );
        fs::write(path("config.toml"), config).unwrap();
        fs::write(path("merchant.toml"), merchant(folder.path())).unwrap();
        let run = |words: &[&str]| run(&mott, &path("config.toml"), words);
        run(&["migrate"]);
        let files = [path("institution/kit/platform.toml"), path("merchant.toml")];
        run(&["apply", "-f", files[0].to_str().unwrap(), "-f", files[1].to_str().unwrap()]);
        let code_url = run(&["admin", "collection-code", "--mobile", MOBILE]);
        let node = serve(&mott, folder.path());
        let target = Target {
            code_url: code_url.trim().to_owned(),
            sandbox_url,
            admin: ("admin".to_owned(), "scenario-admin-2026".to_owned()),
            approver: Some(("finance".to_owned(), "scenario-finance-2026".to_owned())),
            manager: Some((MOBILE.to_owned(), "scenario-manager-2026".to_owned())),
            clock: Some(path("clock")),
            check: Some(format!("{} check --config {}", mott.display(), path("config.toml").display())),
        };
        World { target, runtime, node, folder, _database: server }
    }
}

impl Drop for World {
    /// A failed test leaves no process behind, and what the node said is wanted then.
    fn drop(&mut self) {
        let _ = self.node.kill(); // dead already is what it should be
        let _ = self.node.wait();
        if thread::panicking() {
            eprintln!("{}", fs::read_to_string(self.folder.path().join("mott.log")).unwrap_or_default());
        }
    }
}

/// Both institutions and everything else of the sandbox, as long as the runtime lives.
fn institution(runtime: &Runtime, folder: &Path) -> String {
    let listen = || runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let (http, mail) = (listen(), listen());
    let url = format!("http://{}", http.local_addr().unwrap());
    let app = App::open(Settings {
        state: folder.join("institution"),
        public_url: url.clone(),
        smtp: mail.local_addr().unwrap(),
        callback_delay_ms: 0,
        callback_signer: Signer::PublicKey,
        clock: Clock::new(Some(folder.join("clock"))),
        scenario_target: None,
    });
    runtime.spawn(sandbox::serve(Arc::new(app.unwrap()), http, mail));
    url
}

fn merchant(folder: &Path) -> String {
    let token = folder.join("institution/kit/alipay_app_auth_token_2088000000000110.txt");
    format!(
        r#"
[merchant]
full_name = "星河教育科技有限公司"
[[channel_account]]
key = "wechatpay"
sub_mchid = "1900000110"
ways = ["jsapi", "h5", "native"]
[[channel_account]]
key = "alipay"
channel = "alipay"
seller_id = "2088000000000110"
app_auth_token_file = "{}"
[[admin]]
login = "admin"
name = "王敏"
email = "wangmin@example.test"
password = "scenario-admin-2026"
[[admin]]
login = "finance"
name = "李会计"
email = "finance@example.test"
role = "finance"
password = "scenario-finance-2026"
[[manager]]
name = "陈明"
mobile = "{MOBILE}"
email = "chenming@example.test"
password = "scenario-manager-2026"
"#,
        token.display()
    )
}

/// Runs a command to its end and gives what it printed; it must succeed.
fn run(mott: &Path, config: &Path, words: &[&str]) -> String {
    let done = Command::new(mott).args(words).arg("--config").arg(config).output().unwrap();
    let out = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "mott {words:?}\n{out}\n{}", String::from_utf8_lossy(&done.stderr));
    out
}

fn serve(mott: &Path, folder: &Path) -> Child {
    use std::io::{BufRead as _, BufReader};
    let log = fs::File::create(folder.join("mott.log")).unwrap();
    let mut command = Command::new(mott);
    command.arg("serve").arg("--config").arg(folder.join("config.toml"));
    command.arg("--test-clock").arg(folder.join("clock"));
    let mut node = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(node.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("mott listening on"), "mott did not start: {line}");
    node
}

/// The binary that `MOTT_SCENARIO_BINARY` names, else one of this workspace, built now and set aside: the next build
/// without `test-clock` puts another in its place.
fn binary() -> PathBuf {
    static BUILT: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    if let Some(given) = env::var_os("MOTT_SCENARIO_BINARY") {
        return given.into();
    }
    BUILT.get_or_init(build).clone()
}

fn build() -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // All binaries, so that their dependencies are the ones that `cargo test --workspace` has built.
    build.args(["build", "--quiet", "--workspace", "--bins", "--features", "mott/test-clock"]);
    build.args(["--message-format", "json-render-diagnostics"]);
    let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output().unwrap();
    assert!(built.status.success(), "mott could not be built");
    let messages = String::from_utf8(built.stdout).unwrap();
    let mut messages = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let executable = messages.find(|message| message["target"]["name"] == "mott" && message["executable"].is_string());
    let executable: PathBuf = executable.unwrap()["executable"].as_str().unwrap().into();
    let aside = executable.with_file_name("mott-test-clock");
    fs::copy(executable, &aside).unwrap();
    aside
}
