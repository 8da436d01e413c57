//! What a job promises, on both engines: enqueued with its change, run at least once, by one worker at a time.

#![allow(clippy::unwrap_used, reason = "test code")]

use db::{Db, Error, Key, Tx, on_both_engines, testing::TestDb};
use jobs::{Claimed, Ended, Kinds, NewJob, SLOTS, claim, due_slots, enqueue, finish, hasten, replay};

on_both_engines!(
    a_job_lives_and_dies_with_its_change,
    the_same_job_twice_is_one,
    nobody_gets_it_before_its_time,
    one_of_many_workers_gets_it,
    a_dead_workers_job_comes_back,
    again_and_failed_and_replay,
    hasten_never_delays,
    slow_kinds_are_claimed_apart,
    only_slots_with_something_due_are_named,
    what_was_won_is_told_although_a_neighbour_failed,
);

async fn ready(test: &TestDb) -> Db {
    db::migrate(&test.db, &[jobs::MIGRATION]).await.unwrap();
    test.db.clone()
}

async fn put(db: &Db, key: &'static str, due_at_ms: i64) -> bool {
    put_kind(db, "test", key, due_at_ms).await
}

async fn put_kind(db: &Db, kind: &'static str, key: &'static str, due_at_ms: i64) -> bool {
    db.write(Key::of(key), async move |tx: &mut Tx<'_>| {
        enqueue(tx, &NewJob { merchant_id: 1, kind, key, payload: "{}", due_at_ms }, 0).await
    })
    .await
    .unwrap_or_else(|e: Error| panic!("{e}"))
}

async fn claim_all(db: &Db, now_ms: i64) -> Vec<Claimed> {
    let mut all = Vec::new();
    for slot in 0..SLOTS {
        all.extend(claim(db, slot, Kinds::Except("slow"), now_ms, 1000, 10).await.unwrap());
    }
    all
}

async fn a_job_lives_and_dies_with_its_change(test: TestDb) {
    let db = ready(&test).await;
    let undone: Result<(), Error> = db
        .write(Key::of(1), async |tx: &mut Tx<'_>| {
            enqueue(tx, &NewJob { merchant_id: 1, kind: "test", key: "a", payload: "{}", due_at_ms: 0 }, 0).await?;
            Err(Error::NoRow)
        })
        .await;
    assert!(undone.is_err());
    assert!(claim_all(&db, 10).await.is_empty());
}

async fn the_same_job_twice_is_one(test: TestDb) {
    let db = ready(&test).await;
    assert!(put(&db, "a", 5).await);
    assert!(!put(&db, "a", 5).await);
    assert_eq!(claim_all(&db, 5).await.len(), 1);
}

async fn nobody_gets_it_before_its_time(test: TestDb) {
    let db = ready(&test).await;
    put(&db, "a", 5).await;
    assert!(claim_all(&db, 4).await.is_empty());
    assert_eq!(claim_all(&db, 5).await[0].attempt, 1);
}

async fn one_of_many_workers_gets_it(test: TestDb) {
    let db = ready(&test).await;
    put(&db, "a", 0).await;
    let other = test.another_node();
    let workers = (0..8).map(|i| claim_all(if i % 2 == 0 { &db } else { &other }, 10));
    let got: Vec<_> = futures_util::future::join_all(workers).await.into_iter().flatten().collect();
    assert_eq!(got.len(), 1, "{got:?}");
}

async fn a_dead_workers_job_comes_back(test: TestDb) {
    let db = ready(&test).await;
    put(&db, "a", 0).await;
    let first = claim_all(&db, 10).await.remove(0);
    assert!(claim_all(&db, 1009).await.is_empty());
    let second = claim_all(&db, 1010).await.remove(0);
    assert_eq!(second.attempt, 2);
    assert!(!finish(&db, &first, Ended::Done, 1011).await.unwrap(), "the first lease is over");
    assert!(finish(&db, &second, Ended::Done, 1011).await.unwrap());
    assert!(claim_all(&db, 1_000_000).await.is_empty());
}

async fn again_and_failed_and_replay(test: TestDb) {
    let db = ready(&test).await;
    put(&db, "a", 0).await;
    let job = claim_all(&db, 10).await.remove(0);
    finish(&db, &job, Ended::Again { due_at_ms: 50, why: "busy".into() }, 11).await.unwrap();
    assert!(claim_all(&db, 49).await.is_empty());
    let job = claim_all(&db, 50).await.remove(0);
    finish(&db, &job, Ended::Failed { why: "never".into() }, 51).await.unwrap();
    assert!(claim_all(&db, 1_000_000).await.is_empty());
    let alive = db.write(Key::of("a"), async |tx: &mut Tx<'_>| replay(tx, 1, "test", "a", 60).await).await.unwrap();
    assert!(alive);
    assert_eq!(claim_all(&db, 60).await.len(), 1);
}

async fn hasten_never_delays(test: TestDb) {
    let db = ready(&test).await;
    put(&db, "a", 50).await;
    let hasten_to =
        |due: i64| db.write(Key::of("a"), async move |tx: &mut Tx<'_>| hasten(tx, 1, "test", "a", due).await);
    assert!(!hasten_to(70).await.unwrap());
    assert!(hasten_to(20).await.unwrap());
    assert_eq!(claim_all(&db, 20).await.len(), 1);
}

async fn slow_kinds_are_claimed_apart(test: TestDb) {
    let db = ready(&test).await;
    put_kind(&db, "slow", "mail", 0).await;
    put(&db, "a", 0).await;
    let quick = claim_all(&db, 10).await;
    assert_eq!(quick.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), ["test"]);
    let slots = due_slots(&db, Kinds::Only("slow"), 10).await.unwrap();
    let slow = claim(&db, slots[0], Kinds::Only("slow"), 10, 1000, 10).await.unwrap();
    assert_eq!(slow.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), ["slow"]);
}

async fn only_slots_with_something_due_are_named(test: TestDb) {
    let db = ready(&test).await;
    let due = async |now_ms| due_slots(&db, Kinds::Except("slow"), now_ms).await.unwrap().len();
    put(&db, "a", 5).await;
    assert_eq!((due(4).await, due(5).await), (0, 1), "not before its time");
    claim_all(&db, 5).await;
    assert_eq!((due(1004).await, due(1005).await), (0, 1), "not while it is leased");
}

/// A job leased by a claim that then told nothing would rest until its lease ends.
async fn what_was_won_is_told_although_a_neighbour_failed(test: TestDb) {
    let db = ready(&test).await;
    for key in ["a", "b", "c", "d"] {
        put(&db, key, 0).await;
    }
    db.write(Key::of(0), async |tx: &mut Tx<'_>| tx.execute("UPDATE job SET slot = 7", &[]).await).await.unwrap();
    // Only one lease finds room; the others are refused by the database.
    let index = "CREATE UNIQUE INDEX one_lease ON job (leased_until_ms) WHERE leased_until_ms > 0";
    db.write(Key::of(0), async |tx: &mut Tx<'_>| tx.batch(index).await).await.unwrap();
    let won = claim(&db, 7, Kinds::Except("slow"), 10, 1000, 10).await.unwrap();
    assert_eq!(won.len(), 1, "{won:?}");
}
