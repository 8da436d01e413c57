//! The conformance suite that every adapter passes against an institution (real, pretended or an emulator).
//!
//! An adapter's test implements [`Institution`] for a peer that was written without the adapter's wire code (or both
//! could be wrong together), and calls [`run`]. The suite never waits: faults are asked for, time is told.

mod bills;
mod calls;
mod codes;
mod counter;
mod notices;
mod refunds;

use std::fmt;

use async_trait::async_trait;
use money::Amount;

use crate::{Account, Channel, Credential, Headers, PayerId, Prepay, Scene};

pub use counter::{BillState, Counter, MadeRefund, Till, run_counter};

/// The other side of an adapter, as a test drives it.
#[async_trait]
pub trait Institution: Send + Sync {
    /// A merchant that may do everything the suite asks for.
    fn account(&self) -> Account;

    /// A payer known under the provider's appid.
    fn payer(&self) -> PayerId;

    /// The time that the institution stamps on what it signs, UTC milliseconds; it stands still during a run.
    fn now_ms(&self) -> i64;

    /// Every attempt that the institution has made.
    async fn attempts(&self) -> Vec<Attempt>;

    /// The payer pays an attempt.
    async fn pay(&self, out_trade_no: &str);

    /// From now on every call is answered with this fault; `None` ends it.
    async fn fault(&self, fault: Option<Fault>);

    /// The callback about a paid attempt.
    async fn callback(&self, out_trade_no: &str, kind: CallbackKind) -> Callback;

    /// Whether this institution can fail in this way: one that stamps no time on its answers cannot send a stale one.
    fn has(&self, _fault: Fault) -> bool {
        true
    }

    /// Whether this institution produces such callbacks.
    fn has_callback(&self, _kind: CallbackKind) -> bool {
        true
    }

    /// Whether a callback says which key signed it. Where none does, a key that nobody knows is a wrong signature.
    fn names_its_key(&self) -> bool {
        true
    }

    /// Whether a callback is bound to a time. Where it is not, one of any age is genuine, as late repeats must be.
    fn stamps_time(&self) -> bool {
        true
    }

    /// Whether a callback's proof stands in its body. Then a changed byte may also make it look unproven, or proven by a
    /// key that nobody knows.
    fn proof_in_body(&self) -> bool {
        false
    }

    /// A scene in which a prepay makes an attempt that exists from then on.
    fn scene(&self) -> Scene {
        Scene::Native
    }

    /// The scenes in which an attempt exists only once the payer has opened what the prepay gave: until then a query
    /// finds nothing, and nobody can close it.
    fn later_scenes(&self) -> Vec<Scene> {
        Vec::new()
    }

    /// The payer opens what a prepay gave, in one of the [`later_scenes`](Institution::later_scenes), without paying yet.
    async fn open(&self, _credential: &Credential) {}
}

/// An attempt as the institution wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Our number.
    pub out_trade_no: String,
    /// For whom.
    pub sub_mchid: String,
    /// How much.
    pub amount: Amount,
    /// What the payer reads.
    pub description: String,
    /// Where to call back.
    pub notify_url: String,
    /// The last moment to pay, UTC milliseconds.
    pub expires_at_ms: i64,
}

/// How an institution may fail to answer. Each of them leaves the outcome unknown (PRODUCT 6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A page instead of an answer, with status 200.
    Html,
    /// Status 500 with an error that says so.
    ServerError,
    /// Status 502 with a proxy's page.
    BadGateway,
    /// A redirect elsewhere.
    Redirect,
    /// A 4xx with an error code that is not documented.
    Undocumented,
    /// Asked too often.
    Throttled,
    /// The right answer without its signature.
    Unsigned,
    /// The right answer with a signature over other bytes.
    WrongSignature,
    /// The right answer with the signature of a probe.
    Probe,
    /// The right answer, signed five minutes ago.
    Stale,
    /// The right answer, signed with a key that nobody knows.
    UnknownKey,
    /// Does what was asked, then never answers.
    Silence,
    /// Does what was asked, then hangs up.
    HangUp,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 13] = [
        Fault::Html,
        Fault::ServerError,
        Fault::BadGateway,
        Fault::Redirect,
        Fault::Undocumented,
        Fault::Throttled,
        Fault::Unsigned,
        Fault::WrongSignature,
        Fault::Probe,
        Fault::Stale,
        Fault::UnknownKey,
        Fault::Silence,
        Fault::HangUp,
    ];
}

/// Which callback to produce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackKind {
    /// The genuine one: the payment succeeded.
    Paid,
    /// A genuine one of another kind, such as about a refund.
    OtherKind,
    /// The genuine body with a signature over other bytes.
    WrongSignature,
    /// The genuine body signed with a key that nobody knows.
    UnknownKey,
    /// The genuine body with a probe's signature, which is wrong on purpose.
    Probe,
    /// The genuine one without what proves it.
    Unproven,
}

/// A callback as it arrives.
#[derive(Clone, Debug)]
pub struct Callback {
    /// Its headers.
    pub headers: Headers,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A rule that an adapter breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: &'static str,
    /// What was seen instead.
    pub saw: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.saw)
    }
}

/// Runs every case and returns the rules that hold. `run` begins every number of this run: four to eight letters and
/// digits that the institution has not seen before.
///
/// # Errors
/// The rules that are broken.
pub async fn run(
    channel: &dyn Channel,
    institution: &dyn Institution,
    run: &str,
) -> Result<Vec<&'static str>, Vec<Broken>> {
    let stage = Stage { channel, institution, run };
    judged([calls::cases(&stage).await, notices::cases(&stage).await])
}

/// The rules that hold, or those that do not.
fn judged<const GROUPS: usize>(
    outcomes: [Vec<(&'static str, Case)>; GROUPS],
) -> Result<Vec<&'static str>, Vec<Broken>> {
    let mut held = Vec::new();
    let mut broken = Vec::new();
    for (rule, outcome) in outcomes.into_iter().flatten() {
        match outcome {
            Ok(()) => held.push(rule),
            Err(saw) => broken.push(Broken { rule, saw }),
        }
    }
    if broken.is_empty() { Ok(held) } else { Err(broken) }
}

/// What a case says: nothing, or what it saw instead of what the rule wants.
type Case = Result<(), String>;

struct Stage<'a> {
    channel: &'a dyn Channel,
    institution: &'a dyn Institution,
    run: &'a str,
}

impl Stage<'_> {
    /// The faults of this institution.
    fn faults(&self) -> Vec<Fault> {
        Fault::ALL.into_iter().filter(|fault| self.institution.has(*fault)).collect()
    }

    /// A number of this run, of letters, digits and `_` only: every institution takes those.
    fn number(&self, name: &str) -> String {
        format!("{}_{name}", self.run)
    }

    fn prepay(&self, name: &str, scene: Scene) -> Prepay {
        Prepay {
            out_trade_no: self.number(name),
            amount: Amount::from_fen(1250),
            description: "青藤书院 学费".to_owned(),
            notify_url: "https://pay.example.com/callback/contract/demo".to_owned(),
            expires_at_ms: self.institution.now_ms() / 1000 * 1000 + 30 * 60 * 1000,
            scene,
            return_url: Some("https://pay.example.com/pay/o1?back=1".to_owned()),
        }
    }

    /// An attempt that exists as soon as it is asked for.
    fn plain(&self, name: &str) -> Prepay {
        self.prepay(name, self.institution.scene())
    }

    /// A fresh attempt; its number.
    async fn made(&self, name: &str) -> Result<String, String> {
        let prepay = self.plain(name);
        match self.channel.prepay(&self.institution.account(), &prepay).await {
            crate::PrepayOutcome::Ready(_) => Ok(prepay.out_trade_no),
            other => Err(format!("a plain attempt came out as {other:?}")),
        }
    }

    /// A fresh attempt, paid; its number.
    async fn paid(&self, name: &str) -> Result<String, String> {
        let number = self.made(name).await?;
        self.institution.pay(&number).await;
        Ok(number)
    }
}

/// Fails with what was seen unless `holds`.
fn want(holds: bool, saw: impl fmt::Debug) -> Case {
    if holds { Ok(()) } else { Err(format!("{saw:?}")) }
}
