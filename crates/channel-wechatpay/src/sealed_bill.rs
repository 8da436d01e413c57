//! A merchant's fund bill comes sealed (PROTOCOLS 1.9): a key of its own, which only the provider's private key opens,
//! and AES-256-GCM over the file. ring opens no RSA ciphertext and no 16-byte nonce; see decision 20.

use std::borrow::Cow;

use aes_gcm::{
    Aes256Gcm, AesGcm, KeyInit,
    aead::{Aead, consts::U16},
    aes::Aes256,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rsa::{Oaep, RsaPrivateKey, pkcs8::DecodePrivateKey, rand_core::OsRng};
use serde::Deserialize;
use sha1::Sha1;

/// One sealed file \[D openapi sub-merchant-fundflowbill; how it is sealed: C\].
#[derive(Deserialize)]
pub(crate) struct SealedBill<'a> {
    #[serde(borrow)]
    pub(crate) download_url: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) hash_type: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) hash_value: Cow<'a, str>,
    #[serde(borrow)]
    encrypt_key: Cow<'a, str>,
    #[serde(borrow)]
    nonce: Cow<'a, str>,
}

/// The provider's private key, as far as it opens what was sealed for it.
pub(crate) struct BillOpener(RsaPrivateKey);

impl BillOpener {
    /// From `apiclient_key.pem`, which [`MerchantKey`](crate::sign::MerchantKey) has found to be good.
    pub(crate) fn from_pem(pem: &str) -> Result<BillOpener, String> {
        RsaPrivateKey::from_pkcs8_pem(pem.trim()).map(BillOpener).map_err(|why| why.to_string())
    }

    /// The file as it was before it was sealed.
    pub(crate) fn open(&self, sealed: &SealedBill<'_>, file: &[u8]) -> Result<Vec<u8>, &'static str> {
        let key = STANDARD.decode(sealed.encrypt_key.as_bytes()).map_err(|_| "the file's key is not base64")?;
        // Blinded, so that the time it takes says nothing of the private key.
        let key = self.0.decrypt_blinded(&mut OsRng, Oaep::new::<Sha1>(), &key);
        let key = key.map_err(|_| "the file's key is not sealed for this provider")?;
        let nonce = sealed.nonce.as_bytes();
        let wrong = "the file's key has not 32 bytes";
        let opened = match nonce.len() {
            12 => Aes256Gcm::new_from_slice(&key).map_err(|_| wrong)?.decrypt(nonce.into(), file),
            16 => AesGcm::<Aes256, U16>::new_from_slice(&key).map_err(|_| wrong)?.decrypt(nonce.into(), file),
            _ => return Err("the file's nonce has neither 12 nor 16 bytes"),
        };
        opened.map_err(|_| "the file's key does not open it")
    }
}
