//! A payer submits the form: the order is written, and with it the job that closes it should nobody pay.
//!
//! The page that was submitted may be kept bytes of a minute ago; here the database is asked. The form is validated
//! with the version that the payer saw, the amount is the server's own (PRODUCT 4).

use db::{Key, Tx, params};
use jobs::NewJob;

use super::{EXPIRE, Error, sql, token_of};
use crate::{
    App,
    clock::MINUTE_MS,
    collection_code::{self, FoundCode, Standing, standing},
    form::{self, Filled, FormVersion, Submitted},
    merchant,
};

/// Longest key that a page may choose for its submission.
const MAX_SUBMISSION: usize = 64;

/// What a payer submits.
#[derive(Clone, Debug)]
pub struct Place {
    /// The code's token, as in the address.
    pub code_token: String,
    /// What was filled in.
    pub submitted: Submitted,
    /// The page's own key: pressing twice makes one order.
    pub submission: Option<String>,
    /// The form version of the page; none: today's.
    pub form_version: Option<i64>,
}

/// The order that a submission made, now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The order.
    pub order_id: i64,
    /// The secret part of its page's address.
    pub token: String,
}

/// Places an order.
///
/// # Errors
/// [`Error`]; [`Error::Form`] names every field that breaks a rule.
pub async fn place(app: &App, place: Place) -> Result<Placed, Error> {
    let merchant_id = collection_code::merchant_of_token('c', &place.code_token).ok_or(Error::Unknown)?;
    let now_ms = app.clock.now_ms();
    let token = place.code_token.clone();
    let asked = place.form_version;
    let (code, form) = app
        .db
        .read(async move |tx: &mut Tx<'_>| {
            let code = usable(tx, merchant_id, &token, now_ms).await?;
            let form = form::load_open(tx, merchant_id, code.form_id, asked, now_ms).await?.ok_or(Error::Stored)?;
            let accounts = merchant::accounts_of_unit(tx, merchant_id, code.org_unit_id).await?;
            if accounts.is_empty() { Err(Error::NoAccount) } else { Ok((code, form)) }
        })
        .await?;
    let filled = form.definition.fill(&place.submitted).map_err(Error::Form)?;
    write(app, merchant_id, place, Draft { code, form, filled, now_ms }).await
}

struct Draft {
    code: FoundCode,
    form: FormVersion,
    filled: Filled,
    now_ms: i64,
}

async fn write(app: &App, merchant_id: i64, place: Place, draft: Draft) -> Result<Placed, Error> {
    let order_id = app.ids.mint();
    let token = token_of(merchant_id, order_id, &app.random.text(12));
    let expires_at_ms = draft.now_ms + app.config.order_minutes * MINUTE_MS;
    let values = serde_json::to_string(&draft.filled.values).map_err(|_| Error::Stored)?;
    let submission = place.submission.filter(|key| !key.is_empty() && key.len() <= MAX_SUBMISSION);
    let work = async move |tx: &mut Tx<'_>| {
        let Draft { code, form, filled, now_ms } = &draft;
        usable(tx, merchant_id, &place.code_token, *now_ms).await?;
        let row = params![
            merchant_id,
            order_id,
            &token,
            &submission,
            code.code_id,
            code.manager_id,
            code.org_unit_id,
            form.form_id,
            form.version,
            &values,
            &filled.title,
            &filled.subtitle,
            filled.amount.fen(),
            *now_ms,
            expires_at_ms
        ];
        if tx.execute(sql::INSERT, row).await? == 0 {
            let earlier = tx.query_one(sql::BY_SUBMISSION, params![merchant_id, code.code_id, &submission]).await?;
            return Ok(Placed { order_id: earlier.get(0)?, token: earlier.get(1)? });
        }
        let key = order_id.to_string();
        let job = NewJob { merchant_id, kind: EXPIRE, key: &key, payload: "", due_at_ms: expires_at_ms };
        jobs::enqueue(tx, &job, *now_ms).await?;
        Ok(Placed { order_id, token: token.clone() })
    };
    app.db.write(Key::of((merchant_id, order_id)), work).await
}

/// The code, if it takes orders at this moment.
async fn usable(tx: &mut Tx<'_>, merchant_id: i64, token: &str, now_ms: i64) -> Result<FoundCode, Error> {
    let code = collection_code::find(tx, merchant_id, token).await?.ok_or(Error::Unknown)?;
    match standing(&code.state, code.expires_at_ms, now_ms) {
        Standing::Dead => Err(Error::CodeOver),
        _ if !code.manager_active => Err(Error::ManagerDisabled),
        Standing::Live | Standing::Superseded { .. } => Ok(code),
    }
}
