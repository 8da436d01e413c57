//! The manager's list and its search with millions of records of one merchant, one manager owning four fifths: how long
//! one request takes over HTTP, one after the other, and of these the slowest but one in a hundred.

mod content;
mod fill;

use std::time::{Duration, Instant};

use mott::vault;

use crate::{
    Error,
    drive::Caller,
    node::Node,
    report::{Line, Report, Wanted},
    room::{Engine, Room},
};

use content::Content;

/// Issue 4, "Done when": SQLite, PostgreSQL, and PostgreSQL for what only old records have.
const LIMIT_MS: [f64; 3] = [5.0, 15.0, 100.0];
/// Requests of a kind: before it is measured, and measured.
const REQUESTS: (usize, usize) = (40, 400);
/// Pages before the deep one.
const DEEP_PAGES: i64 = 10_000;
const PAGE: i64 = 15;
/// Unless told otherwise.
pub const SIZES: [i64; 2] = [1_000_000, 5_000_000];

/// How many records, as `200k`, `1m` or `5m` says.
///
/// # Errors
/// When it says something else.
pub fn size(text: &str) -> Result<i64, String> {
    let (digits, unit) = text.split_at(text.len().saturating_sub(1));
    let unit = match unit {
        "k" => 1_000,
        "m" => 1_000_000,
        _ => return Err("say 200k, 1m or 5m".into()),
    };
    digits.parse::<i64>().map(|n| n * unit).map_err(|e| e.to_string())
}

fn named(size: i64) -> String {
    if size % 1_000_000 == 0 { format!("{}m", size / 1_000_000) } else { format!("{}k", size / 1_000) }
}

/// Every kind of request on every engine.
///
/// # Errors
/// When a database cannot be filled, or an answer is not what it should be.
pub fn measure(room: &Room, report: &mut Report, sizes: &[i64]) -> Result<(), Error> {
    for size in sizes {
        for engine in Engine::ALL {
            let began = Instant::now();
            let content = Content { world: room.world(engine)?.clone(), size: *size };
            let token = format!("m{}.{}", content.world.merchant_id, "2".repeat(43));
            let place = fill::fill(room, engine, &content, &vault::token_hash(&token))?;
            println!("  {} {}: filled in {} s", engine.word(), named(*size), began.elapsed().as_secs());
            let node = Node::start(room, &place, &["--no-worker"])?;
            measure_node(&node, report, engine, &content, &token)?;
            drop(node);
            room.drop_records(engine)?;
        }
    }
    Ok(())
}

fn measure_node(node: &Node, report: &mut Report, engine: Engine, content: &Content, token: &str) -> Result<(), Error> {
    let (engine_word, size) = (engine.word(), named(content.size));
    let deep = |n: usize| {
        let from_newest = (DEEP_PAGES * PAGE * 5 / 4).min(content.size / 2) + n as i64;
        format!("cursor={}", content.record_id(content.size - 1 - from_newest))
    };
    let mut kinds: Vec<(String, Vec<String>, Found)> = vec![
        (format!("records_{engine_word}_{size}_first_p99_ms"), vec![String::new()], Found::APage),
        (format!("records_{engine_word}_{size}_deep_p99_ms"), (0..50).map(deep).collect(), Found::APage),
    ];
    for (kind, words, found) in content.keywords() {
        let queries = words.iter().map(|word| format!("q={}", encoded(word))).collect();
        kinds.push((format!("search_{engine_word}_{size}_{kind}_p99_ms"), queries, found));
    }
    for (name, queries, found) in kinds {
        let took = ask(node, token, &queries, found)?;
        let limit = match engine {
            Engine::Sqlite => LIMIT_MS[0],
            Engine::Postgres if name.contains("old_only") => LIMIT_MS[2],
            Engine::Postgres => LIMIT_MS[1],
        };
        let (p50, p99, worst) = (at(&took, 50), at(&took, 99), at(&took, 100));
        println!("  {name}: median {p50:.1}, slowest {worst:.1}");
        report.add(Line::new(name, (p99, "ms"), (limit, "the limit"), Some(Wanted::Within)));
    }
    Ok(())
}

/// What a request must find, or something else was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Fifteen.
    APage,
    /// At least one.
    Some,
    /// None.
    Nothing,
}

/// How long each request took.
fn ask(node: &Node, token: &str, queries: &[String], found: Found) -> Result<Vec<Duration>, Error> {
    let mut caller = Caller::connect(node.address)?;
    let mut took = Vec::new();
    for n in 0..REQUESTS.0 + REQUESTS.1 {
        let query = &queries[n % queries.len()];
        let request = format!(
            "GET /api/manager/records?{query} HTTP/1.1\r\nHost: pay.example.test\r\nAuthorization: Bearer {token}\r\n\
             Accept: application/json\r\n\r\n"
        );
        let began = Instant::now();
        let answer = caller.ask(request.as_bytes())?;
        let each = began.elapsed();
        let text = String::from_utf8_lossy(&answer);
        let records = text.matches("\"record_id\"").count();
        let right = match found {
            Found::APage => records == 15,
            Found::Some => records > 0,
            Found::Nothing => records == 0 && text.contains("\"next_cursor\":null"),
        };
        if !right {
            return Err(Error::new(format!("{query} found {records} records, not {found:?}: {text:.400}")));
        }
        took.extend((n >= REQUESTS.0).then_some(each));
    }
    took.sort_unstable();
    Ok(took)
}

/// The `percent`-th of a hundred, ms.
fn at(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).clamp(1, sorted.len().max(1));
    sorted.get(place - 1).map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0)
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}
