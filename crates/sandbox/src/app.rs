//! What every part of the sandbox holds on to.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::Notify;

use crate::alipay::Identity;
use crate::clock::Clock;
use crate::error::Error;
use crate::institution::{Institution, Signer};
use crate::kit;
use crate::state::State;

/// How the sandbox is started.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder of keys, state and kit.
    pub state: PathBuf,
    /// How others reach the HTTP side, without a slash at the end.
    pub public_url: String,
    /// Where the mailbox listens (written into the kit).
    pub smtp: SocketAddr,
    /// From payment to first callback, ms of the sandbox's clock.
    pub callback_delay_ms: i64,
    /// What signs callbacks.
    pub callback_signer: Signer,
    /// The time.
    pub clock: Clock,
    /// What a demo says of itself (`payer_url`, `admin`), for the page of scenarios.
    pub scenario_target: Option<PathBuf>,
}

/// The running sandbox.
pub struct App {
    pub(crate) settings: Settings,
    pub(crate) state: State,
    pub(crate) institution: Institution,
    pub(crate) alipay: Identity,
    pub(crate) http: reqwest::Client,
    /// Rung when a callback was queued.
    pub(crate) queued: Notify,
}

/// The institution gives its customer this long to acknowledge (PROTOCOLS 1.4).
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_secs(5);

impl App {
    /// Opens the state, makes what is missing and writes the hand-over kit.
    ///
    /// # Errors
    /// When state, keys or kit cannot be read or written.
    pub fn open(settings: Settings) -> Result<Self, Error> {
        let state = State::open(&settings.state)?;
        let institution = Institution::open(&settings.state, &settings.clock)?;
        let alipay = Identity::open(&settings.state, &state)?;
        kit::write(&settings.state, &institution, &alipay, &settings.public_url, settings.smtp)?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ACKNOWLEDGE_WITHIN)
            .user_agent("Mozilla/4.0")
            .build()?;
        Ok(Self { settings, state, institution, alipay, http, queued: Notify::new() })
    }

    /// How others reach the HTTP side.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.settings.public_url
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.settings.clock.now_ms()
    }
}
