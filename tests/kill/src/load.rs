//! Payers and the institution at once, on several connections each, until the process is killed.

use std::{
    collections::VecDeque,
    ops::Range,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::SmallRng};

use crate::{
    client::Connection,
    mott::Serving,
    told::{Callback, Payer, Told, acknowledges},
};

/// Connections that send callbacks. The first is the one that the killer watches.
const CALLERS: u64 = 4;
/// Connections that place orders and start payments.
const PAYERS: u64 = 2;
/// Payers of one connection and round; the kill comes long before the last.
const IN_A_ROW: u64 = 500;
/// The watched connection is answered fewer times than this before the killer takes aim.
const SPARED: u32 = 12;
/// The killer gives the server less than 2 to the power of one of these µs to answer: from "hardly read" to "committed,
/// not answered yet", each as likely on a fast engine as on a slow one.
const GRACE_US: Range<u32> = 6..16;
/// Acknowledged callbacks that may be sent once more; older ones are not fresh enough to be believed.
const REPEATED: usize = 64;

/// What the institution's connections have to send.
struct Post {
    stock: Mutex<VecDeque<Arc<Callback>>>,
    repeats: Vec<Arc<Callback>>,
}

/// What one of them came to.
#[derive(Default)]
struct Called {
    acknowledged: Vec<Arc<Callback>>,
    /// Written and not answered when the server was gone.
    in_flight: Option<Arc<Callback>>,
    /// Not even written.
    unsent: Option<Arc<Callback>>,
    /// The last was an exact repeat of an acknowledged one.
    repeating: bool,
}

/// Loads the server until it is killed; says which callbacks were in flight then, sent for the first time.
pub fn until_killed(
    server: &mut Serving,
    told: &mut Told,
    code_path: &str,
    random: &mut SmallRng,
) -> Vec<Arc<Callback>> {
    let address = server.address;
    let recent = told.acknowledged.len().saturating_sub(REPEATED);
    let post =
        Post { stock: Mutex::new(std::mem::take(&mut told.stock)), repeats: told.acknowledged[recent..].to_vec() };
    let rows: Vec<Vec<Payer>> = (0..PAYERS).map(|_| told.new_payers(IN_A_ROW).collect()).collect();
    let (watched, heard) = channel();
    let mut watched = Some(watched);
    // Every connection is there before anybody aims: on a busy machine a thread may first run after the kill.
    let (called, paid, aimed) = thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (watched, random, post) = (watched.take(), SmallRng::from_rng(&mut *random).unwrap(), &post);
                let connection = Connection::open(address);
                scope.spawn(move || call(connection, post, random, watched))
            })
            .collect();
        let pays = |row| {
            let connection = Connection::open(address);
            scope.spawn(move || pay(connection, code_path, row))
        };
        let payers: Vec<_> = rows.into_iter().map(pays).collect();
        let aimed = aim(&heard, random);
        server.kill();
        let called: Vec<Called> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
        let paid: Vec<Vec<Payer>> = payers.into_iter().map(|payer| payer.join().unwrap()).collect();
        (called, paid, aimed)
    });
    assert!(aimed, "the watched connection ended before the kill");
    told.stock = post.stock.into_inner().unwrap();
    for mut row in paid {
        told.interrupted.extend(row.pop());
        row.into_iter().for_each(|payer| told.done(payer));
    }
    keep(told, called)
}

/// Waits for its moment: some answers pass, then a callback that was written is given a random while to be answered.
/// True: it was not.
fn aim(heard: &Receiver<()>, random: &mut SmallRng) -> bool {
    for _ in 0..random.gen_range(0..SPARED) * 2 {
        if heard.recv().is_err() {
            return false;
        }
    }
    loop {
        if heard.recv().is_err() {
            return false;
        }
        match heard.recv_timeout(grace(random)) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

fn grace(random: &mut SmallRng) -> Duration {
    let magnitude = random.gen_range(GRACE_US);
    Duration::from_micros(random.gen_range(0..1 << magnitude))
}

/// Sends callbacks until the server is gone; tells the killer of each that was written and each that was answered.
fn call(mut connection: Connection, post: &Post, mut random: SmallRng, watched: Option<Sender<()>>) -> Called {
    let mut called = Called::default();
    let tell = || watched.as_ref().is_none_or(|killer| killer.send(()).is_ok()); // after the kill nobody listens
    loop {
        let callback = next(post, &mut called, &mut random, watched.is_none());
        if connection.write(&callback.request).is_err() {
            called.unsent = Some(callback);
            return called;
        }
        tell();
        match connection.read() {
            Ok(answer) => {
                assert!(acknowledges(&answer), "{}: {}", callback.out_trade_no, answer.status);
                tell();
                if !called.repeating {
                    called.acknowledged.push(callback);
                }
            }
            Err(_gone) => {
                called.in_flight = Some(callback);
                return called;
            }
        }
    }
}

/// A new one, or now and then (and when there is none) one that was acknowledged before.
fn next(post: &Post, called: &mut Called, random: &mut SmallRng, may_repeat: bool) -> Arc<Callback> {
    let known = post.repeats.len() + called.acknowledged.len();
    called.repeating = false;
    if !(may_repeat && known > 0 && random.gen_ratio(1, 5))
        && let Some(new) = post.stock.lock().unwrap().pop_front()
    {
        return new;
    }
    called.repeating = true;
    let which = random.gen_range(0..known);
    post.repeats.get(which).unwrap_or_else(|| &called.acknowledged[which - post.repeats.len()]).clone()
}

/// The institution remembers what was answered and what it must send again.
fn keep(told: &mut Told, called: Vec<Called>) -> Vec<Arc<Callback>> {
    let mut in_flight = Vec::new();
    for one in called {
        told.acknowledged.extend(one.acknowledged);
        if !one.repeating {
            in_flight.extend(one.in_flight.iter().cloned());
            told.unanswered.extend(one.in_flight.into_iter().chain(one.unsent));
        }
    }
    in_flight
}

/// One payer after the other until the server is gone. The last in the list is the one who was interrupted.
fn pay(mut connection: Connection, code_path: &str, row: Vec<Payer>) -> Vec<Payer> {
    let mut been = Vec::new();
    for mut payer in row {
        let gone = payer.go(&mut connection, code_path);
        been.push(payer);
        if gone.is_err() {
            return been;
        }
    }
    panic!("{IN_A_ROW} payers and no kill");
}
