//! This sandbox from outside: what a scenario asks it to do, what its wallets say, what its ledger has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use super::{Stop, Target};
use crate::clock::Clock;

/// Without a clock that can be moved this is the longest that is waited for, ms.
const PATIENT_MS: i64 = 20_000;

/// The sandbox and, where there is one, the clock that everybody reads.
pub(crate) struct Institution {
    http: Client,
    pub url: String,
    clock: Option<PathBuf>,
}

impl Institution {
    pub fn new(http: Client, target: &Target) -> Self {
        Self { http, url: target.sandbox_url.trim_end_matches('/').to_owned(), clock: target.clock.clone() }
    }

    /// Now, as everybody sees it, UTC ms.
    pub fn now_ms(&self) -> i64 {
        Clock::new(self.clock.clone()).now_ms()
    }

    /// Lets time pass: moves the clock, or waits where it is the machine's and not long.
    ///
    /// # Errors
    /// Skipped when it would take too long.
    pub async fn pass(&self, ms: i64) -> Result<(), Stop> {
        match &self.clock {
            Some(file) => set(file, self.now_ms() + ms),
            None if ms <= PATIENT_MS => {
                tokio::time::sleep(Duration::from_millis(ms.unsigned_abs())).await;
                Ok(())
            }
            None => Err(Stop::Skipped("需要可以拨动的时钟（--clock）".to_owned())),
        }
    }

    /// Skips a row that needs hours where time cannot be moved.
    ///
    /// # Errors
    /// Skipped.
    pub fn needs_clock(&self) -> Result<(), Stop> {
        if self.clock.is_some() {
            Ok(())
        } else {
            Err(Stop::Skipped("需要可以拨动的时钟（--clock）".to_owned()))
        }
    }

    /// No fault is armed any more.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub async fn calm(&self) -> Result<(), Stop> {
        self.http.delete(format!("{}/faults", self.url)).send().await?.error_for_status()?;
        Ok(())
    }

    /// Arms a fault.
    ///
    /// # Errors
    /// When the sandbox refuses it.
    pub async fn arm(&self, fault: &Value) -> Result<(), Stop> {
        self.post("/faults", fault).await.map(drop)
    }

    /// A JSON call that must succeed.
    ///
    /// # Errors
    /// When it does not.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Stop> {
        let answer = self.http.post(format!("{}{path}", self.url)).json(body).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    /// A JSON read that must succeed.
    ///
    /// # Errors
    /// When it does not.
    pub async fn get(&self, path: &str) -> Result<Value, Stop> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    /// What the ledger has of one number of the customer's.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub async fn ledger(&self, out_trade_no: &str) -> Result<Value, Stop> {
        self.get(&format!("/ledger?out_trade_no={out_trade_no}")).await
    }

    /// The callbacks about one number, newest first.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub async fn callbacks(&self, out_trade_no: &str) -> Result<Vec<Value>, Stop> {
        let all = self.get(&format!("/callbacks?out_trade_no={out_trade_no}")).await?;
        Ok(all.as_array().cloned().unwrap_or_default())
    }

    /// The payer presses "pay" on an order, by its number.
    ///
    /// # Errors
    /// When the sandbox does not answer; a wallet's refusal is its answer.
    pub async fn pay_number(&self, alipay: bool, out_trade_no: &str) -> Result<Value, Stop> {
        let path = if alipay { "/wallet/alipay/pay" } else { "/wallet/pay" };
        self.post(path, &json!({ "out_trade_no": out_trade_no })).await
    }
}

/// Beside and renamed: a half-written file would be read.
fn set(file: &Path, now_ms: i64) -> Result<(), Stop> {
    let beside = file.with_extension("next");
    std::fs::write(&beside, now_ms.to_string())?;
    std::fs::rename(beside, file)?;
    Ok(())
}
