//! The rows that a run begins with: merchants, their people, logged in. Registration, login and setting up are tested
//! elsewhere, and hashing passwords would cost more than the run.

use db::{Db, Error, Key, Tx, params};
use mott::vault::token_hash;

use crate::sim::START_MS;

/// A manager of the run.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Whose.
    pub merchant_id: i64,
    /// Who.
    pub manager_id: i64,
    /// The bearer token.
    pub token: String,
}

/// An admin of the run.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Whose.
    pub merchant_id: i64,
    /// Who.
    pub admin_id: i64,
    /// The cookie's value.
    pub token: String,
    /// The token that a change carries.
    pub csrf: String,
}

/// Merchants of a run.
pub const MERCHANTS: i64 = 2;
const MANAGERS: i64 = 2;
const DESKS: i64 = 2;
const FOR_EVER_MS: i64 = 4_000_000_000_000;

const MERCHANT: &str = "INSERT INTO merchant (merchant_id, merchant_key, full_name, short_name, plaque_name, default_form_id, \
     refund_limit_fen, created_at_ms, updated_at_ms) \
     VALUES ($1, $2, '云杉教育科技有限公司', '云杉教育', '云杉', 31, 200000, 0, 0)";
const ACCOUNT: &str = "INSERT INTO channel_account (merchant_id, account_id, account_key, channel, provider_key, sub_mchid, \
     ways, created_at_ms, updated_at_ms) VALUES ($1, $2, $3, $4, $3, $5, 'jsapi,h5,native', 0, 0)";
const UNIT: &str = "INSERT INTO org_unit (merchant_id, org_unit_id, org_unit_key, name, created_at_ms, \
     updated_at_ms) VALUES ($1, 11, 'root', '云杉教育', 0, 0)";
const UNIT_CHANNEL: &str =
    "INSERT INTO unit_channel (merchant_id, org_unit_id, channel, account_id) VALUES ($1, 11, $2, $3)";
const FORM: &str = "INSERT INTO form (merchant_id, form_id, form_key, name, version, updated_by, created_at_ms, updated_at_ms) \
     VALUES ($1, 31, 'default', '默认', 1, '', 0, 0)";
const FORM_VERSION: &str =
    "INSERT INTO form_version (merchant_id, form_id, version, definition, created_at_ms) VALUES ($1, 31, 1, $2, 0)";
const MANAGER: &str = "INSERT INTO manager (merchant_id, manager_id, org_unit_id, name, mobile, email, password_hash, state, \
     created_at_ms, updated_at_ms) VALUES ($1, $2, 11, '张伟', $3, 'zhang@example.test', '', 'active', 0, 0)";
const MANAGER_SESSION: &str = "INSERT INTO manager_session (merchant_id, session_id, manager_id, token_hash, identity, device, \
     network, state, created_at_ms, expires_at_ms) VALUES ($1, $2, $2, $3, 'x', 'phone', '127.0.*.*', 'active', $4, $5)";
const ADMIN: &str = "INSERT INTO admin (merchant_id, admin_id, login, name, email, password_hash, role, org_unit_id, state, \
     created_at_ms, updated_at_ms) VALUES ($1, $2, $3, '李静', 'li@example.test', '', $4, 11, 'active', 0, 0)";
const ADMIN_SESSION: &str = "INSERT INTO admin_session (merchant_id, session_id, admin_id, token_hash, csrf_token, device, \
     network, created_at_ms, expires_at_ms) VALUES ($1, $2, $2, $3, 'csrf', 'desk', '127.0.*.*', $4, $5)";

/// A token of 43 characters after its prefix.
fn token(prefix: char, merchant_id: i64, person_id: i64) -> String {
    format!("{prefix}{merchant_id}.{person_id:0>43}")
}

/// The managers.
pub fn seats() -> Vec<Seat> {
    let of = |merchant_id| {
        (0..MANAGERS).map(move |n| {
            let manager_id = 41 + n;
            Seat { merchant_id, manager_id, token: token('m', merchant_id, manager_id) }
        })
    };
    (1..=MERCHANTS).flat_map(of).collect()
}

/// The admins, two of each merchant, so that one may approve what the other asked for.
pub fn desks() -> Vec<Desk> {
    let of = |merchant_id| {
        (0..DESKS).map(move |n| {
            let admin_id = 61 + n;
            Desk { merchant_id, admin_id, token: token('a', merchant_id, admin_id), csrf: "csrf".into() }
        })
    };
    (1..=MERCHANTS).flat_map(of).collect()
}

/// Writes the rows.
///
/// # Errors
/// The refusals of the database.
pub async fn sow(db: &Db) -> Result<(), Error> {
    let definition = serde_json::to_string(&mott::form::default_definition()).unwrap_or_default();
    let work = async move |tx: &mut Tx<'_>| {
        for merchant_id in 1..=MERCHANTS {
            tx.execute(MERCHANT, params![merchant_id, &format!("merchant{merchant_id}")]).await?;
            tx.execute(UNIT, params![merchant_id]).await?;
            for (account_id, key, channel) in [(21_i64, "wx", "wechatpay"), (22, "ali", "alipay")] {
                let sub_mchid = format!("{}{merchant_id:02}", 19_000_000 + account_id);
                tx.execute(ACCOUNT, params![merchant_id, account_id, key, channel, &sub_mchid]).await?;
                tx.execute(UNIT_CHANNEL, params![merchant_id, channel, account_id]).await?;
            }
            tx.execute(FORM, params![merchant_id]).await?;
            tx.execute(FORM_VERSION, params![merchant_id, &definition]).await?;
        }
        for seat in seats() {
            let mobile = format!("1380000{:02}{:02}", seat.merchant_id, seat.manager_id);
            tx.execute(MANAGER, params![seat.merchant_id, seat.manager_id, &mobile]).await?;
            let hash = token_hash(&seat.token);
            let session = params![seat.merchant_id, seat.manager_id, &hash, START_MS, FOR_EVER_MS];
            tx.execute(MANAGER_SESSION, session).await?;
        }
        for desk in desks() {
            let login = format!("admin{}-{}", desk.merchant_id, desk.admin_id);
            let role = if desk.admin_id == 61 { "admin" } else { "finance" };
            tx.execute(ADMIN, params![desk.merchant_id, desk.admin_id, &login, role]).await?;
            let hash = token_hash(&desk.token);
            tx.execute(ADMIN_SESSION, params![desk.merchant_id, desk.admin_id, &hash, START_MS, FOR_EVER_MS]).await?;
        }
        Ok(())
    };
    db.write(Key::of("seed"), work).await
}
