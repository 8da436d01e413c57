//! submit → committed: a payer's form over HTTP, against the statements of its transaction without HTTP and without us.

use crate::{
    Error, baseline,
    drive::{Requests, drive},
    pgbench, plain_sqlite,
    report::{Line, Report, median},
    room::{Engine, Room},
    seed::World,
    sql,
};

const CALLERS: usize = 64;
const WARM: usize = 500;
const MEASURED: usize = 10_000;
const PLAIN_SQLITE: i64 = 5_000;
const PGBENCH: i64 = 8_000;

/// Both engines at 64 callers.
///
/// # Errors
/// When anything is refused, or a placed order is not there afterwards.
pub fn measure(room: &Room, report: &mut Report) -> Result<(), Error> {
    for engine in Engine::ALL {
        let world = room.world(engine)?;
        let requests: Vec<Vec<u8>> = (0..WARM + MEASURED).map(|n| request(world, n)).collect();
        let statements = baseline::placing(world);
        let (mut plain, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..room.how.rounds {
            ours.push(round(room, engine, &requests)?);
            plain.push(plain_round(room, engine, &statements)?);
        }
        let against = match engine {
            Engine::Sqlite => "one rusqlite connection, a transaction each, in process",
            Engine::Postgres => "pgbench -M prepared -c 32 -j 2, the same statements",
        };
        let name = format!("place_order_{}_c{CALLERS}", engine.word());
        report.add(Line::new(name, (median(ours), "/s"), (median(plain), against), None));
    }
    Ok(())
}

/// What the page posts without its script.
fn request(world: &World, n: usize) -> Vec<u8> {
    let body = format!(
        "amount=12.50&f_payer_name=%E5%BC%A0%E4%B8%89&f_remark=&submission=bench-{n:08}&version={}",
        world.form_version
    );
    format!(
        "POST /pay/{} HTTP/1.1\r\nHost: pay.example.test\r\nUser-Agent: Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0\r\n\
         Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        world.code_token,
        body.len()
    )
    .into_bytes()
}

fn round(room: &Room, engine: Engine, requests: &[Vec<u8>]) -> Result<f64, Error> {
    let node = room.answering_node(engine)?;
    let (warm, measured) = requests.split_at(WARM);
    drive(node.address, CALLERS, Requests::Each(warm), &[303])?;
    let rate = room.drive(&node, CALLERS, Requests::Each(measured), &[303])?;
    drop(node);
    placed(room, engine, (WARM + MEASURED) as i64)?;
    Ok(rate)
}

fn plain_round(room: &Room, engine: Engine, statements: &[baseline::Statement]) -> Result<f64, Error> {
    let place = room.fresh(engine)?;
    match engine {
        Engine::Sqlite => {
            let rate = plain_sqlite::per_second(&room.file("round.db"), statements, WARM as i64, PLAIN_SQLITE)?;
            placed(room, engine, WARM as i64 + PLAIN_SQLITE)?;
            Ok(rate)
        }
        Engine::Postgres => {
            let (rate, count) = pgbench::per_second(room.folder(), &place, statements, PGBENCH)?;
            placed(room, engine, count)?;
            Ok(rate)
        }
    }
}

fn placed(room: &Room, engine: Engine, wanted: i64) -> Result<(), Error> {
    let there = room.count(engine, sql::PLACED)?;
    if there == wanted { Ok(()) } else { Err(Error::new(format!("{there} orders where {wanted} were placed"))) }
}
