//! Fills a database with records by the million: one transaction on SQLite, COPY on PostgreSQL.

use std::{
    io::{BufWriter, Write},
    process::{Command, Stdio},
};

use rusqlite::{Connection, params};

use crate::{
    Error,
    room::{Engine, Room},
    sql,
};

use super::content::{Content, Made};

/// A copy of the template with `content` in it and a session of the manager; where it is.
///
/// # Errors
/// When the database refuses.
pub fn fill(room: &Room, engine: Engine, content: &Content, token_hash: &str) -> Result<String, Error> {
    let place = room.records(engine)?;
    match engine {
        Engine::Sqlite => sqlite(&place, content, token_hash)?,
        Engine::Postgres => postgres(room, content, token_hash)?,
    }
    Ok(place)
}

fn sqlite(place: &str, content: &Content, token_hash: &str) -> Result<(), Error> {
    let mut conn = Connection::open(place)?;
    // Nobody needs what a half-filled database holds.
    conn.execute_batch("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-524288")?;
    let world = &content.world;
    let tx = conn.transaction()?;
    tx.execute(sql::SESSION, params![world.merchant_id, world.manager_id, token_hash, world.now_ms])?;
    for n in 0..content.size {
        let made = content.make(n);
        let Made { record_id, order_id, manager_id, amount_fen, success_at_ms, entry, .. } = &made;
        tx.prepare_cached(sql::PAID_ORDER)?.execute(params![
            world.merchant_id,
            order_id,
            world.code_id,
            manager_id,
            world.org_unit_id,
            world.form_id,
            world.form_version,
            made.values,
            made.title,
            made.subtitle,
            amount_fen,
            success_at_ms
        ])?;
        tx.prepare_cached(sql::PAID_PAYMENT)?.execute(params![
            world.merchant_id,
            order_id,
            made.out_trade_no,
            world.account_id,
            world.provider_key,
            world.sub_mchid,
            amount_fen,
            made.transaction_id,
            success_at_ms
        ])?;
        tx.prepare_cached(sql::RECORD)?.execute(params![
            world.merchant_id,
            record_id,
            manager_id,
            world.org_unit_id,
            order_id,
            amount_fen,
            success_at_ms
        ])?;
        tx.prepare_cached(sql::SEARCH_TEXT)?.execute(params![
            world.merchant_id,
            record_id,
            manager_id,
            amount_fen,
            entry.text
        ])?;
        tx.prepare_cached(sql::SEARCH_GRAMS)?.execute(params![record_id, entry.grams(db::Engine::Sqlite)])?;
    }
    tx.commit()?;
    conn.execute_batch("PRAGMA journal_mode=WAL; ANALYZE")?;
    Ok(())
}

type Columns = fn(&Content, &Made) -> Vec<String>;

const TABLES: [(&str, Columns); 4] = [
    (sql::COPY_ORDERS, |content, made| {
        let world = &content.world;
        let own = [world.code_id, made.manager_id, world.org_unit_id, world.form_id, world.form_version];
        let mut row = vec![world.merchant_id.to_string(), made.order_id.to_string(), format!("o{}", made.order_id)];
        row.extend(own.map(|id| id.to_string()));
        row.extend([made.values.clone(), made.title.clone(), made.subtitle.clone(), made.amount_fen.to_string()]);
        let at = made.success_at_ms.to_string();
        row.extend(["paid".into(), "1".into(), "1".into(), at.clone(), at.clone(), at]);
        row
    }),
    (sql::COPY_PAYMENTS, |content, made| {
        let world = &content.world;
        let at = made.success_at_ms.to_string();
        let mut row = vec![world.merchant_id.to_string(), made.order_id.to_string(), "1".into()];
        row.extend([made.out_trade_no.clone(), world.account_id.to_string(), world.provider_key.clone()]);
        row.extend([world.sub_mchid.clone(), "jsapi".into(), "203.0.113.9".into(), "云杉教育".into()]);
        row.extend([made.amount_fen.to_string(), "paid".into(), "order".into(), made.transaction_id.clone()]);
        row.extend([at.clone(), at.clone(), at.clone(), at]);
        row
    }),
    (sql::COPY_RECORDS, |content, made| {
        let world = &content.world;
        let own = [world.merchant_id, made.record_id, made.manager_id, world.org_unit_id, made.order_id, 1];
        let own = own.into_iter().chain([made.amount_fen, made.success_at_ms]);
        own.map(|number| number.to_string()).collect()
    }),
    (sql::COPY_SEARCH, |content, made| {
        let own = [content.world.merchant_id, made.record_id, made.manager_id, made.amount_fen];
        let mut row: Vec<String> = own.map(|number| number.to_string()).into();
        row.extend([made.entry.text.clone(), made.entry.grams(db::Engine::Postgres)]);
        row
    }),
];

fn postgres(room: &Room, content: &Content, token_hash: &str) -> Result<(), Error> {
    let (cluster, world) = room.postgres()?;
    let database = Room::RECORDS;
    // An index that is made at the end is made at once; as the migration says it.
    let index = cluster.say(database, sql::GRAMS_INDEX)?;
    cluster.say(database, "DROP INDEX record_search_words")?;
    for (copy, columns) in TABLES {
        let mut psql = Command::new(&cluster.psql)
            .args(["-qAt", "-v", "ON_ERROR_STOP=1", "-c", copy, &cluster.url(database)])
            .stdin(Stdio::piped())
            .spawn()?;
        let into = psql.stdin.take().ok_or_else(|| Error::new("psql takes nothing"))?;
        let mut into = BufWriter::with_capacity(1 << 20, into);
        for n in 0..content.size {
            let row: Vec<String> = columns(content, &content.make(n)).iter().map(|value| escaped(value)).collect();
            writeln!(into, "{}", row.join("\t"))?;
        }
        into.flush()?;
        drop(into);
        if !psql.wait()?.success() {
            return Err(Error::new(format!("psql refused: {copy}")));
        }
    }
    let session = format!(
        "PREPARE s (BIGINT, BIGINT, TEXT, BIGINT) AS {}; EXECUTE s ({}, {}, '{token_hash}', {})",
        sql::SESSION,
        world.merchant_id,
        world.manager_id,
        world.now_ms
    );
    cluster.say(database, &session)?;
    cluster.say(database, &format!("SET maintenance_work_mem='512MB'; {index}"))?;
    cluster.say(database, "VACUUM ANALYZE")?;
    cluster.say(database, "CHECKPOINT").map(drop)
}

/// As COPY reads it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
}
