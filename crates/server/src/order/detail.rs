//! All of one order: the fields, its attempts, and what happened when.

use db::{Row, Tx, params};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Error,
    list::{OrderSummary, summary},
    sql, timeline,
};
use crate::{App, admin::AdminSession, form::FilledField, merchant::ChannelKind, refusal};

/// All of one order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderDetail {
    #[serde(flatten)]
    /// The line of the list.
    pub order: OrderSummary,
    /// The business fields as the payer saw them.
    pub fields: Vec<OrderField>,
    /// With which version of the form it was filled in.
    pub form_version: i64,
    /// The last moment to pay, UTC milliseconds.
    pub expires_at_ms: i64,
    /// Its attempts, first to last.
    pub payments: Vec<OrderPayment>,
    /// What happened, first to last.
    pub timeline: Vec<TimelineEntry>,
}

/// A label and what stands beside it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderField {
    /// As the payer saw it.
    pub label: String,
    /// As it was filled in.
    pub value: String,
}

/// One attempt.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderPayment {
    /// Its id: the number under which the institution knows it.
    pub payment_id: String,
    /// The same, in the institution's word.
    pub out_trade_no: String,
    /// At which institution.
    pub channel: String,
    /// `jsapi`, `h5` or `native`.
    pub trade_type: String,
    /// `created`, `pending`, `unknown`, `refused`, `closed` or `paid`.
    pub status: String,
    /// For a paid one: `order`, `late` or `duplicate`.
    #[schema(required = true)]
    pub booked: Option<String>,
    /// The institution's number.
    #[schema(required = true)]
    pub transaction_id: Option<String>,
    /// What was asked for, fen.
    pub amount_fen: i64,
    /// What the payer paid after vouchers, fen, where told.
    #[schema(required = true)]
    pub payer_total_fen: Option<i64>,
    /// When it was made, UTC milliseconds.
    pub created_at_ms: i64,
    /// When the payer paid, UTC milliseconds.
    #[schema(required = true)]
    pub success_at_ms: Option<i64>,
    /// The institution's words, for one that did not succeed.
    #[schema(required = true)]
    pub note: Option<String>,
    /// What the payer has back of it, fen.
    pub refunded_fen: i64,
    /// What is set aside for refunds on their way, fen.
    pub refund_reserved_fen: i64,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// `placed`, `attempt`, `refusal`, `paid`, `late`, `duplicate`, `attempt_ended`, `closed`; `refund_asked`,
    /// `refund_found`, `refund_approved`, `refund_declined`, `refund_waiting`, `refund_abnormal`, `refund_redirected`,
    /// `refund_ended`, `refunded`; `claimed` or `explained`.
    pub kind: String,
    /// In words.
    pub text: String,
}

/// Reads one order within the admin's scope.
///
/// # Errors
/// [`Error`].
pub async fn detail(app: &App, who: &AdminSession, order_id: i64) -> Result<Option<OrderDetail>, Error> {
    let (merchant_id, org_unit_id) = (who.merchant_id, who.org_unit_id);
    let read = async move |tx: &mut Tx<'_>| {
        let Some(line) = tx.query_opt(sql::LINE, params![merchant_id, org_unit_id, order_id]).await? else {
            return Ok(None);
        };
        let extra = tx.query_one(sql::EXTRA, params![merchant_id, order_id]).await?;
        let payments = tx.query(sql::PAYMENTS, params![merchant_id, order_id]).await?;
        let refused = refusal::of_order(tx, merchant_id, order_id).await?;
        let mut order = assemble(&line, &extra, &payments, &refused)?;
        for row in tx.query(sql::REFUNDS, params![merchant_id, order_id]).await? {
            order.timeline.extend(timeline::of_refund(&row)?);
        }
        for row in tx.query(sql::ITEMS, params![merchant_id, order_id]).await? {
            order.timeline.push(timeline::of_item(&row)?);
        }
        order.timeline.sort_by_key(|entry| entry.at_ms);
        Ok(Some(order))
    };
    app.db.read(read).await
}

fn assemble(line: &Row, extra: &Row, payments: &[Row], refused: &[refusal::Kept]) -> Result<OrderDetail, Error> {
    let order = summary(line)?;
    let values: Vec<FilledField> = serde_json::from_str(&extra.get::<String>(2)?).map_err(|_| Error::Stored)?;
    let mut timeline = vec![entry(order.created_at_ms, "placed", "下单".into())];
    let mut attempts = Vec::with_capacity(payments.len());
    for row in payments {
        let payment = attempt(row)?;
        timeline.extend(told(&payment, row.get(11)?));
        attempts.push(payment);
    }
    timeline.extend(refused.iter().map(|kept| {
        let words = kept.kind.words();
        let said = format!("{}：{}（{} {}）", kept.channel.name(), words.manager.0, words.code, kept.said);
        entry(kept.at_ms, "refusal", said)
    }));
    if let Some(at_ms) = extra.get::<Option<i64>>(1)? {
        timeline.push(entry(at_ms, "closed", "超时未付，订单关闭".into()));
    }
    Ok(OrderDetail {
        order,
        fields: values.into_iter().map(|v| OrderField { label: v.label, value: v.value }).collect(),
        form_version: extra.get(0)?,
        expires_at_ms: extra.get(3)?,
        payments: attempts,
        timeline,
    })
}

fn attempt(row: &Row) -> Result<OrderPayment, Error> {
    Ok(OrderPayment {
        payment_id: row.get(1)?,
        out_trade_no: row.get(1)?,
        channel: row.get(12)?,
        trade_type: row.get(2)?,
        status: row.get(3)?,
        booked: row.get(4)?,
        transaction_id: row.get(5)?,
        amount_fen: row.get(6)?,
        payer_total_fen: row.get(7)?,
        created_at_ms: row.get(8)?,
        success_at_ms: row.get(9)?,
        note: row.get(10)?,
        refunded_fen: row.get(13)?,
        refund_reserved_fen: row.get(14)?,
    })
}

fn entry(at_ms: i64, kind: &str, text: String) -> TimelineEntry {
    TimelineEntry { at_ms, kind: kind.into(), text }
}

pub(super) fn told(payment: &OrderPayment, updated_at_ms: i64) -> Vec<TimelineEntry> {
    let wallet = ChannelKind::of_word(&payment.channel).map_or("", ChannelKind::name);
    let way = match payment.trade_type.as_str() {
        "jsapi" => format!("{wallet}（钱包内）"),
        "h5" => format!("{wallet}（手机浏览器）"),
        _ => format!("{wallet}（扫码）"),
    };
    let mut entries = vec![entry(payment.created_at_ms, "attempt", format!("发起{way}"))];
    let ended = |text: &str| entry(updated_at_ms, "attempt_ended", text.to_owned());
    // The institution tells whole seconds of its own clock: told as it is, a success may stand before its attempt.
    let paid_at_ms = payment.success_at_ms.map(|at_ms| at_ms.max(payment.created_at_ms));
    match (payment.status.as_str(), payment.booked.as_deref(), paid_at_ms) {
        ("paid", Some("late"), Some(at_ms)) => entries.push(entry(at_ms, "late", "订单关闭后到账，待人工处理".into())),
        ("paid", Some("duplicate"), Some(at_ms)) => {
            entries.push(entry(at_ms, "duplicate", "重复付款，待人工处理".into()))
        }
        ("paid", _, Some(at_ms)) => entries.push(entry(at_ms, "paid", "支付成功".into())),
        ("refused", ..) => entries.push(ended("支付机构拒绝")),
        ("closed", ..) => entries.push(ended("支付已关闭")),
        ("unknown", ..) => entries.push(ended("支付机构未应答，正在确认")),
        _ => {}
    }
    entries
}
