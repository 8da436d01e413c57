//! Another person decides: approve, decline; the requester may withdraw. Nobody approves what they asked for themselves.

use db::{Key, Tx, params};
use money::Amount;

use super::{
    Asker, Error, Minted, Refund, Status, by_id, give_back, release, request::ask_soon, sql, stored_words, tell,
};
use crate::{App, order};

/// Approves: the institution is asked, or what was settled outside counts.
pub(super) async fn approve(app: &App, asker: Asker, refund_id: i64, words: &str) -> Result<Refund, Error> {
    let words = stored_words(words);
    let work = async move |tx: &mut Tx<'_>, by: &Asker, refund: &Refund, minted: Minted| {
        let merchant_id = by.merchant_id;
        let values = params![merchant_id, refund_id, &by.who, &by.name, minted.now_ms, &words];
        match refund.status {
            Status::Requested if refund.asked.by == by.who => Err(Error::OwnRequest),
            Status::Requested => {
                changed(tx.execute(sql::APPROVE, values).await?, refund)?;
                ask_soon(tx, merchant_id, &refund.out_refund_no, minted.now_ms).await?;
                Ok("refund.approve")
            }
            Status::Outside if refund.outside.as_ref().unwrap_or(&refund.asked).by == by.who => Err(Error::OwnRequest),
            Status::Outside => {
                changed(tx.execute(sql::CONFIRM_OUTSIDE, values).await?, refund)?;
                give_back(tx, refund, minted).await?;
                tx.execute(sql::SETTLE_ITEMS, params![merchant_id, refund_id, minted.now_ms, "over"]).await?;
                Ok("refund.confirm_outside")
            }
            other => Err(Error::Moved(other)),
        }
    };
    act(app, asker, refund_id, work).await
}

/// Declines, or withdraws one's own: what was set aside is free again. Of an abnormal one that somebody called settled
/// outside, only that word is taken back.
pub(super) async fn decline(app: &App, asker: Asker, refund_id: i64, words: String) -> Result<Refund, Error> {
    let work = async move |tx: &mut Tx<'_>, by: &Asker, refund: &Refund, minted: Minted| {
        let merchant_id = by.merchant_id;
        match refund.status {
            Status::Outside if refund.outside.is_some() => {
                let values = params![merchant_id, refund_id, &words, minted.now_ms];
                changed(tx.execute(sql::DECLINE_OUTSIDE, values).await?, refund)?;
                Ok("refund.decline_outside")
            }
            Status::Requested | Status::Outside => {
                let values = params![merchant_id, refund_id, &by.who, &by.name, minted.now_ms, &words];
                changed(tx.execute(sql::DECLINE, values).await?, refund)?;
                release(tx, refund).await?;
                Ok(if refund.asked.by == by.who { "refund.withdraw" } else { "refund.decline" })
            }
            other => Err(Error::Moved(other)),
        }
    };
    act(app, asker, refund_id, work).await
}

/// One act of a person on a refund: looked up and judged under its order's lock, written with its audit entry, and told.
/// `work` says what it was called.
pub(super) async fn act(
    app: &App,
    asker: Asker,
    refund_id: i64,
    work: impl AsyncFn(&mut Tx<'_>, &Asker, &Refund, Minted) -> Result<&'static str, Error> + Send + 'static,
) -> Result<Refund, Error> {
    let (merchant_id, minted) = (asker.merchant_id, Minted::new(app));
    let find = async move |tx: &mut Tx<'_>| by_id(tx, merchant_id, refund_id).await;
    let order_id = app.db.read(find).await?.ok_or(Error::Unknown)?.payment.order_id;
    let write = async move |tx: &mut Tx<'_>| {
        order::lock(tx, merchant_id, order_id).await?;
        let refund = by_id(tx, merchant_id, refund_id).await?.ok_or(Error::Unknown)?;
        if !asker.may_see(tx, refund.manager_id, refund.org_unit_id).await? {
            return Err(Error::Unknown);
        }
        let action = work(tx, &asker, &refund, minted).await?;
        let now = by_id(tx, merchant_id, refund_id).await?.ok_or(Error::Stored)?;
        let detail = format!("{} {} 元", now.out_refund_no, Amount::from_fen(now.amount_fen));
        asker.audit(tx, minted.event, minted.now_ms, action, &format!("refund:{refund_id}"), &detail).await?;
        tell(tx, &now, minted).await?;
        Ok(now)
    };
    let refund = app.db.write(Key::of((merchant_id, order_id)), write).await?;
    app.hub.wake(merchant_id);
    Ok(refund)
}

/// The conditional update found it as it was read: its order's row is held.
pub(super) fn changed(rows: u64, refund: &Refund) -> Result<(), Error> {
    if rows == 1 { Ok(()) } else { Err(Error::Moved(refund.status)) }
}
