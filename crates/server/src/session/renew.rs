//! Renewal: an expired token is replaced in place, without asking anybody, for the identity that logged in. It is no
//! new session and pushes nobody out (PRODUCT 3.1).

use std::net::IpAddr;

use db::{Key, Tx, params};

use super::{
    Error, Identity, LoggedIn, authenticate,
    lifecycle::{self, SESSION_MS},
    login::{device, new_token},
    sql,
};
use crate::{App, vault::token_hash, web::mask_network};

/// Renews the session of `token`. The token that was replaced may renew once more: its holder may never have got the
/// answer.
///
/// # Errors
/// [`Error::OtherIdentity`] where another identity asks; why the session is over, where it is.
pub async fn renew(
    app: &App,
    token: &str,
    identity: &Identity,
    told_device: &str,
    ip: IpAddr,
) -> Result<LoggedIn, Error> {
    identity.check().map_err(|problem| Error::Fields(vec![problem]))?;
    let (session, stored) = authenticate::find(app, token).await?.ok_or(Error::Missing)?;
    lifecycle::may_renew(&stored)?;
    let identity = identity.prove(app).await?.text();
    let (merchant_id, manager_id) = (session.merchant_id, session.manager_id);
    let (old, new) = (token_hash(token), new_token(app, merchant_id));
    let (new_hash, device, network) = (token_hash(&new), device(told_device), mask_network(ip));
    let expires_at_ms = app.clock.now_ms() + SESSION_MS;
    app.db
        .write(Key::of(("manager", merchant_id, manager_id)), async move |tx: &mut Tx<'_>| {
            let id = session.session_id;
            let values = params![merchant_id, id, &old, &new_hash, &device, &network, expires_at_ms, &identity];
            if tx.execute(sql::RENEW, values).await? == 1 {
                return Ok(());
            }
            super::check(tx, &session).await?;
            Err(Error::OtherIdentity)
        })
        .await?;
    Ok(LoggedIn { token: new, expires_at_ms, merchant_id, manager_id })
}
