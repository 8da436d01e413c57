use std::time::Duration;

use reqwest::{Client, RequestBuilder, header::CONTENT_TYPE, redirect::Policy};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{CodeImage, PlatformError, SetupError};

/// The largest answer that is read: a 1280 px code stays far below.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// An HTTP client that goes where it is told and nowhere else: no redirect, no proxy from the environment.
pub(crate) fn client(timeout_ms: u64) -> Result<Client, SetupError> {
    let timeout = Duration::from_millis(timeout_ms);
    Client::builder()
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(5)))
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("mott/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|why| SetupError { setting: "timeout_ms", cure: format!("the HTTP client cannot start: {why}") })
}

/// The two ways an answer may say "no": HTTP 200 with `errcode`, and everything that is not JSON.
#[derive(Deserialize)]
struct Verdict {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

struct Answer {
    content_type: String,
    body: Vec<u8>,
}

async fn send(request: RequestBuilder) -> Result<Answer, PlatformError> {
    // The URL carries the secret and the token, and reqwest's errors carry the URL.
    let lost = |why: reqwest::Error| PlatformError::Unreachable(why.without_url().to_string());
    let mut response = request.send().await.map_err(lost)?;
    let status = response.status();
    if !status.is_success() {
        return Err(PlatformError::Unreachable(format!("HTTP {}", status.as_u16())));
    }
    let content_type =
        response.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(PlatformError::Unreachable("the answer is too large".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { content_type, body })
}

fn refusal(body: &[u8]) -> Result<(), PlatformError> {
    let verdict: Verdict = serde_json::from_slice(body)
        .map_err(|why| PlatformError::Unreachable(format!("the answer is not JSON: {why}")))?;
    match verdict.errcode {
        0 => Ok(()),
        -1 => Err(PlatformError::Busy),
        errcode => Err(PlatformError::Refused { errcode, errmsg: verdict.errmsg }),
    }
}

/// Sends and reads JSON. The content type is not looked at: the platform sends JSON as `text/plain` too.
pub(crate) async fn json<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, PlatformError> {
    let answer = send(request).await?;
    refusal(&answer.body)?;
    serde_json::from_slice(&answer.body)
        .map_err(|why| PlatformError::Unreachable(format!("the answer lacks what was asked for: {why}")))
}

/// Sends and reads a picture, or the JSON that comes in its place: only the content type tells them apart \[D 16\].
pub(crate) async fn image(request: RequestBuilder) -> Result<CodeImage, PlatformError> {
    let answer = send(request).await?;
    if answer.content_type.starts_with("image/") {
        return Ok(CodeImage { content_type: answer.content_type, bytes: answer.body });
    }
    refusal(&answer.body)?;
    Err(PlatformError::Unreachable("neither a picture nor an error came".to_owned()))
}
