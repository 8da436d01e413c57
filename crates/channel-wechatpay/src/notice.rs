use channel::{Headers, Notice, NoticeError};

use crate::{
    keys::KeyRing,
    seal::ApiV3Keys,
    translate,
    verify::Proof,
    wire::{Envelope, Order},
};

/// Verifies, opens and reads a callback, in that order (PRODUCT 6.3, PROTOCOLS 1.3 and 1.4). A forgery costs one hash
/// and one RSA operation; what was never signed is not parsed at all.
pub(crate) fn read(
    keys: &KeyRing,
    seal: &ApiV3Keys,
    headers: &Headers,
    body: &[u8],
    now_ms: i64,
) -> Result<Notice, NoticeError> {
    Proof::from(|name| headers.get(name))?.check(keys, body, now_ms)?;
    let unreadable = |why: String| NoticeError::Unreadable(why);
    let envelope: Envelope<'_> =
        serde_json::from_slice(body).map_err(|why| unreadable(format!("the envelope is not as documented: {why}")))?;
    if envelope.event_type != "TRANSACTION.SUCCESS" {
        return Ok(Notice::Other(envelope.event_type.into_owned()));
    }
    let opened = seal.open(&envelope.resource).map_err(|why| unreadable(why.to_owned()))?;
    let order: Order<'_> =
        serde_json::from_slice(&opened).map_err(|why| unreadable(format!("the order is not as documented: {why}")))?;
    if order.trade_state != "SUCCESS" {
        return Err(unreadable(format!("a success with trade_state {}", order.trade_state)));
    }
    translate::success(&order).map(Notice::Payment).map_err(|why| unreadable(why.to_owned()))
}
