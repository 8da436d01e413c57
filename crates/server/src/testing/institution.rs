//! A pretended institution inside the process: keeps attempts, says what it is told, and writes notices that bend.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use channel::{
    Account, Acknowledgement, BillOutcome, BillRequest, Channel, CloseOutcome, Credential, Finding, Headers,
    IdentifyError, JsapiInvoke, Notice, NoticeError, PayByCode, PayByCodeOutcome, PayerId, Prepay, PrepayOutcome,
    QueryOutcome, RefreshError, Refund, RefundFact, RefundOutcome, RefundQueryOutcome, RefundStatus, Refusal,
    RefusalKind, ReverseOutcome, Scene, Success, VerificationKey,
};
use money::Amount;

use crate::{
    merchant::ChannelKind,
    outside::{Links, Provider},
};

/// The provider's number.
pub const SP_MCHID: &str = "1900000109";
/// The provider's appid.
const SP_APPID: &str = "wx88";
/// The merchant's number.
pub const SUB_MCHID: &str = "1900000110";
/// The number of the other institution's app.
pub const APP_ID: &str = "2021000000000001";
/// The merchant's number there.
pub const SELLER_ID: &str = "2088000000000001";
/// The merchant's leave there.
pub const LEAVE: &str = "202611BB-leave";

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
    refunds: HashMap<String, RefundFact>,
    refund_calls: Vec<String>,
    next_refund: VecDeque<RefundOutcome>,
    next_redirect: VecDeque<RefundOutcome>,
    down: bool,
    forget_answers: bool,
    /// Alipay's manners: a code or a phone's page is an attempt only once the payer acts, and who calls shows the
    /// merchant's leave.
    is_alipay: bool,
    /// What was handed out and is not made yet.
    handed_out: HashMap<String, Prepay>,
    keys: Vec<VerificationKey>,
    fetches: usize,
    finds: (Vec<Finding>, Vec<Finding>),
}

impl State {
    fn sp_mchid(&self) -> &'static str {
        if self.is_alipay { APP_ID } else { SP_MCHID }
    }

    fn sp_appid(&self) -> &'static str {
        if self.is_alipay { APP_ID } else { SP_APPID }
    }

    fn sub_mchid(&self) -> &'static str {
        if self.is_alipay { SELLER_ID } else { SUB_MCHID }
    }

    fn check(&self, account: &Account) {
        assert!(!self.is_alipay || account.sub_mchid == SELLER_ID, "its leave is for one merchant");
        let leave = account.authorization.as_ref().map(|leave| leave.0.as_str());
        assert_eq!(leave, self.is_alipay.then_some(LEAVE), "who calls for a merchant shows its leave");
    }
}

/// The institution.
#[derive(Default)]
pub struct Institution(Mutex<State>);

impl Institution {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// One with Alipay's manners.
    pub fn alipay() -> Institution {
        Institution(Mutex::new(State { is_alipay: true, ..State::default() }))
    }

    /// The links of a node that talks to it.
    pub fn links(self: &Arc<Self>) -> Links {
        let mut links = Links::default();
        self.join(&mut links);
        links
    }

    /// Adds it to the links of a node.
    pub fn join(self: &Arc<Self>, links: &mut Links) {
        let is_alipay = self.lock().is_alipay;
        let (key, kind, sp_mchid, sp_appid) = if is_alipay {
            ("demo-ali", ChannelKind::Alipay, APP_ID, APP_ID)
        } else {
            ("demo-sp", ChannelKind::Wechatpay, SP_MCHID, SP_APPID)
        };
        let provider = Provider { kind, channel: self.clone(), sp_mchid: sp_mchid.into(), sp_appid: sp_appid.into() };
        links.providers.insert(key.into(), provider);
    }

    /// The payer scans the code or signs in on the page: now the attempt exists, unless its time is over.
    pub fn act(&self, out_trade_no: &str, now_ms: i64) -> bool {
        let mut state = self.lock();
        match state.handed_out.remove(out_trade_no) {
            Some(prepay) if now_ms < prepay.expires_at_ms => {
                state.attempts.insert(out_trade_no.to_owned(), (prepay, There::Open));
                true
            }
            _ => false,
        }
    }

    /// What a probe of the provider finds, and one of a merchant.
    pub fn finds(&self, of_provider: Vec<Finding>, of_merchant: Vec<Finding>) {
        self.lock().finds = (of_provider, of_merchant);
    }

    /// What it is verified with.
    pub fn has_keys(&self, keys: Vec<VerificationKey>) {
        self.lock().keys = keys;
    }

    /// How often its keys were asked for.
    pub fn fetches(&self) -> usize {
        self.lock().fetches
    }

    /// The next prepay is answered so; nothing is made.
    pub fn answer_prepay(&self, outcome: PrepayOutcome) {
        self.lock().next_prepay.push_back(outcome);
    }

    /// The next close is answered so; nothing changes.
    pub fn answer_close(&self, outcome: CloseOutcome) {
        self.lock().next_close.push_back(outcome);
    }

    /// The next refund is answered so; nothing is made.
    pub fn answer_refund(&self, outcome: RefundOutcome) {
        self.lock().next_refund.push_back(outcome);
    }

    /// The next redirection is answered so; nothing changes.
    pub fn answer_redirect(&self, outcome: RefundOutcome) {
        self.lock().next_redirect.push_back(outcome);
    }

    /// The numbers it was asked to refund, in order.
    pub fn refund_calls(&self) -> Vec<String> {
        self.lock().refund_calls.clone()
    }

    /// Where a refund stands there.
    pub fn refund_there(&self, out_refund_no: &str) -> Option<RefundFact> {
        self.lock().refunds.get(out_refund_no).cloned()
    }

    /// A refund moves there; this is what is told of it.
    pub fn move_refund(&self, out_refund_no: &str, status: RefundStatus, at_ms: i64) -> RefundFact {
        let mut state = self.lock();
        let fact = state.refunds.get_mut(out_refund_no).expect("a refund");
        fact.status = status;
        fact.success_at_ms = (status == RefundStatus::Succeeded).then_some(at_ms);
        fact.clone()
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
        let (sp_mchid, sp_appid, sub_mchid) = (state.sp_mchid(), state.sp_appid(), state.sub_mchid());
        let (prepay, there) = state.attempts.get_mut(out_trade_no).expect("an attempt");
        let success = Success {
            sp_mchid: sp_mchid.into(),
            sub_mchid: sub_mchid.into(),
            sp_appid: sp_appid.into(),
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

/// What is told of a refund, as a body.
pub fn refund_notice(fact: &RefundFact) -> Vec<u8> {
    let status = match fact.status {
        RefundStatus::Processing => "processing",
        RefundStatus::Succeeded => "succeeded",
        RefundStatus::Closed => "closed",
        RefundStatus::Abnormal => "abnormal",
    };
    serde_json::json!({
        "refund": fact.out_refund_no, "no": fact.out_trade_no, "transaction": fact.transaction_id, "status": status,
        "fen": fact.amount.fen(), "sub": fact.sub_mchid, "sp": fact.sp_mchid, "at": fact.success_at_ms,
    })
    .to_string()
    .into_bytes()
}

fn read_refund(read: &serde_json::Value) -> RefundFact {
    let text = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
    RefundFact {
        sp_mchid: read["sp"].as_str().map(Into::into),
        sub_mchid: read["sub"].as_str().map(Into::into),
        out_refund_no: text("refund"),
        out_trade_no: text("no"),
        transaction_id: text("transaction"),
        refund_id: Some(format!("50{}", text("refund"))),
        status: match text("status").as_str() {
            "processing" => RefundStatus::Processing,
            "succeeded" => RefundStatus::Succeeded,
            "closed" => RefundStatus::Closed,
            _ => RefundStatus::Abnormal,
        },
        amount: Amount::from_fen(read["fen"].as_i64().unwrap_or_default()),
        total: None,
        success_at_ms: read["at"].as_i64(),
        received_account: "招商银行信用卡0403".into(),
    }
}

#[async_trait]
impl Channel for Institution {
    async fn prepay(&self, account: &Account, prepay: &Prepay) -> PrepayOutcome {
        let mut state = self.lock();
        state.check(account);
        state.prepay_calls.push(prepay.out_trade_no.clone());
        if state.down {
            return PrepayOutcome::Unknown("down".into());
        }
        if let Some(outcome) = state.next_prepay.pop_front() {
            return outcome;
        }
        let made_by_payer = state.is_alipay && !matches!(prepay.scene, Scene::Jsapi(_));
        let number = prepay.out_trade_no.clone();
        let known = if made_by_payer {
            state.handed_out.entry(number).or_insert(prepay.clone())
        } else {
            &mut state.attempts.entry(number).or_insert((prepay.clone(), There::Open)).0
        };
        assert_eq!(known, prepay, "the same number comes with identical parameters");
        if state.forget_answers {
            return PrepayOutcome::Unknown("the answer was lost".into());
        }
        PrepayOutcome::Ready(match &prepay.scene {
            Scene::Jsapi(_) if state.is_alipay => {
                Credential::Trade { trade_no: format!("2026{}", prepay.out_trade_no) }
            }
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

    async fn query(&self, account: &Account, out_trade_no: &str) -> QueryOutcome {
        let state = self.lock();
        state.check(account);
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

    async fn close(&self, account: &Account, out_trade_no: &str) -> CloseOutcome {
        let mut state = self.lock();
        state.check(account);
        if state.down {
            return CloseOutcome::Unknown("down".into());
        }
        if let Some(outcome) = state.next_close.pop_front() {
            return outcome;
        }
        let is_alipay = state.is_alipay;
        match state.attempts.get_mut(out_trade_no) {
            Some((_, There::Paid(_))) => CloseOutcome::AlreadyPaid,
            Some((_, there)) => {
                *there = There::Closed;
                CloseOutcome::Closed
            }
            // What is not made cannot be closed; WeChat Pay answers as if it had been.
            None if is_alipay => CloseOutcome::Unknown("the trade does not exist".into()),
            None => CloseOutcome::Closed,
        }
    }

    fn authorize_url(&self, redirect_url: &str, state: &str) -> Option<String> {
        let asks = self.lock().is_alipay;
        asks.then(|| format!("https://openauth.test/auth?redirect_uri={redirect_url}&state={state}"))
    }

    async fn identify(&self, code: &str) -> Result<PayerId, IdentifyError> {
        match code {
            "good" => Ok(PayerId::Provider("2088102175794899".into())),
            _ => Err(IdentifyError::BadCode("used".into())),
        }
    }

    async fn refund(&self, account: &Account, refund: &Refund) -> RefundOutcome {
        let mut state = self.lock();
        state.refund_calls.push(refund.out_refund_no.clone());
        if state.down {
            return RefundOutcome::Unknown("down".into());
        }
        if let Some(outcome) = state.next_refund.pop_front() {
            return outcome;
        }
        let refused = |code: &str| {
            RefundOutcome::Refused(Refusal { kind: RefusalKind::Other, code: code.into(), message: String::new() })
        };
        let Some((_, There::Paid(paid))) = state.attempts.get(&refund.out_trade_no) else {
            return refused("RESOURCE_NOT_EXISTS");
        };
        let (paid_fen, sp_mchid) = (paid.total.fen(), paid.sp_mchid.clone());
        let others = state.refunds.values().filter(|fact| {
            fact.out_trade_no == refund.out_trade_no
                && fact.out_refund_no != refund.out_refund_no
                && fact.status != RefundStatus::Closed
        });
        let sum: i64 = others.map(|fact| fact.amount.fen()).sum();
        if sum + refund.amount.fen() > paid_fen {
            return refused("INVALID_REQUEST");
        }
        let made = RefundFact {
            sp_mchid: Some(sp_mchid),
            sub_mchid: Some(account.sub_mchid.clone()),
            out_refund_no: refund.out_refund_no.clone(),
            out_trade_no: refund.out_trade_no.clone(),
            transaction_id: refund.transaction_id.clone(),
            refund_id: Some(format!("50{}", refund.out_refund_no)),
            status: RefundStatus::Processing,
            amount: refund.amount,
            total: Some(refund.total),
            success_at_ms: None,
            received_account: "招商银行信用卡0403".into(),
        };
        let fact = state.refunds.entry(refund.out_refund_no.clone()).or_insert(made).clone();
        if state.forget_answers { RefundOutcome::Unknown("lost".into()) } else { RefundOutcome::Known(fact) }
    }

    async fn query_refund(&self, _: &Account, refund: &Refund) -> RefundQueryOutcome {
        let state = self.lock();
        if state.down {
            return RefundQueryOutcome::Unknown("down".into());
        }
        let known = state.refunds.get(&refund.out_refund_no).cloned();
        known.map_or(RefundQueryOutcome::NotFound, RefundQueryOutcome::Known)
    }

    async fn redirect_refund(&self, _: &Account, refund: &RefundFact) -> RefundOutcome {
        let mut state = self.lock();
        if let Some(outcome) = state.next_redirect.pop_front() {
            return outcome;
        }
        let Some(fact) = state.refunds.get_mut(&refund.out_refund_no) else {
            return RefundOutcome::Unknown("no such refund".into());
        };
        fact.status = RefundStatus::Processing;
        fact.received_account = "商户银行账户".into();
        RefundOutcome::Known(fact.clone())
    }

    async fn pay_by_code(&self, _: &Account, _: &PayByCode) -> PayByCodeOutcome {
        PayByCodeOutcome::Unknown("payment codes are not played here".into())
    }

    async fn reverse(&self, _: &Account, _: &str) -> ReverseOutcome {
        ReverseOutcome::Unknown("payment codes are not played here".into())
    }

    async fn query_by_transaction(&self, _: &Account, _: &str) -> QueryOutcome {
        QueryOutcome::Unknown("asked by our number only".into())
    }

    async fn fetch_bill(&self, _: &BillRequest) -> BillOutcome {
        BillOutcome::Unknown("bills are not played here".into())
    }

    fn read_notice(&self, headers: &Headers, body: &[u8], _: i64) -> Result<Notice, NoticeError> {
        if headers.get("wechatpay-signature") != Some("genuine") {
            return Err(NoticeError::BadSignature);
        }
        let read: serde_json::Value =
            serde_json::from_slice(body).map_err(|e| NoticeError::Unreadable(e.to_string()))?;
        if read["refund"].is_string() {
            return Ok(Notice::Refund(read_refund(&read)));
        }
        let text = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
        Ok(Notice::Payment(Success {
            sp_mchid: text("sp"),
            sub_mchid: text("sub"),
            sp_appid: self.lock().sp_appid().into(),
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

    async fn probe(&self, account: Option<&Account>) -> Vec<Finding> {
        let state = self.lock();
        if account.is_some() { state.finds.1.clone() } else { state.finds.0.clone() }
    }

    fn verification_keys(&self) -> Vec<VerificationKey> {
        self.lock().keys.clone()
    }

    async fn refresh_keys(&self, _: i64) -> Result<(), RefreshError> {
        let mut state = self.lock();
        state.fetches += 1;
        if state.down { Err(RefreshError("down".into())) } else { Ok(()) }
    }

    fn acknowledge(&self, accepted: bool) -> Acknowledgement {
        Acknowledgement { status: if accepted { 204 } else { 500 }, content_type: "text/plain", body: "" }
    }
}
