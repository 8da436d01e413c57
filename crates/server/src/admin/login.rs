//! An admin's login and logout.

use std::net::IpAddr;

use db::{Key, Tx, params};

use super::{Error, SESSION_MS, authenticate::TOKEN_CHARS, sql};
use crate::{
    App, audit,
    session::{
        self,
        directory::{self, Kind, Person},
        password, throttle,
    },
    vault::token_hash,
    web::{FieldProblem, mask_network},
};

/// Longer logins are nobody's.
const LOGIN_CHARS: usize = 64;

/// A session that just began.
pub(super) struct LoggedIn {
    pub token: String,
    pub csrf_token: String,
    pub merchant_id: i64,
    pub admin_id: i64,
}

/// Logins are compared without case.
pub(super) fn normal(login: &str) -> String {
    login.trim().to_lowercase()
}

/// Logs an admin in. An unknown login and a wrong password get the same answer in the same time.
pub(super) async fn login(
    app: &App,
    typed: &str,
    typed_password: &str,
    device: &str,
    ip: IpAddr,
) -> Result<LoggedIn, Error> {
    let login = checked(typed, typed_password)?;
    let attempt = throttle::begin(app, format!("admin:{login}"), ip).await?;
    let account = find(app, login).await?;
    let hash = account.as_ref().map(|account| account.password_hash.as_str());
    let right = password::verify(hash, typed_password).await?;
    let Some(account) = account.filter(|account| right && account.active) else {
        return Err(session::Error::Wrong { retry_at_ms: attempt.retry_at_ms }.into());
    };
    throttle::forgive(app, attempt).await?;
    begin(app, account, device, ip).await
}

/// Ends the session.
pub(super) async fn logout(app: &App, merchant_id: i64, session_id: i64) -> Result<(), Error> {
    let now_ms = app.clock.now_ms();
    let end = async move |tx: &mut Tx<'_>| tx.execute(sql::END_SESSION, params![merchant_id, session_id, now_ms]).await;
    app.db.write::<_, db::Error, _>(Key::of(("admin session", session_id)), end).await?;
    Ok(())
}

fn checked(typed: &str, typed_password: &str) -> Result<String, Error> {
    let login = normal(typed);
    let malformed = || FieldProblem::new("login", "login.malformed", "请输入登录名", "Type the login");
    let is_malformed = login.is_empty() || login.chars().count() > LOGIN_CHARS;
    let problems = [is_malformed.then(malformed), password::check_typed(typed_password).err()];
    let problems: Vec<FieldProblem> = problems.into_iter().flatten().collect();
    if problems.is_empty() { Ok(login) } else { Err(session::Error::Fields(problems).into()) }
}

struct Account {
    person: Person,
    password_hash: String,
    active: bool,
}

async fn find(app: &App, login: String) -> Result<Option<Account>, Error> {
    let read = async move |tx: &mut Tx<'_>| {
        let Some(person) = directory::find(tx, Kind::AdminLogin, &login).await? else { return Ok(None) };
        let row = tx.query_one(sql::BY_LOGIN, params![person.merchant_id, person.person_id]).await?;
        Ok(Some(Account { person, password_hash: row.get(7)?, active: row.get::<String>(6)? == "active" }))
    };
    Ok(app.db.read::<_, db::Error, _>(read).await?)
}

async fn begin(app: &App, account: Account, device: &str, ip: IpAddr) -> Result<LoggedIn, Error> {
    let Person { merchant_id, person_id: admin_id } = account.person;
    let token = format!("a{merchant_id}.{}", app.random.text(TOKEN_CHARS));
    let csrf_token = app.random.text(TOKEN_CHARS);
    let (hash, csrf) = (token_hash(&token), csrf_token.clone());
    let (session_id, audit_id, now_ms) = (app.ids.mint(), app.ids.mint(), app.clock.now_ms());
    let device: String = device.chars().filter(|c| !c.is_control()).take(200).collect();
    let (network, me) = (mask_network(ip), format!("admin:{admin_id}"));
    let write = async move |tx: &mut Tx<'_>| {
        let hold = params![merchant_id, admin_id, &account.password_hash];
        if tx.execute(sql::HOLD, hold).await? == 0 {
            return Err(Error::Session(session::Error::Wrong { retry_at_ms: None }));
        }
        let expires_at_ms = now_ms + SESSION_MS;
        let values = params![merchant_id, session_id, admin_id, &hash, &csrf, &device, &network, now_ms, expires_at_ms];
        tx.execute(sql::BEGIN_SESSION, values).await?;
        let (actor, subject, network) = (&me, &me, &network);
        let entry = audit::Entry {
            merchant_id,
            audit_id,
            at_ms: now_ms,
            actor,
            action: "admin.login",
            subject,
            detail: "",
            network,
        };
        Ok(audit::write(tx, &entry).await?)
    };
    app.db.write(Key::of(("admin", merchant_id, admin_id)), write).await?;
    Ok(LoggedIn { token, csrf_token, merchant_id, admin_id })
}
