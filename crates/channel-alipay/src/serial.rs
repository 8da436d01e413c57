//! The numbers by which Alipay names certificates \[S node `antcertutil.ts`\]: MD5, in lower-case hexadecimal, of the
//! issuer's name written from its last attribute to its first (`CN=…,OU=…,O=…,C=CN`) and, right after it, the serial
//! number in decimal. Of several roots: those whose own signature is RSA, joined by `_`.

use md5::{Digest, Md5};
use x509_parser::{
    certificate::X509Certificate,
    der_parser::Oid,
    pem::{Pem, parse_x509_pem},
};

/// What an RSA signature's algorithm begins with: `1.2.840.113549.1.1`.
const RSA_SIGNATURE: &str = "1.2.840.113549.1.1.";

/// The number of a certificate.
pub(crate) fn of(certificate: &X509Certificate<'_>) -> String {
    let mut name: Vec<String> = certificate
        .issuer()
        .iter_attributes()
        .map(|attribute| format!("{}={}", short(attribute.attr_type()), attribute.as_str().unwrap_or_default()))
        .collect();
    name.reverse();
    let text = format!("{}{}", name.join(","), certificate.tbs_certificate.serial);
    hex::encode(Md5::digest(text.as_bytes()))
}

/// The number of the first certificate of a file.
pub(crate) fn of_first(pem: &str) -> Result<String, String> {
    let (_, block) = parse_x509_pem(pem.as_bytes()).map_err(|_| "this is not a PEM certificate".to_owned())?;
    block.parse_x509().map(|certificate| of(&certificate)).map_err(|_| "this is not an X.509 certificate".to_owned())
}

/// The number of a file of roots.
pub(crate) fn of_roots(pem: &str) -> Result<String, String> {
    let mut numbers = Vec::new();
    for block in Pem::iter_from_buffer(pem.as_bytes()) {
        let block = block.map_err(|_| "this is not PEM: give the whole of alipayRootCert.crt".to_owned())?;
        let certificate =
            block.parse_x509().map_err(|_| "this is not X.509: give the whole of alipayRootCert.crt".to_owned())?;
        if certificate.signature_algorithm.algorithm.to_id_string().starts_with(RSA_SIGNATURE) {
            numbers.push(of(&certificate));
        }
    }
    if numbers.is_empty() {
        Err("there is no RSA root in it: give alipayRootCert.crt".to_owned())
    } else {
        Ok(numbers.join("_"))
    }
}

/// An attribute's short name (RFC 2253).
fn short(attribute: &Oid<'_>) -> String {
    let dotted = attribute.to_id_string();
    let name = match dotted.as_str() {
        "2.5.4.3" => "CN",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        _ => return dotted,
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Certificates and numbers of the provider's own test: alipay-sdk-nodejs-all `test/antcertutil.test.ts`. The roots are
    /// those that Alipay hands to everybody.
    #[test]
    fn certificates_have_the_numbers_of_the_providers_own_sdk_known_answer() {
        let app = include_str!("../tests/vectors/appCertPublicKey_2021001161683774.crt");
        let alipay = include_str!("../tests/vectors/alipayCertPublicKey_RSA2.crt");
        let roots = include_str!("../tests/vectors/alipayRootCert.crt");
        assert_eq!(of_first(app).as_deref(), Ok("866efef280dec9137a87d047ac446315"));
        assert_eq!(of_first(alipay).as_deref(), Ok("7513daaaa48aa3ba2e4018d84402479c"));
        let both = "687b59193f3f462dd5336e5abf83c5d8_02941eef3187dddf3d3b83462e1dfcf6";
        assert_eq!(of_roots(roots).as_deref(), Ok(both));
        assert!(of_first("no pem").is_err() && of_roots("").is_err());
    }
}
