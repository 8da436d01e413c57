//! The load driver: HTTP/1.1 over keep-alive connections, the next request when the last answer is whole. It shares
//! the machine with what it measures, so it does next to nothing: one thread and one poll for many sockets, requests
//! that are ready bytes, answers of which only status and length are read.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, net::TcpStream};

use crate::Error;

/// Threads that drive: one left the other core of a small machine idle, more only fight the server for it.
const THREADS: usize = 2;
/// Nobody answers for this long: the round has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is sent.
#[derive(Clone, Copy)]
pub enum Requests<'a> {
    /// Each of these once.
    Each(&'a [Vec<u8>]),
    /// The same one again and again for this long.
    Same(&'a [u8], Duration),
}

/// What came of a round.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Answers with the wanted status.
    pub answers: usize,
    /// Answers per second.
    pub per_second: f64,
    /// What driving used, nanoseconds of a core.
    pub cpu: u64,
}

/// Drives `connections` connections to `server` until `requests` are done.
///
/// # Errors
/// When the server refuses, hangs up, or gives any answer with another status than `wanted`.
pub fn drive(server: SocketAddr, connections: usize, requests: Requests<'_>, wanted: &[u16]) -> Result<Round, Error> {
    let next = AtomicUsize::new(0);
    let threads = THREADS.min(connections);
    let ready = Barrier::new(threads);
    let drivers = (0..threads)
        .map(|n| {
            let mine = connections / threads + usize::from(n < connections % threads);
            Driver::connect(server, mine, Source { requests, next: &next, until: None }, wanted)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let ended: Vec<Result<Ended, Error>> = thread::scope(|scope| {
        let running: Vec<_> = drivers.into_iter().map(|driver| scope.spawn(|| driver.run(&ready))).collect();
        running.into_iter().map(|t| t.join().unwrap_or_else(|_| Err(Error::new("a driving thread died")))).collect()
    });
    let ended = ended.into_iter().collect::<Result<Vec<_>, _>>()?;
    let answers: usize = ended.iter().map(|(answers, ..)| answers).sum();
    let from = ended.iter().map(|(_, from, ..)| *from).min();
    let until = ended.iter().map(|(_, _, until, _)| *until).max();
    let seconds = from.zip(until).map_or(0.0, |(from, until)| (until - from).as_secs_f64());
    let cpu = ended.iter().map(|(.., cpu)| *cpu).sum();
    Ok(Round { answers, per_second: answers as f64 / seconds, cpu })
}

/// Sends one request on a connection of its own and gives the whole answer: head and body.
///
/// # Errors
/// When there is no answer.
pub fn ask(server: SocketAddr, request: &[u8]) -> Result<Vec<u8>, Error> {
    let mut stream = std::net::TcpStream::connect(server)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        let got = stream.read(&mut chunk)?;
        bytes.extend_from_slice(&chunk[..got]);
        if Answer::read(&bytes)?.is_some() || got == 0 {
            return Ok(bytes);
        }
    }
}

/// One who asks, waits for the whole answer and asks again on the same connection: how long a single request takes.
pub struct Caller {
    stream: std::net::TcpStream,
    answer: Vec<u8>,
}

impl Caller {
    /// Connects.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn connect(server: SocketAddr) -> Result<Caller, Error> {
        let stream = std::net::TcpStream::connect(server)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Caller { stream, answer: Vec::new() })
    }

    /// Sends `request` and gives the whole answer: head and body.
    ///
    /// # Errors
    /// When there is none, or its status is not 200.
    pub fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>, Error> {
        self.answer.clear();
        self.stream.write_all(request)?;
        let mut chunk = [0; 16 * 1024];
        loop {
            let got = self.stream.read(&mut chunk)?;
            self.answer.extend_from_slice(&chunk[..got]);
            match Answer::read(&self.answer)? {
                Some(Answer { status: 200, .. }) => return Ok(std::mem::take(&mut self.answer)),
                None if got > 0 => {}
                _ => return Err(Error::new(format!("not an answer: {}", String::from_utf8_lossy(&self.answer)))),
            }
        }
    }
}

/// Answers, when it began and ended, and what it used of a core.
type Ended = (usize, Instant, Instant, u64);

/// What this thread, which was made for one round, has used, nanoseconds.
fn own_cpu() -> Result<u64, Error> {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(spent.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0))
}

/// Where requests come from; shared by all threads.
struct Source<'a> {
    requests: Requests<'a>,
    next: &'a AtomicUsize,
    until: Option<Instant>,
}

impl<'a> Source<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        match self.requests {
            Requests::Each(all) => all.get(self.next.fetch_add(1, Ordering::Relaxed)).map(Vec::as_slice),
            Requests::Same(one, how_long) => {
                let now = Instant::now();
                (now < *self.until.get_or_insert(now + how_long)).then_some(one)
            }
        }
    }
}

/// One answer's status and length.
struct Answer {
    status: u16,
    length: usize,
}

impl Answer {
    /// `None`: not whole yet.
    fn read(bytes: &[u8]) -> Result<Option<Answer>, Error> {
        let Some(head) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
        let broken = || Error::new(format!("not an answer: {}", String::from_utf8_lossy(&bytes[..head])));
        let status = bytes.get(9..12).and_then(|s| std::str::from_utf8(s).ok()?.parse().ok()).ok_or_else(broken)?;
        let body = match content_length(&bytes[..head + 2]) {
            Some(length) => length,
            None if status == 204 => 0,
            None => return Err(broken()),
        };
        let length = head + 4 + body;
        Ok((bytes.len() >= length).then_some(Answer { status, length }))
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    head.split(|b| *b == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked(NAME.len())?;
        name.eq_ignore_ascii_case(NAME).then(|| std::str::from_utf8(value).ok()?.trim().parse().ok())?
    })
}

struct Connection<'a> {
    stream: TcpStream,
    unsent: &'a [u8],
    answer: Vec<u8>,
    filled: usize,
}

struct Driver<'a> {
    poll: Poll,
    connections: Vec<Connection<'a>>,
    source: Source<'a>,
    wanted: &'a [u16],
    answers: usize,
    busy: usize,
}

impl<'a> Driver<'a> {
    fn connect(server: SocketAddr, count: usize, source: Source<'a>, wanted: &'a [u16]) -> Result<Self, Error> {
        let poll = Poll::new()?;
        let mut connections = Vec::with_capacity(count);
        for n in 0..count {
            let stream = std::net::TcpStream::connect(server)?;
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(n), Interest::READABLE | Interest::WRITABLE)?;
            connections.push(Connection { stream, unsent: &[], answer: vec![0; 32 * 1024], filled: 0 });
        }
        Ok(Driver { poll, connections, source, wanted, answers: 0, busy: 0 })
    }

    fn run(mut self, ready: &Barrier) -> Result<Ended, Error> {
        ready.wait();
        let from = Instant::now();
        for n in 0..self.connections.len() {
            self.send_next(n)?;
        }
        let mut events = Events::with_capacity(512);
        while self.busy > 0 {
            match self.poll.poll(&mut events, Some(PATIENCE)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                done => done?,
            }
            if events.is_empty() {
                return Err(Error::new(format!("no answer for {} s", PATIENCE.as_secs())));
            }
            for event in &events {
                let n = event.token().0;
                if !self.connections[n].unsent.is_empty() {
                    self.push(n)?;
                }
                if event.is_readable() {
                    self.pull(n)?;
                }
            }
        }
        Ok((self.answers, from, Instant::now(), own_cpu()?))
    }

    fn send_next(&mut self, n: usize) -> Result<(), Error> {
        match self.source.next() {
            Some(request) => {
                self.connections[n].unsent = request;
                self.busy += 1;
                self.push(n)
            }
            None => Ok(()),
        }
    }

    fn push(&mut self, n: usize) -> Result<(), Error> {
        let connection = &mut self.connections[n];
        while !connection.unsent.is_empty() {
            match connection.stream.write(connection.unsent) {
                Ok(sent) => connection.unsent = &connection.unsent[sent..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Reads until the answer is whole, which is the last thing the server sends before it is asked again: no further
    /// read is needed to see that nothing is left.
    fn pull(&mut self, n: usize) -> Result<(), Error> {
        loop {
            let connection = &mut self.connections[n];
            if connection.filled == connection.answer.len() {
                connection.answer.resize(connection.filled * 2, 0);
            }
            match connection.stream.read(&mut connection.answer[connection.filled..]) {
                Ok(0) => return Err(io::Error::from(ErrorKind::UnexpectedEof).into()),
                Ok(got) => connection.filled += got,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            let Some(answer) = Answer::read(&connection.answer[..connection.filled])? else { continue };
            if !self.wanted.contains(&answer.status) || answer.length != connection.filled {
                let text = String::from_utf8_lossy(&connection.answer[..connection.filled.min(600)]).into_owned();
                return Err(Error::new(format!("not the answer that was wanted: {text}")));
            }
            connection.filled = 0;
            self.answers += 1;
            self.busy -= 1;
            return self.send_next(n);
        }
    }
}
