//! Unbinding: the next login may come from another WeChat identity or browser and binds that. The phone that was bound
//! is logged out: whoever has it is not known to be the manager any more (PRODUCT 3.1).

use db::{Key, Tx, params};

use super::{Error, Manager, list, sql};
use crate::{
    App,
    admin::Actor,
    audit, session,
    session::directory::{self, Kind, Person},
};

/// Unbinds a manager's identity. Where none is bound nothing changes.
pub(super) async fn unbind(app: &App, who: Actor, manager_id: i64) -> Result<Manager, Error> {
    let (event_id, now_ms) = (app.ids.mint(), app.clock.now_ms());
    let merchant_id = who.merchant_id;
    let work = async move |tx: &mut Tx<'_>, _: &Manager| {
        let row = tx.query_one(sql::IDENTITY, params![merchant_id, manager_id]).await?;
        if tx.execute(sql::UNBIND, params![merchant_id, manager_id, now_ms]).await? == 0 {
            return Ok(false);
        }
        let bound = format!("{}:{}", row.get::<String>(0)?, row.get::<String>(1)?);
        let me = Person { merchant_id, person_id: manager_id };
        directory::release(tx, Kind::Identity, &bound, me).await?;
        session::end_of_manager(tx, event_id, merchant_id, manager_id, now_ms).await?;
        Ok(true)
    };
    change(app, who, manager_id, key(merchant_id, manager_id), "manager.unbind", work).await
}

/// What an act upon one manager locks.
pub(super) fn key(merchant_id: i64, manager_id: i64) -> Key {
    Key::of(("manager", merchant_id, manager_id))
}

/// One act of an admin upon a manager of the scope: written with its audit row, answered as the manager is afterwards.
/// An act that finds nothing to change leaves no trace.
pub(super) async fn change(
    app: &App,
    who: Actor,
    manager_id: i64,
    key: Key,
    action: &'static str,
    work: impl AsyncFn(&mut Tx<'_>, &Manager) -> Result<bool, Error> + Send + 'static,
) -> Result<Manager, Error> {
    let (audit_id, at_ms) = (app.ids.mint(), app.clock.now_ms());
    let write = async move |tx: &mut Tx<'_>| {
        let manager = list::find(tx, &who, manager_id).await?;
        if !work(tx, &manager).await? {
            return Ok(manager);
        }
        let entry = audit::Entry {
            merchant_id: who.merchant_id,
            audit_id,
            at_ms,
            actor: &who.name,
            action,
            subject: &format!("manager:{manager_id}"),
            detail: &manager.name,
            network: &who.network,
        };
        audit::write(tx, &entry).await?;
        list::find(tx, &who, manager_id).await
    };
    app.db.write(key, write).await
}
