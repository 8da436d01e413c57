//! RSA2 (PROTOCOLS 2.1, 2.3): SHA256withRSA over parameters sorted by name.

use std::collections::BTreeMap;

use rsa::RsaPrivateKey;

use crate::crypto;

/// The text that is signed: all non-empty parameters but those of `without`, `k=v` joined by `&`, values as they are.
fn text(params: &BTreeMap<String, String>, without: &[&str]) -> String {
    let kept = params.iter().filter(|(name, value)| !value.is_empty() && !without.contains(&name.as_str()));
    kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The signature of a notification; `sign_type` is not part of what is signed.
pub(crate) fn notice(key: &RsaPrivateKey, params: &BTreeMap<String, String>) -> String {
    crypto::sign(key, text(params, &["sign", "sign_type"]).as_bytes())
}
