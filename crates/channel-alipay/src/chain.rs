//! Whether a certificate that nobody configured is Alipay's: its chain ends at a configured root, and it bears the names of
//! the certificate that it follows. The chain alone would not do: Alipay's authority also certifies every application.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use x509_parser::{certificate::X509Certificate, pem::Pem, prelude::FromDer};

use crate::{
    keys::{Key, key_of},
    serial,
};

/// `sha256WithRSAEncryption`
const SHA256_WITH_RSA: &str = "1.2.840.113549.1.1.11";

/// The longest chain that is followed.
const MAX_LINKS: usize = 6;

/// What a new certificate must hang on.
pub(crate) struct Anchor {
    /// The configured roots, DER.
    roots: Vec<Vec<u8>>,
    /// Subject and issuer of each configured certificate of Alipay, DER.
    names: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Anchor {
    /// From what the settings bring.
    pub(crate) fn new(roots_pem: &str, alipay_pems: &[String]) -> Result<Anchor, String> {
        let mut names = Vec::new();
        for der in alipay_pems.iter().map(|pem| blocks(pem)).collect::<Result<Vec<_>, _>>()? {
            let first = der.first().ok_or("there is no certificate in it")?;
            let certificate = parsed(first)?;
            names.push((certificate.subject().as_raw().to_vec(), certificate.issuer().as_raw().to_vec()));
        }
        Ok(Anchor { roots: blocks(roots_pem)?, names })
    }

    /// The key of the certificate with that number, the first of `chain_pem`, if it is Alipay's.
    pub(crate) fn vouched(&self, chain_pem: &str, number: &str, now_ms: i64) -> Result<Key, String> {
        let chain = blocks(chain_pem)?;
        let leaf = parsed(chain.first().ok_or("no certificate came")?)?;
        if serial::of(&leaf) != number {
            return Err("another certificate came".to_owned());
        }
        let bears = |(subject, issuer): &(Vec<u8>, Vec<u8>)| {
            leaf.subject().as_raw() == subject.as_slice() && leaf.issuer().as_raw() == issuer.as_slice()
        };
        if !self.names.iter().any(bears) {
            return Err("it does not bear Alipay's name".to_owned());
        }
        self.hangs(&leaf, chain.get(1..).unwrap_or_default(), now_ms)?;
        key_of(&leaf)
    }

    fn hangs(&self, leaf: &X509Certificate<'_>, between: &[Vec<u8>], now_ms: i64) -> Result<(), String> {
        let mut current = leaf.clone();
        for _ in 0..MAX_LINKS {
            holds(&current, now_ms)?;
            if let Some(root) = issuer(&current, &self.roots) {
                return holds(&root, now_ms);
            }
            current = issuer(&current, between).ok_or("its chain does not end at a configured root")?;
        }
        Err("its chain is too long".to_owned())
    }
}

/// The one of `candidates` that issued a certificate: by name, by right and by signature.
fn issuer<'a>(certificate: &X509Certificate<'_>, candidates: &'a [Vec<u8>]) -> Option<X509Certificate<'a>> {
    candidates.iter().filter_map(|der| parsed(der).ok()).find(|candidate| {
        candidate.subject().as_raw() == certificate.issuer().as_raw()
            && candidate.is_ca()
            && certificate.signature_algorithm.algorithm.to_id_string() == SHA256_WITH_RSA
            && UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &candidate.public_key().subject_public_key.data)
                .verify(certificate.tbs_certificate.as_ref(), &certificate.signature_value.data)
                .is_ok()
    })
}

fn holds(certificate: &X509Certificate<'_>, now_ms: i64) -> Result<(), String> {
    let (now_s, validity) = (now_ms.div_euclid(1000), certificate.validity());
    if (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now_s) {
        Ok(())
    } else {
        Err("a certificate of its chain does not hold now".to_owned())
    }
}

fn blocks(pem: &str) -> Result<Vec<Vec<u8>>, String> {
    let block = |block: Result<Pem, _>| block.map(|block| block.contents).map_err(|_| "this is not PEM".to_owned());
    Pem::iter_from_buffer(pem.as_bytes()).map(block).collect()
}

fn parsed(der: &[u8]) -> Result<X509Certificate<'_>, String> {
    X509Certificate::from_der(der).map(|(_, certificate)| certificate).map_err(|_| "this is not X.509".to_owned())
}
