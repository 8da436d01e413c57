//! Answers of API v3: refusals in the institution's words, and the signature over whatever is answered.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::App;
use crate::error::Error;
use crate::institution::Pen;
use crate::{random, signature};

/// A refusal `{code, message, detail?}` (PROTOCOLS 1.10).
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    detail: Option<Value>,
    number: u32,
}

/// The error number that ends `Request-ID`.
#[derive(Clone, Copy)]
struct ErrorNumber(u32);

impl ApiError {
    /// A refusal without detail.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), detail: None, number: 268_435_456 + u32::from(status.as_u16()) }
    }

    /// 400 `PARAM_ERROR` about one field of the body, query or headers.
    pub fn parameter(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            detail: Some(json!({ "field": field, "issue": message, "location": "body" })),
            ..Self::new(StatusCode::BAD_REQUEST, "PARAM_ERROR", message)
        }
    }

    /// Adds `detail`.
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = Some(detail);
        self
    }

    /// Sets the error number that ends `Request-ID`.
    pub fn number(mut self, number: u32) -> Self {
        self.number = number;
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({ "code": self.code, "message": self.message });
        if let Some(detail) = self.detail {
            body["detail"] = detail;
        }
        let mut response = (self.status, Json(body)).into_response();
        response.extensions_mut().insert(ErrorNumber(self.number));
        response
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        tracing::error!(%error, "the sandbox itself failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR", "系统异常，请稍后重试")
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        Error::from(error).into()
    }
}

/// Signs `response` over its exact bytes (PROTOCOLS 1.3); a 204 signs an empty body.
///
/// # Errors
/// When the body cannot be collected.
pub(crate) async fn seal(app: &App, pen: &Pen, response: Response) -> Result<Response, Error> {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|error| Error::Network(std::io::Error::other(error)))?;
    let number = parts.extensions.get::<ErrorNumber>().map_or(0, |number| number.0);
    let request_id = format!("08{}-{number}", random::hex(12).to_uppercase());
    let signed = signature::headers(pen, app.now_ms(), &body);
    for (name, value) in signed.into_iter().chain([("request-id", request_id)]) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            parts.headers.insert(HeaderName::from_static(name), value);
        }
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}
