//! One sending, in the way of the institution that tells.

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::plan::Seal;
use crate::alipay;
use crate::app::App;
use crate::error::Error;
use crate::faults::Provider;
use crate::institution::{Pen, Signer, stranger};
use crate::signature;

/// How old a stale sending is, ms.
const STALE_MS: i64 = 600_000;

/// What is to be sent where.
#[derive(Debug, Clone)]
pub(super) struct Sending {
    pub provider: Provider,
    pub notify_url: String,
    pub body: String,
    pub seal: Seal,
}

/// Sends once; `Ok` when it was acknowledged. Both sides are words for the page.
pub(super) async fn send(app: &App, sending: &Sending) -> Result<String, String> {
    let request = match sending.provider {
        Provider::WechatPay => wechatpay(app, sending),
        Provider::Alipay => alipay(app, sending),
    };
    let request = request.map_err(|error| error.to_string())?;
    let response = request
        .send()
        .await
        .map_err(|error| if error.is_timeout() { "没有及时应答".to_owned() } else { error.to_string() })?;
    let status = response.status();
    if !status.is_success() {
        return Err(status.to_string());
    }
    if sending.provider == Provider::WechatPay {
        return Ok(status.to_string());
    }
    // Alipay believes seven characters and nothing else (PROTOCOLS 2.3).
    let words = response.text().await.unwrap_or_default();
    if words.trim() == "success" { Ok("success".to_owned()) } else { Err(words.chars().take(40).collect()) }
}

fn wechatpay(app: &App, sending: &Sending) -> Result<reqwest::RequestBuilder, Error> {
    let usual = app.settings.callback_signer;
    let pen: Pen = match (sending.seal, usual) {
        (Seal::UnknownKey, _) => stranger()?,
        (Seal::OtherKey, Signer::PublicKey) => app.institution.pen(Signer::Certificate),
        (Seal::OtherKey, Signer::Certificate) => app.institution.pen(Signer::PublicKey),
        (Seal::Genuine | Seal::Bad | Seal::Stale, usual) => app.institution.pen(usual),
    };
    let at_ms = if sending.seal == Seal::Stale { app.now_ms() - STALE_MS } else { app.now_ms() };
    let signed_over = if sending.seal == Seal::Bad { "{}" } else { &sending.body };
    let mut request = app.http.post(&sending.notify_url).header("content-type", "application/json");
    for (name, value) in signature::headers(&pen, at_ms, signed_over.as_bytes()) {
        request = request.header(name, value);
    }
    Ok(request.header("accept", "*/*").body(sending.body.clone()))
}

/// The body is kept as its parameters: each sending is signed and encoded as it goes out. Alipay's protocol knows no
/// age of a notification and, without certificates, no name of a key: stale is genuine, and an unknown key is a bad one.
fn alipay(app: &App, sending: &Sending) -> Result<reqwest::RequestBuilder, Error> {
    let mut params: BTreeMap<String, String> = serde_json::from_str(&sending.body)?;
    let sign = match sending.seal {
        Seal::Genuine | Seal::Stale | Seal::OtherKey => app.alipay.sign_notice(&params),
        Seal::Bad => app.alipay.sign_notice(&BTreeMap::new()),
        Seal::UnknownKey => alipay::sign::notice(&stranger()?.key, &params),
    };
    params.insert("sign".to_owned(), sign);
    params.insert("sign_type".to_owned(), "RSA2".to_owned());
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&params).finish();
    let request = app.http.post(&sending.notify_url);
    Ok(request.header("content-type", "application/x-www-form-urlencoded; charset=utf-8").body(body))
}
