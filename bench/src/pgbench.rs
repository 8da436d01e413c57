//! PostgreSQL without us: `pgbench -M prepared -c 32 -j 2` with the product's own statements in one transaction.

use std::{path::Path, process::Command};

use crate::{
    Error,
    baseline::{Given, Statement},
    process,
};

/// The baseline that is promised against.
const CLIENTS: i64 = 32;
const THREADS: i64 = 2;

/// Runs about `measured` transactions against `database` and gives transactions per second and how many there were.
///
/// # Errors
/// When pgbench fails, or any transaction did.
pub fn per_second(folder: &Path, url: &str, statements: &[Statement], measured: i64) -> Result<(f64, i64), Error> {
    let (script, fixed) = script(statements);
    let file = folder.join("pgbench.sql");
    std::fs::write(&file, script)?;
    let each = measured / CLIENTS;
    let pgbench = process::program("pgbench", crate::postgres::FOLDERS, "postgresql")?;
    let mut command = Command::new(pgbench);
    command.args(["-n", "-M", "prepared", "-c", &CLIENTS.to_string(), "-j", &THREADS.to_string()]);
    command.args(["-t", &each.to_string(), "-D", "i=0", "-f"]).arg(&file);
    for (name, value) in fixed {
        command.arg("-D").arg(format!("{name}={value}"));
    }
    let told = process::run(command.arg(url))?;
    let whole = format!("number of transactions actually processed: {0}/{0}", each * CLIENTS);
    let rate = told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    match rate {
        Some(rate) if told.contains(&whole) => Ok((rate, each * CLIENTS)),
        _ => Err(Error::new(format!("pgbench did not do them all:\n{told}"))),
    }
}

/// The script, and the texts that it is given on the command line (a script cannot hold them).
fn script(statements: &[Statement]) -> (String, Vec<(String, String)>) {
    let mut head = format!("\\set n :i * {CLIENTS} + :client_id\n\\set i :i + 1\n");
    let mut body = String::from("BEGIN;\n");
    let mut fixed = Vec::new();
    for (s, statement) in statements.iter().enumerate() {
        let mut text = statement.sql.to_owned();
        // From the last to the first, so that $1 is not found in $10.
        for (g, given) in statement.given.iter().enumerate().rev() {
            let name = format!("v{s}_{g}");
            let put = match given {
                Given::Null => "NULL".to_owned(),
                // pgbench has no empty variables.
                Given::Text(value) if value.is_empty() => "''".to_owned(),
                Given::Number(number) => number.to_string(),
                Given::Text(value) => {
                    fixed.push((name.clone(), value.clone()));
                    format!(":{name}")
                }
                Given::Bytes(bytes) => {
                    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    fixed.push((name.clone(), format!("\\x{hex}")));
                    format!(":{name}")
                }
                Given::Count(from) | Given::CountText(from) => {
                    head += &format!("\\set {name} :n + {from}\n");
                    format!(":{name}")
                }
            };
            text = text.replace(&format!("${}", g + 1), &put);
        }
        body += &format!("{text};\n");
    }
    (format!("{head}{body}COMMIT;\n"), fixed)
}
