//! The form editor of the console.

use axum::extract::State;
use db::{Key, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{Definition, Error, Form, FormVersion, get, list, load, save_version};
use crate::{
    admin::AdminSession,
    app::Shared,
    audit, merchant, org,
    web::{ApiRouter, Client, Json, Path, Problem, Words},
};

/// The routes.
pub fn router() -> ApiRouter {
    ApiRouter::new().routes(routes!(list_forms)).routes(routes!(get_form, put_form))
}

/// A form in the list.
#[derive(Serialize, ToSchema)]
struct FormItem {
    /// Its id.
    form_id: String,
    /// Its name.
    name: String,
    /// Its newest version.
    version: i64,
    /// When that version was written, UTC milliseconds.
    updated_at_ms: i64,
}

/// The merchant's forms.
#[derive(Serialize, ToSchema)]
struct FormList {
    /// In the order they were made.
    items: Vec<FormItem>,
}

/// A form with what it asks.
#[derive(Serialize, ToSchema)]
struct FormDetail {
    /// Its id.
    form_id: String,
    /// Its name.
    name: String,
    /// Its newest version.
    version: i64,
    /// What it asks.
    definition: Definition,
    /// When this version was written, UTC milliseconds.
    updated_at_ms: i64,
    /// Who wrote it.
    updated_by: String,
}

/// A new version of a form.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaveForm {
    /// What it asks from now on.
    definition: Definition,
    /// The version that was edited.
    base_version: i64,
}

impl FormDetail {
    fn new(form: Form, newest: FormVersion) -> FormDetail {
        FormDetail {
            form_id: form.form_id.to_string(),
            name: form.name,
            version: newest.version,
            definition: newest.definition,
            updated_at_ms: form.updated_at_ms,
            updated_by: form.updated_by,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error {
            Error::Db(e) => e.into(),
            Error::Missing => Problem::not_found(),
            Error::Stale => Problem::stale(),
            Error::NotRoot => Problem::new(NOT_ROOT),
        }
    }
}

const NOT_ROOT: Words = Words {
    status: 403,
    code: "permission.denied",
    title: ("没有权限", "Not permitted"),
    detail: (
        "付款表单由整个商户共用，只有商户总部的管理员可以修改，请联系他们。",
        "The whole merchant shares its forms: only admins of its top org unit change them. Ask one of them.",
    ),
};

/// The merchant's forms.
#[utoipa::path(get, path = "/api/admin/forms", tag = "admin",
    responses((status = 200, body = FormList), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn list_forms(State(app): State<Shared>, admin: AdminSession) -> Result<Json<FormList>, Problem> {
    let forms = app.db.read(async move |tx: &mut Tx<'_>| list(tx, admin.merchant_id).await).await?;
    let item = |form: Form| FormItem {
        form_id: form.form_id.to_string(),
        name: form.name,
        version: form.version,
        updated_at_ms: form.updated_at_ms,
    };
    Ok(Json(FormList { items: forms.into_iter().map(item).collect() }))
}

/// One form with what it asks today.
#[utoipa::path(get, path = "/api/admin/forms/{form_id}", tag = "admin", params(("form_id" = String, Path)),
    responses((status = 200, body = FormDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn get_form(
    State(app): State<Shared>,
    admin: AdminSession,
    Path(form_id): Path<i64>,
) -> Result<Json<FormDetail>, Problem> {
    let read = async move |tx: &mut Tx<'_>| detail(tx, admin.merchant_id, form_id).await;
    Ok(Json(app.db.read(read).await?))
}

/// Saves a new version, by an admin of the merchant's top org unit. Orders keep theirs, and a page that is open across the change still submits (PRODUCT 4).
#[utoipa::path(put, path = "/api/admin/forms/{form_id}", tag = "admin", params(("form_id" = String, Path)),
    request_body = SaveForm,
    responses((status = 200, body = FormDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn put_form(
    State(app): State<Shared>,
    admin: AdminSession,
    client: Client,
    Path(form_id): Path<i64>,
    Json(save): Json<SaveForm>,
) -> Result<Json<FormDetail>, Problem> {
    admin.must_manage()?;
    let problems = save.definition.check();
    if !problems.is_empty() {
        return Err(Problem::fields(problems));
    }
    let (merchant_id, now_ms, audit_id) = (admin.merchant_id, app.clock.now_ms(), app.ids.mint());
    let actor = admin.acting_from(&client);
    let work = async move |tx: &mut Tx<'_>| {
        if !org::is_root(tx, merchant_id, admin.org_unit_id).await? {
            return Err(Error::NotRoot);
        }
        let by = &admin.name;
        let version = save_version(tx, merchant_id, form_id, save.base_version, &save.definition, by, now_ms).await?;
        merchant::touch_pages(tx, merchant_id, now_ms).await?;
        let entry = audit::Entry {
            merchant_id,
            audit_id,
            at_ms: now_ms,
            actor: &actor.name,
            action: "form.save",
            subject: &format!("form:{form_id}"),
            detail: &format!("version {version}"),
            network: &actor.network,
        };
        audit::write(tx, &entry).await?;
        detail(tx, merchant_id, form_id).await
    };
    let saved = app.db.write(Key::of(("form", merchant_id, form_id)), work).await?;
    app.pages.forget(merchant_id);
    Ok(Json(saved))
}

async fn detail(tx: &mut Tx<'_>, merchant_id: i64, form_id: i64) -> Result<FormDetail, Error> {
    let form = get(tx, merchant_id, form_id).await?.ok_or(Error::Missing)?;
    let newest = load(tx, merchant_id, form_id, None).await?.ok_or(Error::Missing)?;
    Ok(FormDetail::new(form, newest))
}
