use crate::{Db, Engine, Error, Key, Tx, params};

/// One step of the schema, as twin texts. Steps run in order, once, forward only.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// `0001_first`; the names are the same on both engines.
    pub name: &'static str,
    /// SQLite's text.
    pub sqlite: &'static str,
    /// PostgreSQL's text.
    pub postgres: &'static str,
}

const MAKE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (name TEXT NOT NULL PRIMARY KEY)";
/// Several nodes may start at once on one PostgreSQL: they take their turn.
const TAKE_TURN: &str = "SELECT pg_advisory_xact_lock(7239017)";
const NAMES: &str = "SELECT name FROM schema_migration ORDER BY name";
const REMEMBER: &str = "INSERT INTO schema_migration (name) VALUES ($1)";

/// Brings the schema up to the last of `steps` and says which ones ran.
///
/// # Errors
/// [`Error::NewerSchema`] when the database knows a step that `steps` does not.
pub async fn migrate(db: &Db, steps: &'static [Migration]) -> Result<Vec<&'static str>, Error> {
    let engine = db.engine();
    let mut ran = Vec::new();
    for step in steps {
        let done =
            db.write(Key::of("schema"), async move |tx: &mut Tx<'_>| run_step(tx, engine, steps, step).await).await?;
        ran.extend(done.then_some(step.name));
    }
    Ok(ran)
}

/// The steps that the database has.
///
/// # Errors
/// The refusals of the database.
pub async fn applied(db: &Db) -> Result<Vec<String>, Error> {
    db.read(async |tx: &mut Tx<'_>| names(tx).await).await
}

async fn names(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    tx.query(NAMES, &[]).await?.iter().map(|row| row.get(0)).collect()
}

async fn run_step(tx: &mut Tx<'_>, engine: Engine, all: &[Migration], step: &Migration) -> Result<bool, Error> {
    if engine == Engine::Postgres {
        tx.batch(TAKE_TURN).await?;
    }
    tx.batch(MAKE_TABLE).await?;
    let have = names(tx).await?;
    if let Some(unknown) = have.iter().find(|name| all.iter().all(|step| step.name != **name)) {
        return Err(Error::NewerSchema(unknown.clone()));
    }
    if have.iter().any(|name| name == step.name) {
        return Ok(false);
    }
    tx.batch(if engine == Engine::Sqlite { step.sqlite } else { step.postgres }).await?;
    tx.execute(REMEMBER, params![step.name]).await?;
    Ok(true)
}
