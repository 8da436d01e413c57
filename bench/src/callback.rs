//! callback → committed: signed callbacks over HTTP, answered after the commit, against the same statements without
//! HTTP, without signatures and without us.

use crate::{
    Error, baseline,
    callbacks::Callbacks,
    drive::{Requests, drive},
    pgbench, plain_sqlite,
    report::{Line, Report, Wanted, median},
    room::{Engine, Room},
    seed::ORDERS,
    sql,
};

/// Sent before the clock starts: connections, statements and caches are then as they are in the middle of a day.
const WARM: usize = 500;
/// Transactions of a round without us: fewer, as each takes longer.
const PLAIN_SQLITE: i64 = 4_000;
const PGBENCH: i64 = 8_000;

/// Both engines at 64 and 256 callers.
///
/// # Errors
/// When anything is refused, or a booked payment is not there afterwards.
pub fn measure(room: &Room, report: &mut Report) -> Result<(), Error> {
    let mut callbacks = Callbacks::sign(room, room.world(Engine::Sqlite)?)?;
    for engine in Engine::ALL {
        let world = room.world(engine)?;
        let statements = baseline::booking(world, &callbacks.headers, &callbacks.body);
        let (mut plain, mut c64, mut c256) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..room.how.rounds {
            callbacks.keep_fresh(room, world)?;
            c64.push(round(room, engine, &callbacks, 64)?);
            plain.push(plain_round(room, engine, &statements)?);
            c256.push(round(room, engine, &callbacks, 256)?);
        }
        let (against, least) = match engine {
            Engine::Sqlite => ("one rusqlite connection, a transaction each, in process", 3.5),
            Engine::Postgres => ("pgbench -M prepared -c 32 -j 2, the same statements", 1.5),
        };
        let baseline = median(plain);
        for (callers, rounds) in [(64, c64), (256, c256)] {
            let name = format!("callback_{}_c{callers}", engine.word());
            let wanted = (callers == 64).then_some(Wanted::AtLeast(least));
            report.add(Line::new(name, (median(rounds), "/s"), (baseline, against), wanted));
        }
    }
    Ok(())
}

fn round(room: &Room, engine: Engine, callbacks: &Callbacks, callers: usize) -> Result<f64, Error> {
    let node = room.answering_node(engine)?;
    let (warm, measured) = callbacks.requests.split_at(WARM);
    let accepted = &[200, 204];
    drive(node.address, callers, Requests::Each(warm), accepted)?;
    let rate = room.drive(&node, callers, Requests::Each(measured), accepted)?;
    drop(node);
    booked(room, engine, ORDERS)?;
    Ok(rate)
}

fn plain_round(room: &Room, engine: Engine, statements: &[baseline::Statement]) -> Result<f64, Error> {
    let place = room.fresh(engine)?;
    match engine {
        Engine::Sqlite => {
            let rate = plain_sqlite::per_second(&room.file("round.db"), statements, WARM as i64, PLAIN_SQLITE)?;
            booked(room, engine, WARM as i64 + PLAIN_SQLITE)?;
            Ok(rate)
        }
        Engine::Postgres => {
            let (rate, count) = pgbench::per_second(room.folder(), &place, statements, PGBENCH)?;
            booked(room, engine, count)?;
            Ok(rate)
        }
    }
}

/// Both sides wrote the same rows, and each payment once.
fn booked(room: &Room, engine: Engine, wanted: i64) -> Result<(), Error> {
    for question in [sql::BOOKED, sql::KEPT, sql::EVENTS, sql::FOLLOWING] {
        let there = room.count(engine, question)?;
        if there != wanted {
            return Err(Error::new(format!("{there} rows where {wanted} were due: {question}")));
        }
    }
    Ok(())
}
