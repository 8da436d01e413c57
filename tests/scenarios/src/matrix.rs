//! All rows, on both channels, on each engine.

use sandbox::scenario::{Played, Verdict, chosen, run};

use crate::world::{Engine, World};

const CHANNELS: [&str; 2] = ["wechatpay", "alipay"];

fn every_row_passes(engine: Engine) {
    let world = World::new(engine);
    let rows = chosen("all");
    let told = |played: &Played| eprint!("{}", played.text());
    let played = world.runtime.block_on(run(&world.target, &rows, &CHANNELS, told)).unwrap();
    let wrong: Vec<String> = played.iter().filter(|row| row.verdict != Verdict::Pass).map(Played::text).collect();
    assert!(wrong.is_empty(), "on {engine:?}:\n{}", wrong.join(""));
    assert_eq!(played.len(), rows.len() * CHANNELS.len() + 1, "every row was played, and then the books were proven");
}

#[test]
fn whatever_the_institutions_do_the_books_are_right_on_sqlite_product_6() {
    every_row_passes(Engine::Sqlite);
}

#[test]
fn whatever_the_institutions_do_the_books_are_right_on_postgres_product_6() {
    every_row_passes(Engine::Postgres);
}
