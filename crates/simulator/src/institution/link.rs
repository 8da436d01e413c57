//! A node's end of the wire to an institution: the port's words, and everything that goes wrong on the way.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use channel::{
    Account, Acknowledgement, BillOutcome, BillRequest, Channel, CloseOutcome, Credential, Headers, IdentifyError,
    JsapiInvoke, Notice, NoticeError, PayByCode, PayByCodeOutcome, PayerId, Prepay, PrepayOutcome, QueryOutcome,
    RefreshError, Refund, RefundFact, RefundOutcome, RefundQueryOutcome, ReverseOutcome, Scene,
};

use super::{Attempt, Institution, State, seal};
use crate::{matrix::Row, sim::NodeId};

/// An adapter gives up after this long.
const TIMEOUT_MS: i64 = 8_000;
/// For so long after it was made, a copy of the books may not know an attempt.
const LAG_MS: i64 = 3_000;

/// How one call fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Fine,
    RequestLost,
    AnswerLost,
    Late,
    Twice,
    Spoiled { row: Row, made: bool },
}

/// The wire.
pub struct Link {
    institution: Arc<Institution>,
    node: NodeId,
    known: AtomicU64,
    fetched: AtomicU64,
}

impl Link {
    pub(super) fn new(institution: Arc<Institution>, node: NodeId) -> Link {
        Link { institution, node, known: AtomicU64::new(1), fetched: AtomicU64::new(0) }
    }

    fn fate(&self) -> Fate {
        let sim = &self.institution.sim;
        if self.institution.is_down() {
            return Fate::RequestLost;
        }
        if !sim.fault(1, 6) {
            return Fate::Fine;
        }
        match sim.below(9) {
            0 => Fate::RequestLost,
            1 | 2 => Fate::AnswerLost,
            3 => Fate::Late,
            4 => Fate::Twice,
            5 => Fate::Spoiled { row: Row::Broken, made: sim.chance(1, 2) },
            6 => Fate::Spoiled { row: Row::RateLimited, made: false },
            7 => Fate::Spoiled { row: Row::Html, made: sim.chance(1, 2) },
            _ => Fate::Spoiled { row: Row::Unsigned, made: true },
        }
    }

    /// One call: `run` is what the institution does with it; its argument says that the caller had given up before.
    async fn call<T: std::fmt::Debug + Send + 'static>(
        &self,
        what: &str,
        run: impl Fn(&Arc<Institution>, bool) -> T + Send + Sync + 'static,
    ) -> (Fate, Result<T, String>) {
        let (sim, institution) = (&self.institution.sim, &self.institution);
        let fate = self.fate();
        let began_ms = sim.now_ms();
        sim.pause(2, 60).await;
        if sim.fault(1, 15) {
            sim.pause(200, 3_500).await;
        }
        let answer = match fate {
            Fate::Fine => Ok(run(institution, false)),
            Fate::RequestLost => Err("timed out"),
            Fate::AnswerLost => {
                run(institution, false);
                Err("timed out")
            }
            Fate::Late => {
                let (late, wait_ms) = (institution.clone(), sim.between(TIMEOUT_MS + 1, 45_000));
                sim.spawn(0, async move {
                    late.sim.wait(wait_ms).await;
                    run(&late, true);
                });
                Err("timed out")
            }
            Fate::Twice => {
                let (again, wait_ms) = (institution.clone(), sim.between(0, 20_000));
                let answer = run(institution, false);
                sim.spawn(0, async move {
                    again.sim.wait(wait_ms).await;
                    run(&again, true);
                });
                Ok(answer)
            }
            Fate::Spoiled { row, made } => {
                if made {
                    run(institution, false);
                }
                institution.auditor.row(row);
                Err(row.words())
            }
        };
        sim.log(format!("node {}: {what}: {fate:?}: {answer:?}", self.node));
        match answer {
            Err("timed out") => sim.wait(began_ms + TIMEOUT_MS - sim.now_ms()).await,
            _ => sim.pause(2, 60).await,
        }
        (fate, answer.map_err(str::to_owned))
    }

    fn credential(&self, prepay: &Prepay) -> Credential {
        let number = &prepay.out_trade_no;
        match &prepay.scene {
            Scene::Jsapi(_) if self.institution.is_alipay() => Credential::Trade { trade_no: format!("T{number}") },
            Scene::Jsapi(_) => Credential::Jsapi(JsapiInvoke {
                app_id: super::SP_APPID.into(),
                time_stamp: "1".into(),
                nonce_str: "n".into(),
                package: format!("prepay_id={number}"),
                sign_type: "RSA".into(),
                pay_sign: "s".into(),
            }),
            Scene::H5 { .. } => Credential::H5 { url: format!("https://wx.test/h5?id={number}") },
            Scene::Native => Credential::Native { code_url: format!("weixin://{number}") },
        }
    }
}

fn lags(institution: &Institution, attempt: &Attempt) -> bool {
    institution.sim.now_ms() - attempt.made_at_ms < LAG_MS && institution.sim.fault(1, 4)
}

#[async_trait]
impl Channel for Link {
    async fn prepay(&self, account: &Account, prepay: &Prepay) -> PrepayOutcome {
        let number = prepay.out_trade_no.clone();
        if self.institution.is_alipay() && matches!(prepay.scene, Scene::H5 { .. }) {
            // An address that we sign ourselves: nobody is asked.
            self.institution.sim.give_way().await;
            let made = self.institution.make(account, prepay, false);
            self.institution.answered(&number);
            return made.map_or_else(PrepayOutcome::Refused, |()| PrepayOutcome::Ready(self.credential(prepay)));
        }
        let (own_account, own_prepay) = (account.clone(), prepay.clone());
        let eager = self.institution.sim.fault(1, 14);
        let run = move |institution: &Arc<Institution>, given_up: bool| {
            let made = institution.make(&own_account, &own_prepay, given_up);
            if eager && made.is_ok() && !given_up {
                // A wallet that knows the attempt before we do.
                let (bank, number) = (institution.clone(), own_prepay.out_trade_no.clone());
                institution.sim.spawn(0, async move {
                    let paid = bank.pay(&number, None).await;
                    bank.sim.log(format!("{number} is paid before its call returned: {paid:?}"));
                });
            }
            made
        };
        let (fate, answer) = self.call(&format!("prepay {number}"), run).await;
        if eager {
            self.institution.sim.pause(2_000, 6_000).await;
        }
        match fate {
            Fate::AnswerLost => self.institution.auditor.row(Row::CreateTimedOutMade),
            Fate::RequestLost => self.institution.auditor.row(Row::CreateTimedOutNotMade),
            Fate::Fine | Fate::Late | Fate::Twice | Fate::Spoiled { .. } => {}
        }
        self.institution.answered(&number);
        match answer {
            Ok(Ok(())) => PrepayOutcome::Ready(self.credential(prepay)),
            Ok(Err(refusal)) => PrepayOutcome::Refused(refusal),
            Err(why) => PrepayOutcome::Unknown(why),
        }
    }

    async fn query(&self, _: &Account, out_trade_no: &str) -> QueryOutcome {
        let number = out_trade_no.to_owned();
        let run = move |institution: &Arc<Institution>, _| match institution.attempt(&number) {
            None | Some(Attempt { state: State::Latent, .. }) => QueryOutcome::NotFound,
            Some(attempt) if lags(institution, &attempt) => QueryOutcome::NotFound,
            Some(attempt) => match attempt.state {
                State::Open if institution.sim.now_ms() >= attempt.prepay.expires_at_ms + 60_000 => {
                    QueryOutcome::Closed
                }
                State::Open | State::Latent => QueryOutcome::Pending,
                State::Closed => QueryOutcome::Closed,
                State::Paid(success) => QueryOutcome::Succeeded(*success),
            },
        };
        let (_, answer) = self.call(&format!("query {out_trade_no}"), run).await;
        answer.unwrap_or_else(QueryOutcome::Unknown)
    }

    async fn close(&self, _: &Account, out_trade_no: &str) -> CloseOutcome {
        let number = out_trade_no.to_owned();
        let run = move |institution: &Arc<Institution>, _| {
            if institution.shut(&number) { CloseOutcome::Closed } else { CloseOutcome::AlreadyPaid }
        };
        let (_, answer) = self.call(&format!("close {out_trade_no}"), run).await;
        answer.unwrap_or_else(CloseOutcome::Unknown)
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

    async fn refund(&self, account: &Account, refund: &Refund) -> RefundOutcome {
        let number = refund.out_refund_no.clone();
        let eager = self.institution.sim.fault(1, 6);
        let (own_account, own_refund) = (account.clone(), refund.clone());
        let run = move |institution: &Arc<Institution>, given_up: bool| {
            institution.give_back(&own_account, &own_refund, eager && !given_up)
        };
        let (_, answer) = self.call(&format!("refund {number}"), run).await;
        if eager {
            self.institution.sim.pause(1_000, 5_000).await;
        }
        self.institution.refund_answered(&number);
        answer.unwrap_or_else(RefundOutcome::Unknown)
    }

    async fn query_refund(&self, _: &Account, refund: &Refund) -> RefundQueryOutcome {
        let number = refund.out_refund_no.clone();
        let run = move |institution: &Arc<Institution>, _| {
            institution.returned(&number).map_or(RefundQueryOutcome::NotFound, RefundQueryOutcome::Known)
        };
        let (_, answer) = self.call(&format!("query refund {}", refund.out_refund_no), run).await;
        answer.unwrap_or_else(RefundQueryOutcome::Unknown)
    }

    async fn redirect_refund(&self, _: &Account, fact: &RefundFact) -> RefundOutcome {
        let number = fact.out_refund_no.clone();
        let run = move |institution: &Arc<Institution>, _| institution.redirect(&number);
        let (_, answer) = self.call(&format!("redirect {}", fact.out_refund_no), run).await;
        answer.unwrap_or_else(RefundOutcome::Unknown)
    }

    fn authorize_url(&self, redirect_url: &str, state: &str) -> Option<String> {
        self.institution.is_alipay().then(|| format!("https://auth.test/?redirect={redirect_url}&state={state}"))
    }

    async fn identify(&self, code: &str) -> Result<PayerId, IdentifyError> {
        self.institution.sim.pause(2, 60).await;
        let who = self.institution.who(code);
        who.map(PayerId::Provider).ok_or_else(|| IdentifyError::BadCode(code.to_owned()))
    }

    fn read_notice(&self, headers: &Headers, body: &[u8], now_ms: i64) -> Result<Notice, NoticeError> {
        if self.institution.is_alipay() {
            seal::verify_body(body)?;
            return seal::read(body);
        }
        seal::verify(headers, body, self.known.load(Ordering::Relaxed), now_ms)?;
        if self.fetched.swap(0, Ordering::Relaxed) > 0 {
            self.institution.auditor.row(Row::KeyRotated);
        }
        seal::read(body)
    }

    async fn refresh_keys(&self, _: i64) -> Result<(), RefreshError> {
        let (_, keys) = self.call("keys", |institution, _| institution.keys()).await;
        let keys = keys.map_err(RefreshError)?;
        if self.known.fetch_max(keys, Ordering::Relaxed) < keys {
            self.fetched.store(keys, Ordering::Relaxed);
        }
        Ok(())
    }

    fn acknowledge(&self, accepted: bool) -> Acknowledgement {
        Acknowledgement { status: if accepted { 204 } else { 500 }, content_type: "text/plain", body: "" }
    }
}
