use channel::{Account, Finding, Said};

use crate::{
    Alipay,
    client::{Answer, ApiError},
    keys::Distrust,
    slice,
    wire::{self, WhichBody},
};

impl Alipay {
    /// Asks after a trade that does not exist, for the application itself or for an account: the answer says what one wants
    /// to know, and nothing changes. A refusal of the trade (`ACQ.…`) means that signature and leave were believed
    /// (PROTOCOLS 2.1 \[D 12\]).
    pub(crate) async fn look(&self, account: Option<&Account>) -> Vec<Finding> {
        let began_ms = (self.clock)();
        let number = format!("PROBE{began_ms}");
        let body = WhichBody { out_trade_no: Some(&number), trade_no: None };
        let call = match self.business(wire::QUERY, account, &body) {
            Ok(call) => call,
            Err(why) => return vec![Finding::Unclear { why }],
        };
        let (text, said_at_ms) = match self.client.exchange_dated(&call).await {
            Ok(answered) => answered,
            Err(why) if why.starts_with("HTTP ") => return vec![Finding::Unclear { why }],
            Err(why) => return vec![Finding::Unreachable { why }],
        };
        let ended_ms = (self.clock)();
        let mut found = vec![Finding::Reached { took_ms: ended_ms - began_ms }];
        let half_way_ms = began_ms + (ended_ms - began_ms) / 2;
        found.extend(said_at_ms.map(|theirs_ms| Finding::Skew { ahead_ms: half_way_ms - theirs_ms }));
        let signature = self.signature_of(&text, ended_ms);
        // What cannot be believed is told once, by its signature.
        if let (Ok(answer), false) =
            (self.client.believed(call.method, &text, &self.keys), matches!(signature, Finding::NotVerified { .. }))
        {
            found.extend(of_trade(answer, account));
        }
        found.push(signature);
        found
    }

    fn signature_of(&self, text: &str, now_ms: i64) -> Finding {
        let unreadable = || Finding::NotVerified { why: "the answer cannot be read".to_owned() };
        let Some(members) = slice::members(text) else { return unreadable() };
        let text_of = |name: &str| slice::only(&members, name).and_then(|raw| serde_json::from_str::<String>(raw).ok());
        let node = format!("{}_response", wire::QUERY.replace('.', "_"));
        let Some(raw) = slice::only(&members, &node).or_else(|| slice::only(&members, "error_response")) else {
            return unreadable();
        };
        let Some(sign) = text_of("sign").filter(|sign| !sign.is_empty()) else { return Finding::NotSigned };
        let serial = text_of("alipay_cert_sn");
        match self.keys.check(serial.as_deref(), raw, &sign, now_ms) {
            Ok(()) => Finding::Verified { key_id: serial.unwrap_or_else(|| "alipay_public_key".to_owned()) },
            Err(Distrust::Wrong) => Finding::NotVerified { why: "its signature is wrong".to_owned() },
            Err(Distrust::Unknown(serial)) => {
                Finding::NotVerified { why: format!("it is signed with unknown key {serial}") }
            }
        }
    }
}

fn of_trade(answer: Answer, account: Option<&Account>) -> Vec<Finding> {
    let known = || account.map(|_| Finding::MerchantKnown);
    let error = match answer {
        Answer::Error(error) => error,
        Answer::Done(_) | Answer::Waiting => return [Finding::Recognised].into_iter().chain(known()).collect(),
        Answer::Nothing(why) => return vec![Finding::Unclear { why }],
    };
    let name = error.name().to_owned();
    let about_leave = name.contains("auth-token") || name.contains("insufficient-isv") || error.code == "20001";
    if name.starts_with("ACQ.") {
        [Finding::Recognised].into_iter().chain(known()).collect()
    } else if about_leave {
        // An application that only acts for others is told so when it asks for itself; it was believed all the same.
        let refused = account.map(|_| Finding::MerchantRefused(said(error)));
        [Finding::Recognised].into_iter().chain(refused).collect()
    } else if name.contains("signature") || name.contains("invalid-app-id") || name.contains("app-cert") {
        vec![Finding::NotRecognised(said(error))]
    } else {
        vec![Finding::Refused(said(error))]
    }
}

fn said(error: ApiError) -> Said {
    Said { code: error.name().to_owned(), message: error.message }
}
