//! 刷新: a new default code; the replaced one dies three hours after *this* refresh, never later, whatever is
//! refreshed afterwards. 撤销 brings it back while it lives; 立即作废 ends it now (PRODUCT 3.2).

use db::{Key, Tx, params};

use super::{CodeScreen, Error, GRACE_MS, issue::Draft, screen, sql};
use crate::{
    App, merchant,
    session::{self, ManagerSession},
};

/// Replaces the default code.
///
/// # Errors
/// [`Error`].
pub async fn refresh(app: &App, who: &ManagerSession) -> Result<CodeScreen, Error> {
    let draft = Draft::new(app);
    change(app, who, async move |tx, who, now_ms| {
        let url = "";
        let Some(old) = screen::read(tx, url, who.merchant_id, who.manager_id, now_ms).await? else {
            draft.write(tx, who.merchant_id, who.manager_id, now_ms).await?;
            return Ok(());
        };
        let old_id: i64 = old.code.code_id.parse().map_err(|_| Error::Gone)?;
        let values = params![who.merchant_id, who.manager_id, old_id, now_ms + GRACE_MS, draft.code_id];
        // None changed: another refresh was first, and its code is the new one.
        if tx.execute(sql::SUPERSEDE, values).await? == 1 {
            draft.write(tx, who.merchant_id, who.manager_id, now_ms).await?;
        }
        Ok(())
    })
    .await
}

/// Brings the replaced code back and ends the one that replaced it.
///
/// # Errors
/// [`Error::NothingToUndo`] where the replaced code is over or was replaced again.
pub async fn undo(app: &App, who: &ManagerSession, new_code_id: i64) -> Result<CodeScreen, Error> {
    change(app, who, async move |tx, who, now_ms| {
        let ended = tx.execute(sql::END_LIVE, params![who.merchant_id, who.manager_id, new_code_id, now_ms]).await?;
        if ended != 1 {
            return Err(Error::NothingToUndo); // refreshed again: another code lives, and there is room for one
        }
        let restored = tx.execute(sql::RESTORE, params![who.merchant_id, who.manager_id, new_code_id, now_ms]).await?;
        if restored == 1 { Ok(()) } else { Err(Error::NothingToUndo) }
    })
    .await
}

/// Ends one superseded code now.
///
/// # Errors
/// [`Error::Gone`] where it is not one.
pub async fn end(app: &App, who: &ManagerSession, code_id: i64) -> Result<CodeScreen, Error> {
    change(app, who, async move |tx, who, now_ms| {
        let values = params![who.merchant_id, who.manager_id, code_id, now_ms];
        if tx.execute(sql::END_SUPERSEDED, values).await? == 1 { Ok(()) } else { Err(Error::Gone) }
    })
    .await
}

/// One change of a manager's codes: only while the session lives, seen by every node's kept pages, told as the screen.
async fn change(
    app: &App,
    who: &ManagerSession,
    work: impl AsyncFn(&mut Tx<'_>, &ManagerSession, i64) -> Result<(), Error> + Send + 'static,
) -> Result<CodeScreen, Error> {
    let now_ms = app.clock.now_ms();
    let url = app.config.public_url.clone();
    let who = who.clone();
    let merchant_id = who.merchant_id;
    let key = Key::of(("code", who.merchant_id, who.manager_id));
    let changed = async move |tx: &mut Tx<'_>| {
        session::check(tx, &who).await?;
        work(tx, &who, now_ms).await?;
        merchant::touch_pages(tx, who.merchant_id, now_ms).await?;
        screen::read(tx, &url, who.merchant_id, who.manager_id, now_ms).await?.ok_or(Error::Gone)
    };
    let screen = app.db.write(key, changed).await?;
    app.pages.forget(merchant_id);
    Ok(screen)
}
