use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwap;
use base64::{Engine, engine::general_purpose::STANDARD};
use channel::VerificationKey;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use x509_parser::{
    certificate::X509Certificate,
    pem::{Pem, parse_x509_pem},
    prelude::FromDer,
    public_key::PublicKey,
    x509::SubjectPublicKeyInfo,
};

use crate::{SetupError, Verification, chain::Anchor, serial, sign};

/// What Alipay's signatures are checked with. In public-key mode nothing names the key: every one is tried. In
/// certificate mode an answer names its certificate in `alipay_cert_sn` \[S node\].
pub(crate) struct KeyRing {
    nameless: Vec<Key>,
    by_serial: ArcSwap<HashMap<String, Key>>,
    /// What a new certificate must hang on; nothing in public-key mode.
    anchor: Option<Anchor>,
    /// The certificate that something signed named last, and that is not known.
    wanted: Mutex<Option<String>>,
}

/// One key, parsed once.
#[derive(Clone)]
pub(crate) struct Key {
    public: Arc<UnparsedPublicKey<Vec<u8>>>,
    /// From and until when a certificate holds, UTC milliseconds; a bare public key has no end.
    valid_ms: Option<(i64, i64)>,
}

/// The two numbers that every request of certificate mode carries \[S node\].
#[derive(Clone, Debug)]
pub(crate) struct OwnSerials {
    /// `app_cert_sn`
    pub(crate) app: String,
    /// `alipay_root_cert_sn`
    pub(crate) root: String,
}

/// Why a signature is not believed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// It names a certificate that is not known, or that does not hold now.
    Unknown(String),
    /// It does not fit.
    Wrong,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("public_keys", &self.nameless.len())
            .field("certificates", &self.by_serial.load().keys().collect::<Vec<_>>())
            .finish()
    }
}

impl KeyRing {
    /// The keys that the settings bring, and in certificate mode the numbers of our own certificates.
    pub(crate) fn configured(verification: &Verification) -> Result<(KeyRing, Option<OwnSerials>), SetupError> {
        match verification {
            Verification::PublicKeys(keys) => {
                let read = |text: &String| public_key(text).map_err(|why| SetupError::new("public_keys", why));
                let nameless = keys.iter().map(read).collect::<Result<Vec<_>, _>>()?;
                if nameless.is_empty() {
                    let cure = "give Alipay's public key (支付宝公钥), or the three certificates";
                    return Err(SetupError::new("public_keys", cure));
                }
                let by_serial = ArcSwap::default();
                Ok((KeyRing { nameless, by_serial, anchor: None, wanted: Mutex::default() }, None))
            }
            Verification::Certificates {
                app_certificate_pem,
                alipay_certificates_pem,
                alipay_root_certificates_pem,
            } => {
                let wrong = |setting| move |why: String| SetupError::new(setting, why);
                let app = serial::of_first(app_certificate_pem).map_err(wrong("app_certificate_pem"))?;
                let root =
                    serial::of_roots(alipay_root_certificates_pem).map_err(wrong("alipay_root_certificates_pem"))?;
                let mut by_serial = HashMap::new();
                for pem in alipay_certificates_pem {
                    let (serial, key) = certificate(pem).map_err(wrong("alipay_certificates_pem"))?;
                    by_serial.insert(serial, key);
                }
                if by_serial.is_empty() {
                    let cure = "give alipayCertPublicKey_RSA2.crt";
                    return Err(SetupError::new("alipay_certificates_pem", cure));
                }
                let anchor = Anchor::new(alipay_root_certificates_pem, alipay_certificates_pem)
                    .map_err(wrong("alipay_root_certificates_pem"))?;
                let ring = KeyRing {
                    nameless: Vec::new(),
                    by_serial: ArcSwap::from_pointee(by_serial),
                    anchor: Some(anchor),
                    wanted: Mutex::default(),
                };
                Ok((ring, Some(OwnSerials { app, root })))
            }
        }
    }

    /// What is known, for people to look at.
    pub(crate) fn known(&self) -> Vec<VerificationKey> {
        let bare = (1..=self.nameless.len())
            .map(|at| VerificationKey { id: format!("alipay_public_key {at}"), not_after_ms: None });
        let certificates = self.by_serial.load();
        let mut named: Vec<VerificationKey> = certificates
            .iter()
            .map(|(id, key)| VerificationKey { id: id.clone(), not_after_ms: key.valid_ms.map(|(_, until)| until) })
            .collect();
        named.sort_by(|one, other| one.id.cmp(&other.id));
        bare.chain(named).collect()
    }

    /// Whether a certificate is known.
    pub(crate) fn knows(&self, serial: &str) -> bool {
        self.by_serial.load().contains_key(serial)
    }

    /// The certificate that is missing, as far as anything named one.
    pub(crate) fn wanted(&self) -> Option<String> {
        self.wanted.lock().ok().and_then(|wanted| wanted.clone())
    }

    /// Adds a certificate that came with its chain, if it is Alipay's.
    pub(crate) fn add(&self, chain_pem: &str, serial: &str, now_ms: i64) -> Result<(), String> {
        let anchor = self.anchor.as_ref().ok_or("no certificates are used")?;
        let key = anchor.vouched(chain_pem, serial, now_ms)?;
        self.by_serial.rcu(|known| {
            let mut known = HashMap::clone(known);
            known.insert(serial.to_owned(), key.clone());
            known
        });
        Ok(())
    }

    /// Whether `signature`, in base64, fits `text`. `serial` is the certificate that the message names, if it names one:
    /// then no other is tried. Callbacks of certificate mode may name none \[M\]: then every one that holds is.
    pub(crate) fn check(&self, serial: Option<&str>, text: &str, signature: &str, now_ms: i64) -> Result<(), Distrust> {
        let signature = STANDARD.decode(signature).map_err(|_| Distrust::Wrong)?;
        let fits = |key: &Key| key.public.verify(text.as_bytes(), &signature).is_ok();
        let holds = |key: &&Key| key.valid_ms.is_none_or(|(from, until)| (from..=until).contains(&now_ms));
        if self.nameless.iter().any(fits) {
            return Ok(());
        }
        let certificates = self.by_serial.load();
        match serial.filter(|_| !certificates.is_empty()) {
            Some(serial) => match certificates.get(serial).filter(holds) {
                Some(key) if fits(key) => Ok(()),
                Some(_) => Err(Distrust::Wrong),
                None => {
                    let serial: String = serial.chars().take(64).collect();
                    if let Ok(mut wanted) = self.wanted.lock() {
                        *wanted = Some(serial.clone());
                    }
                    Err(Distrust::Unknown(serial))
                }
            },
            None if certificates.values().filter(holds).any(fits) => Ok(()),
            None => Err(Distrust::Wrong),
        }
    }
}

/// A public key as PEM or as the bare base64 that Alipay shows.
fn public_key(text: &str) -> Result<Key, String> {
    let cure = "give Alipay's public key (支付宝公钥, not 应用公钥)";
    let der = match parse_x509_pem(text.as_bytes()) {
        Ok((_, Pem { label, contents })) if label == "PUBLIC KEY" => contents,
        Ok((_, block)) => return Err(format!("this is a {}: {cure}", block.label)),
        Err(_) => sign::bare(text).ok_or_else(|| format!("this is neither PEM nor base64: {cure}"))?,
    };
    let (_, info) = SubjectPublicKeyInfo::from_der(&der).map_err(|_| format!("this is damaged: {cure}"))?;
    rsa_key(&info, None)
}

/// A certificate of Alipay and its number.
fn certificate(pem: &str) -> Result<(String, Key), String> {
    let (_, block) = parse_x509_pem(pem.as_bytes()).map_err(|_| "this is not a PEM certificate".to_owned())?;
    let certificate = block.parse_x509().map_err(|_| "this is not an X.509 certificate".to_owned())?;
    Ok((serial::of(&certificate), key_of(&certificate)?))
}

/// A certificate's key, for as long as the certificate holds.
pub(crate) fn key_of(certificate: &X509Certificate<'_>) -> Result<Key, String> {
    let ms = |seconds: i64| seconds.saturating_mul(1000);
    let validity = certificate.validity();
    let valid_ms = (ms(validity.not_before.timestamp()), ms(validity.not_after.timestamp()));
    rsa_key(certificate.public_key(), Some(valid_ms))
}

fn rsa_key(info: &SubjectPublicKeyInfo<'_>, valid_ms: Option<(i64, i64)>) -> Result<Key, String> {
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) if rsa.key_size() >= 2048 => {}
        _ => return Err("this is no RSA key of at least 2048 bits".to_owned()),
    }
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, info.subject_public_key.data.to_vec());
    Ok(Key { public: Arc::new(public), valid_ms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slice;

    /// A genuine answer and its key: alipay-sdk-nodejs-all `test/alipay.test.ts`, `checkResponseSign` "should work", with
    /// `test/fixtures/alipay-public-key.pem`.
    #[test]
    fn a_genuine_answer_is_believed_over_its_own_characters_known_answer() {
        const KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAk7LzhmMa2c4qQd4fqAqenfbuFoA7stPKvoS1LrZEsVnOOGUUjwoa\
            1oU9xsSPjcOWhIerU/VAN4J95GIAXx59ipcleIyfLn2FhHXPgLJpvo+b2jJFyn/1/DbeJDh+0yDVAOf50Z7HhI0mdUhFMkXlT7BU0ZMtJf/Tm\
            ISFEfhDU/w6qFd6D42L97byAkq0K6LroglSVF24GqJEa7hSeUIkZWj7RasykXrc2uVJ1+ejkXE0LyPxa2AHykMGbJLf5SiZvaNzUZgnKIR36m\
            LOHpQ/2JCXxhXZYUWHzy0kMH54JcUEeksFWBYLGvLjV1phbcUIc3Q76tIuqApY6E222OoZZQIDAQAB";
        const SIGN: &str = "F+LDzpTNiavn7xVZPGuPCSSVRSmWzJGgtuji6tVELGEaqMaNj0jRKXUEr5nloZJBBmwEnddOyCjjepMmrTKTvoOqQ0Efxpr/\
            R1iEeHTHVbb/Q8TTh6Up5gHJDkILdaWS2q1cWeQ6VT+HQY9P3WRXS7uhILHuDODIhpAyCu5KhWGt0rMCIG+Im6NODJP2oohtSCtmTFXg58HH58\
            7Z2y2bdbjzOxLvzD9IrU1imghXQ2S/Q+wMIvRk9on6cWnBLkrNvJKapA2ReNGWOwyuASvB9zDVzhMPbR+3mfRGkVDxsq5HYLjBKGskJMXHw0Hu\
            ugZij6ScRuaLPODhmHwr/pJ9yw==";
        let node = r#"{"code":"10000","msg":"Success","file_id":"CAxAToWB1JsAAAAAAAAAAAAADgSLAQBr"}"#;
        let answer = format!(r#"{{"alipay_open_file_upload_response":{node},"sign":"{SIGN}"}}"#);
        let members = slice::members(&answer).unwrap();
        let raw = slice::only(&members, "alipay_open_file_upload_response").unwrap();
        let (ring, serials) = KeyRing::configured(&Verification::PublicKeys(vec![KEY.to_owned()])).unwrap();
        assert!(serials.is_none());
        assert_eq!(ring.check(None, raw, SIGN, 0), Ok(()));
        assert_eq!(ring.check(None, &raw.replace(':', ": "), SIGN, 0), Err(Distrust::Wrong));
        assert_eq!(ring.check(None, raw, "wrong-sing", 0), Err(Distrust::Wrong));
    }
}
