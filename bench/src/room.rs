//! What all groups share: a scratch folder on a real disk, the release binaries, the institution's kit, and per engine
//! a template database that every round gets a fresh copy of.

use std::{
    cell::OnceCell,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use mott::clock::Clock;

use crate::{
    Error,
    drive::{Requests, ask, drive},
    node::{Node, get},
    postgres::Cluster,
    process::{self, Server, free_address},
    seed::{World, seed},
};

/// Name of PostgreSQL's template and of the copy that a round gets.
const TEMPLATE: &str = "template_bench";
const COPY: &str = "round";

/// Which database a round runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Engine {
    /// Both.
    pub const ALL: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

    /// As it stands in names.
    pub fn word(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        }
    }
}

/// See the module.
pub struct Room {
    // Before the folder that it lives in.
    postgres: OnceCell<(Cluster, World)>,
    sqlite: OnceCell<World>,
    scratch: tempfile::TempDir,
    binaries: PathBuf,
    /// The same for both engines, so that their orders have the same numbers and one signature serves both.
    now_ms: i64,
    /// How to measure.
    pub how: How,
}

/// How to measure.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// Rounds of each side.
    pub rounds: usize,
    /// Whether nodes that take callbacks and orders do the jobs that follow, too.
    pub worker: bool,
    /// Tell what a node's threads used per answer.
    pub tell_cpu: bool,
}

impl Room {
    /// Makes the scratch folder and the institution.
    ///
    /// # Errors
    /// When a binary is missing or does not start.
    pub fn open(scratch: &Path, binaries: PathBuf, how: How) -> Result<Room, Error> {
        let scratch = tempfile::Builder::new().prefix("mott-bench.").tempdir_in(scratch)?;
        // PostgreSQL runs as another user, who must be able to pass.
        process::run(Command::new("chmod").arg("755").arg(scratch.path()))?;
        let now_ms = Clock::system().now_ms();
        let room = Room { postgres: OnceCell::new(), sqlite: OnceCell::new(), scratch, binaries, now_ms, how };
        room.found_institution()?;
        Ok(room)
    }

    /// A file of the scratch folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// The scratch folder.
    pub fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// One of our release binaries.
    ///
    /// # Errors
    /// When it was not built.
    pub fn binary(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.binaries.join(name);
        if path.is_file() {
            Ok(path)
        } else {
            Err(Error::new(format!("{} is missing: run `make bench`", path.display())))
        }
    }

    /// The institution makes its keys and its kit when it is first started; then it is not needed any more.
    fn found_institution(&self) -> Result<(), Error> {
        let (address, smtp, state) = (free_address()?, free_address()?.to_string(), self.file("institution"));
        let (http, state) = (address.to_string(), state.to_string_lossy().into_owned());
        let words = ["serve", "--listen", &http, "--smtp", &smtp, "--state", &state];
        let mut server = Server::start(&self.binary("sandbox")?, &words, None, &self.file("institution.log"), "TERM")?;
        // It listens before it has its keys, and answers after.
        server.wait_until(|| ask(address, &get("/mailbox")).is_ok())
    }

    /// Runs one command of mott on the database `place`.
    ///
    /// # Errors
    /// When it fails.
    pub fn mott(&self, place: &str, words: &[&str]) -> Result<String, Error> {
        let config = self.config(free_address()?)?;
        let mut command = Command::new(self.binary("mott")?);
        process::run(command.args(words).arg("--config").arg(config).args(["--database", place]))
    }

    /// The settings of a node that listens at `address`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn config(&self, address: SocketAddr) -> Result<PathBuf, Error> {
        let (file, keyring) = (self.file("config.toml"), self.file("keyring.toml"));
        let text = format!(
            "listen = \"{address}\"\npublic_url = \"http://{address}\"\nkeyring = \"{}\"\n",
            keyring.to_string_lossy()
        );
        std::fs::write(&file, text)?;
        Ok(file)
    }

    /// Makes the template: migrated, with the platform and the merchant of the files, a code and orders that wait.
    fn make_template(&self, place: &str) -> Result<World, Error> {
        let merchant = self.file("merchant.toml");
        std::fs::write(&merchant, include_str!("../merchant.toml"))?;
        let platform = self.file("institution/kit/platform.toml");
        let files = ["apply", "-f", &platform.to_string_lossy(), "-f", &merchant.to_string_lossy()];
        self.mott(place, &["migrate"])?;
        self.mott(place, &files)?;
        self.mott(place, &["admin", "collection-code", "--mobile", "13800002176"])?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(seed(place, self.now_ms))
    }

    fn sqlite(&self) -> Result<&World, Error> {
        if self.sqlite.get().is_none() {
            let file = self.file("template.db");
            let world = self.make_template(&file.to_string_lossy())?;
            // Everything into the one file that is copied.
            rusqlite::Connection::open(&file)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            self.sqlite.set(world).map_err(|_| Error::new("made twice"))?;
        }
        self.sqlite.get().ok_or_else(|| Error::new("no template"))
    }

    /// The cluster and its template's merchant.
    ///
    /// # Errors
    /// When PostgreSQL does not do as asked.
    pub fn postgres(&self) -> Result<&(Cluster, World), Error> {
        if self.postgres.get().is_none() {
            let cluster = Cluster::start(self.folder())?;
            cluster.create(TEMPLATE, None)?;
            let world = self.make_template(&cluster.url(TEMPLATE))?;
            cluster.say(TEMPLATE, "VACUUM ANALYZE")?;
            self.postgres.set((cluster, world)).map_err(|_| Error::new("made twice"))?;
        }
        self.postgres.get().ok_or_else(|| Error::new("no template"))
    }

    /// The merchant that every round of `engine` has.
    ///
    /// # Errors
    /// When the template cannot be made.
    pub fn world(&self, engine: Engine) -> Result<&World, Error> {
        match engine {
            Engine::Sqlite => self.sqlite(),
            Engine::Postgres => Ok(&self.postgres()?.1),
        }
    }

    /// A fresh copy of the template in the place of the last round's.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn fresh(&self, engine: Engine) -> Result<String, Error> {
        if engine == Engine::Postgres {
            let (cluster, _) = self.postgres()?;
            cluster.drop(COPY)?;
            cluster.create(COPY, Some(TEMPLATE))?;
            return Ok(cluster.url(COPY));
        }
        self.sqlite()?;
        let copy = self.file("round.db");
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(self.file(&format!("round.db{end}"))); // the first round has none
        }
        std::fs::copy(self.file("template.db"), &copy)?;
        std::fs::File::open(&copy)?.sync_all()?; // or the first commit of the round would pay for it
        Ok(copy.to_string_lossy().into_owned())
    }

    /// Name of the database that is filled with records.
    pub const RECORDS: &'static str = "records";

    /// A copy of the template that is to be filled with records; a round's own stays as it is.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn records(&self, engine: Engine) -> Result<String, Error> {
        self.drop_records(engine)?;
        if engine == Engine::Postgres {
            let (cluster, _) = self.postgres()?;
            cluster.create(Self::RECORDS, Some(TEMPLATE))?;
            return Ok(cluster.url(Self::RECORDS));
        }
        self.sqlite()?;
        let copy = self.file("records.db");
        std::fs::copy(self.file("template.db"), &copy)?;
        Ok(copy.to_string_lossy().into_owned())
    }

    /// Gives back the room that it took on the disk.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub fn drop_records(&self, engine: Engine) -> Result<(), Error> {
        if engine == Engine::Postgres {
            return self.postgres()?.0.drop(Self::RECORDS);
        }
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(self.file(&format!("records.db{end}"))); // the first time there is none
        }
        Ok(())
    }

    /// A node on a fresh copy, as an operator starts it.
    ///
    /// # Errors
    /// When it does not start.
    pub fn node(&self, engine: Engine) -> Result<Node, Error> {
        let place = self.fresh(engine)?;
        Node::start(self, &place, &[])
    }

    /// A node that only answers, on a fresh copy: the jobs that follow a commit are not part of what the other side
    /// does, so they are left to a `mott worker` that is not there.
    ///
    /// # Errors
    /// When it does not start.
    pub fn answering_node(&self, engine: Engine) -> Result<Node, Error> {
        if self.how.worker {
            return self.node(engine);
        }
        let place = self.fresh(engine)?;
        Node::start(self, &place, &["--no-worker"])
    }

    /// Drives `node` as [`drive`] does, and tells what its threads used per answer if that was asked for: figures that
    /// stay the same where others use the machine too.
    ///
    /// # Errors
    /// As [`drive`].
    pub fn drive(&self, node: &Node, callers: usize, requests: Requests<'_>, wanted: &[u16]) -> Result<f64, Error> {
        let before = node.cpu()?;
        let round = drive(node.address, callers, requests, wanted)?;
        if self.how.tell_cpu {
            let each = |used: u64| used as f64 / 1000.0 / round.answers as f64;
            let used = node.cpu()?.into_iter().map(|(name, used)| (before.get(&name).map_or(used, |b| used - b), name));
            let used: Vec<String> = used.map(|(used, name)| format!("{name} {:.1}", each(used))).collect();
            println!(
                "  {callers} callers, {:.0}/s, µs per answer: {}, driver {:.1}",
                round.per_second,
                used.join(", "),
                each(round.cpu)
            );
        }
        Ok(round.per_second)
    }

    /// What the round's database answers to a question for one number.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn count(&self, engine: Engine, sql: &str) -> Result<i64, Error> {
        match engine {
            Engine::Sqlite => crate::plain_sqlite::count(&self.file("round.db"), sql),
            Engine::Postgres => {
                let told = self.postgres()?.0.say(COPY, sql)?;
                told.parse().map_err(|_| Error::new(format!("no number: {told}")))
            }
        }
    }
}
