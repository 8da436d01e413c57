//! The test: rounds of load, kill and restart, on both engines at the same time.

use std::{
    env,
    io::Write,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rand::{SeedableRng, rngs::SmallRng};

use crate::{
    books::Books,
    client::Connection,
    load,
    mott::{Serving, binary},
    told::{Callback, Told},
    world::{Engine, World},
};

/// Kills of each engine; `MOTT_KILLS` asks for more.
const KILLS: usize = 25;
/// Rounds in which every answer was faster than the kill; they do not count, and there are few.
const MISSES: usize = 10;
/// Callbacks that are ready, never sent before, when the load begins: more than a round can send before its kill.
const STOCK: usize = 80;

#[derive(Default)]
struct Tally {
    kills: usize,
    in_flight: usize,
    in_flight_booked: usize,
    slowest_start: Duration,
    acknowledged: usize,
    orders: usize,
}

#[test]
fn killed_at_any_moment_nothing_is_lost_and_nothing_doubled_product_6_4_and_6_7() {
    let from = Instant::now();
    let binary = binary();
    let built = from.elapsed();
    let tallies: Vec<(Engine, Tally)> = thread::scope(|scope| {
        let engines = [Engine::Sqlite, Engine::Postgres].map(|engine| {
            let (named, binary) = (thread::Builder::new().name(format!("{engine:?}")), binary.as_path());
            named.spawn_scoped(scope, move || (engine, rounds(binary, engine))).unwrap()
        });
        engines.into_iter().map(|engine| engine.join().unwrap()).collect()
    });
    // Not `println!`: the count is wanted of a test that passes, too.
    let mut out = std::io::stdout().lock();
    for (engine, tally) in &tallies {
        writeln!(
            out,
            "{engine:?}: {} kills, {} callbacks in flight ({} booked, {} not), {} acknowledged, {} orders; start {} ms at most",
            tally.kills,
            tally.in_flight,
            tally.in_flight_booked,
            tally.in_flight - tally.in_flight_booked,
            tally.acknowledged,
            tally.orders,
            tally.slowest_start.as_millis()
        )
        .unwrap();
    }
    let kills: usize = tallies.iter().map(|(_, tally)| tally.kills).sum();
    let (seconds, build) = (from.elapsed().as_secs(), built.as_secs());
    writeln!(out, "mott was killed {kills} times with a callback in flight, {seconds} s, {build} of them to build")
        .unwrap();
    assert!(kills >= 50);
}

fn number_of(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap())
}

fn rounds(binary: &Path, engine: Engine) -> Tally {
    let wanted = number_of("MOTT_KILLS").map_or(KILLS, |kills| kills as usize);
    let mut random = SmallRng::seed_from_u64(number_of("MOTT_KILL_SEED").unwrap_or(2));
    let world = World::new(binary, engine);
    let (mut told, mut tally, mut in_flight) = (Told::default(), Tally::default(), Vec::new());
    for _ in 0..wanted + MISSES {
        let mut server = restart(&world, &mut told, &mut tally, &in_flight);
        if tally.kills == wanted {
            break;
        }
        stock_up(&world, &mut told, &server);
        in_flight = load::until_killed(&mut server, &mut told, &world.code_path, &mut random);
        tally.kills += usize::from(!in_flight.is_empty());
        tally.in_flight += in_flight.len();
    }
    assert_eq!(tally.kills, wanted, "too few kills with a callback in flight");
    (tally.acknowledged, tally.orders) = (told.acknowledged.len(), told.placed.len());
    tally
}

/// Starts again on the same data. At once the books are right; then the outside sends again what went unanswered, and
/// they are right still.
fn restart(world: &World, told: &mut Told, tally: &mut Tally, in_flight: &[Arc<Callback>]) -> Serving {
    let server = world.mott.serve();
    tally.slowest_start = tally.slowest_start.max(server.started_in);
    world.mott.run(&["check"]);
    let books = world.ask(Books::read);
    books.agree_with(told);
    tally.in_flight_booked += books.booked(in_flight.iter().map(|callback| &**callback));
    let mut connection = Connection::open(server.address);
    told.send_again(&mut connection);
    told.press_again(&mut connection, &world.code_path);
    world.ask(Books::read).agree_with(told);
    server
}

/// Sees that enough payments wait for their callback, and signs these.
fn stock_up(world: &World, told: &mut Told, server: &Serving) {
    let mut connection = Connection::open(server.address);
    let books = world.ask(Books::read);
    let pending = |books: &Books, told: &Told| -> Vec<(String, i64)> {
        let new = books.payments.iter().filter(|p| p.status == "pending" && !told.signed.contains(&p.out_trade_no));
        new.map(|p| (p.out_trade_no.clone(), p.amount_fen)).collect()
    };
    let mut ready = pending(&books, told);
    let short = STOCK.saturating_sub(told.stock.len() + ready.len());
    if short > 0 {
        for mut payer in told.new_payers(short as u64) {
            payer.go(&mut connection, &world.code_path).unwrap();
            told.done(payer);
        }
        ready = pending(&world.ask(Books::read), told);
    }
    ready.truncate(STOCK.saturating_sub(told.stock.len()));
    told.signed.extend(ready.iter().map(|(number, _)| number.clone()));
    told.stock.extend(world.sign(&ready));
}
