use std::time::Duration;

use channel::Account;
use reqwest::{Response, header::HeaderValue, redirect::Policy};
use serde::Deserialize;
use url::{Url, form_urlencoded::Serializer};

use crate::{
    Clock, Settings, SetupError,
    keys::{Distrust, KeyRing, OwnSerials},
    sign::{AppKey, SIGN_TYPE, signed_text},
    slice, wire,
};

/// The largest answer that is read: a trade stays far below.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// The institution's words are kept, but not a whole page of them.
const MAX_WORDS: usize = 200;

/// What carries the business parameters; everything else goes into the address, as Alipay's own SDKs do \[S node\]: so
/// the gateway knows `charset` before it reads the form.
const IN_THE_FORM: [&str; 3] = ["biz_content", "grant_type", "code"];

/// Signs and sends. Goes where the setting says and nowhere else: no redirect, no proxy from the environment.
pub(crate) struct Client {
    http: reqwest::Client,
    gateway: Url,
    app_id: String,
    key: AppKey,
    serials: Option<OwnSerials>,
    clock: Clock,
}

/// One call.
pub(crate) struct Call<'a> {
    /// Such as `alipay.trade.query`.
    pub(crate) method: &'static str,
    /// The merchant whose leave goes along, where it is not the application's own account.
    pub(crate) account: Option<&'a Account>,
    /// Parameters of this call: `biz_content`, `notify_url` and the like.
    pub(crate) parameters: Vec<(&'static str, String)>,
}

/// What of an answer can be acted on.
pub(crate) enum Answer {
    /// `10000`, or no code where the call has none; the signature fits these characters.
    Done(String),
    /// `10003`: the payer is asked; signed.
    Waiting,
    /// A refusal: signed, or said by the gateway before anybody else saw the call.
    Error(ApiError),
    /// Anything else: nobody knows what happened (PRODUCT 6.5).
    Nothing(String),
}

/// The institution's error (PROTOCOLS 2.1).
#[derive(Debug)]
pub(crate) struct ApiError {
    /// `40004`
    pub(crate) code: String,
    /// `ACQ.TRADE_NOT_EXIST`; empty where only the code was given.
    pub(crate) sub_code: String,
    /// Their words.
    pub(crate) message: String,
}

impl ApiError {
    /// The more telling of the two codes.
    pub(crate) fn name(&self) -> &str {
        if self.sub_code.is_empty() { &self.code } else { &self.sub_code }
    }

    /// All of it in one line.
    pub(crate) fn words(&self) -> String {
        format!("{} {}: {}", self.code, self.sub_code, self.message)
    }
}

/// What every answer begins with.
#[derive(Deserialize)]
pub(crate) struct Head {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    msg: Option<String>,
    #[serde(default)]
    sub_code: Option<String>,
    #[serde(default)]
    sub_msg: Option<String>,
}

impl Client {
    pub(crate) fn new(
        settings: &Settings,
        key: AppKey,
        serials: Option<OwnSerials>,
        clock: Clock,
    ) -> Result<Client, SetupError> {
        let timeout = Duration::from_millis(settings.timeout_ms);
        let agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|_| SetupError::new("user_agent", "write it in ASCII"))?;
        let http = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(agent)
            .build()
            .map_err(|why| SetupError::new("timeout_ms", format!("the HTTP client cannot start: {why}")))?;
        let gateway =
            Url::parse(&settings.gateway_url).map_err(|why| SetupError::new("gateway_url", why.to_string()))?;
        Ok(Client { http, gateway, app_id: settings.app_id.clone(), key, serials, clock })
    }

    /// The call as a signed address, its business parameters included: what a payer's browser is sent to. Nothing may be
    /// added to it, since the gateway counts every parameter into the signature.
    pub(crate) fn address(&self, call: &Call<'_>) -> Result<Url, String> {
        let mut url = self.gateway.clone();
        url.query_pairs_mut().extend_pairs(self.signed(call)?);
        Ok(url)
    }

    /// Sends once. `Err` is whatever came instead of an answer.
    pub(crate) async fn exchange(&self, call: &Call<'_>) -> Result<String, String> {
        self.exchange_dated(call).await.map(|(text, _)| text)
    }

    /// The same, with the moment of the answer by Alipay's clock, UTC milliseconds in whole seconds.
    pub(crate) async fn exchange_dated(&self, call: &Call<'_>) -> Result<(String, Option<i64>), String> {
        let (url, form) = self.request(call)?;
        let request = self.http.post(url).header("Content-Type", "application/x-www-form-urlencoded;charset=utf-8");
        let response = request.body(form).send().await.map_err(lost)?;
        let status = response.status().as_u16();
        tracing::debug!(method = call.method, status, "the institution answered");
        if status != 200 {
            return Err(format!("HTTP {status} where 200 was due"));
        }
        let date = response.headers().get("Date").and_then(|date| date.to_str().ok());
        let said_at_ms = date.and_then(wire::http_date_ms);
        let body = read_body(response, MAX_ANSWER_BYTES).await?;
        let text = String::from_utf8(body).map_err(|_| "the answer is not UTF-8".to_owned())?;
        Ok((text, said_at_ms))
    }

    /// The address and the form of a call.
    fn request(&self, call: &Call<'_>) -> Result<(Url, String), String> {
        let (in_form, in_address): (Vec<_>, Vec<_>) =
            self.signed(call)?.into_iter().partition(|(name, _)| IN_THE_FORM.contains(name));
        let mut url = self.gateway.clone();
        url.query_pairs_mut().extend_pairs(in_address);
        Ok((url, Serializer::new(String::new()).extend_pairs(in_form).finish()))
    }

    /// Fetches a file that a signed answer named. Nobody's leave goes along.
    pub(crate) async fn fetch(&self, address: &str, most_bytes: usize) -> Result<Vec<u8>, String> {
        let url = Url::parse(address).map_err(|why| format!("the file's address is none: {why}"))?;
        let safe = url.scheme() == "https" || url.scheme() == self.gateway.scheme();
        if !safe || !url.username().is_empty() || url.password().is_some() {
            return Err("the file's address is not one to go to".to_owned());
        }
        let response = self.http.get(url).send().await.map_err(lost)?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(format!("HTTP {status} where a file was due"));
        }
        read_body(response, most_bytes).await
    }

    /// All parameters of a call and the signature over them.
    fn signed(&self, call: &Call<'_>) -> Result<Vec<(&'static str, String)>, String> {
        let timestamp = wire::beijing((self.clock)()).ok_or("the clock is out of its mind")?;
        let mut parameters = vec![
            ("app_id", self.app_id.clone()),
            ("method", call.method.to_owned()),
            ("format", "JSON".to_owned()),
            ("charset", "utf-8".to_owned()),
            ("sign_type", SIGN_TYPE.to_owned()),
            ("timestamp", timestamp),
            ("version", "1.0".to_owned()),
        ];
        if let Some(serials) = &self.serials {
            parameters.push(("app_cert_sn", serials.app.clone()));
            parameters.push(("alipay_root_cert_sn", serials.root.clone()));
        }
        if let Some(leave) = call.account.and_then(|account| account.authorization.as_ref()) {
            parameters.push(("app_auth_token", leave.0.clone()));
        }
        parameters.extend(call.parameters.iter().filter(|(_, value)| !value.is_empty()).cloned());
        let signature = self.key.sign(&signed_text(parameters.iter().map(|(name, value)| (*name, value.as_str()))))?;
        parameters.push(("sign", signature));
        Ok(parameters)
    }

    /// What is believed: characters that Alipay signed. Besides, and only inside TLS, a refusal that the gateway says
    /// without a signature before it knows whose key to sign with \[S node: such answers come\]; nothing was done then.
    /// `Err` names the certificate that would have to be known.
    pub(crate) fn believed(&self, method: &str, text: &str, keys: &KeyRing) -> Result<Answer, String> {
        let Some(members) = slice::members(text) else {
            return Ok(Answer::Nothing("the answer is no JSON object".to_owned()));
        };
        let node = format!("{}_response", method.replace('.', "_"));
        let (signed, refused) = (slice::only(&members, &node), slice::only(&members, "error_response"));
        let Some(raw) = signed.or(refused) else {
            return Ok(Answer::Nothing(format!("the answer holds no {node}")));
        };
        let Ok(head) = serde_json::from_str::<Head>(raw) else {
            return Ok(Answer::Nothing("the answer cannot be read".to_owned()));
        };
        let codeless = method == wire::OAUTH_TOKEN;
        let text_of = |name: &str| slice::only(&members, name).and_then(|raw| serde_json::from_str::<String>(raw).ok());
        Ok(match text_of("sign").filter(|sign| !sign.is_empty()) {
            Some(sign) => {
                let serial = text_of("alipay_cert_sn");
                match keys.check(serial.as_deref(), raw, &sign, (self.clock)()) {
                    Ok(()) => sorted(head, raw, codeless),
                    Err(Distrust::Wrong) => disbelieved("its signature is wrong"),
                    Err(Distrust::Unknown(serial)) => return Err(serial),
                }
            }
            None if signed.is_none() && slice::only(&members, "sign").is_none() => match sorted(head, raw, codeless) {
                Answer::Error(error) if gateway_said_no(&error) => Answer::Error(error),
                Answer::Error(error) => Answer::Nothing(format!("unsigned: {}", error.words())),
                Answer::Done(_) | Answer::Waiting => disbelieved("it is not signed"),
                Answer::Nothing(why) => Answer::Nothing(why),
            },
            None => disbelieved("it is not signed"),
        })
    }
}

pub(crate) fn disbelieved(why: &str) -> Answer {
    tracing::warn!(why, "an answer is not believed");
    Answer::Nothing(format!("an answer is not believed: {why}"))
}

/// Missing or wrong parameters, a wrong signature, no permission: said at the door.
fn gateway_said_no(error: &ApiError) -> bool {
    matches!(error.code.as_str(), "40001" | "40002" | "40003" | "40006") && error.sub_code.starts_with("isv.")
}

/// The institution's words as they may be kept. About a wrong signature the gateway says the whole text that it verified, with
/// `app_auth_token` and 付款码 in it \[S node: such an answer is quoted\]: from our first parameter on, nothing is kept.
fn kept(words: &str) -> String {
    const OURS: [&str; 7] =
        ["alipay_root_cert_sn=", "app_auth_token=", "app_cert_sn=", "app_id=", "biz_content=", "charset=", "code="];
    let end = OURS.iter().filter_map(|name| words.find(name)).min().unwrap_or(words.len());
    words.get(..end).unwrap_or_default().chars().take(MAX_WORDS).collect()
}

/// An answer by its code \[D 12\]. `20000` is said when nobody knows; a code that is not documented says as little.
pub(crate) fn sorted(head: Head, raw: &str, codeless: bool) -> Answer {
    let words = |text: Option<String>| kept(&text.unwrap_or_default());
    let Some(code) = head.code else {
        return if codeless {
            Answer::Done(raw.to_owned())
        } else {
            Answer::Nothing("an answer without a code".to_owned())
        };
    };
    let (msg, sub_msg) = (words(head.msg), words(head.sub_msg));
    let message = if sub_msg.is_empty() { msg } else { sub_msg };
    let error = ApiError { code, sub_code: words(head.sub_code), message };
    match error.code.as_str() {
        "10000" => Answer::Done(raw.to_owned()),
        "10003" => Answer::Waiting,
        "20001" | "40001" | "40002" | "40003" | "40004" | "40006" => {
            tracing::warn!(code = %error.code, sub_code = %error.sub_code, message = %error.message, "refused");
            Answer::Error(error)
        }
        _ => Answer::Nothing(error.words()),
    }
}

fn lost(why: reqwest::Error) -> String {
    let kind = if why.is_timeout() { "timed out" } else { "connection failed" };
    format!("{kind}: {}", why.without_url())
}

async fn read_body(mut response: Response, most_bytes: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > most_bytes {
            return Err("the answer is too large".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
