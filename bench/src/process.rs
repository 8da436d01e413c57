//! Processes that this one starts and ends, by their own ids.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::Error;

const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(1);

/// A server that ends with its owner.
pub struct Server {
    child: Child,
    name: String,
    log: std::path::PathBuf,
    polite: &'static str,
}

impl Server {
    /// Starts `program`; what it says goes to `log`. `polite` is the signal that asks it to end.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        program: &Path,
        words: &[&str],
        user: Option<&str>,
        log: &Path,
        polite: &'static str,
    ) -> Result<Server, Error> {
        let out = File::create(log)?;
        // setpriv: where this process is killed without a chance to say so, the server ends all the same; and some
        // servers refuse to be root.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", polite]);
        if let Some(user) = user {
            command.args(["--reuid", user, "--regid", user, "--clear-groups"]).current_dir("/");
        }
        let child = command.arg(program).args(words).stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).spawn();
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let child = child.map_err(|e| Error::new(format!("{name} could not be started: {e}")))?;
        Ok(Server { child, name, log: log.to_owned(), polite })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `there` says yes.
    ///
    /// # Errors
    /// When it ends or takes too long; its last words are in the message.
    pub fn wait_until(&mut self, mut there: impl FnMut() -> bool) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        while !there() {
            let ended = self.child.try_wait()?;
            if ended.is_some() || Instant::now() > deadline {
                let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(15).collect();
                let tail: Vec<&str> = tail.into_iter().rev().collect();
                return Err(Error::new(format!("{} does not answer:\n{}", self.name, tail.join("\n"))));
            }
            thread::sleep(STEP);
        }
        Ok(())
    }

    /// Waits until somebody listens at `address`.
    ///
    /// # Errors
    /// As [`Server::wait_until`].
    pub fn listens(&mut self, address: SocketAddr) -> Result<(), Error> {
        self.wait_until(|| TcpStream::connect(address).is_ok())
    }
}

impl Drop for Server {
    /// Asks it to end and waits; one that does not is ended.
    fn drop(&mut self) {
        let asked = Command::new("kill").args([format!("-{}", self.polite), self.id().to_string()]).status();
        let deadline = Instant::now() + PATIENCE;
        while asked.is_ok() && Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(STEP);
        }
        let _ = self.child.kill();
        let _ = self.child.wait(); // nobody is left to be told
    }
}

/// Runs a command to its end and gives what it printed.
///
/// # Errors
/// When it fails; its words are in the message.
pub fn run(command: &mut Command) -> Result<String, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.stdin(Stdio::null()).output().map_err(|e| Error::new(format!("{name}: {e}")))?;
    let out = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(out);
    }
    let words: Vec<String> = command.get_args().map(|a| a.to_string_lossy().chars().take(80).collect()).collect();
    Err(Error::new(format!("{name} {}\n{out}{}", words.join(" "), String::from_utf8_lossy(&done.stderr))))
}

/// A port of this machine that nobody has.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<SocketAddr, Error> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A program of Debian's: on the path, or where packages put servers.
///
/// # Errors
/// Says which package is missing.
pub fn program(name: &str, folders: &[&str], package: &str) -> Result<std::path::PathBuf, Error> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folders.iter().map(std::path::PathBuf::from).chain(std::env::split_paths(&path));
    let found = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    found.ok_or_else(|| Error::new(format!("{name} is missing: install Debian's package {package}")))
}

/// Whether this process may become other users.
pub fn is_root() -> bool {
    run(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
