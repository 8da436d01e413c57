//! RSA2 (PROTOCOLS 2.1, 2.3): SHA256withRSA over parameters sorted by name, or over the characters of an answer.

use std::collections::BTreeMap;

use rsa::{RsaPrivateKey, RsaPublicKey};

use crate::crypto;

/// The text that is signed: all non-empty parameters but those of `without`, `k=v` joined by `&`, values as they are.
fn text(params: &BTreeMap<String, String>, without: &[&str]) -> String {
    let kept = params.iter().filter(|(name, value)| !value.is_empty() && !without.contains(&name.as_str()));
    kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// True when `sign` is the application's over a request; `sign_type` is part of what is signed.
pub(crate) fn request_is_genuine(key: &RsaPublicKey, params: &BTreeMap<String, String>) -> bool {
    let sign = params.get("sign").map_or("", String::as_str);
    crypto::verify(key, text(params, &["sign"]).as_bytes(), sign)
}

/// The signature of a notification; `sign_type` is not part of what is signed.
pub(crate) fn notice(key: &RsaPrivateKey, params: &BTreeMap<String, String>) -> String {
    crypto::sign(key, text(params, &["sign", "sign_type"]).as_bytes())
}

/// The signature over the characters of an answer.
pub(crate) fn answer(key: &RsaPrivateKey, raw: &str) -> String {
    crypto::sign(key, raw.as_bytes())
}
