//! What a person may do with a refund that does not go on by itself.

use db::{Tx, params};

use super::{
    ASK, Asker, Error, Minted, Refund, Status,
    decide::{act, changed},
    sql,
};
use crate::App;

/// Asks again now instead of when it would be due, under the same number.
pub(super) async fn retry(app: &App, asker: Asker, refund_id: i64) -> Result<Refund, Error> {
    let work = async move |tx: &mut Tx<'_>, _: &Asker, refund: &Refund, minted: Minted| match refund.status {
        Status::Approved
        | Status::Unknown
        | Status::NotEnough
        | Status::Processing
        | Status::Abnormal
        | Status::Redirecting => {
            jobs::hasten(tx, refund.payment.merchant_id, ASK, &refund.out_refund_no, minted.now_ms).await?;
            Ok("refund.retry")
        }
        other => Err(Error::Moved(other)),
    };
    act(app, asker, refund_id, work).await
}

/// Sends one that came back to the merchant's own bank account, from which the payer is paid by other means.
pub(super) async fn redirect(app: &App, asker: Asker, refund_id: i64, words: String) -> Result<Refund, Error> {
    let work = async move |tx: &mut Tx<'_>, by: &Asker, refund: &Refund, minted: Minted| {
        let merchant_id = by.merchant_id;
        let values = params![merchant_id, refund_id, &by.who, &by.name, minted.now_ms, &words];
        changed(tx.execute(sql::REDIRECT, values).await?, refund)?;
        jobs::hasten(tx, merchant_id, ASK, &refund.out_refund_no, minted.now_ms).await?;
        Ok("refund.redirect")
    };
    act(app, asker, refund_id, work).await
}

/// Says that one that came back was settled outside; a second person confirms.
pub(super) async fn outside(app: &App, asker: Asker, refund_id: i64, words: String) -> Result<Refund, Error> {
    let work = async move |tx: &mut Tx<'_>, by: &Asker, refund: &Refund, minted: Minted| {
        let values = params![by.merchant_id, refund_id, &by.who, &by.name, minted.now_ms, &words];
        changed(tx.execute(sql::SAY_OUTSIDE, values).await?, refund)?;
        Ok("refund.say_outside")
    };
    act(app, asker, refund_id, work).await
}
