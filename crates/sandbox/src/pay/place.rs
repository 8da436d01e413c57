//! Placing an order: JSAPI, H5, Native.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde_json::{Value, json};

use super::answer::ApiError;
use super::order::{self, Order, Standing, TradeType};
use super::request::{self, Place};
use crate::app::App;
use crate::clock::beijing;
use crate::institution::{MINI_PROGRAM, OFFICIAL_ACCOUNT, SP_MCHID};
use crate::platform::users;
use crate::random;

/// Error number of a repeated order number with other parameters.
const REPEATED_DIFFERENTLY: u32 = 268_498_688;

pub(crate) async fn jsapi(Extract(app): Extract<Arc<App>>, body: Bytes) -> Result<Json<Value>, ApiError> {
    let token = place(&app, TradeType::Jsapi, &body)?;
    Ok(Json(json!({ "prepay_id": token })))
}

pub(crate) async fn h5(Extract(app): Extract<Arc<App>>, body: Bytes) -> Result<Json<Value>, ApiError> {
    let token = place(&app, TradeType::H5, &body)?;
    let package = random::digits(10);
    Ok(Json(json!({
        "h5_url": format!("{}/wallet/h5?prepay_id={token}&package={package}", app.settings.public_url)
    })))
}

pub(crate) async fn native(Extract(app): Extract<Arc<App>>, body: Bytes) -> Result<Json<Value>, ApiError> {
    let token = place(&app, TradeType::Native, &body)?;
    Ok(Json(json!({ "code_url": format!("weixin://wxpay/bizpayurl?pr={token}") })))
}

/// Makes the order, or repeats it when everything is the same, and gives a fresh credential.
fn place(app: &App, trade_type: TradeType, body: &[u8]) -> Result<String, ApiError> {
    let (place, value) = request::strict::<Place>(body)?;
    place.check(trade_type)?;
    let now_ms = app.now_ms();
    let expires_at_ms = place.expires_at_ms(now_ms)?;
    app.state.write(|tx| {
        let sub_appid = check_parties(tx, &place.parties(), trade_type)?;
        check_payer(tx, &place, &sub_appid)?;
        match order::by_out_trade_no(tx, &place.out_trade_no)? {
            Some(known) => check_repeat(&known, trade_type, &value, now_ms)?,
            None => Order::new(&place.out_trade_no, &place.sub_mchid, trade_type, value, (now_ms, expires_at_ms))
                .insert(tx)?,
        }
        credential(tx, &place.out_trade_no, trade_type, now_ms)
    })
}

/// Who orders for whom, and through which app.
pub(crate) struct Parties<'a> {
    pub sp_mchid: &'a str,
    pub sp_appid: &'a str,
    pub sub_mchid: &'a str,
    pub sub_appid: Option<&'a str>,
}

impl Place {
    fn parties(&self) -> Parties<'_> {
        Parties {
            sp_mchid: &self.sp_mchid,
            sp_appid: &self.sp_appid,
            sub_mchid: &self.sub_mchid,
            sub_appid: self.sub_appid.as_deref(),
        }
    }
}

/// Who orders for whom, through which app, and whether they may; gives the merchant's own appid.
pub(crate) fn check_parties(
    tx: &Transaction<'_>,
    place: &Parties<'_>,
    trade_type: TradeType,
) -> Result<String, ApiError> {
    if place.sp_mchid != SP_MCHID {
        return Err(ApiError::parameter("sp_mchid", "sp_mchid 与签名的商户号不一致"));
    }
    if place.sub_mchid == place.sp_mchid {
        return Err(ApiError::parameter("sub_mchid", "子商户号不能与服务商商户号相同"));
    }
    if ![OFFICIAL_ACCOUNT, MINI_PROGRAM].contains(&place.sp_appid) {
        return Err(mismatch("sp_appid 和 sp_mchid 不匹配，请检查是否已绑定"));
    }
    let merchant: Option<(String, String)> = tx
        .query_row("SELECT sub_appid, products FROM sub_merchant WHERE sub_mchid = ?1", [place.sub_mchid], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((sub_appid, products)) = merchant else {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "MCH_NOT_EXISTS", "特约商户号不存在，请检查sub_mchid"));
    };
    if !products.split(' ').any(|product| product == trade_type.word()) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "NO_AUTH",
            "特约商户未开通或未授权该支付产品，请先在商户平台开通",
        ));
    }
    if place.sub_appid.is_some_and(|given| given != sub_appid) {
        return Err(mismatch("sub_appid 和 sub_mchid 不匹配，请检查是否已绑定"));
    }
    Ok(sub_appid)
}

/// Paid by whom.
fn check_payer(tx: &Transaction<'_>, place: &Place, sub_appid: &str) -> Result<(), ApiError> {
    let Some(payer) = &place.payer else { return Ok(()) };
    let (appid, openid) = match (&payer.sp_openid, &payer.sub_openid) {
        (Some(openid), _) => (place.sp_appid.as_str(), openid),
        (None, Some(openid)) => (sub_appid, openid),
        (None, None) => return Ok(()),
    };
    if !users::known(tx, appid, openid)? {
        return Err(ApiError::parameter("payer", "无效的openid：该用户与appid不匹配"));
    }
    Ok(())
}

fn mismatch(message: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "APPID_MCHID_NOT_MATCH", message)
}

/// The same number again (PROTOCOLS 1.6): spent after payment or close, otherwise everything must be the same.
fn check_repeat(known: &Order, trade_type: TradeType, value: &Value, now_ms: i64) -> Result<(), ApiError> {
    match known.standing(now_ms) {
        Standing::Success | Standing::Refund => {
            return Err(ApiError::new(StatusCode::BAD_REQUEST, "ORDERPAID", "该订单已支付"));
        }
        Standing::Closed | Standing::Revoked => {
            return Err(ApiError::new(StatusCode::BAD_REQUEST, "ORDER_CLOSED", "该订单已关闭"));
        }
        Standing::NotPay | Standing::UserPaying => {}
    }
    let invalid = |message: &str| ApiError::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message);
    if known.trade_type != trade_type || known.body != *value {
        return Err(invalid("请求重入时，参数与首次请求时不一致").number(REPEATED_DIFFERENTLY));
    }
    if now_ms >= known.expires_at_ms {
        return Err(invalid("订单已过期，请使用新的商户订单号下单"));
    }
    Ok(())
}

fn credential(
    tx: &Transaction<'_>,
    out_trade_no: &str,
    trade_type: TradeType,
    now_ms: i64,
) -> Result<String, ApiError> {
    let (kind, life_ms) = trade_type.credential();
    let token = match trade_type {
        TradeType::Native | TradeType::Code => random::alphanumeric(9),
        TradeType::Jsapi | TradeType::H5 => format!("wx{}{}", beijing(now_ms, "%d%H%M%S"), random::hex(13)),
    };
    tx.prepare_cached("INSERT INTO credential (token, kind, out_trade_no, expires_at_ms) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![token, kind, out_trade_no, now_ms + life_ms])?;
    Ok(token)
}
