//! What of a record can be found: built once, from everything of its order and payment that somebody may remember.
//!
//! A field that is sensitive (none exists yet) must not come in here as text, but as a keyed hash of its whole value and
//! of its last four characters; this is the place.

use db::{Engine, Error, Row, Tx, params};
use money::Amount;

use super::{
    query::Query,
    sql,
    words::{self, Grams, normalise},
};
use crate::form::FilledField;

/// The searchable form of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose.
    pub merchant_id: i64,
    /// Of which record.
    pub record_id: i64,
    /// Under whom.
    pub manager_id: i64,
    /// Fen.
    pub amount_fen: i64,
    /// What is compared, normalised: one value a line.
    pub text: String,
}

/// What an entry is made of, beside its record.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The business fields.
    pub values: &'a [FilledField],
    /// The code's name and what is printed under it.
    pub code: [&'a str; 2],
    /// Our number, which holds the order's, and the institution's: the payer's wallet shows both.
    pub numbers: [&'a str; 2],
}

impl Entry {
    /// The entry of a record of `amount_fen` of manager `whose` (merchant, manager).
    pub fn of(whose: (i64, i64), record_id: i64, amount_fen: i64, source: Source<'_>) -> Entry {
        let yuan = Amount::from_fen(amount_fen).to_string();
        let values = source.values.iter().map(|field| field.value.as_str());
        let lines = values.chain(source.code).chain([yuan.as_str()]).chain(source.numbers);
        let text = lines.map(normalise).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        Entry { merchant_id: whose.0, record_id, manager_id: whose.1, amount_fen, text }
    }

    /// Reads a row of [`sql::SOURCE`] and its like.
    pub(super) fn read(merchant_id: i64, row: &Row) -> Result<Entry, Error> {
        let values: Vec<FilledField> = serde_json::from_str(&row.get::<String>(3)?)
            .map_err(|_| Error::Column { column: 3, wanted: "form values" })?;
        let told = [row.get::<String>(4)?, row.get(5)?, row.get(6)?, row.get::<Option<String>>(7)?.unwrap_or_default()];
        let [name, short_id, ours, theirs] = told.each_ref().map(String::as_str);
        let source = Source { values: &values, code: [name, short_id], numbers: [ours, theirs] };
        Ok(Entry::of((merchant_id, row.get(1)?), row.get(0)?, row.get(2)?, source))
    }

    /// Whether `query` means it.
    pub fn is_meant(&self, query: &Query) -> bool {
        query.matches(&self.text, self.amount_fen)
    }

    /// What the index finds it by, separated by spaces. Stretches of time are for PostgreSQL, whose index does not go
    /// backwards through time by itself.
    pub fn grams(&self, engine: Engine) -> String {
        let mut grams = Grams::new();
        words::grams_of(&self.text, &mut grams);
        words::grams_of_amount(self.amount_fen, &mut grams);
        grams.insert(words::manager(self.merchant_id, self.manager_id));
        if engine == Engine::Postgres {
            grams.extend((0..words::SCALES.len()).map(|scale| words::time(scale, self.record_id)));
        }
        grams.into_iter().collect::<Vec<_>>().join(" ")
    }

    /// Writes it; a second time changes nothing.
    pub(super) async fn put(&self, tx: &mut Tx<'_>, engine: Engine) -> Result<(), Error> {
        let Entry { merchant_id, record_id, manager_id, amount_fen, text } = self;
        let grams = self.grams(engine);
        match engine {
            Engine::Sqlite => {
                let row = params![*merchant_id, *record_id, *manager_id, *amount_fen, text];
                if tx.execute(sql::PUT_TEXT_SQLITE, row).await? == 1 {
                    tx.execute(sql::PUT_GRAMS_SQLITE, params![*record_id, &grams]).await?;
                }
            }
            Engine::Postgres => {
                let row = params![*merchant_id, *record_id, *manager_id, *amount_fen, text, &grams];
                tx.execute(sql::PUT_POSTGRES, row).await?;
            }
        }
        Ok(())
    }
}
