//! A pretended institution inside the process: keeps attempts, says what it is told to say, and writes notices that a
//! test can bend.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use channel::{
    Account, Acknowledgement, Channel, CloseOutcome, Credential, Headers, JsapiInvoke, Notice, NoticeError, Prepay,
    PrepayOutcome, QueryOutcome, RefreshError, Scene, Success,
};
use money::Amount;

use crate::outside::{Links, Provider};

/// The provider's number.
pub const SP_MCHID: &str = "1900000109";

/// Where an attempt stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum There {
    /// Unpaid.
    Open,
    /// Paid.
    Paid(Box<Success>),
    /// Closed.
    Closed,
}

#[derive(Default)]
struct State {
    attempts: HashMap<String, (Prepay, There)>,
    prepay_calls: Vec<String>,
    next_prepay: VecDeque<PrepayOutcome>,
    next_close: VecDeque<CloseOutcome>,
    down: bool,
    forget_answers: bool,
}

/// The institution.
#[derive(Default)]
pub struct Institution(Mutex<State>);

impl Institution {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// The links of a node that talks to it.
    pub fn links(self: &Arc<Self>) -> Links {
        let provider = Provider { channel: self.clone(), sp_mchid: SP_MCHID.into(), sp_appid: "wx88".into() };
        let mut links = Links::default();
        links.providers.insert("demo-sp".into(), provider);
        links
    }

    /// The next prepay is answered so; nothing is made.
    pub fn answer_prepay(&self, outcome: PrepayOutcome) {
        self.lock().next_prepay.push_back(outcome);
    }

    /// The next close is answered so; nothing changes.
    pub fn answer_close(&self, outcome: CloseOutcome) {
        self.lock().next_close.push_back(outcome);
    }

    /// Nobody gets an answer, and nothing is made.
    pub fn go_down(&self, down: bool) {
        self.lock().down = down;
    }

    /// Prepays are made, but their answers are lost.
    pub fn lose_answers(&self, lose: bool) {
        self.lock().forget_answers = lose;
    }

    /// The numbers it was asked to prepay, in order.
    pub fn prepays(&self) -> Vec<String> {
        self.lock().prepay_calls.clone()
    }

    /// Where an attempt stands.
    pub fn there(&self, out_trade_no: &str) -> Option<There> {
        self.lock().attempts.get(out_trade_no).map(|(_, there)| there.clone())
    }

    /// It no longer knows an attempt.
    pub fn forget(&self, out_trade_no: &str) {
        self.lock().attempts.remove(out_trade_no);
    }

    /// The payer pays.
    pub fn pay(&self, out_trade_no: &str, at_ms: i64) -> Success {
        let mut state = self.lock();
        let (prepay, there) = state.attempts.get_mut(out_trade_no).expect("an attempt");
        let success = Success {
            sp_mchid: SP_MCHID.into(),
            sub_mchid: "1900000110".into(),
            sp_appid: "wx88".into(),
            sub_appid: None,
            out_trade_no: out_trade_no.into(),
            transaction_id: format!("42{out_trade_no}"),
            total: prepay.amount,
            payer_total: Some(prepay.amount),
            settlement: None,
            currency: "CNY".into(),
            success_at_ms: at_ms,
            trade_type: "JSAPI".into(),
            payer_id: Some("openid-zhou".into()),
        };
        *there = There::Paid(Box::new(success.clone()));
        success
    }
}

/// A success as a body; headers say whether it is genuine.
pub fn notice(success: &Success) -> Vec<u8> {
    serde_json::json!({
        "no": success.out_trade_no, "transaction": success.transaction_id, "fen": success.total.fen(),
        "currency": success.currency, "sub": success.sub_mchid, "sp": success.sp_mchid, "at": success.success_at_ms,
    })
    .to_string()
    .into_bytes()
}

#[async_trait]
impl Channel for Institution {
    async fn prepay(&self, _: &Account, prepay: &Prepay) -> PrepayOutcome {
        let mut state = self.lock();
        state.prepay_calls.push(prepay.out_trade_no.clone());
        if state.down {
            return PrepayOutcome::Unknown("down".into());
        }
        if let Some(outcome) = state.next_prepay.pop_front() {
            return outcome;
        }
        let known = state.attempts.entry(prepay.out_trade_no.clone()).or_insert((prepay.clone(), There::Open));
        assert_eq!(known.0, *prepay, "the same number comes with identical parameters");
        if state.forget_answers {
            return PrepayOutcome::Unknown("the answer was lost".into());
        }
        PrepayOutcome::Ready(match &prepay.scene {
            Scene::Jsapi(_) => Credential::Jsapi(JsapiInvoke {
                app_id: "wx88".into(),
                time_stamp: "1".into(),
                nonce_str: "n".into(),
                package: format!("prepay_id={}", prepay.out_trade_no),
                sign_type: "RSA".into(),
                pay_sign: "s".into(),
            }),
            Scene::H5 { .. } => Credential::H5 {
                url: format!("https://wx.test/h5?back={}", prepay.return_url.as_deref().unwrap_or("")),
            },
            Scene::Native => Credential::Native { code_url: format!("weixin://{}", prepay.out_trade_no) },
        })
    }

    async fn query(&self, _: &Account, out_trade_no: &str) -> QueryOutcome {
        let state = self.lock();
        if state.down {
            return QueryOutcome::Unknown("down".into());
        }
        match state.attempts.get(out_trade_no) {
            None => QueryOutcome::NotFound,
            Some((_, There::Open)) => QueryOutcome::Pending,
            Some((_, There::Closed)) => QueryOutcome::Closed,
            Some((_, There::Paid(success))) => QueryOutcome::Succeeded(Success::clone(success)),
        }
    }

    async fn close(&self, _: &Account, out_trade_no: &str) -> CloseOutcome {
        let mut state = self.lock();
        if state.down {
            return CloseOutcome::Unknown("down".into());
        }
        if let Some(outcome) = state.next_close.pop_front() {
            return outcome;
        }
        match state.attempts.get_mut(out_trade_no) {
            Some((_, There::Paid(_))) => CloseOutcome::AlreadyPaid,
            Some((_, there)) => {
                *there = There::Closed;
                CloseOutcome::Closed
            }
            None => CloseOutcome::Closed,
        }
    }

    fn read_notice(&self, headers: &Headers, body: &[u8], _: i64) -> Result<Notice, NoticeError> {
        if headers.get("wechatpay-signature") != Some("genuine") {
            return Err(NoticeError::BadSignature);
        }
        let read: serde_json::Value =
            serde_json::from_slice(body).map_err(|e| NoticeError::Unreadable(e.to_string()))?;
        let text = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
        Ok(Notice::Payment(Success {
            sp_mchid: text("sp"),
            sub_mchid: text("sub"),
            sp_appid: "wx88".into(),
            sub_appid: None,
            out_trade_no: text("no"),
            transaction_id: text("transaction"),
            total: Amount::from_fen(read["fen"].as_i64().unwrap_or_default()),
            payer_total: None,
            settlement: None,
            currency: text("currency"),
            success_at_ms: read["at"].as_i64().unwrap_or_default(),
            trade_type: "JSAPI".into(),
            payer_id: None,
        }))
    }

    async fn refresh_keys(&self, _: i64) -> Result<(), RefreshError> {
        Ok(())
    }

    fn acknowledge(&self, accepted: bool) -> Acknowledgement {
        Acknowledgement { status: if accepted { 204 } else { 500 }, content_type: "text/plain", body: "" }
    }
}
