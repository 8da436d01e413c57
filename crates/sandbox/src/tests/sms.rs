//! Short messages: only a right signature sends one, and it can be read on the phone.

use axum::http::StatusCode;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::support::{START_MS, World, told};
use crate::sms::{ACCESS_KEY_ID, SDK_APP_ID, SIGN_NAME, TEMPLATES};

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn host(world: &World) -> String {
    world.url.trim_start_matches("http://").to_owned()
}

/// As 阿里云's document says: parameters in the query, eight lines to sign.
async fn aliyun(world: &World, secret: &str, date: &str, mobile: &str) -> (StatusCode, Value) {
    let query = format!(
        "PhoneNumbers={mobile}&SignName={}&TemplateCode={}&TemplateParam=%7B%22code%22%3A%22042917%22%2C%22minutes%22%3A%225%22%7D",
        SIGN_NAME.bytes().map(|b| format!("%{b:02X}")).collect::<String>(),
        TEMPLATES[0]
    );
    let names = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
    let lines = format!(
        "host:{}\nx-acs-action:SendSms\nx-acs-content-sha256:{}\nx-acs-date:{date}\nx-acs-signature-nonce:n1\n\
         x-acs-version:2017-05-25\n",
        host(world),
        hash(b"")
    );
    let request = format!("POST\n/\n{query}\n{lines}\n{names}\n{}", hash(b""));
    let signature = hex::encode(mac(secret.as_bytes(), &format!("ACS3-HMAC-SHA256\n{}", hash(request.as_bytes()))));
    let authorization =
        format!("ACS3-HMAC-SHA256 Credential={ACCESS_KEY_ID},SignedHeaders={names},Signature={signature}");
    let request = world
        .client
        .post(format!("{}/?{query}", world.url))
        .header("authorization", authorization)
        .header("x-acs-action", "SendSms")
        .header("x-acs-version", "2017-05-25")
        .header("x-acs-date", date)
        .header("x-acs-signature-nonce", "n1")
        .header("x-acs-content-sha256", hash(b""));
    told(request).await
}

/// As 腾讯云's document says: JSON, a key of the day.
async fn tencent(world: &World, secret: &str, seconds: i64, mobile: &str) -> (StatusCode, Value) {
    let body = json!({ "SmsSdkAppId": SDK_APP_ID, "SignName": SIGN_NAME, "TemplateId": TEMPLATES[1],
        "TemplateParamSet": ["042917", "5"], "PhoneNumberSet": [format!("+86{mobile}")] })
    .to_string();
    let kind = "application/json; charset=utf-8";
    let request =
        format!("POST\n/\n\ncontent-type:{kind}\nhost:{}\n\ncontent-type;host\n{}", host(world), hash(body.as_bytes()));
    let day = "2026-09-21";
    let text = format!("TC3-HMAC-SHA256\n{seconds}\n{day}/sms/tc3_request\n{}", hash(request.as_bytes()));
    let key = mac(&mac(&mac(format!("TC3{secret}").as_bytes(), day), "sms"), "tc3_request");
    let authorization = format!(
        "TC3-HMAC-SHA256 Credential={ACCESS_KEY_ID}/{day}/sms/tc3_request, SignedHeaders=content-type;host, Signature={}",
        hex::encode(mac(&key, &text))
    );
    let request = world
        .client
        .post(&world.url)
        .header("authorization", authorization)
        .header("content-type", kind)
        .header("x-tc-action", "SendSms")
        .header("x-tc-version", "2021-01-11")
        .header("x-tc-region", "ap-guangzhou")
        .header("x-tc-timestamp", seconds.to_string())
        .body(body);
    told(request).await
}

/// 2026-09-21T14:13:20Z is when the world begins.
const DATE: &str = "2026-09-21T14:13:20Z";

#[tokio::test]
async fn both_apis_deliver_what_is_signed_and_the_phone_shows_it() {
    let world = World::start().await;
    let secret = world.kit("sms_access_key_secret.txt");
    let (status, answer) = aliyun(&world, &secret, DATE, "13800002176").await;
    assert_eq!((status, answer["Code"].as_str()), (StatusCode::OK, Some("OK")), "{answer}");
    let (status, answer) = tencent(&world, &secret, START_MS / 1000, "13800002176").await;
    assert_eq!(
        (status, answer["Response"]["SendStatusSet"][0]["Code"].as_str()),
        (StatusCode::OK, Some("Ok")),
        "{answer}"
    );
    let (_, messages) = told(world.client.get(format!("{}/phone/13800002176/messages", world.url))).await;
    let providers: Vec<_> = messages.as_array().unwrap().iter().map(|m| m["provider"].as_str().unwrap()).collect();
    assert_eq!(providers, ["tencent", "aliyun"]);
    assert!(messages[0]["text"].as_str().unwrap().contains("042917"));
    for page in ["/phone", "/phone/13800002176"] {
        assert_eq!(told(world.client.get(format!("{}{page}", world.url))).await.0, StatusCode::OK, "{page}");
    }
    assert_eq!(told(world.client.get(&world.url)).await.0, StatusCode::OK, "the front page is still there");
}

#[tokio::test]
async fn what_is_not_signed_right_or_in_time_is_refused() {
    let world = World::start().await;
    let secret = world.kit("sms_access_key_secret.txt");
    let code =
        |answer: &Value| answer["Code"].as_str().or(answer["Response"]["Error"]["Code"].as_str()).map(str::to_owned);
    let wrong = aliyun(&world, "another", DATE, "13800002176").await;
    assert_eq!((wrong.0, code(&wrong.1).as_deref()), (StatusCode::BAD_REQUEST, Some("SignatureDoesNotMatch")));
    let late = aliyun(&world, &secret, "2026-09-21T13:00:00Z", "13800002176").await;
    assert_eq!(code(&late.1).as_deref(), Some("InvalidTimeStamp.Expired"));
    let wrong = tencent(&world, "another", START_MS / 1000, "13800002176").await;
    assert_eq!((wrong.0, code(&wrong.1).as_deref()), (StatusCode::OK, Some("AuthFailure.SignatureFailure")));
    let late = tencent(&world, &secret, START_MS / 1000 - 301, "13800002176").await;
    assert_eq!(code(&late.1).as_deref(), Some("AuthFailure.SignatureExpire"));
    let (_, blocked) = aliyun(&world, &secret, DATE, "13800000404").await;
    assert_eq!(blocked["Code"], "isv.AMOUNT_NOT_ENOUGH");
    let (_, blocked) = tencent(&world, &secret, START_MS / 1000, "13800000404").await;
    assert_eq!(blocked["Response"]["SendStatusSet"][0]["Code"], "FailedOperation.InsufficientBalanceInSmsPackage");
    let (_, messages) = told(world.client.get(format!("{}/phone/13800002176/messages", world.url))).await;
    assert_eq!(messages, json!([]));
}
