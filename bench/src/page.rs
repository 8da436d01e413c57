//! The payer's page: what its first answer weighs, and how many of them a second, against nginx with the same bytes.

use std::time::Duration;

use crate::{
    Error,
    drive::{Requests, ask, drive},
    nginx::Nginx,
    node::get,
    report::{Line, Report, Wanted, median},
    room::{Engine, Room},
};

/// Ten TCP segments: the first answer arrives in one round trip (issue 2, "Done when").
const MOST_BYTES: f64 = 14_000.0;
const ROUND: Duration = Duration::from_millis(1_500);
const WARM: Duration = Duration::from_millis(300);

/// Bytes, and both sides at 64 and 256 connections.
///
/// # Errors
/// When any answer is not the page.
pub fn measure(room: &Room, report: &mut Report) -> Result<(), Error> {
    let path = format!("/pay/{}", room.world(Engine::Sqlite)?.code_token);
    let node = room.node(Engine::Sqlite)?;
    let request = get(&path);
    let answer = ask(node.address, &request)?;
    if !answer.starts_with(b"HTTP/1.1 200 ") {
        return Err(Error::new(format!("no page: {}", String::from_utf8_lossy(&answer))));
    }
    let nginx = Nginx::start(room, &path, &answer)?;
    let theirs = ask(nginx.address, &request)?;
    if body(&theirs) != body(&answer) {
        return Err(Error::new(format!("nginx serves something else: {}", String::from_utf8_lossy(&theirs))));
    }
    let bytes = (answer.len() as f64, "bytes");
    report.add(Line::new("page_bytes", bytes, (MOST_BYTES, "the limit"), Some(Wanted::Within)));
    for connections in [64, 256] {
        let (mut ours, mut plain) = (Vec::new(), Vec::new());
        for _ in 0..room.how.rounds {
            drive(node.address, connections, Requests::Same(&request, WARM), &[200])?;
            ours.push(room.drive(&node, connections, Requests::Same(&request, ROUND), &[200])?);
            drive(nginx.address, connections, Requests::Same(&request, WARM), &[200])?;
            let theirs = drive(nginx.address, connections, Requests::Same(&request, ROUND), &[200])?;
            if room.how.tell_cpu {
                println!(
                    "  nginx {:.0}/s, µs per answer: driver {:.1}",
                    theirs.per_second,
                    theirs.cpu as f64 / 1000.0 / theirs.answers as f64
                );
            }
            plain.push(theirs.per_second);
        }
        let wanted = (connections == 64).then_some(Wanted::AtLeast(0.85));
        let against = (median(plain), "nginx, the same bytes as a static file");
        report.add(Line::new(format!("page_rps_c{connections}"), (median(ours), "/s"), against, wanted));
    }
    Ok(())
}

fn body(answer: &[u8]) -> Option<&[u8]> {
    let head = answer.windows(4).position(|w| w == b"\r\n\r\n")?;
    answer.get(head + 4..)
}
