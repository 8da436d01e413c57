//! Callbacks: sent on the published schedule until they are acknowledged; doubled, late, lost; and now and then
//! something that lies or is forged.

use std::sync::{Arc, atomic::Ordering};

use channel::Success;
use money::Amount;

use super::{
    Attempt, Institution, State,
    seal::{Sealed, seal, seal_in_body, success_body},
};
use crate::{
    auditor::{Probe, Says},
    matrix::Row,
    network::Wire,
};

/// Seconds between the tries (15 s / 15 s / 30 s / 3 m / 10 m / 20 m / 30 m × 3 / 60 m / 3 h × 3 / 6 h × 2).
const GAPS_S: [i64; 15] =
    [15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800, 21_600, 21_600];

/// What else is said of a success.
#[derive(Clone, Copy, Debug)]
enum Lie {
    Amount,
    AmountOfThis,
    Currency,
    SubMerchant,
    App,
    UnknownOrder,
    Forged,
    ForgedWithNewKey,
    Stale,
}

impl Institution {
    /// Tells of a success until somebody acknowledges it.
    pub(super) async fn notify(self: Arc<Self>, attempt: Attempt, success: Success) {
        self.telling.fetch_add(1, Ordering::Relaxed);
        self.tell_of(attempt, success).await;
        self.telling.fetch_sub(1, Ordering::Relaxed);
    }

    async fn tell_of(self: &Arc<Self>, attempt: Attempt, success: Success) {
        let sim = self.sim.clone();
        let url = path_of(&attempt.prepay.notify_url);
        if sim.fault(1, 5) {
            sim.spawn(0, self.clone().lie(url.clone(), attempt.clone(), success.clone()));
        }
        sim.pause(20, 900).await;
        // Money that came after "closed" was said can be known by a callback or a bill only: one of them must come.
        // So can money for a code that a clock minutes ahead took for dead.
        let too_soon = self.is_alipay() && self.auditor.has_jumped();
        let raced = matches!(attempt.state, State::Closed) || too_soon;
        if sim.fault(1, 12) && !raced {
            sim.log(format!("nobody will ever tell of {}", success.transaction_id));
            self.auditor.row(Row::CallbackNever);
            return;
        }
        let late = sim.fault(1, 16);
        if late {
            sim.wait(attempt.prepay.expires_at_ms - sim.now_ms() + sim.between(5_000, 1_200_000)).await;
        }
        let probe = Probe { transaction_id: success.transaction_id.clone(), says: Says::Truth };
        let body = success_body(&success);
        if sim.fault(1, 8) {
            let copies = if sim.chance(1, 2) { 9 } else { 1 };
            self.auditor.row(if copies == 9 { Row::CallbackTenAtOnce } else { Row::CallbackTwice });
            for _ in 0..copies {
                let (own, url, body, probe) = (self.clone(), url.clone(), body.clone(), probe.clone());
                let wait_ms = if copies == 9 { 0 } else { sim.between(0, 4_000) };
                sim.spawn(0, async move {
                    own.sim.wait(wait_ms).await;
                    own.tell(&url, own.sealed(body), &probe).await;
                });
            }
        } else {
            self.auditor.row(Row::CallbackOnce);
        }
        for gap_s in GAPS_S.into_iter().chain([0]) {
            if self.attempt(&success.out_trade_no).is_some_and(|attempt| !attempt.answered) {
                self.auditor.row(Row::CallbackBeforeCreate);
            }
            if sim.now_ms() > attempt.prepay.expires_at_ms {
                self.auditor.row(Row::CallbackAfterExpiry);
            }
            if self.tell(&url, self.sealed(body.clone()), &probe).await {
                return;
            }
            sim.wait(gap_s * 1000).await;
        }
    }

    pub(super) fn sealed(&self, body: Vec<u8>) -> Sealed {
        if self.is_alipay() {
            return seal_in_body(false, &body);
        }
        let key = self.books().key;
        seal(key, self.sim.now_ms(), body)
    }

    /// True: it was acknowledged, and we know it.
    pub(super) async fn tell(&self, url: &str, sealed: Sealed, probe: &Probe) -> bool {
        let mut wire = Wire::post(url, "application/json", sealed.body);
        wire.headers.extend(sealed.headers);
        wire.probe = Some(probe.clone());
        self.network.send(wire).await.is_some_and(|answer| (200..300).contains(&answer.status))
    }

    /// Says something that is not so, a few times.
    async fn lie(self: Arc<Self>, url: String, attempt: Attempt, truth: Success) {
        const LIES: [Lie; 9] = [
            Lie::Amount,
            Lie::AmountOfThis,
            Lie::Currency,
            Lie::SubMerchant,
            Lie::App,
            Lie::UnknownOrder,
            Lie::Forged,
            Lie::ForgedWithNewKey,
            Lie::Stale,
        ];
        let sim = self.sim.clone();
        let lie = LIES[sim.below(LIES.len() as u64) as usize % LIES.len()];
        sim.pause(0, 2_000).await;
        if sim.chance(1, 2) {
            sim.pause(0, 120_000).await;
        }
        let mut told = Success { transaction_id: self.next_transaction(), ..truth.clone() };
        let mut says = Says::Lie;
        let mut row = match lie {
            Lie::Amount => {
                told.total = Amount::from_fen(truth.total.fen() + 1 + sim.below(500) as i64);
                Row::WrongAmount
            }
            Lie::AmountOfThis => {
                told = Success { total: Amount::from_fen(1), ..truth.clone() };
                Row::QueryAgainstCallback
            }
            Lie::Currency => {
                told.currency = "USD".into();
                Row::WrongCurrency
            }
            Lie::SubMerchant => {
                told.sub_mchid = "1999999999".into();
                Row::WrongSubMerchant
            }
            Lie::App => {
                told.sp_appid = "wx0000000000000000".into();
                Row::WrongApp
            }
            Lie::UnknownOrder => {
                told.out_trade_no = format!("M1O{}A1", 1 + sim.below(1_000_000));
                Row::UnknownOrder
            }
            Lie::Forged | Lie::ForgedWithNewKey => Row::BadSignature,
            Lie::Stale => {
                told = truth.clone();
                Row::StaleTimestamp
            }
        };
        let body = success_body(&told);
        let sealed = match lie {
            Lie::Forged | Lie::ForgedWithNewKey | Lie::Stale if self.is_alipay() => {
                row = Row::BadSignature;
                seal_in_body(true, &body)
            }
            Lie::Forged => seal(0, sim.now_ms(), body),
            Lie::ForgedWithNewKey => seal(1_000_000, sim.now_ms(), body),
            Lie::Stale => seal(self.books().key, sim.now_ms() - 1_200_000, body),
            _ => self.sealed(body),
        };
        if matches!(lie, Lie::Forged | Lie::ForgedWithNewKey | Lie::Stale) {
            says = Says::Forgery;
        }
        if matches!(lie, Lie::AmountOfThis) && truth.total.fen() == 1 {
            row = Row::CallbackTwice;
            says = Says::Truth;
        }
        let probe = Probe { transaction_id: told.transaction_id.clone(), says };
        self.auditor.row(row);
        sim.log(format!("{lie:?} about {} of {}", told.transaction_id, attempt.prepay.out_trade_no));
        for _ in 0..3 {
            if self.tell(&url, sealed.clone(), &probe).await {
                return;
            }
            sim.pause(1_000, 20_000).await;
        }
    }
}

/// The path of an address.
pub(super) fn path_of(url: &str) -> String {
    url.split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or(String::new(), |(_, path)| format!("/{path}"))
}
