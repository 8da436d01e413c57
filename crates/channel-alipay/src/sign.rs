use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use x509_parser::pem::parse_x509_pem;

use crate::SetupError;

/// The algorithm's name: RSA PKCS#1 v1.5 over SHA-256 \[D 12\].
pub(crate) const SIGN_TYPE: &str = "RSA2";

/// The application's private key.
pub(crate) struct AppKey {
    pair: RsaKeyPair,
    /// Blinds the computation against timing; the signature itself is a function of the text alone.
    blinding: SystemRandom,
}

impl fmt::Debug for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppKey(hidden)")
    }
}

impl AppKey {
    /// Reads PEM, or the bare base64 of Alipay's key tool: PKCS#8 as it writes "for Java", PKCS#1 for all others.
    pub(crate) fn read(text: &str) -> Result<AppKey, SetupError> {
        let wrong = |cure: &str| SetupError::new("app_private_key", cure);
        let der = match parse_x509_pem(text.as_bytes()) {
            Ok((_, block)) if block.label == "ENCRYPTED PRIVATE KEY" => {
                return Err(wrong("this has a passphrase: openssl pkcs8 -in app_private_key.pem"));
            }
            Ok((_, block)) if matches!(block.label.as_str(), "PRIVATE KEY" | "RSA PRIVATE KEY") => block.contents,
            Ok(_) => return Err(wrong("this is another kind of PEM: give the application's private key")),
            Err(_) => bare(text).ok_or_else(|| {
                wrong("this is neither PEM nor base64: give the application's private key (应用私钥)")
            })?,
        };
        let pair = RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)).map_err(|why| {
            wrong(&format!("this is no RSA key of at least 2048 bits ({why}): give the application's private key"))
        })?;
        Ok(AppKey { pair, blinding: SystemRandom::new() })
    }

    /// The signature over a text, in base64.
    pub(crate) fn sign(&self, text: &str) -> Result<String, String> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &self.blinding, text.as_bytes(), &mut signature)
            .map_err(|_| "the request could not be signed".to_owned())?;
        Ok(STANDARD.encode(signature))
    }
}

/// The bytes of a key that came as bare base64, whatever its lines.
pub(crate) fn bare(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_whitespace().collect();
    STANDARD.decode(text).ok().filter(|der| !der.is_empty())
}

/// The text that is signed: `name=value` joined by `&`, sorted by name, values as they are before any encoding, without
/// those that are empty \[D 12, S node\].
pub(crate) fn signed_text<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut parameters: Vec<(&str, &str)> = parameters.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    parameters.sort_unstable();
    joined(&parameters)
}

/// Sorted parameters as one text.
pub(crate) fn joined(parameters: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(parameters.iter().map(|(name, value)| name.len() + value.len() + 2).sum());
    for (name, value) in parameters {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_signed_over_its_sorted_parameters_unencoded_and_sign_type_with_them_protocols_2_1() {
        let text = signed_text([
            ("sign_type", "RSA2"),
            ("charset", "utf-8"),
            ("biz_content", "{\"subject\":\"学费 & 书\"}"),
            ("app_auth_token", ""),
            ("app_id", "2021001161683774"),
        ]);
        let expected = "app_id=2021001161683774&biz_content={\"subject\":\"学费 & 书\"}&charset=utf-8&sign_type=RSA2";
        assert_eq!(text, expected);
    }
}
