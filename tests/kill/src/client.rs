//! One HTTP/1.1 connection, kept alive; one request at a time.

use std::{
    io::{Error, ErrorKind, Read, Result, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Longer than anything the server does; whoever waits longer has found a bug.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Connection(TcpStream);

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Connection {
    pub fn open(server: SocketAddr) -> Connection {
        let stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection(stream)
    }

    /// # Errors
    /// The server is gone.
    pub fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        self.write(request)?;
        self.read()
    }

    /// # Errors
    /// The server is gone.
    pub fn write(&mut self, request: &[u8]) -> Result<()> {
        self.0.write_all(request)
    }

    /// # Errors
    /// The server went away before the answer was whole.
    pub fn read(&mut self) -> Result<Answer> {
        let (mut bytes, mut chunk) = (Vec::new(), [0; 16 * 1024]);
        loop {
            if let Some(answer) = whole(&bytes) {
                return Ok(answer);
            }
            match self.0.read(&mut chunk) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(got) => bytes.extend_from_slice(&chunk[..got]),
                Err(error) => return Err(gone(error)),
            }
        }
    }
}

/// A server that lives and says nothing is not one that is gone.
fn gone(error: Error) -> Error {
    assert!(!matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "no answer for {PATIENCE:?}");
    error
}

fn whole(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap().to_ascii_lowercase();
    let status = head[9..12].parse().unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let length: usize = length.unwrap_or_else(|| if status == 204 { 0 } else { panic!("no length: {head}") });
    let body = bytes.get(end + 4..end + 4 + length)?;
    Some(Answer { status, body: body.to_vec() })
}

/// The bytes of a POST.
pub fn post(path: &str, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("POST {path} HTTP/1.1\r\nhost: mott\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
