//! What needs a person, as the console asks for it.

use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::{
    act,
    list::{self, InboxDetail, InboxItem, InboxPage, Todo, Wanted},
};
use crate::{
    admin::{AdminSession, Permission},
    app::Shared,
    payment::Kind,
    refund::{Asker, checked_words},
    web::{ApiRouter, Client, Json, Path, Problem, Query},
};

const PAGE: i64 = 20;
const MAX_PAGE: i64 = 100;

/// The routes.
pub(super) fn router() -> ApiRouter {
    ApiRouter::new()
        .routes(routes!(list_inbox))
        .routes(routes!(get_inbox_item))
        .routes(routes!(claim_inbox_item))
        .routes(routes!(refund_inbox_item))
        .routes(routes!(explain_inbox_item))
        .routes(routes!(get_todo))
}

/// Which items.
#[derive(Deserialize, IntoParams)]
struct InboxQuery {
    /// `open` or `closed`; both without it.
    state: Option<String>,
    /// Only of this kind.
    kind: Option<String>,
    /// Only older than this item.
    cursor: Option<String>,
    /// How many, at most 100; 20 unless told.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// What needs a person in the admin's org unit and below, newest first.
#[utoipa::path(get, path = "/api/admin/inbox", tag = "admin", params(InboxQuery),
    responses((status = 200, body = InboxPage), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn list_inbox(
    State(app): State<Shared>,
    who: AdminSession,
    Query(query): Query<InboxQuery>,
) -> Result<Json<InboxPage>, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::malformed("limit must lie between 1 and 100"));
    }
    let below = match query.cursor.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map_err(|_| Problem::malformed("cursor is not an id"))?,
        None => i64::MAX,
    };
    let state = match query.state.as_deref().unwrap_or_default() {
        "" => "",
        "open" => "open",
        "closed" => "closed",
        _ => return Err(Problem::malformed("state is open or closed")),
    };
    let kind = match query.kind.as_deref().filter(|text| !text.is_empty()) {
        Some(word) => Some(Kind::of_word(word).ok_or_else(|| Problem::malformed("no such kind"))?),
        None => None,
    };
    Ok(Json(list::list(&app, &who, Wanted { state, kind, below, limit }).await?))
}

/// One item with its evidence.
#[utoipa::path(get, path = "/api/admin/inbox/{inbox_id}", tag = "admin",
    params(("inbox_id" = String, Path, description = "The item")),
    responses((status = 200, body = InboxDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn get_inbox_item(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(inbox_id): Path<i64>,
) -> Result<Json<InboxDetail>, Problem> {
    Ok(Json(list::detail(&app, &who, Asker::admin(&who, &client), inbox_id).await?))
}

/// What a person says with it.
#[derive(Deserialize, ToSchema)]
struct InboxWords {
    /// 1 to 80 characters; of a refund the payer reads it.
    words: String,
}

/// The company keeps late or duplicate money: it gets its record, the order stays as it is.
#[utoipa::path(post, path = "/api/admin/inbox/{inbox_id}/claim", tag = "admin", request_body = InboxWords,
    params(("inbox_id" = String, Path, description = "The item")),
    responses((status = 200, body = InboxItem), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn claim_inbox_item(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(inbox_id): Path<i64>,
    Json(said): Json<InboxWords>,
) -> Result<Json<InboxItem>, Problem> {
    who.must(Permission::InboxAct)?;
    let words = checked_words("words", &said.words)?;
    Ok(Json(list::view(act::claim(&app, Asker::admin(&who, &client), inbox_id, words).await?, &who)))
}

/// All of it goes back to the payer, by the usual way; the item closes when the payer has it.
#[utoipa::path(post, path = "/api/admin/inbox/{inbox_id}/refund", tag = "admin", request_body = InboxWords,
    params(("inbox_id" = String, Path, description = "The item")),
    responses((status = 200, body = InboxDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn refund_inbox_item(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(inbox_id): Path<i64>,
    Json(said): Json<InboxWords>,
) -> Result<Json<InboxDetail>, Problem> {
    who.must(Permission::InboxAct)?;
    who.must(Permission::RefundRequest)?;
    let asker = Asker::admin(&who, &client);
    act::refund(&app, asker.clone(), inbox_id, said.words).await?;
    Ok(Json(list::detail(&app, &who, asker, inbox_id).await?))
}

/// Closes it in words.
#[utoipa::path(post, path = "/api/admin/inbox/{inbox_id}/explain", tag = "admin", request_body = InboxWords,
    params(("inbox_id" = String, Path, description = "The item")),
    responses((status = 200, body = InboxItem), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn explain_inbox_item(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(inbox_id): Path<i64>,
    Json(said): Json<InboxWords>,
) -> Result<Json<InboxItem>, Problem> {
    who.must(Permission::InboxAct)?;
    let words = checked_words("words", &said.words)?;
    Ok(Json(list::view(act::explain(&app, Asker::admin(&who, &client), inbox_id, words).await?, &who)))
}

/// How much waits for a person.
#[utoipa::path(get, path = "/api/admin/todo", tag = "admin",
    responses((status = 200, body = Todo), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn get_todo(State(app): State<Shared>, who: AdminSession) -> Result<Json<Todo>, Problem> {
    Ok(Json(list::todo(&app, &who).await?))
}
