//! What happened to an order after its payments: refunds, and what people did about money that needed one.

use db::{Error as DbError, Row};
use money::Amount;

use super::detail::TimelineEntry;

/// The columns of `sql::REFUNDS`.
pub(super) fn of_refund(row: &Row) -> Result<Vec<TimelineEntry>, DbError> {
    let (status, kind): (String, String) = (row.get(0)?, row.get(1)?);
    let yuan = format!("{} 元", Amount::from_fen(row.get(2)?));
    let (asked_by, asked_at_ms): (String, i64) = (row.get(3)?, row.get(4)?);
    let decided: Option<(String, i64)> = row.get::<Option<String>>(5)?.zip(row.get::<Option<i64>>(6)?);
    let (success_at_ms, updated_at_ms): (Option<i64>, i64) = (row.get(7)?, row.get(8)?);
    let needed: i64 = row.get(9)?;
    let entry = |at_ms: i64, kind: &str, text: String| TimelineEntry { at_ms, kind: kind.into(), text };
    let mut entries = vec![match kind.as_str() {
        "found" => entry(asked_at_ms, "refund_found", format!("在支付机构直接退款 {yuan}，不是从这里发起的")),
        _ => entry(asked_at_ms, "refund_asked", format!("{asked_by}申请退款 {yuan}")),
    }];
    match (decided, status.as_str()) {
        (Some((name, at_ms)), "declined") => {
            entries.push(entry(at_ms, "refund_declined", format!("{name}驳回退款 {yuan}")))
        }
        (Some((name, at_ms)), _) if needed == 1 => {
            entries.push(entry(at_ms, "refund_approved", format!("{name}同意退款 {yuan}")));
        }
        _ => {}
    }
    let end = match (status.as_str(), kind.as_str()) {
        ("succeeded", "outside") => Some(("refunded", format!("线下退款 {yuan}，两人已确认"))),
        ("succeeded", _) => Some(("refunded", format!("退款成功 {yuan}"))),
        ("refused", _) => Some(("refund_ended", format!("支付机构拒绝退款 {yuan}"))),
        ("closed", _) => Some(("refund_ended", format!("退款 {yuan} 在支付机构关闭，没有退出"))),
        ("not_enough", _) => Some(("refund_waiting", format!("退款 {yuan} 待资金：商户账户余额不足"))),
        ("abnormal", _) => Some(("refund_abnormal", format!("退款 {yuan} 被退回，待人工处理"))),
        ("redirecting", _) => Some(("refund_redirected", format!("退款 {yuan} 改退到商户账户"))),
        _ => None,
    };
    let at_ms = success_at_ms.filter(|_| status == "succeeded").unwrap_or(updated_at_ms).max(asked_at_ms);
    entries.extend(end.map(|(kind, text)| entry(at_ms, kind, text)));
    Ok(entries)
}

/// The columns of `sql::ITEMS`: what a person decided about late or duplicate money.
pub(super) fn of_item(row: &Row) -> Result<TimelineEntry, DbError> {
    let (kind, how, name): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (at_ms, words): (i64, String) = (row.get(3)?, row.get(4)?);
    let what = match kind.as_str() {
        "late" => "迟到的付款",
        "duplicate" => "重复付款",
        _ => "待处理的款项",
    };
    let (kind, done) = if how == "claimed" { ("claimed", "认领") } else { ("explained", "说明并关闭") };
    let text = if words.is_empty() { format!("{name}{done}{what}") } else { format!("{name}{done}{what}：{words}") };
    Ok(TimelineEntry { at_ms, kind: kind.into(), text })
}
