//! A manager asks for a refund of an own record; finance approves (PRODUCT 5).

use axum::{extract::State, http::StatusCode};
use db::{Tx, params};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{Asker, Error, RefundShown, Request, request::request, sql};
use crate::{
    app::Shared,
    payment::Number,
    session::ManagerSession,
    web::{ApiRouter, Client, Json, Path, Problem},
};

/// The routes.
pub(super) fn router() -> ApiRouter {
    ApiRouter::new().routes(routes!(request_record_refund))
}

/// What a manager asks for.
#[derive(Deserialize, ToSchema)]
struct RecordRefund {
    /// How much of it, fen.
    amount_fen: i64,
    /// Why; the payer reads it. 1 to 80 characters.
    reason: String,
    /// The screen's own key: the same one again is the same refund.
    submission: Option<String>,
}

/// Asks for a refund of a record. It waits for somebody of the back office.
#[utoipa::path(post, path = "/api/manager/records/{record_id}/refund", tag = "manager", request_body = RecordRefund,
    params(("record_id" = String, Path, description = "The record")),
    responses((status = 201, body = RefundShown), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn request_record_refund(
    State(app): State<Shared>,
    who: ManagerSession,
    client: Client,
    Path(record_id): Path<i64>,
    Json(wanted): Json<RecordRefund>,
) -> Result<(StatusCode, Json<RefundShown>), Problem> {
    let (merchant_id, manager_id) = (who.merchant_id, who.manager_id);
    let find = async move |tx: &mut Tx<'_>| {
        let row = tx.query_opt(sql::RECORD_PAYMENT, params![merchant_id, manager_id, record_id]).await?;
        let row = row.ok_or(Error::Unknown)?;
        Ok::<_, Error>(Number { merchant_id, order_id: row.get(0)?, attempt: row.get(1)? })
    };
    let payment = app.db.read(find).await?;
    let RecordRefund { amount_fen, reason, submission } = wanted;
    let wanted = Request { payment, amount_fen, reason, submission, outside: false, item: None };
    let refund = request(&app, Asker::manager(&who, &client), wanted).await?;
    Ok((StatusCode::CREATED, Json(refund.into())))
}
