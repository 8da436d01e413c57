//! The `sandbox` command.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use sandbox::{App, Clock, Error, Settings, Signer, scenario};
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
    /// Plays what may happen to a payment against a running mott, and says what everybody saw.
    #[command(subcommand)]
    Scenario(Scenario),
}

#[derive(Subcommand)]
enum Scenario {
    /// Lists the rows.
    List,
    /// Plays rows: `all`, or names with commas between them. Exits with 1 when one fails.
    Run(Box<Run>),
}

#[derive(Args)]
struct Run {
    /// Which rows.
    rows: String,
    /// The address of a manager's collection code (`mott admin collection-code --mobile …`).
    #[arg(long)]
    code: String,
    /// How mott is reached, where that is not the code's own host.
    #[arg(long)]
    mott: Option<String>,
    /// How this sandbox is reached.
    #[arg(long, default_value = "http://127.0.0.1:8090")]
    sandbox: String,
    /// `LOGIN:PASSWORD` of an admin.
    #[arg(long)]
    admin: String,
    /// `LOGIN:PASSWORD` of another person who approves refunds, where the merchant wants that.
    #[arg(long)]
    approver: Option<String>,
    /// `MOBILE:PASSWORD` of the code's manager, to see what the manager sees (it ends the manager's other session).
    #[arg(long)]
    manager: Option<String>,
    /// `wechatpay`, `alipay`, or both with a comma between them.
    #[arg(long, default_value = "wechatpay,alipay", value_delimiter = ',')]
    channels: Vec<String>,
    /// The clock that mott (`--test-clock`) and the sandbox (`--clock`) read; without it rows of hours are skipped.
    #[arg(long)]
    clock: Option<PathBuf>,
    /// A command that proves the books afterwards, such as `mott check --config FILE`.
    #[arg(long)]
    check: Option<String>,
    /// Each row as a line of JSON instead of a table.
    #[arg(long)]
    json: bool,
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
    /// JSON file with `payer_url` and `admin {login, password}` of a mott, for the page of scenarios.
    #[arg(long)]
    scenario_target: Option<PathBuf>,
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
        Verb::Scenario(Scenario::List) => {
            print!("{}", scenario::listed());
            Ok(())
        }
        Verb::Scenario(Scenario::Run(wanted)) => return play(*wanted).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "sandbox stops");
            ExitCode::FAILURE
        }
    }
}

/// Plays, tells each row as it ends, and sums up.
async fn play(wanted: Run) -> ExitCode {
    let pair = |text: &str| {
        let (one, two) = text.split_once(':')?;
        Some((one.to_owned(), two.to_owned()))
    };
    let Some(admin) = pair(&wanted.admin) else {
        eprintln!("--admin LOGIN:PASSWORD");
        return ExitCode::FAILURE;
    };
    let code_url = match &wanted.mott {
        Some(mott) => scenario::at(&wanted.code, mott),
        None => wanted.code.trim().to_owned(),
    };
    let manager = wanted.manager.as_deref().and_then(pair);
    let target = scenario::Target {
        code_url,
        sandbox_url: wanted.sandbox,
        admin,
        approver: wanted.approver.as_deref().and_then(pair),
        manager,
        clock: wanted.clock,
        check: wanted.check,
    };
    let channels: Vec<&str> = wanted.channels.iter().map(String::as_str).collect();
    let rows = scenario::chosen(&wanted.rows);
    let tell = |played: &scenario::Played| print!("{}", if wanted.json { played.json() } else { played.text() });
    match scenario::run(&target, &rows, &channels, tell).await {
        Ok(all) => {
            println!("{}", scenario::summed(&all));
            if all.iter().any(|played| played.verdict == scenario::Verdict::Fail) {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(why) => {
            eprintln!("sandbox: {why}");
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
        scenario_target: serve.scenario_target,
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
