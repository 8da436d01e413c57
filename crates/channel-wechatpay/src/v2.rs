//! 付款码 by the older interface (XML, HMAC-SHA256; PROTOCOLS 1.7 \[D 8\]), for a provider to whom API v3's is not
//! opened. Only charge and reversal: an order is an order, so queries and refunds stay with API v3.

use std::collections::BTreeMap;

use channel::{Account, PayByCode, PayByCodeOutcome, ReverseOutcome, Success};
use jiff::{
    civil::DateTime,
    tz::{self, TimeZone},
};
use money::Amount;
use ring::hmac;

use crate::{
    WechatPay,
    client::words,
    codepay::{check, not_reversed, refused},
    translate,
    wire::{self, BAD_NUMBER},
    xml::{self, Fields},
};

const SIGN_TYPE: &str = "HMAC-SHA256";

/// The older interface's API key.
pub(crate) struct ApiV2Key(hmac::Key, String);

impl ApiV2Key {
    pub(crate) fn new(key: &str) -> ApiV2Key {
        ApiV2Key(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), key.to_owned())
    }

    /// The signature of `fields`: all that are not empty, but `sign`, in the order of their names.
    pub(crate) fn sign(&self, fields: &Fields) -> String {
        hex::encode_upper(hmac::sign(&self.0, self.text(fields).as_bytes()))
    }

    fn text(&self, fields: &Fields) -> String {
        let signed = fields.iter().filter(|(name, value)| name.as_str() != "sign" && !value.is_empty());
        let mut text: String = signed.map(|(name, value)| format!("{name}={value}&")).collect();
        text.push_str("key=");
        text.push_str(&self.1);
        text
    }

    fn fits(&self, fields: &Fields) -> bool {
        let sign = fields.get("sign").and_then(|sign| hex::decode(sign).ok());
        sign.is_some_and(|sign| hmac::verify(&self.0, self.text(fields).as_bytes(), &sign).is_ok())
    }
}

/// What an answer says.
enum Told {
    /// `result_code` SUCCESS, signed.
    Done(Fields),
    /// `result_code` FAIL with its code and words, signed.
    Failed(String, String),
    /// Nothing that can be acted on.
    Nothing(String),
}

impl WechatPay {
    pub(crate) async fn charge_v2(&self, key: &ApiV2Key, account: &Account, pay: &PayByCode) -> PayByCodeOutcome {
        if let Err(why) = check(pay) {
            return PayByCodeOutcome::Refused(translate::not_sent(why));
        }
        let mut fields = self.common(account);
        for (name, value) in [
            ("body", wire::description(&pay.description)),
            ("out_trade_no", pay.out_trade_no.clone()),
            ("total_fee", pay.amount.fen().to_string()),
            ("fee_type", "CNY".to_owned()),
            ("spbill_create_ip", pay.client_ip.clone()),
            ("auth_code", pay.payment_code.0.clone()),
            ("device_info", pay.store_id.clone()),
        ] {
            fields.insert(name.to_owned(), value);
        }
        match self.told(key, "/pay/micropay", fields, false).await {
            Told::Done(fields) => self.success(&fields, account, &pay.out_trade_no).map_or_else(
                |why| PayByCodeOutcome::Unknown(format!("a success that cannot be read: {why}")),
                PayByCodeOutcome::Succeeded,
            ),
            Told::Failed(code, message) => refused(&code, &message, &format!("{code}: {message}")),
            Told::Nothing(why) => PayByCodeOutcome::Unknown(why),
        }
    }

    pub(crate) async fn take_back_v2(&self, key: &ApiV2Key, account: &Account, out_trade_no: &str) -> ReverseOutcome {
        if !wire::is_order_number(out_trade_no) {
            return ReverseOutcome::Refused(translate::not_sent(BAD_NUMBER));
        }
        let mut fields = self.common(account);
        fields.insert("out_trade_no".to_owned(), out_trade_no.to_owned());
        reversed(self.told(key, "/secapi/pay/reverse", fields, true).await)
    }

    fn common(&self, account: &Account) -> Fields {
        let mut fields = BTreeMap::from([
            ("appid".to_owned(), self.sp_appid.clone()),
            ("mch_id".to_owned(), self.sp_mchid.clone()),
            ("sub_mch_id".to_owned(), account.sub_mchid.clone()),
            ("nonce_str".to_owned(), (self.nonce)()),
            ("sign_type".to_owned(), SIGN_TYPE.to_owned()),
        ]);
        fields.extend(account.sub_appid.clone().map(|appid| ("sub_appid".to_owned(), appid)));
        fields
    }

    async fn told(&self, key: &ApiV2Key, path: &str, mut fields: Fields, certificate: bool) -> Told {
        fields.insert("sign".to_owned(), key.sign(&fields));
        let sub_mch_id = fields.get("sub_mch_id").cloned();
        let (status, body) = match self.client.post_xml(path, xml::write(&fields), certificate).await {
            Ok(answer) => answer,
            Err(why) => return Told::Nothing(why),
        };
        if status != 200 {
            return Told::Nothing(format!("HTTP {status} where 200 was due"));
        }
        match read(key, &body) {
            Ok(told) if told.get("mch_id") != Some(&self.sp_mchid) || told.get("sub_mch_id") != sub_mch_id.as_ref() => {
                Told::Nothing("the answer speaks of another merchant".to_owned())
            }
            Ok(told) => result(told),
            Err(why) => Told::Nothing(why),
        }
    }

    fn success(&self, told: &Fields, account: &Account, out_trade_no: &str) -> Result<Success, &'static str> {
        let text = |name: &str| told.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let fen = |name: &str| text(name).and_then(|fen| fen.parse::<i64>().ok()).filter(|fen| *fen >= 0);
        if text("out_trade_no") != Some(out_trade_no) {
            return Err("it speaks of another order");
        }
        let total = fen("total_fee").filter(|fen| *fen > 0).ok_or("no total")?;
        Ok(Success {
            sp_mchid: self.sp_mchid.clone(),
            sub_mchid: account.sub_mchid.clone(),
            sp_appid: text("appid").unwrap_or_default().to_owned(),
            sub_appid: text("sub_appid").map(str::to_owned),
            out_trade_no: out_trade_no.to_owned(),
            transaction_id: text("transaction_id").ok_or("no transaction_id")?.to_owned(),
            total: Amount::from_fen(total),
            payer_total: fen("cash_fee").map(Amount::from_fen),
            settlement: fen("settlement_total_fee").map(Amount::from_fen),
            currency: text("fee_type").unwrap_or("CNY").to_owned(),
            success_at_ms: text("time_end").and_then(instant_ms).ok_or("no readable time_end")?,
            trade_type: text("trade_type").unwrap_or("MICROPAY").to_owned(),
            payer_id: text("sub_openid").or(text("openid")).map(str::to_owned),
        })
    }
}

/// An answer's fields, if it is signed. One with `return_code` FAIL is not, so it says nothing that could be believed
/// but the words for a log.
pub(crate) fn read(key: &ApiV2Key, body: &[u8]) -> Result<Fields, String> {
    let told = xml::read(body)?;
    let text = |name: &str| told.get(name).map(String::as_str).unwrap_or_default();
    match text("return_code") {
        "SUCCESS" if key.fits(&told) => Ok(told),
        "SUCCESS" => Err("an answer is not believed: its signature is wrong".to_owned()),
        "FAIL" => Err(format!("it did not understand: {}", words(text("return_msg")))),
        _ => Err("the answer has no return_code".to_owned()),
    }
}

/// The answer names no order, so all it can mean is the one that was asked about.
fn reversed(told: Told) -> ReverseOutcome {
    match told {
        Told::Done(fields) if fields.get("recall").is_some_and(|recall| recall == "Y") => {
            ReverseOutcome::Unknown("it asks to be asked again".to_owned())
        }
        Told::Done(_) => ReverseOutcome::Reversed,
        Told::Failed(code, message) => not_reversed(&code, &message, &format!("{code}: {message}")),
        Told::Nothing(why) => ReverseOutcome::Unknown(why),
    }
}

fn result(mut told: Fields) -> Told {
    let mut take = |name: &str| words(&told.remove(name).unwrap_or_default());
    match take("result_code").as_str() {
        "SUCCESS" => Told::Done(told),
        "FAIL" => Told::Failed(take("err_code"), take("err_code_des")),
        other => Told::Nothing(format!("result_code {other} is not known")),
    }
}

/// `20141030133525`, in Beijing.
fn instant_ms(text: &str) -> Option<i64> {
    let text = Some(text).filter(|text| text.len() == 14)?;
    let at = DateTime::strptime("%Y%m%d%H%M%S", text).ok()?;
    at.to_zoned(TimeZone::fixed(tz::offset(8))).ok().map(|at| at.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Known answer: the provider's 签名算法 page (pay.weixin.qq.com/wiki/doc/api/micropay.php?chapter=4_3).
    #[test]
    fn fields_are_signed_as_the_providers_example_is_protocols_1_7() {
        let key = ApiV2Key::new("192006250b4c09247ec02edce69f6a2d");
        let mut told = fields(&[
            ("appid", "wxd930ea5d5a258f4f"),
            ("mch_id", "10000100"),
            ("device_info", "1000"),
            ("body", "test"),
            ("nonce_str", "ibuaiVcKdpRxkhJA"),
            ("attach", ""),
        ]);
        let sign = "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6";
        assert_eq!(key.sign(&told), sign);
        told.insert("sign".to_owned(), sign.to_lowercase());
        assert!(key.fits(&told));
        told.insert("body".to_owned(), "tess".to_owned());
        assert!(!key.fits(&told));
    }

    fn signed(key: &ApiV2Key, pairs: &[(&str, &str)]) -> Vec<u8> {
        let mut told = fields(pairs);
        told.insert("sign".to_owned(), key.sign(&told));
        xml::write(&told).into_bytes()
    }

    #[test]
    fn only_a_signed_answer_says_anything_product_6_3() {
        let key = ApiV2Key::new("192006250b4c09247ec02edce69f6a2d");
        let good = [("return_code", "SUCCESS"), ("result_code", "SUCCESS"), ("recall", "N")];
        assert!(read(&key, &signed(&key, &good)).is_ok());
        assert!(read(&ApiV2Key::new("192006250b4c09247ec02edce69f6a2e"), &signed(&key, &good)).is_err());
        assert!(read(&key, xml::write(&fields(&good)).as_bytes()).is_err(), "unsigned");
        let failed = read(&key, b"<xml><return_code>FAIL</return_code><return_msg>\xe7\xad\xbe</return_msg></xml>");
        assert_eq!(failed, Err("it did not understand: 签".to_owned()));
        assert!(read(&key, b"<xml></xml>").is_err());
    }

    #[test]
    fn a_reversal_that_asks_to_be_asked_again_is_unknown_protocols_1_7() {
        let of = |pairs: &[(&str, &str)]| reversed(result(fields(pairs)));
        assert_eq!(of(&[("result_code", "SUCCESS"), ("recall", "N")]), ReverseOutcome::Reversed);
        assert_eq!(of(&[("result_code", "SUCCESS")]), ReverseOutcome::Reversed);
        for unknown in [
            of(&[("result_code", "SUCCESS"), ("recall", "Y")]),
            of(&[("result_code", "FAIL"), ("err_code", "SYSTEMERROR"), ("recall", "Y")]),
            of(&[("result_code", "FAIL"), ("err_code", "USERPAYING")]),
            of(&[("result_code", "PERHAPS")]),
            of(&[]),
        ] {
            assert!(matches!(unknown, ReverseOutcome::Unknown(_)), "{unknown:?}");
        }
        let late = of(&[("result_code", "FAIL"), ("err_code", "REVERSE_EXPIRE")]);
        assert!(matches!(late, ReverseOutcome::Refused(_)), "{late:?}");
    }

    #[test]
    fn a_time_is_beijings_protocols_1_7() {
        assert_eq!(instant_ms("20141030133525"), Some(1_414_647_325_000));
        for text in ["2014-10-30 13:35:25", "20141032133525", "2014103013352", ""] {
            assert_eq!(instant_ms(text), None, "{text}");
        }
    }
}
