//! What both engines promise through the one door. Each case runs on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use db::{Db, Error, Key, Migration, Tx, migrate, on_both_engines, params, testing::TestDb};

const STEPS: &[Migration] = &[
    Migration {
        name: "0001_thing",
        sqlite: "CREATE TABLE thing (id INTEGER NOT NULL PRIMARY KEY, n INTEGER, t TEXT, b BLOB) STRICT",
        postgres: "CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY, n BIGINT, t TEXT COLLATE \"C\", b BYTEA)",
    },
    Migration {
        name: "0002_flag",
        sqlite: "ALTER TABLE thing ADD COLUMN flag INTEGER NOT NULL DEFAULT 0",
        postgres: "ALTER TABLE thing ADD COLUMN flag BIGINT NOT NULL DEFAULT 0",
    },
];

const PUT: &str = "INSERT INTO thing (id, n, t, b) VALUES ($1, $2, $3, $4)";
const GET: &str = "SELECT id, n, t, b, flag FROM thing WHERE id = $1";
const COUNT: &str = "SELECT COUNT(*) FROM thing";

on_both_engines!(
    values_come_back_as_they_went,
    a_failing_closure_fails_alone,
    a_refusal_undoes_its_own_changes,
    a_swallowed_refusal_is_not_a_success,
    a_panic_undoes_its_work_and_the_lane_lives_on,
    one_key_keeps_its_order_and_loses_no_update,
    placeholders_are_bound_by_number,
    a_literal_reads_as_a_number,
    nul_is_refused_on_both,
    unique_is_recognised,
    migrations_run_once_from_every_version,
    a_newer_schema_is_refused,
    readers_see_what_was_answered,
    a_cancelled_caller_leaves_whole_work,
);

async fn ready(test: &TestDb) -> Db {
    migrate(&test.db, STEPS).await.unwrap();
    test.db.clone()
}

async fn put(db: &Db, id: i64, n: i64) -> Result<u64, Error> {
    db.write(Key::of(id), async move |tx: &mut Tx<'_>| tx.execute(PUT, params![id, n, "t", None::<i64>]).await).await
}

async fn count(db: &Db) -> i64 {
    db.read(async |tx: &mut Tx<'_>| tx.query_one(COUNT, &[]).await?.get(0))
        .await
        .unwrap_or_else(|e: Error| panic!("{e}"))
}

async fn values_come_back_as_they_went(test: TestDb) {
    let db = ready(&test).await;
    let bytes = vec![0_u8, 255, 7];
    let sent = bytes.clone();
    db.write(Key::of(1), async move |tx: &mut Tx<'_>| {
        tx.execute(PUT, params![1, i64::MIN, "星收付 '\"$1", &sent]).await
    })
    .await
    .unwrap();
    db.write(Key::of(2), async |tx: &mut Tx<'_>| {
        tx.execute(PUT, params![2, None::<i64>, None::<&str>, None::<Vec<u8>>.as_deref()]).await
    })
    .await
    .unwrap();
    let row = db.read(async |tx: &mut Tx<'_>| tx.query_one(GET, params![1]).await).await.unwrap();
    assert_eq!(row.get::<i64>(1).unwrap(), i64::MIN);
    assert_eq!(row.get::<String>(2).unwrap(), "星收付 '\"$1");
    assert_eq!(row.get::<Vec<u8>>(3).unwrap(), bytes);
    assert!(!row.get::<bool>(4).unwrap());
    assert!(matches!(row.get::<i64>(2), Err(Error::Column { column: 2, .. })), "a text is not a number");
    let row = db.read(async |tx: &mut Tx<'_>| tx.query_one(GET, params![2]).await).await.unwrap();
    assert_eq!(row.get::<Option<i64>>(1).unwrap(), None);
    assert!(row.get::<String>(2).is_err(), "NULL is not a text");
    assert_eq!(row.get::<Option<Vec<u8>>>(3).unwrap(), None);
}

async fn a_failing_closure_fails_alone(test: TestDb) {
    let db = ready(&test).await;
    put(&db, 7, 0).await.unwrap();
    let many = (0..100).map(|i| {
        let db = db.clone();
        async move { if i % 10 == 3 { put(&db, 7, i).await } else { put(&db, 100 + i, i).await } }
    });
    let ended = futures_util::future::join_all(many).await;
    assert_eq!(ended.iter().filter(|e| matches!(e, Err(Error::Unique(_)))).count(), 10);
    assert_eq!(ended.iter().filter(|e| e.is_ok()).count(), 90);
    assert_eq!(count(&db).await, 91);
}

async fn a_refusal_undoes_its_own_changes(test: TestDb) {
    let db = ready(&test).await;
    let refused: Result<(), Error> = db
        .write(Key::of(1), async |tx: &mut Tx<'_>| {
            tx.execute(PUT, params![1, 1, "t", None::<i64>]).await?;
            Err(Error::NoRow)
        })
        .await;
    assert!(matches!(refused, Err(Error::NoRow)));
    assert_eq!(count(&db).await, 0);
}

async fn a_swallowed_refusal_is_not_a_success(test: TestDb) {
    let db = ready(&test).await;
    put(&db, 1, 1).await.unwrap();
    let swallowed: Result<(), Error> = db
        .write(Key::of(1), async |tx: &mut Tx<'_>| {
            let _ = tx.execute(PUT, params![1, 1, "t", None::<i64>]).await;
            Ok(())
        })
        .await;
    assert!(matches!(swallowed, Err(Error::Unique(_))), "{swallowed:?}");
}

async fn a_panic_undoes_its_work_and_the_lane_lives_on(test: TestDb) {
    let db = ready(&test).await;
    let panicked: Result<(), Error> = db
        .write(Key::of(1), async |tx: &mut Tx<'_>| {
            tx.execute(PUT, params![1, 1, "t", None::<i64>]).await?;
            panic!("planted");
        })
        .await;
    assert!(matches!(panicked, Err(Error::Panicked)), "{panicked:?}");
    put(&db, 2, 2).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

async fn one_key_keeps_its_order_and_loses_no_update(test: TestDb) {
    let db = ready(&test).await;
    put(&db, 1, 0).await.unwrap();
    let adds = (0..200).map(|_| {
        let db = db.clone();
        async move {
            db.write(Key::of("same"), async |tx: &mut Tx<'_>| {
                let n: i64 = tx.query_one(GET, params![1]).await?.get(1)?;
                tx.execute("UPDATE thing SET n = $2 WHERE id = $1", params![1, n + 1]).await
            })
            .await
        }
    });
    for done in futures_util::future::join_all(adds).await {
        done.unwrap();
    }
    let row = db.read(async |tx: &mut Tx<'_>| tx.query_one(GET, params![1]).await).await.unwrap();
    assert_eq!(row.get::<i64>(1).unwrap(), 200);
}

async fn placeholders_are_bound_by_number(test: TestDb) {
    let db = ready(&test).await;
    put(&db, 1, 5).await.unwrap();
    let found = db
        .read(async |tx: &mut Tx<'_>| {
            tx.query("SELECT id FROM thing WHERE n = $2 AND id = $1 AND n > $1 AND n < $3", params![1, 5, 9]).await
        })
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
}

async fn a_literal_reads_as_a_number(test: TestDb) {
    let row =
        test.db.read(async |tx: &mut Tx<'_>| tx.query_one("SELECT 1, CASE WHEN 1 = 1 THEN 0 END", &[]).await).await;
    let row = row.unwrap_or_else(|e: Error| panic!("{e}"));
    assert_eq!((row.get::<i64>(0).unwrap(), row.get::<bool>(1).unwrap()), (1, false));
}

async fn nul_is_refused_on_both(test: TestDb) {
    let db = ready(&test).await;
    let refused =
        db.write(Key::of(1), async |tx: &mut Tx<'_>| tx.execute(PUT, params![1, 1, "a\0b", None::<i64>]).await).await;
    assert!(matches!(refused, Err(Error::Nul)), "{refused:?}");
}

async fn unique_is_recognised(test: TestDb) {
    let db = ready(&test).await;
    put(&db, 1, 1).await.unwrap();
    assert!(matches!(put(&db, 1, 1).await, Err(Error::Unique(_))));
}

async fn migrations_run_once_from_every_version(test: TestDb) {
    assert_eq!(migrate(&test.db, &STEPS[..1]).await.unwrap(), ["0001_thing"]);
    assert_eq!(migrate(&test.db, STEPS).await.unwrap(), ["0002_flag"]);
    assert!(migrate(&test.another_node(), STEPS).await.unwrap().is_empty());
    assert_eq!(db::applied(&test.db).await.unwrap(), ["0001_thing", "0002_flag"]);
}

async fn a_newer_schema_is_refused(test: TestDb) {
    ready(&test).await;
    let refused = migrate(&test.db, &STEPS[..1]).await;
    assert!(matches!(refused, Err(Error::NewerSchema(name)) if name == "0002_flag"));
}

async fn readers_see_what_was_answered(test: TestDb) {
    let db = ready(&test).await;
    for id in 0..20 {
        put(&db, id, id).await.unwrap();
        assert_eq!(count(&db).await, id + 1);
    }
}

async fn a_cancelled_caller_leaves_whole_work(test: TestDb) {
    let db = ready(&test).await;
    let runs = Arc::new(AtomicUsize::new(0));
    let seen = runs.clone();
    let mut write = Box::pin(db.write(Key::of(1), async move |tx: &mut Tx<'_>| {
        seen.fetch_add(1, Ordering::Relaxed);
        tx.execute(PUT, params![1, 1, "t", None::<i64>]).await?;
        tx.execute(PUT, params![2, 1, "t", None::<i64>]).await
    }));
    assert!(futures_util::poll!(&mut write).is_pending());
    drop(write);
    put(&db, 3, 3).await.unwrap(); // a later closure of any lane; both lanes are drained below
    db.write(Key::of(1), async |tx: &mut Tx<'_>| tx.query(COUNT, &[]).await).await.unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert_eq!(count(&db).await, 3);
}

#[tokio::test]
async fn awaiting_something_foreign_is_an_error_not_a_hang() {
    let test = TestDb::sqlite();
    let db = ready(&test).await;
    let foreign: Result<(), Error> = db
        .write(Key::of(1), async |_: &mut Tx<'_>| {
            std::future::pending::<()>().await;
            Ok(())
        })
        .await;
    assert!(matches!(foreign, Err(Error::ForeignAwait)));
}

#[tokio::test]
async fn inline_runs_where_it_is_called() {
    let db = Db::inline().unwrap();
    migrate(&db, STEPS).await.unwrap();
    put(&db, 1, 1).await.unwrap();
    assert!(matches!(put(&db, 1, 1).await, Err(Error::Unique(_))));
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn an_unreachable_postgres_says_so() {
    let db = Db::open("postgres://nobody@127.0.0.1:1/none", db::Options::default()).unwrap();
    assert!(matches!(put(&db, 1, 1).await, Err(Error::Unavailable(_))));
}
