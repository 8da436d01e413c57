//! The books of both institutions, to the fen: what an auditor compares its own with (money rule 8 of who audits).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State as Extract};
use axum::routing::get;
use axum::{Json, Router};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::Error;

/// One payment that somebody made.
#[derive(Debug, Serialize)]
struct Success {
    provider: String,
    account: String,
    out_trade_no: String,
    transaction_id: String,
    fen: i64,
    paid_at_ms: i64,
    paid_by: String,
    /// From when queries and callbacks say so, UTC ms (later than the payment only by a fault).
    seen_from_ms: i64,
    /// Taken back at the till (撤销).
    reversed: bool,
}

/// One refund that was accepted.
#[derive(Debug, Serialize)]
struct Back {
    provider: String,
    account: String,
    out_trade_no: String,
    transaction_id: String,
    out_refund_no: String,
    fen: i64,
    /// `PROCESSING`, `SUCCESS`, `ABNORMAL` or `CLOSED`.
    status: String,
    at_ms: i64,
}

/// Sums of one account, fen.
#[derive(Debug, Default, Serialize)]
struct Total {
    successes: i64,
    success_fen: i64,
    refunds: i64,
    /// Refunds that were not closed.
    refund_fen: i64,
}

#[derive(Debug, Serialize)]
struct Ledger {
    at_ms: i64,
    successes: Vec<Success>,
    refunds: Vec<Back>,
    /// By account.
    totals: BTreeMap<String, Total>,
}

#[derive(Debug, Deserialize)]
struct Which {
    account: Option<String>,
    out_trade_no: Option<String>,
}

/// The route.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/ledger", get(show))
}

fn successes(connection: &Connection, which: &Which) -> rusqlite::Result<Vec<Success>> {
    connection
        .prepare_cached(
            "SELECT * FROM (
                 SELECT 'wechatpay', sub_mchid AS account, out_trade_no AS number, transaction_id,
                     json_extract(body, '$.amount.total'), paid_at_ms, paid_by, MAX(seen_from_ms, paid_at_ms),
                     state = 'REVOKED'
                 FROM pay_order WHERE transaction_id IS NOT NULL
                 UNION ALL
                 SELECT 'alipay', seller_id, out_trade_no, trade_no, total_fen, paid_at_ms, buyer,
                     MAX(seen_from_ms, paid_at_ms), 0
                 FROM alipay_trade WHERE paid_at_ms IS NOT NULL
             ) WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR number = ?2) ORDER BY paid_at_ms, transaction_id",
        )?
        .query_map(params![which.account, which.out_trade_no], |row| {
            Ok(Success {
                provider: row.get(0)?,
                account: row.get(1)?,
                out_trade_no: row.get(2)?,
                transaction_id: row.get(3)?,
                fen: row.get(4)?,
                paid_at_ms: row.get(5)?,
                paid_by: row.get(6)?,
                seen_from_ms: row.get(7)?,
                reversed: row.get(8)?,
            })
        })?
        .collect()
}

fn refunds(connection: &Connection, which: &Which, now_ms: i64) -> rusqlite::Result<Vec<Back>> {
    connection
        .prepare_cached(
            "SELECT * FROM (
                 SELECT 'wechatpay', sub_mchid AS account, out_trade_no AS number, transaction_id, out_refund_no, fen,
                     CASE WHEN ?3 < due_at_ms THEN 'PROCESSING' ELSE outcome END, refund.created_at_ms AS at_ms
                 FROM refund JOIN pay_order USING (out_trade_no)
                 UNION ALL
                 SELECT 'alipay', seller_id, out_trade_no, trade_no, out_request_no, alipay_refund.fen, 'SUCCESS', at_ms
                 FROM alipay_refund JOIN alipay_trade USING (trade_no)
             ) WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR number = ?2) ORDER BY at_ms, out_refund_no",
        )?
        .query_map(params![which.account, which.out_trade_no, now_ms], |row| {
            Ok(Back {
                provider: row.get(0)?,
                account: row.get(1)?,
                out_trade_no: row.get(2)?,
                transaction_id: row.get(3)?,
                out_refund_no: row.get(4)?,
                fen: row.get(5)?,
                status: row.get(6)?,
                at_ms: row.get(7)?,
            })
        })?
        .collect()
}

async fn show(Extract(app): Extract<Arc<App>>, Query(which): Query<Which>) -> Result<Json<Ledger>, Error> {
    let at_ms = app.now_ms();
    let (successes, refunds) = app.state.read(|connection| {
        Ok::<_, rusqlite::Error>((successes(connection, &which)?, refunds(connection, &which, at_ms)?))
    })?;
    let mut totals: BTreeMap<String, Total> = BTreeMap::new();
    for success in &successes {
        let total = totals.entry(success.account.clone()).or_default();
        total.successes += 1;
        total.success_fen += success.fen;
    }
    for back in refunds.iter().filter(|back| back.status != "CLOSED") {
        let total = totals.entry(back.account.clone()).or_default();
        total.refunds += 1;
        total.refund_fen += back.fen;
    }
    Ok(Json(Ledger { at_ms, successes, refunds, totals }))
}
