//! Mobile numbers: how they are read, shown, and kept unique among active managers.

use db::{Key, Tx, params};

use super::{Error, sql};
use crate::session::directory::{self, Kind, Person};

/// The 11 digits of a mobile number as typed, or nothing. Spaces, hyphens, full-width digits and +86 are understood.
pub fn mobile(typed: &str) -> Option<String> {
    let half = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        _ => c,
    };
    if typed.len() > 64 {
        return None;
    }
    let plain: String = typed.chars().map(half).filter(|c| !c.is_whitespace() && *c != '-').collect();
    let digits = plain.strip_prefix("+86").unwrap_or(&plain);
    let sound = digits.len() == 11 && digits.starts_with('1') && digits.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| digits.to_owned())
}

/// `138****2176`.
pub fn masked(mobile: &str) -> String {
    match (mobile.get(..3), mobile.get(7..)) {
        (Some(head), Some(tail)) => format!("{head}****{tail}"),
        _ => "****".into(),
    }
}

/// What whoever claims a mobile locks: two claims never share a transaction, where the second would still see the
/// first's manager as it was before.
pub(super) fn key(mobile: &str) -> Key {
    Key::of(("mobile", mobile))
}

/// Makes the mobile mean this manager: a disabled manager gives it up, an active one does not.
pub(super) async fn claim(tx: &mut Tx<'_>, mobile: &str, me: Person) -> Result<(), Error> {
    let Some(holder) = directory::claim(tx, Kind::ManagerMobile, mobile, me).await? else { return Ok(()) };
    let row = tx.query_one(sql::STATE, params![holder.merchant_id, holder.person_id]).await?;
    if row.get::<String>(0)? == "active" {
        return Err(Error::MobileTaken);
    }
    Ok(directory::take_over(tx, Kind::ManagerMobile, mobile, me).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_is_read_as_people_type_it() {
        for typed in ["13800002176", " 138 0000 2176 ", "138-0000-2176", "+8613800002176", "１３８００００２１７６"]
        {
            assert_eq!(mobile(typed).as_deref(), Some("13800002176"), "{typed}");
        }
        for typed in ["", "1380000217", "138000021760", "23800002176", "1380000217x", &"1".repeat(1000)] {
            assert_eq!(mobile(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_mobile_is_shown_masked() {
        assert_eq!(masked("13800002176"), "138****2176");
        assert_eq!(masked("短"), "****");
    }
}
