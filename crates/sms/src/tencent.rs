//! 腾讯云短信: `SendSms` of API 2021-01-11, signed by v3 (`TC3-HMAC-SHA256`) \[D 17\].

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    Clock, Message, Outcome, Settings, Sms,
    hmac::{hmac_sha256, sha256_hex},
    http::{self, Answer, Http},
    told,
};

const ALGORITHM: &str = "TC3-HMAC-SHA256";
const SERVICE: &str = "sms";
const ACTION: &str = "SendSms";
const VERSION: &str = "2021-01-11";
const CONTENT_TYPE: &str = "application/json; charset=utf-8";
const SIGNED_HEADERS: &str = "content-type;host;x-tc-action";

pub(crate) struct Tencent {
    pub(crate) settings: Settings,
    pub(crate) http: Http,
    pub(crate) clock: Clock,
}

/// The request.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Asked<'a> {
    sms_sdk_app_id: &'a str,
    sign_name: &'a str,
    template_id: &'a str,
    template_param_set: Vec<&'a str>,
    phone_number_set: [String; 1],
}

#[async_trait]
impl Sms for Tencent {
    async fn send(&self, message: &Message) -> Outcome {
        let asked = Asked {
            sms_sdk_app_id: self.settings.sdk_app_id.as_deref().unwrap_or_default(),
            sign_name: &self.settings.sign_name,
            template_id: &message.template,
            template_param_set: message.values.iter().map(|(_, value)| value.as_str()).collect(),
            phone_number_set: [format!("+86{}", message.mobile)],
        };
        let Ok(body) = serde_json::to_string(&asked) else {
            return Outcome::Unknown("the request could not be written".to_owned());
        };
        let at_s = (self.clock)().div_euclid(1000);
        let signed = Signed { host: &self.http.host, service: SERVICE, action: ACTION, at_s, body: &body };
        let authorization = signed.authorization(&self.settings.access_key_id, &self.settings.access_key_secret);
        let request = self
            .http
            .client
            .post(self.http.url.clone())
            .header("authorization", authorization)
            .header("content-type", CONTENT_TYPE)
            .header("x-tc-action", ACTION)
            .header("x-tc-version", VERSION)
            .header("x-tc-region", self.settings.region.as_deref().unwrap_or_default())
            .header("x-tc-timestamp", at_s.to_string())
            .body(body);
        match http::send(request).await {
            Ok(answer) => read(&answer, &message.mobile),
            Err(why) => Outcome::Unknown(why),
        }
    }
}

/// What a signature is made over.
struct Signed<'a> {
    host: &'a str,
    service: &'a str,
    action: &'a str,
    /// Unix seconds.
    at_s: i64,
    body: &'a str,
}

impl Signed<'_> {
    fn canonical_request(&self) -> String {
        let Signed { host, action, body, .. } = self;
        let (action, body) = (action.to_lowercase(), sha256_hex(body.as_bytes()));
        format!("POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{host}\nx-tc-action:{action}\n\n{SIGNED_HEADERS}\n{body}")
    }

    /// The secret never signs by itself: a key is derived for the day (in UTC) and the service.
    fn authorization(&self, id: &str, secret: &str) -> String {
        let Signed { service, at_s, .. } = self;
        let day = http::utc(at_s.saturating_mul(1000), "%Y-%m-%d");
        let scope = format!("{day}/{service}/tc3_request");
        let text = format!("{ALGORITHM}\n{at_s}\n{scope}\n{}", sha256_hex(self.canonical_request().as_bytes()));
        let of_day = hmac_sha256(format!("TC3{secret}").as_bytes(), &day);
        let of_service = hmac_sha256(of_day.as_ref(), service);
        let signing = hmac_sha256(of_service.as_ref(), "tc3_request");
        let signature = hex::encode(hmac_sha256(signing.as_ref(), &text));
        format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Enveloped {
    response: Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    error: Option<Verdict>,
    #[serde(default)]
    send_status_set: Vec<Verdict>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Verdict {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    serial_no: String,
}

/// HTTP 200 either way: first `Error`, then the status of the one number \[D 17\]. The provider's own trouble and its
/// limit of requests pass; a limit of messages (`LimitExceeded.…`) is about this mobile or this day and does not.
fn read(answer: &Answer, mobile: &str) -> Outcome {
    let Ok(Enveloped { response }) = serde_json::from_slice(&answer.body) else {
        return Outcome::Unknown(format!("HTTP {} without a verdict", answer.status));
    };
    let Some(verdict) = response.error.or_else(|| response.send_status_set.into_iter().next()) else {
        return Outcome::Unknown("the answer speaks of no message".to_owned());
    };
    let passes = ["InternalError", "RequestLimitExceeded", "ResourceUnavailable"];
    match verdict.code.as_str() {
        "Ok" if answer.status == 200 => Outcome::Sent { id: verdict.serial_no },
        code if answer.status >= 500 || code == "Ok" || passes.iter().any(|passing| code.starts_with(passing)) => {
            Outcome::Unknown(format!("HTTP {} {code}: {}", answer.status, told(&verdict.message, mobile)))
        }
        code => Outcome::Refused { code: told(code, mobile), message: told(&verdict.message, mobile) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the provider's own page "签名方法 v3" (cloud.tencent.com/document/api/213/30654): the
    /// secret is the row of asterisks that is printed there.
    #[test]
    fn a_request_is_signed_as_the_providers_example_is() {
        let signed = Signed {
            host: "cvm.tencentcloudapi.com",
            service: "cvm",
            action: "DescribeInstances",
            at_s: 1_551_113_065,
            body: r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#,
        };
        assert_eq!(
            sha256_hex(signed.canonical_request().as_bytes()),
            "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84"
        );
        let (id, secret) = (format!("AKID{}", "*".repeat(32)), "*".repeat(32));
        assert_eq!(
            signed.authorization(&id, &secret),
            format!(
                "TC3-HMAC-SHA256 Credential={id}/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host;x-tc-action, \
                 Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
            )
        );
    }

    fn answered(status: u16, body: &str) -> Outcome {
        read(&Answer { status, body: body.as_bytes().to_vec() }, "13800002176")
    }

    #[test]
    fn only_a_code_that_will_stay_is_a_refusal_protocols_4() {
        let sent = r#"{"Response":{"SendStatusSet":[{"SerialNo":"5000:1045710669157053657849499619","PhoneNumber":
            "+8613800002176","Fee":1,"SessionContext":"","Code":"Ok","Message":"send success","IsoCode":"CN"}],"RequestId":"r"}}"#;
        assert_eq!(answered(200, sent), Outcome::Sent { id: "5000:1045710669157053657849499619".into() });
        let of = |code: &str| format!(r#"{{"Response":{{"Error":{{"Code":"{code}","Message":"m +8613800002176"}}}}}}"#);
        assert_eq!(
            answered(200, &of("AuthFailure.SignatureFailure")),
            Outcome::Refused { code: "AuthFailure.SignatureFailure".into(), message: "m +86138****2176".into() }
        );
        let limit = r#"{"Response":{"SendStatusSet":[{"Code":"LimitExceeded.PhoneNumberDailyLimit","Message":"m"}]}}"#;
        assert!(matches!(answered(200, limit), Outcome::Refused { .. }));
        let (trouble, busy) = (of("InternalError.Timeout"), of("RequestLimitExceeded"));
        for (status, body) in [
            (200, "<html>"),
            (200, r#"{"Response":{"RequestId":"r"}}"#),
            (502, sent),
            (200, trouble.as_str()),
            (200, busy.as_str()),
        ] {
            assert!(matches!(answered(status, body), Outcome::Unknown(_)), "{status} {body}");
        }
    }
}
