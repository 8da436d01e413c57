//! How the settings of the outside are stored: an open part as JSON, a secret part sealed.

use db::{Db, Error as DbError, Key, Tx, params};
use serde::{Deserialize, Serialize};

use super::sql;
use crate::{
    merchant::ChannelKind,
    vault::{self, Vault},
};

/// Name of the mini program's row.
pub const MINI_PROGRAM: &str = "mini_program";
/// Name of the official account's row.
pub const OFFICIAL_ACCOUNT: &str = "official_account";
/// Name of the mail server's row.
pub const SMTP: &str = "smtp";
/// Name of the row of whoever sends short messages.
pub const SMS: &str = "sms";

/// The open part of a service provider at WeChat Pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderSettings {
    /// The provider's number.
    pub sp_mchid: String,
    /// The provider's appid.
    pub sp_appid: String,
    /// Scheme, host and port of the institution.
    pub base_url: String,
    /// Serial of the merchant API certificate.
    pub merchant_serial: String,
    /// `PUB_KEY_ID_…`, in public-key mode.
    pub wechatpay_public_key_id: Option<String>,
}

/// The sealed part of a service provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderSecret {
    /// PKCS#8.
    pub merchant_private_key_pem: String,
    /// 32 characters.
    pub apiv3_key: String,
    /// SPKI, in public-key mode.
    pub wechatpay_public_key_pem: Option<String>,
    /// Known platform certificates.
    pub platform_certificates_pem: Vec<String>,
    /// APIv3 keys that were replaced and still open. No file brings them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_apiv3_keys: Vec<String>,
    /// Public keys that were replaced and still verify, with their ids. No file brings them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_wechatpay_public_keys: Vec<(String, String)>,
}

/// The mini program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MiniProgram {
    /// Its appid.
    pub appid: String,
    /// Scheme and host of the platform's API.
    pub base_url: String,
    /// Its name on screen.
    pub name: String,
}

/// The official account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficialAccount {
    /// Its appid.
    pub appid: String,
    /// Scheme and host of the platform's API.
    pub base_url: String,
    /// Scheme and host of the OAuth page.
    pub oauth_url: String,
    /// Its name on screen (`LUCKYBYTE` in the manual).
    pub name: String,
}

/// An app secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// The secret.
    pub secret: String,
}

/// The mail server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smtp {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// User name; empty: no authentication.
    pub username: String,
    /// Sender, such as `星收付 <noreply@example.com>`.
    pub from: String,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Not at all (a server on this machine).
    None,
    /// Upgraded after the greeting, or refused.
    Starttls,
    /// From the first byte.
    Tls,
}

/// A password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    /// The password.
    pub password: String,
}

/// Whoever sends short messages; its access key's secret is a [`Secret`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsSettings {
    /// Which provider.
    pub provider: sms::Provider,
    /// The access key's id.
    pub access_key_id: String,
    /// The registered signature, without brackets.
    pub sign_name: String,
    /// Tencent's application.
    pub sdk_app_id: Option<String>,
    /// Tencent's region.
    pub region: Option<String>,
    /// Scheme and host of the provider's API.
    pub base_url: String,
    /// What a login code is sent with.
    pub login_code: SmsTemplate,
}

/// A template that the provider approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsTemplate {
    /// The provider's number of it.
    pub template: String,
    /// Which of our values its variables take, in their order; at Aliyun these are the variables' names as well.
    pub values: Vec<String>,
}

/// One stored row.
#[derive(Clone)]
pub struct StoredSetting {
    /// Provider key, or the setting's name.
    pub name: String,
    /// The open part, JSON.
    pub settings: String,
    /// The sealed part.
    pub secret: Vec<u8>,
    /// When it was last written, UTC milliseconds.
    pub updated_at_ms: i64,
    /// At which institution, where it is a service provider.
    pub channel: Option<ChannelKind>,
}

impl StoredSetting {
    /// Whether it is a service provider.
    pub fn is_provider(&self) -> bool {
        self.channel.is_some()
    }

    /// What the secret was sealed for.
    pub fn purpose(&self) -> String {
        purpose(&self.name)
    }
}

fn purpose(name: &str) -> String {
    format!("outside:{name}")
}

/// Every stored row.
///
/// # Errors
/// The refusals of the database.
pub async fn load(tx: &mut Tx<'_>) -> Result<Vec<StoredSetting>, DbError> {
    let rows = tx.query(sql::LOAD, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(StoredSetting {
                name: row.get(0)?,
                settings: row.get(1)?,
                secret: row.get(2)?,
                updated_at_ms: row.get(3)?,
                channel: channel(row.get(4)?)?,
            })
        })
        .collect()
}

/// Nothing for no word: a setting of the platform.
fn channel(word: String) -> Result<Option<ChannelKind>, DbError> {
    let wanted = DbError::Column { column: 4, wanted: "an institution" };
    if word.is_empty() { Ok(None) } else { ChannelKind::of_word(&word).map(Some).ok_or(wanted) }
}

/// Seals a secret part as its row wants it.
///
/// # Errors
/// When the keyring is unusable.
pub fn seal(vault: &Vault, name: &str, secret: &impl Serialize) -> Result<Vec<u8>, vault::Error> {
    let plain = serde_json::to_vec(secret).map_err(|_| vault::Error::Broken)?;
    vault.seal(&purpose(name), &plain)
}

/// Writes a service provider.
///
/// # Errors
/// The refusals of the database.
pub async fn put_provider(
    tx: &mut Tx<'_>,
    key: &str,
    channel: ChannelKind,
    settings: &str,
    sealed: &[u8],
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(sql::PUT_PROVIDER, params![key, channel.word(), settings, sealed, now_ms]).await.map(drop)
}

/// Writes a setting of the platform.
///
/// # Errors
/// The refusals of the database.
pub async fn put_setting(
    tx: &mut Tx<'_>,
    name: &str,
    settings: &str,
    sealed: &[u8],
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(sql::PUT_SETTING, params![name, settings, sealed, now_ms]).await.map(drop)
}

/// Seals every secret that is under an old key with the newest one (`mott admin rekey`). Says how many.
///
/// # Errors
/// When a secret cannot be opened, or the database refuses.
pub async fn rekey(db: &Db, vault: &Vault, now_ms: i64) -> Result<usize, super::Error> {
    let mut done = 0;
    for row in db.read(async |tx: &mut Tx<'_>| load(tx).await).await? {
        if !vault.is_old(&row.secret) {
            continue;
        }
        let named = |why| super::Error::Secret { name: row.name.clone(), why };
        let plain = vault.open_sealed(&row.purpose(), &row.secret).map_err(named)?;
        let sealed = vault.seal(&row.purpose(), &plain).map_err(named)?;
        let text = if row.is_provider() { sql::RESEAL_PROVIDER } else { sql::RESEAL_SETTING };
        db.write(Key::of(&row.name), async move |tx: &mut Tx<'_>| {
            tx.execute(text, params![&row.name, &sealed, now_ms, &row.secret]).await
        })
        .await?;
        done += 1;
    }
    Ok(done)
}
