//! "不是我要付的": a payer says so on the receipt or the order's page, and admin and manager are told at once (PRODUCT 4).
//! One item of an order, however often it is pressed. It moves no money: a person looks, and refunds.

use axum::{
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use db::{Error as DbError, Key, Tx, params};

use super::{order_page::find, respond, sql};
use crate::{
    App, audit,
    payment::{self, Item, Kind, Number},
    web::{Client, Problem},
};

/// `POST /pay/o…/dispute`; the page comes back and says that it was told.
pub async fn tell(app: &App, token: &str, client: &Client, headers: &HeaderMap) -> Response {
    match write(app, token, client).await {
        Ok(()) => Redirect::to(&format!("/pay/{token}")).into_response(),
        Err(problem) => respond::refuse(headers, problem),
    }
}

async fn write(app: &App, token: &str, client: &Client) -> Result<(), Problem> {
    let (merchant_id, order) = find(app, token).await?;
    let (inbox_id, audit_id, now_ms) = (app.ids.mint(), app.ids.mint(), app.clock.now_ms());
    let network = client.network();
    let work = async move |tx: &mut Tx<'_>| {
        let attempt = order.paid_attempt.or(order.live_attempt).unwrap_or(0);
        let paid = order.paid_at_ms.is_some();
        let detail = if paid {
            "付款人表示：不是我要付的（已付款）"
        } else {
            "付款人表示：不是我要付的（未付款）"
        };
        let item = Item {
            inbox_id,
            kind: Kind::Disputed,
            key: order.order_id.to_string(),
            number: Number { merchant_id, order_id: order.order_id, attempt },
            amount_fen: order.amount_fen,
            refund_id: None,
            detail,
            manager_id: Some(order.manager_id),
            now_ms,
        };
        if payment::raise(tx, &item).await? {
            let subject = format!("order:{}", order.order_id);
            let entry = audit::Entry {
                merchant_id,
                audit_id,
                at_ms: now_ms,
                actor: "payer",
                action: "order.dispute",
                subject: &subject,
                detail,
                network: &network,
            };
            audit::write(tx, &entry).await?;
        }
        Ok::<_, DbError>(())
    };
    app.db.write(Key::of((merchant_id, "dispute")), work).await?;
    app.hub.wake(merchant_id);
    Ok(())
}

/// Whether the payer of an order has said so.
pub async fn is_told(tx: &mut Tx<'_>, merchant_id: i64, order_id: i64) -> Result<bool, DbError> {
    let key = format!("{}:{order_id}", Kind::Disputed.word());
    Ok(tx.query_opt(sql::DISPUTED, params![merchant_id, &key]).await?.is_some())
}
