//! The page of a code: shown from what is kept, submitted to the database.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use db::Tx;
use money::Amount;
use url::form_urlencoded;

use super::{
    kept::KeptPage,
    page::{self, AmountMode, AmountView, CheckoutView, FieldError, FieldKind, FieldView, Message, TextRule, Typed},
    respond,
};
use crate::{
    App,
    collection_code::{self, FoundCode, Standing, merchant_of_token, standing},
    form::{self, Definition, Field, FormVersion, Submitted},
    merchant::{self, way_words},
    order::{self, Place},
    web::Problem,
};

/// What a page is made of.
struct Found {
    code: FoundCode,
    form: FormVersion,
    ways: String,
}

/// `GET /pay/c…`
pub async fn show(app: &App, token: &str, headers: &HeaderMap) -> Response {
    let now_ms = app.clock.now_ms();
    let page = match app.pages.get(token) {
        Some(page) => page,
        None => match load(app, token, now_ms).await {
            Ok(page) => page,
            Err(problem) => return respond::refuse(headers, problem),
        },
    };
    if page.expires_at_ms.is_some_and(|until| now_ms >= until) {
        return respond::message(headers, Message::ExpiredCode);
    }
    app.pages.scans.count(page.merchant_id, page.code_id, now_ms);
    respond::send(headers, StatusCode::OK, &page.html, &page.brotli, page.csp)
}

async fn load(app: &App, token: &str, now_ms: i64) -> Result<Arc<KeptPage>, Problem> {
    let merchant_id = merchant_of_token('c', token).ok_or(order::Error::Unknown)?;
    let found = find(app, merchant_id, token, now_ms, None).await?;
    let view = view(&found, token, now_ms);
    let page = page::render_checkout(&view).map_err(defect)?;
    let kept = KeptPage::new(page, merchant_id, found.code.code_id, found.code.expires_at_ms, found.code.pages_epoch);
    let kept = Arc::new(kept);
    app.pages.put(token.to_owned(), kept.clone());
    Ok(kept)
}

fn defect(error: page::Error) -> Problem {
    tracing::error!(%error, "a payer's page could not be rendered");
    Problem::internal()
}

async fn find(
    app: &App,
    merchant_id: i64,
    token: &str,
    now_ms: i64,
    version: Option<i64>,
) -> Result<Found, order::Error> {
    let token = token.to_owned();
    let read = async move |tx: &mut Tx<'_>| {
        // The code is read first, and with it the epoch: whatever changes after it drops this page.
        let code = collection_code::find(tx, merchant_id, &token).await?.ok_or(order::Error::Unknown)?;
        if standing(&code.state, code.expires_at_ms, now_ms) == Standing::Dead {
            return Err(order::Error::CodeOver);
        }
        if !code.manager_active {
            return Err(order::Error::ManagerDisabled);
        }
        let form =
            form::load_open(tx, merchant_id, code.form_id, version, now_ms).await?.ok_or(order::Error::Stored)?;
        let accounts = merchant::accounts_of_unit(tx, merchant_id, code.org_unit_id).await?;
        if accounts.is_empty() {
            return Err(order::Error::NoAccount);
        }
        Ok(Found { ways: way_words(&accounts), code, form })
    };
    app.db.read(read).await
}

fn view(found: &Found, token: &str, now_ms: i64) -> CheckoutView {
    let code = &found.code;
    let superseded_until_ms = match standing(&code.state, code.expires_at_ms, now_ms) {
        Standing::Superseded { until_ms } => Some(until_ms),
        Standing::Live | Standing::Dead => None,
    };
    CheckoutView {
        path: format!("/pay/{token}"),
        form_version: found.form.version,
        merchant_full_name: code.merchant_full_name.clone(),
        manager_name: code.manager_name.clone(),
        code_short_id: code.short_id.clone(),
        superseded_until_ms,
        now_ms,
        ways: found.ways.clone(),
        amount: amount_view(&found.form.definition),
        fields: found.form.definition.fields.iter().map(field_view).collect(),
    }
}

fn amount_view(definition: &Definition) -> AmountView {
    let rule = &definition.amount;
    let mode = match rule.fixed_fen.filter(|_| rule.mode == form::AmountMode::Fixed) {
        Some(fen) => AmountMode::Fixed(Amount::from_fen(fen)),
        None => AmountMode::Typed { min: Amount::from_fen(rule.min_fen), max: Amount::from_fen(rule.max_fen) },
    };
    AmountView { label: rule.label.clone(), mode }
}

fn field_view(field: &Field) -> FieldView {
    let kind = match field {
        Field::Text { max_length, rule, .. } => FieldKind::Text {
            max_length: *max_length,
            rule: match rule {
                form::TextRule::None => TextRule::None,
                form::TextRule::Digits => TextRule::Digits,
                form::TextRule::Mobile => TextRule::Mobile,
            },
        },
        Field::Choice { options, multiple, .. } => FieldKind::Choice { options: options.clone(), multiple: *multiple },
    };
    FieldView {
        key: field.key().to_owned(),
        label: field.label().to_owned(),
        help: field.help().to_owned(),
        required: field.required(),
        kind,
    }
}

/// What a page posts.
struct Posted {
    submitted: Submitted,
    submission: String,
    version: Option<i64>,
}

fn read_form(body: &[u8]) -> Option<Posted> {
    std::str::from_utf8(body).ok()?;
    let mut posted = Posted { submitted: Submitted::default(), submission: String::new(), version: None };
    for (name, value) in form_urlencoded::parse(body) {
        match name.as_ref() {
            "amount" => posted.submitted.amount = value.into_owned(),
            "submission" => posted.submission = value.into_owned(),
            "version" => posted.version = value.parse().ok(),
            other => {
                if let Some(key) = other.strip_prefix("f_") {
                    posted.submitted.values.push((key.to_owned(), value.into_owned()));
                }
            }
        }
    }
    Some(posted)
}

/// `POST /pay/c…`
pub async fn submit(app: &App, token: &str, headers: &HeaderMap, body: &Bytes) -> Response {
    let Some(posted) = read_form(body) else {
        return respond::refuse(headers, Problem::malformed("the form is not UTF-8"));
    };
    let place = Place {
        code_token: token.to_owned(),
        submitted: posted.submitted.clone(),
        submission: Some(posted.submission.clone()),
        form_version: posted.version,
    };
    match order::place(app, place).await {
        Ok(placed) if respond::wants_json(headers) => {
            Json(serde_json::json!({ "order_url": format!("/pay/{}", placed.token) })).into_response()
        }
        Ok(placed) => Redirect::to(&format!("/pay/{}", placed.token)).into_response(),
        Err(order::Error::Form(errors)) if !respond::wants_json(headers) => {
            again(app, token, headers, posted, errors).await.unwrap_or_else(|problem| respond::refuse(headers, problem))
        }
        Err(error) => respond::refuse(headers, error.into()),
    }
}

/// The page again, with everything typed and each error under its field.
async fn again(
    app: &App,
    token: &str,
    headers: &HeaderMap,
    posted: Posted,
    errors: Vec<crate::web::FieldProblem>,
) -> Result<Response, Problem> {
    let now_ms = app.clock.now_ms();
    let merchant_id = merchant_of_token('c', token).ok_or(order::Error::Unknown)?;
    let found = find(app, merchant_id, token, now_ms, posted.version).await?;
    let typed =
        Typed { amount: posted.submitted.amount, values: posted.submitted.values, submission: posted.submission };
    let errors: Vec<FieldError> =
        errors.into_iter().map(|e| FieldError { field: e.field, message: e.message }).collect();
    let page = page::render_refused(&view(&found, token, now_ms), &typed, &errors).map_err(defect)?;
    Ok(respond::page(headers, StatusCode::UNPROCESSABLE_ENTITY, page))
}
