use db::{Error, Row, Tx, Val, params};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    cut::Cut,
    query::Query,
    search::{PAGE, Search},
    sql,
};
use crate::{
    App,
    clock::{business_day, business_day_start_ms},
    form::FilledField,
    ids,
    refund::{self, RefundShown, lifecycle::REFUND_YEAR_MS},
    session::ManagerSession,
    web::one_of,
};

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Record {
    /// Its id, by which the list is sorted.
    pub record_id: String,
    /// The order it paid.
    pub order_id: String,
    /// Fen.
    pub amount_fen: i64,
    /// The payer's name, or the first text that was filled in.
    pub title: String,
    /// The other values, and the code.
    pub subtitle: String,
    /// Through which code.
    pub code_name: String,
    /// Through which institution.
    pub channel: String,
    /// `paid`, `partly_refunded` or `refunded`.
    #[schema(schema_with = states)]
    pub state: String,
    /// What the payer has back, fen.
    pub refunded_fen: i64,
    /// How the payment is booked: `order`, or, claimed by somebody of the back office, `late` or `duplicate`.
    pub booked: String,
    /// When the payer paid, UTC milliseconds.
    pub paid_at_ms: i64,
}

/// All of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordDetail {
    #[serde(flatten)]
    /// The line of the list.
    pub record: Record,
    /// The business fields as the payer saw them.
    pub fields: Vec<ShownField>,
    /// The order's number on screen.
    pub order_no: String,
    /// The institution's number.
    pub transaction_id: String,
    /// What the payer paid after vouchers, fen, where told.
    #[schema(required = true)]
    pub payer_total_fen: Option<i64>,
    /// When the order was made, UTC milliseconds.
    pub created_at_ms: i64,
    /// What is printed under the code.
    pub code_short_id: String,
    /// What went back, or is asked to, oldest first.
    pub refunds: Vec<RefundShown>,
    /// What may still be asked back, fen; nothing a year after the payment.
    pub refundable_fen: i64,
}

/// A label and what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownField {
    /// As the payer saw it.
    pub label: String,
    /// As it was filled in.
    pub value: String,
}

/// What a manager collected on a business day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Today {
    /// `2026-11-23`
    pub day: String,
    /// Payments.
    pub count: i64,
    /// Their sum, fen.
    pub sum_fen: i64,
}

/// A page: records and where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordPage {
    /// Newest first, at most fifteen. A search may stop short of that, and go on at its cursor.
    pub records: Vec<Record>,
    /// `cursor` of the next page; none: this was the last.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

fn states() -> utoipa::openapi::Object {
    one_of(&["paid", "partly_refunded", "refunded"])
}

fn record(row: &Row) -> Result<Record, Error> {
    let (subtitle, code_name): (String, String) = (row.get(4)?, row.get(5)?);
    let amount_fen = row.get(2)?;
    let subtitle = if subtitle.is_empty() { code_name.clone() } else { format!("{subtitle} · {code_name}") };
    Ok(Record {
        record_id: row.get::<i64>(0)?.to_string(),
        order_id: row.get::<i64>(1)?.to_string(),
        amount_fen,
        title: row.get(3)?,
        subtitle,
        code_name,
        channel: row.get(6)?,
        state: match row.get::<i64>(8)? {
            0 => "paid",
            back if back < amount_fen => "partly_refunded",
            _ => "refunded",
        }
        .into(),
        refunded_fen: row.get(8)?,
        booked: row.get(9)?,
        paid_at_ms: row.get(7)?,
    })
}

/// The fifteen records that follow `cut`.
///
/// # Errors
/// The refusals of the database.
pub async fn page(app: &App, who: &ManagerSession, cut: Cut) -> Result<RecordPage, Error> {
    let (merchant_id, manager_id) = (who.merchant_id, who.manager_id);
    let read = async move |tx: &mut Tx<'_>| {
        let Cut { whole_below, below, paid_before_ms } = cut;
        let values = params![merchant_id, manager_id, below, whole_below, paid_before_ms, PAGE as i64 + 1];
        tx.query(sql::PAGE, values).await
    };
    let rows = app.db.read(read).await?;
    let records = rows.iter().take(PAGE).map(record).collect::<Result<Vec<_>, _>>()?;
    let more = rows.len() > PAGE;
    let next_cursor = if more { records.last().map(|last| last.record_id.clone()) } else { None };
    Ok(RecordPage { records, next_cursor })
}

/// The next of the records that `query` means, from `cut` on.
///
/// # Errors
/// The refusals of the database.
pub async fn search(app: &App, who: &ManagerSession, query: Query, cut: Cut) -> Result<RecordPage, Error> {
    let (merchant_id, manager_id) = (who.merchant_id, who.manager_id);
    let search = Search { merchant_id, manager_id, query, cut, engine: app.db.engine() };
    let read = async move |tx: &mut Tx<'_>| {
        let found = search.run(tx).await?;
        let mut values = vec![Val::from(merchant_id), Val::from(manager_id)];
        values.extend((0..PAGE).map(|n| Val::from(found.ids.get(n).copied().unwrap_or(0))));
        let rows = if found.ids.is_empty() { Vec::new() } else { tx.query(sql::FOUND, &values).await? };
        Ok::<_, Error>((rows, found.next))
    };
    let (rows, next) = app.db.read(read).await?;
    let records = rows.iter().map(record).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordPage { records, next_cursor: next.map(|id| id.to_string()) })
}

/// One record of this manager, whole.
///
/// # Errors
/// The refusals of the database, or a stored refund that cannot be read.
pub async fn detail(app: &App, who: &ManagerSession, record_id: i64) -> Result<Option<RecordDetail>, refund::Error> {
    let (merchant_id, manager_id) = (who.merchant_id, who.manager_id);
    let read = async move |tx: &mut Tx<'_>| {
        let key = params![merchant_id, manager_id, record_id];
        let Some(line) = tx.query_opt(sql::ONE, key).await? else { return Ok(None) };
        let row = tx.query_one(sql::DETAIL, key).await?;
        let refunds = refund::of_order(tx, merchant_id, line.get(1)?).await?;
        Ok::<_, refund::Error>(Some((line, row, refunds)))
    };
    let Some((line, row, refunds)) = app.db.read(read).await? else { return Ok(None) };
    let attempt: i64 = row.get(5)?;
    let left_fen = line.get::<i64>(2)? - line.get::<i64>(8)? - line.get::<i64>(10)?;
    let year_over = app.clock.now_ms() - line.get::<i64>(7)? > REFUND_YEAR_MS;
    let values: Vec<FilledField> =
        serde_json::from_str(&row.get::<String>(0)?).map_err(|_| Error::Column { column: 0, wanted: "form values" })?;
    let record = record(&line)?;
    Ok(Some(RecordDetail {
        order_no: record.order_id.clone(),
        record,
        fields: values.into_iter().map(|v| ShownField { label: v.label, value: v.value }).collect(),
        created_at_ms: row.get(1)?,
        code_short_id: row.get(2)?,
        transaction_id: row.get(3)?,
        payer_total_fen: row.get(4)?,
        refunds: refunds.into_iter().filter(|r| r.payment.attempt == attempt).map(Into::into).collect(),
        refundable_fen: if year_over { 0 } else { left_fen },
    }))
}

/// What the manager collected on the business day of now.
///
/// # Errors
/// The refusals of the database.
pub async fn today(app: &App, who: &ManagerSession) -> Result<Today, Error> {
    let (merchant_id, manager_id) = (who.merchant_id, who.manager_id);
    let now_ms = app.clock.now_ms();
    app.db.read(async move |tx: &mut Tx<'_>| today_in(tx, merchant_id, manager_id, now_ms).await).await
}

async fn today_in(tx: &mut Tx<'_>, merchant_id: i64, manager_id: i64, now_ms: i64) -> Result<Today, Error> {
    let start_ms = business_day_start_ms(now_ms);
    let row = tx.query_one(sql::TODAY, params![merchant_id, manager_id, ids::floor_of(start_ms), start_ms]).await?;
    Ok(Today { day: business_day(now_ms), count: row.get(0)?, sum_fen: row.get(1)? })
}

/// A record as the open screen is told of it, with the day's sum.
///
/// # Errors
/// The refusals of the database.
pub async fn seen(app: &App, who: &ManagerSession, record_id: i64) -> Result<Option<(Record, Today)>, Error> {
    let (merchant_id, manager_id) = (who.merchant_id, who.manager_id);
    let now_ms = app.clock.now_ms();
    let read = async move |tx: &mut Tx<'_>| {
        let Some(row) = tx.query_opt(sql::ONE, params![merchant_id, manager_id, record_id]).await? else {
            return Ok(None);
        };
        Ok::<_, Error>(Some((record(&row)?, today_in(tx, merchant_id, manager_id, now_ms).await?)))
    };
    app.db.read(read).await
}
