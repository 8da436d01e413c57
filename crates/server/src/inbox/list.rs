//! What needs a person, as it is listed and shown with its evidence.

use db::{Row, Tx, params};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Error, InboxAction, actions, sql};
use crate::{
    App,
    admin::{AdminSession, Permission},
    ids, org,
    payment::{Kind, Number},
    refund::{self, Asker},
    session::ManagerSession,
};

/// News that is this close to its item was kept with it.
const BESIDE_MS: i64 = 2_000;

/// One item as the back office sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InboxItem {
    /// Its id.
    pub inbox_id: String,
    /// Why it needs a person.
    #[schema(schema_with = kinds)]
    pub kind: String,
    /// `open` or `closed`.
    #[schema(schema_with = states)]
    pub state: String,
    /// Fen.
    pub amount_fen: i64,
    /// What the institution said, in its words and ours.
    pub detail: String,
    /// Since when, UTC milliseconds.
    pub created_at_ms: i64,
    /// The order it is about, where one is known.
    #[schema(required = true)]
    pub order_id: Option<String>,
    /// The order's first line.
    #[schema(required = true)]
    pub title: Option<String>,
    /// Whose order it is.
    #[schema(required = true)]
    pub manager_name: Option<String>,
    /// The payment it is about: its number at the institution.
    #[schema(required = true)]
    pub payment_id: Option<String>,
    /// At which institution.
    #[schema(required = true)]
    pub channel: Option<String>,
    /// When that payment succeeded, UTC milliseconds.
    #[schema(required = true)]
    pub paid_at_ms: Option<i64>,
    /// What went back of it, fen.
    pub refunded_fen: i64,
    /// What is set aside for refunds of it, fen.
    pub refund_reserved_fen: i64,
    /// The refund it is about, or that closed it.
    #[schema(required = true)]
    pub refund_id: Option<String>,
    /// How it was closed.
    #[schema(required = true)]
    pub closed: Option<InboxClosed>,
    /// What this admin may do about it now.
    pub may: Vec<InboxAction>,
}

/// How an item was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InboxClosed {
    /// `claimed`, `refunded`, `explained` or `settled` (by itself).
    #[schema(schema_with = hows)]
    pub how: String,
    /// By whom.
    pub name: String,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// In which words.
    pub words: String,
}

/// One item with its evidence.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InboxDetail {
    #[serde(flatten)]
    /// The line of the list.
    pub item: InboxItem,
    /// The verified news that was kept with it.
    pub news: Vec<KeptNews>,
}

/// Verified news that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptNews {
    /// When it came, UTC milliseconds.
    pub received_at_ms: i64,
    /// Through which provider.
    pub provider: String,
    /// The number of the payment that it names.
    pub out_trade_no: String,
    /// Their number of it.
    #[schema(required = true)]
    pub transaction_id: Option<String>,
    /// The amount that it names, fen.
    #[schema(required = true)]
    pub amount_fen: Option<i64>,
    /// The number of the refund that it names.
    #[schema(required = true)]
    pub out_refund_no: Option<String>,
}

/// A page: items and where the next one begins.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InboxPage {
    /// Newest first.
    pub items: Vec<InboxItem>,
    /// `cursor` of the next page; none: this was the last.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// How much waits for a person, for the signs in the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Todo {
    /// Refunds that another person must decide on.
    pub refunds: i64,
    /// Items that are open.
    pub inbox: i64,
}

/// An item as the manager sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttentionShown {
    /// Its id.
    pub inbox_id: String,
    /// Why it needs a person.
    #[schema(schema_with = kinds)]
    pub kind: String,
    /// `open` or `closed`.
    #[schema(schema_with = states)]
    pub state: String,
    /// How it was closed.
    #[schema(required = true)]
    pub closed_how: Option<String>,
    /// Fen.
    pub amount_fen: i64,
    /// The order it is about.
    pub order_id: String,
    /// The order's first line.
    pub title: String,
    /// Since when, UTC milliseconds.
    pub created_at_ms: i64,
}

fn kinds() -> utoipa::openapi::Object {
    crate::web::one_of(&Kind::ALL.map(Kind::word))
}

fn states() -> utoipa::openapi::Object {
    crate::web::one_of(&["open", "closed"])
}

fn hows() -> utoipa::openapi::Object {
    crate::web::one_of(&["claimed", "refunded", "explained", "settled"])
}

/// An item with what is decided by.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub kind: Kind,
    pub open: bool,
    pub number: Number,
    pub amount_fen: i64,
    /// Whose order it is, where one is known.
    pub of: Option<(i64, i64)>,
    pub success_at_ms: Option<i64>,
    pub reserved_fen: i64,
    pub left_fen: i64,
    line: InboxItem,
}

pub(super) fn read(row: &Row, merchant_id: i64) -> Result<Item, Error> {
    let (kind, state): (String, String) = (row.get(1)?, row.get(2)?);
    let (order_id, attempt): (i64, i64) = (row.get(6)?, row.get(7)?);
    let of = row.get::<Option<i64>>(14)?.zip(row.get::<Option<i64>>(15)?);
    let (refunded_fen, reserved_fen) =
        (row.get::<Option<i64>>(18)?.unwrap_or(0), row.get::<Option<i64>>(19)?.unwrap_or(0));
    let closed = row.get::<Option<String>>(9)?.zip(row.get::<Option<i64>>(11)?);
    let (name, words): (Option<String>, Option<String>) = (row.get(10)?, row.get(12)?);
    let line = InboxItem {
        inbox_id: row.get::<i64>(0)?.to_string(),
        kind: kind.clone(),
        state: state.clone(),
        amount_fen: row.get(3)?,
        detail: row.get(4)?,
        created_at_ms: row.get(5)?,
        order_id: of.map(|_| order_id.to_string()),
        title: row.get(13)?,
        manager_name: row.get(16)?,
        payment_id: row.get(17)?,
        channel: row.get(24)?,
        paid_at_ms: row.get(20)?,
        refunded_fen,
        refund_reserved_fen: reserved_fen,
        refund_id: row.get::<Option<i64>>(8)?.map(|id| id.to_string()),
        closed: closed.map(|(how, at_ms)| InboxClosed {
            how,
            name: name.unwrap_or_default(),
            at_ms,
            words: words.unwrap_or_default(),
        }),
        may: Vec::new(),
    };
    Ok(Item {
        kind: Kind::of_word(&kind).ok_or(Error::Stored)?,
        open: state == "open",
        number: Number { merchant_id, order_id, attempt },
        amount_fen: row.get(3)?,
        of,
        success_at_ms: row.get(20)?,
        reserved_fen,
        left_fen: row.get::<Option<i64>>(21)?.unwrap_or(0) - refunded_fen - reserved_fen,
        line,
    })
}

/// As an admin sees it.
pub(super) fn view(item: Item, who: &AdminSession) -> InboxItem {
    let may = |action: &InboxAction| match action {
        InboxAction::Claim | InboxAction::Explain => who.may(Permission::InboxAct) && item.reserved_fen == 0,
        InboxAction::Refund => {
            who.may(Permission::InboxAct)
                && who.may(Permission::RefundRequest)
                && item.left_fen > 0
                && item.reserved_fen == 0
        }
    };
    let offered = if item.open { actions(item.kind) } else { &[] };
    InboxItem { may: offered.iter().copied().filter(|action| may(action)).collect(), ..item.line }
}

/// Which items.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub state: &'static str,
    pub kind: Option<Kind>,
    pub below: i64,
    pub limit: i64,
}

pub(super) async fn list(app: &App, who: &AdminSession, wanted: Wanted) -> Result<InboxPage, Error> {
    let (merchant_id, org_unit_id, limit) = (who.merchant_id, who.org_unit_id, wanted.limit);
    let find = async move |tx: &mut Tx<'_>| {
        let whole = i64::from(org::is_root(tx, merchant_id, org_unit_id).await?);
        let kind = wanted.kind.map_or("", Kind::word);
        let values = params![merchant_id, org_unit_id, wanted.below, wanted.state, kind, whole, limit + 1];
        tx.query(sql::LIST, values).await
    };
    let rows = app.db.read::<_, db::Error, _>(find).await?;
    let more = rows.len() as i64 > limit;
    let items = rows.iter().take(limit as usize).map(|row| Ok(view(read(row, merchant_id)?, who)));
    let items = items.collect::<Result<Vec<_>, Error>>()?;
    let next_cursor = if more { items.last().map(|last| last.inbox_id.clone()) } else { None };
    Ok(InboxPage { items, next_cursor })
}

/// One, if the asker may see it: what names no order of ours belongs to whoever sees the whole merchant.
pub(super) async fn find(tx: &mut Tx<'_>, asker: &Asker, inbox_id: i64) -> Result<Item, Error> {
    let row = tx.query_opt(sql::ONE, params![asker.merchant_id, inbox_id]).await?.ok_or(Error::Unknown)?;
    let item = read(&row, asker.merchant_id)?;
    let seen = match item.of {
        Some((manager_id, org_unit_id)) => asker.may_see(tx, manager_id, org_unit_id).await?,
        None => asker.sees_all(tx).await?,
    };
    if seen { Ok(item) } else { Err(Error::Unknown) }
}

pub(super) async fn detail(app: &App, who: &AdminSession, asker: Asker, inbox_id: i64) -> Result<InboxDetail, Error> {
    let read = async move |tx: &mut Tx<'_>| {
        let item = find(tx, &asker, inbox_id).await?;
        let at_ms = ids::minted_at_ms(inbox_id);
        let (from, to) = (ids::floor_of(at_ms - BESIDE_MS), ids::floor_of(at_ms + BESIDE_MS));
        let of = item.line.payment_id.as_deref().unwrap_or_default();
        let rows = tx.query(sql::NEWS, params![asker.merchant_id, from, to, item.amount_fen, of]).await?;
        Ok::<_, Error>((item, rows))
    };
    let (item, rows) = app.db.read(read).await?;
    let news = rows.iter().map(|row| {
        Ok(KeptNews {
            received_at_ms: row.get(0)?,
            provider: row.get(1)?,
            out_trade_no: row.get(2)?,
            transaction_id: row.get(3)?,
            amount_fen: row.get(4)?,
            out_refund_no: row.get(5)?,
        })
    });
    let news = news.collect::<Result<Vec<_>, db::Error>>()?;
    Ok(InboxDetail { item: view(item, who), news })
}

/// How much waits for a person in the admin's scope.
pub(super) async fn todo(app: &App, who: &AdminSession) -> Result<Todo, Error> {
    let (merchant_id, org_unit_id) = (who.merchant_id, who.org_unit_id);
    let count = async move |tx: &mut Tx<'_>| {
        let whole = i64::from(org::is_root(tx, merchant_id, org_unit_id).await?);
        let inbox = tx.query_one(sql::OPEN, params![merchant_id, org_unit_id, whole]).await?.get(0)?;
        Ok::<_, Error>(Todo { refunds: refund::to_approve(tx, merchant_id, org_unit_id).await?, inbox })
    };
    app.db.read(count).await
}

fn shown(item: Item) -> Option<AttentionShown> {
    let line = item.line;
    Some(AttentionShown {
        inbox_id: line.inbox_id,
        kind: line.kind,
        state: line.state,
        closed_how: line.closed.map(|closed| closed.how),
        amount_fen: line.amount_fen,
        order_id: line.order_id?,
        title: line.title.unwrap_or_default(),
        created_at_ms: line.created_at_ms,
    })
}

/// What is open of the manager's own orders, newest first.
pub(super) async fn of_manager(app: &App, who: &ManagerSession) -> Result<Vec<AttentionShown>, Error> {
    let (merchant_id, manager_id) = (who.merchant_id, who.manager_id);
    let find = async move |tx: &mut Tx<'_>| tx.query(sql::OF_MANAGER, params![merchant_id, manager_id]).await;
    let rows = app.db.read::<_, db::Error, _>(find).await?;
    let items = rows.iter().map(|row| read(row, merchant_id)).collect::<Result<Vec<_>, Error>>()?;
    Ok(items.into_iter().filter_map(shown).collect())
}

/// An item as the manager's open screen is told of it.
///
/// # Errors
/// [`Error`].
pub async fn seen(app: &App, who: &ManagerSession, inbox_id: i64) -> Result<Option<AttentionShown>, Error> {
    let (merchant_id, manager_id) = (who.merchant_id, who.manager_id);
    let find = async move |tx: &mut Tx<'_>| tx.query_opt(sql::ONE, params![merchant_id, inbox_id]).await;
    let Some(row) = app.db.read::<_, db::Error, _>(find).await? else { return Ok(None) };
    let item = read(&row, merchant_id)?;
    Ok(if item.of.is_some_and(|(own, _)| own == manager_id) { shown(item) } else { None })
}
