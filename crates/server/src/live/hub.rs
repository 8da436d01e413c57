use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, mpsc};

/// What is told to one open screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// A payment was recorded.
    Payment {
        /// Its event.
        event_id: i64,
        /// Its record.
        record_id: i64,
    },
    /// A refund moved.
    Refund {
        /// Its event.
        event_id: i64,
        /// Which.
        refund_id: i64,
    },
    /// Money of one of the manager's orders needs a person.
    Attention {
        /// Its event.
        event_id: i64,
        /// The item.
        inbox_id: i64,
    },
    /// A session ended; the screen looks whether it is its own.
    Session {
        /// Which.
        session_id: i64,
    },
}

/// The open screens of this node.
#[derive(Default)]
pub struct Hub {
    /// In the order of their ids, so that a simulated run can be repeated.
    merchants: Mutex<BTreeMap<i64, Merchant>>,
    /// Lets a payment of this node be told without waiting for the next round.
    pub(super) woken: Notify,
    awake: Mutex<HashSet<i64>>,
}

#[derive(Default)]
pub(super) struct Merchant {
    screens: HashMap<i64, Vec<mpsc::Sender<Told>>>,
    /// Where to read on, and what was told behind it already.
    pub since: i64,
    pub told: HashSet<i64>,
}

/// Events that wait for one slow screen before it is dropped; it reconnects and catches up.
pub(super) const SCREEN_BUFFER: usize = 256;

impl Hub {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<i64, Merchant>> {
        self.merchants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a screen; `since` is where to read on if it is the merchant's first.
    pub fn open(&self, merchant_id: i64, manager_id: i64, since: i64) -> mpsc::Receiver<Told> {
        let (send, receive) = mpsc::channel(SCREEN_BUFFER);
        let mut merchants = self.lock();
        let merchant = merchants.entry(merchant_id).or_insert_with(|| Merchant { since, ..Merchant::default() });
        merchant.screens.entry(manager_id).or_default().push(send);
        receive
    }

    /// Merchants with an open screen, and where to read on. Screens that are gone are forgotten here.
    pub(super) fn listening(&self) -> Vec<(i64, i64)> {
        let mut merchants = self.lock();
        merchants.retain(|_, merchant| {
            merchant.screens.retain(|_, screens| {
                screens.retain(|screen| !screen.is_closed());
                !screens.is_empty()
            });
            !merchant.screens.is_empty()
        });
        merchants.iter().map(|(merchant_id, merchant)| (*merchant_id, merchant.since)).collect()
    }

    /// Tells what was read, once each, and remembers where to read on: not before `floor`.
    pub(super) fn tell(&self, merchant_id: i64, floor: i64, events: Vec<(i64, i64, Told)>) {
        let mut merchants = self.lock();
        let Some(merchant) = merchants.get_mut(&merchant_id) else { return };
        for (event_id, manager_id, told) in events {
            if !merchant.told.insert(event_id) {
                continue;
            }
            if let Some(screens) = merchant.screens.get_mut(&manager_id) {
                // A full buffer is a screen that does not read. Without its sender the socket ends once it has said
                // what waits; the phone comes back with its cursor and catches up.
                screens.retain(|screen| screen.try_send(told).is_ok());
            }
        }
        merchant.since = merchant.since.max(floor);
        let since = merchant.since;
        merchant.told.retain(|event_id| *event_id > since);
    }

    /// Something was written for this merchant here: look now.
    pub fn wake(&self, merchant_id: i64) {
        if self.lock().contains_key(&merchant_id) {
            self.awake.lock().unwrap_or_else(PoisonError::into_inner).insert(merchant_id);
            self.woken.notify_one();
        }
    }

    /// The merchants that were woken, and where to read on.
    pub(super) fn take_woken(&self) -> Vec<(i64, i64)> {
        let awake = std::mem::take(&mut *self.awake.lock().unwrap_or_else(PoisonError::into_inner));
        let merchants = self.lock();
        awake.into_iter().filter_map(|id| Some((id, merchants.get(&id)?.since))).collect()
    }
}
