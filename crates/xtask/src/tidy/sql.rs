//! Rules about SQL: one text for both engines, in the concept's `sql.rs`, and twin migrations.

use std::collections::BTreeSet;

use super::{Findings, Tree};

const SERVER: &str = "crates/server/src/";

fn is_sql(text: &str) -> bool {
    let head = text.trim_start().trim_start_matches('\\').trim_start();
    let starts = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH ", "CREATE TABLE ", "ALTER TABLE "];
    // Prose may begin with such a word; a statement also has its second keyword.
    let partners = [" FROM ", " VALUES", " SET ", " AS (", "(", " ADD ", " SELECT ", "SELECT 1"];
    starts.iter().any(|word| head.starts_with(word)) && partners.iter().any(|word| head.contains(word))
}

fn is_sql_file(path: &str) -> bool {
    path.ends_with("/sql.rs") || path.contains("/sql/")
}

pub fn lives_in_sql_rs(tree: &Tree, findings: &mut Findings) {
    for (path, rust) in tree.rust(SERVER).filter(|(path, _)| !is_sql_file(path)) {
        for (line, _) in rust.strings.iter().filter(|(line, text)| is_sql(text) && !rust.is_test(*line)) {
            findings.add(path, *line, "every SQL text of a concept stands in its sql.rs");
        }
    }
}

/// What one of the two engines refuses, or answers differently: DESIGN 3.
pub fn fits_both_engines(tree: &Tree, findings: &mut Findings) {
    const TRAPS: &[(&str, &str)] = &[
        ("::", "write CAST(x AS t): `::` is PostgreSQL's alone"),
        ("FOR UPDATE", "a conditional update, not a lock: SQLite has no FOR UPDATE"),
        ("SKIP LOCKED", "claim by compare-and-set: neither SQLite nor shards have SKIP LOCKED"),
        ("?1", "placeholders are $1 everywhere; db rewrites them once"),
        ("NOW()", "the time is a parameter"),
        ("CURRENT_TIMESTAMP", "the time is a parameter"),
        ("RANDOM()", "randomness is a parameter"),
        ("AUTOINCREMENT", "ids are minted by the program"),
        ("SERIAL", "ids are minted by the program"),
    ];
    for (path, rust) in tree.rust("crates/server/src/").chain(tree.rust("crates/jobs/src/")) {
        for (line, text) in rust.strings.iter().filter(|(line, text)| is_sql(text) && !rust.is_test(*line)) {
            let upper = text.to_uppercase();
            for (trap, cure) in TRAPS.iter().filter(|(trap, _)| upper.contains(trap)) {
                findings.add(path, *line, format!("`{trap}`: {cure}"));
            }
        }
    }
}

pub fn migrations_are_twins(tree: &Tree, findings: &mut Findings) {
    let names = |engine: &str| -> BTreeSet<(String, String)> {
        let folder = format!("migrations/{engine}/");
        tree.files
            .keys()
            .filter_map(|path| path.split_once(&folder))
            .map(|(before, name)| (before.to_string(), name.to_string()))
            .collect()
    };
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    for (engine, missing) in [("sqlite", postgres.difference(&sqlite)), ("postgres", sqlite.difference(&postgres))] {
        for (before, name) in missing {
            findings.add(
                &format!("{before}migrations/{engine}/{name}"),
                0,
                "its twin exists for the other engine only",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::planted;

    #[test]
    fn sql_outside_sql_rs_is_found() {
        let statement = "const A: &str = \"SELECT x FROM orders\";\nconst B: &str = \"Update your password\";\n\
                         #[cfg(test)]\nmod tests { const C: &str = \"SELECT y FROM orders\"; }";
        let files = [("crates/server/src/order/place.rs", statement), ("crates/server/src/order/sql.rs", statement)];
        assert_eq!(planted("sql-lives-in-sql-rs", &files), ["crates/server/src/order/place.rs:1"]);
    }

    #[test]
    fn sql_for_one_engine_is_found() {
        let files = [(
            "crates/server/src/order/sql.rs",
            "const A: &str = \"SELECT $1::BIGINT FROM orders FOR UPDATE\";\nconst B: &str = \"SELECT CAST($1 AS BIGINT) FROM orders\";",
        )];
        assert_eq!(
            planted("sql-fits-both-engines", &files),
            ["crates/server/src/order/sql.rs:1", "crates/server/src/order/sql.rs:1"]
        );
    }

    #[test]
    fn a_migration_without_its_twin_is_found() {
        let files = [
            ("crates/server/migrations/sqlite/0001_start.sql", ""),
            ("crates/server/migrations/postgres/0001_start.sql", ""),
            ("crates/server/migrations/postgres/0002_more.sql", ""),
        ];
        assert_eq!(planted("migrations-are-twins", &files), ["crates/server/migrations/sqlite/0002_more.sql:0"]);
    }
}
