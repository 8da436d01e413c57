//! What was refused stays with its order.

use db::{Error as DbError, Tx, params};

use super::{Kind, sql};
use crate::merchant::ChannelKind;

/// So many of one order are kept.
const MOST_PER_ORDER: i64 = 20;
/// So much of the other side's words.
const MOST_CHARS: usize = 200;

/// A refusal as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Of which attempt; 0 where none lived.
    pub attempt: i64,
    /// Whose.
    pub channel: ChannelKind,
    /// What it was.
    pub kind: Kind,
    /// The other side's own code and words.
    pub said: String,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

impl Kept {
    /// What is kept of `code` and `message` as the other side said them.
    pub fn of(channel: ChannelKind, attempt: i64, code: &str, message: &str, at_ms: i64) -> Kept {
        let said = if message == code { code.to_owned() } else { format!("{code} {message}") };
        let said = said.trim().chars().filter(|c| !c.is_control()).take(MOST_CHARS).collect();
        Kept { attempt, channel, kind: Kind::of(channel, code, message), said, at_ms }
    }
}

/// Keeps one, within bounds.
///
/// # Errors
/// The refusals of the database.
pub async fn keep(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    order_id: i64,
    refusal_id: i64,
    kept: &Kept,
) -> Result<bool, DbError> {
    let values = params![
        merchant_id,
        order_id,
        refusal_id,
        kept.attempt,
        kept.channel.word(),
        kept.kind.words().code,
        &kept.said,
        kept.at_ms,
        MOST_PER_ORDER
    ];
    Ok(tx.execute(sql::KEEP, values).await? == 1)
}

/// What was refused of an order, first to last.
///
/// # Errors
/// The refusals of the database.
pub async fn of_order(tx: &mut Tx<'_>, merchant_id: i64, order_id: i64) -> Result<Vec<Kept>, DbError> {
    let rows = tx.query(sql::OF_ORDER, params![merchant_id, order_id]).await?;
    rows.iter()
        .map(|row| {
            let (channel, code): (String, String) = (row.get(1)?, row.get(2)?);
            Ok(Kept {
                attempt: row.get(0)?,
                channel: ChannelKind::of_word(&channel).unwrap_or(ChannelKind::Wechatpay),
                kind: Kind::of_code(&code),
                said: row.get(3)?,
                at_ms: row.get(4)?,
            })
        })
        .collect()
}
