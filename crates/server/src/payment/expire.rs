//! Nobody paid in time: the institution is asked and its attempt closed before the order is (PRODUCT 6.5).

use db::{Key, Tx, params};
use jobs::{Claimed, Ended};

use super::{
    Asked, Error, Number,
    ask::{ask, close},
    sql,
};
use crate::{App, clock::MINUTE_MS, order};

/// Closes an order whose time is over. Tried again until the institution has answered.
pub async fn expire_job(app: &App, job: &Claimed) -> Ended {
    let Ok(order_id) = job.key.parse::<i64>() else { return Ended::Failed { why: "not an order's id".into() } };
    let why = match expire(app, job.merchant_id, order_id).await {
        Ok(true) => return Ended::Done,
        Ok(false) => "an attempt's end is not known yet".to_owned(),
        Err(error) => error.to_string(),
    };
    let wait_ms = (MINUTE_MS * job.attempt).min(30 * MINUTE_MS);
    Ended::Again { due_at_ms: app.clock.now_ms() + wait_ms, why }
}

/// True when the order is over, one way or the other.
async fn expire(app: &App, merchant_id: i64, order_id: i64) -> Result<bool, Error> {
    for attempt in open_attempts(app, merchant_id, order_id).await? {
        let number = Number { merchant_id, order_id, attempt };
        if !end(app, number).await? {
            return Ok(false);
        }
    }
    let now_ms = app.clock.now_ms();
    let work = async move |tx: &mut Tx<'_>| {
        if order::close(tx, merchant_id, order_id, now_ms).await? {
            return Ok(true);
        }
        let order = order::get(tx, merchant_id, order_id).await?;
        Ok::<_, Error>(order.is_none_or(|order| !order.status.is_open()))
    };
    app.db.write(Key::of((merchant_id, order_id)), work).await
}

/// The attempts of an order that may still be paid.
pub(super) async fn open_attempts(app: &App, merchant_id: i64, order_id: i64) -> Result<Vec<i64>, Error> {
    let read = async move |tx: &mut Tx<'_>| {
        let rows = tx.query(sql::OPEN_ATTEMPTS, params![merchant_id, order_id]).await?;
        rows.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>, db::Error>>()
    };
    Ok(app.db.read(read).await?)
}

/// Brings an attempt to its end: asks, closes if it is open, asks again if it was paid meanwhile. False: not known.
pub(super) async fn end(app: &App, number: Number) -> Result<bool, Error> {
    match ask(app, number).await? {
        Asked::Paid | Asked::Ended => return Ok(true),
        Asked::Unknown => return Ok(false),
        Asked::Open => {}
    }
    let read = async move |tx: &mut Tx<'_>| super::get(tx, number).await;
    let payment = app.db.read(read).await?.ok_or(Error::Stored)?;
    Ok(matches!(close(app, &payment).await?, Asked::Paid | Asked::Ended))
}
