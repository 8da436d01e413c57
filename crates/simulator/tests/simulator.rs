//! A sample of what `make simulate` runs: enough to notice a broken rule before anybody pushes.

use std::{
    num::NonZero,
    sync::atomic::{AtomicU64, Ordering},
};

use db::testing::TestDb;
use simulator::{Outcome, Plan, keyring::Keyring, many::run_many, run};

const SEEDS: u64 = 100;
const POSTGRES_SEEDS: u64 = 50;

fn plan(seed: u64, keyring: &Keyring) -> Plan {
    Plan { seed, keep_log: false, database: None, keyring: keyring.path() }
}

fn clean(outcome: &Outcome) {
    let Outcome { seed, sentences, lines, .. } = outcome;
    assert!(sentences.is_empty(), "{}\nseed {seed}: {sentences:#?}\nSEED={seed} make simulate", lines.join("\n"));
}

#[test]
fn whatever_goes_wrong_the_money_rules_hold_product_6() {
    let keyring = Keyring::new().unwrap();
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let summary = run_many(1, SEEDS, threads, &keyring.path()).unwrap();
    summary.failure.iter().for_each(clean);
    assert_eq!(summary.seeds, SEEDS);
    assert!(summary.fewest >= 40, "a run has at least forty payments, not {}", summary.fewest);
    assert!(summary.rare(1).is_empty(), "rows that never occurred: {:?}\n{}", summary.rare(1), summary.table());
}

#[test]
fn a_seed_is_one_run_and_can_be_replayed() {
    let keyring = Keyring::new().unwrap();
    for seed in [3, 4] {
        let (first, again) = (run(plan(seed, &keyring)).unwrap(), run(plan(seed, &keyring)).unwrap());
        assert_eq!((first.hash, first.turns), (again.hash, again.turns), "seed {seed}");
    }
}

/// On a real database two statements may truly meet; a seed is then no longer one run.
#[test]
fn the_money_rules_hold_on_postgresql_too_product_6() {
    let keyring = Keyring::new().unwrap();
    let next = AtomicU64::new(1);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > POSTGRES_SEEDS {
                        return;
                    }
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    let test = runtime.block_on(TestDb::postgres());
                    clean(&run(Plan { database: Some(test.db.clone()), ..plan(seed, &keyring) }).unwrap());
                }
            });
        }
    });
}
