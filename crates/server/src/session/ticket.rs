//! What a device holds between a right password and the code that its account's mobile was sent: sealed, so that it says
//! nothing to its holder and nobody can make one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{Error, directory::Person, identity::Known};
use crate::{App, clock::MINUTE_MS, vault::token_hash};

/// What it is sealed for.
const PURPOSE: &str = "login.ticket";
/// How long a person may take from the password to the last code.
pub(super) const TICKET_MS: i64 = 15 * MINUTE_MS;

/// A device that knew the password, and who it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ticket {
    merchant_id: i64,
    manager_id: i64,
    kind: String,
    value: String,
    /// Of the password as it was: a new one makes the ticket worthless.
    password: String,
    until_ms: i64,
}

impl Ticket {
    /// Seals one for `identity`, which has just proved that it knows the password.
    pub fn issue(app: &App, person: Person, password_hash: &str, identity: &Known) -> Result<String, Error> {
        let ticket = Ticket {
            merchant_id: person.merchant_id,
            manager_id: person.person_id,
            kind: identity.kind.into(),
            value: identity.value.clone(),
            password: token_hash(password_hash),
            until_ms: app.clock.now_ms() + TICKET_MS,
        };
        let plain = serde_json::to_vec(&ticket).map_err(|e| Error::Sealing(e.to_string()))?;
        let sealed = app.vault.seal(PURPOSE, &plain).map_err(|e| Error::Sealing(e.to_string()))?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens one that is still good.
    pub fn open(app: &App, told: &str) -> Result<Ticket, Error> {
        let sealed = URL_SAFE_NO_PAD.decode(told).map_err(|_| Error::TicketOver)?;
        let plain = app.vault.open_sealed(PURPOSE, &sealed).map_err(|_| Error::TicketOver)?;
        let ticket: Ticket = serde_json::from_slice(&plain).map_err(|_| Error::TicketOver)?;
        if ticket.until_ms <= app.clock.now_ms() { Err(Error::TicketOver) } else { Ok(ticket) }
    }

    pub fn person(&self) -> Person {
        Person { merchant_id: self.merchant_id, person_id: self.manager_id }
    }

    /// The identity that asks.
    pub fn identity(&self) -> Known {
        let kind = if self.kind == "wechat" { "wechat" } else { "browser" };
        Known { kind, value: self.value.clone() }
    }

    /// Whether the account still has the password that was right.
    pub fn is_of(&self, password_hash: &str) -> bool {
        self.password == token_hash(password_hash)
    }
}
