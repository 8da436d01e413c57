use tokio_postgres::types::Type;

use crate::Error;

/// One row of an answer, read by position.
#[derive(Debug)]
pub struct Row(pub(crate) Inner);

#[derive(Debug)]
pub(crate) enum Inner {
    Sqlite(Vec<rusqlite::types::Value>),
    Pg(tokio_postgres::Row),
}

impl Row {
    /// The value of the zero-based `column`.
    ///
    /// # Errors
    /// [`Error::Column`] when the column holds something else (also NULL where `T` is not an `Option`).
    pub fn get<T: FromColumn>(&self, column: usize) -> Result<T, Error> {
        T::from_column(self, column)
    }
}

/// A type that a column can be read as.
pub trait FromColumn: Sized {
    /// Reads `column` of `row`.
    ///
    /// # Errors
    /// [`Error::Column`] when the column holds something else.
    fn from_column(row: &Row, column: usize) -> Result<Self, Error>;
}

macro_rules! from_column {
    ($type:ty, $variant:ident, $name:literal, $pg:expr) => {
        impl FromColumn for Option<$type> {
            fn from_column(row: &Row, column: usize) -> Result<Self, Error> {
                let wrong = || Error::Column { column, wanted: $name };
                match &row.0 {
                    Inner::Sqlite(values) => match values.get(column) {
                        Some(rusqlite::types::Value::$variant(value)) => Ok(Some(value.clone())),
                        Some(rusqlite::types::Value::Null) => Ok(None),
                        _ => Err(wrong()),
                    },
                    Inner::Pg(row) => $pg(row, column).map_err(|_| wrong()),
                }
            }
        }

        impl FromColumn for $type {
            fn from_column(row: &Row, column: usize) -> Result<Self, Error> {
                Option::<$type>::from_column(row, column)?.ok_or(Error::Column { column, wanted: $name })
            }
        }
    };
}

from_column!(i64, Integer, "BIGINT", integer);
from_column!(String, Text, "TEXT", tokio_postgres::Row::try_get);
from_column!(Vec<u8>, Blob, "BLOB", tokio_postgres::Row::try_get);

/// A literal such as `1` is INT4 to PostgreSQL; SQLite has one kind of integer.
fn integer(row: &tokio_postgres::Row, column: usize) -> Result<Option<i64>, tokio_postgres::Error> {
    if row.columns().get(column).is_some_and(|c| *c.type_() == Type::INT4) {
        return Ok(row.try_get::<_, Option<i32>>(column)?.map(i64::from));
    }
    row.try_get(column)
}

/// Flags are stored as 0 and 1.
impl FromColumn for bool {
    fn from_column(row: &Row, column: usize) -> Result<Self, Error> {
        Ok(i64::from_column(row, column)? != 0)
    }
}
