//! Who the institution is: its keys and what it gave to its customer, made once and kept in `institution.json`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// Platform certificates issued later, oldest first; all of them are valid, the newest signs.
    #[serde(default)]
    pub later_certificates: Vec<StoredCertificate>,
}

/// A platform certificate and its key, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredCertificate {
    pub private_key: String,
    pub certificate: String,
    pub serial: String,
    pub from_ms: i64,
    pub until_ms: i64,
}

/// A key that signs and what it is called in `Wechatpay-Serial`.
#[derive(Clone)]
pub(crate) struct Pen {
    pub key: Arc<RsaPrivateKey>,
    pub serial: String,
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
    /// As it was when opened; certificates issued since are in [`Institution::certificates`].
    pub stored: Stored,
    pub merchant: RsaPublicKey,
    path: PathBuf,
    wechatpay: Pen,
    /// Never empty; the newest is the last.
    platform: Mutex<Vec<(Pen, StoredCertificate)>>,
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
        let first = StoredCertificate {
            private_key: stored.platform_private_key.clone(),
            certificate: stored.platform_certificate.clone(),
            serial: stored.platform_serial.clone(),
            from_ms: stored.platform_from_ms,
            until_ms: stored.platform_until_ms,
        };
        let platform = std::iter::once(first).chain(stored.later_certificates.clone());
        let platform: Result<Vec<_>, Error> = platform.map(|issued| Ok((pen(&issued)?, issued))).collect();
        let wechatpay = Arc::new(private_key(&stored.wechatpay_private_key)?);
        Ok(Self {
            merchant: private_key(&stored.merchant_private_key)?.to_public_key(),
            path,
            wechatpay: Pen { key: wechatpay, serial: stored.wechatpay_public_key_id.clone() },
            platform: Mutex::new(platform?),
            stored,
        })
    }

    fn platform(&self) -> MutexGuard<'_, Vec<(Pen, StoredCertificate)>> {
        self.platform.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `signer` signs with now: of the certificates, the newest.
    pub fn pen(&self, signer: Signer) -> Pen {
        match signer {
            Signer::PublicKey => self.wechatpay.clone(),
            Signer::Certificate => {
                self.platform().last().map_or_else(|| self.wechatpay.clone(), |(pen, _)| pen.clone())
            }
        }
    }

    /// The key that is called `serial`, if it is one of ours that is valid.
    pub fn pen_named(&self, serial: &str) -> Option<Pen> {
        if serial == self.wechatpay.serial {
            return Some(self.wechatpay.clone());
        }
        let platform = self.platform();
        platform.iter().find(|(pen, _)| pen.serial.eq_ignore_ascii_case(serial)).map(|(pen, _)| pen.clone())
    }

    /// The platform certificates that are valid, oldest first.
    pub fn certificates(&self) -> Vec<StoredCertificate> {
        self.platform().iter().map(|(_, issued)| issued.clone()).collect()
    }

    /// Issues a new platform certificate, which signs from now on; the earlier ones stay valid. Gives its serial.
    ///
    /// # Errors
    /// When the key cannot be made or written down.
    pub fn rotate(&self, now_ms: i64) -> Result<String, Error> {
        let issued = issue_platform_certificate(now_ms)?;
        let pen = pen(&issued)?;
        let serial = issued.serial.clone();
        let mut platform = self.platform();
        platform.push((pen, issued));
        let later = platform.iter().skip(1).map(|(_, issued)| issued.clone()).collect();
        let stored = Stored { later_certificates: later, ..self.stored.clone() };
        files::write_secret(&self.path, &serde_json::to_string_pretty(&stored)?)?;
        Ok(serial)
    }

    /// The WeChat Pay public key as SPKI PEM.
    ///
    /// # Errors
    /// When the key cannot be spelled as PEM.
    pub fn wechatpay_public_key(&self) -> Result<String, Error> {
        self.wechatpay
            .key
            .to_public_key()
            .to_public_key_pem(LineEnding::LF)
            .map_err(|error| Error::Key(error.to_string()))
    }
}

fn pen(issued: &StoredCertificate) -> Result<Pen, Error> {
    Ok(Pen { key: Arc::new(private_key(&issued.private_key)?), serial: issued.serial.clone() })
}

/// A key for a certificate that nobody has heard of, and never will.
///
/// # Errors
/// When no key can be made.
pub(crate) fn stranger() -> Result<Pen, Error> {
    Ok(Pen { key: Arc::new(private_key(&new_key()?)?), serial: format!("7{}", &random::hex(20)[1..]).to_uppercase() })
}

fn issue_platform_certificate(now_ms: i64) -> Result<StoredCertificate, Error> {
    let years = certificate_years(now_ms)?;
    let private_key = new_key()?;
    let (certificate, serial) = certificate(&private_key, "Tenpay.com sandbox", years)?;
    let (from_ms, until_ms) = (new_year_ms(years.0), new_year_ms(years.1));
    Ok(StoredCertificate { private_key, certificate, serial, from_ms, until_ms })
}

fn certificate_years(now_ms: i64) -> Result<(i32, i32), Error> {
    let year: i32 = beijing(now_ms, "%Y").parse().map_err(|_| Error::Key("no calendar year".into()))?;
    Ok((year - 1, year - 1 + CERTIFICATE_YEARS))
}

pub(crate) fn private_key(pem: &str) -> Result<RsaPrivateKey, Error> {
    RsaPrivateKey::from_pkcs8_pem(pem).map_err(|error| Error::Key(error.to_string()))
}

fn found(now_ms: i64) -> Result<Stored, Error> {
    let merchant = new_key()?;
    let (merchant_certificate, merchant_serial) = certificate(&merchant, SP_MCHID, certificate_years(now_ms)?)?;
    let platform = issue_platform_certificate(now_ms)?;
    Ok(Stored {
        merchant_private_key: merchant,
        merchant_certificate,
        merchant_serial,
        apiv3_key: random::alphanumeric(32),
        wechatpay_private_key: new_key()?,
        wechatpay_public_key_id: format!("PUB_KEY_ID_01{SP_MCHID}{}", random::digits(20)),
        platform_private_key: platform.private_key,
        platform_certificate: platform.certificate,
        platform_serial: platform.serial,
        platform_from_ms: platform.from_ms,
        platform_until_ms: platform.until_ms,
        mini_program_secret: random::hex(16),
        official_account_secret: random::hex(16),
        later_certificates: Vec::new(),
    })
}

fn new_year_ms(year: i32) -> i64 {
    rcgen::date_time_ymd(year, 1, 1).unix_timestamp() * 1000
}

pub(crate) fn new_key() -> Result<String, Error> {
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
