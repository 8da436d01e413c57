//! `mott serve` and `mott worker`: the processes that stay.
//!
//! ```text
//!  open ─► migrate ─► lease a node number ─► load the outside ─► listen ─► "mott listening on …"
//!                                                                  │ SIGINT, SIGTERM, a loop that ended, a lost lease
//!                     exit ◄─ give the number back ◄─ loops end ◄──┘ requests in flight finish, at most ten seconds
//! ```

use std::{process::ExitCode, time::Duration};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
    time::{Instant, Interval, MissedTickBehavior, interval, timeout},
};

use super::{
    Failure,
    open::{Opened, makers},
    say,
};
use crate::{
    app::Shared,
    checkout, cleaning,
    clock::Clock,
    live,
    node::{self, Lease},
    outside::Keeper,
    web, worker,
};

/// How long requests and jobs in flight may take after the signal.
const GRACE: Duration = Duration::from_secs(10);
/// How often stored settings of the outside are looked at.
const OUTSIDE: Duration = Duration::from_secs(2);
/// How often somebody looks whether certificates are due to be fetched.
const KEYS: Duration = Duration::from_secs(30);
/// How often the keyring file is read again.
const KEYRING: Duration = Duration::from_secs(10);

pub(super) async fn serve(opened: Opened, with_worker: bool) -> Result<ExitCode, Failure> {
    let (app, lease) = start(opened).await?;
    let listener = listen(&app.config.listen).await?;
    let address = listener.local_addr()?;
    let mut process = Process::new(app.clone(), lease);
    process.background("live", live::poll);
    process.background("pages", checkout::keep_fresh);
    if with_worker {
        process.background("worker", worker::run);
    }
    process.spawn("server", {
        let (app, mut stop) = (app.clone(), process.stopped());
        async move {
            let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
            if let Err(error) = web::serve(listener, app, stopped).await {
                tracing::error!(%error, "the server ended");
            }
        }
    });
    say(&format!("mott listening on http://{address}\n"))?;
    process.run().await
}

pub(super) async fn worker(opened: Opened) -> Result<ExitCode, Failure> {
    let (app, lease) = start(opened).await?;
    let mut process = Process::new(app, lease);
    process.background("worker", worker::run);
    say("mott working\n")?;
    process.run().await
}

async fn start(opened: Opened) -> Result<(Shared, Lease), Failure> {
    opened.migrate().await?;
    let (app, lease) = opened.into_app().await?;
    app.outside.refresh(&app.db, &makers(&app)).await?;
    Ok((app, lease))
}

async fn listen(address: &str) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(address).await;
    Ok(listener.map_err(|e| format!("listen = \"{address}\": {e}; choose another address with --listen"))?)
}

/// The loops of a process, and how they end together.
struct Process {
    app: Shared,
    lease: Lease,
    loops: JoinSet<&'static str>,
    stop: watch::Sender<bool>,
}

impl Process {
    fn new(app: Shared, lease: Lease) -> Process {
        let mut process = Process { app, lease, loops: JoinSet::new(), stop: watch::Sender::new(false) };
        process.background("outside", keep_outside);
        process.background("keys", keep_keys);
        process.background("keyring", keep_keyring);
        process.background("cleaning", cleaning::run);
        let lease = process.lease.clone();
        process.background("lease", |app, stop| keep_lease(app, lease, stop));
        process
    }

    fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// A loop that runs until the process stops.
    fn background<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(Shared, watch::Receiver<bool>) -> F,
    ) {
        let work = work(self.app.clone(), self.stopped());
        self.spawn(name, work);
    }

    fn spawn(&mut self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.loops.spawn(async move {
            work.await;
            name
        });
    }

    /// Waits for a signal, or for a loop that ended though nobody asked it to; then stops everything.
    async fn run(mut self) -> Result<ExitCode, Failure> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let code = tokio::select! {
            _ = interrupt.recv() => ExitCode::SUCCESS,
            _ = terminate.recv() => ExitCode::SUCCESS,
            ended = self.loops.join_next() => {
                let name = ended.and_then(Result::ok).unwrap_or("a loop that panicked");
                tracing::error!(name, "ended by itself: the process stops");
                ExitCode::FAILURE
            }
        };
        self.stop.send_replace(true);
        let all = async { while self.loops.join_next().await.is_some() {} };
        if timeout(GRACE, all).await.is_err() {
            tracing::warn!("something in flight did not end in time");
        }
        // What the last second counted in memory.
        if let Err(error) = checkout::keep_fresh_once(&self.app).await {
            tracing::warn!(%error, "the last scans could not be written");
        }
        if let Err(error) = node::release(&self.app.db, &self.lease, Clock::system().now_ms()).await {
            tracing::warn!(%error, "the node number could not be given back; its lease ends by itself");
        }
        Ok(code)
    }
}

/// Ticks until the process stops.
struct Ticks {
    interval: Interval,
    stop: watch::Receiver<bool>,
}

impl Ticks {
    fn new(period: Duration, stop: watch::Receiver<bool>) -> Ticks {
        let mut interval = interval(period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ticks { interval, stop }
    }

    /// False: the process stops.
    async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.interval.tick() => true,
            _ = self.stop.wait_for(|stop| *stop) => false,
        }
    }
}

async fn keep_outside(app: Shared, stop: watch::Receiver<bool>) {
    let makers = makers(&app);
    let mut ticks = Ticks::new(OUTSIDE, stop);
    while ticks.next().await {
        match app.outside.refresh(&app.db, &makers).await {
            Ok(true) => tracing::info!("the settings of the outside changed"),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "the settings of the outside could not be loaded; the present ones stay")
            }
        }
    }
}

async fn keep_keys(app: Shared, stop: watch::Receiver<bool>) {
    let mut keeper = Keeper::default();
    let mut ticks = Ticks::new(KEYS, stop);
    while ticks.next().await {
        keeper.round(&app).await;
    }
}

async fn keep_keyring(app: Shared, stop: watch::Receiver<bool>) {
    let mut ticks = Ticks::new(KEYRING, stop);
    while ticks.next().await {
        if let Err(error) = app.vault.reload() {
            tracing::warn!(%error, "the keyring could not be read again; the present keys stay");
        }
    }
}

/// Renews the node number until the process stops.
async fn keep_lease(app: Shared, lease: Lease, stop: watch::Receiver<bool>) {
    let (held, every) = (Duration::from_millis(node::LEASE_MS as u64), Duration::from_millis(node::RENEW_MS as u64));
    let node = lease.node;
    let renew = move || {
        let (app, lease) = (app.clone(), lease.clone());
        async move { node::renew(&app.db, &lease, Clock::system().now_ms()).await }
    };
    if !hold(held, every, renew, stop).await {
        tracing::error!(node, "the node number is lost; this process must mint no more ids");
    }
}

/// Renews each `every` what is held for `held` from the moment it was asked for. False: it is lost, or could not be
/// renewed in time; whoever goes on could mint an id that another process mints too. A renewal that is not answered
/// counts as failed before the lease ends.
#[allow(clippy::disallowed_methods, reason = "how long a lease was held must not depend on a clock that people set")]
async fn hold<F: Future<Output = Result<bool, db::Error>>>(
    held: Duration,
    every: Duration,
    renew: impl Fn() -> F,
    stop: watch::Receiver<bool>,
) -> bool {
    let mut held_since = Instant::now();
    let mut ticks = Ticks::new(every, stop);
    while ticks.next().await {
        let asked = Instant::now();
        let left = held.saturating_sub(asked.duration_since(held_since));
        if left.is_zero() {
            return false;
        }
        match timeout(left.min(every), renew()).await {
            Ok(Ok(true)) => held_since = asked,
            Ok(Ok(false)) => return false,
            Ok(Err(error)) => tracing::warn!(%error, "the node number could not be renewed"),
            Err(_) => tracing::warn!("the database did not say in time whether the node number was renewed"),
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DESIGN: two living processes never have the same number. A database that hangs must not keep one alive.
    #[tokio::test]
    async fn a_lease_that_nobody_answers_for_ends_the_process_in_time() {
        let (_running, stop) = watch::channel(false);
        let (held, every) = (Duration::from_millis(80), Duration::from_millis(20));
        let silent = hold(held, every, std::future::pending, stop.clone());
        assert!(!timeout(Duration::from_secs(5), silent).await.expect("it hangs with the database"));
        let failing = hold(held, every, async || Err(db::Error::Busy), stop.clone());
        assert!(!timeout(Duration::from_secs(5), failing).await.expect("it goes on without a lease"));
        assert!(!hold(held, every, async || Ok(false), stop).await, "another holder is the end");
    }

    #[tokio::test]
    async fn a_lease_that_is_renewed_is_held_until_the_process_stops() {
        let (running, stop) = watch::channel(false);
        let renewed = std::cell::Cell::new(0);
        let renew = async || {
            renewed.set(renewed.get() + 1);
            if renewed.get() == 20 {
                running.send_replace(true);
            }
            Ok(true)
        };
        let (held, every) = (Duration::from_secs(5), Duration::from_millis(1));
        assert!(timeout(Duration::from_secs(10), hold(held, every, renew, stop)).await.unwrap());
    }
}
