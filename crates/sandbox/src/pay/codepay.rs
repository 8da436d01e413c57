//! Paying by the code that the payer shows (付款码), and taking such a payment back (PROTOCOLS 1.7).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::ApiError;
use super::order::{self, Order, Standing, TradeType};
use super::place::{self, Parties};
use super::refund::Refund;
use super::request::{self, Amount};
use super::{query, tell};
use crate::app::App;
use crate::faults::{Call, Kind, Provider, take};
use crate::institution::SP_MCHID;
use crate::wallet;

/// Above this the payer is asked for the password, fen.
const FREE_FEN: i64 = 100_000;
/// How long the payer may take over the password, ms.
const PATIENCE_MS: i64 = 10 * 60_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields are accepted and checked for form; not all are acted on")]
struct CodePay {
    sp_appid: String,
    sp_mchid: String,
    sub_mchid: String,
    sub_appid: Option<String>,
    description: String,
    out_trade_no: String,
    attach: Option<String>,
    goods_tag: Option<String>,
    support_fapiao: Option<bool>,
    payer: Shown,
    amount: Amount,
    scene_info: Scene,
    settle_info: Option<Value>,
    detail: Option<Value>,
    limit_pay: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    auth_code: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "accepted and checked for form only")]
struct Scene {
    store_info: Store,
    device_id: Option<String>,
    device_ip: Option<String>,
    payer_client_ip: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Store {
    id: Option<String>,
    out_id: Option<String>,
}

/// `POST …/codepay`: the order object, paid or waiting for the password. There is no callback.
pub(crate) async fn pay(Extract(app): Extract<Arc<App>>, body: Bytes) -> Result<Json<Value>, ApiError> {
    let (given, mut value) = request::strict::<CodePay>(&body)?;
    request::out_trade_no(&given.out_trade_no)?;
    given.amount.check()?;
    if given.scene_info.store_info.id.is_none() && given.scene_info.store_info.out_id.is_none() {
        return Err(ApiError::parameter("scene_info/store_info", "store_info 须有 id 或 out_id"));
    }
    let now_ms = app.now_ms();
    app.state.write(|tx| {
        place::check_parties(tx, &given.parties(), TradeType::Code)?;
        if let Some(known) = order::by_out_trade_no(tx, &given.out_trade_no)? {
            return Err(spent(&known, now_ms));
        }
        let person =
            wallet::code::redeem(tx, Provider::WechatPay, &given.payer.auth_code, now_ms)?.map_err(|code| {
                ApiError::new(
                    StatusCode::BAD_REQUEST,
                    code,
                    "付款码无效、已过期或已使用，请收银员扫描付款人当前的付款码",
                )
            })?;
        // The code itself is spent; what is kept is whose it was.
        value["payer"] = json!({ "sp_openid": person });
        let at_ms = (now_ms, now_ms + PATIENCE_MS);
        let mut order = Order::new(&given.out_trade_no, &given.sub_mchid, TradeType::Code, value, at_ms);
        order.insert(tx)?;
        if given.amount.total <= FREE_FEN {
            order.pay(&person, now_ms);
            order.store_paid(tx)?;
        } else if take(tx, Kind::PasswordAsError, Call::Codepay, &tell::subject(&order, now_ms))?.is_some() {
            return Ok(Err(ApiError::new(StatusCode::BAD_REQUEST, "USERPAYING", "用户支付中，需要输入密码")));
        }
        Ok(Ok(Json(order.object(now_ms))))
    })?
}

impl CodePay {
    fn parties(&self) -> Parties<'_> {
        Parties {
            sp_mchid: &self.sp_mchid,
            sp_appid: &self.sp_appid,
            sub_mchid: &self.sub_mchid,
            sub_appid: self.sub_appid.as_deref(),
        }
    }
}

/// A number is used once, however it ended.
fn spent(known: &Order, now_ms: i64) -> ApiError {
    match known.standing(now_ms) {
        Standing::Success | Standing::Refund => ApiError::new(StatusCode::BAD_REQUEST, "ORDERPAID", "该订单已支付"),
        Standing::Closed | Standing::Revoked => {
            ApiError::new(StatusCode::BAD_REQUEST, "ORDER_CLOSED", "该订单已关闭或已撤销")
        }
        Standing::UserPaying | Standing::NotPay => {
            ApiError::new(StatusCode::FORBIDDEN, "OUT_TRADE_NO_USED", "商户订单号重复")
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the appids are accepted and not looked at")]
struct Whose {
    sp_mchid: String,
    sub_mchid: String,
    sp_appid: Option<String>,
    sub_appid: Option<String>,
}

/// `POST …/reverse`: closes an unpaid payment by code, gives a paid one back. Repeatable.
pub(crate) async fn reverse(
    Extract(app): Extract<Arc<App>>,
    Path(out_trade_no): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let (whose, _) = request::strict::<Whose>(&body)?;
    if whose.sp_mchid != SP_MCHID {
        return Err(ApiError::parameter("sp_mchid", "sp_mchid 与签名的商户号不一致"));
    }
    let now_ms = app.now_ms();
    app.state.write(|tx| {
        let order = order::by_out_trade_no(tx, &out_trade_no)?
            .filter(|order| order.sub_mchid == whose.sub_mchid)
            .ok_or_else(query::not_exist)?;
        if order.trade_type != TradeType::Code {
            return Err(ApiError::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "不是付款码支付的订单，不能撤销"));
        }
        if order.standing(now_ms) == Standing::Success {
            let number = format!("REVERSE{}", order.out_trade_no);
            Refund::new(&order, &number, order.amount_fen(), json!({}), now_ms).store(tx)?;
        }
        order.revoke(tx)?;
        Ok(Json(json!({
            "sp_mchid": SP_MCHID,
            "sub_mchid": order.sub_mchid,
            "out_trade_no": order.out_trade_no,
            "transaction_id": order.paid.as_ref().map_or("", |paid| &paid.transaction_id),
        })))
    })
}
