//! The code by SMS that proves a login from another identity (PRODUCT 3.1): six digits, five minutes, one use, five
//! tries, one a minute, ten a day. Only its keyed hash is stored; the digits themselves wait sealed in the message.
//!
//! ```text
//!  login: right password, other identity ──► ticket ──► code ──► message (job) ──► phone
//!                                               └──────► rebind with the code ──► the other identity's session begins,
//!                                                                                  the earlier one is displaced
//! ```

use std::net::IpAddr;

use db::{Key, Tx, params};

use super::{
    Error, LoggedIn,
    directory::{self, Kind, Person},
    lifecycle::{self, CODE_MS, CODE_TRIES, Code},
    login::{self, Draft},
    sql,
    ticket::Ticket,
};
use crate::{
    App, audit,
    clock::{DAY_MS, MINUTE_MS},
    manager, notification,
    vault::Vault,
};

/// What a code's keyed hash is made for.
const PURPOSE: &str = "login.code";

/// A code is on its way.
#[derive(Clone, Debug)]
pub struct CodeSent {
    /// Where to, masked.
    pub mobile: String,
    /// When another one may be asked for, UTC milliseconds.
    pub again_at_ms: i64,
    /// Until when it holds, UTC milliseconds.
    pub expires_at_ms: i64,
}

/// Sends a code to the mobile of the ticket's account. Each code takes the place of the one before.
///
/// # Errors
/// [`Error::TicketOver`]; [`Error::CodeWait`] within a minute of the last one or after ten in a day;
/// [`Error::OtherIdentity`] where no SMS is set up any more.
pub async fn send_code(app: &App, ticket: &str) -> Result<CodeSent, Error> {
    let ticket = Ticket::open(app, ticket)?;
    if app.outside.links().short_messages.is_none() {
        return Err(Error::OtherIdentity);
    }
    let Person { merchant_id, person_id: manager_id } = ticket.person();
    let (code_id, now_ms) = (app.ids.mint(), app.clock.now_ms());
    let expires_at_ms = now_ms + CODE_MS;
    let code = format!("{:06}", app.random.below(1_000_000));
    let mac = mac(&app.vault, code_id, &code)?;
    let text = notification::SmsText::LoginCode { code, minutes: CODE_MS / MINUTE_MS };
    let text = notification::seal_sms(&app.vault, &text).map_err(|e| Error::Sealing(e.to_string()))?;
    let identity = ticket.identity().text();
    let mobile = app
        .db
        .write(login::key(ticket.person()), async move |tx: &mut Tx<'_>| {
            let account = hold(tx, &ticket).await?;
            let recent = tx.query(sql::CODES_SINCE, params![merchant_id, manager_id, now_ms - DAY_MS]).await?;
            let sent_at_ms = recent.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>, db::Error>>()?;
            lifecycle::may_send_code(&sent_at_ms, now_ms)
                .map_err(|wait| Error::CodeWait { retry_at_ms: wait.retry_at_ms, of_the_day: wait.of_the_day })?;
            let values = params![merchant_id, code_id, manager_id, &identity, &mac, now_ms, expires_at_ms];
            tx.execute(sql::INSERT_CODE, values).await?;
            let mobile = &account.mobile;
            let sms =
                notification::NewSms { merchant_id, sms_id: code_id, manager_id, mobile, text: &text, expires_at_ms };
            notification::queue_sms(tx, &sms, now_ms).await?;
            Ok::<_, Error>(account.mobile)
        })
        .await?;
    Ok(CodeSent { mobile: manager::masked(&mobile), again_at_ms: now_ms + lifecycle::CODE_PAUSE_MS, expires_at_ms })
}

/// Binds the ticket's identity by a right code and logs it in. The earlier identity's session is displaced, and its screen
/// told, as by any later login; the audit log says that the account changed hands.
///
/// # Errors
/// [`Error::CodeWrong`] with the tries that are left; [`Error::CodeSpent`]; [`Error::CodeNotSent`];
/// [`Error::TicketOver`]; [`Error::Fields`].
pub async fn rebind(app: &App, ticket: &str, code: &str, device: &str, ip: IpAddr) -> Result<LoggedIn, Error> {
    let ticket = Ticket::open(app, ticket)?;
    let code = lifecycle::code_as_typed(code).ok_or(Error::CodeMalformed)?;
    let person = ticket.person();
    let (token, draft) = login::draft(app, person, ticket.identity(), device, ip);
    let (audit_id, vault) = (app.ids.mint(), app.vault.clone());
    let expires_at_ms = draft.expires_at_ms;
    let tried = app
        .db
        .write(login::key(person), async move |tx: &mut Tx<'_>| {
            let account = hold(tx, &ticket).await?;
            let tried = try_code(tx, &vault, &draft, &code).await?;
            if matches!(tried, Tried::Right) {
                change_hands(tx, &draft, &account, audit_id).await?;
            }
            // A wrong try is counted by this commit, so it is no error here.
            Ok::<_, Error>(tried)
        })
        .await?;
    match tried {
        Tried::Right => {
            Ok(LoggedIn { token, expires_at_ms, merchant_id: person.merchant_id, manager_id: person.person_id })
        }
        Tried::Wrong { left } => Err(Error::CodeWrong { left }),
        Tried::Spent => Err(Error::CodeSpent),
        Tried::NotSent => Err(Error::CodeNotSent),
    }
}

/// Forgets codes that count for nothing any more.
///
/// # Errors
/// The refusals of the database.
pub async fn forget_codes(app: &App) -> Result<u64, db::Error> {
    let before_ms = app.clock.now_ms() - DAY_MS;
    let write = async move |tx: &mut Tx<'_>| tx.execute(sql::FORGET_CODES, params![before_ms]).await;
    app.db.write(Key::of("login code sweep"), write).await
}

fn mac(vault: &Vault, code_id: i64, code: &str) -> Result<String, Error> {
    vault.mac(PURPOSE, &format!("{code_id}:{code}")).map_err(|e| Error::Sealing(e.to_string()))
}

/// The account, held until the transaction ends: what follows is done once, whichever node is asked at the same time.
struct Held {
    mobile: String,
    name: String,
    password_hash: String,
    bound: Option<(String, String)>,
}

async fn hold(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<Held, Error> {
    let Person { merchant_id, person_id } = ticket.person();
    let row = tx.query_opt(sql::HOLD_ACCOUNT, params![merchant_id, person_id]).await?.ok_or(Error::TicketOver)?;
    if row.get::<String>(0)? != "active" {
        return Err(Error::Disabled);
    }
    let kind: Option<String> = row.get(4)?;
    let held = Held {
        password_hash: row.get(1)?,
        mobile: row.get(2)?,
        name: row.get(3)?,
        bound: kind.zip(row.get::<Option<String>>(5)?),
    };
    if ticket.is_of(&held.password_hash) { Ok(held) } else { Err(Error::TicketOver) }
}

enum Tried {
    Right,
    Wrong { left: i64 },
    Spent,
    NotSent,
}

/// Tries the newest code of the account; whatever was before it is void.
async fn try_code(tx: &mut Tx<'_>, vault: &Vault, draft: &Draft, typed: &str) -> Result<Tried, Error> {
    let Person { merchant_id, person_id } = draft.person;
    let Some(row) = tx.query_opt(sql::NEWEST_CODE, params![merchant_id, person_id]).await? else {
        return Ok(Tried::Spent);
    };
    let code_id: i64 = row.get(0)?;
    let code = Code {
        is_mine: row.get::<String>(1)? == draft.identity_text,
        tries: row.get(3)?,
        expires_at_ms: row.get(4)?,
        used: row.get::<Option<i64>>(5)?.is_some(),
    };
    let holds = lifecycle::code_holds(&code, draft.now_ms);
    if holds && vault.fits(PURPOSE, &format!("{code_id}:{typed}"), &row.get::<String>(2)?) {
        tx.execute(sql::USE_CODE, params![merchant_id, code_id, draft.now_ms]).await?;
        return Ok(Tried::Right);
    }
    if code.is_mine && notification::sms_failed(tx, merchant_id, code_id).await? {
        return Ok(Tried::NotSent);
    }
    if !holds {
        return Ok(Tried::Spent);
    }
    tx.execute(sql::COUNT_TRY, params![merchant_id, code_id]).await?;
    Ok(Tried::Wrong { left: CODE_TRIES - code.tries - 1 })
}

async fn change_hands(tx: &mut Tx<'_>, draft: &Draft, account: &Held, audit_id: i64) -> Result<(), Error> {
    let me @ Person { merchant_id, person_id } = draft.person;
    let (kind, value) = (draft.identity.kind, &draft.identity.value);
    if let Some((old_kind, old)) = &account.bound {
        directory::release(tx, Kind::Identity, &format!("{old_kind}:{old}"), me).await?;
    }
    tx.execute(sql::REBIND, params![merchant_id, person_id, kind, value, draft.now_ms]).await?;
    login::write(tx, draft, &account.password_hash).await?;
    let whose = format!("manager:{person_id}");
    let entry = audit::Entry {
        merchant_id,
        audit_id,
        at_ms: draft.now_ms,
        actor: &whose,
        action: "manager.rebind",
        subject: &whose,
        detail: &format!("{}: 短信验证后改绑到 {}", account.name, draft.device),
        network: &draft.network,
    };
    Ok(audit::write(tx, &entry).await?)
}
