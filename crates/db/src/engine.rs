use std::{
    collections::{HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::Config;

use crate::{
    Error, Tx,
    postgres::{self, PgConn},
    sqlite::{self, SqliteConn},
    work::{Closure, Work},
};

/// Which database answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, embedded.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// The coarsest thing a closure locks. Closures of one key never share a batch and keep their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(u64);

impl Key {
    /// The key of whatever identifies the thing: `Key::of((merchant_id, order_id))`.
    pub fn of(thing: impl Hash) -> Key {
        let mut hasher = DefaultHasher::new();
        thing.hash(&mut hasher);
        Key(hasher.finish())
    }
}

/// How many connections a [`Db`] opens and how much it lets wait.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Writing connections on PostgreSQL (SQLite has one).
    pub write_lanes: usize,
    /// Reading connections.
    pub read_lanes: usize,
    /// Closures that may wait before [`Error::Busy`].
    pub max_waiting: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { write_lanes: 2, read_lanes: 4, max_waiting: 20_000 }
    }
}

/// A moment at the door.
pub type Moment = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// What a simulation does around each closure: others may run there, the caller may die there, an answer be lost there.
/// Without it the inline engine never gives way, and two nodes could not meet between two statements of one story.
pub trait Around: Send + Sync {
    /// Before a closure is handed over, one that `writes` or one that reads. With an error it does not run.
    fn before(&self, writes: bool) -> Moment;
    /// After it ran, and was committed if it writes. An error is told instead of its answer, as when a commit goes
    /// unanswered.
    fn after(&self, writes: bool) -> Moment;
}

/// Closures that one batch holds at most.
const SQLITE_BATCH: usize = 512;
const POSTGRES_BATCH: usize = 64;

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
    around: Option<Arc<dyn Around>>,
}

struct Inner {
    engine: Engine,
    writers: Vec<Lane>,
    readers: Vec<Lane>,
    inline: Option<Mutex<SqliteConn>>,
    max_waiting: usize,
}

struct Lane {
    queue: mpsc::UnboundedSender<Box<dyn Work>>,
    waiting: Arc<AtomicUsize>,
}

impl Db {
    fn of(inner: Inner) -> Db {
        Db { inner: Arc::new(inner), around: None }
    }

    /// The same database through a door of its own, with `around` taking part in everything that passes it.
    #[must_use]
    pub fn with(&self, around: Arc<dyn Around>) -> Db {
        Db { inner: self.inner.clone(), around: Some(around) }
    }

    /// Opens a SQLite file, making it and its folder if they are missing.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn sqlite(path: impl Into<PathBuf>, options: Options) -> Result<Db, Error> {
        let path = path.into();
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| Error::Unavailable(format!("{}: {e}", folder.display())))?;
        }
        let mut writer = SqliteConn::writer(&path)?;
        let writers = vec![lane("db-write", move |mut queue, waiting| {
            while let Some(first) = queue.blocking_recv() {
                let batch = drain(&mut queue, first, SQLITE_BATCH);
                sqlite::write_batch(&mut writer, &batch);
                answer(batch, &waiting);
            }
        })?];
        let readers = (0..options.read_lanes)
            .map(|_| {
                let mut reader = SqliteConn::reader(&path)?;
                lane("db-read", move |mut queue, waiting| {
                    while let Some(work) = queue.blocking_recv() {
                        sqlite::read_one(&mut reader, &*work);
                        answer([work], &waiting);
                    }
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Db::of(Inner { engine: Engine::Sqlite, writers, readers, inline: None, max_waiting: options.max_waiting }))
    }

    /// Opens a PostgreSQL database (`postgres://user:password@host/db`). Connections are made when first needed and
    /// made again when they are lost.
    ///
    /// # Errors
    /// When the address cannot be read.
    pub fn postgres(url: &str, options: Options) -> Result<Db, Error> {
        let config: Config = url.parse().map_err(|e: tokio_postgres::Error| Error::Unavailable(e.to_string()))?;
        let open = |count: usize, name: &'static str, writes: bool| {
            (0..count)
                .map(|_| {
                    let config = config.clone();
                    lane(name, move |queue, waiting| postgres_lane(&config, queue, &waiting, writes))
                })
                .collect::<Result<Vec<_>, _>>()
        };
        let writers = open(options.write_lanes, "db-write", true)?;
        let readers = open(options.read_lanes, "db-read", false)?;
        Ok(Db::of(Inner { engine: Engine::Postgres, writers, readers, inline: None, max_waiting: options.max_waiting }))
    }

    /// An in-memory SQLite without threads: everything runs where it is called, in the order of the calls.
    ///
    /// # Errors
    /// When SQLite cannot be opened.
    pub fn inline() -> Result<Db, Error> {
        let inline = Some(Mutex::new(SqliteConn::in_memory()?));
        let (writers, readers) = (Vec::new(), Vec::new());
        Ok(Db::of(Inner { engine: Engine::Sqlite, writers, readers, inline, max_waiting: usize::MAX }))
    }

    /// Opens what a setting names: a `postgres://` address, else the path of a SQLite file.
    ///
    /// # Errors
    /// As [`Db::sqlite`] and [`Db::postgres`].
    pub fn open(place: &str, options: Options) -> Result<Db, Error> {
        if place.starts_with("postgres://") || place.starts_with("postgresql://") {
            Db::postgres(place, options)
        } else {
            Db::sqlite(place, options)
        }
    }

    /// Which engine answers, for the few texts that must differ.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// Runs `work` in a transaction and answers after its commit. It may run more than once.
    ///
    /// # Errors
    /// The closure's own error (its changes are undone), or an [`Error`] of the door.
    pub async fn write<T, E, F>(&self, key: Key, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let lane = self.inner.writers.get(key.0 as usize % self.inner.writers.len().max(1));
        self.submit(true, lane, key, work).await
    }

    /// Runs `work` on a reading connection, each statement seeing what is committed.
    ///
    /// # Errors
    /// The closure's own error, or an [`Error`] of the door.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let lane = self.inner.readers.iter().min_by_key(|lane| lane.waiting.load(Ordering::Relaxed));
        self.submit(false, lane, Key(0), work).await
    }

    async fn submit<T, E, F>(&self, writes: bool, lane: Option<&Lane>, key: Key, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let Some(around) = &self.around else { return self.hand_over(writes, lane, key, work).await };
        around.before(writes).await?;
        let answer = self.hand_over(writes, lane, key, work).await;
        around.after(writes).await?;
        answer
    }

    async fn hand_over<T, E, F>(&self, writes: bool, lane: Option<&Lane>, key: Key, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (done, wait) = oneshot::channel();
        let closure: Box<dyn Work> = Box::new(Closure { key, work, out: Mutex::default(), done });
        match (lane, &self.inner.inline) {
            (Some(lane), _) => {
                if lane.waiting.fetch_add(1, Ordering::Relaxed) >= self.inner.max_waiting {
                    lane.waiting.fetch_sub(1, Ordering::Relaxed);
                    return Err(Error::Busy.into());
                }
                if lane.queue.send(closure).is_err() {
                    return Err(Error::Unavailable("the database lane has ended".into()).into());
                }
            }
            (None, Some(conn)) => {
                let mut conn = conn.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                if writes {
                    sqlite::write_batch(&mut conn, std::slice::from_ref(&closure));
                } else {
                    sqlite::read_one(&mut conn, &*closure);
                }
                drop(conn);
                closure.answer();
            }
            (None, None) => return Err(Error::Unavailable("no lane".into()).into()),
        }
        wait.await.unwrap_or_else(|_| Err(Error::CommitUnknown.into()))
    }
}

type Queue = mpsc::UnboundedReceiver<Box<dyn Work>>;

fn lane(name: &str, run: impl FnOnce(Queue, Arc<AtomicUsize>) + Send + 'static) -> Result<Lane, Error> {
    let (queue, work) = mpsc::unbounded_channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let counter = waiting.clone();
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || run(work, counter))
        .map_err(|e| Error::Unavailable(format!("no thread: {e}")))?;
    Ok(Lane { queue, waiting })
}

fn drain(queue: &mut Queue, first: Box<dyn Work>, most: usize) -> Vec<Box<dyn Work>> {
    let mut batch = vec![first];
    while batch.len() < most {
        match queue.try_recv() {
            Ok(work) => batch.push(work),
            Err(_) => break,
        }
    }
    batch
}

fn answer(batch: impl IntoIterator<Item = Box<dyn Work>>, waiting: &AtomicUsize) {
    for work in batch {
        waiting.fetch_sub(1, Ordering::Relaxed);
        work.answer();
    }
}

fn postgres_lane(config: &Config, queue: Queue, waiting: &AtomicUsize, writes: bool) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "a database lane has no runtime");
            return;
        }
    };
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        if writes { write_lane(config, queue, waiting).await } else { read_lane(config, queue, waiting).await }
    });
}

/// A live connection, made again when it was lost.
async fn connected<'a>(conn: &'a mut Option<PgConn>, config: &Config) -> Result<&'a PgConn, Error> {
    if conn.as_ref().is_none_or(PgConn::is_closed) {
        *conn = Some(PgConn::connect(config).await?);
    }
    conn.as_ref().ok_or_else(|| Error::Unavailable("no connection".into()))
}

async fn write_lane(config: &Config, mut queue: Queue, waiting: &AtomicUsize) {
    let mut conn = None;
    let mut held: VecDeque<Box<dyn Work>> = VecDeque::new();
    loop {
        if held.is_empty() {
            match queue.recv().await {
                Some(work) => held.push_back(work),
                None => return,
            }
        }
        while held.len() < POSTGRES_BATCH * 4 {
            match queue.try_recv() {
                Ok(work) => held.push_back(work),
                Err(_) => break,
            }
        }
        let batch = take_distinct(&mut held);
        match connected(&mut conn, config).await {
            Ok(conn) => postgres::write_batch(conn, &batch).await,
            Err(error) => batch.iter().for_each(|work| work.set(error.clone())),
        }
        answer(batch, waiting);
    }
}

/// The next batch: in order, and never two closures of one key.
fn take_distinct(held: &mut VecDeque<Box<dyn Work>>) -> Vec<Box<dyn Work>> {
    let mut keys = HashSet::new();
    let mut batch = Vec::new();
    let mut later = VecDeque::new();
    while let Some(work) = held.pop_front() {
        if batch.len() < POSTGRES_BATCH && keys.insert(work.key()) {
            batch.push(work);
        } else {
            later.push_back(work);
        }
    }
    *held = later;
    batch
}

/// Readers pipeline: a slow query does not keep the next one from being sent.
async fn read_lane(config: &Config, mut queue: Queue, waiting: &AtomicUsize) {
    let mut conn = None;
    while let Some(first) = queue.recv().await {
        let batch = drain(&mut queue, first, POSTGRES_BATCH);
        match connected(&mut conn, config).await {
            Ok(conn) => {
                let mut running: FuturesUnordered<_> = batch
                    .into_iter()
                    .map(|work| async move {
                        postgres::read_one(conn, &*work).await;
                        work
                    })
                    .collect();
                while let Some(work) = running.next().await {
                    answer([work], waiting);
                }
            }
            Err(error) => {
                batch.iter().for_each(|work| work.set(error.clone()));
                answer(batch, waiting);
            }
        }
    }
}
