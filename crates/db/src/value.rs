use std::error::Error as StdError;

use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

/// A statement's parameter. Three kinds of column exist: BIGINT, TEXT and BLOB/BYTEA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Val<'a> {
    /// SQL NULL of any column kind.
    Null,
    /// BIGINT.
    I64(i64),
    /// TEXT.
    Text(&'a str),
    /// BLOB or BYTEA.
    Blob(&'a [u8]),
}

impl Val<'_> {
    pub(crate) fn has_nul(&self) -> bool {
        matches!(self, Val::Text(text) if text.as_bytes().contains(&0))
    }
}

impl<'a> Val<'a> {
    /// The same value in SQLite's words, borrowing.
    pub(crate) fn borrowed(self) -> ToSqlOutput<'a> {
        ToSqlOutput::Borrowed(match self {
            Val::Null => ValueRef::Null,
            Val::I64(i) => ValueRef::Integer(i),
            Val::Text(t) => ValueRef::Text(t.as_bytes()),
            Val::Blob(b) => ValueRef::Blob(b),
        })
    }
}

impl ToSql for Val<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self, ty) {
            (Val::Null, _) => Ok(IsNull::Yes),
            (Val::I64(i), &Type::INT8) => i.to_sql(ty, out),
            (Val::I64(i), &Type::INT4) => i32::try_from(*i)?.to_sql(ty, out),
            (Val::Text(t), &Type::TEXT | &Type::VARCHAR | &Type::UNKNOWN) => t.to_sql(ty, out),
            (Val::Blob(b), &Type::BYTEA) => b.to_sql(ty, out),
            (value, ty) => Err(format!("a parameter of type {ty} was given {value:?}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true // judged with the value at hand, above
    }

    to_sql_checked!();
}

impl From<i64> for Val<'_> {
    fn from(value: i64) -> Self {
        Val::I64(value)
    }
}

/// Flags are stored as 0 and 1.
impl From<bool> for Val<'_> {
    fn from(value: bool) -> Self {
        Val::I64(i64::from(value))
    }
}

impl<'a> From<&'a str> for Val<'a> {
    fn from(value: &'a str) -> Self {
        Val::Text(value)
    }
}

impl<'a> From<&'a String> for Val<'a> {
    fn from(value: &'a String) -> Self {
        Val::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Val<'a> {
    fn from(value: &'a [u8]) -> Self {
        Val::Blob(value)
    }
}

impl<'a> From<&'a Vec<u8>> for Val<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Val::Blob(value)
    }
}

impl<'a> From<&'a Option<String>> for Val<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_deref().map_or(Val::Null, Val::Text)
    }
}

impl<'a> From<&'a Option<Vec<u8>>> for Val<'a> {
    fn from(value: &'a Option<Vec<u8>>) -> Self {
        value.as_deref().map_or(Val::Null, Val::Blob)
    }
}

impl<'a, T: Into<Val<'a>>> From<Option<T>> for Val<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Val::Null, Into::into)
    }
}
