//! The page of an order: pays, waits, or is the receipt.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use db::Tx;
use money::Amount;
use qrcode::{QrCode, render::svg};
use serde_json::json;

use super::{
    dispute,
    page::{self, OrderStatus, OrderView, ShownField, ShownRefund},
    respond,
};
use crate::{
    App,
    collection_code::{self, Standing, merchant_of_token, standing},
    merchant::{self, ChannelKind, way_words},
    order::{self, Order, Status},
    payment::{self, Number},
    refund::{self, Refund},
    web::Problem,
};

/// The order of a page's address, and whose it is.
pub(super) async fn find(app: &App, token: &str) -> Result<(i64, Order), Problem> {
    let merchant_id = merchant_of_token('o', token).ok_or(order::Error::Unknown)?;
    let token = token.to_owned();
    let read = async move |tx: &mut Tx<'_>| order::find(tx, merchant_id, &token).await;
    let order = app.db.read(read).await?.ok_or(order::Error::Unknown)?;
    Ok((merchant_id, order))
}

/// `GET /pay/o…` as the page's script asks for it, while it waits.
pub async fn status(app: &App, token: &str) -> Response {
    match find(app, token).await {
        Ok((merchant_id, order)) => {
            if order.status.is_open() {
                order::look(app, merchant_id, order.order_id).await;
            }
            let wallet = match wallet(app, merchant_id, &order).await {
                Ok(wallet) => wallet.map(ChannelKind::name),
                Err(problem) => return problem.into_response(),
            };
            // A page that waits for its payment has it, whatever went back since.
            let status = if order.status.was_paid() { Status::Paid } else { order.status };
            let body = json!({ "status": status, "paid_at_ms": order.paid_at_ms, "wallet": wallet });
            ([("cache-control", "no-store")], Json(body)).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

/// With which wallet it was paid.
async fn wallet(app: &App, merchant_id: i64, order: &Order) -> Result<Option<ChannelKind>, Problem> {
    let Some(attempt) = order.paid_attempt else { return Ok(None) };
    let number = Number { merchant_id, order_id: order.order_id, attempt };
    let read = async move |tx: &mut Tx<'_>| payment::get(tx, number).await;
    Ok(app.db.read(read).await?.map(|payment| payment.channel))
}

/// `GET /pay/o…`
pub async fn show(app: &App, token: &str, headers: &HeaderMap) -> Response {
    match render(app, token).await {
        Ok(page) => respond::page(headers, StatusCode::OK, page),
        Err(problem) if problem.code == "code.unknown" => respond::message(headers, page::Message::UnknownOrder),
        Err(problem) => respond::refuse(headers, problem),
    }
}

async fn render(app: &App, token: &str) -> Result<page::Page, Problem> {
    let (merchant_id, order) = find(app, token).await?;
    if order.status.is_open() {
        order::look(app, merchant_id, order.order_id).await;
    }
    let wallet = wallet(app, merchant_id, &order).await?;
    let now_ms = app.clock.now_ms();
    let order_id = order.order_id;
    let (org_unit_id, code_token) = (order.org_unit_id, order.code_token.clone());
    let read = async move |tx: &mut Tx<'_>| {
        let accounts = merchant::accounts_of_unit(tx, merchant_id, org_unit_id).await?;
        let code = collection_code::find(tx, merchant_id, &code_token).await?;
        let usable = code.is_some_and(|code| {
            code.manager_active && standing(&code.state, code.expires_at_ms, now_ms) != Standing::Dead
        });
        let refunds = refund::of_order(tx, merchant_id, order_id).await?;
        let disputed = dispute::is_told(tx, merchant_id, order_id).await?;
        Ok::<_, refund::Error>((accounts, usable, disputed, refunds))
    };
    let (mut accounts, code_usable, disputed, refunds) = app.db.read(read).await?;
    accounts.retain(|account| !app.pulse.is_silent(&account.provider_key, now_ms));
    let url = format!("{}/pay/{token}", app.config.public_url);
    let view = OrderView {
        path: format!("/pay/{token}"),
        code_path: code_usable.then(|| format!("/pay/{}", order.code_token)),
        order_no: order.order_id.to_string(),
        merchant_full_name: order.merchant_full_name,
        manager_name: order.manager_name,
        amount: Amount::from_fen(order.amount_fen),
        fields: order.values.into_iter().map(|v| ShownField { label: v.label, value: v.value }).collect(),
        status: match (order.status, order.paid_at_ms) {
            (status, Some(at_ms)) if status.was_paid() => {
                OrderStatus::Paid { at_ms, wallet: wallet.map_or("", ChannelKind::name) }
            }
            (Status::Created, _) => OrderStatus::Created,
            (Status::Closed, _) => OrderStatus::Closed,
            (Status::Pending | Status::Paid | Status::PartlyRefunded | Status::Refunded, _) => OrderStatus::Pending,
        },
        refunds: refunds.into_iter().filter_map(shown_refund).collect(),
        created_at_ms: order.created_at_ms,
        ways: way_words(&accounts),
        disputed,
        scan_qr_svg: qr_svg(&url)?,
    };
    page::render_order(&view).map_err(|error| {
        tracing::error!(%error, "an order's page could not be rendered");
        Problem::internal()
    })
}

/// What the payer is told of a refund: that it came, or is on its way. What is not decided yet, or came to nothing, is not
/// the payer's to read.
fn shown_refund(refund: Refund) -> Option<ShownRefund> {
    use refund::Status::{
        Abnormal, Approved, Closed, Declined, NotEnough, Outside, Processing, Redirecting, Refused, Requested,
        Succeeded, Unknown,
    };
    let at_ms = match refund.status {
        Succeeded => Some(refund.success_at_ms.unwrap_or(refund.updated_at_ms)),
        Approved | Unknown | Processing | NotEnough | Abnormal | Redirecting => None,
        Requested | Outside | Declined | Refused | Closed => return None,
    };
    let account = refund.received_account.filter(|_| at_ms.is_some()).unwrap_or_default();
    Some(ShownRefund { amount: Amount::from_fen(refund.amount_fen), at_ms, account })
}

/// A code as a picture.
pub(super) fn qr_svg(text: &str) -> Result<String, Problem> {
    let code = QrCode::new(text).map_err(|_| Problem::internal())?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(220, 220).quiet_zone(true).build();
    // Inline in HTML the XML declaration has no place.
    Ok(svg.find("<svg").map_or(String::new(), |at| svg[at..].to_owned()))
}
