//! The command line. What a person typed wrong is answered with the cure and exit code 1 (2 where clap answers).

mod admin;
mod migrate;
mod open;
mod serve;

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use self::open::Opened;
use crate::{
    apply,
    check::{
        self,
        channels::{is_bad, printed},
    },
    clock::DAY_MS,
    outside,
    vault::Vault,
    web,
};

/// Whatever went wrong, in words.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Threads that answer requests: the database has its own.
const WORKER_THREADS: usize = 2;
/// Threads for password hashing and the like; made when needed.
const BLOCKING_THREADS: usize = 8;

/// 星收付: a company collects money through its people.
#[derive(Debug, Parser)]
#[command(name = "mott", version, about)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Common {
    /// The settings of this node [default: ./config.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A postgres:// address or the path of a SQLite file, instead of the one in the settings
    #[arg(long, global = true, value_name = "PLACE")]
    database: Option<String>,
    /// A file that holds the time, UTC milliseconds; empty: the machine's time
    #[cfg(feature = "test-clock")]
    #[arg(long, global = true, value_name = "FILE")]
    test_clock: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests, and do the jobs that follow
    Serve {
        /// Where to listen, instead of the address in the settings
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
        /// Leave the jobs to `mott worker`
        #[arg(long)]
        no_worker: bool,
    },
    /// Do jobs only
    Worker,
    /// Bring the database up to date, and make a keyring for a new one
    Migrate,
    /// Bring the set-up to what the files say; prints what changed
    Apply {
        /// platform.toml or merchant.toml; may be given several times
        #[arg(short = 'f', long = "file", value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Verify the money rules on the data; prints what breaks them and exits with 1
    Check {
        #[command(subcommand)]
        what: Option<Check>,
    },
    /// Print the description of the HTTP API
    Openapi,
    /// What an operator does by hand
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Debug, Subcommand)]
enum Check {
    /// Really call every institution: keys, certificates, clock, callback address, merchants; exits with 1 on a bad one
    Channels {
        /// In which language
        #[arg(long, value_enum, default_value = "zh")]
        lang: check::channels::Lang,
        /// For machines: every line as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Make a new key and seal every stored secret with it; makes the keyring where there is none
    Rekey,
    /// Print the address of a manager's collection code, issued now if there is none
    CollectionCode {
        /// The manager's mobile number
        #[arg(long)]
        mobile: String,
    },
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => {
            let ended = runtime.block_on(run(cli));
            runtime.shutdown_background();
            ended
        }
        Err(error) => Err(error.into()),
    };
    ended.unwrap_or_else(|failure| {
        eprintln!("mott: {failure}");
        ExitCode::FAILURE
    })
}

async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let Cli { common, command } = cli;
    match command {
        Command::Serve { listen, no_worker } => {
            let mut opened = Opened::new(&common)?;
            opened.config.listen = listen.unwrap_or(opened.config.listen);
            opened.config = opened.config.checked()?;
            serve::serve(opened, !no_worker).await
        }
        Command::Worker => serve::worker(Opened::new(&common)?).await,
        Command::Migrate => migrate::migrate(Opened::new(&common)?).await,
        Command::Apply { files } => {
            let opened = Opened::new(&common)?;
            opened.migrate().await?;
            let done = opened.with_app(async move |app| apply::apply(&app, &files).await).await?;
            say(&done?.to_string())
        }
        Command::Check { what: None } => verify(Opened::existing(&common).await?).await,
        Command::Check { what: Some(Check::Channels { lang, json }) } => {
            let lines = channels(Opened::existing(&common).await?).await?;
            let text = if json { serde_json::to_string_pretty(&lines)? + "\n" } else { printed(&lines, lang) };
            say(&text)?;
            Ok(if is_bad(&lines) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Command::Openapi => say(&web::document()?),
        Command::Admin(Admin::Rekey) => admin::rekey(Opened::new(&common)?).await,
        Command::Admin(Admin::CollectionCode { mobile }) => {
            admin::collection_code(Opened::existing(&common).await?, &mobile).await
        }
    }
}

/// Prints the answer of a command. A reader that went away is nobody's failure.
fn say(text: &str) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

async fn verify(opened: Opened) -> Result<ExitCode, Failure> {
    let broken = check::run(&opened.db).await?;
    let mut waiting: String =
        check::waiting(&opened.db).await?.iter().map(|line| format!("waits for a person: {line}\n")).collect();
    waiting += &ending_keys(&opened).await;
    if broken.is_empty() {
        return say(&format!("{} rules hold\n{waiting}", check::RULES.len()));
    }
    let text: String = broken.iter().map(|broken| format!("{broken}\n")).collect();
    say(&format!("{text}{waiting}"))?;
    Ok(ExitCode::FAILURE)
}

/// Keys that end within thirty days, as far as the stored ones say; `mott check channels` asks the institution too.
async fn ending_keys(opened: &Opened) -> String {
    let links = match opened.links().await {
        Ok(links) => links,
        Err(failure) => return format!("keys were not looked at: {failure}\n"),
    };
    let now_ms = opened.clock.now_ms();
    let line = |ending: &outside::Ending| {
        let days = (ending.not_after_ms - now_ms).div_euclid(DAY_MS);
        format!("ends soon: service_provider {}, key {}: {days} days left\n", ending.provider_key, ending.key_id)
    };
    outside::ending(&links, now_ms).iter().map(line).collect()
}

async fn channels(opened: Opened) -> Result<Vec<check::channels::Line>, Failure> {
    let links = opened.links().await?;
    let vault = Vault::open(&opened.config.keyring, opened.random.clone())?;
    let Opened { config, db, clock, .. } = &opened;
    Ok(check::channels::run(&check::channels::Node { db, vault: &vault, links: &links, config, clock }).await?)
}
