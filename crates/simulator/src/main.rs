//! `simulator`: runs many seeds, or replays one.

use std::{num::NonZero, path::Path, process::ExitCode, time::Instant};

use clap::Parser;
use simulator::{Outcome, Plan, keyring::Keyring, many::run_many, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "simulator", about = "Runs the whole system on seeds, with everything going wrong that can")]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Replay this one, twice, and print what happened.
    #[arg(long)]
    seed: Option<u64>,
    /// How many at a time; else as many as there are processors.
    #[arg(long)]
    threads: Option<usize>,
    /// Each row of the matrix must occur so often.
    #[arg(long, default_value_t = 0)]
    least: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match begin(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn begin(arguments: &Arguments) -> Result<bool, String> {
    let keyring = Keyring::new()?;
    match arguments.seed {
        Some(seed) => replay(seed, &keyring.path()),
        None => all(arguments, &keyring.path()),
    }
}

/// One seed, twice: it must be the same run.
fn replay(seed: u64, keyring: &Path) -> Result<bool, String> {
    let plan = |keep_log| Plan { seed, keep_log, database: None, keyring: keyring.to_owned() };
    let (first, again) = (run(plan(true))?, run(plan(false))?);
    first.lines.iter().for_each(|line| println!("{line}"));
    println!("seed {seed}: {} payments, {} turns, hash {:016x}", first.payments, first.turns, first.hash);
    if first.hash != again.hash {
        println!("the second run of the seed was another one: hash {:016x}", again.hash);
    }
    tell(&first);
    Ok(first.sentences.is_empty() && first.hash == again.hash)
}

#[expect(clippy::disallowed_methods, reason = "how fast it was is told to people, and decides nothing")]
fn all(arguments: &Arguments, keyring: &Path) -> Result<bool, String> {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let began = Instant::now();
    let summary = run_many(arguments.from, arguments.seeds, arguments.threads.unwrap_or(processors), keyring)?;
    let took = began.elapsed();
    print!("{}", summary.table());
    let per_minute = summary.seeds * 60_000 / (took.as_millis() as u64).max(1);
    println!(
        "{} seeds in {} s ({per_minute} a minute), {} payments, at least {} a seed",
        summary.seeds,
        took.as_secs(),
        summary.payments,
        summary.fewest
    );
    if let Some(failure) = &summary.failure {
        failure.lines.iter().for_each(|line| println!("    {line}"));
        tell(failure);
        return Ok(false);
    }
    let rare = summary.rare(arguments.least);
    for row in &rare {
        println!("too rare (below {}): {}", arguments.least, row.words());
    }
    Ok(rare.is_empty())
}

fn tell(outcome: &Outcome) {
    for sentence in &outcome.sentences {
        println!("seed {}: {sentence}", outcome.seed);
    }
    if !outcome.sentences.is_empty() {
        println!("replay it: make simulate SEED={}", outcome.seed);
    }
}
