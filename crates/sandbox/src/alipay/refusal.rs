//! Refusals of the gateway: `code`, `msg`, `sub_code`, `sub_msg` (PROTOCOLS 2.1).

use serde_json::{Value, json};

use crate::error::Error;

/// A refusal.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    code: &'static str,
    sub_code: String,
    sub_msg: String,
}

impl Refusal {
    /// Any code with its sub code.
    pub fn new(code: &'static str, sub_code: impl Into<String>, sub_msg: impl Into<String>) -> Self {
        Self { code, sub_code: sub_code.into(), sub_msg: sub_msg.into() }
    }

    /// 40004: the business refuses, `sub_code` without its `ACQ.`.
    pub fn business(sub_code: &str, sub_msg: &str) -> Self {
        Self::new("40004", format!("ACQ.{sub_code}"), sub_msg)
    }

    /// 40004 about a parameter.
    pub fn parameter(field: &str, why: &str) -> Self {
        Self::new("40004", "ACQ.INVALID_PARAMETER", format!("参数有误：{field} {why}"))
    }

    /// The trade does not exist (yet).
    pub fn no_trade() -> Self {
        Self::business("TRADE_NOT_EXIST", "交易不存在")
    }

    /// As an answer.
    pub fn json(&self) -> Value {
        let msg = match self.code {
            "20000" => "Service Currently Unavailable",
            "20001" => "Insufficient Token Permissions",
            "40001" => "Missing Required Arguments",
            "40002" => "Invalid Arguments",
            "40005" => "Call Limited",
            "40006" => "Insufficient Permissions",
            _ => "Business Failed",
        };
        json!({ "code": self.code, "msg": msg, "sub_code": self.sub_code, "sub_msg": self.sub_msg })
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        tracing::error!(%error, "the sandbox itself failed");
        Self::new("20000", "isp.unknow-error", "系统繁忙")
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Error::from(error).into()
    }
}
