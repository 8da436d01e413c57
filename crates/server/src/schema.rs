//! The schema: twin texts, run by the binary, forward only.

use db::Migration;

/// A step of ours: the file of this name in both folders.
macro_rules! step {
    ($name:literal) => {
        Migration {
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// Every step, in order.
pub const STEPS: &[Migration] = &[
    jobs::MIGRATION,
    step!("0002_main"),
    step!("0003_refund"),
    step!("0004_wallet"),
    step!("0005_sms"),
    step!("0006_search"),
];

#[cfg(test)]
mod tests;
