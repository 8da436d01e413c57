//! Disabling ends the session at once and makes the manager's codes refuse new orders; enabling undoes that, if the
//! mobile is still free (PRODUCT 3.1, 3.2).

use db::{Tx, params};

use super::{
    Error, Manager, list, mobile, sql,
    unbind::{change, key},
};
use crate::{App, admin::Actor, merchant, session, session::directory::Person};

/// Disables a manager. One who is disabled stays so.
pub(super) async fn disable(app: &App, who: Actor, manager_id: i64) -> Result<Manager, Error> {
    let (event_id, now_ms) = (app.ids.mint(), app.clock.now_ms());
    let merchant_id = who.merchant_id;
    let work = async move |tx: &mut Tx<'_>, _: &Manager| {
        if tx.execute(sql::SET_STATE, params![merchant_id, manager_id, "disabled", now_ms]).await? == 0 {
            return Ok(false);
        }
        session::end_of_manager(tx, event_id, merchant_id, manager_id, now_ms).await?;
        merchant::touch_pages(tx, merchant_id, now_ms).await?;
        Ok(true)
    };
    change(app, who, manager_id, key(merchant_id, manager_id), "manager.disable", work).await
}

/// Enables a manager. One who is active stays so.
pub(super) async fn enable(app: &App, who: Actor, manager_id: i64) -> Result<Manager, Error> {
    let now_ms = app.clock.now_ms();
    let merchant_id = who.merchant_id;
    let asking = who.clone();
    let found = app.db.read(async move |tx: &mut Tx<'_>| list::find(tx, &asking, manager_id).await).await?;
    let work = async move |tx: &mut Tx<'_>, manager: &Manager| {
        // The claim comes first: it holds the mobile's row against whoever registers with it at the same time.
        mobile::claim(tx, &manager.mobile, Person { merchant_id, person_id: manager_id }).await?;
        if tx.execute(sql::SET_STATE, params![merchant_id, manager_id, "active", now_ms]).await? == 0 {
            return Ok(false);
        }
        merchant::touch_pages(tx, merchant_id, now_ms).await?;
        Ok(true)
    };
    change(app, who, manager_id, mobile::key(&found.mobile), "manager.enable", work).await
}
