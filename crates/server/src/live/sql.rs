//! SQL of live events.

/// One event.
pub const TELL: &str =
    "INSERT INTO live_event (merchant_id, event_id, manager_id, kind, subject_id) VALUES ($1, $2, $3, $4, $5)";
pub const SINCE: &str = "SELECT event_id, manager_id, kind, subject_id FROM live_event \
     WHERE merchant_id = $1 AND event_id > $2 ORDER BY event_id LIMIT 1000";
/// What one manager missed, a page of it.
pub const MISSED: &str = "SELECT event_id, manager_id, kind, subject_id FROM live_event \
     WHERE merchant_id = $1 AND manager_id = $2 AND event_id > $3 AND kind <> 'session' ORDER BY event_id LIMIT 200";
pub const FORGET: &str = "DELETE FROM live_event WHERE merchant_id = $1 AND event_id < $2";
