//! Whom this node talks to: institutions, the WeChat platform, the mail server, short messages. Built from stored settings, and built
//! again when these change, so that a key is replaced without a restart.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use channel::Channel;
use db::{Db, Error as DbError, Tx};
use ring::digest::{SHA256, digest};
use serde::de::DeserializeOwned;
use wechat_platform::WechatPlatform;

use crate::{clock::Clock, merchant::ChannelKind, random::Random, vault::Vault};

mod alipay;
mod keeping;
mod pulse;
mod retired;
mod short_message;
mod sql;
mod stored;

pub use alipay::{AlipayCertificates, AlipaySecret, AlipaySettings, alipay};
pub use keeping::{Ending, Keeper, WARN_MS, ending};
pub use pulse::Pulse;
pub use retired::{RETIRED_MS, carry_over, without};
pub use short_message::{ShortMessages, sms_settings};
pub use stored::{
    MINI_PROGRAM, MiniProgram, OFFICIAL_ACCOUNT, OfficialAccount, Password, ProviderSecret, ProviderSettings, SMS,
    SMTP, Secret, SmsSettings, SmsTemplate, Smtp, SmtpTls, StoredSetting, load, put_provider, put_setting, rekey, seal,
};

/// How long a call to the outside may take before it counts as unknown.
const TIMEOUT_MS: u64 = 8_000;

/// A service provider at an institution.
#[derive(Clone)]
pub struct Provider {
    /// The institution.
    pub kind: ChannelKind,
    /// The adapter.
    pub channel: Arc<dyn Channel>,
    /// The provider's number, which every message must name; Alipay's `app_id`.
    pub sp_mchid: String,
    /// The provider's appid, which every message must name.
    pub sp_appid: String,
}

/// Everything outside, as of the last load.
#[derive(Clone, Default)]
pub struct Links {
    /// By provider key.
    pub providers: HashMap<String, Provider>,
    /// The WeChat platform, when a mini program or official account is set up.
    pub wechat: Option<Arc<dyn WechatPlatform>>,
    /// The mini program's appid and name.
    pub mini_program: Option<MiniProgram>,
    /// The official account's appid and name.
    pub official_account: Option<OfficialAccount>,
    /// The mail server and its password.
    pub smtp: Option<(Smtp, Password)>,
    /// Who sends short messages.
    pub short_messages: Option<ShortMessages>,
    seen: Vec<Seen>,
    /// When the next of the replaced keys is believed no more, UTC milliseconds.
    until_ms: Option<i64>,
}

/// A row as it was when it was loaded: its name, its time and the hash of what it holds. Rows are written by processes
/// whose clocks differ, so the newest time and the number of rows say nothing of the others.
type Seen = (String, i64, Vec<u8>);

/// The present [`Links`].
#[derive(Clone, Default)]
pub struct Outside(Arc<ArcSwap<Links>>);

/// Why the outside could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A secret could not be opened.
    #[error("{name}: {why}")]
    Secret {
        /// Whose.
        name: String,
        /// Why.
        why: crate::vault::Error,
    },
    /// A stored setting cannot be used.
    #[error("{name}: {why}")]
    Setting {
        /// Whose.
        name: String,
        /// Which setting, and the cure.
        why: String,
    },
}

/// What adapters need from the node.
pub struct Makers {
    /// Where "now" comes from.
    pub clock: Clock,
    /// Where nonces come from.
    pub random: Random,
    /// Opens the stored secrets.
    pub vault: Vault,
}

impl Outside {
    /// Fixed links, for tests.
    pub fn fixed(links: Links) -> Outside {
        Outside(Arc::new(ArcSwap::from_pointee(links)))
    }

    /// Other links from now on, for tests.
    #[cfg(test)]
    pub fn fix(&self, links: Links) {
        self.0.store(Arc::new(links));
    }

    /// The links as of now.
    pub fn links(&self) -> Arc<Links> {
        self.0.load_full()
    }

    /// Loads the stored settings if they changed. True: they had.
    ///
    /// # Errors
    /// Says whose setting cannot be used; the links in use stay.
    pub async fn refresh(&self, db: &Db, makers: &Makers) -> Result<bool, Error> {
        let stored = db.read(async |tx: &mut Tx<'_>| stored::load(tx).await).await?;
        let seen = seen(&stored);
        let links = self.links();
        if links.seen == seen && links.until_ms.is_none_or(|until_ms| makers.clock.now_ms() < until_ms) {
            return Ok(false);
        }
        self.0.store(Arc::new(Links { seen, ..build(&stored, makers)? }));
        Ok(true)
    }
}

fn seen(stored: &[StoredSetting]) -> Vec<Seen> {
    let held = |row: &StoredSetting| digest(&SHA256, &[row.settings.as_bytes(), &[0], &row.secret].concat());
    let row = |row: &StoredSetting| (row.name.clone(), row.updated_at_ms, held(row).as_ref().to_vec());
    let mut seen: Vec<Seen> = stored.iter().map(row).collect();
    seen.sort();
    seen
}

fn build(stored: &[StoredSetting], makers: &Makers) -> Result<Links, Error> {
    let mut links = Links::default();
    let mut app = None;
    let mut account = None;
    for row in stored {
        let end_ms = retired::next_end_ms(&opened(row, makers)?, makers.clock.now_ms());
        links.until_ms = links.until_ms.into_iter().chain(end_ms).min();
        match row.name.as_str() {
            stored::MINI_PROGRAM => {
                let (settings, secret): (MiniProgram, Secret) = open(row, makers)?;
                app = Some(wechat_app(&settings.appid, &secret, &settings.base_url));
                links.mini_program = Some(settings);
            }
            stored::OFFICIAL_ACCOUNT => {
                let (settings, secret): (OfficialAccount, Secret) = open(row, makers)?;
                account = Some(wechat_platform::OfficialAccountSettings {
                    app: wechat_app(&settings.appid, &secret, &settings.base_url),
                    oauth_url: settings.oauth_url.clone(),
                });
                links.official_account = Some(settings);
            }
            SMTP => links.smtp = Some(open(row, makers)?),
            SMS => {
                let (settings, secret): (SmsSettings, Secret) = open(row, makers)?;
                links.short_messages = Some(short_message::open(&settings, &secret, makers)?);
            }
            _ => match row.channel {
                Some(kind) => drop(links.providers.insert(row.name.clone(), provider(row, kind, makers)?)),
                // A newer program stored it: that one knows what it is for.
                None => tracing::warn!(name = row.name, "a stored setting that this version does not know"),
            },
        }
    }
    if app.is_some() || account.is_some() {
        let settings =
            wechat_platform::Settings { mini_program: app, official_account: account, timeout_ms: TIMEOUT_MS };
        let clock = makers.clock.clone();
        let platform = wechat_platform::Platform::new(settings, Arc::new(move || clock.now_ms()))
            .map_err(|e| Error::Setting { name: "wechat".into(), why: e.to_string() })?;
        links.wechat = Some(Arc::new(platform));
    }
    Ok(links)
}

fn wechat_app(appid: &str, secret: &Secret, base_url: &str) -> wechat_platform::AppSettings {
    wechat_platform::AppSettings { appid: appid.into(), secret: secret.secret.clone(), base_url: base_url.into() }
}

fn provider(row: &StoredSetting, kind: ChannelKind, makers: &Makers) -> Result<Provider, Error> {
    match kind {
        ChannelKind::Wechatpay => wechatpay(row, makers),
        ChannelKind::Alipay => {
            let (settings, secret): (AlipaySettings, AlipaySecret) = open(row, makers)?;
            let clock = makers.clock.clone();
            let adapter = alipay(&settings, &secret, Arc::new(move || clock.now_ms()))
                .map_err(|e| Error::Setting { name: row.name.clone(), why: e.to_string() })?;
            let (sp_mchid, sp_appid) = (settings.app_id.clone(), settings.app_id);
            Ok(Provider { kind, channel: Arc::new(adapter), sp_mchid, sp_appid })
        }
    }
}

fn wechatpay(row: &StoredSetting, makers: &Makers) -> Result<Provider, Error> {
    let (settings, secret): (ProviderSettings, ProviderSecret) = open(row, makers)?;
    let (clock, random) = (makers.clock.clone(), makers.random.clone());
    let wechatpay = channel_wechatpay::WechatPay::new(
        channel_wechatpay::Settings {
            sp_mchid: settings.sp_mchid.clone(),
            sp_appid: settings.sp_appid.clone(),
            base_url: settings.base_url,
            merchant_private_key_pem: secret.merchant_private_key_pem,
            merchant_serial: settings.merchant_serial,
            apiv3_key: secret.apiv3_key,
            previous_apiv3_keys: secret.previous_apiv3_keys,
            wechatpay_public_key: settings.wechatpay_public_key_id.zip(secret.wechatpay_public_key_pem),
            previous_wechatpay_public_keys: secret.previous_wechatpay_public_keys,
            platform_certificates_pem: secret.platform_certificates_pem,
            timeout_ms: TIMEOUT_MS,
            user_agent: concat!("mott/", env!("CARGO_PKG_VERSION")).into(),
            v2: None,
        },
        Arc::new(move || clock.now_ms()),
        Arc::new(move || random.text(32)),
    )
    .map_err(|e| Error::Setting { name: row.name.clone(), why: e.to_string() })?;
    let kind = ChannelKind::Wechatpay;
    Ok(Provider { kind, channel: Arc::new(wechatpay), sp_mchid: settings.sp_mchid, sp_appid: settings.sp_appid })
}

fn open<S: DeserializeOwned, P: DeserializeOwned>(row: &StoredSetting, makers: &Makers) -> Result<(S, P), Error> {
    let wrong = |e: serde_json::Error| Error::Setting { name: row.name.clone(), why: e.to_string() };
    let mut secret = opened(row, makers)?;
    retired::believe(&mut secret, makers.clock.now_ms());
    Ok((serde_json::from_str(&row.settings).map_err(wrong)?, serde_json::from_value(secret).map_err(wrong)?))
}

fn opened(row: &StoredSetting, makers: &Makers) -> Result<serde_json::Value, Error> {
    let plain = makers
        .vault
        .open_sealed(&row.purpose(), &row.secret)
        .map_err(|why| Error::Secret { name: row.name.clone(), why })?;
    serde_json::from_slice(&plain).map_err(|e| Error::Setting { name: row.name.clone(), why: e.to_string() })
}

#[cfg(test)]
mod rotation_tests;
#[cfg(test)]
mod tests;
