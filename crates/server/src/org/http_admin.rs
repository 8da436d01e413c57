//! The tree as the console asks for it.

use axum::extract::State;
use db::Tx;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{OrgUnit, list};
use crate::{
    admin::AdminSession,
    app::Shared,
    web::{ApiRouter, Json, Problem},
};

/// The routes.
pub fn router() -> ApiRouter {
    ApiRouter::new().routes(routes!(list_org_units))
}

/// An org unit of the admin's scope.
#[derive(Serialize, ToSchema)]
struct OrgUnitItem {
    /// Its id.
    org_unit_id: String,
    /// The unit above it; nothing for the topmost that the admin sees.
    #[schema(required = true)]
    parent_id: Option<String>,
    /// Its name.
    name: String,
}

/// The admin's own org unit and everything below it.
#[derive(Serialize, ToSchema)]
struct OrgUnitList {
    /// Oldest first.
    items: Vec<OrgUnitItem>,
}

/// The admin's own org unit and everything below it.
#[utoipa::path(get, path = "/api/admin/org-units", tag = "admin",
    responses((status = 200, body = OrgUnitList), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn list_org_units(State(app): State<Shared>, admin: AdminSession) -> Result<Json<OrgUnitList>, Problem> {
    let top = admin.org_unit_id;
    let read = async move |tx: &mut Tx<'_>| list(tx, admin.merchant_id, admin.org_unit_id).await;
    let item = |unit: OrgUnit| OrgUnitItem {
        org_unit_id: unit.org_unit_id.to_string(),
        parent_id: unit.parent_id.filter(|_| unit.org_unit_id != top).map(|id| id.to_string()),
        name: unit.name,
    };
    Ok(Json(OrgUnitList { items: app.db.read(read).await?.into_iter().map(item).collect() }))
}
