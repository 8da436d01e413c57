//! Who the institution is: its keys and what it gave to its customer, made once and kept in `institution.json`.

use std::path::Path;

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, SerialNumber};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, beijing};
use crate::error::Error;
use crate::{files, random};

/// The service provider's merchant number.
pub(crate) const SP_MCHID: &str = "1900000109";
/// The service provider's official account.
pub(crate) const OFFICIAL_ACCOUNT: &str = "wx8888888888888888";
/// The mini program of the same company.
pub(crate) const MINI_PROGRAM: &str = "wx7777777777777777";

const RSA_BITS: usize = 2048;
const CERTIFICATE_YEARS: i32 = 5;

/// Everything secret, as stored. PEM texts, ids and secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub merchant_private_key: String,
    pub merchant_certificate: String,
    pub merchant_serial: String,
    pub apiv3_key: String,
    pub wechatpay_private_key: String,
    pub wechatpay_public_key_id: String,
    pub platform_private_key: String,
    pub platform_certificate: String,
    pub platform_serial: String,
    pub platform_from_ms: i64,
    pub platform_until_ms: i64,
    pub mini_program_secret: String,
    pub official_account_secret: String,
}

/// Which of the institution's keys signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Signer {
    /// The WeChat Pay public key (`PUB_KEY_ID_…`).
    #[default]
    PublicKey,
    /// The platform certificate (hex serial).
    Certificate,
}

/// The institution with its keys ready for use.
pub(crate) struct Institution {
    pub stored: Stored,
    pub merchant: RsaPublicKey,
    wechatpay: RsaPrivateKey,
    platform: RsaPrivateKey,
}

impl Institution {
    /// Reads the institution of `state`, or founds it there: keys once made never change.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no usable keys.
    pub fn open(state: &Path, clock: &Clock) -> Result<Self, Error> {
        let path = state.join("institution.json");
        let stored = match files::read(&path)? {
            Some(text) => serde_json::from_str(&text)?,
            None => {
                let stored = found(clock.now_ms())?;
                files::write_secret(&path, &serde_json::to_string_pretty(&stored)?)?;
                stored
            }
        };
        Self::from_stored(stored)
    }

    fn from_stored(stored: Stored) -> Result<Self, Error> {
        Ok(Self {
            merchant: private_key(&stored.merchant_private_key)?.to_public_key(),
            wechatpay: private_key(&stored.wechatpay_private_key)?,
            platform: private_key(&stored.platform_private_key)?,
            stored,
        })
    }

    /// The private key of `signer`.
    pub fn key(&self, signer: Signer) -> &RsaPrivateKey {
        match signer {
            Signer::PublicKey => &self.wechatpay,
            Signer::Certificate => &self.platform,
        }
    }

    /// What `signer` is called in `Wechatpay-Serial`.
    pub fn serial(&self, signer: Signer) -> &str {
        match signer {
            Signer::PublicKey => &self.stored.wechatpay_public_key_id,
            Signer::Certificate => &self.stored.platform_serial,
        }
    }

    /// The WeChat Pay public key as SPKI PEM.
    ///
    /// # Errors
    /// When the key cannot be spelled as PEM.
    pub fn wechatpay_public_key(&self) -> Result<String, Error> {
        self.wechatpay.to_public_key().to_public_key_pem(LineEnding::LF).map_err(|error| Error::Key(error.to_string()))
    }
}

fn private_key(pem: &str) -> Result<RsaPrivateKey, Error> {
    RsaPrivateKey::from_pkcs8_pem(pem).map_err(|error| Error::Key(error.to_string()))
}

fn found(now_ms: i64) -> Result<Stored, Error> {
    let merchant = new_key()?;
    let platform = new_key()?;
    let year: i32 = beijing(now_ms, "%Y").parse().map_err(|_| Error::Key("no calendar year".into()))?;
    let years = (year - 1, year - 1 + CERTIFICATE_YEARS);
    let (merchant_certificate, merchant_serial) = certificate(&merchant, SP_MCHID, years)?;
    let (platform_certificate, platform_serial) = certificate(&platform, "Tenpay.com sandbox", years)?;
    Ok(Stored {
        merchant_private_key: merchant,
        merchant_certificate,
        merchant_serial,
        apiv3_key: random::alphanumeric(32),
        wechatpay_private_key: new_key()?,
        wechatpay_public_key_id: format!("PUB_KEY_ID_01{SP_MCHID}{}", random::digits(20)),
        platform_private_key: platform,
        platform_certificate,
        platform_serial,
        platform_from_ms: new_year_ms(years.0),
        platform_until_ms: new_year_ms(years.1),
        mini_program_secret: random::hex(16),
        official_account_secret: random::hex(16),
    })
}

fn new_year_ms(year: i32) -> i64 {
    rcgen::date_time_ymd(year, 1, 1).unix_timestamp() * 1000
}

fn new_key() -> Result<String, Error> {
    let key = RsaPrivateKey::new(&mut rand::thread_rng(), RSA_BITS).map_err(|error| Error::Key(error.to_string()))?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| Error::Key(error.to_string()))?;
    Ok(pem.to_string())
}

/// A self-signed certificate over `key`: PEM and its serial in upper-case hex, as merchants quote it.
fn certificate(key: &str, name: &str, years: (i32, i32)) -> Result<(String, String), Error> {
    let broken = |error: rcgen::Error| Error::Key(error.to_string());
    let key = KeyPair::from_pkcs8_pem_and_sign_algo(key, &PKCS_RSA_SHA256).map_err(broken)?;
    // The first byte is kept small: a leading bit would make DER add a zero byte and the hex would differ.
    let serial = format!("5{}", &random::hex(20)[1..]).to_uppercase();
    let mut params = CertificateParams::new(Vec::<String>::new()).map_err(broken)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationName, "sandbox");
    params.serial_number =
        Some(SerialNumber::from_slice(&hex::decode(&serial).map_err(|error| Error::Key(error.to_string()))?));
    params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
    Ok((params.self_signed(&key).map_err(broken)?.pem(), serial))
}
