//! A checker that finds nothing proves nothing: here every rule is broken once, and must be named.

use db::{Db, Engine, Key, Tx, migrate, on_both_engines, params, testing::TestDb};

use super::{RULES, run};
use crate::schema;

/// 2026-11-23 10:00 in Shanghai.
const NOW_MS: i64 = 1_795_399_200_000;

on_both_engines!(
    sound_books_break_no_rule,
    every_rule_has_a_tampering_that_it_names,
    a_merchant_without_its_row_is_asked_too
);

/// One way to break a rule. The schema refuses most of them: `loosen` first takes the constraints off these tables.
struct Tampering {
    rule: &'static str,
    loosen: &'static [&'static str],
    sql: &'static str,
}

const fn tamper(rule: &'static str, loosen: &'static [&'static str], sql: &'static str) -> Tampering {
    Tampering { rule, loosen, sql }
}

/// Orders of the sound books: 1 paid, 2 closed with a late payment, 3 paid with a duplicate, 4 open with a live attempt,
/// 5 open without, 6 refunded, 7 partly refunded with two more refunds on their way, 8 closed with a late payment that was
/// claimed.
const TAMPERINGS: &[Tampering] = &[
    tamper("known-words", &["orders"], "UPDATE orders SET status = 'refnded' WHERE order_id = 1"),
    tamper("known-words", &["payment"], "UPDATE payment SET status = 'lost' WHERE order_id = 4"),
    tamper("order-paid-once", &[], "UPDATE payment SET booked = 'late' WHERE order_id = 1"),
    tamper("order-paid-once", &[], "UPDATE payment SET booked = 'order' WHERE order_id = 3"),
    tamper("order-names-its-payment", &[], "UPDATE orders SET paid_attempt = NULL WHERE order_id = 1"),
    tamper("order-names-its-payment", &[], "UPDATE orders SET amount_fen = amount_fen + 1 WHERE order_id = 1"),
    tamper("order-names-its-payment", &[], "UPDATE orders SET paid_at_ms = paid_at_ms + 1 WHERE order_id = 1"),
    tamper("unpaid-order-has-no-money", &[], "UPDATE orders SET status = 'closed' WHERE order_id = 1"),
    tamper("unpaid-order-has-no-money", &[], "UPDATE payment SET booked = 'order' WHERE order_id = 2 AND attempt = 1"),
    tamper("paid-payment-is-booked", &["payment"], "UPDATE payment SET booked = NULL WHERE order_id = 1"),
    tamper("paid-payment-is-booked", &["payment"], "UPDATE payment SET transaction_id = 't' WHERE order_id = 4"),
    tamper("paid-payment-is-booked", &[], "UPDATE payment SET success_at_ms = NULL WHERE order_id = 1"),
    tamper("late-on-closed", &[], "UPDATE payment SET booked = 'late' WHERE order_id = 3 AND booked = 'duplicate'"),
    tamper("duplicate-on-paid", &[], "UPDATE payment SET booked = 'duplicate' WHERE order_id = 2 AND booked = 'late'"),
    tamper("late-and-duplicate-are-raised", &[], "DELETE FROM inbox WHERE order_id = 2"),
    tamper("late-and-duplicate-are-raised", &[], "UPDATE inbox SET amount_fen = 1 WHERE order_id = 3"),
    tamper("raised-money-exists", &[], "UPDATE inbox SET order_id = 1 WHERE order_id = 2"),
    tamper("attempt-asks-for-the-order", &[], "UPDATE payment SET amount_fen = 9 WHERE order_id = 4"),
    tamper("attempt-asks-for-the-order", &[], "DELETE FROM orders WHERE order_id = 4"),
    tamper("number-names-its-payment", &[], "UPDATE payment SET out_trade_no = 'M1O9A1' WHERE order_id = 4"),
    tamper(
        "verified-news-is-booked",
        &[],
        "UPDATE callback SET out_trade_no = 'M1O4A1', transaction_id = NULL WHERE out_trade_no = 'M1O1A1'",
    ),
    tamper(
        "verified-success-to-the-fen",
        &[],
        "UPDATE callback SET amount_fen = amount_fen + 1 WHERE out_trade_no = 'M1O1A1'",
    ),
    tamper(
        "verified-success-to-the-fen",
        &[],
        "UPDATE callback SET transaction_id = '42' WHERE out_trade_no = 'M1O1A1' AND out_refund_no IS NULL",
    ),
    tamper(
        "verified-refund-is-booked",
        &[],
        "UPDATE callback SET out_refund_no = 'M1O6R9' WHERE out_refund_no = 'M1O6R1'",
    ),
    tamper("verified-refund-is-booked", &[], "UPDATE callback SET amount_fen = 1 WHERE out_refund_no = 'M1O6R1'"),
    tamper("known-words", &["refund"], "UPDATE refund SET status = 'lost' WHERE order_id = 6"),
    tamper("refunds-fit-their-payment", &[], "UPDATE payment SET refund_reserved_fen = 1 WHERE order_id = 1"),
    tamper("refunds-fit-their-payment", &[], "UPDATE refund SET amount_fen = 5999 WHERE order_id = 6"),
    tamper(
        "refunds-fit-their-payment",
        &[],
        "UPDATE refund SET status = 'closed' WHERE order_id = 7 AND status = 'processing'",
    ),
    tamper(
        "refunds-fit-their-payment",
        &["payment"],
        "UPDATE payment SET refunded_fen = amount_fen, refund_reserved_fen = 1 WHERE order_id = 1",
    ),
    tamper("order-agrees-with-refunds", &[], "UPDATE orders SET status = 'paid' WHERE order_id = 6"),
    tamper("order-agrees-with-refunds", &[], "UPDATE orders SET status = 'refunded' WHERE order_id = 7"),
    tamper("order-agrees-with-refunds", &[], "UPDATE orders SET refunded_fen = 1 WHERE order_id = 7"),
    tamper("refund-has-its-payment", &[], "UPDATE refund SET attempt = 9 WHERE order_id = 6"),
    tamper("refund-has-its-payment", &[], "UPDATE refund SET out_refund_no = 'M1O1R1' WHERE order_id = 6"),
    tamper("refund-has-two-persons", &[], "UPDATE refund SET decided_by = asked_by WHERE order_id = 6"),
    tamper("refund-has-two-persons", &[], "UPDATE refund SET decided_by = NULL, kind = 'outside' WHERE order_id = 6"),
    tamper("refund-is-asked-about", &[], "DELETE FROM job WHERE kind = 'refund.ask' AND job_key = 'M1O7R2'"),
    tamper(
        "refund-is-asked-about",
        &[],
        "UPDATE job SET state = 'done', ended_at_ms = 1 WHERE kind = 'refund.ask' AND job_key = 'M1O7R2'",
    ),
    tamper("stuck-refund-is-raised", &[], "DELETE FROM inbox WHERE kind = 'refund_waiting'"),
    tamper(
        "stuck-refund-is-raised",
        &[],
        "UPDATE refund SET status = 'abnormal' WHERE order_id = 7 AND status = 'processing'",
    ),
    tamper("stuck-refund-is-raised", &[], "UPDATE refund SET kind = 'found' WHERE order_id = 6"),
    tamper("closed-item-says-how", &[], "UPDATE inbox SET closed_by = NULL WHERE order_id = 8"),
    tamper("closed-item-says-how", &["inbox"], "UPDATE inbox SET closed_how = NULL WHERE order_id = 8"),
    tamper(
        "closed-item-says-how",
        &[],
        "UPDATE inbox SET state = 'closed', closed_how = 'refunded', closed_by = 'a', closed_at_ms = 1 WHERE order_id = 2",
    ),
    tamper("claimed-money-has-its-record", &[], "DELETE FROM record WHERE order_id = 8"),
    tamper("claimed-money-has-its-record", &["record"], "INSERT INTO record SELECT * FROM record WHERE order_id = 8"),
    tamper("record-has-its-booking", &[], "UPDATE inbox SET closed_how = 'explained' WHERE order_id = 8"),
    tamper("amounts-are-positive", &["refund"], "UPDATE refund SET amount_fen = 0 WHERE order_id = 6"),
    tamper("live-attempt-is-open", &[], "UPDATE payment SET status = 'closed' WHERE order_id = 4"),
    tamper("live-attempt-is-open", &[], "UPDATE orders SET live_attempt = 2 WHERE order_id = 3"),
    tamper("open-attempt-is-live", &[], "UPDATE orders SET live_attempt = NULL WHERE order_id = 4"),
    tamper("attempts-are-counted", &[], "UPDATE orders SET attempts = 2 WHERE order_id = 4"),
    tamper("closed-order-is-over", &[], "UPDATE orders SET status = 'closed', closed_at_ms = 1 WHERE order_id = 4"),
    tamper("closed-order-is-over", &[], "UPDATE orders SET closed_at_ms = NULL WHERE order_id = 2"),
    tamper("attempt-is-asked-about", &[], "DELETE FROM job WHERE job_key = 'M1O1A1'"),
    tamper("attempt-is-asked-about", &[], "UPDATE job SET state = 'done', ended_at_ms = 1 WHERE job_key = 'M1O4A1'"),
    tamper("open-order-ends", &[], "DELETE FROM job WHERE kind = 'order.expire' AND job_key = '5'"),
    tamper("paid-order-is-told", &[], "DELETE FROM job WHERE kind = 'order.after_paid' AND job_key = '1'"),
    tamper(
        "paid-order-is-told",
        &[],
        "UPDATE job SET state = 'failed' WHERE kind = 'order.after_paid' AND job_key = '1'",
    ),
    tamper("paid-order-is-told", &[], "UPDATE job SET job_key = '2' WHERE kind = 'order.after_paid' AND job_key = '1'"),
    tamper(
        "paid-order-is-told",
        &["job"],
        "INSERT INTO job SELECT * FROM job WHERE kind = 'order.after_paid' AND job_key = '1'",
    ),
    tamper("booked-order-has-its-record", &[], "DELETE FROM record WHERE order_id = 1"),
    tamper("booked-order-has-its-record", &[], "UPDATE record SET manager_id = 78 WHERE order_id = 1"),
    tamper("booked-order-has-its-record", &["record"], "INSERT INTO record SELECT * FROM record WHERE order_id = 1"),
    tamper("record-has-its-booking", &[], "UPDATE record SET attempt = 2 WHERE order_id = 3"),
    tamper("job-state-is-sane", &["job"], "UPDATE job SET state = 'lost' WHERE job_key = '1'"),
    tamper("job-state-is-sane", &[], "UPDATE job SET ended_at_ms = 1 WHERE job_key = 'M1O4A1'"),
    tamper(
        "transaction-booked-once",
        &["payment"],
        "UPDATE payment SET transaction_id = (SELECT transaction_id FROM payment WHERE order_id = 1) WHERE order_id = 2 \
         AND booked = 'late'",
    ),
    tamper("books-balance", &[], "UPDATE record SET amount_fen = amount_fen - 1 WHERE order_id = 1"),
    tamper("books-balance", &[], "UPDATE inbox SET amount_fen = amount_fen + 1 WHERE order_id = 2"),
    tamper("books-balance", &["payment"], "UPDATE payment SET booked = NULL WHERE order_id = 2"),
    tamper("amounts-are-positive", &["orders"], "UPDATE orders SET amount_fen = 0 WHERE order_id = 5"),
    tamper("amounts-are-positive", &[], "UPDATE payment SET payer_total_fen = -1 WHERE order_id = 1"),
    tamper("one-session", &["manager_session"], "UPDATE manager_session SET state = 'active'"),
    tamper(
        "one-default-code",
        &["collection_code"],
        "UPDATE collection_code SET state = 'live', expires_at_ms = NULL, superseded_by = NULL",
    ),
    tamper("replaced-code-dies", &[], "UPDATE collection_code SET expires_at_ms = NULL WHERE state = 'superseded'"),
    tamper(
        "replaced-code-dies",
        &[],
        "UPDATE collection_code SET expires_at_ms = expires_at_ms + 1 WHERE state = 'superseded'",
    ),
];

async fn execute(db: &Db, sql: &'static str) -> u64 {
    db.write(Key::of(0), async move |tx: &mut Tx<'_>| tx.execute(sql, &[]).await)
        .await
        .unwrap_or_else(|e: db::Error| panic!("{sql}: {e}"))
}

async fn script(db: &Db, sql: String) {
    db.write(Key::of(0), async move |tx: &mut Tx<'_>| tx.batch(&sql).await)
        .await
        .unwrap_or_else(|e: db::Error| panic!("{e}"));
}

/// Merchant 1 with an order of every kind, all of it right.
async fn sound_books(db: &Db) {
    migrate(db, schema::STEPS).await.unwrap();
    execute(
        db,
        "INSERT INTO merchant (merchant_id, merchant_key, full_name, short_name, plaque_name, created_at_ms, updated_at_ms) \
         VALUES (1, 'yunshan', '云杉', '云杉', '云杉', 0, 0)",
    )
    .await;
    for order in ORDERS {
        put_order(db, order).await;
        put_refunds(db, order).await;
    }
    script(db, CLAIM.into()).await;
    script(
        db,
        format!(
            "INSERT INTO manager_session (merchant_id, session_id, manager_id, token_hash, identity, device, network, state, \
             created_at_ms, expires_at_ms) VALUES (1, 1, 77, 'a', 'i', 'd', 'n', 'displaced', 0, 1), \
             (1, 2, 77, 'b', 'i', 'd', 'n', 'active', 0, 1); \
             INSERT INTO collection_code (merchant_id, code_id, token, short_id, manager_id, org_unit_id, kind, name, state, \
             expires_at_ms, superseded_by, created_at_ms) \
             VALUES (1, 1, 'c1', 'A1', 77, 1, 'default', 'x', 'superseded', {until}, 2, 0), \
             (1, 2, 'c2', 'A2', 77, 1, 'default', 'x', 'live', NULL, NULL, {NOW_MS})",
            until = NOW_MS + 3 * 3_600_000
        ),
    )
    .await;
}

/// An order, its attempts (`(status, booked)` each) and the refunds of the payment that paid it (`(fen, status)` each).
struct Books {
    order_id: i64,
    status: &'static str,
    attempts: &'static [(&'static str, Option<&'static str>)],
    refunds: &'static [(i64, &'static str)],
}

const fn books(
    order_id: i64,
    status: &'static str,
    attempts: &'static [(&'static str, Option<&'static str>)],
    refunds: &'static [(i64, &'static str)],
) -> Books {
    Books { order_id, status, attempts, refunds }
}

const ORDERS: &[Books] = &[
    books(1, "paid", &[("paid", Some("order"))], &[]),
    books(2, "closed", &[("paid", Some("late")), ("refused", None)], &[]),
    books(3, "paid", &[("paid", Some("order")), ("paid", Some("duplicate"))], &[]),
    books(4, "pending", &[("pending", None)], &[]),
    books(5, "created", &[], &[]),
    books(6, "refunded", &[("paid", Some("order"))], &[(6000, "succeeded")]),
    books(
        7,
        "partly_refunded",
        &[("paid", Some("order"))],
        &[(3000, "succeeded"), (1000, "processing"), (500, "not_enough"), (7000, "declined")],
    ),
    books(8, "closed", &[("paid", Some("late"))], &[]),
];
const CLAIM: &str = "UPDATE inbox SET state = 'closed', closed_how = 'claimed', closed_by = 'admin:7', closed_at_ms = 1 \
     WHERE order_id = 8; INSERT INTO record (merchant_id, record_id, manager_id, org_unit_id, order_id, attempt, amount_fen, \
     success_at_ms) SELECT 1, 8, 77, 1, 8, 1, 8000, success_at_ms FROM payment WHERE order_id = 8";

async fn put_order(db: &Db, books: &'static Books) {
    const ORDER: &str = "INSERT INTO orders (merchant_id, order_id, token, code_id, manager_id, org_unit_id, \
         form_id, form_version, form_values, title, subtitle, amount_fen, status, attempts, live_attempt, paid_attempt, \
         paid_at_ms, created_at_ms, expires_at_ms, closed_at_ms) \
         VALUES (1, $1, 'o', 2, 77, 1, 1, 1, '[]', '', '', $2, $3, $4, $5, $6, $7, 0, 0, $8)";
    const JOB: &str = "INSERT INTO job (merchant_id, kind, job_key, slot, payload, state, due_at_ms, created_at_ms, ended_at_ms) \
         VALUES (1, $1, $2, 0, '', $3, 0, 0, $4)";
    let Books { order_id, status, attempts, .. } = *books;
    let at = |wanted: &str| attempts.iter().position(|(s, b)| *s == wanted || *b == Some(wanted)).map(|n| n as i64 + 1);
    let (live, paid) = (at("pending"), at("order"));
    let (key, fen) = (order_id.to_string(), order_id * 1000);
    let open = matches!(status, "created" | "pending");
    let ended = move |done: bool| if done { ("done", Some(NOW_MS)) } else { ("waiting", None) };
    db.write(Key::of(0), async move |tx: &mut Tx<'_>| {
        let (count, closed) = (attempts.len() as i64, (status == "closed").then_some(NOW_MS));
        tx.execute(ORDER, params![order_id, fen, status, count, live, paid, paid.map(|_| NOW_MS), closed]).await?;
        tx.execute(JOB, params!["order.expire", &key, ended(!open).0, ended(!open).1]).await?;
        if matches!(status, "paid" | "partly_refunded" | "refunded") {
            tx.execute(JOB, params!["order.after_paid", &key, ended(order_id == 3).0, ended(order_id == 3).1]).await?;
        }
        for (n, (status, booked)) in attempts.iter().enumerate() {
            let number = format!("M1O{order_id}A{}", n + 1);
            tx.execute(
                JOB,
                params!["payment.ask", &number, ended(*status != "pending").0, ended(*status != "pending").1],
            )
            .await?;
            put_attempt(tx, order_id, n as i64 + 1, status, *booked).await?;
        }
        Ok::<_, db::Error>(())
    })
    .await
    .unwrap();
}

/// The refunds of an order's payment, with what they set aside and gave back.
async fn put_refunds(db: &Db, books: &'static Books) {
    const REFUND: &str = "INSERT INTO refund (merchant_id, refund_id, order_id, attempt, out_refund_no, kind, amount_fen, \
         status, reason, needs_approval, asked_by, asked_by_name, asked_at_ms, decided_by, decided_at_ms, updated_at_ms) \
         VALUES (1, $1, $2, 1, $3, 'channel', $4, $5, '', 1, 'admin:1', '', 0, 'admin:2', 0, 0)";
    const JOB: &str = "INSERT INTO job (merchant_id, kind, job_key, slot, payload, state, due_at_ms, created_at_ms, ended_at_ms) \
         VALUES (1, 'refund.ask', $1, 0, '', $2, 0, 0, $3)";
    const ITEM: &str = "INSERT INTO inbox (merchant_id, inbox_id, kind, item_key, order_id, attempt, amount_fen, detail, \
         created_at_ms, refund_id) VALUES (1, $1, 'refund_waiting', $2, $3, 1, $4, '', 0, $1)";
    const NEWS: &str = "INSERT INTO callback (merchant_id, callback_id, provider_key, out_trade_no, headers, body, \
         received_at_ms, transaction_id, amount_fen, out_refund_no) VALUES (1, $1, 'sp', 'x', '', $2, 0, 't', $3, $4)";
    let (order_id, refunds) = (books.order_id, books.refunds);
    db.write(Key::of(0), async move |tx: &mut Tx<'_>| {
        for (n, (fen, status)) in refunds.iter().enumerate() {
            let (id, number) = (order_id * 100 + n as i64, format!("M1O{order_id}R{}", n + 1));
            tx.execute(REFUND, params![id, order_id, &number, *fen, *status]).await?;
            match *status {
                "succeeded" => {
                    tx.execute(JOB, params![&number, "done", NOW_MS]).await?;
                    tx.execute(NEWS, params![id, b"{}".as_slice(), *fen, &number]).await?;
                }
                "declined" => {}
                _ => drop(tx.execute(JOB, params![&number, "waiting", None::<i64>]).await?),
            }
            if *status == "not_enough" {
                tx.execute(ITEM, params![id, &number, order_id, *fen]).await?;
            }
            let back = i64::from(*status == "succeeded") * fen;
            let held = i64::from(matches!(*status, "processing" | "not_enough")) * fen;
            tx.execute(
                "UPDATE payment SET refunded_fen = refunded_fen + $2, refund_reserved_fen = refund_reserved_fen + $3 \
                 WHERE order_id = $1",
                params![order_id, back, held],
            )
            .await?;
            tx.execute(
                "UPDATE orders SET refunded_fen = refunded_fen + $2 WHERE order_id = $1",
                params![order_id, back],
            )
            .await?;
        }
        Ok::<_, db::Error>(())
    })
    .await
    .unwrap();
}

async fn put_attempt(
    tx: &mut Tx<'_>,
    order_id: i64,
    attempt: i64,
    status: &str,
    booked: Option<&str>,
) -> Result<(), db::Error> {
    let (number, fen) = (format!("M1O{order_id}A{attempt}"), order_id * 1000);
    let transaction = booked.map(|_| format!("4200{order_id}{attempt}"));
    let at_ms = booked.map(|_| NOW_MS);
    tx.execute(
        "INSERT INTO payment (merchant_id, order_id, attempt, out_trade_no, account_id, provider_key, sub_mchid, way, \
         client_ip, description, amount_fen, status, booked, transaction_id, success_at_ms, created_at_ms, expires_at_ms, \
         updated_at_ms) VALUES (1, $1, $2, $3, 1, 'sp', 'sub', 'native', '', '', $4, $5, $6, $7, $8, 0, 0, 0)",
        params![order_id, attempt, &number, fen, status, booked, &transaction, at_ms],
    )
    .await?;
    match booked {
        None => {}
        Some("order") => {
            tx.execute(
                "INSERT INTO record (merchant_id, record_id, manager_id, org_unit_id, order_id, attempt, amount_fen, \
                 success_at_ms) VALUES (1, $1, 77, 1, $1, $2, $3, $4)",
                params![order_id, attempt, fen, NOW_MS],
            )
            .await?;
            tx.execute(
                "INSERT INTO callback (merchant_id, callback_id, provider_key, out_trade_no, headers, body, received_at_ms, \
                 transaction_id, amount_fen) VALUES (1, $1, 'sp', $2, '', $3, 0, $4, $5)",
                params![order_id, &number, b"{}".as_slice(), &transaction, fen],
            )
            .await?;
        }
        Some(kind) => {
            tx.execute(
                "INSERT INTO inbox (merchant_id, inbox_id, kind, item_key, order_id, attempt, amount_fen, detail, \
                 created_at_ms) VALUES (1, $1, $2, $3, $1, $4, $5, '', 0)",
                params![order_id, kind, &number, attempt, fen],
            )
            .await?;
        }
    }
    Ok(())
}

/// The same table with its rows and without a constraint.
async fn loosen(db: &Db, table: &str) {
    script(
        db,
        format!("CREATE TABLE loose AS SELECT * FROM {table}; DROP TABLE {table}; ALTER TABLE loose RENAME TO {table}"),
    )
    .await;
}

async fn sound_books_break_no_rule(test: TestDb) {
    sound_books(&test.db).await;
    let broken = run(&test.db).await.unwrap();
    assert!(broken.is_empty(), "{broken:?}");
}

async fn every_rule_has_a_tampering_that_it_names(test: TestDb) {
    for rule in RULES {
        assert!(TAMPERINGS.iter().any(|t| t.rule == rule.name), "nothing shows that {} finds anything", rule.name);
    }
    let engine = test.db.engine();
    drop(test);
    for tampering in TAMPERINGS {
        let test = match engine {
            Engine::Sqlite => TestDb::sqlite(),
            Engine::Postgres => TestDb::postgres().await,
        };
        sound_books(&test.db).await;
        for table in tampering.loosen {
            loosen(&test.db, table).await;
        }
        assert!(run(&test.db).await.unwrap().is_empty(), "loosening alone breaks nothing");
        assert_ne!(execute(&test.db, tampering.sql).await, 0, "{} changes nothing", tampering.sql);
        let broken = run(&test.db).await.unwrap();
        let named: Vec<&str> = broken.iter().map(|b| b.rule.name).collect();
        assert!(named.contains(&tampering.rule), "{}: {named:?} instead of {}", tampering.sql, tampering.rule);
        assert!(broken.iter().all(|b| !b.rows.is_empty() && b.to_string().contains(&b.rows[0])));
    }
}

async fn a_merchant_without_its_row_is_asked_too(test: TestDb) {
    sound_books(&test.db).await;
    execute(&test.db, "DELETE FROM merchant").await;
    execute(&test.db, "DELETE FROM record WHERE order_id = 1").await;
    assert!(!run(&test.db).await.unwrap().is_empty());
}
