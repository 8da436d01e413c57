use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};

use arc_swap::ArcSwap;
use channel::VerificationKey;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use x509_parser::{pem::parse_x509_pem, prelude::FromDer, public_key::PublicKey, x509::SubjectPublicKeyInfo};

use crate::{Settings, SetupError};

/// What the id of a WeChat Pay public key begins with; every other serial names a platform certificate \[C\].
const PUBLIC_KEY_PREFIX: &str = "PUB_KEY_ID_";

/// The institution's verification keys by `Wechatpay-Serial`. Public key and certificates are valid at the same time:
/// while a provider is moved from one to the other, callbacks come with both (PROTOCOLS 1.3 \[C\]).
pub(crate) struct KeyRing {
    configured: HashMap<String, Key>,
    all: ArcSwap<HashMap<String, Key>>,
}

/// One key, parsed once.
#[derive(Clone)]
pub(crate) struct Key {
    public: Arc<UnparsedPublicKey<Vec<u8>>>,
    /// From and until when a certificate holds, UTC milliseconds; a bare public key has no end.
    valid_ms: Option<(i64, i64)>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.all.load().keys()).finish()
    }
}

impl KeyRing {
    /// The keys that the settings bring.
    pub(crate) fn configured(settings: &Settings) -> Result<KeyRing, SetupError> {
        let mut configured = HashMap::new();
        let previous = settings.previous_wechatpay_public_keys.iter();
        let previous = previous.map(|key| ("previous_wechatpay_public_keys", key));
        // The present one last: named twice, it is the one that holds.
        for (setting, (id, pem)) in
            previous.chain(settings.wechatpay_public_key.iter().map(|key| ("wechatpay_public_key", key)))
        {
            let id = id.trim();
            if !id.starts_with(PUBLIC_KEY_PREFIX) {
                let cure = format!("the key's id begins with {PUBLIC_KEY_PREFIX}: copy it from 账户中心 → API安全");
                return Err(SetupError::new(setting, cure));
            }
            let key = public_key_from_pem(pem).map_err(|why| SetupError::new(setting, why))?;
            configured.insert(id.to_owned(), key);
        }
        for pem in &settings.platform_certificates_pem {
            let (serial, key) =
                certificate_from_pem(pem).map_err(|why| SetupError::new("platform_certificates_pem", why))?;
            configured.insert(serial, key);
        }
        Ok(KeyRing { all: ArcSwap::from_pointee(configured.clone()), configured })
    }

    /// A ring of fetched certificates alone, to prove the answer that brought the first ones.
    pub(crate) fn of(fetched: HashMap<String, Key>) -> KeyRing {
        KeyRing { configured: HashMap::new(), all: ArcSwap::from_pointee(fetched) }
    }

    /// Puts `fetched` in the place of what was fetched before; configured keys stay.
    pub(crate) fn replace_fetched(&self, fetched: HashMap<String, Key>) {
        let mut all = fetched;
        all.extend(self.configured.iter().map(|(serial, key)| (serial.clone(), key.clone())));
        self.all.store(Arc::new(all));
    }

    /// What is known now, by id.
    pub(crate) fn known(&self) -> Vec<VerificationKey> {
        let key = |(id, key): (&String, &Key)| VerificationKey {
            id: id.clone(),
            not_after_ms: key.valid_ms.map(|(_, until)| until),
        };
        let mut known: Vec<_> = self.all.load().iter().map(key).collect();
        known.sort();
        known
    }

    /// Whether `signature` fits `text`; `None` where the key is not known or its certificate does not hold now.
    pub(crate) fn fits(&self, serial: &str, text: &[u8], signature: &[u8], now_ms: i64) -> Option<bool> {
        let all = self.all.load();
        let key = all.get(canonical(serial).as_ref())?;
        if key.valid_ms.is_some_and(|(from, until)| !(from..=until).contains(&now_ms)) {
            return None;
        }
        Some(key.public.verify(text, signature).is_ok())
    }
}

/// Certificate serials are hexadecimal numbers: case and leading zeros mean nothing.
fn canonical(serial: &str) -> Cow<'_, str> {
    if serial.starts_with(PUBLIC_KEY_PREFIX) {
        return Cow::Borrowed(serial);
    }
    let digits = serial.trim_start_matches('0');
    if digits.bytes().any(|b| b.is_ascii_lowercase()) {
        Cow::Owned(digits.to_ascii_uppercase())
    } else {
        Cow::Borrowed(digits)
    }
}

fn public_key_from_pem(pem: &str) -> Result<Key, String> {
    let cure = "give the whole of pub_key.pem, from -----BEGIN PUBLIC KEY----- to the end";
    let (_, block) = parse_x509_pem(pem.as_bytes()).map_err(|_| format!("this is not PEM: {cure}"))?;
    if block.label != "PUBLIC KEY" {
        return Err(format!("this is a {}: {cure}", block.label));
    }
    let (_, info) = SubjectPublicKeyInfo::from_der(&block.contents).map_err(|_| format!("this is damaged: {cure}"))?;
    rsa_key(&info, None)
}

/// A platform certificate and its serial as `Wechatpay-Serial` writes it.
pub(crate) fn certificate_from_pem(pem: &str) -> Result<(String, Key), String> {
    let (_, block) = parse_x509_pem(pem.as_bytes()).map_err(|_| "this is not a PEM certificate".to_owned())?;
    let certificate = block.parse_x509().map_err(|_| "this is not an X.509 certificate".to_owned())?;
    let serial = canonical(&hex::encode_upper(certificate.raw_serial())).into_owned();
    let validity = certificate.validity();
    let ms = |seconds: i64| seconds.saturating_mul(1000);
    let valid_ms = (ms(validity.not_before.timestamp()), ms(validity.not_after.timestamp()));
    Ok((serial, rsa_key(certificate.public_key(), Some(valid_ms))?))
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

    #[test]
    fn a_serial_is_a_number_whatever_its_case_and_zeros() {
        assert_eq!(canonical("00ab12"), "AB12");
        assert_eq!(canonical("AB12"), "AB12");
        assert_eq!(canonical("PUB_KEY_ID_0abc"), "PUB_KEY_ID_0abc");
    }
}
