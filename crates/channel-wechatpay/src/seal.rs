use base64::{Engine, engine::general_purpose::STANDARD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::{SetupError, wire::Sealed};

/// The APIv3 keys, which seal callbacks and platform certificates (PROTOCOLS 1.4 \[D 3,4\]): the present one and those
/// before it, as a callback that is sent again after a change of key may still come sealed with the old one.
pub(crate) struct ApiV3Keys(Vec<LessSafeKey>);

impl ApiV3Keys {
    pub(crate) fn new(present: &str, previous: &[String]) -> Result<Self, SetupError> {
        let named = |name: &'static str, key: &str| {
            UnboundKey::new(&AES_256_GCM, key.as_bytes()).map(LessSafeKey::new).map_err(|_| {
                SetupError::new(name, format!("an APIv3 key has exactly 32 characters, this has {}", key.len()))
            })
        };
        let mut keys = vec![named("apiv3_key", present)?];
        for key in previous {
            keys.push(named("previous_apiv3_keys", key)?);
        }
        Ok(ApiV3Keys(keys))
    }

    /// Opens what was sealed, with any of the keys.
    pub(crate) fn open(&self, sealed: &Sealed<'_>) -> Result<Vec<u8>, &'static str> {
        Self::open_with(&self.0, sealed)
    }

    /// Opens what is sealed just now. Certificates are believed for their seal: whoever has a key that was replaced,
    /// perhaps because it got out, must not be able to bring one.
    pub(crate) fn open_fresh(&self, sealed: &Sealed<'_>) -> Result<Vec<u8>, &'static str> {
        Self::open_with(&self.0[..1], sealed)
    }

    /// The 16-byte tag is at the end of the ciphertext.
    fn open_with(keys: &[LessSafeKey], sealed: &Sealed<'_>) -> Result<Vec<u8>, &'static str> {
        if sealed.algorithm != "AEAD_AES_256_GCM" {
            return Err("it is sealed with an algorithm that is not spoken here");
        }
        let ciphertext = STANDARD.decode(sealed.ciphertext.as_bytes()).map_err(|_| "its ciphertext is not base64")?;
        for key in keys {
            let nonce =
                Nonce::try_assume_unique_for_key(sealed.nonce.as_bytes()).map_err(|_| "its nonce has not 12 bytes")?;
            let associated = Aad::from(sealed.associated_data.as_deref().unwrap_or_default().as_bytes());
            let mut bytes = ciphertext.clone();
            if let Ok(length) = key.open_in_place(nonce, associated, &mut bytes).map(|plain| plain.len()) {
                bytes.truncate(length);
                return Ok(bytes);
            }
        }
        Err("the APIv3 key does not open it")
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[test]
    fn a_key_of_before_opens_a_callback_and_brings_no_certificate() {
        let (old, new) = ("o".repeat(32), "n".repeat(32));
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, old.as_bytes()).unwrap());
        let mut bytes = b"plain".to_vec();
        let nonce = Nonce::assume_unique_for_key(*b"abcdefghijkl");
        key.seal_in_place_append_tag(nonce, Aad::from(b""), &mut bytes).unwrap();
        let sealed = Sealed {
            algorithm: Cow::Borrowed("AEAD_AES_256_GCM"),
            nonce: Cow::Borrowed("abcdefghijkl"),
            associated_data: None,
            ciphertext: Cow::Owned(STANDARD.encode(bytes)),
        };
        let keys = ApiV3Keys::new(&new, &[old]).unwrap();
        assert_eq!(keys.open(&sealed).unwrap(), b"plain");
        assert!(keys.open_fresh(&sealed).is_err());
    }
}
