use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use x509_parser::pem::parse_x509_pem;

use crate::SetupError;

/// The algorithm's name in `Authorization` \[D 2\].
pub(crate) const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";

/// The merchant API private key: signs requests and the parameters that a payer's page hands to the wallet.
pub(crate) struct MerchantKey {
    pair: RsaKeyPair,
    /// Blinds the computation against timing; the signature itself is a function of the text alone.
    blinding: SystemRandom,
}

impl fmt::Debug for MerchantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MerchantKey(hidden)")
    }
}

impl MerchantKey {
    pub(crate) fn from_pem(pem: &str) -> Result<Self, SetupError> {
        let wrong = |cure: &str| SetupError::new("merchant_private_key_pem", cure);
        let (_, block) = parse_x509_pem(pem.as_bytes())
            .map_err(|_| wrong("this is not PEM: give the whole of apiclient_key.pem, from -----BEGIN to END-----"))?;
        match block.label.as_str() {
            "PRIVATE KEY" => {}
            "RSA PRIVATE KEY" => {
                return Err(wrong("this is PKCS#1: openssl pkcs8 -topk8 -nocrypt -in apiclient_key.pem"));
            }
            "ENCRYPTED PRIVATE KEY" => return Err(wrong("this has a passphrase: openssl pkcs8 -in apiclient_key.pem")),
            _ => return Err(wrong("this is another kind of PEM: give apiclient_key.pem")),
        }
        let pair = RsaKeyPair::from_pkcs8(&block.contents).map_err(|why| {
            wrong(&format!("this is no RSA key of at least 2048 bits ({why}): give apiclient_key.pem"))
        })?;
        Ok(MerchantKey { pair, blinding: SystemRandom::new() })
    }

    /// RSA PKCS#1 v1.5 over SHA-256, in base64.
    pub(crate) fn sign(&self, text: &[u8]) -> Result<String, String> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &self.blinding, text, &mut signature)
            .map_err(|_| "the request could not be signed".to_owned())?;
        Ok(STANDARD.encode(signature))
    }
}

/// The text that a request is signed over; every line ends, also the last \[D 2, S go\].
pub(crate) fn request_text(method: &str, path_and_query: &str, timestamp_s: i64, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method}\n{path_and_query}\n{timestamp_s}\n{nonce}\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    text
}

/// The text that an answer and a callback are signed over \[D 2,3\]. An answer without a body has an empty line.
pub(crate) fn answer_text(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(timestamp.len() + nonce.len() + body.len() + 3);
    for part in [timestamp.as_bytes(), nonce.as_bytes(), body] {
        text.extend_from_slice(part);
        text.push(b'\n');
    }
    text
}

/// The text that the wallet's parameters are signed over \[D 5,7\].
pub(crate) fn invoke_text(appid: &str, timestamp: &str, nonce: &str, package: &str) -> String {
    format!("{appid}\n{timestamp}\n{nonce}\n{package}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_signed_over_five_lines_protocols_1_2() {
        let text = request_text("GET", "/v3/certificates", 1554208460, "593BEC0C930BF1AFEB40B4A08C8FB242", b"");
        assert_eq!(text, b"GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n");
        let text = request_text("POST", "/v3/a?b=%7C", 1, "n", "{\"名\":1}".as_bytes());
        assert_eq!(text, "POST\n/v3/a?b=%7C\n1\nn\n{\"名\":1}\n".as_bytes());
    }

    #[test]
    fn an_answer_is_signed_over_three_lines_also_when_empty_protocols_1_3() {
        assert_eq!(answer_text("1554209980", "c5ac7061fccab6bf", b"{}"), b"1554209980\nc5ac7061fccab6bf\n{}\n");
        assert_eq!(answer_text("1", "n", b""), b"1\nn\n\n");
    }

    #[test]
    fn the_wallets_parameters_are_signed_over_four_lines_protocols_1_6() {
        let text = invoke_text("wx2421b1c4370ec43b", "1554208460", "593BEC0C", "prepay_id=wx201410272009395522657a69");
        assert_eq!(text, "wx2421b1c4370ec43b\n1554208460\n593BEC0C\nprepay_id=wx201410272009395522657a69\n");
    }
}
