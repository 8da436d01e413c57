use base64::{Engine, engine::general_purpose::STANDARD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::{SetupError, wire::Sealed};

/// The APIv3 key, which seals callbacks and platform certificates (PROTOCOLS 1.4 \[D 3,4\]).
pub(crate) struct ApiV3Key(LessSafeKey);

impl ApiV3Key {
    pub(crate) fn new(key: &str) -> Result<Self, SetupError> {
        UnboundKey::new(&AES_256_GCM, key.as_bytes()).map(|key| ApiV3Key(LessSafeKey::new(key))).map_err(|_| {
            let cure = format!("the APIv3 key has exactly 32 characters, this has {}", key.len());
            SetupError::new("apiv3_key", cure)
        })
    }

    /// Opens what was sealed; the 16-byte tag is at the end of the ciphertext.
    pub(crate) fn open(&self, sealed: &Sealed<'_>) -> Result<Vec<u8>, &'static str> {
        if sealed.algorithm != "AEAD_AES_256_GCM" {
            return Err("it is sealed with an algorithm that is not spoken here");
        }
        let nonce =
            Nonce::try_assume_unique_for_key(sealed.nonce.as_bytes()).map_err(|_| "its nonce has not 12 bytes")?;
        let mut bytes = STANDARD.decode(sealed.ciphertext.as_bytes()).map_err(|_| "its ciphertext is not base64")?;
        let associated = Aad::from(sealed.associated_data.as_deref().unwrap_or_default().as_bytes());
        let length =
            self.0.open_in_place(nonce, associated, &mut bytes).map_err(|_| "the APIv3 key does not open it")?.len();
        bytes.truncate(length);
        Ok(bytes)
    }
}
