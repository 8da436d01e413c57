//! Scenarios: what an institution may do with a payment, played against a running `mott` through what it shows to
//! everybody, and what payer, manager, admin and the books say afterwards.
//!
//! ```text
//!  rows.rs         the matrix: a row says what is done and what one should see
//!  plays/          each row, step by step
//!  scene.rs        one row on one channel: its steps and what was seen
//!  mott.rs         the payer's page, the console's and the manager's API
//!  institution.rs  this sandbox from outside: faults, wallets, ledger, clock
//! ```

mod institution;
mod mott;
pub(crate) mod page;
mod plays;
mod rows;
mod scene;

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

pub(crate) use rows::ROWS;

use crate::faults::Provider;
use institution::Institution;
use mott::Mott;
use scene::Scene;

/// No single request takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whom and where to play.
#[derive(Debug, Clone)]
pub struct Target {
    /// A manager's collection code, `http://…/pay/c…`; its host is where `mott` is reached.
    pub code_url: String,
    /// This sandbox.
    pub sandbox_url: String,
    /// Login and password of an admin.
    pub admin: (String, String),
    /// Login and password of another person, who approves the admin's refunds where the merchant wants that.
    pub approver: Option<(String, String)>,
    /// Mobile and password of the code's manager, to see what the manager sees.
    pub manager: Option<(String, String)>,
    /// The file with the time that `mott` and the sandbox read; without it what needs time is skipped.
    pub clock: Option<PathBuf>,
    /// A command that proves the books, such as `mott check --config FILE`; run after all rows.
    pub check: Option<String>,
}

/// How a row ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// Not played, and why.
    Skip,
}

impl Verdict {
    /// Its word in the table.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Skip => "SKIP",
        }
    }
}

/// What came of a row on a channel.
#[derive(Debug, Clone, Serialize)]
pub struct Played {
    /// The row's name.
    pub row: &'static str,
    /// `wechatpay` or `alipay`.
    pub channel: &'static str,
    /// What was done, and what everybody saw, in order.
    pub lines: Vec<String>,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it failed or was skipped.
    pub why: String,
}

impl Played {
    /// As a line of JSON.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// As a block of the table: the verdict, the row, what was seen.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}  {:<26} {:<10} {}\n", self.verdict.word(), self.row, self.channel, self.why.trim());
        for line in &self.lines {
            text += &format!("        {line}\n");
        }
        text
    }
}

/// How many rows ended how.
#[must_use]
pub fn summed(all: &[Played]) -> String {
    let count = |verdict| all.iter().filter(|played| played.verdict == verdict).count();
    format!("{} PASS, {} FAIL, {} SKIP", count(Verdict::Pass), count(Verdict::Fail), count(Verdict::Skip))
}

/// The rows: name, title, what is done, what one should see.
#[must_use]
pub fn listed() -> String {
    ROWS.iter().map(|row| format!("{:<26} {}：{} → {}\n", row.name, row.title, row.does, row.sees)).collect()
}

/// The address of a code, at another host.
#[must_use]
pub fn at(code: &str, mott: &str) -> String {
    let code = code.trim();
    let path = url::Url::parse(code)
        .map_or_else(|_| format!("/{}", code.trim_start_matches('/')), |url| url.path().to_owned());
    format!("{}{path}", mott.trim_end_matches('/'))
}

/// Why a play does not go on.
#[derive(Debug)]
pub(crate) enum Stop {
    Failed(String),
    Skipped(String),
}

impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Self {
        let mut words = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            words = format!("{words}: {cause}");
            source = cause.source();
        }
        Self::Failed(words)
    }
}

/// The rows called `which` (`all`, or names with commas between them).
#[must_use]
pub fn chosen(which: &str) -> Vec<&'static str> {
    let wanted: Vec<&str> = which.split(',').map(str::trim).collect();
    ROWS.iter().map(|row| row.name).filter(|name| which == "all" || wanted.contains(name)).collect()
}

/// Plays rows one after the other, telling each as it ends. `channels` are `wechatpay` and `alipay`.
///
/// # Errors
/// When nothing can be played at all: nobody answers, or the admin cannot log in.
pub async fn run(
    target: &Target,
    rows: &[&str],
    channels: &[&str],
    mut tell: impl FnMut(&Played),
) -> Result<Vec<Played>, String> {
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
    let http = http.build().map_err(|error| error.to_string())?;
    let institution = Institution::new(http.clone(), target);
    let mott = match Mott::enter(http, target, &institution).await {
        Ok(mott) => mott,
        Err(Stop::Failed(why) | Stop::Skipped(why)) => return Err(why),
    };
    let mut all = Vec::new();
    for row in ROWS.iter().filter(|row| rows.contains(&row.name)) {
        for channel in channels {
            let with = Provider::named(channel);
            let scene = Scene::new(&mott, &institution, with);
            let ended = Box::pin(plays::play(row.play, &scene)).await;
            let ended = match (ended, institution.calm().await) {
                (Ok(()), Err(stop)) => Err(stop),
                (ended, _) => ended,
            };
            let (verdict, why) = match ended {
                Ok(()) => (Verdict::Pass, String::new()),
                Err(Stop::Failed(why)) => (Verdict::Fail, why),
                Err(Stop::Skipped(why)) => (Verdict::Skip, why),
            };
            let played = Played { row: row.name, channel: with.name(), lines: scene.told(), verdict, why };
            tell(&played);
            all.push(played);
        }
    }
    all.push(books(target, &mott, &institution).await);
    if let Some(last) = all.last() {
        tell(last);
    }
    Ok(all)
}

/// The last row: `mott`'s own proof, and its orders of this run against the ledger.
async fn books(target: &Target, mott: &Mott, institution: &Institution) -> Played {
    let mut lines = Vec::new();
    let mut why = String::new();
    match mott.audited(institution).await {
        Ok(words) => lines.push(words),
        Err(Stop::Failed(words) | Stop::Skipped(words)) => why = words,
    }
    if let Some(check) = &target.check {
        let output = tokio::task::spawn_blocking({
            let check = check.clone();
            move || std::process::Command::new("sh").arg("-c").arg(check).output()
        });
        match output.await {
            Ok(Ok(output)) if output.status.success() => {
                lines.push(format!("账目：{}", String::from_utf8_lossy(&output.stdout).trim()));
            }
            Ok(Ok(output)) => why = format!("{why} {}", String::from_utf8_lossy(&output.stdout)),
            Ok(Err(error)) => why = format!("{why} {error}"),
            Err(error) => why = format!("{why} {error}"),
        }
    } else {
        lines.push("账目：没有给出 --check，未验证".to_owned());
    }
    let verdict = if why.is_empty() { Verdict::Pass } else { Verdict::Fail };
    Played { row: "books", channel: "", lines, verdict, why }
}
