//! A payer: scans, fills in, presses pay (twice, in two tabs, in another wallet), pays or does not, and looks.

use std::sync::Arc;

use mott::merchant::ChannelKind;

use crate::{
    auditor::Intent,
    institution::{Institution, PayError},
    matrix::Row,
    network::{Answer, Wire},
    seed::Seat,
    world::World,
};

/// How often somebody presses again before giving up.
const TRIES: usize = 8;
const WAYS: [&str; 3] = ["jsapi", "native", "h5"];

/// What pressing pay led to.
enum Pressed {
    /// The number of the attempt that can be paid.
    Ready(String),
    /// It is paid already.
    Paid,
    /// Nothing more is to be had here.
    Over,
}

/// What a payer has open.
#[derive(Clone)]
struct Tab {
    world: Arc<World>,
    name: String,
    order_url: String,
    openid: String,
    cookie: String,
    /// The wallet in hand.
    bank: Arc<Institution>,
}

/// The name that the `n`th payer fills in.
fn name_of(n: u64) -> String {
    format!("P{n}")
}

/// One payer's whole story.
pub async fn payer(world: Arc<World>, n: u64) {
    let sim = &world.sim;
    let seat = world.seats[sim.below(world.seats.len() as u64) as usize % world.seats.len()].clone();
    let Some(code) = scan(&world, &seat).await else { return };
    let name = name_of(n);
    let fen = if sim.chance(1, 10) { 1 } else { sim.between(1, 500_000) };
    world.auditor.wants(&name, Intent { fen, merchant_id: seat.merchant_id, manager_id: seat.manager_id });
    sim.pause(500, 60_000).await;
    let Some(order_url) = submit(&world, &code, &name, fen).await else { return };
    let bank = any_bank(&world);
    let tab = Tab { world: world.clone(), name, order_url, openid: format!("openid{n}"), cookie: String::new(), bank };
    if sim.chance(1, 8) {
        world.auditor.row(Row::TwoTabs);
        let mut other = tab.clone();
        world.busy(1);
        sim.spawn(0, async move {
            other.world.sim.pause(0, 20_000).await;
            other.pay().await;
            other.world.busy(-1);
        });
    }
    let mut tab = tab;
    tab.pay().await;
    for _ in 0..6 {
        if tab.look().await {
            return;
        }
        sim.pause(1_000, 120_000).await;
    }
}

fn any_bank(world: &World) -> Arc<Institution> {
    world.institutions[world.sim.below(world.institutions.len() as u64) as usize % world.institutions.len()].clone()
}

/// One last look, when everything is quiet.
pub async fn look_once(world: &Arc<World>, order_url: &str, name: &str) {
    let tab = Tab {
        world: world.clone(),
        name: name.to_owned(),
        order_url: order_url.to_owned(),
        openid: String::new(),
        cookie: String::new(),
        bank: any_bank(world),
    };
    tab.look().await;
}

/// The path of a code that the manager shows, or showed a while ago.
async fn scan(world: &Arc<World>, seat: &Seat) -> Option<String> {
    let sim = &world.sim;
    for _ in 0..TRIES {
        let codes = world.codes().get(&(seat.merchant_id, seat.manager_id)).cloned().unwrap_or_default();
        let old = codes.older.last().filter(|_| sim.chance(1, 4)).map(|(path, _)| path.clone());
        if let Some(path) = old.or(codes.live.map(|(path, _)| path)) {
            // Pages are rendered anew after each refresh, which costs more than the rest of a payer's story.
            if sim.chance(1, 24) {
                open(world, &codes.older, &path).await;
            }
            return Some(path);
        }
        sim.pause(5_000, 30_000).await;
    }
    None
}

/// Opens the page, and judges whether the code may still live: a replaced one dies three hours after its refresh.
async fn open(world: &Arc<World>, older: &[(String, i64)], path: &str) {
    const GRACE_MS: i64 = 3 * 3_600_000;
    /// Clocks of nodes differ by this much, jumps included.
    const CLOCKS_MS: i64 = 11 * 60_000;
    let asked_ms = world.sim.now_ms();
    let Some(answer) = world.network.send(Wire::get(path)).await else { return };
    let replaced_ms = older.iter().find(|(old, _)| old == path).map(|(_, at_ms)| *at_ms);
    if answer.status == 200 && replaced_ms.is_some_and(|at_ms| asked_ms > at_ms + GRACE_MS + CLOCKS_MS) {
        world.auditor.broken(format!("{path} was replaced more than three hours ago and still opens"));
    }
}

/// Fills in and submits, pressing again until there is an answer. The same form is the same order, however often.
async fn submit(world: &Arc<World>, code: &str, name: &str, fen: i64) -> Option<String> {
    let sim = &world.sim;
    let body = format!("amount={}.{:02}&submission=s{name}&version=1&f_payer_name={name}", fen / 100, fen % 100);
    let wire = Wire::post(code, "application/x-www-form-urlencoded", body).with("accept", "application/json");
    let twice = sim.chance(1, 6);
    let mut url = None;
    for _ in 0..TRIES {
        let answer = world.network.send(wire.clone()).await;
        let Some(answer) = answer else { continue };
        match answer.status {
            200 => {
                let placed = answer.json()["order_url"].as_str().unwrap_or_default().to_owned();
                if let Some(before) = url.replace(placed.clone()).filter(|before| *before != placed) {
                    world.auditor.broken(format!("{name} submitted one form and got {before} and {placed}"));
                }
                if !twice {
                    break;
                }
            }
            410 | 404 | 403 => return url,
            503 | 408 | 429 => {}
            other => {
                world.auditor.broken(format!("{name} submitted a good form and was answered {other}"));
                return url;
            }
        }
        sim.pause(500, 5_000).await;
    }
    url
}

impl Tab {
    /// Presses pay, and pays with what the page hands over.
    async fn pay(&mut self) {
        let world = self.world.clone();
        let sim = &world.sim;
        let mut way = WAYS[sim.below(3) as usize % 3];
        let mut held = Vec::new();
        if let Pressed::Ready(number) = self.press(way).await {
            held.push(number);
        }
        if sim.chance(1, 5) {
            sim.pause(1_000, 90_000).await;
            world.auditor.row(Row::TwoWallets);
            if sim.chance(1, 3) {
                self.openid.push('x');
                self.cookie.clear();
            } else {
                self.bank = any_bank(&world);
                way = WAYS[sim.below(3) as usize % 3];
            }
            if let Pressed::Ready(number) = self.press(way).await {
                held.push(number);
            }
        }
        match sim.below(12) {
            0 => return, // changed their mind
            1 => sim.pause(1_500_000, 1_900_000).await,
            2 | 3 => sim.pause(60_000, 900_000).await,
            _ => sim.pause(500, 20_000).await,
        }
        let both = sim.chance(1, 3);
        while let Some(number) = held.pop() {
            self.open_wallet(&number).await;
            if !both {
                break;
            }
        }
    }

    /// Pays in the wallet; what is over there is asked for once more.
    async fn open_wallet(&mut self, number: &str) {
        let world = self.world.clone();
        let mut number = number.to_owned();
        for _ in 0..3 {
            let Some(bank) = self.bank_of(&number) else { return };
            self.bank = bank.clone();
            let paid = bank.pay(&number, Some(&self.openid)).await;
            world.sim.log(format!("{} pays {number}: {paid:?}", self.name));
            let way = match paid {
                Ok(()) | Err(PayError::Paid) => return,
                Err(PayError::Over) => "native",
                Err(PayError::Foreign) => "jsapi",
                Err(PayError::Down) => {
                    world.sim.pause(10_000, 120_000).await;
                    continue;
                }
            };
            match self.press(way).await {
                Pressed::Ready(again) => number = again,
                Pressed::Paid | Pressed::Over => return,
            }
        }
    }

    fn bank_of(&self, number: &str) -> Option<Arc<Institution>> {
        self.world.institutions.iter().find(|bank| bank.knows(number)).cloned()
    }

    /// Presses pay until the page hands something over, or says that it is over.
    async fn press(&mut self, way: &str) -> Pressed {
        let world = self.world.clone();
        let channel = self.bank.kind.word();
        for _ in 0..TRIES {
            let wire = Wire::post(
                &self.order_url,
                "application/json",
                format!("{{\"channel\":\"{channel}\",\"way\":\"{way}\"}}"),
            )
            .with("accept", "application/json")
            .with("cookie", &self.cookie);
            let answer = world.network.send(wire).await;
            match answer {
                None => {}
                Some(answer) => match answer.status {
                    200 => {
                        if let Some(pressed) = self.handed(&answer).await {
                            return pressed;
                        }
                    }
                    410 => {
                        self.judge_closed();
                        return Pressed::Over;
                    }
                    502 => {
                        if answer.json()["code"] == "payment.refused" {
                            world.auditor.payer_refused(&self.name);
                        }
                    }
                    503 | 408 | 409 | 429 => {}
                    other => {
                        world.auditor.broken(format!("{} pressed pay and was answered {other}", self.name));
                        return Pressed::Over;
                    }
                },
            }
            world.sim.pause(1_000, 15_000).await;
        }
        Pressed::Over
    }

    fn judge_closed(&self) {
        if let Some(number) = self.world.payable(&self.name).first() {
            self.world.auditor.broken(format!("{} was told that it is closed while {number} could be paid", self.name));
        }
    }

    /// What the page was handed; nothing: press again.
    async fn handed(&mut self, answer: &Answer) -> Option<Pressed> {
        let json = answer.json();
        let after = |text: &str, mark: &str| {
            let rest = text.split_once(mark).map_or("", |(_, rest)| rest);
            rest.split('&').next().unwrap_or_default().to_owned()
        };
        let number = match json["way"].as_str().unwrap_or_default() {
            "jsapi" => after(json["jsapi"]["package"].as_str().unwrap_or_default(), "prepay_id="),
            "trade" => json["trade_no"].as_str().unwrap_or_default().trim_start_matches('T').to_owned(),
            "h5" => after(json["url"].as_str().unwrap_or_default(), "id="),
            "native" => self.shown().unwrap_or_default(),
            "oauth" => {
                self.sign_in(answer, json["url"].as_str().unwrap_or_default()).await;
                return None;
            }
            // Another wallet's code still lives, and nobody can close it: wait.
            "held" => return None,
            "paid" => {
                self.judge_paid();
                return Some(Pressed::Paid);
            }
            other => {
                self.world.auditor.broken(format!("{} was handed {other:?}", self.name));
                return Some(Pressed::Over);
            }
        };
        if let Some(bank) = self.bank_of(&number) {
            bank.handed_over(&number);
        }
        Some(Pressed::Ready(number))
    }

    /// The newest code on the payer's screens.
    fn shown(&self) -> Option<String> {
        self.bank.shown_to(&self.name).pop()
    }

    fn judge_paid(&self) {
        let order = self.world.auditor.order_of_name(&self.name).unwrap_or_default();
        if !self.world.auditor.has_money(&order) {
            self.world
                .auditor
                .broken(format!("{} was told that {order} is paid; no institution took anything", self.name));
        }
    }

    /// Round by WeChat's page, which says who pays.
    async fn sign_in(&mut self, answer: &Answer, url: &str) {
        let state = url.split_once("state=").map_or("", |(_, state)| state);
        let remembered = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let (word, code) = match self.bank.kind {
            ChannelKind::Alipay => ("auth_code", self.bank.consent(&self.openid)),
            ChannelKind::Wechatpay => ("code", self.world.consent(&self.openid)),
        };
        self.world.sim.pause(200, 3_000).await;
        let back = Wire::get(format!("/pay/oauth?{word}={code}&state={state}")).with("cookie", remembered);
        let Some(answer) = self.world.network.send(back).await else { return };
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            if pair.starts_with("mott_payer=") {
                self.cookie = pair.to_owned();
            }
        }
    }

    /// Looks whether it is paid; true: it is.
    async fn look(&self) -> bool {
        let asked_at_ms = self.world.sim.now_ms();
        let wire = Wire::get(&self.order_url).with("accept", "application/json");
        let Some(answer) = self.world.network.send(wire).await else { return false };
        self.world.auditor.payer_told(&self.name, asked_at_ms, &answer, &self.world.payable(&self.name))
    }
}
