//! The OpenAPI 3.1 document, generated from the handlers.

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::app::Shared;

/// A room's routes with their documentation.
pub type ApiRouter = OpenApiRouter<Shared>;

/// What the document says of the whole.
#[derive(OpenApi)]
#[openapi(
    info(title = "星收付 mott", description = "Collect money through your people. Ids are strings, times UTC milliseconds, money fen."),
    components(schemas(super::Problem, super::FieldProblem, super::Displaced))
)]
pub(super) struct Whole;

/// The document as JSON, as `/openapi.json` serves it.
///
/// # Errors
/// When it cannot be written, which is a defect.
pub fn document() -> Result<String, serde_json::Error> {
    let (_, document) = super::server::api().split_for_parts();
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
