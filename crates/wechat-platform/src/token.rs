use reqwest::Client;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use crate::{AppSettings, Clock, PlatformError, http};

/// A token is asked for again this long before its end: the old and the new one are both valid then \[D 14\].
const EARLY_MS: i64 = 5 * 60 * 1000;

/// The API token of one appid (`stable_token`). The lock is held while asking, so that however many calls wait, one
/// asks; every process of an installation gets the same token from the platform, so nothing is shared between them.
pub(crate) struct TokenCache {
    app: AppSettings,
    clock: Clock,
    cached: Mutex<Option<Token>>,
}

struct Token {
    value: String,
    renew_at_ms: i64,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: i64,
}

impl TokenCache {
    pub(crate) fn new(app: AppSettings, clock: Clock) -> Self {
        TokenCache { app, clock, cached: Mutex::new(None) }
    }

    /// The present token, fetched when there is none or it nears its end.
    pub(crate) async fn get(&self, http: &Client) -> Result<String, PlatformError> {
        let mut cached = self.cached.lock().await;
        match cached.as_ref() {
            Some(token) if (self.clock)() < token.renew_at_ms => Ok(token.value.clone()),
            _ => self.fetch(http, &mut cached, false).await,
        }
    }

    /// Another token than `refused`. Asked without force first: whoever forced a new one already made ours worthless,
    /// and forcing is allowed 20 times a day only \[D 14\].
    pub(crate) async fn instead_of(&self, http: &Client, refused: &str) -> Result<String, PlatformError> {
        let mut cached = self.cached.lock().await;
        if let Some(token) = cached.as_ref().filter(|token| token.value != refused) {
            return Ok(token.value.clone());
        }
        let renewed = self.fetch(http, &mut cached, false).await?;
        if renewed == refused { self.fetch(http, &mut cached, true).await } else { Ok(renewed) }
    }

    async fn fetch(&self, http: &Client, cached: &mut Option<Token>, force: bool) -> Result<String, PlatformError> {
        let asked_at_ms = (self.clock)();
        let request = http.post(format!("{}/cgi-bin/stable_token", self.app.base_url)).json(&json!({
            "grant_type": "client_credential",
            "appid": self.app.appid,
            "secret": self.app.secret,
            "force_refresh": force,
        }));
        let answer: TokenAnswer = http::json(request).await?;
        let renew_at_ms = asked_at_ms.saturating_add(answer.expires_in.saturating_mul(1000)).saturating_sub(EARLY_MS);
        tracing::debug!(appid = %self.app.appid, force, expires_in = answer.expires_in, "got an API token");
        *cached = Some(Token { value: answer.access_token.clone(), renew_at_ms });
        Ok(answer.access_token)
    }
}
