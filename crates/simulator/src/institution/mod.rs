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
mod seal;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use mott::{merchant::ChannelKind, outside::Provider};

pub use ledger::{Attempt, PayError, State};

use crate::{
    auditor::Auditor,
    network::Network,
    sim::{NodeId, Sim},
};

/// The provider's number at an institution.
pub const SP_MCHID: &str = "1900000109";
/// The provider's appid.
pub const SP_APPID: &str = "wx8888888888888888";

/// One institution.
pub struct Institution {
    pub(crate) sim: Sim,
    pub(crate) auditor: Arc<Auditor>,
    pub(crate) network: Arc<Network>,
    /// What a merchant's rows call it.
    pub provider_key: &'static str,
    books: Mutex<Books>,
    /// Successes that are still being told.
    telling: AtomicI64,
}

#[derive(Default)]
struct Books {
    attempts: BTreeMap<String, Attempt>,
    last_transaction: u64,
    /// The key that signs now; all from 1 on are published.
    key: u64,
    down: bool,
}

impl Institution {
    /// An institution with empty books.
    pub fn new(
        sim: &Sim,
        auditor: &Arc<Auditor>,
        network: &Arc<Network>,
        provider_key: &'static str,
    ) -> Arc<Institution> {
        Arc::new(Institution {
            sim: sim.clone(),
            auditor: auditor.clone(),
            network: network.clone(),
            provider_key,
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
        Provider { kind: ChannelKind::Wechatpay, channel, sp_mchid: SP_MCHID.into(), sp_appid: SP_APPID.into() }
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
