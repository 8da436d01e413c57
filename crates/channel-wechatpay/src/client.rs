use std::{sync::Arc, time::Duration};

use reqwest::{
    Method, RequestBuilder, Response, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
    redirect::Policy,
};

use crate::{
    Clock, Nonce, Settings, SetupError,
    keys::KeyRing,
    sign::{MerchantKey, SCHEME, request_text},
    verify::{Distrust, Proof},
    wire::ErrorBody,
};

/// The largest answer that is read: orders and certificates stay far below.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// The institution's words are kept, but not a whole page of them.
const MAX_WORDS: usize = 200;

/// Signs and sends. Goes where the setting says and nowhere else: no redirect, no proxy from the environment.
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    sp_mchid: String,
    merchant_serial: String,
    merchant: Arc<MerchantKey>,
    /// The public key's id, when answers are to be signed with it.
    ask_for: Option<String>,
    clock: Clock,
    nonce: Nonce,
}

/// One request.
pub(crate) struct Call<'a> {
    pub(crate) method: &'static str,
    pub(crate) path: &'a str,
    pub(crate) body: Option<Vec<u8>>,
}

/// An answer as received, not yet believed.
pub(crate) struct Raw {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// What of an answer can be acted on.
pub(crate) enum Answer {
    /// A 2xx whose signature fits.
    Trusted { status: u16, body: Vec<u8> },
    /// A 4xx with an error code in the institution's form.
    Error(ApiError),
    /// Anything else: nobody knows what happened (PRODUCT 6.5).
    Nothing(String),
}

/// The institution's error (PROTOCOLS 1.10 \[D 11\]).
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// The error number at the end of `Request-ID`, which tells cases of one code apart.
    pub(crate) number: Option<u64>,
}

impl ApiError {
    /// Status, code and message in one line.
    pub(crate) fn words(&self) -> String {
        format!("HTTP {} {}: {}", self.status, self.code, self.message)
    }
}

impl Client {
    pub(crate) fn new(
        settings: &Settings,
        merchant: Arc<MerchantKey>,
        clock: Clock,
        nonce: Nonce,
    ) -> Result<Client, SetupError> {
        let timeout = Duration::from_millis(settings.timeout_ms);
        let agent = HeaderValue::from_str(settings.user_agent.trim())
            .map_err(|_| SetupError::new("user_agent", "write it in ASCII"))?;
        let http = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(agent)
            .build()
            .map_err(|why| SetupError::new("timeout_ms", format!("the HTTP client cannot start: {why}")))?;
        let base = Url::parse(&settings.base_url).map_err(|why| SetupError::new("base_url", why.to_string()))?;
        Ok(Client {
            http,
            base,
            sp_mchid: settings.sp_mchid.clone(),
            merchant_serial: settings.merchant_serial.clone(),
            merchant,
            ask_for: settings.wechatpay_public_key.as_ref().map(|(id, _)| id.trim().to_owned()),
            clock,
            nonce,
        })
    }

    /// The merchant key, which also signs what the payer's page gets.
    pub(crate) fn merchant(&self) -> &MerchantKey {
        &self.merchant
    }

    /// Sends once. `Err` is whatever came instead of an answer.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Result<Raw, String> {
        let lost = |why: reqwest::Error| {
            let kind = if why.is_timeout() { "timed out" } else { "connection failed" };
            format!("{kind}: {}", why.without_url())
        };
        let response = self.request(call)?.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let request_id = headers.get("Request-ID").and_then(|v| v.to_str().ok()).unwrap_or("-");
        tracing::debug!(method = call.method, status, request_id, "the institution answered");
        let body =
            read_body(response).await.map_err(|why| why.map_or_else(|| "the answer is too large".into(), lost))?;
        Ok(Raw { status, headers, body })
    }

    fn request(&self, call: &Call<'_>) -> Result<RequestBuilder, String> {
        let url = self.base.join(call.path).map_err(|why| why.to_string())?;
        // Signed is what is sent: the parsed URL, not the text that it was made from.
        let path_and_query = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let timestamp_s = (self.clock)().div_euclid(1000);
        let nonce = (self.nonce)();
        let body = call.body.as_deref().unwrap_or_default();
        let text = request_text(call.method, &path_and_query, timestamp_s, &nonce, body);
        let authorization = format!(
            "{SCHEME} mchid=\"{}\",nonce_str=\"{nonce}\",signature=\"{}\",timestamp=\"{timestamp_s}\",serial_no=\"{}\"",
            self.sp_mchid,
            self.merchant.sign(&text)?,
            self.merchant_serial,
        );
        let method = Method::from_bytes(call.method.as_bytes()).map_err(|why| why.to_string())?;
        let mut request =
            self.http.request(method, url).header(AUTHORIZATION, authorization).header(ACCEPT, "application/json");
        if let Some(id) = &self.ask_for {
            request = request.header("Wechatpay-Serial", id);
        }
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        Ok(request)
    }
}

/// `Err(None)` where the answer is larger than anything that is expected.
async fn read_body(mut response: Response) -> Result<Vec<u8>, Option<reqwest::Error>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Some)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl Raw {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The bytes as received.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether a 2xx is genuine. Other answers are not signed \[D 2,3: SDKs verify 2xx\].
    pub(crate) fn verify(&self, keys: &KeyRing, now_ms: i64) -> Result<(), Distrust> {
        if !self.is_success() {
            return Ok(());
        }
        Proof::from(|name| self.header(name))?.check(keys, &self.body, now_ms)
    }

    /// Sorts the answer by its status, given what [`verify`](Raw::verify) said.
    pub(crate) fn read(self, trust: Result<(), Distrust>) -> Answer {
        if self.is_success() {
            return match trust {
                Ok(()) => Answer::Trusted { status: self.status, body: self.body },
                Err(why) => {
                    tracing::warn!(status = self.status, %why, "an answer is not believed");
                    Answer::Nothing(format!("HTTP {} is not believed: {why}", self.status))
                }
            };
        }
        let number = self.header("Request-ID").and_then(|id| id.rsplit('-').next()?.parse().ok());
        match serde_json::from_slice::<ErrorBody>(&self.body) {
            Ok(body) => {
                let message = body.message.chars().take(MAX_WORDS).collect();
                let error = ApiError { status: self.status, code: body.code, message, number };
                tracing::warn!(status = error.status, code = %error.code, message = %error.message, "refused");
                if (400..500).contains(&error.status) { Answer::Error(error) } else { Answer::Nothing(error.words()) }
            }
            Err(_) => Answer::Nothing(format!("HTTP {} without an error code", self.status)),
        }
    }
}
