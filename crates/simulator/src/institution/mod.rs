//! Payment institutions inside the process, each with a ledger of its own. They speak the port's words (an adapter's
//! wire code is tested elsewhere) and misbehave as real ones do.
//!
//! ```text
//!  node ── link.rs (one per node: the wire, its faults, the keys it knows) ──► ledger.rs (what is true)
//!  node ◄── notify.rs (callbacks: schedule, repeats, lies, forgeries) ◄──────────┘
//! ```

mod ledger;
mod link;
mod notify;
mod refunds;
mod seal;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use mott::{merchant::ChannelKind, outside::Provider};

pub use ledger::{Attempt, PayError, Payable, State};

use crate::{
    auditor::Auditor,
    network::Network,
    sim::{NodeId, Sim},
};

/// The provider's number at the institution with WeChat Pay's manners.
const SP_MCHID: &str = "1900000109";
/// The provider's appid there.
pub const SP_APPID: &str = "wx8888888888888888";
/// The application at the institution with Alipay's manners, which stands for the provider too.
const APP_ID: &str = "2021000000000009";

/// One institution.
pub struct Institution {
    pub(crate) sim: Sim,
    pub(crate) auditor: Arc<Auditor>,
    pub(crate) network: Arc<Network>,
    /// What a merchant's rows call it.
    pub provider_key: &'static str,
    /// Whose manners it has.
    pub kind: ChannelKind,
    books: Mutex<Books>,
    /// Successes that are still being told.
    telling: AtomicI64,
}

#[derive(Default)]
struct Books {
    attempts: BTreeMap<String, Attempt>,
    refunds: BTreeMap<String, refunds::Returned>,
    last_transaction: u64,
    /// The key that signs now; all from 1 on are published.
    key: u64,
    down: bool,
    consents: BTreeMap<String, String>,
}

impl Institution {
    /// An institution with empty books.
    pub fn new(sim: &Sim, auditor: &Arc<Auditor>, network: &Arc<Network>, kind: ChannelKind) -> Arc<Institution> {
        let provider_key = if kind == ChannelKind::Alipay { "ali" } else { "wx" };
        Arc::new(Institution {
            sim: sim.clone(),
            auditor: auditor.clone(),
            network: network.clone(),
            provider_key,
            kind,
            books: Mutex::new(Books { key: 1, ..Books::default() }),
            telling: AtomicI64::new(0),
        })
    }

    /// How many successes are still being told.
    pub fn telling(&self) -> i64 {
        self.telling.load(Ordering::Relaxed)
    }

    /// Whether it made an attempt of this number.
    pub fn knows(&self, number: &str) -> bool {
        self.books().attempts.contains_key(number)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a node is given to talk to it.
    pub fn provider(self: &Arc<Self>, node: NodeId) -> Provider {
        let channel = Arc::new(link::Link::new(self.clone(), node));
        Provider { kind: self.kind, channel, sp_mchid: self.sp_mchid().into(), sp_appid: self.sp_appid().into() }
    }

    fn is_alipay(&self) -> bool {
        self.kind == ChannelKind::Alipay
    }

    fn sp_mchid(&self) -> &'static str {
        if self.is_alipay() { APP_ID } else { SP_MCHID }
    }

    fn sp_appid(&self) -> &'static str {
        if self.is_alipay() { APP_ID } else { SP_APPID }
    }

    /// A payer agrees to be known; the answer is the code that the wallet brings back.
    pub fn consent(&self, openid: &str) -> String {
        let code = format!("leave{}", self.sim.below(u64::MAX));
        self.books().consents.insert(code.clone(), openid.to_owned());
        code
    }

    fn who(&self, code: &str) -> Option<String> {
        self.books().consents.remove(code)
    }

    /// Nobody gets an answer, or everybody again.
    pub fn set_down(&self, down: bool) {
        self.sim.log(format!("{} is {}", self.provider_key, if down { "down" } else { "back" }));
        self.books().down = down;
    }

    fn is_down(&self) -> bool {
        self.books().down
    }

    /// It signs with a new key from now on, and publishes it.
    pub fn rotate(&self) {
        let mut books = self.books();
        books.key += 1;
        let key = books.key;
        drop(books);
        self.sim.log(format!("{} signs with key {key}", self.provider_key));
    }

    fn keys(&self) -> u64 {
        self.books().key
    }
}
