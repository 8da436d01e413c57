//! `make bench`: what the product promises about speed and size, as ratios to something plain measured in the same
//! run: nginx with the same bytes, one rusqlite connection with the same statements, pgbench with the same statements.
//! Both sides take turns, and of every side the median round counts.
//!
//! ```text
//!  room.rs      a scratch folder; the institution's kit; a merchant; a template database with orders that wait
//!  node.rs      one `mott serve` of the release binary on a copy of it
//!  drive.rs     the load driver, the same for both sides of a ratio over HTTP
//!  page.rs callback.rs place.rs idle.rs records.rs   the groups
//!  baseline.rs plain_sqlite.rs pgbench.rs nginx.rs   the other sides
//! ```
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time and waits for real processes")]

mod baseline;
mod callback;
mod callbacks;
mod drive;
mod idle;
mod nginx;
mod node;
mod page;
mod pgbench;
mod place;
mod plain_sqlite;
mod postgres;
mod process;
mod records;
mod report;
mod room;
mod seed;
mod sql;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use clap::{Parser, ValueEnum};

use report::Report;
use room::{How, Room};

/// What went wrong, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    /// An error of these words.
    pub fn new(words: impl Into<String>) -> Error {
        Error(words.into())
    }
}

macro_rules! from {
    ($($error:ty),+) => { $(impl From<$error> for Error {
        fn from(error: $error) -> Error { Error(error.to_string()) }
    })+ };
}
from!(std::io::Error, serde_json::Error, rusqlite::Error, db::Error, base64::DecodeError);

/// One group of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Group {
    /// The payer's page: bytes, and requests per second against nginx.
    Page,
    /// A signed callback until it is committed.
    Callback,
    /// A submitted form until its order is committed.
    Place,
    /// Memory at rest, and the time from start to the first answer.
    Idle,
    /// The manager's list and its search with millions of records.
    Records,
}

/// Measures, prints a table and writes the figures.
#[derive(Parser)]
struct Command {
    /// Only this group.
    #[arg(long, value_enum)]
    only: Option<Group>,
    /// Where the release binaries are [default: beside this one]
    #[arg(long)]
    binaries: Option<PathBuf>,
    /// Where the figures go.
    #[arg(long, default_value = ".run/bench.json")]
    out: PathBuf,
    /// Rounds of each side.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many records the list and its search are measured with [default: 1m and 5m]
    #[arg(long, value_parser = records::size)]
    size: Vec<i64>,
    /// Leave the worker in the nodes that take callbacks and orders: what follows them is then done meanwhile.
    #[arg(long)]
    worker: bool,
    /// Tell what a node's threads used per answer.
    #[arg(long)]
    cpu: bool,
    /// Where databases are made: a real disk. (/tmp may be memory, where being durable costs nothing.)
    #[arg(long, default_value = "/var/tmp")]
    scratch: PathBuf,
}

fn main() -> ExitCode {
    match measure(&Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(command: &Command) -> Result<(), Error> {
    let began = Instant::now();
    let beside = std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default();
    let binaries = command.binaries.clone().unwrap_or(beside);
    let how = How { rounds: command.rounds, worker: command.worker, tell_cpu: command.cpu };
    let room = Room::open(&command.scratch, binaries, how)?;
    let mut report = Report::new();
    for group in Group::value_variants() {
        if command.only.is_some_and(|only| only != *group) {
            continue;
        }
        match group {
            Group::Page => page::measure(&room, &mut report)?,
            Group::Callback => callback::measure(&room, &mut report)?,
            Group::Place => place::measure(&room, &mut report)?,
            Group::Idle => idle::measure(&room, &mut report)?,
            Group::Records if command.size.is_empty() => records::measure(&room, &mut report, &records::SIZES)?,
            Group::Records => records::measure(&room, &mut report, &command.size)?,
        }
    }
    report.save(&command.out)?;
    println!("{} s; written to {}", began.elapsed().as_secs(), command.out.display());
    Ok(())
}
