//! The template that every round gets a copy of: a merchant, and orders of it that wait for their callback.

use db::{Db, Key, Tx, params};
use futures_util::future::try_join_all;
use jobs::NewJob;
use mott::{ids, order, payment::Number};

use crate::{Error, sql};

/// Orders that wait: what one round books, and before it is measured.
pub const ORDERS: i64 = 8_500;
/// What each of them asks for, fen.
pub const AMOUNT_FEN: i64 = 1_250;
/// Orders that one transaction writes here.
const TOGETHER: i64 = 250;

/// The merchant as its database knows it.
#[derive(Clone, Debug)]
pub struct World {
    /// Its id.
    pub merchant_id: i64,
    /// Token of the manager's code.
    pub code_token: String,
    /// The code.
    pub code_id: i64,
    /// The manager.
    pub manager_id: i64,
    /// The org unit.
    pub org_unit_id: i64,
    /// The form.
    pub form_id: i64,
    /// Its version.
    pub form_version: i64,
    /// The account.
    pub account_id: i64,
    /// Its provider.
    pub provider_key: String,
    /// Its number at the institution.
    pub sub_mchid: String,
    /// The first order that waits; the others follow by one.
    pub first_order: i64,
    /// When all this was made, UTC milliseconds.
    pub now_ms: i64,
}

/// Reads the merchant of `place` and writes the orders.
///
/// # Errors
/// The refusals of the database.
pub async fn seed(place: &str, now_ms: i64) -> Result<World, Error> {
    let db = Db::open(place, db::Options::default())?;
    let work = async move |tx: &mut Tx<'_>| tx.execute(sql::NOTHING_DUE, params![now_ms]).await;
    db.write::<_, db::Error, _>(Key::of("seed"), work).await?;
    let world = db.read(async move |tx: &mut Tx<'_>| world(tx, now_ms).await).await?;
    let writes = (0..ORDERS).step_by(TOGETHER as usize).map(|from| {
        let world = world.clone();
        let write = async move |tx: &mut Tx<'_>| orders(tx, &world, from..ORDERS.min(from + TOGETHER)).await;
        db.write::<_, db::Error, _>(Key::of(from), write)
    });
    try_join_all(writes).await?;
    Ok(world)
}

async fn world(tx: &mut Tx<'_>, now_ms: i64) -> Result<World, db::Error> {
    let row = tx.query_one(sql::WORLD, &[]).await?;
    Ok(World {
        merchant_id: row.get(0)?,
        code_token: row.get(1)?,
        code_id: row.get(2)?,
        manager_id: row.get(3)?,
        org_unit_id: row.get(4)?,
        form_id: row.get(5)?,
        form_version: row.get(6)?,
        account_id: row.get(7)?,
        provider_key: row.get(8)?,
        sub_mchid: row.get(9)?,
        // The number of no node: no order that a round places has it.
        first_order: ids::floor_of(now_ms),
        now_ms,
    })
}

impl World {
    /// The number of the `n`-th order's attempt.
    pub fn out_trade_no(&self, n: i64) -> String {
        Number { merchant_id: self.merchant_id, order_id: self.first_order + n, attempt: 1 }.to_string()
    }
}

async fn orders(tx: &mut Tx<'_>, world: &World, which: std::ops::Range<i64>) -> Result<(), db::Error> {
    let World { merchant_id, now_ms, .. } = *world;
    let until_ms = now_ms + 30 * 60_000;
    for n in which {
        let order_id = world.first_order + n;
        let (token, submission, number) = (format!("o{merchant_id}-{order_id}"), n.to_string(), world.out_trade_no(n));
        let order = params![
            merchant_id,
            order_id,
            &token,
            &submission,
            world.code_id,
            world.manager_id,
            world.org_unit_id,
            world.form_id,
            world.form_version,
            VALUES,
            "张三",
            AMOUNT_FEN,
            now_ms,
            until_ms
        ];
        tx.execute(sql::ORDER, order).await?;
        let payment = params![
            merchant_id,
            order_id,
            &number,
            world.account_id,
            &world.provider_key,
            &world.sub_mchid,
            "sp:openid-zhou",
            "云杉教育",
            AMOUNT_FEN,
            CREDENTIAL,
            now_ms,
            until_ms
        ];
        tx.execute(sql::PAYMENT, payment).await?;
        let key = order_id.to_string();
        let expire = NewJob { merchant_id, kind: order::EXPIRE, key: &key, payload: "", due_at_ms: until_ms };
        jobs::enqueue(tx, &expire, now_ms).await?;
        let ask = NewJob { merchant_id, kind: mott::payment::ASK, key: &number, payload: "", due_at_ms: until_ms };
        jobs::enqueue(tx, &ask, now_ms).await?;
    }
    Ok(())
}

/// What a payer filled in, as orders store it.
const VALUES: &str = r#"[{"key":"payer_name","label":"付款人姓名","value":"张三"},{"key":"remark","label":"备注","value":"三年级二班"}]"#;
/// What the wallet was handed, as payments store it: of the size of a signed one.
const CREDENTIAL: &str = concat!(
    r#"{"appId":"wx8888888888888888","timeStamp":"1795399200","nonceStr":"0123456789abcdef0123456789abcdef","#,
    r#""package":"prepay_id=wx201410272009395522657a690389285100","signType":"RSA","paySign":""#,
    "MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDBKVDJb2ZFeMIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoI",
    "MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDBKVDJb2ZFeMIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoI",
    r#"MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDBKVDJb2ZFeMIIEvwIBADANBgkqhkiG9w0BAQEFAAS="}"#
);
