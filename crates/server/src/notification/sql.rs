//! SQL of mails and short messages.

pub const QUEUE: &str = "INSERT INTO mail (merchant_id, mail_id, manager_id, to_address, state, sealed, created_at_ms, \
     updated_at_ms) VALUES ($1, $2, $3, $4, 'queued', $5, $6, $6)";
/// A first password that no server has taken yet.
pub const WAITING: &str = "SELECT sealed FROM mail WHERE merchant_id = $1 AND manager_id = $2 AND sealed IS NOT NULL \
     ORDER BY mail_id DESC LIMIT 1";
/// Wipes every waiting password of a manager, and keeps what is queued from being sent.
pub const WITHDRAW: &str = "UPDATE mail SET sealed = NULL, \
     reason = CASE WHEN state = 'queued' THEN $4 ELSE reason END, state = 'refused', updated_at_ms = $3 \
     WHERE merchant_id = $1 AND manager_id = $2 AND (sealed IS NOT NULL OR state = 'queued')";
pub const LOAD: &str = "SELECT l.state, l.to_address, l.sealed, l.created_at_ms, m.name, m.mobile, c.full_name \
     FROM mail l JOIN manager m ON m.merchant_id = l.merchant_id AND m.manager_id = l.manager_id \
     JOIN merchant c ON c.merchant_id = l.merchant_id WHERE l.merchant_id = $1 AND l.mail_id = $2";
pub const ACCEPTED: &str = "UPDATE mail SET state = 'accepted', reason = NULL, sealed = NULL, updated_at_ms = $3 \
     WHERE merchant_id = $1 AND mail_id = $2 AND state = 'queued'";
pub const REFUSED: &str = "UPDATE mail SET state = 'refused', reason = $4, updated_at_ms = $3 \
     WHERE merchant_id = $1 AND mail_id = $2 AND state = 'queued'";
pub const TRIED: &str = "UPDATE mail SET reason = $3 WHERE merchant_id = $1 AND mail_id = $2 AND state = 'queued'";
/// Passwords that wait, of the whole installation.
pub const SEALED: &str = "SELECT merchant_id, mail_id, sealed FROM mail WHERE sealed IS NOT NULL";
pub const RESEAL: &str = "UPDATE mail SET sealed = $3 WHERE merchant_id = $1 AND mail_id = $2 AND sealed = $4";

pub const QUEUE_SMS: &str = "INSERT INTO sms (merchant_id, sms_id, manager_id, purpose, mobile, state, sealed, \
     expires_at_ms, created_at_ms, updated_at_ms) VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, $8)";
pub const LOAD_SMS: &str = "SELECT mobile, sealed, expires_at_ms FROM sms \
     WHERE merchant_id = $1 AND sms_id = $2 AND state = 'queued'";
pub const SMS_STATE: &str = "SELECT state FROM sms WHERE merchant_id = $1 AND sms_id = $2";
pub const SMS_SENT: &str = "UPDATE sms SET state = 'sent', provider_id = $4, sealed = NULL, updated_at_ms = $3 \
     WHERE merchant_id = $1 AND sms_id = $2 AND state = 'queued'";
pub const SMS_REFUSED: &str = "UPDATE sms SET state = 'refused', reason = $4, sealed = NULL, updated_at_ms = $3 \
     WHERE merchant_id = $1 AND sms_id = $2 AND state = 'queued'";
pub const SMS_GIVEN_UP: &str = "UPDATE sms SET state = 'given_up', reason = $4, sealed = NULL, updated_at_ms = $3 \
     WHERE merchant_id = $1 AND sms_id = $2 AND state = 'queued'";
pub const FORGET_SMS: &str = "DELETE FROM sms WHERE created_at_ms < $1";
/// Messages that wait, of the whole installation.
pub const SEALED_SMS: &str = "SELECT merchant_id, sms_id, sealed FROM sms WHERE sealed IS NOT NULL";
pub const RESEAL_SMS: &str = "UPDATE sms SET sealed = $3 WHERE merchant_id = $1 AND sms_id = $2 AND sealed = $4";
