//! The callback's content: the order object, sealed with the APIv3 key (PROTOCOLS 1.4).

use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::error::Error;
use crate::institution::Institution;
use crate::{crypto, random};

/// The body of a `TRANSACTION.SUCCESS` callback about `object`.
///
/// # Errors
/// When it cannot be sealed.
pub(crate) fn paid(institution: &Institution, object: &Value, at_ms: i64) -> Result<String, Error> {
    let nonce = random::alphanumeric(12);
    let ciphertext = crypto::seal(&institution.stored.apiv3_key, &nonce, "transaction", object.to_string().as_bytes())?;
    let body = json!({
        "id": random::event_id(),
        "create_time": rfc3339(at_ms),
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": ciphertext,
            "associated_data": "transaction",
            "nonce": nonce,
        },
    });
    Ok(body.to_string())
}
