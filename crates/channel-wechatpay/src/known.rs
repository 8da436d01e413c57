//! Known answers: values that the provider's own documents and SDK tests publish, so that a mistake which this crate
//! and its test peer share would still be seen.

use crate::{
    keys::{KeyRing, certificate_from_pem},
    seal::ApiV3Keys,
    wire::{CertificatesAnswer, Sealed},
};

/// The APIv3 key of wechatpay-java's tests (core/src/test/java/…/model/TestConfig.java).
const JAVA_KEY: &str = "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb";

/// Another of 32 characters.
const OTHER_KEY: &str = "another-key-of-32-characters-123";

/// The certificate that wechatpay-java's tests sign with (core/src/test/resources/merchant_certificate.pem).
const JAVA_CERTIFICATE: &str = include_str!("known/merchant_certificate.pem");

/// wechatpay-java, cipher/AeadAesCipherTest.java.
#[test]
fn what_the_java_sdk_seals_opens_with_the_present_key_or_one_before_protocols_1_4() {
    let sealed = Sealed {
        algorithm: "AEAD_AES_256_GCM".into(),
        nonce: "uluk4a9R25RW".into(),
        associated_data: Some("associatedData".into()),
        ciphertext: "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=".into(),
    };
    let previous = vec![OTHER_KEY.to_owned(), JAVA_KEY.to_owned()];
    for keys in [ApiV3Keys::new(JAVA_KEY, &[]), ApiV3Keys::new(OTHER_KEY, &previous)] {
        assert_eq!(keys.unwrap().open(&sealed).as_deref(), Ok(b"message".as_slice()));
    }
    assert!(ApiV3Keys::new(OTHER_KEY, &[]).unwrap().open(&sealed).is_err());
    let other = Sealed { associated_data: Some("associatedDatA".into()), ..sealed };
    assert!(ApiV3Keys::new(JAVA_KEY, &[]).unwrap().open(&other).is_err());
}

/// wechatpay-java, model/TestConfig.java: DOWNLOAD_CERTIFICATE_RESPONSE.
#[test]
fn a_downloaded_platform_certificate_opens_and_tells_its_serial_and_end_protocols_1_3() {
    let answer: CertificatesAnswer<'_> = serde_json::from_str(include_str!("known/certificates.json")).unwrap();
    let pem = ApiV3Keys::new(JAVA_KEY, &[]).unwrap().open(&answer.data[0].encrypt_certificate).unwrap();
    let (serial, key) = certificate_from_pem(std::str::from_utf8(&pem).unwrap()).unwrap();
    assert_eq!(serial, "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC");
    let known = KeyRing::of([(serial, key)].into()).known();
    // "expire_time": "2028-09-17T23:15:58+08:00"
    assert_eq!(known[0].not_after_ms, Some(1_852_816_558_000));
}

/// wechatpay-java, cipher/RSAVerifierTest.java: `message`, signed with the key of the certificate.
#[test]
fn what_the_java_sdk_signs_verifies_protocols_1_3() {
    let signature = "Rq+5ZpWV6IHTWE1+9gCrYJKguNgbItpMdlIA+PVCPCdUAKNlohZz7CL7Y8xWDIFJjdGnErMj6Z+Q/h9CF5MV+nAVkqDmBR0uP5pp\
                     sUEzco4ijvKHsvI2ro4boSW6vSfQs3W8I4QSI9a0/NFIgvj83Fv27LIYZf7deaFWmEwd1fpAeJRCyoKyBeJPdsjVx0//Lqe6\
                     Wze2zVdliLcBvaHCfpd8+rAVGS+FQDeWgHqJ7n/Zy09LmV1/ghs7pO1mdjdD16SHKlysAD3K5hNGUJX/SHrEXEcu1yO1AOb/\
                     YvOVkjNh8243rcfXNE5L4ph2XS11vS+2aToKYSOcKUagf0LLaw==";
    let signature = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, signature).unwrap();
    let (serial, key) = certificate_from_pem(JAVA_CERTIFICATE).unwrap();
    assert_eq!(serial, "5F1C72E2A8931B72A2E13AF8DEE92471EB397115");
    let ring = KeyRing::of([(serial.clone(), key)].into());
    // The certificate held from 2022-05-10 to 2025-05-09.
    let then_ms = 1_700_000_000_000;
    assert_eq!(ring.fits(&serial, b"message", &signature, then_ms), Some(true));
    assert_eq!(ring.fits(&serial, b"massage", &signature, then_ms), Some(false));
    assert_eq!(ring.fits(&serial, b"message", &signature, 1_790_000_000_000), None, "its certificate has ended");
}
