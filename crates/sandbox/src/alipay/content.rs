//! What stands in `biz_content`, and its yuan strings.

use serde_json::Value;

use super::refusal::Refusal;
use crate::clock::parse_beijing;

/// A trade that nobody gave a time lives so long, ms.
const LIFE_MS: i64 = 15 * 24 * 3_600_000;

/// A text of `content`, empty when it was not given.
pub(crate) fn text<'a>(content: &'a Value, name: &str) -> &'a str {
    content[name].as_str().unwrap_or_default()
}

/// Reads yuan with at most two decimals into fen, exactly: 0.01 to 100 000 000.
pub(crate) fn fen(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 9) || !digits(part, 2) {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    let fen = whole.parse::<i64>().ok()? * 100 + part;
    (1..=10_000_000_000).contains(&fen).then_some(fen)
}

/// An amount that must be there.
///
/// # Errors
/// 40004 `ACQ.INVALID_PARAMETER`.
pub(crate) fn amount(content: &Value, name: &str) -> Result<i64, Refusal> {
    let given = match &content[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(Refusal::parameter(name, "缺失")),
    };
    fen(&given).ok_or_else(|| Refusal::parameter(name, "须为0.01至100000000的元，最多两位小数"))
}

/// What every order call must say: its number, its sum in fen and the last moment to pay, UTC ms.
///
/// # Errors
/// 40004 `ACQ.INVALID_PARAMETER`.
pub(crate) fn order(content: &Value, now_ms: i64) -> Result<(String, i64, i64), Refusal> {
    let number = text(content, "out_trade_no");
    let fits = (1..=64).contains(&number.len());
    if !fits || !number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Refusal::parameter("out_trade_no", "须为1至64个字母、数字或下划线"));
    }
    let subject = text(content, "subject");
    if subject.is_empty() || subject.chars().count() > 256 || subject.contains(['/', '=', '&']) {
        return Err(Refusal::parameter("subject", "须为1至256个字符，不能有/=&"));
    }
    Ok((number.to_owned(), amount(content, "total_amount")?, expires_at_ms(content, now_ms)?))
}

/// `time_expire` wins over `timeout_express` (PROTOCOLS 2.2).
fn expires_at_ms(content: &Value, now_ms: i64) -> Result<i64, Refusal> {
    let absolute = text(content, "time_expire");
    if !absolute.is_empty() {
        let at_ms =
            parse_beijing(absolute).ok_or_else(|| Refusal::parameter("time_expire", "须为 yyyy-MM-dd HH:mm:ss"))?;
        return if at_ms > now_ms {
            Ok(at_ms.min(now_ms + LIFE_MS))
        } else {
            Err(Refusal::parameter("time_expire", "已过"))
        };
    }
    let relative = match text(content, "timeout_express") {
        "" => text(content, "qr_code_timeout_express"),
        given => given,
    };
    if relative.is_empty() {
        return Ok(now_ms + LIFE_MS);
    }
    let unit_ms = match relative.bytes().last() {
        Some(b'm') => 60_000,
        Some(b'h') => 3_600_000,
        Some(b'd') => 86_400_000,
        _ if relative == "1c" => return Ok(now_ms + 86_400_000 - (now_ms + 8 * 3_600_000).rem_euclid(86_400_000)),
        _ => return Err(Refusal::parameter("timeout_express", "须为1m至15d或1c")),
    };
    let count: i64 = relative[..relative.len() - 1].parse().unwrap_or(0);
    let for_ms = count.saturating_mul(unit_ms);
    if (60_000..=LIFE_MS).contains(&for_ms) {
        Ok(now_ms + for_ms)
    } else {
        Err(Refusal::parameter("timeout_express", "须为1m至15d"))
    }
}
