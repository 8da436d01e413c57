//! What a person does about one: claim, refund, explain.

use db::{Key, Tx, params};
use money::Amount;

use super::{
    Error, InboxAction, actions,
    list::{Item, find},
    sql,
};
use crate::{
    App, live, order,
    payment::{self, Kind},
    refund::{self, Asker, Refund, Request},
};

/// 认领: the company keeps the money. It gets its record, under its order and the order's manager, on the day it was paid;
/// the order itself stays as it is, and so does how the payment is booked.
pub(super) async fn claim(app: &App, asker: Asker, inbox_id: i64, words: String) -> Result<Item, Error> {
    close(app, asker, inbox_id, InboxAction::Claim, words).await
}

/// Closed in words: it was settled elsewhere, or is no money of ours.
pub(super) async fn explain(app: &App, asker: Asker, inbox_id: i64, words: String) -> Result<Item, Error> {
    close(app, asker, inbox_id, InboxAction::Explain, words).await
}

async fn close(app: &App, asker: Asker, inbox_id: i64, action: InboxAction, words: String) -> Result<Item, Error> {
    let merchant_id = asker.merchant_id;
    let by = asker.clone();
    let order_id = app.db.read(async move |tx: &mut Tx<'_>| find(tx, &by, inbox_id).await).await?.number.order_id;
    let (record_id, event_id, now_ms) = (app.ids.mint(), app.ids.mint(), app.clock.now_ms());
    let work = async move |tx: &mut Tx<'_>| {
        order::lock(tx, merchant_id, order_id).await?;
        let item = find(tx, &asker, inbox_id).await?;
        judge(&item, action)?;
        let values = params![merchant_id, inbox_id, &asker.who, &asker.name, now_ms, &words];
        let name = match action {
            InboxAction::Claim => {
                tx.execute(sql::CLAIM, values).await?;
                record(tx, &item, record_id).await?;
                "inbox.claim"
            }
            InboxAction::Refund | InboxAction::Explain => {
                tx.execute(sql::EXPLAIN, values).await?;
                "inbox.explain"
            }
        };
        let detail = format!("{} {} 元：{words}", item.kind.word(), Amount::from_fen(item.amount_fen));
        asker.audit(tx, event_id, now_ms, name, &format!("inbox:{inbox_id}"), &detail).await?;
        if let Some((manager_id, _)) = item.of {
            live::tell_attention(tx, event_id, merchant_id, manager_id, inbox_id).await?;
        }
        find(tx, &asker, inbox_id).await
    };
    let item = app.db.write(Key::of((merchant_id, order_id)), work).await?;
    app.hub.wake(merchant_id);
    Ok(item)
}

/// Whether this may be done with it now.
fn judge(item: &Item, action: InboxAction) -> Result<(), Error> {
    if !item.open {
        return Err(Error::Closed);
    }
    if !actions(item.kind).contains(&action) {
        return Err(Error::NotOffered(item.kind));
    }
    let is_money = matches!(item.kind, Kind::Late | Kind::Duplicate);
    if is_money && item.reserved_fen > 0 { Err(Error::RefundUnderway) } else { Ok(()) }
}

async fn record(tx: &mut Tx<'_>, item: &Item, record_id: i64) -> Result<(), Error> {
    let (Some((manager_id, org_unit_id)), Some(success_at_ms)) = (item.of, item.success_at_ms) else {
        return Err(Error::Stored);
    };
    let entry = payment::Entry {
        number: item.number,
        record_id,
        manager_id,
        org_unit_id,
        amount_fen: item.amount_fen,
        success_at_ms,
    };
    payment::enter(tx, &entry).await?;
    Ok(crate::record::index_soon(tx, item.number, record_id).await?)
}

/// All that is left of it goes back, by the usual way: above the limit another person approves. The item closes when the
/// payer has it.
pub(super) async fn refund(app: &App, asker: Asker, inbox_id: i64, reason: String) -> Result<Refund, Error> {
    let by = asker.clone();
    let item = app.db.read(async move |tx: &mut Tx<'_>| find(tx, &by, inbox_id).await).await?;
    judge(&item, InboxAction::Refund)?;
    let wanted = Request {
        payment: item.number,
        amount_fen: item.left_fen,
        reason,
        submission: Some(format!("inbox-{inbox_id}-{}", item.left_fen)),
        outside: false,
        item: Some(inbox_id),
    };
    Ok(refund::request(app, asker, wanted).await?)
}
