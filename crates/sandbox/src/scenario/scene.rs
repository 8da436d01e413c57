//! One row on one channel: its steps, and what everybody saw.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::Stop;
use super::institution::Institution;
use super::mott::{Bill, Mott, Pressed};
use crate::faults::Provider;
use crate::pages::yuan;

/// How long what should happen at once may take in real time.
const SOON: u32 = 120;
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// When `mott` asks about a payment that nobody told it of, and again, ms.
const ASKED_AFTER_MS: i64 = 11_000;

pub(crate) struct Scene<'a> {
    pub mott: &'a Mott,
    pub there: &'a Institution,
    pub with: Provider,
    lines: Mutex<Vec<String>>,
}

/// Fails with what was wanted and what was found.
pub(crate) fn must(holds: bool, why: impl FnOnce() -> String) -> Result<(), Stop> {
    if holds { Ok(()) } else { Err(Stop::Failed(why())) }
}

impl<'a> Scene<'a> {
    pub fn new(mott: &'a Mott, there: &'a Institution, with: Provider) -> Self {
        Self { mott, there, with, lines: Mutex::default() }
    }

    /// Another line of the story.
    pub fn tell(&self, words: impl Into<String>) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(words.into());
    }

    /// The story so far.
    pub fn told(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn is_alipay(&self) -> bool {
        self.with == Provider::Alipay
    }

    /// The other institution.
    pub fn other(&self) -> Provider {
        if self.is_alipay() { Provider::WechatPay } else { Provider::Alipay }
    }

    /// Arms a fault of this institution.
    pub async fn arm(&self, kind: &str) -> Result<(), Stop> {
        self.arm_with(kind, json!({})).await
    }

    /// The same, with more said.
    pub async fn arm_with(&self, kind: &str, more: Value) -> Result<(), Stop> {
        let mut fault = json!({ "kind": kind, "provider": self.with.name() });
        if let (Some(fault), Some(more)) = (fault.as_object_mut(), more.as_object()) {
            fault.extend(more.clone());
        }
        self.there.arm(&fault).await
    }

    /// Until [`Institution::calm`] no query is answered: what is known then, a callback has told. (Whoever looks at an
    /// open order makes `mott` ask.)
    pub async fn mute_queries(&self) -> Result<(), Stop> {
        self.arm_with("http_500", json!({ "on": "query", "count": 1000 })).await
    }

    /// The payer fills in the form.
    pub async fn submit(&self, fen: i64) -> Result<Bill, Stop> {
        let bill = self.mott.submit(fen).await?;
        self.tell(format!("付款人填单 ¥{}", yuan(fen)));
        Ok(bill)
    }

    /// The payer presses "pay" inside this institution's wallet.
    pub async fn press(&self, bill: &Bill) -> Result<Pressed, Stop> {
        self.mott.press(bill, self.with.name(), "jsapi").await
    }

    /// The same, and a credential must come of it.
    pub async fn ready(&self, bill: &Bill) -> Result<Pressed, Stop> {
        let pressed = self.press(bill).await?;
        match pressed {
            Pressed::Refused(status, code) => Err(Stop::Failed(format!("付款页没有拉起钱包：{status} {code}"))),
            pressed => Ok(pressed),
        }
    }

    /// The wallet is handed what the page was given, and its owner presses "pay". True: the wallet says it is paid.
    pub async fn pay(&self, pressed: &Pressed) -> Result<bool, Stop> {
        let answer = match pressed {
            Pressed::Jsapi(invoke) => self.there.post("/wallet/jsapi", invoke).await?,
            Pressed::Trade(number) => self.there.post("/wallet/alipay/pay", &json!({ "trade_no": number })).await?,
            Pressed::H5(url) if url.contains("gateway.do") => {
                self.there.post("/wallet/alipay/pay", &json!({ "url": url })).await?
            }
            Pressed::H5(_) | Pressed::Native | Pressed::Paid | Pressed::Refused(..) => {
                return Err(Stop::Failed(format!("没有可以交给钱包的：{pressed:?}")));
            }
        };
        Ok(answer["err_msg"] == "get_brand_wcpay_request:ok" || answer["resultCode"] == "9000")
    }

    /// The payer pays an attempt by its number, as by a code that was scanned.
    pub async fn pay_number(&self, out_trade_no: &str) -> Result<bool, Stop> {
        let answer = self.there.pay_number(self.is_alipay(), out_trade_no).await?;
        Ok(answer["err_msg"] == "get_brand_wcpay_request:ok" || answer["resultCode"] == "9000")
    }

    /// Submits, presses and pays.
    pub async fn paid_in_wallet(&self, fen: i64) -> Result<Bill, Stop> {
        let bill = self.submit(fen).await?;
        let pressed = self.ready(&bill).await?;
        must(self.pay(&pressed).await?, || "钱包没有付成".to_owned())?;
        self.tell("钱包：支付成功");
        Ok(bill)
    }

    /// Waits a little until the payer's page says `status`.
    pub async fn until(&self, bill: &Bill, status: &str) -> Result<(), Stop> {
        let mut last = String::new();
        for _ in 0..SOON {
            last = self.mott.status(bill).await?;
            if last == status {
                self.tell(format!("付款人看到：{}", words(status)));
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(Stop::Failed(format!("付款页应为 {status}，却是 {last}")))
    }

    /// Lets the time pass after which `mott` asks by itself, and waits until it has found out.
    pub async fn until_asked(&self, bill: &Bill, status: &str) -> Result<(), Stop> {
        for _ in 0..6 {
            self.there.pass(ASKED_AFTER_MS).await?;
            for _ in 0..SOON / 6 {
                if self.mott.status(bill).await? == status {
                    self.tell(format!("没有回调，系统自己查到：{}", words(status)));
                    return Ok(());
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        let last = self.mott.status(bill).await?;
        Err(Stop::Failed(format!("查单之后应为 {status}，却是 {last}")))
    }

    /// Waits a little until `holds` of all of the order, as the console shows it; gives it.
    pub async fn until_order(&self, bill: &Bill, what: &str, holds: impl Fn(&Value) -> bool) -> Result<Value, Stop> {
        let mut order = Value::Null;
        for _ in 0..SOON {
            order = self.mott.order(&bill.order_id).await?;
            if holds(&order) {
                return Ok(order);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(Stop::Failed(format!("后台应看到{what}，却是 {order}")))
    }

    /// The attempts of an order, oldest first.
    pub async fn attempts(&self, bill: &Bill) -> Result<Vec<Value>, Stop> {
        let order = self.mott.order(&bill.order_id).await?;
        Ok(order["payments"].as_array().cloned().unwrap_or_default())
    }

    /// The number of the newest attempt.
    pub async fn newest_number(&self, bill: &Bill) -> Result<String, Stop> {
        let attempts = self.attempts(bill).await?;
        let newest = attempts.last().and_then(|attempt| attempt["out_trade_no"].as_str());
        newest.map(str::to_owned).ok_or_else(|| Stop::Failed("订单没有支付单".to_owned()))
    }

    /// The books of one order: exactly one success, paid once, for its manager once, the ledger agrees to the fen.
    pub async fn booked_once(&self, bill: &Bill) -> Result<(), Stop> {
        self.booked(bill, &["order"]).await
    }

    /// The books of one order: these bookings and no other, and each is a success of the ledger.
    pub async fn booked(&self, bill: &Bill, expected: &[&str]) -> Result<(), Stop> {
        let attempts = self.attempts(bill).await?;
        let mut found: Vec<String> = Vec::new();
        for attempt in &attempts {
            let ledger = self.there.ledger(attempt["out_trade_no"].as_str().unwrap_or_default()).await?;
            let there = ledger["successes"].as_array().map_or(0, Vec::len);
            let here = usize::from(attempt["status"] == "paid");
            must(there == here, || format!("机构有 {there} 笔成功，我们有 {here} 笔：{attempt}"))?;
            if here == 1 {
                let success = &ledger["successes"][0];
                must(success["fen"] == bill.fen && attempt["amount_fen"] == bill.fen, || {
                    format!("金额不一致：机构 {success}，我们 {attempt}")
                })?;
                found.push(attempt["booked"].as_str().unwrap_or_default().to_owned());
            }
        }
        found.sort();
        let mut wanted: Vec<&str> = expected.to_vec();
        wanted.sort_unstable();
        must(found == wanted, || format!("应入账为 {wanted:?}，却是 {found:?}"))?;
        let paid = expected.contains(&"order");
        if let Some(records) = self.mott.manager_records(bill).await? {
            let count = records.len();
            must(count == usize::from(paid), || format!("经理应看到 {} 笔收款，却是 {count} 笔", i32::from(paid)))?;
            self.tell(format!("经理看到 {count} 笔收款"));
        }
        self.tell(format!(
            "账上：{}，与机构的账一致",
            if found.is_empty() { "没有入账".to_owned() } else { found.join("、") }
        ));
        Ok(())
    }

    /// What waits for a person about this order; nothing where this `mott` has no such page yet.
    async fn items(&self, bill: &Bill) -> Result<Option<Vec<Value>>, Stop> {
        let (status, told) = self.mott.admin(Method::GET, "/api/admin/inbox?state=open&limit=100", None).await?;
        if status == 404 {
            return Ok(None);
        }
        must(status == 200, || format!("待处理打不开：{status} {told}"))?;
        let items = told["items"].as_array().cloned().unwrap_or_default();
        Ok(Some(items.into_iter().filter(|item| item["order_id"] == bill.order_id.as_str()).collect()))
    }

    /// The admin claims the late money that waits: the company keeps it, and the manager sees it.
    pub async fn claimed(&self, bill: &Bill) -> Result<(), Stop> {
        let Some(items) = self.items(bill).await? else { return Ok(()) };
        let id = items.first().and_then(|item| item["inbox_id"].as_str()).unwrap_or_default();
        let path = format!("/api/admin/inbox/{id}/claim");
        let (status, told) = self.mott.admin(Method::POST, &path, Some(&json!({ "words": "货已发出" }))).await?;
        must(status == 200, || format!("不能认领：{status} {told}"))?;
        if let Some(records) = self.mott.manager_records(bill).await? {
            must(records.len() == 1, || format!("认领之后经理应看到一笔，却是 {}", records.len()))?;
        }
        self.tell("管理员认领，经理看到这笔收款");
        Ok(())
    }

    /// Exactly such items wait for a person about this order.
    pub async fn raised(&self, bill: &Bill, kinds: &[&str]) -> Result<(), Stop> {
        let Some(items) = self.items(bill).await? else {
            self.tell("这个版本的后台还没有待处理");
            return Ok(());
        };
        let mut found: Vec<&str> = items.iter().filter_map(|item| item["kind"].as_str()).collect();
        found.sort();
        found.dedup();
        must(found == kinds, || format!("待处理应有 {kinds:?}，却是 {found:?}"))?;
        let shown =
            if kinds.is_empty() { "没有待处理".to_owned() } else { format!("待处理：{}", kinds.join("、")) };
        self.tell(format!("管理员看到：{shown}"));
        Ok(())
    }
}

fn words(status: &str) -> &str {
    match status {
        "paid" => "支付成功",
        "closed" => "订单已关闭",
        "pending" => "等待支付",
        other => other,
    }
}
