use channel::{Headers, Notice, NoticeError, RefundStatus};

use crate::{
    keys::KeyRing,
    refund::RefundWire,
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
    open(seal, body).map_err(NoticeError::Unreadable)
}

/// What a genuine callback says.
pub(crate) fn open(seal: &ApiV3Keys, body: &[u8]) -> Result<Notice, String> {
    let envelope: Envelope<'_> =
        serde_json::from_slice(body).map_err(|why| format!("the envelope is not as documented: {why}"))?;
    let event = envelope.event_type.as_ref();
    match event {
        "TRANSACTION.SUCCESS" | "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED" => {
            told(event, &seal.open(&envelope.resource)?)
        }
        _ => Ok(Notice::Other(event.to_owned())),
    }
}

/// What the opened resource of an event says.
pub(crate) fn told(event: &str, opened: &[u8]) -> Result<Notice, String> {
    if event == "TRANSACTION.SUCCESS" { payment(opened) } else { refund(event, opened) }
}

fn payment(opened: &[u8]) -> Result<Notice, String> {
    let order: Order<'_> =
        serde_json::from_slice(opened).map_err(|why| format!("the order is not as documented: {why}"))?;
    if order.trade_state != "SUCCESS" {
        return Err(format!("a success with trade_state {}", order.trade_state));
    }
    translate::success(&order).map(Notice::Payment).map_err(str::to_owned)
}

/// The event says what the refund says, or neither is believed.
fn refund(event: &str, opened: &[u8]) -> Result<Notice, String> {
    let refund: RefundWire<'_> =
        serde_json::from_slice(opened).map_err(|why| format!("the refund is not as documented: {why}"))?;
    let fact = refund.fact()?;
    let same = match fact.status {
        RefundStatus::Succeeded => event == "REFUND.SUCCESS",
        RefundStatus::Abnormal => event == "REFUND.ABNORMAL",
        RefundStatus::Closed => event == "REFUND.CLOSED",
        RefundStatus::Processing => false,
    };
    if same { Ok(Notice::Refund(fact)) } else { Err(format!("{event} with a refund that is {:?}", fact.status)) }
}
