//! `cargo xtask …`: what the build needs beyond cargo.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{bugs, openapi, tidy};

#[derive(Parser)]
#[command(name = "xtask", about = "Checks and generated files of the repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Checks the rules of ARCHITECTURE.md that a compiler cannot see.
    Tidy,
    /// Plants each known kind of bug into a copy of the sources; the simulator must find it.
    Bugs {
        /// Only this one.
        #[arg(long)]
        only: Option<String>,
    },
    /// Writes packages/api-client from the server's own description of its API.
    Openapi {
        /// Change nothing; fail where the files are stale.
        #[arg(long)]
        check: bool,
        /// A server built already; without it, one is built.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Tidy => check_tidy(),
        Task::Bugs { only } => bugs::hunt(&xtask::root(), only.as_deref()),
        Task::Openapi { check, binary } => openapi::generate(&xtask::root(), check, binary.as_deref()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn check_tidy() -> Result<(), String> {
    let tree = tidy::Tree::load(&xtask::root()).map_err(|error| format!("cannot read the repository: {error}"))?;
    let violations = tidy::check(&tree);
    if violations.is_empty() {
        println!("tidy: {} files, {} rules", tree.files.len(), tidy::RULES.len());
        return Ok(());
    }
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    Err(format!("{}\ntidy: {} places break a rule", lines.join("\n"), lines.len()))
}
