//! Time, chance and turns: one thread, no real clock. Every task is a future that the seed chooses to poll next; when
//! none can go on, time jumps to the next thing that somebody waits for.
//!
//! ```text
//!  ready? ──yes──► poll the one that the seed picks ──► maybe its node dies right there
//!    │no
//!    └──► the earliest timer: now = its moment
//! ```

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    future::Future,
    hash::Hasher,
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use crate::random::Stream;

/// 2026-11-23 10:00 in Shanghai.
pub const START_MS: i64 = 1_795_399_200_000;
/// Lines of the log that are kept to be printed beside a failure.
const KEPT_LINES: usize = 400;
/// How long the run waits for an answer of a real database before it calls it lost.
const FOREIGN_WAIT: Duration = Duration::from_secs(20);

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;
/// Which node a task runs on; 0: outside.
pub type NodeId = usize;

/// The run, as its parts see it. Cheap to clone.
#[derive(Clone)]
pub struct Sim(Arc<Inner>);

struct Inner {
    now_ms: AtomicI64,
    ready: Arc<Ready>,
    state: Mutex<State>,
}

struct State {
    chance: Stream,
    spawned: Vec<(u64, NodeId, Task)>,
    last_task: u64,
    timers: BTreeMap<(i64, u64), Waker>,
    last_timer: u64,
    /// Rises whenever something was written: whoever is idle looks again.
    version: u64,
    watchers: BTreeMap<u64, Waker>,
    hash: Fnv,
    lines: VecDeque<String>,
    keep_all: bool,
    faults: bool,
    /// Questions to a database outside of the run that are not answered yet, per node.
    asked: BTreeMap<NodeId, i64>,
}

#[derive(Default)]
struct Ready {
    tasks: Mutex<BTreeSet<u64>>,
    woken: Condvar,
}

struct TaskWaker {
    task: u64,
    ready: Arc<Ready>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        lock(&self.ready.tasks).insert(self.task);
        self.ready.woken.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// FNV-1a: the hash of everything that happened.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

impl Sim {
    /// A run of a seed.
    pub fn new(seed: u64, keep_all: bool) -> Sim {
        Sim(Arc::new(Inner {
            now_ms: AtomicI64::new(START_MS),
            ready: Arc::default(),
            state: Mutex::new(State {
                chance: Stream::new(seed, 1),
                spawned: Vec::new(),
                last_task: 0,
                timers: BTreeMap::new(),
                last_timer: 0,
                version: 0,
                watchers: BTreeMap::new(),
                hash: Fnv(0xCBF2_9CE4_8422_2325),
                lines: VecDeque::new(),
                keep_all,
                faults: true,
                asked: BTreeMap::new(),
            }),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    /// The true time, UTC milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.0.now_ms.load(Ordering::Relaxed)
    }

    /// Whether anything may go wrong now.
    pub fn faults(&self) -> bool {
        self.state().faults
    }

    /// From now on nothing goes wrong any more.
    pub fn stop_faults(&self) {
        self.state().faults = false;
        self.log("── faults stop");
    }

    /// A number below `bound`.
    pub fn below(&self, bound: u64) -> u64 {
        self.state().chance.below(bound)
    }

    /// A number from `least` to `most`.
    pub fn between(&self, least: i64, most: i64) -> i64 {
        self.state().chance.between(least, most)
    }

    /// True in `parts` of `of` cases.
    pub fn chance(&self, parts: u64, of: u64) -> bool {
        self.state().chance.chance(parts, of)
    }

    /// As [`chance`](Sim::chance), and never once faults have stopped.
    pub fn fault(&self, parts: u64, of: u64) -> bool {
        let mut state = self.state();
        state.chance.chance(parts, of) && state.faults
    }

    /// Notes what happened.
    pub fn log(&self, line: impl AsRef<str>) {
        let at_ms = self.now_ms() - START_MS;
        let mut state = self.state();
        state.hash.write_i64(at_ms);
        state.hash.write(line.as_ref().as_bytes());
        if state.lines.len() >= KEPT_LINES && !state.keep_all {
            state.lines.pop_front();
        }
        let (s, ms) = (at_ms / 1000, at_ms % 1000);
        state.lines.push_back(format!("{:>2}:{:02}:{:02}.{ms:03} {}", s / 3600, s / 60 % 60, s % 60, line.as_ref()));
    }

    /// The hash of everything that was noted, and the last lines of it.
    pub fn told(&self) -> (u64, Vec<String>) {
        let mut state = self.state();
        (state.hash.finish(), state.lines.drain(..).collect())
    }

    /// Starts a task on a node (0: outside).
    pub fn spawn(&self, node: NodeId, task: impl Future<Output = ()> + Send + 'static) {
        let mut state = self.state();
        state.last_task += 1;
        let id = state.last_task;
        state.spawned.push((id, node, Box::pin(task)));
    }

    /// Waits.
    pub fn wait(&self, ms: i64) -> Sleep {
        Sleep { sim: self.clone(), at_ms: self.now_ms() + ms.max(0), timer: None, unless: None, watcher: None }
    }

    /// Waits some time from `least` to `most`.
    pub fn pause(&self, least: i64, most: i64) -> Sleep {
        self.wait(self.between(least, most))
    }

    /// Waits until `at_ms`, or until something was written since [`version`](Sim::version) was `version`.
    pub fn until_written(&self, version: u64, at_ms: i64) -> Sleep {
        Sleep { sim: self.clone(), at_ms, timer: None, unless: Some(version), watcher: None }
    }

    /// Rises whenever something was written.
    pub fn version(&self) -> u64 {
        self.state().version
    }

    /// Something was written.
    pub fn written(&self) {
        let mut state = self.state();
        state.version += 1;
        let watchers = std::mem::take(&mut state.watchers);
        drop(state);
        watchers.into_values().for_each(Waker::wake);
    }

    /// A question goes to the database (+1), or its answer came (-1).
    pub fn asked(&self, node: NodeId, change: i64) {
        *self.state().asked.entry(node).or_default() += change;
    }

    /// Lets others go first.
    pub fn give_way(&self) -> GiveWay {
        GiveWay(false)
    }
}

/// See [`Sim::wait`] and [`Sim::until_written`].
pub struct Sleep {
    sim: Sim,
    at_ms: i64,
    timer: Option<u64>,
    unless: Option<u64>,
    watcher: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let now_ms = self.sim.now_ms();
        let sim = self.sim.clone();
        let mut state = sim.state();
        if now_ms >= self.at_ms || self.unless.is_some_and(|version| version != state.version) {
            return Poll::Ready(());
        }
        let timer = *self.timer.get_or_insert_with(|| {
            state.last_timer += 1;
            state.last_timer
        });
        state.timers.insert((self.at_ms, timer), cx.waker().clone());
        if self.unless.is_some() {
            state.watchers.insert(timer, cx.waker().clone());
            self.watcher = Some(timer);
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let Some(timer) = self.timer else { return };
        let mut state = self.sim.state();
        state.timers.remove(&(self.at_ms, timer));
        if let Some(watcher) = self.watcher {
            state.watchers.remove(&watcher);
        }
    }
}

/// See [`Sim::give_way`].
pub struct GiveWay(bool);

impl Future for GiveWay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls the tasks.
pub struct Scheduler {
    sim: Sim,
    tasks: BTreeMap<u64, (NodeId, Task)>,
    /// A database outside of the run answers when it likes.
    foreign: bool,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A task of this node had its turn.
    Polled(NodeId),
    /// Time went on.
    Later,
    /// Nobody waits for anything that could ever happen.
    Stuck,
}

impl Scheduler {
    /// A scheduler; `foreign` where a database outside of the run answers.
    pub fn new(sim: Sim, foreign: bool) -> Scheduler {
        Scheduler { sim, tasks: BTreeMap::new(), foreign }
    }

    /// One turn.
    pub fn turn(&mut self) -> Turn {
        let spawned = std::mem::take(&mut self.sim.state().spawned);
        for (id, node, task) in spawned {
            self.tasks.insert(id, (node, task));
            lock(&self.sim.0.ready.tasks).insert(id);
        }
        match self.pick() {
            Some(id) => self.poll(id),
            None if self.foreign && self.wait_outside() => Turn::Later,
            None => self.pass_time(),
        }
    }

    fn pick(&self) -> Option<u64> {
        let mut ready = lock(&self.sim.0.ready.tasks);
        if ready.is_empty() {
            return None;
        }
        let nth = self.sim.state().chance.below(ready.len() as u64) as usize;
        let id = ready.iter().nth(nth).copied()?;
        ready.remove(&id);
        Some(id)
    }

    fn poll(&mut self, id: u64) -> Turn {
        let Some((node, task)) = self.tasks.get_mut(&id) else { return Turn::Later };
        let node = *node;
        let waker = Waker::from(Arc::new(TaskWaker { task: id, ready: self.sim.0.ready.clone() }));
        let ended = task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        if ended {
            self.tasks.remove(&id);
        }
        Turn::Polled(node)
    }

    /// Waits for the database where a task needs it; false where none does, or where it stays silent.
    fn wait_outside(&self) -> bool {
        if self.sim.state().asked.values().all(|asked| *asked <= 0) {
            return false;
        }
        let ready = lock(&self.sim.0.ready.tasks);
        let (ready, _) = self
            .sim
            .0
            .ready
            .woken
            .wait_timeout_while(ready, FOREIGN_WAIT, |ready| ready.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        if ready.is_empty() {
            self.sim.state().asked.clear();
        }
        !ready.is_empty()
    }

    fn pass_time(&self) -> Turn {
        let mut state = self.sim.state();
        let Some((&(at_ms, _), _)) = state.timers.first_key_value() else { return Turn::Stuck };
        self.sim.0.now_ms.fetch_max(at_ms, Ordering::Relaxed);
        let mut due = Vec::new();
        while let Some(entry) = state.timers.first_entry().filter(|entry| entry.key().0 <= at_ms) {
            due.push(entry.remove());
        }
        drop(state);
        due.into_iter().for_each(Waker::wake);
        Turn::Later
    }

    /// The node dies: everything it was doing is gone at the point where it stood.
    pub fn kill(&mut self, node: NodeId) {
        let spawned = std::mem::take(&mut self.sim.state().spawned);
        let (gone, stay): (Vec<_>, Vec<_>) = spawned.into_iter().partition(|(_, of, _)| *of == node);
        {
            let mut state = self.sim.state();
            state.spawned = stay;
            state.asked.remove(&node);
        }
        drop(gone);
        let dead: Vec<u64> = self.tasks.iter().filter(|(_, (of, _))| *of == node).map(|(id, _)| *id).collect();
        for id in dead {
            drop(self.tasks.remove(&id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64) -> (u64, i64) {
        let sim = Sim::new(seed, false);
        let mut scheduler = Scheduler::new(sim.clone(), false);
        for n in 0..5 {
            let own = sim.clone();
            sim.spawn(0, async move {
                for step in 0..4 {
                    own.give_way().await;
                    own.pause(0, 3).await;
                    own.log(format!("{n} {step}"));
                }
            });
        }
        while scheduler.turn() != Turn::Stuck {}
        (sim.told().0, sim.now_ms())
    }

    #[test]
    fn a_seed_is_one_order_of_events_and_another_seed_another() {
        assert_eq!(run(1), run(1));
        assert_ne!(run(1).0, run(2).0);
        assert!(run(1).1 > START_MS);
    }

    #[test]
    fn whoever_is_killed_stops_where_it_stood() {
        let sim = Sim::new(1, false);
        let mut scheduler = Scheduler::new(sim.clone(), false);
        let own = sim.clone();
        sim.spawn(1, async move {
            own.wait(10).await;
            own.log("never");
        });
        scheduler.turn();
        scheduler.kill(1);
        while scheduler.turn() != Turn::Stuck {}
        assert!(sim.told().1.is_empty());
    }

    #[test]
    fn whoever_is_idle_looks_again_when_something_was_written() {
        let sim = Sim::new(1, false);
        let mut scheduler = Scheduler::new(sim.clone(), false);
        let (idle, writer) = (sim.clone(), sim.clone());
        sim.spawn(0, async move {
            idle.until_written(idle.version(), START_MS + 1_000_000).await;
            idle.log("looked");
        });
        sim.spawn(0, async move {
            writer.wait(5).await;
            writer.written();
        });
        while scheduler.turn() != Turn::Stuck {}
        assert_eq!(sim.now_ms(), START_MS + 5);
        assert_eq!(sim.told().1.len(), 1);
    }
}
