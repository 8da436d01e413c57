//! What the outside sent and was told. An answer is a promise: it holds after any kill.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    io::Result,
    sync::Arc,
};

use serde_json::Value;

use crate::client::{Answer, Connection, post};

/// A genuine callback, signed ahead of time.
pub struct Callback {
    pub out_trade_no: String,
    pub transaction_id: String,
    pub request: Vec<u8>,
}

/// One payer: places an order, then starts its payment. Whatever goes unanswered is asked again, as a page does.
#[derive(Clone)]
pub struct Payer {
    /// The page's own key of its submission: asked twice, one order.
    pub submission: String,
    /// The order, once an answer told it.
    pub token: Option<String>,
}

impl Payer {
    pub fn new(submission: String) -> Payer {
        Payer { submission, token: None }
    }

    /// Goes as far as the server lives.
    ///
    /// # Errors
    /// The server is gone; what was answered before is remembered.
    pub fn go(&mut self, server: &mut Connection, code_path: &str) -> Result<()> {
        let token = match &self.token {
            Some(token) => token.clone(),
            None => self.token.insert(self.place(server, code_path)?).clone(),
        };
        let headers = [("content-type".into(), "application/json".into())];
        let started = server.ask(&post(&format!("/pay/{token}"), &headers, br#"{"way":"native"}"#))?;
        assert_eq!(json(&started)["way"], "native", "a payment that was started again is the same one");
        Ok(())
    }

    fn place(&self, server: &mut Connection, code_path: &str) -> Result<String> {
        let headers = [
            ("content-type".into(), "application/x-www-form-urlencoded".into()),
            ("accept".into(), "application/json".into()),
        ];
        let form = format!("amount=12.50&f_payer_name=payer&submission={}", self.submission);
        let placed = server.ask(&post(code_path, &headers, form.as_bytes()))?;
        let order_url = json(&placed)["order_url"].as_str().unwrap().to_owned();
        Ok(order_url.strip_prefix("/pay/").unwrap().to_owned())
    }
}

fn json(answer: &Answer) -> Value {
    let text = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// Everything sent and answered on one database.
#[derive(Default)]
pub struct Told {
    /// Orders by the submission that made them: answered.
    pub placed: HashMap<String, String>,
    /// Payers whose last answer never came.
    pub interrupted: Vec<Payer>,
    /// Signed and not sent yet.
    pub stock: VecDeque<Arc<Callback>>,
    /// Every number that was ever signed.
    pub signed: HashSet<String>,
    /// Callbacks that were acknowledged, in the order of their answers.
    pub acknowledged: Vec<Arc<Callback>>,
    /// Callbacks whose answer never came.
    pub unanswered: Vec<Arc<Callback>>,
    submissions: u64,
}

impl Told {
    /// A submission that was never used.
    pub fn new_payers(&mut self, count: u64) -> impl Iterator<Item = Payer> + use<> {
        let from = self.submissions;
        self.submissions += count;
        (from..from + count).map(|n| Payer::new(format!("page-{n}")))
    }

    /// A payer came to the end.
    pub fn done(&mut self, payer: Payer) {
        self.placed.insert(payer.submission, payer.token.unwrap());
    }

    /// The institution never heard an answer: it sends again, until it does.
    pub fn send_again(&mut self, server: &mut Connection) {
        for callback in std::mem::take(&mut self.unanswered) {
            let answer = server.ask(&callback.request).unwrap();
            assert!(acknowledges(&answer), "{} sent again: {}", callback.out_trade_no, answer.status);
            self.acknowledged.push(callback);
        }
    }

    /// Payers press again where nothing was answered.
    pub fn press_again(&mut self, server: &mut Connection, code_path: &str) {
        for mut payer in std::mem::take(&mut self.interrupted) {
            payer.go(server, code_path).unwrap();
            self.done(payer);
        }
    }
}

pub fn acknowledges(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}
