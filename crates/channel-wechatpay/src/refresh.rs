use std::collections::HashMap;

use channel::RefreshError;

use crate::{
    WechatPay,
    client::{Answer, Call},
    keys::{Key, KeyRing, certificate_from_pem},
    verify::Distrust,
    wire::CertificatesAnswer,
};

/// Keys are fetched at most this often, whatever a flood of forged callbacks names; in between the last result holds.
const AT_MOST_EVERY_MS: u64 = 30_000;

/// When the keys were last fetched, and what came of it.
pub(crate) struct LastRefresh {
    at_ms: i64,
    result: Result<(), RefreshError>,
}

impl WechatPay {
    /// Fetches the platform certificates (`GET /v3/certificates`, PROTOCOLS 1.3 \[D 2,3\]) in the place of those fetched
    /// before. Callers who come while one is fetching wait for its result.
    pub(crate) async fn refresh(&self, now_ms: i64) -> Result<(), RefreshError> {
        let mut last = self.refreshed.lock().await;
        if let Some(last) = last.as_ref().filter(|last| now_ms.abs_diff(last.at_ms) < AT_MOST_EVERY_MS) {
            return last.result.clone();
        }
        let result = self.fetch_certificates(now_ms).await.map_err(RefreshError);
        if let Err(why) = &result {
            tracing::warn!(%why, "the verification keys stay as they were");
        }
        *last = Some(LastRefresh { at_ms: now_ms, result: result.clone() });
        result
    }

    async fn fetch_certificates(&self, now_ms: i64) -> Result<(), String> {
        let raw = self.client.send(&Call { method: "GET", path: "/v3/certificates", body: None }).await?;
        let mut trust = raw.verify(&self.keys, now_ms);
        let mut first_ones = None;
        if matches!(trust, Err(Distrust::UnknownKey(_))) {
            // The answer may be signed with a certificate that it brings. What it brings is believed on its own:
            // only the institution and we can seal with the APIv3 key.
            let fetched = self.opened(raw.body())?;
            trust = raw.verify(&KeyRing::of(fetched.clone()), now_ms);
            first_ones = Some(fetched);
        }
        match raw.read(trust) {
            Answer::Trusted { body, .. } => {
                let fetched = first_ones.map_or_else(|| self.opened(&body), Ok)?;
                tracing::info!(count = fetched.len(), "fetched platform certificates");
                self.keys.replace_fetched(fetched);
                Ok(())
            }
            Answer::Error(error) => Err(error.words()),
            Answer::Nothing(why) => Err(why),
        }
    }

    fn opened(&self, body: &[u8]) -> Result<HashMap<String, Key>, String> {
        let answer: CertificatesAnswer<'_> =
            serde_json::from_slice(body).map_err(|why| format!("the certificates cannot be read: {why}"))?;
        let mut keys = HashMap::new();
        for entry in &answer.data {
            let pem = self.seal.open_fresh(&entry.encrypt_certificate)?;
            let pem = String::from_utf8(pem).map_err(|_| "a certificate is not PEM".to_owned())?;
            let (serial, key) = certificate_from_pem(&pem)?;
            keys.insert(serial, key);
        }
        if keys.is_empty() { Err("no certificate came".to_owned()) } else { Ok(keys) }
    }
}
