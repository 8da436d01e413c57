//! After an order is paid nothing else of it may be paid: any other attempt still open is asked about and closed. A
//! success among them is booked as a duplicate and put before a person (PRODUCT 6.2).

use jobs::{Claimed, Ended};

use super::{
    Number,
    expire::{end, open_attempts},
};
use crate::{App, clock::MINUTE_MS};

/// Ends what is left of a paid order's attempts.
pub async fn after_paid(app: &App, job: &Claimed) -> Ended {
    let Ok(order_id) = job.key.parse::<i64>() else { return Ended::Failed { why: "not an order's id".into() } };
    let again = |why: String| {
        let wait_ms = (MINUTE_MS * job.attempt).min(60 * MINUTE_MS);
        Ended::Again { due_at_ms: app.clock.now_ms() + wait_ms, why }
    };
    let open = match open_attempts(app, job.merchant_id, order_id).await {
        Ok(open) => open,
        Err(error) => return again(error.to_string()),
    };
    for attempt in open {
        match end(app, Number { merchant_id: job.merchant_id, order_id, attempt }).await {
            Ok(true) => {}
            Ok(false) => return again(format!("the end of attempt {attempt} is not known yet")),
            Err(error) => return again(error.to_string()),
        }
    }
    Ended::Done
}
