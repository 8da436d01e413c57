//! One `mott serve` of the release binary, as an operator runs it.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::{
    Error, drive,
    process::{Server, free_address},
    room::Room,
};

/// A running node.
pub struct Node {
    server: Server,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to its first answer.
    pub first_answer: Duration,
}

impl Node {
    /// Starts a node with `more` words on the database `place` and waits for its first answer.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn start(room: &Room, place: &str, more: &[&str]) -> Result<Node, Error> {
        let address = free_address()?;
        let config = room.config(address)?.to_string_lossy().into_owned();
        let words = [&["serve", "--config", &config, "--database", place], more].concat();
        let (binary, log) = (room.binary("mott")?, room.file("mott.log"));
        let began = Instant::now();
        let mut server = Server::start(&binary, &words, None, &log, "TERM")?;
        let asked = get("/healthz");
        server.wait_until(|| drive::ask(address, &asked).is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200 ")))?;
        Ok(Node { server, address, first_answer: began.elapsed() })
    }

    /// What its threads have used so far.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn cpu(&self) -> Result<Cpu, Error> {
        cpu(self.server.id())
    }

    /// Resident memory, in MB of 1 000 000 bytes.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn resident_mb(&self) -> Result<f64, Error> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: Option<f64> = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        kilobytes.map(|kb| kb * 1024.0 / 1e6).ok_or_else(|| Error::new("the kernel does not tell the memory"))
    }
}

/// What each kind of thread has used so far, nanoseconds of a core.
pub type Cpu = BTreeMap<String, u64>;

/// The threads of process `id`, by their names.
///
/// # Errors
/// When the kernel does not tell.
pub fn cpu(id: u32) -> Result<Cpu, Error> {
    let mut used = Cpu::new();
    for thread in std::fs::read_dir(format!("/proc/{id}/task"))? {
        let folder = thread?.path();
        let name = std::fs::read_to_string(folder.join("comm"))?.trim().to_owned();
        let spent = std::fs::read_to_string(folder.join("schedstat"))?;
        let spent: u64 = spent.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0);
        *used.entry(name).or_default() += spent;
    }
    Ok(used)
}

/// A request for a page, as a phone's browser sends it.
pub fn get(path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: pay.example.test\r\nUser-Agent: Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0\r\n\
         Accept: text/html\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: zh-CN\r\n\r\n"
    )
    .into_bytes()
}
