//! `POST /pay/o…/failed`: a wallet's window closed with a refusal. The page tells what the wallet said and gets the
//! payer's sentence; the order's time line keeps the manager's. Nothing of it is believed: it changes no status.

use axum::{
    Json,
    body::Bytes,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use db::{Key, Tx};
use serde::{Deserialize, Serialize};

use super::{oauth, order_page::find};
use crate::{
    App,
    merchant::{ChannelKind, Way},
    order::Order,
    payment::{self, Number},
    refusal::{self, Kept, Kind},
    web::Problem,
};

/// What the wallet said.
#[derive(Deserialize)]
struct Told {
    channel: ChannelKind,
    way: Way,
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// What the payer is told.
#[derive(Serialize)]
struct Answer {
    /// Another account ordered: the page presses pay again, and is asked who pays.
    again: bool,
    code: &'static str,
    title: &'static str,
    title_en: &'static str,
    detail: &'static str,
    detail_en: &'static str,
}

/// `POST /pay/o…/failed`
pub async fn tell(app: &App, token: &str, headers: &HeaderMap, body: &Bytes) -> Response {
    match answer(app, token, headers, body).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn answer(app: &App, token: &str, headers: &HeaderMap, body: &Bytes) -> Result<Response, Problem> {
    let said: Told = serde_json::from_slice(body).map_err(Problem::malformed)?;
    let (merchant_id, order) = find(app, token).await?;
    let kind = told(app, merchant_id, &order, said.channel, (&said.code, &said.message)).await?;
    let words = kind.words();
    // Only a wallet's own browser can be asked again who pays. The attempt of the other account is closed now, so that
    // the next press makes one for whoever that turns out to be.
    let again = kind == Kind::WrongAccount && said.way == Way::Jsapi && order.status.is_open();
    let again = again && payment::drop_live(app, merchant_id, order.order_id).await?;
    let response = Json(Answer {
        again,
        code: words.code,
        title: words.title.0,
        title_en: words.title.1,
        detail: words.payer.0,
        detail_en: words.payer.1,
    });
    let response = ([("cache-control", "no-store")], response).into_response();
    Ok(if again { oauth::forget(app, headers, response) } else { response })
}

/// Keeps what was refused with its order and its live attempt, and says its kind.
pub async fn told(
    app: &App,
    merchant_id: i64,
    order: &Order,
    channel: ChannelKind,
    (code, message): (&str, &str),
) -> Result<Kind, Problem> {
    let (order_id, attempt) = (order.order_id, order.live_attempt.unwrap_or(0));
    let kept = Kept::of(channel, attempt, code, message, app.clock.now_ms());
    let kind = kept.kind;
    tracing::warn!(
        order_id,
        channel = channel.word(),
        kind = kind.words().code,
        said = kept.said,
        "a payment was refused"
    );
    let refusal_id = app.ids.mint();
    let write = async move |tx: &mut Tx<'_>| {
        if refusal::keep(tx, merchant_id, order_id, refusal_id, &kept).await? {
            payment::note(tx, Number { merchant_id, order_id, attempt }, &kept.said, kept.at_ms).await?;
        }
        Ok::<_, db::Error>(())
    };
    app.db.write(Key::of((merchant_id, order_id)), write).await?;
    Ok(kind)
}
