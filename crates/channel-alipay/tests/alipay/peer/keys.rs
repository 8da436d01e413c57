//! The keys of both sides, made once per process, and the institution's hand on them.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use rand::{SeedableRng, rngs::StdRng};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, SerialNumber, date_time_ymd,
};
use rsa::{
    RsaPrivateKey, RsaPublicKey,
    pkcs1::EncodeRsaPrivateKey,
    pkcs1v15::{Signature, SigningKey, VerifyingKey},
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
    signature::{SignatureEncoding, Signer, Verifier},
};
use sha2::Sha256;

pub const APP_ID: &str = "2021001161683774";
pub const SELLER_ID: &str = "2088831204659217";
pub const AUTH_TOKEN: &str = "202611BB0123456789abcdef0123456789abcX18";
pub const USER_ID: &str = "2088102954065786";

/// Whose key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Alipay,
    NextAlipay,
    Stranger,
}

pub struct Keys {
    app: RsaPrivateKey,
    alipay: RsaPrivateKey,
    next: RsaPrivateKey,
    stranger: RsaPrivateKey,
    /// Alipay's certificate, the next one and the application's.
    pub alipay_certificate: String,
    pub next_certificate: String,
    pub app_certificate: String,
    /// An elliptic root, which counts for nothing, and an RSA one.
    pub roots: String,
}

/// A certificate's serial number, and how Alipay names it.
fn numbered(common_name: &str, serial: u64) -> String {
    hex::encode(Md5::digest(format!("CN={common_name},OU=Certification Authority,O=Ant Test,C=CN{serial}")))
}

pub fn alipay_serial(who: Who) -> String {
    match who {
        Who::Alipay => numbered("Alipay Test", 4_242),
        Who::NextAlipay => numbered("Alipay Test", 18_446_744_073_709_551_615),
        Who::Stranger => numbered("Stranger", 1),
    }
}

pub fn app_serial() -> String {
    numbered("App Test", 77)
}

pub fn root_serial() -> String {
    numbered("Root Test", 3)
}

pub static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let mut rng = StdRng::seed_from_u64(20_261_124);
    let mut made = || RsaPrivateKey::new(&mut rng, 2048).unwrap();
    let (app, alipay, next, stranger) = (made(), made(), made(), made());
    let elliptic = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    Keys {
        alipay_certificate: certificate(&pair(&alipay), "Alipay Test", 4_242, 2036),
        next_certificate: certificate(&pair(&next), "Alipay Test", 18_446_744_073_709_551_615, 2036),
        app_certificate: certificate(&pair(&app), "App Test", 77, 2036),
        roots: format!(
            "{}\n{}",
            certificate(&elliptic, "Elliptic Test", 5, 2036),
            certificate(&pair(&stranger), "Root Test", 3, 2036)
        ),
        app,
        alipay,
        next,
        stranger,
    }
});

/// Alipay's certificate as it would be had it ended years ago.
pub fn expired_certificate() -> String {
    certificate(&pair(&KEYS.alipay), "Alipay Test", 4_242, 2020)
}

fn pair(key: &RsaPrivateKey) -> KeyPair {
    KeyPair::from_pem(&key.to_pkcs8_pem(LineEnding::LF).unwrap()).unwrap()
}

fn certificate(pair: &KeyPair, common_name: &str, serial: u64, until_year: i32) -> String {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "CN");
    name.push(DnType::OrganizationName, "Ant Test");
    name.push(DnType::OrganizationalUnitName, "Certification Authority");
    name.push(DnType::CommonName, common_name);
    params.distinguished_name = name;
    params.serial_number = Some(SerialNumber::from(serial));
    params.not_after = date_time_ymd(until_year, 1, 1);
    params.self_signed(pair).unwrap().pem()
}

impl Keys {
    pub fn app_pem(&self) -> String {
        self.app.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
    }

    /// As Alipay's key tool writes it: PKCS#1 without lines or words around it.
    pub fn app_bare(&self) -> String {
        STANDARD.encode(self.app.to_pkcs1_der().unwrap().as_bytes())
    }

    pub fn alipay_pem(&self, who: Who) -> String {
        RsaPublicKey::from(self.of(who)).to_public_key_pem(LineEnding::LF).unwrap()
    }

    /// As Alipay's platform shows it.
    pub fn alipay_bare(&self, who: Who) -> String {
        STANDARD.encode(RsaPublicKey::from(self.of(who)).to_public_key_der().unwrap().as_bytes())
    }

    fn of(&self, who: Who) -> &RsaPrivateKey {
        match who {
            Who::Alipay => &self.alipay,
            Who::NextAlipay => &self.next,
            Who::Stranger => &self.stranger,
        }
    }

    pub fn sign(&self, who: Who, text: &str) -> String {
        STANDARD.encode(SigningKey::<Sha256>::new(self.of(who).clone()).sign(text.as_bytes()).to_bytes())
    }

    /// Whether the application signed `text`.
    pub fn app_signed(&self, text: &str, signature: &str) -> bool {
        let Ok(bytes) = STANDARD.decode(signature) else { return false };
        let Ok(signature) = Signature::try_from(bytes.as_slice()) else { return false };
        VerifyingKey::<Sha256>::new(RsaPublicKey::from(&self.app)).verify(text.as_bytes(), &signature).is_ok()
    }
}
