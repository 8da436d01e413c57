//! 支付单: one attempt to collect an order at an institution. It owns its `out_trade_no`.
//!
//! ```text
//!              answered                     success, whoever brings the news
//!   created ─────────────► pending ────────────────────────────────────────────► paid
//!    │   │                  │  ▲                                                  ▲
//!    │   └─ no answer ─► unknown ─ sent again, same number, same parameters       │ (late)
//!    │                      │                                                     │
//!    └─► refused            └─► closed (at the institution) ──────────────────────┘
//! ```
//!
//! A time-out is `unknown`, never a failure: it is asked again, and no second attempt starts until it is known
//! (PRODUCT 6.5). A verified success always books, from any status (PRODUCT 6.2). [`confirm`] is the only writer of
//! paid.

mod after_paid;
mod ask;
mod confirm;
mod enter;
mod expire;
pub mod lifecycle;
mod number;
mod raise;
mod sql;
mod start;
#[cfg(test)]
mod tests;

pub use after_paid::after_paid;
pub use ask::{Asked, ask, ask_job};
pub use confirm::{Booked, News, Teller, confirm};
pub use enter::{Entry, enter};
pub use expire::expire_job;
pub use lifecycle::Status;
pub use number::Number;
pub use raise::{Item, Kind, raise};
pub use sql::BOOKING;
pub use start::{Handover, Ready, Start, Started, drop_live, note, start};

use channel::{Account, PayerId, Scene};
use db::{Error as DbError, Row, Tx, params};

use crate::{
    App,
    merchant::{ChannelKind, Way, authorization},
    order,
    outside::Provider,
    vault,
    web::{Problem, Words},
};

/// The job that asks what became of an attempt. Its key is the `out_trade_no`.
pub use order::ASK_PAYMENT as ASK;
/// The job that follows a booked payment. Its key is the order's id.
pub const AFTER_PAID: &str = "order.after_paid";

/// One attempt.
#[derive(Clone, Debug)]
pub struct Payment {
    /// Its number, which names merchant, order and attempt.
    pub number: Number,
    /// The account that collects.
    pub account_id: i64,
    /// The provider it goes through.
    pub provider_key: String,
    /// The institution.
    pub channel: ChannelKind,
    /// The merchant's number at the institution when the attempt was made; its leave is added by [`reach`].
    pub account: Account,
    /// The merchant's leave to act for it, sealed.
    pub authorization: Option<Vec<u8>>,
    /// How the payer pays.
    pub way: Way,
    /// The payer's identity, for JSAPI; prefixed `sp:` or `sub:` by the appid it belongs to.
    pub payer_id: Option<String>,
    /// The payer's address, for H5.
    pub client_ip: String,
    /// What the wallet says.
    pub description: String,
    /// What is asked for, fen.
    pub amount_fen: i64,
    /// Where it stands.
    pub status: Status,
    /// What the page hands to the wallet, as JSON, while it may be used.
    pub credential: Option<String>,
    /// Until when, UTC milliseconds.
    pub credential_until_ms: Option<i64>,
    /// When it was made, UTC milliseconds.
    pub created_at_ms: i64,
    /// The last moment to pay, UTC milliseconds.
    pub expires_at_ms: i64,
    /// When it last changed, or was last sent to the institution, UTC milliseconds.
    pub updated_at_ms: i64,
}

/// What goes wrong with payments.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The order.
    #[error(transparent)]
    Order(#[from] order::Error),
    /// The account's provider is not set up.
    #[error("provider {0} is not set up")]
    NoProvider(String),
    /// The merchant's leave cannot be opened.
    #[error("the merchant's authorisation cannot be opened: {0}")]
    Vault(#[from] vault::Error),
    /// The account has no such way to pay, or nobody can be identified for it.
    #[error("the account cannot be paid in this way")]
    WayMissing,
    /// A stored row cannot be read.
    #[error("a stored payment cannot be read")]
    Stored,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let unavailable = Words {
            status: 502,
            code: "channel.unavailable",
            title: ("暂时无法发起支付", "Payment cannot be started now"),
            detail: (
                "请稍后重试；如果一直这样，请联系收款企业。",
                "Try again shortly; if it persists, contact the company.",
            ),
        };
        match error {
            Error::Db(e) => e.into(),
            Error::Order(e) => e.into(),
            Error::NoProvider(_) | Error::WayMissing => Problem::new(unavailable),
            Error::Stored | Error::Vault(_) => Problem::internal(),
        }
    }
}

impl Payment {
    /// Whether it exists at the institution only once the payer acts, so that until then nobody can close it.
    pub(crate) fn is_made_by_payer(&self) -> bool {
        self.status == Status::Pending && self.channel.is_made_by_payer(self.way)
    }

    /// The way as the adapter wants it.
    pub(crate) fn scene(&self) -> Result<Scene, Error> {
        match self.way {
            Way::Native => Ok(Scene::Native),
            Way::H5 => Ok(Scene::H5 { client_ip: self.client_ip.clone() }),
            Way::Jsapi => match self.payer_id.as_deref().and_then(|id| id.split_once(':')) {
                Some(("sp", openid)) => Ok(Scene::Jsapi(PayerId::Provider(openid.into()))),
                Some(("sub", openid)) => Ok(Scene::Jsapi(PayerId::Merchant(openid.into()))),
                _ => Err(Error::WayMissing),
            },
        }
    }
}

/// Reads one attempt.
///
/// # Errors
/// The refusals of the database, or [`Error::Stored`].
pub async fn get(tx: &mut Tx<'_>, number: Number) -> Result<Option<Payment>, Error> {
    let row = tx.query_opt(sql::GET, params![number.merchant_id, number.order_id, number.attempt]).await?;
    row.map(|row| read(&row, number.merchant_id)).transpose()
}

fn read(row: &Row, merchant_id: i64) -> Result<Payment, Error> {
    let (way, status, channel): (String, String, String) = (row.get(6)?, row.get(11)?, row.get(16)?);
    Ok(Payment {
        number: Number { merchant_id, order_id: row.get(0)?, attempt: row.get(1)? },
        account_id: row.get(2)?,
        provider_key: row.get(3)?,
        account: Account { sub_mchid: row.get(4)?, sub_appid: row.get(5)?, authorization: None },
        way: Way::of_word(&way).ok_or(Error::Stored)?,
        payer_id: row.get(7)?,
        client_ip: row.get(8)?,
        description: row.get(9)?,
        amount_fen: row.get(10)?,
        status: Status::of_word(&status).ok_or(Error::Stored)?,
        credential: row.get(12)?,
        credential_until_ms: row.get(13)?,
        created_at_ms: row.get(14)?,
        expires_at_ms: row.get(15)?,
        channel: ChannelKind::of_word(&channel).ok_or(Error::Stored)?,
        authorization: row.get(17)?,
        updated_at_ms: row.get(18)?,
    })
}

/// Through whom an attempt goes, and for whom: what every call about it needs. The merchant's leave is opened here, so
/// that it lies open nowhere else.
///
/// # Errors
/// [`Error::NoProvider`], [`Error::Vault`].
pub(crate) fn reach(app: &App, payment: &Payment) -> Result<(Provider, Account), Error> {
    let key = &payment.provider_key;
    let provider = app.outside.links().providers.get(key).cloned().ok_or_else(|| Error::NoProvider(key.clone()))?;
    if provider.kind != payment.channel {
        return Err(Error::NoProvider(format!("{key} of {}", payment.channel.word())));
    }
    let mut account = payment.account.clone();
    if let Some(sealed) = &payment.authorization {
        let leave = authorization::open(&app.vault, payment.number.merchant_id, key, &account.sub_mchid, sealed)?;
        account.authorization = Some(leave);
    }
    Ok((provider, account))
}
