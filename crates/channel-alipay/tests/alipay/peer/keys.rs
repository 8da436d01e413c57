//! The keys of both sides, made once per process, and the institution's hand on them.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use rand::{SeedableRng, rngs::StdRng};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    SerialNumber, date_time_ymd,
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
    authority: RsaPrivateKey,
    between: RsaPrivateKey,
    pub app_certificate: String,
    /// Alipay's certificate and the one between it and the root.
    pub alipay_certificate: String,
    /// An elliptic root, which counts for nothing, and an RSA one.
    pub roots: String,
}

/// The serial number of Alipay's next certificate.
const NEXT: u64 = 18_446_744_073_709_551_615;

/// How Alipay names a certificate, by its issuer and serial number.
fn numbered(issuer: &str, serial: u64) -> String {
    hex::encode(Md5::digest(format!("CN={issuer},OU=Certification Authority,O=Ant Test,C=CN{serial}")))
}

pub fn alipay_serial(who: Who) -> String {
    match who {
        Who::Alipay => numbered("Between Test", 4_242),
        Who::NextAlipay => numbered("Between Test", NEXT),
        Who::Stranger => numbered("Between Test", 1),
    }
}

pub fn app_serial() -> String {
    numbered("Between Test", 77)
}

pub fn root_serial() -> String {
    numbered("Root Test", 3)
}

pub static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let mut rng = StdRng::seed_from_u64(20_261_124);
    let mut made = || RsaPrivateKey::new(&mut rng, 2048).unwrap();
    let (app, alipay, next, stranger, authority, between) = (made(), made(), made(), made(), made(), made());
    let elliptic = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let root = certificate("Root Test", 3, true, 2036);
    let roots = format!(
        "{}\n{}",
        certificate("Elliptic Test", 5, true, 2036).self_signed(&elliptic).unwrap().pem(),
        root.self_signed(&pair(&authority)).unwrap().pem()
    );
    let mut keys = Keys {
        app_certificate: String::new(),
        alipay_certificate: String::new(),
        roots,
        app,
        alipay,
        next,
        stranger,
        authority,
        between,
    };
    keys.app_certificate = keys.issued(&keys.app, "App Test", 77, 2036);
    keys.alipay_certificate = keys.issued(&keys.alipay, ALIPAY, 4_242, 2036);
    keys
});

/// Whom Alipay's certificates are made out to.
const ALIPAY: &str = "支付宝(中国)-2088831204659217";

fn pair(key: &RsaPrivateKey) -> KeyPair {
    KeyPair::from_pem(&key.to_pkcs8_pem(LineEnding::LF).unwrap()).unwrap()
}

fn certificate(common_name: &str, serial: u64, ca: bool, until_year: i32) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "CN");
    name.push(DnType::OrganizationName, "Ant Test");
    name.push(DnType::OrganizationalUnitName, "Certification Authority");
    name.push(DnType::CommonName, common_name);
    params.distinguished_name = name;
    params.serial_number = Some(SerialNumber::from(serial));
    params.not_after = date_time_ymd(until_year, 1, 1);
    if ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params
}

impl Keys {
    /// A certificate and the one between it and the root, which `ca` says whether it may issue.
    fn chained(&self, key: &RsaPrivateKey, name: &str, serial: u64, until_year: i32, ca: bool) -> String {
        let (root, between) = (certificate("Root Test", 3, true, 2036), certificate("Between Test", 9, ca, 2036));
        let (authority, middle) = (pair(&self.authority), pair(&self.between));
        let leaf = certificate(name, serial, false, until_year);
        let leaf = leaf.signed_by(&pair(key), &Issuer::from_params(&between, &middle)).unwrap();
        let between = between.signed_by(&middle, &Issuer::from_params(&root, &authority)).unwrap();
        format!("{}{}", leaf.pem(), between.pem())
    }

    fn issued(&self, key: &RsaPrivateKey, name: &str, serial: u64, until_year: i32) -> String {
        self.chained(key, name, serial, until_year, true)
    }

    /// Alipay's certificate as it would be had it ended years ago.
    pub fn expired_certificate(&self) -> String {
        self.issued(&self.alipay, ALIPAY, 4_242, 2020)
    }

    /// Alipay's next certificate, with its chain.
    pub fn next_certificate(&self) -> String {
        self.issued(&self.next, ALIPAY, NEXT, 2036)
    }

    /// What looks like Alipay's next certificate and is none: made out to an application of somebody's, ended, issued by
    /// one who may not, issued by oneself, that beside the genuine issuer, without its chain, another one, and none at all.
    pub fn not_the_next_certificate(&self) -> Vec<String> {
        let own = certificate("Between Test", 9, true, 2036);
        let forged = certificate(ALIPAY, NEXT, false, 2036)
            .signed_by(&pair(&self.stranger), &Issuer::from_params(&own, &pair(&self.stranger)))
            .unwrap();
        let forger = own.self_signed(&pair(&self.stranger)).unwrap();
        let whole = self.next_certificate();
        let mut links = whole.split_inclusive("-----END CERTIFICATE-----\n");
        let (leaf, between) = (links.next().unwrap(), links.next().unwrap());
        vec![
            self.issued(&self.stranger, "2088831204659217-2021001161683774", NEXT, 2036),
            self.issued(&self.next, ALIPAY, NEXT, 2020),
            self.chained(&self.next, ALIPAY, NEXT, 2036, false),
            format!("{}{}", forged.pem(), forger.pem()),
            format!("{}{between}", forged.pem()),
            leaf.to_owned(),
            self.alipay_certificate.clone(),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
            String::new(),
        ]
    }
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
