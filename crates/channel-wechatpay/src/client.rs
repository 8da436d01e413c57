use std::{sync::Arc, time::Duration};

use channel::Finding;
use reqwest::{
    ClientBuilder, Identity, Method, RequestBuilder, Response, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
    redirect::Policy,
};

use crate::{
    Clock, Nonce, Settings, SetupError,
    keys::KeyRing,
    sign::{MerchantKey, SCHEME, request_text},
    verify::{Distrust, Proof},
    wire::{self, ErrorBody},
};

/// The largest answer that is read: orders and certificates stay far below.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// A file may take this many times as long as an answer.
const FILE_TIMEOUTS: u32 = 30;

/// The institution's words are kept, but not a whole page of them.
const MAX_WORDS: usize = 200;

/// Signs and sends.
pub(crate) struct Client {
    http: reqwest::Client,
    /// For files, which may take longer as long as bytes keep coming.
    files: reqwest::Client,
    /// Shows the merchant certificate when it connects; the older interface's reversal wants that.
    with_certificate: Option<reqwest::Client>,
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
        let built = |builder: ClientBuilder, setting: &'static str| {
            builder.build().map_err(|why| SetupError::new(setting, format!("the HTTP client cannot start: {why}")))
        };
        let timeout = Duration::from_millis(settings.timeout_ms);
        let files = builder(settings)?.read_timeout(timeout).timeout(timeout * FILE_TIMEOUTS);
        let mut with_certificate = None;
        if let Some(v2) = &settings.v2 {
            let pem = format!("{}\n{}", v2.merchant_certificate_pem, settings.merchant_private_key_pem);
            let identity = Identity::from_pem(pem.as_bytes())
                .map_err(|_| SetupError::new("v2.merchant_certificate_pem", "give the whole of apiclient_cert.pem"))?;
            let builder = builder(settings)?.timeout(timeout).identity(identity);
            with_certificate = Some(built(builder, "v2.merchant_certificate_pem")?);
        }
        let http = built(builder(settings)?.timeout(timeout), "timeout_ms")?;
        let files = built(files, "timeout_ms")?;
        let base = Url::parse(&settings.base_url).map_err(|why| SetupError::new("base_url", why.to_string()))?;
        Ok(Client {
            http,
            files,
            with_certificate,
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
        let response = self.request(&self.http, call)?.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let request_id = headers.get("Request-ID").and_then(|v| v.to_str().ok()).unwrap_or("-");
        tracing::debug!(method = call.method, status, request_id, "the institution answered");
        let body = read_body(response, MAX_ANSWER_BYTES).await?;
        Ok(Raw { status, headers, body })
    }

    /// Fetches a file of at most `max` bytes. Files carry no signature \[D 2\]: whoever asked knows the file's hash.
    pub(crate) async fn download(&self, path_and_query: &str, max: usize) -> Result<Vec<u8>, String> {
        let call = Call { method: "GET", path: path_and_query, body: None };
        let response = self.request(&self.files, &call)?.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        if status != 200 {
            let body = read_body(response, MAX_ANSWER_BYTES).await?;
            let error =
                serde_json::from_slice::<ErrorBody>(&body).map(|e| format!(" {}: {}", e.code, words(&e.message)));
            return Err(format!("the file came with HTTP {status}{}", error.unwrap_or_default()));
        }
        read_body(response, max).await
    }

    /// Posts to the older interface; the answer's status and bytes.
    pub(crate) async fn post_xml(&self, path: &str, body: String, certificate: bool) -> Result<(u16, Vec<u8>), String> {
        let http = if certificate { self.with_certificate.as_ref() } else { Some(&self.http) };
        let http = http.ok_or("the older interface is not set up")?;
        let url = self.base.join(path).map_err(|why| why.to_string())?;
        let request = http.post(url).header(CONTENT_TYPE, "text/xml; charset=utf-8").body(body);
        let response = request.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        Ok((status, read_body(response, MAX_ANSWER_BYTES).await?))
    }

    fn request(&self, http: &reqwest::Client, call: &Call<'_>) -> Result<RequestBuilder, String> {
        let url = self.base.join(call.path).map_err(|why| why.to_string())?;
        if url.origin() != self.base.origin() {
            return Err("an address elsewhere is not asked".to_owned());
        }
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
            http.request(method, url).header(AUTHORIZATION, authorization).header(ACCEPT, "application/json");
        if let Some(id) = &self.ask_for {
            request = request.header("Wechatpay-Serial", id);
        }
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        Ok(request)
    }
}

/// Goes where the setting says and nowhere else: no redirect, no proxy from the environment.
fn builder(settings: &Settings) -> Result<ClientBuilder, SetupError> {
    let agent = HeaderValue::from_str(settings.user_agent.trim())
        .map_err(|_| SetupError::new("user_agent", "write it in ASCII"))?;
    let timeout = Duration::from_millis(settings.timeout_ms).min(Duration::from_secs(5));
    Ok(reqwest::Client::builder().connect_timeout(timeout).redirect(Policy::none()).no_proxy().user_agent(agent))
}

fn lost(why: reqwest::Error) -> String {
    let kind = if why.is_timeout() { "timed out" } else { "connection failed" };
    format!("{kind}: {}", why.without_url())
}

/// The institution's words, but not a whole page of them.
pub(crate) fn words(text: &str) -> String {
    text.chars().take(MAX_WORDS).collect()
}

async fn read_body(mut response: Response, max: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > max {
            return Err("the answer is too large".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl Raw {
    /// An answer without a header.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn bare(status: u16, body: &[u8]) -> Raw {
        Raw { status, headers: HeaderMap::new(), body: body.to_vec() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The bytes as received.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether a 2xx is genuine. Other answers are not signed \[D 2,3: SDKs verify 2xx\].
    pub(crate) fn verify(&self, keys: &KeyRing, now_ms: i64) -> Result<(), Distrust> {
        if !self.is_success() {
            return Ok(());
        }
        Proof::from(|name| self.header(name))?.check(keys, &self.body, now_ms)
    }

    /// The key whose signature fits, also of a refusal; nothing where there is no signature.
    pub(crate) fn proof(&self, keys: &KeyRing, now_ms: i64) -> Option<Result<String, Distrust>> {
        let proof = Proof::from(|name| self.header(name)).ok()?;
        Some(proof.check(keys, &self.body, now_ms).map(|()| proof.serial().to_owned()))
    }

    /// When the institution answered by its own clock, UTC milliseconds in whole seconds.
    pub(crate) fn said_at_ms(&self) -> Option<i64> {
        let stamped = self.header("Wechatpay-Timestamp").and_then(|text| text.parse::<i64>().ok());
        let dated = || wire::http_date_ms(self.header("Date")?);
        stamped.and_then(|seconds| seconds.checked_mul(1000)).or_else(dated)
    }

    /// A refusal in the institution's form.
    pub(crate) fn error(&self) -> Option<ApiError> {
        let body: ErrorBody = serde_json::from_slice(&self.body).ok().filter(|_| (400..500).contains(&self.status))?;
        Some(ApiError { status: self.status, code: body.code, message: words(&body.message), number: None })
    }

    /// Anything that is neither what was asked for nor a refusal.
    pub(crate) fn unclear(&self) -> Finding {
        Finding::Unclear { why: format!("HTTP {}", self.status) }
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
                let error = ApiError { status: self.status, code: body.code, message: words(&body.message), number };
                tracing::warn!(status = error.status, code = %error.code, message = %error.message, "refused");
                if (400..500).contains(&error.status) { Answer::Error(error) } else { Answer::Nothing(error.words()) }
            }
            Err(_) => Answer::Nothing(format!("HTTP {} without an error code", self.status)),
        }
    }
}
