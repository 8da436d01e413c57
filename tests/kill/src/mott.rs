//! The real binary, as people start it.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// `mott` with the settings and data of one folder.
pub struct Mott {
    binary: PathBuf,
    folder: PathBuf,
}

impl Mott {
    pub fn new(binary: &Path, folder: &Path) -> Mott {
        Mott { binary: binary.to_owned(), folder: folder.to_owned() }
    }

    /// Runs a command to its end and gives what it printed; it must succeed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let done = self.command(arguments).output().unwrap();
        let out = String::from_utf8(done.stdout).unwrap();
        assert!(done.status.success(), "mott {arguments:?}\n{out}\n{}", String::from_utf8_lossy(&done.stderr));
        out
    }

    /// Starts a node and waits until it listens.
    pub fn serve(&self) -> Serving {
        let from = Instant::now();
        let mut child = self.command(&["serve"]).stdout(Stdio::piped()).stderr(self.log()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let serving = |address| Serving { child, address, started_in: from.elapsed() };
        match line.trim().strip_prefix("mott listening on http://") {
            Some(address) => serving(address.parse().unwrap()),
            None => panic!("mott did not start: {line}"),
        }
    }

    /// What nodes of this folder said on standard error.
    pub fn said(&self) -> String {
        fs::read_to_string(self.folder.join("mott.log")).unwrap_or_default()
    }

    fn log(&self) -> File {
        OpenOptions::new().create(true).append(true).open(self.folder.join("mott.log")).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        command
    }
}

/// A node that serves.
pub struct Serving {
    child: Child,
    pub address: SocketAddr,
    pub started_in: Duration,
}

impl Serving {
    /// SIGKILL: no handler runs, nothing is flushed. Returns when the process is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    /// A failed test leaves no process behind.
    fn drop(&mut self) {
        let _ = self.child.kill(); // dead already is what it should be
        let _ = self.child.wait();
    }
}

/// The binary that `MOTT_KILL_BINARY` names, else the one of this workspace, built now if it is not up to date.
pub fn binary() -> PathBuf {
    if let Some(given) = env::var_os("MOTT_KILL_BINARY") {
        return given.into();
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // All binaries, though one is wanted: their dependencies are then the ones that `cargo test --workspace` has
    // built. For one package alone cargo would choose other features and compile nearly everything again.
    build.args(["build", "--quiet", "--workspace", "--bins", "--message-format", "json-render-diagnostics"]);
    let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output().unwrap();
    assert!(built.status.success(), "mott could not be built");
    let messages = String::from_utf8(built.stdout).unwrap();
    let mut messages = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let executable = messages.find(|message| message["target"]["name"] == "mott" && message["executable"].is_string());
    executable.unwrap()["executable"].as_str().unwrap().into()
}
