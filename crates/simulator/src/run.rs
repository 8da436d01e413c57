//! One seed from its first payer to its last fen.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use db::Db;

use crate::{
    matrix::Row,
    people, seed,
    sim::{NodeId, START_MS, Scheduler, Sim, Turn},
    world::{NODES, World},
};

/// How long people come, in milliseconds.
const AFTERNOON_MS: i64 = 100 * 60_000;
/// Payers of a run, and how many come at most until enough have paid.
const PAYERS: u64 = 48;
const MOST_PAYERS: u64 = 400;
/// Payments of a run, at least.
const PAYMENTS: usize = 40;
/// Nothing may take longer than this to be settled once nothing goes wrong any more.
const QUIET_WITHIN_MS: i64 = 4 * 86_400_000;
/// A run that takes more turns than this turns in circles.
const MOST_TURNS: u64 = 20_000_000;

/// What is to be run.
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// Keep every line of the log.
    pub keep_log: bool,
    /// A database outside of the run; else one inside.
    pub database: Option<Db>,
    /// The keyring file.
    pub keyring: PathBuf,
}

/// What a run showed.
#[derive(Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// The hash of everything that happened.
    pub hash: u64,
    /// What is broken, in sentences; nothing: all is well.
    pub sentences: Vec<String>,
    /// How often each row occurred.
    pub rows: BTreeMap<Row, u64>,
    /// What happened, at least at the end.
    pub lines: Vec<String>,
    /// Payments that institutions took.
    pub payments: usize,
    /// How long it took in its own time, milliseconds.
    pub lasted_ms: i64,
    /// Turns.
    pub turns: u64,
}

/// Runs a seed.
///
/// # Errors
/// In words, where the run could not begin.
pub fn run(plan: Plan) -> Result<Outcome, String> {
    // The product's request limit counts in real time: entered and never driven, that clock stands still.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(|e| e.to_string())?;
    let _entered = runtime.enter();
    let foreign = plan.database.is_some();
    let db = match plan.database {
        Some(db) => db,
        None => Db::inline().map_err(|e| e.to_string())?,
    };
    let sim = Sim::new(plan.seed, plan.keep_log);
    let world = World::new(&sim, plan.seed, db, plan.keyring);
    let mut scheduler = Scheduler::new(sim.clone(), foreign);
    let done = Arc::new(AtomicBool::new(false));
    sim.spawn(0, direct(world.clone(), done.clone()));
    let mut turns = 0;
    while !done.load(Ordering::Relaxed) && !world.auditor.is_broken() {
        turns += 1;
        match scheduler.turn() {
            Turn::Polled(node) if node > 0 && sim.fault(1, 9_000) => kill(&world, &mut scheduler, node),
            Turn::Polled(_) | Turn::Later => {}
            Turn::Stuck => world.auditor.broken("everybody waits for something that will never happen".into()),
        }
        if turns > MOST_TURNS {
            world.auditor.broken(format!("no end after {turns} turns"));
        }
    }
    let (sentences, rows) = world.auditor.told();
    let (hash, lines) = sim.told();
    let payments = world.auditor.payments();
    Ok(Outcome { seed: plan.seed, hash, sentences, rows, lines, payments, lasted_ms: sim.now_ms() - START_MS, turns })
}

fn kill(world: &Arc<World>, scheduler: &mut Scheduler, node: NodeId) {
    scheduler.kill(node);
    world.died(node);
    let world = world.clone();
    let sim = world.sim.clone();
    sim.spawn(0, async move {
        world.sim.pause(200, 60_000).await;
        start(&world, node);
    });
}

fn start(world: &Arc<World>, node: NodeId) {
    if let Err(why) = world.boot(node) {
        world.auditor.broken(format!("node {node} does not start: {why}"));
    }
}

/// Who does what, and when.
async fn direct(world: Arc<World>, done: Arc<AtomicBool>) {
    let sim = world.sim.clone();
    if let Err(error) = begin(&world).await {
        world.auditor.broken(format!("the run cannot begin: {error}"));
        return;
    }
    (1..=NODES).for_each(|node| start(&world, node));
    let until_ms = sim.now_ms() + AFTERNOON_MS;
    for n in 0..PAYERS {
        let (own, wait_ms) = (world.clone(), sim.between(0, AFTERNOON_MS));
        join(&world, async move {
            own.sim.wait(wait_ms).await;
            people::payer(own, n).await;
        });
    }
    for seat in world.seats.clone() {
        sim.spawn(0, people::phone(world.clone(), seat.clone()));
        join(&world, people::manager(world.clone(), seat, until_ms));
    }
    for desk in seed::desks() {
        join(&world, people::admin(world.clone(), desk, until_ms));
    }
    join(&world, weather(world.clone(), until_ms));
    let mut came = PAYERS;
    while world.busy(0) > 0 {
        sim.wait(30_000).await;
        if world.auditor.payments() < PAYMENTS && came < MOST_PAYERS && sim.now_ms() > until_ms {
            join(&world, people::payer(world.clone(), came));
            came += 1;
        }
    }
    settle(&world).await;
    done.store(true, Ordering::Relaxed);
}

async fn begin(world: &World) -> Result<(), db::Error> {
    db::migrate(&world.db, mott::schema::STEPS).await?;
    seed::sow(&world.db).await
}

/// Somebody whose end is waited for.
fn join(world: &Arc<World>, task: impl Future<Output = ()> + Send + 'static) {
    world.busy(1);
    let own = world.clone();
    world.sim.spawn(0, async move {
        task.await;
        own.busy(-1);
    });
}

/// What nobody can help: institutions that are down, clocks that jump, keys that change.
async fn weather(world: Arc<World>, until_ms: i64) {
    let sim = &world.sim;
    for node in 1..=NODES {
        world.network.set_skew(node, sim.between(-1_500, 1_500));
    }
    if sim.fault(1, 4) {
        let own = world.clone();
        join(&world, async move {
            own.sim.pause(600_000, 2_400_000).await;
            let bank = &own.institutions[own.sim.below(own.institutions.len() as u64) as usize];
            bank.set_down(true);
            own.sim.wait(3_600_000).await;
            own.auditor.row(Row::DownForAnHour);
            bank.set_down(false);
        });
    }
    let clocks_jump = sim.chance(1, 4);
    while sim.now_ms() < until_ms {
        sim.pause(120_000, 1_500_000).await;
        match sim.below(6) {
            0 if clocks_jump => {
                let node = 1 + sim.below(NODES as u64) as NodeId;
                let jump_ms = sim.between(-600_000, 600_000);
                sim.log(format!("the clock of node {node} jumps to {jump_ms} ms"));
                world.network.set_skew(node, jump_ms);
                world.auditor.jumped();
                world.auditor.row(Row::ClockJumped);
            }
            1 | 2 => world.institutions[sim.below(world.institutions.len() as u64) as usize].rotate(),
            3 => {
                let bank = world.institutions[sim.below(world.institutions.len() as u64) as usize].clone();
                bank.set_down(true);
                sim.pause(2_000, 240_000).await;
                bank.set_down(false);
            }
            _ => {}
        }
    }
}

/// Nothing goes wrong any more; when everything is quiet, the books are looked at.
async fn settle(world: &Arc<World>) {
    let sim = &world.sim;
    sim.stop_faults();
    world.institutions.iter().for_each(|bank| bank.set_down(false));
    (1..=NODES).for_each(|node| world.network.set_skew(node, 0));
    let until_ms = sim.now_ms() + QUIET_WITHIN_MS;
    let telling = |world: &World| world.institutions.iter().map(|bank| bank.telling()).sum::<i64>();
    while !world.auditor.is_quiet().await || telling(world) > 0 {
        if sim.now_ms() > until_ms {
            break;
        }
        for desk in seed::desks() {
            people::decide(world, &desk).await;
        }
        sim.wait(60_000).await;
    }
    sim.wait(60_000).await;
    world.auditor.final_books().await;
}
