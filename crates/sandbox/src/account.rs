//! What a merchant has in its account here: payments less refunds, and what was settled to its bank or paid in.

use std::sync::Arc;

use axum::extract::State as Extract;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::Error;

/// Looking at accounts and moving their money.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/accounts", get(list).post(move_by_json)).route("/devtools/settle", post(settle_by_hand))
}

/// What `account` (a sub merchant's or a seller's number) has, fen.
///
/// # Errors
/// When the state file fails.
pub(crate) fn balance_fen(connection: &Connection, account: &str, now_ms: i64) -> rusqlite::Result<i64> {
    connection.query_row(
        "SELECT COALESCE((SELECT SUM(json_extract(body, '$.amount.total')) FROM pay_order
                          WHERE sub_mchid = ?1 AND transaction_id IS NOT NULL), 0)
              - COALESCE((SELECT SUM(refund.fen) FROM refund JOIN pay_order USING (out_trade_no)
                          WHERE sub_mchid = ?1 AND NOT (outcome = 'CLOSED' AND due_at_ms <= ?2)), 0)
              + COALESCE((SELECT SUM(total_fen) FROM alipay_trade
                          WHERE seller_id = ?1 AND paid_at_ms IS NOT NULL), 0)
              - COALESCE((SELECT SUM(alipay_refund.fen) FROM alipay_refund JOIN alipay_trade USING (trade_no)
                          WHERE alipay_trade.seller_id = ?1), 0)
              + COALESCE((SELECT SUM(fen) FROM movement WHERE account = ?1), 0)",
        params![account, now_ms],
        |row| row.get(0),
    )
}

/// `{account, fen}`: paid in when positive, taken out when negative; without `fen` everything is settled to the bank.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    account: String,
    fen: Option<i64>,
}

fn moved(app: &App, wanted: &Move) -> Result<i64, Error> {
    let now_ms = app.now_ms();
    app.state.write(|tx| {
        let fen = match wanted.fen {
            Some(fen) => fen,
            None => -balance_fen(tx, &wanted.account, now_ms)?,
        };
        tx.execute(
            "INSERT INTO movement (account, fen, what, at_ms) VALUES (?1, ?2, ?3, ?4)",
            params![wanted.account, fen, if fen > 0 { "充值" } else { "结算" }, now_ms],
        )?;
        Ok(balance_fen(tx, &wanted.account, now_ms)?)
    })
}

async fn move_by_json(Extract(app): Extract<Arc<App>>, Json(wanted): Json<Move>) -> Result<Json<Value>, Error> {
    let balance_fen = moved(&app, &wanted)?;
    Ok(Json(json!({ "account": wanted.account, "balance_fen": balance_fen })))
}

async fn settle_by_hand(Extract(app): Extract<Arc<App>>, Form(wanted): Form<Move>) -> Result<Redirect, Error> {
    moved(&app, &wanted)?;
    Ok(Redirect::to("/"))
}

async fn list(Extract(app): Extract<Arc<App>>) -> Result<Json<Value>, Error> {
    let now_ms = app.now_ms();
    let accounts = app.state.read(|connection| {
        connection
            .prepare("SELECT sub_mchid FROM sub_merchant UNION SELECT seller_id FROM alipay_seller ORDER BY 1")?
            .query_map([], |row| row.get::<_, String>(0))?
            .map(|account| {
                let account = account?;
                let balance_fen = balance_fen(connection, &account, now_ms)?;
                Ok(json!({ "account": account, "balance_fen": balance_fen }))
            })
            .collect::<Result<Vec<Value>, rusqlite::Error>>()
    })?;
    Ok(Json(Value::Array(accounts)))
}
