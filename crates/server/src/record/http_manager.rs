//! 收款记录 as the mini program asks for it.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::{
    cut::Cut,
    query::{MOST_CHARACTERS, MOST_WORDS, Query as Search, Refused},
    read::{self, RecordDetail, RecordPage, Today},
};
use crate::{
    app::Shared,
    session::ManagerSession,
    web::{ApiRouter, Json, Path, Problem, Query, Words},
};

/// The routes.
pub fn router() -> ApiRouter {
    ApiRouter::new().routes(routes!(get_today)).routes(routes!(list_records)).routes(routes!(get_record))
}

/// Today's count and sum.
#[utoipa::path(get, path = "/api/manager/today", tag = "manager",
    responses((status = 200, body = Today), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn get_today(State(app): State<Shared>, who: ManagerSession) -> Result<Json<Today>, Problem> {
    Ok(Json(read::today(&app, &who).await?))
}

/// Which records, and where a page of them begins.
#[derive(Deserialize, IntoParams)]
struct PageQuery {
    /// What is searched: words that a record must all contain, `=1280` (yuan) or `1000-2000`. At most 100 characters.
    q: Option<String>,
    /// `2026-11-23`: begins at the end of that day in Shanghai. A day to come cuts nothing off.
    until: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Records, newest first, fifteen at a time: all, or those that a search means.
#[utoipa::path(get, path = "/api/manager/records", tag = "manager", params(PageQuery),
    responses((status = 200, body = RecordPage), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn list_records(
    State(app): State<Shared>,
    who: ManagerSession,
    Query(asked): Query<PageQuery>,
) -> Result<Json<RecordPage>, Problem> {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let cursor = match filled(asked.cursor) {
        Some(text) => text.parse().map_err(|_| Problem::malformed("cursor is not an id"))?,
        None => i64::MAX,
    };
    let cut = match filled(asked.until) {
        Some(day) => Cut::of(&day, app.clock.now_ms()).ok_or_else(not_a_day)?,
        None => Cut::NONE,
    };
    let cut = cut.and_before(cursor);
    Ok(Json(match Search::of(&asked.q.unwrap_or_default()).map_err(refused)? {
        Some(search) => read::search(&app, &who, search, cut).await?,
        None => read::page(&app, &who, cut).await?,
    }))
}

fn not_a_day() -> Problem {
    Problem::new(Words {
        status: 400,
        code: "records.not_a_day",
        title: ("日期不对", "Not a date"),
        detail: ("请选择一个日期，例如 2026-11-23。", "Choose a date, such as 2026-11-23."),
    })
}

fn refused(why: Refused) -> Problem {
    let (code, zh, en) = match why {
        Refused::TooLong => (
            "search.too_long",
            format!("搜索内容最多 {MOST_CHARACTERS} 个字，请缩短后再试。"),
            format!("Search for at most {MOST_CHARACTERS} characters."),
        ),
        Refused::TooManyWords => (
            "search.too_many_words",
            format!("一次最多搜索 {MOST_WORDS} 个关键字，请减少几个再试。"),
            format!("Search for at most {MOST_WORDS} words at a time."),
        ),
    };
    let words = Words { status: 400, code, title: ("搜索内容太长", "Too much to search for"), detail: ("", "") };
    Problem { detail: zh, detail_en: en, ..Problem::new(words) }
}

/// All of one record.
#[utoipa::path(get, path = "/api/manager/records/{record_id}", tag = "manager",
    params(("record_id" = String, Path, description = "The record")),
    responses((status = 200, body = RecordDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn get_record(
    State(app): State<Shared>,
    who: ManagerSession,
    Path(record_id): Path<i64>,
) -> Result<Json<RecordDetail>, Problem> {
    read::detail(&app, &who, record_id).await?.map(Json).ok_or_else(Problem::not_found)
}
