use std::time::Duration;

use reqwest::{Client, RequestBuilder, redirect::Policy};
use url::Url;

use crate::{Settings, SetupError};

/// The largest answer that is read: a genuine one has a few hundred bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Goes where the setting says and nowhere else: no redirect, no proxy from the environment.
pub(crate) struct Http {
    pub(crate) client: Client,
    /// The root of the provider's API.
    pub(crate) url: Url,
    /// Host and port exactly as the `Host` header has them: they are signed.
    pub(crate) host: String,
}

/// An answer as received.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Http {
    pub(crate) fn new(settings: &Settings) -> Result<Http, SetupError> {
        let timeout = Duration::from_millis(settings.timeout_ms);
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(concat!("mott/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|why| SetupError::new("timeout_ms", format!("the HTTP client cannot start: {why}")))?;
        let url = Url::parse(&settings.base_url).map_err(|why| SetupError::new("base_url", why.to_string()))?;
        let name = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        Ok(Http { client, url, host })
    }
}

/// Sends once. `Err` is whatever came instead of an answer; the URL, which may carry a mobile, is left out.
pub(crate) async fn send(request: RequestBuilder) -> Result<Answer, String> {
    let lost = |why: reqwest::Error| {
        let kind = if why.is_timeout() { "timed out" } else { "connection failed" };
        format!("{kind}: {}", why.without_url())
    };
    let mut response = request.send().await.map_err(lost)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err("the answer is too large".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body })
}

/// The instant as `format` says, in UTC; empty outside the calendar.
pub(crate) fn utc(at_ms: i64, format: &str) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map(|at| at.strftime(format).to_string()).unwrap_or_default()
}
