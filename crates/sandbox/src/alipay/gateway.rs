//! `/gateway.do`: every call is verified, carried out, and its answer signed over its own characters (PROTOCOLS 2.1).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{RawQuery, State as Extract};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use rusqlite::OptionalExtension as _;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::identity::{APP_ID, USER_ID_APP_ID};
use super::refusal::Refusal;
use super::{ask, bill, content, give_back, oauth, place, sign, till};
use crate::app::App;
use crate::clock::parse_beijing;
use crate::error::Error;
use crate::faults::{Call, Kind, Provider, Subject, take_now};
use crate::pay::never;
use crate::{callbacks, pages, wallet};

/// A verified call.
pub(crate) struct Asked<'a> {
    pub app: &'a App,
    pub app_id: String,
    pub params: BTreeMap<String, String>,
    /// `biz_content`.
    pub content: Value,
    pub now_ms: i64,
}

impl Asked<'_> {
    /// A parameter of the call, empty when it was not given.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// The seller who let the application act for it, if it has signed for `product` (any, when empty).
    ///
    /// # Errors
    /// 20001 without a good `app_auth_token`, 40006 without the product.
    pub fn seller(&self, product: &str) -> Result<String, Refusal> {
        let found: Option<(String, String)> = self.app.state.read(|connection| {
            connection
                .query_row(
                    "SELECT seller_id, products FROM alipay_seller WHERE app_auth_token = ?1",
                    [self.param("app_auth_token")],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()
        })?;
        let (seller_id, products) =
            found.ok_or_else(|| Refusal::new("20001", "aop.invalid-app-auth-token", "无效的应用授权令牌"))?;
        if product.is_empty() || products.split(' ').any(|signed| signed == product) {
            return Ok(seller_id);
        }
        Err(Refusal::new("40006", "isv.insufficient-isv-permissions", "ISV权限不足，商户未签约该产品"))
    }
}

/// The parameters of a call, from its query and its form.
pub(crate) fn parameters(query: Option<&str>, body: &[u8]) -> BTreeMap<String, String> {
    let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    query.chain(form_urlencoded::parse(body)).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// A call by one of our applications, signed by it.
///
/// # Errors
/// 40001 or 40002 that say which parameter is wrong.
pub(crate) fn checked(app: &App, params: BTreeMap<String, String>) -> Result<Asked<'_>, Refusal> {
    let invalid = |sub_code: &str, sub_msg: &str| Refusal::new("40002", sub_code, sub_msg);
    for name in ["app_id", "method", "charset", "sign_type", "sign", "timestamp", "version"] {
        if params.get(name).is_none_or(|value| value.is_empty()) {
            let sub_code = format!("isv.missing-{}", name.replace('_', "-"));
            return Err(Refusal::new("40001", sub_code, format!("缺少参数 {name}")));
        }
    }
    let app_id = params["app_id"].clone();
    if ![APP_ID, USER_ID_APP_ID].contains(&app_id.as_str()) {
        return Err(invalid("isv.invalid-app-id", "无效的AppID参数"));
    }
    if params["sign_type"] != "RSA2" {
        return Err(invalid("isv.invalid-signature-type", "无效的签名类型，只支持RSA2"));
    }
    if !params["charset"].eq_ignore_ascii_case("utf-8") {
        return Err(invalid("isv.invalid-charset", "字符集错误，只支持utf-8"));
    }
    if params["version"] != "1.0" {
        return Err(invalid("isv.invalid-version", "无效的版本"));
    }
    if params.get("format").is_some_and(|format| !format.is_empty() && !format.eq_ignore_ascii_case("json")) {
        return Err(invalid("isv.invalid-format", "无效的数据格式"));
    }
    if parse_beijing(&params["timestamp"]).is_none() {
        return Err(invalid("isv.invalid-timestamp", "非法的时间戳参数"));
    }
    if !sign::request_is_genuine(&app.alipay.app, &params) {
        return Err(invalid(
            "isv.invalid-signature",
            "验签出错，请确认charset参数放在了URL查询字符串中且各参数值使用charset参数指示的字符集编码",
        ));
    }
    let content = match params.get("biz_content").map_or("", String::as_str) {
        "" => json!({}),
        text => serde_json::from_str(text).map_err(|_| invalid("isv.invalid-parameter", "biz_content 不是JSON"))?,
    };
    Ok(Asked { app, app_id, params, content, now_ms: app.now_ms() })
}

fn call_of(method: &str) -> Call {
    match method {
        "alipay.trade.query" => Call::Query,
        "alipay.trade.close" => Call::Close,
        "alipay.trade.cancel" => Call::Reverse,
        "alipay.trade.pay" => Call::Codepay,
        "alipay.trade.refund" => Call::Refund,
        "alipay.trade.fastpay.refund.query" => Call::RefundQuery,
        "alipay.data.dataservice.bill.downloadurl.query" => Call::Bill,
        "alipay.system.oauth.token" => Call::Token,
        _ => Call::Prepay,
    }
}

/// Carries out a verified call.
fn carried_out(asked: &Asked<'_>) -> Result<Value, Refusal> {
    match asked.param("method") {
        "alipay.trade.create" => place::create(asked),
        "alipay.trade.precreate" => place::precreate(asked),
        "alipay.trade.pay" => till::pay(asked),
        "alipay.trade.query" => ask::query(asked),
        "alipay.trade.close" => ask::close(asked),
        "alipay.trade.cancel" => till::cancel(asked),
        "alipay.trade.refund" => give_back::refund(asked),
        "alipay.trade.fastpay.refund.query" => give_back::query(asked),
        "alipay.data.dataservice.bill.downloadurl.query" => bill::link(asked),
        "alipay.system.oauth.token" => oauth::token(asked),
        _ => Err(Refusal::new("40002", "isv.invalid-method", "不存在的方法名")),
    }
}

/// Whose call it is, for the faults.
fn subject(asked: &Asked<'_>) -> Subject {
    let (number, sum) = match (content::text(&asked.content, "out_request_no"), asked.param("method")) {
        (number, "alipay.trade.refund") if !number.is_empty() => (number, "refund_amount"),
        _ => (content::text(&asked.content, "out_trade_no"), "total_amount"),
    };
    let fen = content::fen(content::text(&asked.content, sum)).unwrap_or_default();
    let of = Subject { provider: Provider::Alipay, number: number.to_owned(), fen, now_ms: asked.now_ms };
    if fen > 0 {
        return of;
    }
    let known = asked.app.state.read(|connection| super::trade::by_number(connection, number));
    let fen = known.ok().flatten().map_or(0, |trade| trade.total_fen);
    Subject { fen, ..of }
}

/// Any method and any way of handing over the parameters.
pub(super) async fn answer(
    Extract(app): Extract<Arc<App>>,
    _: Method,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Error> {
    let params = parameters(query.as_deref(), &body);
    let method = params.get("method").cloned().unwrap_or_default();
    if method == "alipay.trade.wap.pay" {
        return page(&app, params);
    }
    let asked = match checked(&app, params) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(sealed(&app, "error_response", &refusal.json())),
    };
    let (call, of) = (call_of(&method), subject(&asked));
    let name = format!("{}_response", method.replace('.', "_"));
    if let Some(response) = instead(&app, &name, call, &of).await? {
        return Ok(response);
    }
    if call == Call::Close && take_now(&app, Kind::PaidDuringClose, call, &of)?.is_some() {
        wallet::alipay::pay_for(&app, &of.number);
    }
    let answer = match carried_out(&asked) {
        Ok(mut answer) => {
            // The token's answer alone has no code when it is good.
            if call != Call::Token && answer.get("code").is_none() {
                answer["code"] = json!("10000");
                answer["msg"] = json!("Success");
            }
            told_before(&app, call, &of).await?;
            answer
        }
        Err(refusal) if call == Call::Token || method.is_empty() => {
            return Ok(sealed(&app, "error_response", &refusal.json()));
        }
        Err(refusal) => refusal.json(),
    };
    if let Some(hold_ms) = take_now(&app, Kind::TimeoutAfterDone, call, &of)? {
        return Ok(never(hold_ms).await);
    }
    if let Some(hold_ms) = take_now(&app, Kind::Slow, call, &of)? {
        tokio::time::sleep(Duration::from_millis(hold_ms.unsigned_abs())).await;
    }
    if take_now(&app, Kind::Unsigned, call, &of)?.is_some() {
        return Ok(said(format!("{{\"{name}\":{}}}", raw(&answer))));
    }
    if take_now(&app, Kind::WrongSignature, call, &of)?.is_some() {
        let sign = sign::answer(&app.alipay.alipay, "{}");
        return Ok(said(format!("{{\"{name}\":{},\"sign\":\"{sign}\"}}", raw(&answer))));
    }
    Ok(sealed(&app, &name, &answer))
}

/// The characters of an answer: slashes come escaped, as Alipay's serializer has them.
fn raw(answer: &Value) -> String {
    answer.to_string().replace('/', "\\/")
}

fn sealed(app: &App, name: &str, answer: &Value) -> Response {
    let raw = raw(answer);
    let sign = sign::answer(&app.alipay.alipay, &raw);
    said(format!("{{\"{name}\":{raw},\"sign\":\"{sign}\"}}"))
}

fn said(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json;charset=utf-8")], text).into_response()
}

/// The faults that come instead of an answer.
async fn instead(app: &App, name: &str, call: Call, of: &Subject) -> Result<Option<Response>, Error> {
    if take_now(app, Kind::Down, call, of)?.is_some() {
        return Ok(Some(never(0).await));
    }
    if take_now(app, Kind::SystemError, call, of)?.is_some() {
        let refusal = match call {
            Call::Query | Call::Refund | Call::Codepay => Refusal::business("SYSTEM_ERROR", "接口返回错误"),
            _ => Refusal::new("20000", "isp.unknow-error", "系统繁忙"),
        };
        return Ok(Some(sealed(app, name, &refusal.json())));
    }
    if take_now(app, Kind::RateLimited, call, of)?.is_some() {
        let refusal = Refusal::new("40005", "isv.app-call-limited", "应用调用次数超限");
        return Ok(Some(sealed(app, name, &refusal.json())));
    }
    if take_now(app, Kind::Unavailable, call, of)?.is_some() {
        return Ok(Some(StatusCode::SERVICE_UNAVAILABLE.into_response()));
    }
    if take_now(app, Kind::Html, call, of)?.is_some() {
        return Ok(Some(Html("<!doctype html><title>502</title><p>upstream is away</p>").into_response()));
    }
    Ok(match take_now(app, Kind::TimeoutNotDone, call, of)? {
        Some(hold_ms) => Some(never(hold_ms).await),
        None => None,
    })
}

/// The faults "paid and told before the order call was answered" and the same for a refund.
async fn told_before(app: &Arc<App>, call: Call, of: &Subject) -> Result<(), Error> {
    match call {
        Call::Prepay if take_now(app, Kind::CallbackBeforeAnswer, call, of)?.is_some() => {
            wallet::alipay::pay_for(app, &of.number);
        }
        Call::Refund if take_now(app, Kind::RefundToldBeforeAnswer, call, of)?.is_some() => {}
        _ => return Ok(()),
    }
    callbacks::deliver_due(app).await
}

/// `alipay.trade.wap.pay`: sends the browser on to the wallet's page; a wrong link gets a page that says so.
fn page(app: &App, params: BTreeMap<String, String>) -> Result<Response, Error> {
    match checked(app, params).and_then(|asked| place::wap(&asked)) {
        Ok(token) => Ok(axum::response::Redirect::to(&format!("/wallet/alipay?token={token}")).into_response()),
        Err(refusal) => {
            let words = refusal.json();
            let text = format!(
                "{} {}",
                words["sub_code"].as_str().unwrap_or_default(),
                words["sub_msg"].as_str().unwrap_or_default()
            );
            Ok((StatusCode::BAD_REQUEST, pages::notice("支付宝：无法付款", &text)?).into_response())
        }
    }
}

/// The page's offer, for a script that holds the address instead of a browser.
///
/// # Errors
/// What the page would say.
pub(crate) fn offer_of(app: &App, address: &url::Url) -> Result<String, Refusal> {
    checked(app, parameters(address.query(), b"")).and_then(|asked| place::wap(&asked))
}
