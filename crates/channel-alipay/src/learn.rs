use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{Alipay, client::Call, slice, wire};

/// A certificate is asked for at most this often by callbacks, whatever a flood of forged ones names, and one that could not
/// be had is not asked for again sooner.
const AT_MOST_EVERY_MS: u64 = 30_000;

/// What was asked for last, and what came of it.
pub(crate) struct LastLearned {
    serial: String,
    at_ms: i64,
    result: Result<(), String>,
}

impl Alipay {
    /// Fetches a certificate of Alipay by its number: Alipay replaces its own without notice, and its SDKs do the same
    /// ("无感知升级", `alipay.open.app.alipaycert.download` \[S php, net\]). The answer is not signed with anything that is
    /// known; the certificate is believed for its chain and its names alone (see `chain.rs`).
    pub(crate) async fn learn(&self, serial: &str, now_ms: i64) -> Result<(), String> {
        let mut last = self.learned.lock().await;
        if self.keys.knows(serial) {
            return Ok(());
        }
        let lately = |last: &&LastLearned| now_ms.abs_diff(last.at_ms) < AT_MOST_EVERY_MS && last.serial == serial;
        if let Some(last) = last.as_ref().filter(lately) {
            return last.result.clone();
        }
        let result = self.fetch_certificate(serial, now_ms).await;
        match &result {
            Ok(()) => tracing::info!(serial, "fetched a certificate of Alipay"),
            Err(why) => tracing::warn!(serial, %why, "a certificate of Alipay could not be had"),
        }
        *last = Some(LastLearned { serial: serial.to_owned(), at_ms: now_ms, result: result.clone() });
        result
    }

    /// The certificate that a callback named last, at most one in a while.
    pub(crate) async fn learn_wanted(&self, now_ms: i64) -> Result<(), String> {
        let Some(serial) = self.keys.wanted() else { return Ok(()) };
        if self.keys.knows(&serial) {
            return Ok(());
        }
        {
            let mut asked_at_ms = self.asked_at_ms.lock().await;
            if asked_at_ms.is_some_and(|at_ms: i64| now_ms.abs_diff(at_ms) < AT_MOST_EVERY_MS) {
                return Err("a certificate was asked for a moment ago".to_owned());
            }
            *asked_at_ms = Some(now_ms);
        }
        self.learn(&serial, now_ms).await
    }

    async fn fetch_certificate(&self, serial: &str, now_ms: i64) -> Result<(), String> {
        let known_shape = serial.len() == 32 && serial.bytes().all(|b| b.is_ascii_hexdigit());
        if !known_shape {
            return Err("this is no certificate's number".to_owned());
        }
        let body = wire::to_json(&wire::CertificateBody { alipay_cert_sn: serial })?;
        let call = Call { method: wire::CERTIFICATE, account: None, parameters: vec![("biz_content", body)] };
        let text = self.client.exchange(&call).await?;
        let members = slice::members(&text).ok_or("the answer is no JSON object")?;
        let node = slice::only(&members, "alipay_open_app_alipaycert_download_response")
            .ok_or("the answer holds no certificate")?;
        let said: wire::Certificate =
            serde_json::from_str(node).map_err(|why| format!("the answer cannot be read: {why}"))?;
        if said.code != "10000" {
            return Err(format!("{} {}", said.code, said.sub_code));
        }
        let pem = STANDARD.decode(said.alipay_cert_content.as_bytes()).map_err(|_| "it is not base64".to_owned())?;
        let pem = String::from_utf8(pem).map_err(|_| "it is not PEM".to_owned())?;
        self.keys.add(&pem, serial, now_ms)
    }
}
