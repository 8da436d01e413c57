//! The OpenAPI 3.1 document, generated from the handlers.

use utoipa::{
    OpenApi,
    openapi::{
        Object, ObjectBuilder, Type,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::app::Shared;

/// A room's routes with their documentation.
pub type ApiRouter = OpenApiRouter<Shared>;

/// What the document says of the whole.
#[derive(OpenApi)]
#[openapi(
    info(title = "星收付 mott", description = "Collect money through your people. Ids are strings, times UTC milliseconds, money fen."),
    components(schemas(super::Problem, super::FieldProblem, super::Displaced, super::Verification)),
    modifiers(&HowToLogIn)
)]
pub(super) struct Whole;

/// Managers bring a bearer token, admins a cookie (and `X-CSRF-Token` with whatever is not a GET).
struct HowToLogIn;

impl utoipa::Modify for HowToLogIn {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("mott_admin")));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("manager", bearer);
        components.add_security_scheme("admin", cookie);
    }
}

/// A text that is one of a few words: what the tables keep as text, the document still spells out.
pub fn one_of(words: &[&str]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.to_vec())).build()
}

/// The document as JSON, as `/openapi.json` serves it.
///
/// # Errors
/// When it cannot be written, which is a defect.
pub fn document() -> Result<String, serde_json::Error> {
    let (_, document) = super::server::api().split_for_parts();
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
