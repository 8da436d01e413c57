//! Refunds as they are listed.

use db::{Tx, params};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Asker, Error, Refund, RefundShown, RefundView, Status, by_id, read, sql};
use crate::{
    App,
    admin::{AdminSession, Permission},
    session::ManagerSession,
};

/// A page: refunds and where the next one begins.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundPage {
    /// Newest first.
    pub items: Vec<RefundView>,
    /// `cursor` of the next page; none: this was the last.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// Which refunds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub status: Option<Status>,
    pub below: i64,
    pub limit: i64,
}

/// As an admin sees it.
pub(super) fn view(refund: Refund, who: &AdminSession) -> RefundView {
    let (requests, approves) = (who.may(Permission::RefundRequest), who.may(Permission::RefundApprove));
    RefundView::of(refund, &format!("admin:{}", who.admin_id), requests, approves)
}

pub(super) async fn list(app: &App, who: &AdminSession, wanted: Wanted) -> Result<RefundPage, Error> {
    let (merchant_id, org_unit_id) = (who.merchant_id, who.org_unit_id);
    let status = wanted.status.map_or("", Status::word);
    let values = async move |tx: &mut Tx<'_>| {
        let values = params![merchant_id, org_unit_id, wanted.below, status, wanted.limit + 1];
        tx.query(sql::LIST, values).await
    };
    let rows = app.db.read::<_, db::Error, _>(values).await?;
    let more = rows.len() as i64 > wanted.limit;
    let refunds = rows.iter().take(wanted.limit as usize).map(|row| read(row, merchant_id));
    let items = refunds.map(|refund| Ok(view(refund?, who))).collect::<Result<Vec<_>, Error>>()?;
    let next_cursor = if more { items.last().map(|last| last.refund_id.clone()) } else { None };
    Ok(RefundPage { items, next_cursor })
}

/// One, if the asker may see it.
pub(super) async fn get(app: &App, asker: Asker, refund_id: i64) -> Result<Refund, Error> {
    let find = async move |tx: &mut Tx<'_>| {
        let refund = by_id(tx, asker.merchant_id, refund_id).await?.ok_or(Error::Unknown)?;
        if asker.may_see(tx, refund.manager_id, refund.org_unit_id).await? { Ok(refund) } else { Err(Error::Unknown) }
    };
    app.db.read(find).await
}

/// All of an order, oldest first.
///
/// # Errors
/// [`Error`].
pub async fn of_order(tx: &mut Tx<'_>, merchant_id: i64, order_id: i64) -> Result<Vec<Refund>, Error> {
    let rows = tx.query(sql::OF_ORDER, params![merchant_id, order_id]).await?;
    rows.iter().map(|row| read(row, merchant_id)).collect()
}

/// All of an order that the asker may see.
pub(super) async fn of_order_seen(app: &App, asker: Asker, order_id: i64) -> Result<Vec<Refund>, Error> {
    let find = async move |tx: &mut Tx<'_>| {
        let refunds = of_order(tx, asker.merchant_id, order_id).await?;
        let Some(first) = refunds.first() else { return Ok(refunds) };
        if asker.may_see(tx, first.manager_id, first.org_unit_id).await? { Ok(refunds) } else { Err(Error::Unknown) }
    };
    app.db.read(find).await
}

/// How many wait for another person, in the admin's scope.
///
/// # Errors
/// The refusals of the database.
pub async fn to_approve(tx: &mut Tx<'_>, merchant_id: i64, org_unit_id: i64) -> Result<i64, db::Error> {
    tx.query_one(sql::TO_APPROVE, params![merchant_id, org_unit_id]).await?.get(0)
}

/// A refund as the manager's open screen is told of it, with its order.
///
/// # Errors
/// [`Error`].
pub async fn seen(app: &App, who: &ManagerSession, refund_id: i64) -> Result<Option<(i64, RefundShown)>, Error> {
    let (merchant_id, manager_id) = (who.merchant_id, who.manager_id);
    let refund = app.db.read(async move |tx: &mut Tx<'_>| by_id(tx, merchant_id, refund_id).await).await?;
    let own = refund.filter(|refund| refund.manager_id == manager_id);
    Ok(own.map(|refund| (refund.payment.order_id, refund.into())))
}
