//! 阿里云短信服务: `SendSms` of API 2017-05-25, signed by V3 (`ACS3-HMAC-SHA256`) \[D, help.aliyun.com "V3版本请求体&签名机制"\].

use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::{
    Clock, Message, Nonce, Outcome, Settings, Sms,
    hmac::{hmac_sha256, sha256_hex},
    http::{self, Answer, Http},
    told,
};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
const ACTION: &str = "SendSms";
const VERSION: &str = "2017-05-25";
/// What is signed: every header but `Authorization`, in the order of their names.
const SIGNED_HEADERS: &str = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
/// Everything but unreserved characters (RFC 3986).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(crate) struct Aliyun {
    pub(crate) settings: Settings,
    pub(crate) http: Http,
    pub(crate) clock: Clock,
    pub(crate) nonce: Nonce,
}

#[async_trait]
impl Sms for Aliyun {
    async fn send(&self, message: &Message) -> Outcome {
        let values: serde_json::Map<String, serde_json::Value> =
            message.values.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let query = canonical_query(&[
            ("PhoneNumbers", &message.mobile),
            ("SignName", &self.settings.sign_name),
            ("TemplateCode", &message.template),
            ("TemplateParam", &serde_json::Value::Object(values).to_string()),
        ]);
        let signed = Signed {
            host: &self.http.host,
            action: ACTION,
            version: VERSION,
            date: &http::utc((self.clock)(), "%Y-%m-%dT%H:%M:%SZ"),
            nonce: &(self.nonce)(),
            query: &query,
        };
        let authorization = signed.authorization(&self.settings.access_key_id, &self.settings.access_key_secret);
        let mut url = self.http.url.clone();
        url.set_query(Some(&query));
        // What goes out must be what was signed.
        if url.query() != Some(query.as_str()) {
            return Outcome::Unknown("the request could not be written".to_owned());
        }
        let request = self
            .http
            .client
            .post(url)
            .header("authorization", authorization)
            .header("x-acs-action", ACTION)
            .header("x-acs-version", VERSION)
            .header("x-acs-date", signed.date)
            .header("x-acs-signature-nonce", signed.nonce)
            .header("x-acs-content-sha256", sha256_hex(b""));
        match http::send(request).await {
            Ok(answer) => read(&answer, &message.mobile),
            Err(why) => Outcome::Unknown(why),
        }
    }
}

/// Parameters by name, each encoded, as they are signed and sent.
fn canonical_query(parameters: &[(&str, &str)]) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let mut pairs: Vec<_> = parameters.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// What a signature is made over; the body is empty.
struct Signed<'a> {
    host: &'a str,
    action: &'a str,
    version: &'a str,
    date: &'a str,
    nonce: &'a str,
    query: &'a str,
}

impl Signed<'_> {
    fn canonical_request(&self) -> String {
        let Signed { host, action, version, date, nonce, query } = self;
        let body = sha256_hex(b"");
        format!(
            "POST\n/\n{query}\nhost:{host}\nx-acs-action:{action}\nx-acs-content-sha256:{body}\nx-acs-date:{date}\n\
             x-acs-signature-nonce:{nonce}\nx-acs-version:{version}\n\n{SIGNED_HEADERS}\n{body}"
        )
    }

    fn authorization(&self, id: &str, secret: &str) -> String {
        let text = format!("{ALGORITHM}\n{}", sha256_hex(self.canonical_request().as_bytes()));
        let signature = hex::encode(hmac_sha256(secret.as_bytes(), &text));
        format!("{ALGORITHM} Credential={id},SignedHeaders={SIGNED_HEADERS},Signature={signature}")
    }
}

/// An answer, and an error of the gateway before it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    biz_id: String,
}

/// `Code` says it all \[D\]. What the provider calls its own trouble, and its throttling, may pass; anything else will
/// not get better by itself, such as `isv.BUSINESS_LIMIT_CONTROL`, which is about this mobile.
fn read(answer: &Answer, mobile: &str) -> Outcome {
    let Ok(body) = serde_json::from_slice::<Body>(&answer.body) else {
        return Outcome::Unknown(format!("HTTP {} without a code", answer.status));
    };
    let passes = ["Throttling", "ServiceUnavailable", "InternalError", "isp.SYSTEM_ERROR"];
    match body.code.as_str() {
        "OK" if answer.status == 200 => Outcome::Sent { id: body.biz_id },
        code if answer.status >= 500 || code == "OK" || passes.iter().any(|passing| code.starts_with(passing)) => {
            Outcome::Unknown(format!("HTTP {} {code}: {}", answer.status, told(&body.message, mobile)))
        }
        code => Outcome::Refused { code: told(code, mobile), message: told(&body.message, mobile) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fixed parameters of the provider's own page "V3版本请求体&签名机制" (help.aliyun.com), as its signature
    /// library's users test with too.
    #[test]
    fn a_request_is_signed_as_the_providers_example_is() {
        let query = canonical_query(&[
            ("RegionId", "cn-shanghai"),
            ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
        ]);
        let signed = Signed {
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances",
            version: "2014-05-26",
            date: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d",
            query: &query,
        };
        assert_eq!(
            sha256_hex(signed.canonical_request().as_bytes()),
            "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"
        );
        assert_eq!(
            signed.authorization("YourAccessKeyId", "YourAccessKeySecret"),
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;\
             x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    #[test]
    fn parameters_are_sorted_and_encoded_as_rfc_3986_wants() {
        let query = canonical_query(&[("b", "a b*c~/"), ("a", "{\"码\":1}")]);
        assert_eq!(query, "a=%7B%22%E7%A0%81%22%3A1%7D&b=a%20b%2Ac~%2F");
    }

    fn answered(status: u16, body: &str) -> Outcome {
        read(&Answer { status, body: body.as_bytes().to_vec() }, "13800002176")
    }

    #[test]
    fn only_a_code_that_will_stay_is_a_refusal_protocols_4() {
        let sent = r#"{"Message":"OK","RequestId":"R","Code":"OK","BizId":"9006197469364984400"}"#;
        assert_eq!(answered(200, sent), Outcome::Sent { id: "9006197469364984400".into() });
        let limit = r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发分钟级流控Permits:1 13800002176"}"#;
        assert_eq!(
            answered(200, limit),
            Outcome::Refused {
                code: "isv.BUSINESS_LIMIT_CONTROL".into(),
                message: "触发分钟级流控Permits:1 138****2176".into()
            }
        );
        let signature =
            r#"{"Code":"SignatureDoesNotMatch","Message":"Specified signature is not matched","HostId":"h"}"#;
        assert!(matches!(answered(400, signature), Outcome::Refused { code, .. } if code == "SignatureDoesNotMatch"));
        for (status, body) in [
            (200, "<html>"),
            (503, r#"{"Code":"ServiceUnavailable","Message":"m"}"#),
            (400, r#"{"Code":"Throttling.User","Message":"m"}"#),
            (200, r#"{"Code":"isp.SYSTEM_ERROR","Message":"m"}"#),
            (500, r#"{"Code":"OK","BizId":"1"}"#),
        ] {
            assert!(matches!(answered(status, body), Outcome::Unknown(_)), "{status} {body}");
        }
    }
}
