//! What a command needs before it can begin: settings, log, database, keyring, node number.

use std::{path::Path, sync::Arc};

use db::{Db, Options};
use tracing_subscriber::EnvFilter;

use super::{Common, Failure};
use crate::{
    App,
    app::{Parts, Shared},
    clock::Clock,
    config::Config,
    node::{self, Lease},
    outside::{Links, Makers, Outside},
    random::Random,
    schema,
    vault::Vault,
};

/// Where settings are looked for when nobody names a file.
const CONFIG: &str = "config.toml";

/// Settings and database.
pub(super) struct Opened {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub random: Random,
}

impl Opened {
    /// Reads the settings, starts the log and opens the database, making a SQLite file that is missing.
    pub fn new(common: &Common) -> Result<Opened, Failure> {
        let mut config = read_config(common)?;
        config.database = common.database.clone().unwrap_or(config.database);
        start_log(&config)?;
        let db = Db::open(&config.database, Options::default())
            .map_err(|e| format!("database = \"{}\": {e}", shown(&config.database)))?;
        Ok(Opened { db, clock: clock(common), random: Random::system(), config })
    }

    /// The same for a database that must be there already.
    pub async fn existing(common: &Common) -> Result<Opened, Failure> {
        let place = common.database.clone().map_or_else(|| read_config(common).map(|c| c.database), Ok)?;
        if !is_postgres(&place) && !Path::new(&place).exists() {
            return Err(format!("database = \"{place}\": there is no such file; `mott migrate` makes one").into());
        }
        let opened = Opened::new(common)?;
        // Without the table of migrations the question itself is refused: then none was run.
        let applied = match db::applied(&opened.db).await {
            Err(db::Error::Statement(_)) => Vec::new(),
            applied => applied?,
        };
        if schema::STEPS.iter().any(|step| !applied.iter().any(|name| name == step.name)) {
            return Err(format!("database = \"{}\" is not up to date: run `mott migrate`", shown(&place)).into());
        }
        Ok(opened)
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<Vec<&'static str>, Failure> {
        Ok(db::migrate(&self.db, schema::STEPS).await?)
    }

    /// Whom the stored settings name outside; nobody is asked anything.
    pub async fn links(&self) -> Result<Arc<Links>, Failure> {
        let vault = Vault::open(&self.config.keyring, self.random.clone())?;
        let makers = Makers { clock: self.clock.clone(), random: self.random.clone(), vault };
        let outside = Outside::default();
        outside.refresh(&self.db, &makers).await?;
        Ok(outside.links())
    }

    /// Becomes a node: the keyring is opened and a node number leased.
    pub async fn into_app(self) -> Result<(Shared, Lease), Failure> {
        let vault = Vault::open(&self.config.keyring, self.random.clone())?;
        let holder = self.random.text(20);
        let lease = node::lease(&self.db, &holder, Clock::system().now_ms()).await?;
        let parts = Parts {
            db: self.db,
            clock: self.clock,
            random: self.random,
            node: lease.node,
            vault,
            config: self.config,
            outside: Outside::default(),
        };
        Ok((App::new(parts), lease))
    }

    /// Does one thing as a node that nobody outside hears of.
    pub async fn with_app<T>(self, work: impl AsyncFnOnce(Shared) -> T) -> Result<T, Failure> {
        let (app, lease) = self.into_app().await?;
        let done = work(app.clone()).await;
        node::release(&app.db, &lease, Clock::system().now_ms()).await?;
        Ok(done)
    }
}

/// What adapters are made with.
pub(super) fn makers(app: &App) -> Makers {
    Makers { clock: app.clock.clone(), random: app.random.clone(), vault: app.vault.clone() }
}

pub(super) fn is_postgres(place: &str) -> bool {
    place.starts_with("postgres://") || place.starts_with("postgresql://")
}

fn read_config(common: &Common) -> Result<Config, Failure> {
    let path = common.config.as_deref().unwrap_or(Path::new(CONFIG));
    Ok(Config::read(path, common.config.is_some())?)
}

/// An address without its password, for people.
fn shown(place: &str) -> String {
    match url::Url::parse(place) {
        Ok(mut url) if url.password().is_some() => {
            let hidden = url.set_password(Some("***"));
            if hidden.is_ok() { url.to_string() } else { "postgres://***".into() }
        }
        _ => place.to_owned(),
    }
}

fn start_log(config: &Config) -> Result<(), Failure> {
    // PostgreSQL's notices ("already exists, skipping") are no news; the settings may still ask for them.
    let filter = EnvFilter::try_new(format!("tokio_postgres=warn,{}", config.log))
        .map_err(|e| format!("log = \"{}\": {e}; write it as \"info\" or \"info,mott=debug\"", config.log))?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    Ok(())
}

#[cfg(feature = "test-clock")]
fn clock(common: &Common) -> Clock {
    common.test_clock.clone().map_or_else(Clock::system, Clock::from_file)
}

#[cfg(not(feature = "test-clock"))]
fn clock(_common: &Common) -> Clock {
    Clock::system()
}
