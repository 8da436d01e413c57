//! 商家小票: in partner mode WeChat closes our page after a payment and frames this one in its own (点金计划). It may come
//! before the callback, so it asks the institution itself, and answers well within the three seconds that WeChat waits.
//!
//! The address carries `sub_mch_id`, `out_trade_no` and `check_code`, which the provider says is
//! `MD5(slip's address?sub_mch_id=…&out_trade_no=…&transaction_id=…)` \[C: its product description as quoted on its forum;
//! the example printed there does not come out by that rule, and developers report the same\]. Who knows the
//! `transaction_id` is WeChat or the payer. What does not fit shows nothing of the order and leaves the place to
//! WeChat's own page, so that a wrong guess at the rule shows too little and never too much.

use std::time::Duration;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use db::Tx;
use md5::{Digest, Md5};
use money::Amount;
use serde::Deserialize;
use tokio::time::timeout;

use super::{
    page::{self, Message, Slip, SlipView},
    respond, sql,
};
use crate::{
    App,
    app::Shared,
    merchant::ChannelKind,
    order,
    payment::{self, Number},
    web::{Problem, Query},
};

/// WeChat waits three seconds for the frame's first word.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What WeChat asks for. None of it is believed.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    sub_mch_id: String,
    #[serde(default)]
    out_trade_no: String,
    #[serde(default)]
    check_code: String,
}

/// `GET /pay/slip?sub_mch_id=&out_trade_no=&check_code=`
pub async fn show(State(app): State<Shared>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    let view = match slip(&app, &asked).await {
        Ok(view) => view,
        Err(problem) => {
            tracing::warn!(code = problem.code, "a merchant slip could not be made");
            SlipView::Waiting
        }
    };
    match page::render_slip(&view) {
        Ok(page) => respond::page(&headers, StatusCode::OK, page),
        Err(error) => {
            tracing::error!(%error, "a merchant slip could not be rendered");
            respond::message(&headers, Message::ServerError)
        }
    }
}

async fn slip(app: &App, asked: &Asked) -> Result<SlipView, Problem> {
    let Ok(number) = asked.out_trade_no.parse::<Number>() else { return Ok(SlipView::Foreign) };
    let read = async move |tx: &mut Tx<'_>| payment::get(tx, number).await;
    let Some(found) = app.db.read(read).await? else { return Ok(SlipView::Foreign) };
    if found.channel != ChannelKind::Wechatpay || found.account.sub_mchid != asked.sub_mch_id {
        return Ok(SlipView::Foreign);
    }
    if found.status.is_open() {
        // Dropped when it takes too long: the janitor asks again anyway.
        if let Ok(Err(error)) = timeout(PATIENCE, payment::ask(app, number)).await {
            tracing::info!(%error, %number, "a merchant slip could not ask");
        }
    }
    let read = async move |tx: &mut Tx<'_>| {
        let Number { merchant_id, order_id, attempt } = number;
        let paid = tx.query_opt(sql::PAID_AS, db::params![merchant_id, order_id, attempt]).await?;
        let order = order::get(tx, merchant_id, order_id).await?;
        Ok::<_, payment::Error>(paid.map(|row| row.get::<String>(0)).transpose()?.zip(order))
    };
    let Some((transaction_id, order)) = app.db.read(read).await? else {
        return Ok(if found.status.is_open() { SlipView::Waiting } else { SlipView::Foreign });
    };
    let expected = check_code(&app.config.public_url, &asked.sub_mch_id, &asked.out_trade_no, &transaction_id);
    if !expected.eq_ignore_ascii_case(&asked.check_code) {
        tracing::warn!(%number, "a merchant slip's check_code does not fit: left to the wallet's own page");
        return Ok(SlipView::Foreign);
    }
    Ok(SlipView::Paid(Slip {
        merchant_full_name: order.merchant_full_name,
        amount: Amount::from_fen(order.amount_fen),
        order_no: order.order_id.to_string(),
        back: format!("{}/pay/{}", app.config.public_url, order.token),
    }))
}

fn check_code(public_url: &str, sub_mch_id: &str, out_trade_no: &str, transaction_id: &str) -> String {
    let text = format!(
        "{public_url}/pay/slip?sub_mch_id={sub_mch_id}&out_trade_no={out_trade_no}&transaction_id={transaction_id}"
    );
    hex::encode(Md5::digest(text.as_bytes()))
}

#[cfg(test)]
pub(super) fn check_code_for_tests(sub_mch_id: &str, out_trade_no: &str, transaction_id: &str) -> String {
    check_code("http://pay.test", sub_mch_id, out_trade_no, transaction_id)
}
