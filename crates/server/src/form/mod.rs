//! What a payer fills in: business fields and the amount, defined by the merchant and versioned. An order keeps the
//! version it was filled with; a page that is open across a change still submits (PRODUCT 4).
//!
//! ```text
//! Definition ──check()──► problems an admin must mend
//!     │ fill(Submitted) ──► Filled (normalised, the amount decided by the server) | problems a payer must mend
//!     └ form_version: 1, 2, 3 … (never changed, never deleted)
//! ```

mod check;
mod definition;
mod fill;
mod http_admin;
mod sql;
mod store;
#[cfg(test)]
mod tests;

pub use definition::{
    AmountMode, AmountRule, DEFAULT_NAME, Definition, Field, MAX_AMOUNT_FEN, MAX_FIELDS, TextRule, default_definition,
};
pub use fill::{Filled, FilledField, Submitted};
pub use http_admin::router;
pub use store::{Error, Form, FormVersion, NewForm, OPEN_PAGE_MS, create, get, list, load, load_open, save_version};
