//! What a node costs that has nothing to do, and how soon it answers.

use std::{thread, time::Duration};

use crate::{
    Error,
    drive::ask,
    node::get,
    report::{Line, Report, Wanted, median},
    room::{Engine, Room},
};

/// Issue 2, "Done when".
const MOST_MB: f64 = 60.0;
const MOST_MS: f64 = 300.0;
/// Until everything that begins with a node has begun.
const SETTLED: Duration = Duration::from_secs(2);

/// Memory two seconds after the start, a page having been asked for; and from the start to the first answer.
///
/// # Errors
/// When a node does not start.
pub fn measure(room: &Room, report: &mut Report) -> Result<(), Error> {
    let path = format!("/pay/{}", room.world(Engine::Sqlite)?.code_token);
    let (mut start, mut resident) = (Vec::new(), Vec::new());
    for _ in 0..room.how.rounds {
        let node = room.node(Engine::Sqlite)?;
        start.push(node.first_answer.as_secs_f64() * 1000.0);
        ask(node.address, &get(&path))?;
        thread::sleep(SETTLED);
        resident.push(node.resident_mb()?);
    }
    let limit =
        |value, unit, most, name: &str| Line::new(name, (value, unit), (most, "the limit"), Some(Wanted::Within));
    report.add(limit(median(resident), "MB", MOST_MB, "idle_rss_mb"));
    report.add(limit(median(start), "ms", MOST_MS, "start_ms"));
    Ok(())
}
