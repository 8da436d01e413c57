//! Somebody looks at an order that may still be paid: its payment is asked about now instead of when it would be due. The
//! question itself is the janitor's own job, brought forward, so that no page waits for an institution and one question is
//! asked however many look.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use db::{Key, Tx, params};

use super::{ASK_PAYMENT, sql};
use crate::App;

/// One question per order in this time, however many look.
const EVERY_MS: i64 = 5_000;
/// Orders that are remembered; more than are looked at in that time on one node.
const REMEMBERED: usize = 10_000;

/// When which order was looked at on this node. A restart forgets.
#[derive(Default)]
pub struct Looks(Mutex<HashMap<(i64, i64), i64>>);

impl Looks {
    /// Whether this look is to ask.
    fn asks(&self, order: (i64, i64), now_ms: i64) -> bool {
        let mut looked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looked.get(&order).is_some_and(|at_ms| (0..EVERY_MS).contains(&(now_ms - at_ms))) {
            return false;
        }
        if looked.len() >= REMEMBERED {
            looked.retain(|_, at_ms| now_ms - *at_ms < EVERY_MS);
        }
        if looked.len() >= REMEMBERED {
            return false;
        }
        looked.insert(order, now_ms);
        true
    }
}

/// Brings the question about an order's open payment forward. What cannot be asked now is asked when it is due.
pub async fn look(app: &App, merchant_id: i64, order_id: i64) {
    let now_ms = app.clock.now_ms();
    if !app.looks.asks((merchant_id, order_id), now_ms) {
        return;
    }
    let find = async move |tx: &mut Tx<'_>| {
        let rows = tx.query(sql::OPEN_PAYMENTS, params![merchant_id, order_id]).await?;
        rows.iter().map(|row| row.get(0)).collect::<Result<Vec<String>, db::Error>>()
    };
    for number in app.db.read(find).await.unwrap_or_default() {
        let write = async move |tx: &mut Tx<'_>| jobs::hasten(tx, merchant_id, ASK_PAYMENT, &number, now_ms).await;
        if let Err(error) = app.db.write::<_, db::Error, _>(Key::of(("look", order_id)), write).await {
            tracing::debug!(%error, order_id, "a look could not ask; the question comes when it is due");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_look_one_asks_in_five_seconds() {
        let looks = Looks::default();
        let asked = (0..100).filter(|n| looks.asks((1, 7), 1_000 + n * 100)).count();
        assert_eq!(asked, 2, "in ten seconds");
        assert!(looks.asks((1, 8), 1_000), "another order is another question");
        for order in 0..REMEMBERED as i64 * 2 {
            looks.asks((2, order), 1_000_000 + order);
        }
        assert!(looks.0.lock().unwrap().len() <= REMEMBERED, "and a flood costs no memory");
    }
}
