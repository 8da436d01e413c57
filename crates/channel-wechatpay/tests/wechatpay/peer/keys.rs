//! The keys of both sides, made once per process, and the institution's hand on them.

use std::sync::LazyLock;

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rand::{SeedableRng, rngs::StdRng};
use rcgen::{CertificateParams, KeyPair, SerialNumber, date_time_ymd};
use rsa::{
    Oaep, RsaPrivateKey, RsaPublicKey,
    pkcs1v15::{Signature, SigningKey, VerifyingKey},
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
    signature::{SignatureEncoding, Signer, Verifier},
};
use sha1::Sha1;
use sha2::Sha256;

pub const SP_MCHID: &str = "1900000109";
pub const SP_APPID: &str = "wx8888888888888888";
pub const SUB_MCHID: &str = "1900000110";
pub const SUB_APPID: &str = "wxd678efh567hg6999";
pub const MERCHANT_SERIAL: &str = "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB";
pub const APIV3_KEY: &str = "0123456789abcdefghijABCDEFGHIJ!#";
pub const APIV2_KEY: &str = "v2-0123456789abcdefghijklmnopqrs";
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000001092024110500112200000100";
pub const CERTIFICATE_SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
pub const NEXT_SERIAL: &str = "0A57F09EFDC096DE15EBE81A47057A7232F1B8E2";

/// Whose key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    PublicKey,
    Certificate,
    NextCertificate,
    Stranger,
}

pub struct Keys {
    pub merchant: RsaPrivateKey,
    public_key: RsaPrivateKey,
    certificate: RsaPrivateKey,
    next: RsaPrivateKey,
    pub certificate_pem: String,
    pub next_pem: String,
}

pub static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let mut rng = StdRng::seed_from_u64(20_261_123);
    let mut made = || RsaPrivateKey::new(&mut rng, 2048).unwrap();
    let (certificate, next) = (made(), made());
    Keys {
        merchant: made(),
        public_key: made(),
        certificate_pem: self_signed(&certificate, CERTIFICATE_SERIAL, 2036),
        next_pem: self_signed(&next, NEXT_SERIAL, 2036),
        certificate,
        next,
    }
});

/// The platform certificate as it would be had it ended years ago.
pub fn expired_pem() -> String {
    self_signed(&KEYS.certificate, CERTIFICATE_SERIAL, 2020)
}

fn self_signed(key: &RsaPrivateKey, serial: &str, until_year: i32) -> String {
    let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
    let pair = KeyPair::from_pem(&pem).unwrap();
    let mut params = CertificateParams::new(vec!["platform.example.com".to_owned()]).unwrap();
    params.serial_number = Some(SerialNumber::from(hex::decode(serial).unwrap()));
    params.not_after = date_time_ymd(until_year, 1, 1);
    params.self_signed(&pair).unwrap().pem()
}

impl Keys {
    pub fn merchant_pem(&self) -> String {
        self.merchant.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
    }

    /// `apiclient_cert.pem`.
    pub fn merchant_certificate_pem(&self) -> String {
        self_signed(&self.merchant, MERCHANT_SERIAL, 2036)
    }

    pub fn public_key_pem(&self) -> String {
        RsaPublicKey::from(&self.public_key).to_public_key_pem(LineEnding::LF).unwrap()
    }

    /// The public key that follows.
    pub fn next_public_key_pem(&self) -> String {
        RsaPublicKey::from(&self.next).to_public_key_pem(LineEnding::LF).unwrap()
    }

    pub fn serial(&self, who: Who) -> &'static str {
        match who {
            Who::PublicKey => PUBLIC_KEY_ID,
            Who::Certificate => CERTIFICATE_SERIAL,
            Who::NextCertificate => NEXT_SERIAL,
            Who::Stranger => "7777777777777777777777777777777777777777",
        }
    }

    /// A signature over the three lines of an answer or a callback.
    pub fn sign(&self, who: Who, timestamp: &str, nonce: &str, body: &[u8]) -> String {
        let key = match who {
            Who::PublicKey => &self.public_key,
            Who::Certificate => &self.certificate,
            Who::NextCertificate => &self.next,
            Who::Stranger => &self.merchant,
        };
        let text = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat();
        STANDARD.encode(SigningKey::<Sha256>::new(key.clone()).sign(&text).to_bytes())
    }

    /// A file's key, sealed so that only the merchant opens it.
    pub fn for_merchant(&self, key: &[u8]) -> String {
        let mut rng = StdRng::seed_from_u64(7);
        let public = RsaPublicKey::from(&self.merchant);
        STANDARD.encode(public.encrypt(&mut rng, Oaep::new::<Sha1>(), key).unwrap())
    }

    /// Whether the merchant signed `text`.
    pub fn merchant_signed(&self, text: &[u8], signature: &str) -> bool {
        let Ok(signature) = Signature::try_from(STANDARD.decode(signature).unwrap().as_slice()) else { return false };
        VerifyingKey::<Sha256>::new(RsaPublicKey::from(&self.merchant)).verify(text, &signature).is_ok()
    }
}

/// Sealed with the APIv3 key, in base64.
pub fn seal(nonce: &str, associated: &str, plain: &[u8]) -> String {
    let cipher = Aes256Gcm::new_from_slice(APIV3_KEY.as_bytes()).unwrap();
    let payload = Payload { msg: plain, aad: associated.as_bytes() };
    STANDARD.encode(cipher.encrypt(nonce.as_bytes().into(), payload).unwrap())
}
