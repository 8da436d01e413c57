use std::borrow::Cow;

use jiff::{Timestamp, tz};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

/// Everything but unreserved characters: what goes out is what was signed, whoever decodes it.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Why a call was not sent.
pub(crate) const BAD_NUMBER: &str = "an order number has 6 to 32 characters of 0-9 A-Z a-z _ - | *";

/// What a payer reads may have this many bytes; the documents do not say bytes or characters \[D 5\].
const MAX_DESCRIPTION: usize = 127;

/// Body of the three order calls (PROTOCOLS 1.6 \[D 5,7\]). Absent is absent: `null` and unknown fields are refused.
#[derive(Serialize)]
pub(crate) struct OrderBody<'a> {
    pub(crate) sp_appid: &'a str,
    pub(crate) sp_mchid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sub_appid: Option<&'a str>,
    pub(crate) sub_mchid: &'a str,
    pub(crate) description: String,
    pub(crate) out_trade_no: &'a str,
    pub(crate) time_expire: String,
    pub(crate) notify_url: &'a str,
    pub(crate) amount: AmountBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payer: Option<PayerBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scene_info: Option<SceneBody<'a>>,
}

#[derive(Serialize)]
pub(crate) struct AmountBody {
    pub(crate) total: i64,
    pub(crate) currency: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayerBody<'a> {
    SpOpenid(&'a str),
    SubOpenid(&'a str),
}

#[derive(Serialize)]
pub(crate) struct SceneBody<'a> {
    pub(crate) payer_client_ip: &'a str,
    pub(crate) h5_info: H5Body,
}

#[derive(Serialize)]
pub(crate) struct H5Body {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
}

/// Body of a close.
#[derive(Serialize)]
pub(crate) struct CloseBody<'a> {
    pub(crate) sp_mchid: &'a str,
    pub(crate) sub_mchid: &'a str,
}

/// Answers of the three order calls.
#[derive(Deserialize)]
pub(crate) struct JsapiAnswer {
    pub(crate) prepay_id: String,
}

#[derive(Deserialize)]
pub(crate) struct H5Answer {
    pub(crate) h5_url: String,
}

#[derive(Deserialize)]
pub(crate) struct NativeAnswer {
    pub(crate) code_url: String,
}

/// The answer of a reversal.
#[derive(Deserialize)]
pub(crate) struct ReverseAnswer<'a> {
    #[serde(borrow)]
    pub(crate) out_trade_no: Cow<'a, str>,
}

/// The body of an error.
#[derive(Deserialize)]
pub(crate) struct ErrorBody {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
}

/// A callback's envelope (PROTOCOLS 1.4). Texts are borrowed from the received bytes.
#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow)]
    pub(crate) event_type: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) resource: Sealed<'a>,
}

/// What is sealed with the APIv3 key.
#[derive(Deserialize)]
pub(crate) struct Sealed<'a> {
    #[serde(borrow)]
    pub(crate) algorithm: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) nonce: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) associated_data: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) ciphertext: Cow<'a, str>,
}

/// The answer of `GET /v3/certificates`.
#[derive(Deserialize)]
pub(crate) struct CertificatesAnswer<'a> {
    #[serde(borrow)]
    pub(crate) data: Vec<CertificateEntry<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct CertificateEntry<'a> {
    #[serde(borrow)]
    pub(crate) encrypt_certificate: Sealed<'a>,
}

/// An order as a query answers it and as a callback carries it.
#[derive(Deserialize)]
pub(crate) struct Order<'a> {
    #[serde(borrow, default)]
    pub(crate) sp_appid: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) sp_mchid: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) sub_appid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) sub_mchid: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) out_trade_no: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) transaction_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) trade_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) trade_state: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) trade_state_desc: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) success_time: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) payer: Option<OrderPayer<'a>>,
    #[serde(borrow, default)]
    pub(crate) amount: Option<OrderAmount<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct OrderPayer<'a> {
    #[serde(borrow, default)]
    pub(crate) sp_openid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) sub_openid: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub(crate) struct OrderAmount<'a> {
    #[serde(default)]
    pub(crate) total: Option<i64>,
    #[serde(default)]
    pub(crate) payer_total: Option<i64>,
    #[serde(borrow, default)]
    pub(crate) currency: Option<Cow<'a, str>>,
}

pub(crate) fn to_json(body: &impl Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(body).map_err(|why| format!("the request could not be written: {why}"))
}

pub(crate) fn encoded(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, RESERVED)
}

/// The address that opens the wallet, with `redirect_url`: where it comes back to \[D 5\].
pub(crate) fn coming_back(h5_url: String, return_url: Option<&str>) -> String {
    let mark = if h5_url.contains('?') { '&' } else { '?' };
    return_url.map_or_else(|| h5_url.clone(), |back| format!("{h5_url}{mark}redirect_url={}", encoded(back)))
}

/// Whether a number is one that the institution takes \[D 5\].
pub(crate) fn is_order_number(number: &str) -> bool {
    (6..=32).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-|*".contains(&b))
}

/// Whether a number is one that the institution takes for a refund \[D 4,9\].
pub(crate) fn is_refund_number(number: &str) -> bool {
    (1..=64).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-|*@".contains(&b))
}

/// Whether a number is one that the institution may have given: digits, at the real one.
pub(crate) fn is_their_number(number: &str) -> bool {
    (1..=64).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_graphic())
}

/// Where an order is asked about, by our number.
pub(crate) fn order_path(number: &str) -> Option<String> {
    is_order_number(number).then(|| format!("/v3/pay/partner/transactions/out-trade-no/{}", encoded(number)))
}

/// What the payer reads in the wallet.
pub(crate) fn description(text: &str) -> String {
    let kept = readable(text, MAX_DESCRIPTION);
    if kept.is_empty() { "付款".to_owned() } else { kept }
}

/// A text without what the institution refuses: characters of four bytes, control characters, length. Cut at a
/// character's border, in bytes, which is right whether the limit means bytes or characters.
pub(crate) fn readable(text: &str, max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max));
    for c in text.trim().chars() {
        let c = if c.is_control() { ' ' } else { c };
        if c.len_utf8() > 3 {
            continue;
        }
        if out.len() + c.len_utf8() > max {
            break;
        }
        out.push(c);
    }
    out.trim().to_owned()
}

/// `2018-06-08T10:34:56+08:00`, in whole seconds.
pub(crate) fn time_expire(at_ms: i64) -> Option<String> {
    let at = Timestamp::from_second(at_ms.div_euclid(1000)).ok()?;
    Some(at.display_with_offset(tz::offset(8)).to_string())
}

/// The instant of a `Date` header, in UTC milliseconds.
pub(crate) fn http_date_ms(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok().map(|at| at.as_millisecond())
}

/// The instant of an RFC 3339 text, in UTC milliseconds.
pub(crate) fn instant_ms(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(|at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_keeps_whole_characters_of_three_bytes_within_127_bytes_protocols_1_2() {
        assert_eq!(description(" 学费 🎓2026\n秋 "), "学费 2026 秋");
        let long = description(&"测".repeat(60));
        assert_eq!((long.len(), long.chars().count()), (126, 42));
        assert_eq!(description(&"a".repeat(200)).len(), 127);
        assert_eq!(description("🎓🎓"), "付款");
    }

    #[test]
    fn an_h5_address_says_where_to_come_back_protocols_1_5() {
        let at = |url: &str, back| coming_back(url.to_owned(), back);
        assert_eq!(at("https://wx.test/h5", None), "https://wx.test/h5");
        let back = Some("https://pay.test/pay/o1?back=1");
        let encoded = "redirect_url=https%3A%2F%2Fpay.test%2Fpay%2Fo1%3Fback%3D1";
        assert_eq!(at("https://wx.test/h5", back), format!("https://wx.test/h5?{encoded}"));
        assert_eq!(at("https://wx.test/h5?id=1", back), format!("https://wx.test/h5?id=1&{encoded}"));
    }

    #[test]
    fn times_are_rfc_3339_in_beijing_protocols_1_6() {
        assert_eq!(time_expire(1_528_425_296_789).as_deref(), Some("2018-06-08T10:34:56+08:00"));
        assert_eq!(instant_ms("2018-06-08T10:34:56+08:00"), Some(1_528_425_296_000));
        assert_eq!(instant_ms("2018-06-08T02:34:56Z"), Some(1_528_425_296_000));
        assert_eq!(instant_ms("2018-06-08 10:34:56"), None);
        assert_eq!(time_expire(i64::MAX), None);
        assert_eq!(http_date_ms("Fri, 08 Jun 2018 02:34:56 GMT"), Some(1_528_425_296_000));
    }

    #[test]
    fn only_what_the_institution_takes_is_an_order_number_protocols_1_6() {
        assert_eq!(order_path("a|b*c-1").as_deref(), Some("/v3/pay/partner/transactions/out-trade-no/a%7Cb%2Ac-1"));
        for number in ["short", &"1".repeat(33), "abc/../x", "abcdé1", "abc de"] {
            assert_eq!(order_path(number), None, "{number}");
        }
    }
}
