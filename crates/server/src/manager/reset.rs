//! A forgotten password is replaced by an admin: the session ends at once, and the mail brings the new one
//! (PRODUCT 3.1).

use db::{Tx, params};

use super::{
    Error, Manager, sql,
    unbind::{change, key},
};
use crate::{
    App,
    admin::Actor,
    notification,
    session::{self, password},
};

/// Sets a password, typed or generated; the generated one is told once.
pub(super) async fn reset(
    app: &App,
    who: Actor,
    manager_id: i64,
    typed: Option<String>,
) -> Result<(Manager, Option<String>), Error> {
    if let Some(typed) = &typed {
        password::check(typed).map_err(|problem| Error::Fields(vec![problem]))?;
    }
    let generated = typed.is_none().then(|| password::generate(&app.random));
    let fresh = typed.or_else(|| generated.clone()).unwrap_or_default();
    let hash = password::hash(&app.random, &fresh).await?;
    let sealed = notification::seal_password(&app.vault, &fresh)?;
    let (mail_id, event_id, now_ms, merchant_id) =
        (app.ids.mint(), app.ids.mint(), app.clock.now_ms(), who.merchant_id);
    let work = async move |tx: &mut Tx<'_>, manager: &Manager| {
        tx.execute(sql::SET_PASSWORD, params![merchant_id, manager_id, &hash, now_ms]).await?;
        session::end_of_manager(tx, event_id, merchant_id, manager_id, now_ms).await?;
        notification::withdraw_mail(tx, merchant_id, manager_id, now_ms).await?;
        let sealed_password = Some(sealed.as_slice());
        let mail = notification::NewMail { merchant_id, mail_id, manager_id, to: &manager.email, sealed_password };
        notification::queue_mail(tx, &mail, now_ms).await?;
        Ok(true)
    };
    Ok((change(app, who, manager_id, key(merchant_id, manager_id), "manager.reset_password", work).await?, generated))
}
