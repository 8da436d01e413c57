//! The callback's content: the order or refund object, sealed with the APIv3 key (PROTOCOLS 1.4).

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
    sealed(institution, ("TRANSACTION.SUCCESS", "支付成功", "transaction"), object, at_ms)
}

/// The body of a callback about a refund that has come to its end, whose `status` names the event.
///
/// # Errors
/// When it cannot be sealed.
pub(crate) fn refunded(institution: &Institution, status: &str, object: &Value, at_ms: i64) -> Result<String, Error> {
    let event = match status {
        "ABNORMAL" => ("REFUND.ABNORMAL", "退款异常", "refund"),
        "CLOSED" => ("REFUND.CLOSED", "退款关闭", "refund"),
        _ => ("REFUND.SUCCESS", "退款成功", "refund"),
    };
    sealed(institution, event, object, at_ms)
}

fn sealed(
    institution: &Institution,
    (event_type, summary, original_type): (&str, &str, &str),
    object: &Value,
    at_ms: i64,
) -> Result<String, Error> {
    let nonce = random::alphanumeric(12);
    let ciphertext = crypto::seal(&institution.stored.apiv3_key, &nonce, original_type, object.to_string().as_bytes())?;
    let body = json!({
        "id": random::event_id(),
        "create_time": rfc3339(at_ms),
        "resource_type": "encrypt-resource",
        "event_type": event_type,
        "summary": summary,
        "resource": {
            "original_type": original_type,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": ciphertext,
            "associated_data": original_type,
            "nonce": nonce,
        },
    });
    Ok(body.to_string())
}
