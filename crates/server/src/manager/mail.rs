//! Correcting a mistyped address and sending again (PRODUCT 3.1).
//!
//! The first password goes with it while it is still waiting to be delivered. Once another server took it, it is wiped
//! here and may be in a stranger's mailbox: as long as nobody logged in with it, a new one takes its place. Somebody who
//! logged in knows the password; their mail says so and carries none.

use db::{Tx, params};

use super::{
    Error, Manager,
    register::check_email,
    sql,
    unbind::{change, key},
};
use crate::{App, admin::Actor, notification, session::password};

/// Sends the mail again, to this address.
pub(super) async fn send_again(app: &App, who: Actor, manager_id: i64, email: &str) -> Result<Manager, Error> {
    let email = check_email(email).map_err(|problem| Error::Fields(vec![problem]))?;
    let fresh = password::generate(&app.random);
    let hash = password::hash(&app.random, &fresh).await?;
    let fresh_sealed = notification::seal_password(&app.vault, &fresh)?;
    let (mail_id, now_ms, merchant_id) = (app.ids.mint(), app.clock.now_ms(), who.merchant_id);
    let work = async move |tx: &mut Tx<'_>, _: &Manager| {
        let waiting = notification::withdraw_mail(tx, merchant_id, manager_id, now_ms).await?;
        let sealed = match &waiting {
            Some(sealed) => Some(sealed),
            None => {
                let values = params![merchant_id, manager_id, &hash, now_ms];
                (tx.execute(sql::SET_UNUSED_PASSWORD, values).await? == 1).then_some(&fresh_sealed)
            }
        };
        tx.execute(sql::SET_EMAIL, params![merchant_id, manager_id, &email, now_ms]).await?;
        let sealed_password = sealed.map(Vec::as_slice);
        let mail = notification::NewMail { merchant_id, mail_id, manager_id, to: &email, sealed_password };
        notification::queue_mail(tx, &mail, now_ms).await?;
        Ok(true)
    };
    change(app, who, manager_id, key(merchant_id, manager_id), "manager.mail", work).await
}
