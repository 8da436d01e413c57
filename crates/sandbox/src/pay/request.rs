//! The order call's body and what is checked on its face (PROTOCOLS 1.2 and 1.6).

use std::net::IpAddr;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::ApiError;
use super::order::TradeType;
use crate::clock::parse_rfc3339;

/// Error number of a body with unknown fields.
const UNKNOWN_FIELD: u32 = 270_924_358;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields are accepted and checked for form; the pretend institution does not act on all"
)]
pub(crate) struct Place {
    pub sp_appid: String,
    pub sp_mchid: String,
    pub sub_mchid: String,
    pub sub_appid: Option<String>,
    pub description: String,
    pub out_trade_no: String,
    pub notify_url: String,
    pub amount: Amount,
    pub payer: Option<Payer>,
    pub time_expire: Option<String>,
    pub attach: Option<String>,
    pub goods_tag: Option<String>,
    pub settle_info: Option<SettleInfo>,
    pub support_fapiao: Option<bool>,
    pub detail: Option<Value>,
    pub scene_info: Option<SceneInfo>,
    pub limit_pay: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Amount {
    pub total: i64,
    pub currency: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payer {
    pub sp_openid: Option<String>,
    pub sub_openid: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "profit sharing is frozen money, which this institution does not keep")]
pub(crate) struct SettleInfo {
    pub profit_sharing: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields are accepted and checked for form only")]
pub(crate) struct SceneInfo {
    pub payer_client_ip: Option<String>,
    pub device_id: Option<String>,
    pub store_info: Option<Value>,
    pub h5_info: Option<H5Info>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields are accepted and checked for form only")]
pub(crate) struct H5Info {
    #[serde(rename = "type")]
    pub kind: String,
    pub app_name: Option<String>,
    pub app_url: Option<String>,
    pub bundle_id: Option<String>,
    pub package_name: Option<String>,
}

/// Reads a body with no field too many, no `null` and only characters of up to three bytes; gives it typed and as
/// the JSON that repeats are compared with.
///
/// # Errors
/// 400 `PARAM_ERROR`.
pub(crate) fn strict<T: DeserializeOwned>(body: &[u8]) -> Result<(T, Value), ApiError> {
    let text = std::str::from_utf8(body).map_err(|_| ApiError::parameter("body", "请求体不是UTF-8"))?;
    if text.chars().any(|character| character.len_utf8() > 3) {
        return Err(ApiError::parameter("body", "输入源含有不支持的字符（仅支持1至3字节的UTF-8字符）"));
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| ApiError::parameter("body", format!("请求体不是JSON: {error}")))?;
    if let Some(path) = null_in(&value) {
        return Err(ApiError::parameter(&path, "参数值不能为null"));
    }
    let typed = serde_json::from_value(value.clone())
        .map_err(|error| ApiError::parameter("body", format!("参数错误: {error}")).number(UNKNOWN_FIELD))?;
    Ok((typed, value))
}

fn null_in(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Object(map) => map.iter().find_map(|(name, value)| null_in(value).map(|path| format!("/{name}{path}"))),
        Value::Array(list) => {
            list.iter().enumerate().find_map(|(at, value)| null_in(value).map(|path| format!("/{at}{path}")))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

impl Amount {
    /// At least a fen, in CNY.
    ///
    /// # Errors
    /// 400 `PARAM_ERROR` naming the field.
    pub fn check(&self) -> Result<(), ApiError> {
        if self.total < 1 {
            return Err(ApiError::parameter("amount/total", "金额须为不小于1的整数，单位为分"));
        }
        if self.currency.as_deref().is_some_and(|currency| currency != "CNY") {
            return Err(ApiError::parameter("amount/currency", "币种只支持CNY"));
        }
        Ok(())
    }
}

impl Place {
    /// Checks lengths, characters and what each way of paying requires.
    ///
    /// # Errors
    /// 400 `PARAM_ERROR` naming the field.
    pub fn check(&self, trade_type: TradeType) -> Result<(), ApiError> {
        out_trade_no(&self.out_trade_no)?;
        notify_url(&self.notify_url, 255)?;
        for (field, text, most) in [
            ("description", Some(&self.description), 127),
            ("attach", self.attach.as_ref(), 128),
            ("goods_tag", self.goods_tag.as_ref(), 32),
        ] {
            let length = text.map_or(1, |text| text.chars().count());
            if length == 0 || length > most {
                return Err(ApiError::parameter(field, format!("{field} 长度须为1至{most}个字符")));
            }
        }
        self.amount.check()?;
        self.check_payer(trade_type)?;
        self.check_scene(trade_type)
    }

    fn check_payer(&self, trade_type: TradeType) -> Result<(), ApiError> {
        match (trade_type, &self.payer) {
            (TradeType::Jsapi, None) => Err(ApiError::parameter("payer", "缺少payer")),
            (TradeType::H5 | TradeType::Native | TradeType::Code, Some(_)) => {
                Err(ApiError::parameter("payer", "该支付方式没有参数payer").number(UNKNOWN_FIELD))
            }
            (TradeType::H5 | TradeType::Native | TradeType::Code, None) => Ok(()),
            (TradeType::Jsapi, Some(payer)) => match (&payer.sp_openid, &payer.sub_openid) {
                (None, None) => Err(ApiError::parameter("payer", "sp_openid和sub_openid须二选一")),
                (Some(_), Some(_)) => Err(ApiError::parameter("payer", "sp_openid和sub_openid只能传其一")),
                (None, Some(_)) if self.sub_appid.is_none() => {
                    Err(ApiError::parameter("sub_appid", "传sub_openid时须传sub_appid"))
                }
                (None, Some(_)) | (Some(_), None) => Ok(()),
            },
        }
    }

    fn check_scene(&self, trade_type: TradeType) -> Result<(), ApiError> {
        let scene = self.scene_info.as_ref();
        let ip = scene.and_then(|scene| scene.payer_client_ip.as_ref());
        if ip.is_some_and(|ip| ip.parse::<IpAddr>().is_err()) {
            return Err(ApiError::parameter("scene_info/payer_client_ip", "不是IP地址"));
        }
        let h5 = scene.and_then(|scene| scene.h5_info.as_ref());
        if trade_type == TradeType::H5 {
            if ip.is_none() || h5.is_none() {
                return Err(ApiError::parameter("scene_info", "H5支付须传payer_client_ip和h5_info"));
            }
        } else if h5.is_some() {
            return Err(ApiError::parameter("scene_info/h5_info", "该支付方式没有参数h5_info").number(UNKNOWN_FIELD));
        }
        Ok(())
    }

    /// Last moment to pay, UTC ms: as asked but not sooner than a minute from now, 7 days when not asked.
    ///
    /// # Errors
    /// 400 `PARAM_ERROR` when it is not RFC 3339.
    pub fn expires_at_ms(&self, now_ms: i64) -> Result<i64, ApiError> {
        let latest = now_ms + super::order::UNPAID_LIFE_MS;
        match &self.time_expire {
            None => Ok(latest),
            Some(text) => parse_rfc3339(text)
                .map(|at_ms| at_ms.clamp(now_ms + 60_000, latest))
                .ok_or_else(|| ApiError::parameter("time_expire", "time_expire 须为 RFC 3339 格式")),
        }
    }
}

/// The form of an order number.
///
/// # Errors
/// 400 `PARAM_ERROR`.
pub(crate) fn out_trade_no(number: &str) -> Result<(), ApiError> {
    let fits = (6..=32).contains(&number.len());
    if fits && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-|*".contains(&byte)) {
        return Ok(());
    }
    Err(ApiError::parameter("out_trade_no", "out_trade_no 须为6至32个字符，只能是数字、大小写字母和_-|*"))
}

/// The form of an address for callbacks, at most `most` bytes long.
///
/// # Errors
/// 400 `PARAM_ERROR`.
pub(crate) fn notify_url(text: &str, most: usize) -> Result<(), ApiError> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let plain = url.is_some_and(|url| url.query().is_none() && url.fragment().is_none() && url.has_host());
    if plain && text.len() <= most {
        return Ok(());
    }
    Err(ApiError::parameter(
        "notify_url",
        format!("notify_url 须为完整的http或https地址，不带参数，不超过{most}个字符"),
    ))
}
