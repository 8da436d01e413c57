//! What may go wrong in the sandbox itself (not what it tells its customers).

use std::path::PathBuf;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// A fault of the sandbox: its disk, its state or its keys.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A listener could not be opened or broke.
    #[error("network: {0}")]
    Network(#[from] std::io::Error),
    /// The state file refused a statement.
    #[error("state: {0}")]
    State(#[from] rusqlite::Error),
    /// A key could not be made, read or used.
    #[error("key: {0}")]
    Key(String),
    /// Stored or given JSON is not what it should be.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    /// The hand-over kit could not be written down.
    #[error("kit: {0}")]
    Kit(#[from] toml::ser::Error),
    /// A page could not be drawn.
    #[error("page: {0}")]
    Page(#[from] askama::Error),
    /// The HTTP client for callbacks could not be made.
    #[error("http client: {0}")]
    Client(#[from] reqwest::Error),
    /// A picture could not be drawn.
    #[error("picture: {0}")]
    Picture(String),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        tracing::error!(error = %self, "the sandbox itself failed");
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
