//! `mott` from outside: the payer's page as its script calls it, the console's API, the manager's API.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::institution::Institution;
use super::{Stop, Target};
use crate::random;

/// A phone's WeChat.
const WECHAT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN";

/// A running `mott`.
pub(crate) struct Mott {
    http: Client,
    origin: String,
    code_path: String,
    /// The admin, and whoever approves what the admin asks for.
    people: Vec<(String, String)>,
    inside: Mutex<Inside>,
}

/// What is held between requests.
#[derive(Default)]
struct Inside {
    payer_cookies: BTreeMap<String, String>,
    /// Cookie and CSRF token of each of the people.
    sessions: Vec<(String, String)>,
    manager_token: Option<String>,
    /// Every order that was made, for the last comparison.
    orders: Vec<String>,
}

/// What the payer submitted.
#[derive(Debug, Clone)]
pub(crate) struct Bill {
    pub order_id: String,
    /// `/pay/o…`
    pub path: String,
    pub fen: i64,
}

/// What the page's script was told to do next.
#[derive(Debug, Clone)]
pub(crate) enum Pressed {
    Jsapi(Value),
    Trade(String),
    H5(String),
    Native,
    Paid,
    /// Status and code of the refusal.
    Refused(u16, String),
}

/// A numbered refusal of an API.
pub(crate) type Said = (u16, Value);

impl Mott {
    /// Logs in.
    ///
    /// # Errors
    /// When nobody answers or the admin is refused.
    pub async fn enter(http: Client, target: &Target, institution: &Institution) -> Result<Self, Stop> {
        let code = Url::parse(&target.code_url)?;
        let mott = Self {
            http,
            origin: code.origin().ascii_serialization(),
            code_path: code.path().to_owned(),
            people: std::iter::once(&target.admin).chain(&target.approver).cloned().collect(),
            inside: Mutex::default(),
        };
        for who in 0..mott.people.len() {
            mott.log_in(who).await?;
        }
        if let Some((mobile, password)) = &target.manager {
            let login = institution.get("/devtools/login-code?openid=openid-chen").await?;
            let body = json!({
                "mobile": mobile, "password": password, "device": "scenario",
                "identity": { "kind": "wechat", "code": login["code"] },
            });
            let answer = mott.http.post(format!("{}/api/manager/login", mott.origin)).json(&body).send().await?;
            if answer.status().is_success() {
                let told: Value = answer.json().await?;
                mott.inside().manager_token = told["token"].as_str().map(str::to_owned);
            } else {
                return Err(Stop::Failed(format!("业务经理不能登录：{}", answer.text().await?)));
            }
        }
        Ok(mott)
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn log_in(&self, who: usize) -> Result<(), Stop> {
        let (login, password) = &self.people[who];
        let body = json!({ "login": login, "password": password });
        let answer = self.http.post(format!("{}/api/admin/login", self.origin)).json(&body).send().await?;
        if !answer.status().is_success() {
            return Err(Stop::Failed(format!("{login} 不能登录：{} {}", answer.status(), answer.text().await?)));
        }
        let cookie = cookies(&answer).into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let told: Value = answer.json().await?;
        let session = (cookie.join("; "), told["csrf_token"].as_str().unwrap_or_default().to_owned());
        let mut inside = self.inside();
        if inside.sessions.len() > who {
            inside.sessions[who] = session;
        } else {
            inside.sessions.push(session);
        }
        Ok(())
    }

    /// A call of the console by the admin.
    ///
    /// # Errors
    /// When nobody answers; a refusal is an answer.
    pub async fn admin(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Said, Stop> {
        self.call(0, method, path, body).await
    }

    /// A call of the console by another person than the admin; nothing where there is none.
    ///
    /// # Errors
    /// When nobody answers; a refusal is an answer.
    pub async fn approver(&self, path: &str, body: &Value) -> Result<Option<Said>, Stop> {
        if self.people.len() < 2 {
            return Ok(None);
        }
        self.call(1, Method::POST, path, Some(body)).await.map(Some)
    }

    /// Logs in again where the session has ended (the clock may have moved by hours).
    async fn call(&self, who: usize, method: Method, path: &str, body: Option<&Value>) -> Result<Said, Stop> {
        let first = self.call_once(who, method.clone(), path, body).await?;
        if first.0 != StatusCode::UNAUTHORIZED.as_u16() {
            return Ok(first);
        }
        self.log_in(who).await?;
        self.call_once(who, method, path, body).await
    }

    async fn call_once(&self, who: usize, method: Method, path: &str, body: Option<&Value>) -> Result<Said, Stop> {
        let (cookie, csrf) = self.inside().sessions[who].clone();
        let mut request = self.http.request(method, format!("{}{path}", self.origin));
        request = request.header(COOKIE, cookie).header("x-csrf-token", csrf);
        if let Some(body) = body {
            request = request.json(body);
        }
        said(request.send().await?).await
    }

    /// The payer fills in the form of the manager's code.
    ///
    /// # Errors
    /// When the page refuses.
    pub async fn submit(&self, fen: i64) -> Result<Bill, Stop> {
        let title = format!("情景{}", random::digits(10));
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("amount", &crate::pages::yuan(fen))
            .append_pair("f_payer_name", &title)
            .append_pair("submission", &random::hex(16))
            .finish();
        let request = self.http.post(format!("{}{}", self.origin, self.code_path)).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let (status, told) = said(request.header("accept", "application/json").send().await?).await?;
        let Some(path) = told["order_url"].as_str().filter(|_| status == 200) else {
            return Err(Stop::Failed(format!("下单被拒绝：{status} {told}")));
        };
        let (_, found) = self.admin(Method::GET, "/api/admin/orders?limit=20", None).await?;
        let items = found["items"].as_array().cloned().unwrap_or_default();
        let mine = items.iter().find(|item| item["title"] == title.as_str());
        let order_id = mine.and_then(|item| item["order_id"].as_str());
        let order_id = order_id.ok_or_else(|| Stop::Failed("后台看不到刚下的订单".to_owned()))?.to_owned();
        self.inside().orders.push(order_id.clone());
        Ok(Bill { order_id, path: path.to_owned(), fen })
    }

    fn payer_cookie(&self) -> String {
        let inside = self.inside();
        inside.payer_cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&self, answer: &Response) {
        let mut inside = self.inside();
        for (name, value) in cookies(answer) {
            inside.payer_cookies.insert(name, value);
        }
    }

    /// The payer presses "pay"; goes to say who it is where that is asked, and presses again.
    ///
    /// # Errors
    /// When nobody answers, or what is answered is not understood.
    pub async fn press(&self, bill: &Bill, channel: &str, way: &str) -> Result<Pressed, Stop> {
        for _ in 0..3 {
            let request = self.http.post(format!("{}{}", self.origin, bill.path));
            let request = request.header("accept", "application/json").header("user-agent", WECHAT);
            let request = request.header(COOKIE, self.payer_cookie()).json(&json!({ "channel": channel, "way": way }));
            let answer = request.send().await?;
            self.keep_cookies(&answer);
            let (status, told) = said(answer).await?;
            if status != 200 {
                return Ok(Pressed::Refused(status, told["code"].as_str().unwrap_or_default().to_owned()));
            }
            let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
            match told["way"].as_str() {
                Some("oauth") => self.say_who(&text("url")).await?,
                Some("jsapi") => return Ok(Pressed::Jsapi(told["jsapi"].clone())),
                Some("trade") => return Ok(Pressed::Trade(text("trade_no"))),
                Some("h5") => return Ok(Pressed::H5(text("url"))),
                Some("native") => return Ok(Pressed::Native),
                Some("paid") => return Ok(Pressed::Paid),
                _ => return Err(Stop::Failed(format!("付款页的应答不认识：{told}"))),
            }
        }
        Err(Stop::Failed("说了是谁，付款页还在问".to_owned()))
    }

    /// Goes round by the wallet's authorisation page, as a browser would.
    async fn say_who(&self, url: &str) -> Result<(), Stop> {
        let sent_back = self.http.get(url.split('#').next().unwrap_or(url)).send().await?;
        let Some(back) = sent_back.headers().get(LOCATION).and_then(|value| value.to_str().ok()) else {
            return Err(Stop::Failed(format!("授权页没有送回：{}", sent_back.status())));
        };
        // Whatever address mott tells the world, it is reached at the code's.
        let back = Url::parse(back)?;
        let target = format!("{}{}?{}", self.origin, back.path(), back.query().unwrap_or_default());
        let answer = self.http.get(target).header(COOKIE, self.payer_cookie()).send().await?;
        self.keep_cookies(&answer);
        Ok(())
    }

    /// What the payer's page says while it waits.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn status(&self, bill: &Bill) -> Result<String, Stop> {
        let request = self.http.get(format!("{}{}", self.origin, bill.path)).header("accept", "application/json");
        let (_, told) = said(request.send().await?).await?;
        Ok(told["status"].as_str().unwrap_or_default().to_owned())
    }

    /// All of an order, as the console shows it.
    ///
    /// # Errors
    /// When the console does not show it.
    pub async fn order(&self, order_id: &str) -> Result<Value, Stop> {
        match self.admin(Method::GET, &format!("/api/admin/orders/{order_id}"), None).await? {
            (200, order) => Ok(order),
            (status, told) => Err(Stop::Failed(format!("后台不给看订单：{status} {told}"))),
        }
    }

    /// How many records of this order the manager has; nothing where no manager is logged in.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn manager_records(&self, bill: &Bill) -> Result<Option<Vec<Value>>, Stop> {
        let Some(token) = self.inside().manager_token.clone() else { return Ok(None) };
        let request = self.http.get(format!("{}/api/manager/records?limit=100", self.origin)).bearer_auth(token);
        let (status, told) = said(request.send().await?).await?;
        if status != 200 {
            return Ok(None);
        }
        let all = told["records"].as_array().cloned().unwrap_or_default();
        Ok(Some(all.into_iter().filter(|record| record["order_id"] == bill.order_id.as_str()).collect()))
    }

    /// Every order of this run against the ledger: each success booked once, each booking a success, to the fen.
    ///
    /// # Errors
    /// The first difference.
    pub async fn audited(&self, institution: &Institution) -> Result<String, Stop> {
        let orders = self.inside().orders.clone();
        let (mut count, mut fen) = (0, 0);
        for order_id in &orders {
            let order = self.order(order_id).await?;
            for payment in order["payments"].as_array().into_iter().flatten() {
                let number = payment["out_trade_no"].as_str().unwrap_or_default();
                let ledger = institution.ledger(number).await?;
                let there = ledger["successes"].as_array().cloned().unwrap_or_default();
                let there: Vec<Value> = there.into_iter().filter(|s| s["reversed"] != true).collect();
                let here = payment["status"] == "paid";
                let agree = match there.as_slice() {
                    [] => !here,
                    [one] => {
                        here && one["transaction_id"] == payment["transaction_id"]
                            && one["fen"] == payment["amount_fen"]
                    }
                    _ => false,
                };
                if !agree {
                    return Err(Stop::Failed(format!("账不平：机构 {there:?}，我们 {payment}")));
                }
                if here {
                    count += 1;
                    fen += payment["amount_fen"].as_i64().unwrap_or_default();
                }
            }
        }
        Ok(format!("{} 笔订单，机构的 {count} 笔成功（¥{}）逐笔入账，一分不差", orders.len(), crate::pages::yuan(fen)))
    }
}

fn cookies(answer: &Response) -> Vec<(String, String)> {
    let set = answer.headers().get_all(SET_COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|line| line.split(';').next()?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

async fn said(answer: Response) -> Result<Said, Stop> {
    let status = answer.status().as_u16();
    let text = answer.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}
