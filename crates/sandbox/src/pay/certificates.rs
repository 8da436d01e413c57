//! `GET /v3/certificates`: the platform certificate, sealed with the APIv3 key.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Extract;
use serde_json::{Value, json};

use super::answer::ApiError;
use crate::app::App;
use crate::clock::rfc3339;
use crate::{crypto, random};

/// The one platform certificate that is valid.
pub(crate) async fn list(Extract(app): Extract<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let stored = &app.institution.stored;
    let nonce = random::hex(6);
    let ciphertext = crypto::seal(&stored.apiv3_key, &nonce, "certificate", stored.platform_certificate.as_bytes())?;
    Ok(Json(json!({ "data": [{
        "serial_no": stored.platform_serial,
        "effective_time": rfc3339(stored.platform_from_ms),
        "expire_time": rfc3339(stored.platform_until_ms),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": ciphertext,
        },
    }] })))
}
