//! A step is run over a database with data, on both engines: nothing of it may be lost or changed.

use db::{Key, Tx, migrate, on_both_engines, params, testing::TestDb};

use super::STEPS;

on_both_engines!(refunds_come_to_a_database_with_money_in_it, search_comes_to_a_database_with_records_in_it);

/// What 0002 can hold: orders of every status, their payments, news, items before a person, events.
const BEFORE: &str = "INSERT INTO merchant (merchant_id, merchant_key, full_name, short_name, plaque_name, created_at_ms, \
     updated_at_ms) VALUES (1, 'yunshan', '云杉', '云杉', '云杉', 0, 0); \
     INSERT INTO orders (merchant_id, order_id, token, submission, code_id, manager_id, org_unit_id, account_id, form_id, \
     form_version, form_values, title, subtitle, amount_fen, status, attempts, live_attempt, paid_attempt, paid_at_ms, \
     created_at_ms, expires_at_ms, closed_at_ms) VALUES \
     (1, 1, 'o1', 's1', 2, 3, 4, 5, 6, 7, '[]', '张', '三', 1250, 'paid', 2, NULL, 2, 99, 8, 9, NULL), \
     (1, 2, 'o2', NULL, 2, 3, 4, 5, 6, 7, '[]', '', '', 1, 'closed', 0, NULL, NULL, NULL, 8, 9, 10), \
     (1, 3, 'o3', 's3', 2, 3, 4, 5, 6, 7, '[]', '', '', 2, 'pending', 1, 1, NULL, NULL, 8, 9, NULL), \
     (2, 1, 'o4', 's1', 2, 3, 4, 5, 6, 7, '[]', '', '', 3, 'created', 0, NULL, NULL, NULL, 8, 9, NULL); \
     INSERT INTO payment (merchant_id, order_id, attempt, out_trade_no, account_id, provider_key, sub_mchid, way, client_ip, \
     description, amount_fen, status, booked, transaction_id, success_at_ms, created_at_ms, expires_at_ms, updated_at_ms) \
     VALUES (1, 1, 2, 'M1O1A2', 5, 'sp', 'sub', 'native', '', '', 1250, 'paid', 'order', '42', 99, 8, 9, 10); \
     INSERT INTO inbox (merchant_id, inbox_id, kind, item_key, order_id, attempt, amount_fen, detail, state, created_at_ms) \
     VALUES (1, 1, 'late', 'late:42:', 2, 1, 1, 'x', 'open', 5), (1, 2, 'misfit', 'misfit:43:', 2, 1, 1, 'y', 'closed', 6); \
     INSERT INTO live_event (merchant_id, event_id, manager_id, kind, subject_id) VALUES (1, 1, 3, 'payment', 7), \
     (1, 2, 3, 'session', 8)";
const CALLBACK: &str = "INSERT INTO callback (merchant_id, callback_id, provider_key, out_trade_no, headers, body, \
     received_at_ms) VALUES (1, 1, 'sp', 'M1O1A2', '', $1, 9)";
const ORDERS: &str = "SELECT CAST(merchant_id AS TEXT) || ' ' || CAST(order_id AS TEXT) || token || COALESCE(submission, '-') \
     || CAST(code_id + manager_id + org_unit_id + account_id + form_id + form_version AS TEXT) || form_values || title || subtitle \
     || CAST(amount_fen AS TEXT) || status || CAST(attempts AS TEXT) || COALESCE(CAST(live_attempt AS TEXT), '-') \
     || COALESCE(CAST(paid_attempt AS TEXT), '-') || COALESCE(CAST(paid_at_ms AS TEXT), '-') || CAST(created_at_ms AS TEXT) \
     || CAST(expires_at_ms AS TEXT) || COALESCE(CAST(closed_at_ms AS TEXT), '-') FROM orders ORDER BY merchant_id, order_id";
const OTHERS: &str = "SELECT kind || item_key || detail || state || CAST(created_at_ms AS TEXT) AS line FROM inbox \
     UNION ALL SELECT kind || CAST(event_id + manager_id + subject_id AS TEXT) FROM live_event \
     UNION ALL SELECT out_trade_no || status || CAST(amount_fen AS TEXT) FROM payment \
     UNION ALL SELECT out_trade_no || CAST(received_at_ms AS TEXT) FROM callback ORDER BY line";

async fn script(test: &TestDb, sql: &'static str) -> Result<(), db::Error> {
    test.db.write(Key::of(0), async move |tx: &mut Tx<'_>| tx.batch(sql).await).await
}

async fn texts(test: &TestDb, sql: &'static str) -> Vec<String> {
    let read = async move |tx: &mut Tx<'_>| tx.query(sql, &[]).await?.iter().map(|row| row.get(0)).collect();
    test.db.read(read).await.unwrap_or_else(|e: db::Error| panic!("{sql}: {e}"))
}

async fn refunds_come_to_a_database_with_money_in_it(test: TestDb) {
    migrate(&test.db, &STEPS[..2]).await.unwrap();
    script(&test, BEFORE).await.unwrap();
    let callback = async |tx: &mut Tx<'_>| tx.execute(CALLBACK, params![b"{}".as_slice()]).await;
    test.db.write(Key::of(0), callback).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
    let before = (texts(&test, ORDERS).await, texts(&test, OTHERS).await);
    assert_eq!((before.0.len(), before.1.len()), (4, 6));
    assert!(script(&test, "UPDATE orders SET status = 'refunded' WHERE order_id = 1").await.is_err());
    assert_eq!(migrate(&test.db, &STEPS[..3]).await.unwrap(), ["0003_refund"]);
    assert_eq!((texts(&test, ORDERS).await, texts(&test, OTHERS).await), before, "every row as it was");
    assert_eq!(
        texts(&test, "SELECT state || COALESCE(closed_how, '-') FROM inbox ORDER BY inbox_id").await,
        ["open-", "closedexplained"]
    );
    for (sql, fits) in [
        ("UPDATE orders SET status = 'partly_refunded', refunded_fen = 1 WHERE merchant_id = 1 AND order_id = 1", true),
        ("UPDATE orders SET status = 'lost' WHERE merchant_id = 1 AND order_id = 1", false),
        ("UPDATE orders SET refunded_fen = 1251 WHERE merchant_id = 1 AND order_id = 1", false),
        ("UPDATE payment SET refund_reserved_fen = 1000, refunded_fen = 250", true),
        ("UPDATE payment SET refund_reserved_fen = 1001", false),
        ("UPDATE payment SET refund_reserved_fen = 0, refunded_fen = 1251", false),
        ("UPDATE payment SET refund_reserved_fen = -1", false),
        ("UPDATE inbox SET state = 'closed' WHERE inbox_id = 1", false),
        ("UPDATE inbox SET state = 'closed', closed_how = 'lost' WHERE inbox_id = 1", false),
        (
            "INSERT INTO live_event (merchant_id, event_id, manager_id, kind, subject_id) VALUES (1, 3, 3, 'refund', 1)",
            true,
        ),
        (
            "INSERT INTO orders (merchant_id, order_id, token, submission, code_id, manager_id, org_unit_id, account_id, \
             form_id, form_version, form_values, title, subtitle, amount_fen, status, created_at_ms, expires_at_ms) \
             VALUES (1, 9, 'o', 's1', 2, 3, 4, 5, 6, 7, '[]', '', '', 1, 'created', 0, 0)",
            false,
        ),
    ] {
        assert_eq!(script(&test, sql).await.is_ok(), fits, "{sql}");
    }
}

/// What 0005 can hold: records of two merchants.
const RECORDS: &str = "INSERT INTO record (merchant_id, record_id, manager_id, org_unit_id, order_id, attempt, amount_fen, \
     success_at_ms) VALUES (1, 10, 3, 4, 1, 2, 1250, 99), (1, 12, 2, 4, 5, 1, 7, 98), (2, 11, 9, 4, 1, 1, 8, 97)";
const RECORD: &str = "SELECT CAST(merchant_id AS TEXT) || ' ' || CAST(record_id AS TEXT) || ' ' || CAST(manager_id AS TEXT) \
     || ' ' || CAST(org_unit_id AS TEXT) || ' ' || CAST(order_id AS TEXT) || ' ' || CAST(attempt AS TEXT) || ' ' \
     || CAST(amount_fen AS TEXT) || ' ' || CAST(success_at_ms AS TEXT) FROM record ORDER BY merchant_id, record_id";
const WAITING: &str = "SELECT CAST(i.merchant_id AS TEXT) || ' ' || CAST(below_manager_id AS TEXT) || ' ' || j.kind || j.state \
     FROM record_indexing i JOIN job j ON j.merchant_id = i.merchant_id ORDER BY i.merchant_id";

async fn search_comes_to_a_database_with_records_in_it(test: TestDb) {
    migrate(&test.db, &STEPS[..5]).await.unwrap();
    script(&test, RECORDS).await.unwrap();
    let before = texts(&test, RECORD).await;
    assert_eq!(migrate(&test.db, &STEPS[..6]).await.unwrap(), ["0006_search"]);
    assert_eq!(texts(&test, RECORD).await, before);
    assert_eq!(before[0], "1 10 3 4 1 2 1250 99");
    assert_eq!(texts(&test, WAITING).await, ["1 3 record.indexwaiting", "2 9 record.indexwaiting"]);
}
