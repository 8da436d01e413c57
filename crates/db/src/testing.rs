//! Fresh databases for tests. Every database test runs on both engines; a missing PostgreSQL fails, never skips.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test support")]

use std::{
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{Db, Options};

/// A database of its own, gone when dropped (SQLite) or with the test cluster (PostgreSQL).
pub struct TestDb {
    /// The door.
    pub db: Db,
    /// What another process would pass as `--database`.
    pub place: String,
    folder: Option<tempfile::TempDir>,
}

static SERIAL: AtomicU64 = AtomicU64::new(0);

impl TestDb {
    /// A SQLite file in a temporary folder.
    pub fn sqlite() -> TestDb {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("test.db").to_str().unwrap().to_owned();
        TestDb { db: Db::open(&place, options()).unwrap(), place, folder: Some(folder) }
    }

    /// A schema of its own in the cluster that `MOTT_TEST_POSTGRES` names.
    pub async fn postgres() -> TestDb {
        let url =
            std::env::var("MOTT_TEST_POSTGRES").expect("MOTT_TEST_POSTGRES must name a PostgreSQL: run `make test`");
        let name = format!("t{}_{}", process::id(), SERIAL.fetch_add(1, Ordering::Relaxed));
        let admin = Db::open(&url, Options { write_lanes: 1, read_lanes: 0, ..options() }).unwrap();
        let text: &'static str =
            Box::leak(format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}").into_boxed_str());
        admin.write(crate::Key::of(0), async move |tx: &mut crate::Tx<'_>| tx.batch(text).await).await.unwrap();
        let mark = if url.contains('?') { '&' } else { '?' };
        let place = format!("{url}{mark}options=-csearch_path%3D{name}");
        TestDb { db: Db::open(&place, options()).unwrap(), place, folder: None }
    }

    /// The same database through a second door, as another node has it.
    pub fn another_node(&self) -> Db {
        Db::open(&self.place, options()).unwrap()
    }

    /// Where the SQLite file is.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_ref().map(tempfile::TempDir::path)
    }
}

fn options() -> Options {
    Options { read_lanes: 2, ..Options::default() }
}

/// `on_both_engines!(a, b)`: runs `async fn a(db: TestDb)` as `sqlite::a` and `postgres::a`.
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() { super::$name($crate::testing::TestDb::sqlite()).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $name() { super::$name($crate::testing::TestDb::postgres().await).await; })+
        }
    };
}
