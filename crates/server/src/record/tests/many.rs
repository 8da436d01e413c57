//! With thousands of records over twenty months: what the index answers is what reading everything would.

use db::{Engine, Key, Tx, params};

use super::*;
use crate::{
    ids,
    record::{index, sql, words},
    testing::UNIT,
};

on_both_engines!(
    pages_of_a_search_show_each_record_once_whatever_is_indexed_3_3,
    an_existing_database_is_indexed_batch_by_batch_and_searched_meanwhile_3_3,
    no_search_reads_the_whole_table_3_3,
);

const COUNT: i64 = 6_000;
/// Twenty months, in the ids' own measure.
const STEP: i64 = (600 * 86_400_000 / COUNT) << 22;

/// A record's number: the last was booked half a second before now.
fn id(n: i64) -> i64 {
    ids::floor_of(NOW_MS - 500) - (COUNT - 1 - n) * STEP
}

fn name(n: i64) -> &'static str {
    match n {
        0..40 => "司马光",
        n if n % 499 == 5 => "欧阳璟",
        n if n % 3 == 0 => "李晓明",
        _ => "王小芳",
    }
}

fn mobile(n: i64) -> String {
    format!("138{:08}", n * 7_919 % 100_000_000)
}

fn fen(n: i64) -> i64 {
    100 + n * 37 % 300_000
}

const NUMBERS: &str = "WITH RECURSIVE n (i) AS (SELECT CAST($3 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $4), \
     x (i, id, name, mobile, fen) AS (SELECT i, $5 + i * $6, CASE WHEN i < 40 THEN '司马光' WHEN i % 499 = 5 THEN '欧阳璟' \
     WHEN i % 3 = 0 THEN '李晓明' ELSE '王小芳' END, CAST(13800000000 + i * 7919 % 100000000 AS TEXT), \
     100 + i * 37 % 300000 FROM n) ";
const ORDERS: &str = "INSERT INTO orders (merchant_id, order_id, token, code_id, manager_id, org_unit_id, form_id, form_version, \
     form_values, title, subtitle, amount_fen, status, attempts, paid_attempt, paid_at_ms, created_at_ms, expires_at_ms) ";
const ORDERS_FROM: &str = "SELECT $1, id, 'o' || CAST(id AS TEXT), $7, $2, 11, 31, 1, \
     '[{\"key\":\"payer_name\",\"label\":\"付款人\",\"value\":\"' || name || '\"},{\"key\":\"remark\",\"label\":\"备注\",\"value\":\"' \
     || mobile || '\"}]', name, mobile, fen, 'paid', 1, 1, id / 4194304 + 1735689600000, 0, 0 FROM x";
const PAYMENTS: &str = "INSERT INTO payment (merchant_id, order_id, attempt, out_trade_no, account_id, provider_key, sub_mchid, \
     way, client_ip, description, amount_fen, status, booked, transaction_id, success_at_ms, created_at_ms, expires_at_ms, \
     updated_at_ms) ";
const PAYMENTS_FROM: &str = "SELECT $1, id, 1, 'M1O' || CAST(id AS TEXT) || 'A1', 21, 'demo-sp', '1900000110', 'native', '', '', \
     fen, 'paid', 'order', '4200' || CAST(i * $7 * $2 AS TEXT), id / 4194304 + 1735689600000, 0, 0, 0 FROM x";
const RECORDS: &str = "INSERT INTO record (merchant_id, record_id, manager_id, org_unit_id, order_id, attempt, amount_fen, \
     success_at_ms) ";
const RECORDS_FROM: &str = "SELECT $1, id, $2, $7, id, 1, fen, id / 4194304 + 1735689600000 FROM x";

/// Writes the records `from` to below `to`, not indexed.
async fn seed(node: &TestApp, from: i64, to: i64) {
    assert_eq!(node.number("SELECT COUNT(*) FROM collection_code").await, 1);
    let code = node.number("SELECT code_id FROM collection_code").await;
    for (into, select, seventh) in
        [(ORDERS, ORDERS_FROM, code), (PAYMENTS, PAYMENTS_FROM, 7), (RECORDS, RECORDS_FROM, UNIT)]
    {
        let (sqlite, postgres) = (format!("{into}{NUMBERS}{select}"), format!("{NUMBERS}{into}{select}"));
        let text = if node.app.db.engine() == Engine::Sqlite { sqlite } else { postgres };
        node.execute(text.leak(), vec![MERCHANT, MANAGER, from, to, id(0), STEP, seventh]).await;
    }
}

/// As the migration leaves it.
async fn wait_for_the_index(node: &TestApp) {
    for sql in [
        "INSERT INTO record_indexing (merchant_id, below_manager_id, below_record_id) \
         SELECT merchant_id, MAX(manager_id), 9223372036854775807 FROM record WHERE merchant_id = $1 GROUP BY merchant_id",
        "INSERT INTO job (merchant_id, kind, job_key, slot, payload, due_at_ms, created_at_ms) \
         SELECT merchant_id, 'record.index', 'all', 0, '', 0, 0 FROM record_indexing WHERE merchant_id = $1",
    ] {
        node.execute(sql, vec![MERCHANT]).await;
    }
}

/// Every record that a search shows, page by page; between pages, `meanwhile` happens.
async fn all_of(node: &TestApp, q: &str, mut meanwhile: impl AsyncFnMut()) -> Vec<i64> {
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let (status, page) = get(node, &format!("/api/manager/records?q={q}&cursor={cursor}")).await;
        assert_eq!(status, 200, "{q}");
        let records = page["records"].as_array().unwrap();
        assert!(records.len() <= 15);
        seen.extend(records.iter().map(|r| r["record_id"].as_str().unwrap().parse::<i64>().unwrap()));
        pages += 1;
        assert!(pages < 600, "{q}: it never ends");
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return seen,
        }
        meanwhile().await;
    }
}

/// A query, and whether it means record `n`.
type Meant = (String, Box<dyn Fn(i64) -> bool>);

fn queries(seed: i64) -> Vec<Meant> {
    let tail = mobile(seed * 31 % COUNT)[7..].to_owned();
    let (low, high) = (seed * 17 % 900 + 1, seed * 17 % 900 + 40);
    let encoded = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let has_tail = |n: i64, tail: &str| {
        let id = id(n).to_string();
        mobile(n).contains(tail)
            || id[id.len() - 12..].contains(tail)
            || format!("4200{}", n * 7 * MANAGER).contains(tail)
    };
    vec![
        (encoded("司马"), Box::new(|n| name(n) == "司马光")),
        (encoded("欧阳"), Box::new(|n| name(n) == "欧阳璟")),
        (encoded("璟 晓"), Box::new(|_| false)),
        (encoded("诸葛"), Box::new(|_| false)),
        (encoded(&format!("={}.{:02}", fen(seed) / 100, fen(seed) % 100)), Box::new(move |n| fen(n) == fen(seed))),
        (encoded(&format!("{low}-{high} 晓明")), {
            Box::new(move |n| (low * 100..=high * 100).contains(&fen(n)) && name(n) == "李晓明")
        }),
        (encoded(&tail.clone()), Box::new(move |n| has_tail(n, &tail))),
    ]
}

async fn pages_of_a_search_show_each_record_once_whatever_is_indexed_3_3(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    node.code().await;
    seed(&node, 0, COUNT - 200).await;
    wait_for_the_index(&node).await;
    node.work().await;
    assert_eq!(node.number("SELECT COUNT(*) FROM record_search").await, COUNT - 200);
    for round in [3_i64, 1_237, 4_201] {
        let mut there = node.number("SELECT COUNT(*) FROM record").await;
        for (q, means) in queries(round) {
            let wanted: Vec<i64> = (0..there).rev().filter(|n| means(*n)).map(id).collect();
            let mut more = there;
            let seen = all_of(&node, &q, async || {
                if more < COUNT && more < there + 9 {
                    seed(&node, more, more + 3).await; // arrives while one scrolls, and is not indexed
                    more += 3;
                }
            })
            .await;
            assert_eq!(seen, wanted, "{q}");
            there = more;
        }
    }
    assert!(node.number("SELECT COUNT(*) FROM record").await > node.number("SELECT COUNT(*) FROM record_search").await);
}

async fn an_existing_database_is_indexed_batch_by_batch_and_searched_meanwhile_3_3(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    node.code().await;
    seed(&node, 0, COUNT).await;
    wait_for_the_index(&node).await;
    let wanted: Vec<i64> = (0..40).rev().map(id).collect();
    for batches in [0, 1, 5] {
        for _ in 0..batches {
            assert!(!index::batch(&node.app, MERCHANT).await.unwrap());
        }
        assert_eq!(
            all_of(&node, "%E5%8F%B8%E9%A9%AC", async || {}).await,
            wanted,
            "司马, after {batches} more batches"
        );
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM record_search").await, 1_200);
    node.work().await;
    assert_eq!(node.number("SELECT COUNT(*) FROM record_search").await, COUNT);
    assert_eq!(node.number("SELECT COUNT(*) FROM record_indexing").await, 0);
    assert_eq!(all_of(&node, "%E5%8F%B8%E9%A9%AC", async || {}).await, wanted);
}

/// How the database would run `sql`.
async fn plan(node: &TestApp, sql: &'static str, texts: [&'static str; 8]) -> String {
    let sqlite = node.app.db.engine() == Engine::Sqlite;
    let text: &'static str = format!("EXPLAIN {}{sql}", if sqlite { "QUERY PLAN " } else { "" }).leak();
    let read = async move |tx: &mut Tx<'_>| {
        let [grams, a, b, c, d, e, f, any] = texts;
        let lines = if sqlite {
            let values = params![MERCHANT, grams, i64::MAX, 0, 16, 0, i64::MAX, a, b, c, d, e, f, MANAGER];
            tx.query(text, values).await?
        } else if text.contains("$13") {
            tx.query(text, params![MERCHANT, grams, i64::MAX, 0, 0, i64::MAX, a, b, c, d, e, f, any]).await?
        } else if text.contains("= $2") {
            tx.query(text, params![MERCHANT, MANAGER, i64::MAX, 0, 0, i64::MAX, a, b, c, d, e, f]).await?
        } else {
            tx.query(text, params![MERCHANT, grams, i64::MAX, 0, 0, i64::MAX, a, b, c, d, e, f]).await?
        };
        lines.iter().map(|row| row.get::<String>(if sqlite { 3 } else { 0 })).collect::<Result<Vec<_>, _>>()
    };
    node.app.db.read(read).await.unwrap_or_else(|e: db::Error| panic!("{text}: {e}")).join("\n")
}

async fn no_search_reads_the_whole_table_3_3(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    node.code().await;
    seed(&node, 0, COUNT).await;
    wait_for_the_index(&node).await;
    node.work().await;
    // SQLite is told of every table: knowing how few codes there are, it must not begin with them.
    let sqlite = node.app.db.engine() == Engine::Sqlite;
    let text = if sqlite { "ANALYZE" } else { "ANALYZE record_search" };
    let analyze = async move |tx: &mut Tx<'_>| tx.batch(text).await;
    node.app.db.write(Key::of(0), analyze).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
    let (manager, time) = (words::manager(MERCHANT, MANAGER), words::time(2, id(COUNT / 2)));
    let grams: &'static str = format!("{manager} 53f8g9a6c").leak();
    if sqlite {
        let plan = plan(&node, sql::CANDIDATES_SQLITE, [grams, "司马", "", "", "", "", "", ""]).await;
        assert!(plan.contains("VIRTUAL TABLE INDEX") && plan.contains("SEARCH s USING PRIMARY KEY"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "sorted by the index itself: {plan}");
        let text: &'static str = format!("EXPLAIN QUERY PLAN {}", sql::PAGE).leak();
        let read = async move |tx: &mut Tx<'_>| {
            let lines = tx.query(text, params![MERCHANT, MANAGER, i64::MAX, i64::MAX, 0, 16]).await?;
            lines.iter().map(|row| row.get::<String>(3)).collect::<Result<Vec<_>, db::Error>>()
        };
        let plan = node.app.db.read(read).await.unwrap().join("\n");
        assert!(plan.contains("SEARCH r USING PRIMARY KEY") && !plan.contains("TEMP B-TREE"), "{plan}");
        return;
    }
    let grams: &'static str = format!("{grams} {time}").leak();
    for (sql, index) in [
        (sql::READ_POSTGRES, "Index Scan Backward using record_search_pkey on record_search"),
        (sql::HAVE_ALL_POSTGRES, "Bitmap Index Scan on record_search_words"),
        (sql::HAVE_ALL_AND_ANY_POSTGRES, "Bitmap Index Scan on record_search_words"),
    ] {
        for _ in 0..7 {
            // The sixth time PostgreSQL may take a plan that does not know the values.
            let plan = plan(&node, sql, [grams, "司马", "", "", "", "", "", "v4 v5"]).await;
            assert!(plan.contains(index), "{plan}");
        }
    }
}
