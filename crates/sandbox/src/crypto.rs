//! RSA signatures and AES-GCM of API v3, on RustCrypto alone: the adapters that talk to us use another library, so
//! that one mistake cannot be made on both sides.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::Sha256;

use crate::error::Error;

/// RSA PKCS#1 v1.5 over SHA-256, base64.
pub(crate) fn sign(key: &RsaPrivateKey, text: &[u8]) -> String {
    BASE64.encode(SigningKey::<Sha256>::new(key.clone()).sign(text).to_vec())
}

/// True when `signature` (base64) is `key`'s over `text`.
pub(crate) fn verify(key: &RsaPublicKey, text: &[u8], signature: &str) -> bool {
    let Ok(bytes) = BASE64.decode(signature) else { return false };
    let Ok(signature) = Signature::try_from(bytes.as_slice()) else { return false };
    VerifyingKey::<Sha256>::new(key.clone()).verify(text, &signature).is_ok()
}

/// AEAD_AES_256_GCM as callbacks and certificates carry it: base64 of ciphertext and tag.
///
/// # Errors
/// When the key is not 32 bytes or the nonce not 12.
pub(crate) fn seal(apiv3_key: &str, nonce: &str, associated_data: &str, plain: &[u8]) -> Result<String, Error> {
    let cipher = Aes256Gcm::new_from_slice(apiv3_key.as_bytes()).map_err(|error| Error::Key(error.to_string()))?;
    if nonce.len() != 12 {
        return Err(Error::Key("nonce is not 12 bytes".into()));
    }
    let payload = Payload { msg: plain, aad: associated_data.as_bytes() };
    let sealed =
        cipher.encrypt(Nonce::from_slice(nonce.as_bytes()), payload).map_err(|error| Error::Key(error.to_string()))?;
    Ok(BASE64.encode(sealed))
}
