//! What goes out and comes back, in Alipay's names (PROTOCOLS 2.2; \[S java\]: the comments of Alipay's own Java SDK).

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use money::Amount;
use serde::{Deserialize, Serialize};

pub(crate) const CREATE: &str = "alipay.trade.create";
pub(crate) const PRECREATE: &str = "alipay.trade.precreate";
pub(crate) const WAP_PAY: &str = "alipay.trade.wap.pay";
pub(crate) const PAY: &str = "alipay.trade.pay";
pub(crate) const QUERY: &str = "alipay.trade.query";
pub(crate) const CLOSE: &str = "alipay.trade.close";
pub(crate) const CANCEL: &str = "alipay.trade.cancel";
pub(crate) const REFUND: &str = "alipay.trade.refund";
pub(crate) const REFUND_QUERY: &str = "alipay.trade.fastpay.refund.query";
pub(crate) const BILL: &str = "alipay.data.dataservice.bill.downloadurl.query";
pub(crate) const OAUTH_TOKEN: &str = "alipay.system.oauth.token";

pub(crate) const CERTIFICATE: &str = "alipay.open.app.alipaycert.download";

/// Why a call was not sent.
pub(crate) const BAD_NUMBER: &str = "a number has 1 to 64 letters, digits and _";

/// What a payer reads may have this many characters \[D 12\].
const MAX_SUBJECT: usize = 256;

/// Alipay's clock is Beijing's, without saying so.
const BEIJING: Offset = Offset::constant(8);

/// Body of the three calls that open a trade. Absent is absent.
#[derive(Default, Serialize)]
pub(crate) struct OpenBody<'a> {
    pub(crate) out_trade_no: &'a str,
    pub(crate) total_amount: String,
    pub(crate) subject: String,
    pub(crate) time_expire: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seller_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) buyer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) buyer_open_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) product_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) op_app_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quit_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extend_params: Option<ExtendBody<'a>>,
}

/// Whom Alipay credits for the trade.
#[derive(Serialize)]
pub(crate) struct ExtendBody<'a> {
    pub(crate) sys_service_provider_id: &'a str,
}

/// Body of a payment by code.
#[derive(Serialize)]
pub(crate) struct PayBody<'a> {
    pub(crate) out_trade_no: &'a str,
    pub(crate) total_amount: String,
    pub(crate) subject: String,
    pub(crate) scene: &'static str,
    pub(crate) auth_code: &'a str,
    pub(crate) product_code: &'static str,
    pub(crate) seller_id: &'a str,
    pub(crate) store_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extend_params: Option<ExtendBody<'a>>,
}

/// Body of a question, a close or a cancel: by one of the two numbers.
#[derive(Default, Serialize)]
pub(crate) struct WhichBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) out_trade_no: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trade_no: Option<&'a str>,
}

/// Body of a refund.
#[derive(Serialize)]
pub(crate) struct RefundBody<'a> {
    pub(crate) out_trade_no: &'a str,
    pub(crate) trade_no: &'a str,
    pub(crate) refund_amount: String,
    pub(crate) refund_reason: String,
    pub(crate) out_request_no: &'a str,
}

/// Body of a question about a refund.
#[derive(Serialize)]
pub(crate) struct RefundQueryBody<'a> {
    pub(crate) out_trade_no: &'a str,
    pub(crate) trade_no: &'a str,
    pub(crate) out_request_no: &'a str,
    pub(crate) query_options: [&'static str; 1],
}

/// Body of a question about a bill.
#[derive(Serialize)]
pub(crate) struct BillBody<'a> {
    pub(crate) bill_type: &'static str,
    pub(crate) bill_date: &'a str,
}

/// A trade as a query, a payment by code and the calls that open one answer it. Amounts are yuan as text.
#[derive(Deserialize)]
pub(crate) struct Trade {
    #[serde(default)]
    pub(crate) out_trade_no: String,
    #[serde(default)]
    pub(crate) trade_no: String,
    #[serde(default)]
    pub(crate) trade_status: String,
    #[serde(default)]
    pub(crate) total_amount: Option<String>,
    #[serde(default)]
    pub(crate) buyer_pay_amount: Option<String>,
    #[serde(default)]
    pub(crate) receipt_amount: Option<String>,
    #[serde(default)]
    pub(crate) trans_currency: Option<String>,
    /// When the payer paid, as a query says it.
    #[serde(default)]
    pub(crate) send_pay_date: Option<String>,
    /// When the payer paid, as a payment by code says it.
    #[serde(default)]
    pub(crate) gmt_payment: Option<String>,
    #[serde(default)]
    pub(crate) buyer_user_id: Option<String>,
    #[serde(default)]
    pub(crate) buyer_open_id: Option<String>,
    #[serde(default)]
    pub(crate) qr_code: Option<String>,
}

/// A cancel's answer.
#[derive(Deserialize)]
pub(crate) struct Cancelled {
    #[serde(default)]
    pub(crate) out_trade_no: String,
    #[serde(default)]
    pub(crate) retry_flag: String,
}

/// A refund as the refund call and the question about it answer it.
#[derive(Deserialize)]
pub(crate) struct Refunded {
    #[serde(default)]
    pub(crate) out_trade_no: String,
    #[serde(default)]
    pub(crate) trade_no: String,
    /// `Y` only when money moved by this call.
    #[serde(default)]
    pub(crate) fund_change: String,
    #[serde(default)]
    pub(crate) buyer_logon_id: Option<String>,
    #[serde(default)]
    pub(crate) gmt_refund_pay: Option<String>,
    #[serde(default)]
    pub(crate) out_request_no: String,
    /// Of this refund alone, in a question's answer.
    #[serde(default)]
    pub(crate) refund_amount: Option<String>,
    #[serde(default)]
    pub(crate) total_amount: Option<String>,
    #[serde(default)]
    pub(crate) refund_status: Option<String>,
}

/// Body of a question for a certificate.
#[derive(Serialize)]
pub(crate) struct CertificateBody<'a> {
    pub(crate) alipay_cert_sn: &'a str,
}

/// A certificate and those it hangs on, as PEM in base64.
#[derive(Deserialize)]
pub(crate) struct Certificate {
    #[serde(default)]
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) sub_code: String,
    #[serde(default)]
    pub(crate) alipay_cert_content: String,
}

/// Where a bill lies.
#[derive(Deserialize)]
pub(crate) struct BillAddress {
    #[serde(default)]
    pub(crate) bill_download_url: String,
}

/// Who brought an authorisation code.
#[derive(Deserialize)]
pub(crate) struct Identified {
    #[serde(default)]
    pub(crate) user_id: Option<String>,
    #[serde(default)]
    pub(crate) open_id: Option<String>,
}

pub(crate) fn to_json(body: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(body).map_err(|why| format!("the request could not be written: {why}"))
}

/// Whether a number of ours is one that the institution takes \[D 12\].
pub(crate) fn is_number(number: &str) -> bool {
    (1..=64).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A user's number at Alipay, as against an OpenID of an application: 16 digits that begin with 2088.
pub(crate) fn is_user_id(id: &str) -> bool {
    id.len() == 16 && id.starts_with("2088") && id.bytes().all(|b| b.is_ascii_digit())
}

/// What the payer reads: `/`, `=` and `&` are refused \[D 12\], so their full-width twins stand for them.
pub(crate) fn subject(text: &str) -> String {
    let readable = |c: char| match c {
        '/' => '／',
        '=' => '＝',
        '&' => '＆',
        c if c.is_control() => ' ',
        c => c,
    };
    let kept: String = text.trim().chars().map(readable).take(MAX_SUBJECT).collect();
    let kept = kept.trim();
    if kept.is_empty() { "付款".to_owned() } else { kept.to_owned() }
}

/// `2026-11-23 05:00:00`, in Beijing, in whole seconds.
pub(crate) fn beijing(at_ms: i64) -> Option<String> {
    let at = Timestamp::from_second(at_ms.div_euclid(1000)).ok()?;
    Some(BEIJING.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// The instant of a text such as `2026-11-23 05:00:00` or `2026-11-23 05:00:00.123`, in UTC milliseconds.
pub(crate) fn instant_ms(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(' ')?;
    let at: DateTime = format!("{date}T{time}").parse().ok()?;
    BEIJING.to_timestamp(at).ok().map(|at| at.as_millisecond())
}

/// An amount that was told. Where Alipay has nothing to tell it leaves the field out, or says `0.00` \[C: genuine answers
/// about paid trades say `"receipt_amount":"0.00"`\].
pub(crate) fn told(text: Option<&str>) -> Option<Amount> {
    text?.parse::<Amount>().ok().filter(|amount| amount.fen() > 0)
}

/// The instant of a `Date` header, in UTC milliseconds.
pub(crate) fn http_date_ms(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok().map(|at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_beijings_without_saying_so_protocols_2_1() {
        assert_eq!(beijing(1_528_425_296_789).as_deref(), Some("2018-06-08 10:34:56"));
        assert_eq!(instant_ms("2018-06-08 10:34:56"), Some(1_528_425_296_000));
        assert_eq!(instant_ms("2020-03-27 18:19:15.143"), Some(1_585_304_355_143));
        for text in ["", "2018-06-08", "2018-06-08 25:00:00", "2018-06-08 10:34:56 +08:00", "now then"] {
            assert_eq!(instant_ms(text), None, "{text}");
        }
        assert_eq!(beijing(i64::MAX), None);
    }

    #[test]
    fn a_subject_has_no_slash_equals_or_ampersand_protocols_2_2() {
        assert_eq!(subject(" 学费/春=1&2\n "), "学费／春＝1＆2");
        assert_eq!(subject("\t"), "付款");
        assert_eq!(subject(&"测".repeat(300)).chars().count(), 256);
    }

    #[test]
    fn a_user_id_is_told_from_an_open_id_by_its_shape() {
        assert!(is_user_id("2088102954065786"));
        for id in [
            "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5",
            "208810295406578",
            "1088102954065786",
            "2088１02954065786",
        ] {
            assert!(!is_user_id(id), "{id}");
        }
    }

    #[test]
    fn only_what_the_institution_takes_is_a_number_protocols_2_2() {
        assert!(is_number("m1_0000a") && is_number(&"1".repeat(64)));
        for number in ["", &"1".repeat(65), "a-b", "a|b", "学费"] {
            assert!(!is_number(number), "{number}");
        }
    }

    #[test]
    fn nothing_and_zero_are_both_not_told() {
        assert_eq!(told(Some("12.50")), Some(Amount::from_fen(1250)));
        for text in [None, Some("0.00"), Some(""), Some("twelve"), Some("1.234")] {
            assert_eq!(told(text), None, "{text:?}");
        }
    }
}
