//! The first time, a code is issued; it then stays the same for good until it is refreshed (PRODUCT 3.2).

use db::{Key, Tx, params};

use super::{CodeScreen, Error, screen, sql};
use crate::{
    App,
    random::Random,
    session::{self, ManagerSession},
};

/// Short ids are drawn from 2 160 000: enough draws that a merchant with tens of thousands of codes still finds one.
const DRAWS: usize = 24;
const DEFAULT_NAME: &str = "默认收款码";

/// A code that could be issued: every name it might get, drawn before the transaction.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(super) code_id: i64,
    secret: String,
    pub(super) short_ids: Vec<String>,
}

impl Draft {
    /// Draws every name that the code might get.
    pub fn new(app: &App) -> Draft {
        Draft {
            code_id: app.ids.mint(),
            secret: app.random.text(14),
            short_ids: (0..DRAWS).map(|_| short_id(&app.random)).collect(),
        }
    }

    /// `c<merchant>-<secret>`
    pub(super) fn token(&self, merchant_id: i64) -> String {
        format!("c{merchant_id}-{}", self.secret)
    }

    /// Writes the code; false where the manager has a live default code already.
    pub(super) async fn write(
        &self,
        tx: &mut Tx<'_>,
        merchant_id: i64,
        manager_id: i64,
        now_ms: i64,
    ) -> Result<bool, Error> {
        let names = tx.query_opt(sql::NAMES, params![merchant_id, manager_id]).await?.ok_or(Error::Gone)?;
        let (org_unit_id, token): (i64, String) = (names.get(2)?, self.token(merchant_id));
        for short_id in &self.short_ids {
            let values =
                params![merchant_id, self.code_id, &token, short_id, manager_id, org_unit_id, DEFAULT_NAME, now_ms];
            if tx.execute(sql::ISSUE, values).await? == 1 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// `A3-0172`: read aloud over a telephone without mistake.
fn short_id(random: &Random) -> String {
    const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let letter = LETTERS[random.below(24) as usize % 24];
    format!("{}{}-{:04}", char::from(letter), 1 + random.below(9), random.below(10_000))
}

/// The screen of the manager's default code, issued now if there is none; for `session` only while it lives.
///
/// # Errors
/// [`Error`].
pub async fn default_code(
    app: &App,
    merchant_id: i64,
    manager_id: i64,
    session: Option<ManagerSession>,
) -> Result<CodeScreen, Error> {
    let now_ms = app.clock.now_ms();
    let url = app.config.public_url.clone();
    let read_url = url.clone();
    let known = app
        .db
        .read(async move |tx: &mut Tx<'_>| screen::read(tx, &read_url, merchant_id, manager_id, now_ms).await)
        .await?;
    if let Some(screen) = known {
        return Ok(screen);
    }
    let draft = Draft::new(app);
    let work = async move |tx: &mut Tx<'_>| {
        if let Some(who) = &session {
            session::check(tx, who).await?;
        }
        draft.write(tx, merchant_id, manager_id, now_ms).await?;
        screen::read(tx, &url, merchant_id, manager_id, now_ms).await?.ok_or(Error::Gone)
    };
    app.db.write(Key::of(("code", merchant_id, manager_id)), work).await
}
