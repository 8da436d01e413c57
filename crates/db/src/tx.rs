use crate::{Error, Row, Val, postgres::PgConn, sqlite::SqliteConn};

/// What a closure talks to: a transaction in [`Db::write`](crate::Db::write), a plain connection in
/// [`Db::read`](crate::Db::read). SQL is one text for both engines with `$1` placeholders, bound by number.
pub struct Tx<'c> {
    pub(crate) conn: Conn<'c>,
    /// Rows were changed: an error of the closure must be rolled back.
    pub(crate) wrote: bool,
    /// A statement failed: on PostgreSQL the whole transaction is lost with it.
    pub(crate) failed: Option<Error>,
}

pub(crate) enum Conn<'c> {
    Sqlite(&'c mut SqliteConn),
    Pg(&'c PgConn),
}

impl<'c> Tx<'c> {
    pub(crate) fn new(conn: Conn<'c>) -> Self {
        Tx { conn, wrote: false, failed: None }
    }

    /// Runs a statement that changes rows and says how many it changed.
    ///
    /// # Errors
    /// [`Error::Unique`] and the other refusals of the database.
    pub async fn execute(&mut self, sql: &'static str, params: &[Val<'_>]) -> Result<u64, Error> {
        refuse_nul(params)?;
        let done = match &mut self.conn {
            Conn::Sqlite(conn) => conn.execute(sql, params),
            Conn::Pg(conn) => conn.execute(sql, params).await,
        };
        // A conditional update that found nothing leaves nothing to undo.
        self.wrote |= done.as_ref().is_ok_and(|changed| *changed > 0);
        self.remember(done)
    }

    /// Every row of a query (also of `… RETURNING`).
    ///
    /// # Errors
    /// The refusals of the database.
    pub async fn query(&mut self, sql: &'static str, params: &[Val<'_>]) -> Result<Vec<Row>, Error> {
        refuse_nul(params)?;
        let done = match &mut self.conn {
            Conn::Sqlite(conn) => conn.query(sql, params),
            Conn::Pg(conn) => conn.query(sql, params).await,
        };
        self.wrote |= changes_rows(sql) && done.as_ref().is_ok_and(|rows| !rows.is_empty());
        self.remember(done)
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// The refusals of the database.
    pub async fn query_opt(&mut self, sql: &'static str, params: &[Val<'_>]) -> Result<Option<Row>, Error> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// The first row.
    ///
    /// # Errors
    /// [`Error::NoRow`] when there is none.
    pub async fn query_one(&mut self, sql: &'static str, params: &[Val<'_>]) -> Result<Row, Error> {
        self.query_opt(sql, params).await?.ok_or(Error::NoRow)
    }

    /// Runs several statements without parameters (migrations).
    ///
    /// # Errors
    /// The refusals of the database.
    pub async fn batch(&mut self, sql: &str) -> Result<(), Error> {
        self.wrote = true;
        let done = match &mut self.conn {
            Conn::Sqlite(conn) => conn.batch(sql),
            Conn::Pg(conn) => conn.batch(sql).await,
        };
        self.remember(done)
    }

    fn remember<T>(&mut self, done: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &done {
            self.failed = Some(error.clone());
        }
        done
    }
}

fn refuse_nul(params: &[Val<'_>]) -> Result<(), Error> {
    if params.iter().any(Val::has_nul) { Err(Error::Nul) } else { Ok(()) }
}

fn changes_rows(sql: &str) -> bool {
    let word = sql.trim_start().get(..6).unwrap_or_default();
    !word.eq_ignore_ascii_case("select")
}
