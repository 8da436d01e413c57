/// What can go wrong at the door. Business refusals are the closure's own error type.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A unique key already holds this value.
    #[error("a row with this key exists already: {0}")]
    Unique(String),
    /// Another transaction was in the way (deadlock, serialisation); re-running may succeed.
    #[error("the transaction lost against another one: {0}")]
    Conflict(String),
    /// The statement was refused: a defect, or a broken constraint.
    #[error("the database refused a statement: {0}")]
    Statement(String),
    /// A column does not hold what the code asked for.
    #[error("column {column} is not {wanted}")]
    Column {
        /// Zero-based position.
        column: usize,
        /// The Rust type asked for.
        wanted: &'static str,
    },
    /// No row where exactly one was expected.
    #[error("no row where one was expected")]
    NoRow,
    /// A text with a NUL character: PostgreSQL cannot hold it, so neither engine takes it.
    #[error("a text contains a NUL character")]
    Nul,
    /// The database cannot be reached; nothing was written.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Too many writes are waiting; nothing was written.
    #[error("too many writes are waiting")]
    Busy,
    /// The commit was sent and no answer came: the work may or may not be there.
    #[error("nobody knows whether the commit happened")]
    CommitUnknown,
    /// The closure awaited something that is not its transaction.
    #[error("a transaction awaited something foreign")]
    ForeignAwait,
    /// The closure panicked; its work was rolled back.
    #[error("a transaction panicked")]
    Panicked,
    /// The schema is newer than this program.
    #[error("the database has migration {0}, which this program does not know: run the newer program")]
    NewerSchema(String),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let text = error.to_string();
        match &error {
            rusqlite::Error::SqliteFailure(code, _) => match (code.code, code.extended_code) {
                // SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE
                (ErrorCode::ConstraintViolation, 1555 | 2067) => Error::Unique(text),
                (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Error::Conflict(text),
                (ErrorCode::CannotOpen | ErrorCode::DiskFull | ErrorCode::SystemIoFailure, _) => {
                    Error::Unavailable(text)
                }
                _ => Error::Statement(text),
            },
            _ => Error::Statement(text),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(server) = error.as_db_error() else {
            return if error.is_closed()
                || error.to_string().contains("connect")
                || error.to_string().contains("communicating")
            {
                Error::Unavailable(error.to_string())
            } else {
                Error::Statement(error.to_string())
            };
        };
        // Constraint names come back with a shard suffix on a distributed PostgreSQL: only the SQLSTATE counts.
        let text = format!("{} {}", server.code().code(), server.message());
        match server.code() {
            code if *code == SqlState::UNIQUE_VIOLATION => Error::Unique(text),
            code if *code == SqlState::T_R_DEADLOCK_DETECTED
                || *code == SqlState::T_R_SERIALIZATION_FAILURE
                || *code == SqlState::LOCK_NOT_AVAILABLE =>
            {
                Error::Conflict(text)
            }
            code if code.code().starts_with("57P") || code.code().starts_with("08") => Error::Unavailable(text),
            _ => Error::Statement(text),
        }
    }
}
