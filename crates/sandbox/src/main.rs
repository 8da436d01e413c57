//! The `sandbox` command.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use sandbox::{App, Clock, Error, Settings, Signer};
use tokio::net::TcpListener;

/// 支付机构与微信平台沙箱：仅供开发与测试。
#[derive(Parser)]
#[command(name = "sandbox", version)]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Runs the institution, the platform, the wallet and the mailbox.
    Serve(Serve),
    /// Signs callbacks ahead of time for a list of orders (for benchmarks).
    Presign(Presign),
}

#[derive(Args)]
struct Serve {
    /// HTTP: payment API, platform, wallet, pages.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// SMTP mailbox, plain.
    #[arg(long, default_value = "127.0.0.1:8025")]
    smtp: SocketAddr,
    /// Folder of keys, state and the hand-over kit.
    #[arg(long)]
    state: PathBuf,
    /// From payment to the first callback, ms of the sandbox's clock (a frozen clock must be moved past it).
    #[arg(long, default_value_t = 0)]
    callback_delay_ms: u32,
    /// How others reach the HTTP side; default `http://LISTEN`.
    #[arg(long)]
    public_url: Option<String>,
    /// What signs callbacks.
    #[arg(long, value_enum, default_value_t)]
    callback_signer: Signer,
    /// File with the time (UTC ms); empty or missing means system time.
    #[arg(long)]
    clock: Option<PathBuf>,
}

#[derive(Args)]
struct Presign {
    /// Folder of the sandbox whose keys sign.
    #[arg(long)]
    state: PathBuf,
    /// JSON list of `{out_trade_no, sub_mchid, amount_fen, openid}`.
    #[arg(long)]
    orders: PathBuf,
    /// Where the lines go.
    #[arg(long)]
    out: PathBuf,
    /// File with the time (UTC ms); empty or missing means system time.
    #[arg(long)]
    clock: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let done = match Command::parse().verb {
        Verb::Serve(serve) => run(serve).await,
        Verb::Presign(given) => sandbox::presign(&given.state, &Clock::new(given.clock), &given.orders, &given.out)
            .map(|count| tracing::info!(count, "callbacks signed")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "sandbox stops");
            ExitCode::FAILURE
        }
    }
}

async fn run(serve: Serve) -> Result<(), Error> {
    let http = TcpListener::bind(serve.listen).await?;
    let mail = TcpListener::bind(serve.smtp).await?;
    let public_url = serve.public_url.unwrap_or_else(|| format!("http://{}", serve.listen));
    let app = Arc::new(App::open(Settings {
        state: serve.state,
        public_url: public_url.trim_end_matches('/').to_owned(),
        smtp: serve.smtp,
        callback_delay_ms: i64::from(serve.callback_delay_ms),
        callback_signer: serve.callback_signer,
        clock: Clock::new(serve.clock),
    })?);
    tracing::info!(url = app.public_url(), "sandbox ready");
    tokio::select! {
        done = sandbox::serve(app, http, mail) => done,
        _ = stopped() => Ok(()),
    }
}

/// Ctrl-C or the polite signal.
async fn stopped() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done,
        _ = terminate.recv() => Ok(()),
    }
}
