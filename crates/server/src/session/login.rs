//! Login: mobile, password and who the device is. The first one binds the identity; a later one pushes the earlier
//! session out in the same transaction (PRODUCT 3.1).

use std::net::IpAddr;

use db::{Key, Tx, params};

use super::{
    Error, Identity,
    directory::{self, Kind, Person},
    identity::Known,
    lifecycle::SESSION_MS,
    password, sql, throttle,
    ticket::Ticket,
};
use crate::{
    App, live, manager,
    vault::token_hash,
    web::{FieldProblem, Verification, mask_network},
};

/// Random characters of a token: 210 bits.
pub(super) const TOKEN_CHARS: usize = 43;
/// Longer names of devices are cut.
const DEVICE_CHARS: usize = 60;

/// What somebody typed, and from where.
pub struct Login {
    /// The account: a mobile number.
    pub mobile: String,
    /// The password.
    pub password: String,
    /// Who the device is.
    pub identity: Identity,
    /// What the device calls itself, shown to whoever is pushed out.
    pub device: String,
    /// The caller's address.
    pub ip: IpAddr,
}

/// A session that just began or was renewed.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The secret token, told once.
    pub token: String,
    /// Until when it opens, UTC milliseconds.
    pub expires_at_ms: i64,
    /// Whose merchant.
    pub merchant_id: i64,
    /// Who.
    pub manager_id: i64,
}

/// Logs a manager in.
///
/// # Errors
/// [`Error::Wrong`] for an unknown account and a wrong password alike, in the same time; [`Error::Throttled`];
/// [`Error::Disabled`]; [`Error::CodeNeeded`] from another identity, or [`Error::OtherIdentity`] where no SMS is set up;
/// [`Error::BadCode`] and [`Error::Platform`].
pub async fn login(app: &App, login: &Login) -> Result<LoggedIn, Error> {
    let mobile = checked(login)?;
    let typed = mobile.clone();
    let attempt = throttle::begin(app, format!("manager:{mobile}"), login.ip).await?;
    let account = find(app, mobile).await?;
    let hash = account.as_ref().map(|account| account.password_hash.as_str());
    let right = password::verify(hash, &login.password).await?;
    let Some(account) = account.filter(|_| right) else {
        return Err(Error::Wrong { retry_at_ms: attempt.retry_at_ms });
    };
    throttle::forgive(app, attempt).await?;
    if !account.active {
        return Err(Error::Disabled);
    }
    let identity = login.identity.prove(app).await?;
    match begin(app, login, &account, identity.clone()).await {
        Err(Error::OtherIdentity) if app.outside.links().short_messages.is_some() => {
            let ticket = Ticket::issue(app, account.person, &account.password_hash, &identity)?;
            Err(Error::CodeNeeded(Verification { ticket, mobile: manager::masked(&typed) }))
        }
        done => done,
    }
}

fn checked(login: &Login) -> Result<String, Error> {
    let mobile = manager::mobile(&login.mobile);
    let malformed = || {
        FieldProblem::new("mobile", "mobile.malformed", "请输入 11 位手机号", "Type the 11 digits of the mobile number")
    };
    let problems =
        [mobile.is_none().then(malformed), password::check_typed(&login.password).err(), login.identity.check().err()];
    let problems: Vec<FieldProblem> = problems.into_iter().flatten().collect();
    mobile.filter(|_| problems.is_empty()).ok_or(Error::Fields(problems))
}

struct Account {
    person: Person,
    password_hash: String,
    active: bool,
}

async fn find(app: &App, mobile: String) -> Result<Option<Account>, Error> {
    app.db
        .read(async move |tx: &mut Tx<'_>| {
            let Some(person) = directory::find(tx, Kind::ManagerMobile, &mobile).await? else { return Ok(None) };
            let row = tx.query_opt(sql::ACCOUNT, params![person.merchant_id, person.person_id]).await?;
            let account = |row: db::Row| {
                Ok(Account { person, password_hash: row.get(0)?, active: row.get::<String>(1)? == "active" })
            };
            row.map(account).transpose()
        })
        .await
}

/// What whoever changes an account's session locks.
pub(super) fn key(person: Person) -> Key {
    Key::of(("manager", person.merchant_id, person.person_id))
}

/// What the transaction writes, all of it decided before.
pub(super) struct Draft {
    pub person: Person,
    pub identity: Known,
    pub identity_text: String,
    session_id: i64,
    event_id: i64,
    token_hash: String,
    pub device: String,
    pub network: String,
    pub now_ms: i64,
    pub expires_at_ms: i64,
}

/// A session to be, and its token.
pub(super) fn draft(app: &App, person: Person, identity: Known, told_device: &str, ip: IpAddr) -> (String, Draft) {
    let token = new_token(app, person.merchant_id);
    let now_ms = app.clock.now_ms();
    let draft = Draft {
        person,
        identity_text: identity.text(),
        identity,
        session_id: app.ids.mint(),
        event_id: app.ids.mint(),
        token_hash: token_hash(&token),
        device: device(told_device),
        network: mask_network(ip),
        now_ms,
        expires_at_ms: now_ms + SESSION_MS,
    };
    (token, draft)
}

async fn begin(app: &App, login: &Login, account: &Account, identity: Known) -> Result<LoggedIn, Error> {
    let person = account.person;
    let (token, draft) = draft(app, person, identity, &login.device, login.ip);
    let expires_at_ms = draft.expires_at_ms;
    let hash = account.password_hash.clone();
    app.db.write(key(person), async move |tx: &mut Tx<'_>| write(tx, &draft, &hash).await).await?;
    Ok(LoggedIn { token, expires_at_ms, merchant_id: person.merchant_id, manager_id: person.person_id })
}

/// The account's row comes first: of two logins at once the second waits for it, and pushes the first one out.
pub(super) async fn write(tx: &mut Tx<'_>, draft: &Draft, password_hash: &str) -> Result<(), Error> {
    let Person { merchant_id, person_id: manager_id } = draft.person;
    let Known { kind, value } = &draft.identity;
    let values = params![merchant_id, manager_id, *kind, value, draft.now_ms, password_hash];
    if tx.execute(sql::LOGGED_IN, values).await? == 0 {
        return Err(refusal(tx, draft.person, password_hash).await?);
    }
    let values = params![merchant_id, manager_id, draft.now_ms, &draft.device, &draft.network];
    let displaced = tx.query_opt(sql::DISPLACE, values).await?;
    let values = params![
        merchant_id,
        draft.session_id,
        manager_id,
        &draft.token_hash,
        &draft.identity_text,
        &draft.device,
        &draft.network,
        draft.now_ms,
        draft.expires_at_ms
    ];
    tx.execute(sql::INSERT, values).await?;
    if let Some(row) = displaced {
        live::tell_session(tx, draft.event_id, merchant_id, manager_id, row.get(0)?).await?;
    }
    if directory::claim(tx, Kind::Identity, &draft.identity_text, draft.person).await?.is_some() {
        directory::take_over(tx, Kind::Identity, &draft.identity_text, draft.person).await?;
    }
    Ok(())
}

/// Why the account could not be logged in to although the password was right a moment ago.
async fn refusal(tx: &mut Tx<'_>, person: Person, password_hash: &str) -> Result<Error, Error> {
    let Person { merchant_id, person_id } = person;
    let row = tx.query_one(sql::ACCOUNT, params![merchant_id, person_id]).await?;
    Ok(match (row.get::<String>(1)?.as_str(), row.get::<String>(0)? == password_hash) {
        ("active", true) => Error::OtherIdentity,
        ("active", false) => Error::Wrong { retry_at_ms: None },
        _ => Error::Disabled,
    })
}

pub(super) fn new_token(app: &App, merchant_id: i64) -> String {
    format!("m{merchant_id}.{}", app.random.text(TOKEN_CHARS))
}

/// What a device calls itself, fit to be shown to another one.
pub(super) fn device(told: &str) -> String {
    let plain: String = told.chars().filter(|c| !c.is_control()).take(DEVICE_CHARS).collect();
    if plain.trim().is_empty() { "未知设备".into() } else { plain.trim().to_owned() }
}
