//! `GET /v3/certificates`: the valid platform certificates, each sealed with the APIv3 key.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Extract;
use serde_json::{Value, json};

use super::answer::ApiError;
use crate::app::App;
use crate::clock::rfc3339;
use crate::error::Error;
use crate::institution::StoredCertificate;
use crate::{crypto, random};

/// All that are valid: after a rotation the old and the new.
pub(crate) async fn list(Extract(app): Extract<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let listed: Result<Vec<Value>, ApiError> =
        app.institution.certificates().iter().map(|issued| sealed(&app.institution.stored.apiv3_key, issued)).collect();
    Ok(Json(json!({ "data": listed? })))
}

fn sealed(apiv3_key: &str, issued: &StoredCertificate) -> Result<Value, ApiError> {
    let nonce = random::hex(6);
    let ciphertext = crypto::seal(apiv3_key, &nonce, "certificate", issued.certificate.as_bytes())?;
    Ok(json!({
        "serial_no": issued.serial,
        "effective_time": rfc3339(issued.from_ms),
        "expire_time": rfc3339(issued.until_ms),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": ciphertext,
        },
    }))
}

/// A new certificate is issued and signs from now on, as happens once in years.
pub(crate) async fn rotate(Extract(app): Extract<Arc<App>>) -> Result<Json<Value>, Error> {
    let serial = app.institution.rotate(app.now_ms())?;
    Ok(Json(json!({ "serial_no": serial })))
}
