use channel::{Account, Finding, Said};

use crate::{
    WechatPay,
    client::{ApiError, Call, Raw},
    translate::code_of,
    verify::Distrust,
    wire::{self, CertificatesAnswer},
};

/// Where a call ends that asks for nothing but to be answered.
const CERTIFICATES: &str = "/v3/certificates";

impl WechatPay {
    /// Asks for the platform certificates, or after an order of the account that does not exist: both are answered with
    /// what one wants to know, and change nothing. `SIGN_ERROR` says that our signature is not believed; anything that
    /// the institution says about its own matters, that it is (PROTOCOLS 1.10 \[D 11\]).
    pub(crate) async fn look(&self, account: Option<&Account>) -> Vec<Finding> {
        let path = match account {
            None => CERTIFICATES.to_owned(),
            Some(account) => {
                let number: String = format!("PROBE{}", (self.nonce)()).chars().take(32).collect();
                let merchants = format!("sp_mchid={}&sub_mchid={}", self.sp_mchid, wire::encoded(&account.sub_mchid));
                let order = wire::order_path(&number).unwrap_or_else(|| CERTIFICATES.to_owned());
                format!("{order}?{merchants}")
            }
        };
        let began_ms = (self.clock)();
        let raw = match self.client.send(&Call { method: "GET", path: &path, body: None }).await {
            Ok(raw) => raw,
            Err(why) => return vec![Finding::Unreachable { why }],
        };
        let ended_ms = (self.clock)();
        let mut found = vec![Finding::Reached { took_ms: ended_ms - began_ms }];
        let half_way_ms = began_ms + (ended_ms - began_ms) / 2;
        found.extend(raw.said_at_ms().map(|theirs_ms| Finding::Skew { ahead_ms: half_way_ms - theirs_ms }));
        found.extend(match account {
            None => self.of_certificates(&raw),
            Some(_) => vec![of_order(&raw)],
        });
        found.push(self.signature_of(&raw, ended_ms).await);
        found
    }

    fn of_certificates(&self, raw: &Raw) -> Vec<Finding> {
        match raw.error() {
            None if raw.is_success() => {
                let sealed = serde_json::from_slice::<CertificatesAnswer<'_>>(raw.body());
                let opened = sealed.map(|answer| match answer.data.first() {
                    Some(first) => self.seal.open_fresh(&first.encrypt_certificate).map(|_| Finding::SealOpens),
                    None => Ok(Finding::SealNotTried),
                });
                let seal = match opened {
                    Ok(Ok(finding)) => finding,
                    Ok(Err(why)) => Finding::SealBroken { why: why.to_owned() },
                    Err(why) => Finding::Unclear { why: format!("the certificates cannot be read: {why}") },
                };
                vec![Finding::Recognised, seal]
            }
            None => vec![raw.unclear()],
            Some(error) => match code_of(&error.code).as_str() {
                "SIGNERROR" => vec![Finding::NotRecognised(said(error))],
                _ if error.status == 404 => vec![Finding::Recognised, Finding::SealNotTried],
                _ => vec![Finding::Refused(said(error))],
            },
        }
    }

    /// A refusal need not be signed; where it is, its signature is looked at as well.
    async fn signature_of(&self, raw: &Raw, now_ms: i64) -> Finding {
        let Some(mut trust) = raw.proof(&self.keys, now_ms) else {
            return if raw.is_success() {
                Finding::NotVerified { why: "the answer is not signed".to_owned() }
            } else {
                Finding::NotSigned
            };
        };
        if matches!(trust, Err(Distrust::UnknownKey(_))) && self.refresh(now_ms).await.is_ok() {
            trust = raw.proof(&self.keys, now_ms).unwrap_or(trust);
        }
        match trust {
            Ok(key_id) => Finding::Verified { key_id },
            Err(why) => Finding::NotVerified { why: why.to_string() },
        }
    }
}

fn of_order(raw: &Raw) -> Finding {
    let Some(error) = raw.error() else { return raw.unclear() };
    match code_of(&error.code).as_str() {
        "SIGNERROR" => Finding::NotRecognised(said(error)),
        "ORDERNOTEXIST" => Finding::MerchantKnown,
        "NOAUTH" | "MCHNOTEXISTS" | "PARAMERROR" | "INVALIDREQUEST" | "RULELIMIT" | "ACCOUNTERROR" => {
            Finding::MerchantRefused(said(error))
        }
        _ => Finding::Refused(said(error)),
    }
}

fn said(error: ApiError) -> Said {
    Said { code: error.code, message: error.message }
}
