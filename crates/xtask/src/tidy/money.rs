//! Rules about money: integers only, one writer of "paid", and no network inside a transaction.

use super::rust::{Rust, balanced, is_ident, line_of};
use super::{Findings, Tree};

const AMOUNTS_PASS: &[&str] = &[
    "crates/money/",
    "crates/channel",
    "crates/server/src/order/",
    "crates/server/src/payment/",
    "crates/server/src/refund/",
    "crates/server/src/callback/",
    "crates/server/src/checkout/",
    "crates/server/src/record/",
    "crates/server/src/form/",
    "crates/server/src/reconciliation/",
    "crates/server/src/settlement/",
    "crates/server/src/receivable/",
    "crates/server/src/report/",
];
const CONFIRM: &str = "crates/server/src/payment/confirm.rs";
const SERVER: &str = "crates/server/src/";

pub fn no_floats(tree: &Tree, findings: &mut Findings) {
    for (path, rust) in AMOUNTS_PASS.iter().flat_map(|folder| tree.rust(folder)) {
        for (line, text) in rust.shipped() {
            let words = text.split(|c: char| !is_ident(c));
            if words.clone().any(|word| word.ends_with("f32") || word.ends_with("f64")) || has_float_literal(text) {
                findings.add(path, line, "an amount passes here: integers of fen and basis points, never a float");
            }
        }
    }
}

/// `1.5` but neither `0..5` nor `pair.0.1`.
fn has_float_literal(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let starts = (0..chars.len())
        .filter(|&at| chars[at].is_ascii_digit() && (at == 0 || (!is_ident(chars[at - 1]) && chars[at - 1] != '.')));
    starts.into_iter().any(|start| {
        let dot = (start..chars.len()).find(|&at| !chars[at].is_ascii_digit() && chars[at] != '_');
        dot.is_some_and(|dot| chars[dot] == '.' && chars.get(dot + 1).is_some_and(char::is_ascii_digit))
    })
}

/// SQL that moves a row to paid may stand in a room's `sql.rs`, but only `payment::confirm` may use it: PRODUCT 6, DESIGN 2.
pub fn one_writer_of_paid(tree: &Tree, findings: &mut Findings) {
    let mut writers: Vec<String> = vec![];
    for (path, rust) in tree.rust(SERVER) {
        for (line, text) in rust.strings.iter().filter(|(line, text)| writes_paid(text) && !rust.is_test(*line)) {
            match constant_at(rust, *line) {
                Some(name) if path.ends_with("/sql.rs") => writers.push(name),
                _ if path == CONFIRM => {}
                _ => findings.add(path, *line, format!("only payment::confirm writes paid: `{}`", first_words(text))),
            }
        }
        let states = path.ends_with("/order/sql.rs") || path.ends_with("/payment/sql.rs");
        for (line, _) in rust.strings.iter().filter(|(line, text)| states && hides_status(text) && !rust.is_test(*line))
        {
            findings.add(
                path,
                *line,
                "a status is written as a literal, so that one can see which statement writes paid",
            );
        }
    }
    for (path, rust) in tree.rust(SERVER).filter(|(path, _)| *path != CONFIRM) {
        for (line, text) in rust.shipped() {
            let used = writers.iter().find(|name| text.split(|c: char| !is_ident(c)).any(|word| word == name.as_str()));
            let defines = path.ends_with("/sql.rs") && text.contains("const ");
            if let Some(name) = used.filter(|_| !defines) {
                findings.add(path, line, format!("`{name}` writes paid: only payment::confirm may run it"));
            }
        }
    }
}

fn first_words(sql: &str) -> String {
    sql.split_whitespace().take(6).collect::<Vec<_>>().join(" ")
}

/// The part of a statement that writes: between SET and WHERE, or after VALUES / the inserted columns.
fn written_part(sql: &str) -> Option<String> {
    let flat = sql.replace("\\n", " ").replace('\\', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let upper = flat.to_uppercase();
    if upper.contains("INSERT INTO") {
        return Some(flat[upper.find("INSERT INTO")?..].to_string());
    }
    let set = upper.find("UPDATE ").and_then(|update| Some(update + upper[update..].find(" SET ")?))?;
    let end = upper[set..].find(" WHERE ").map_or(flat.len(), |at| set + at);
    Some(flat[set..end].to_string())
}

fn writes_paid(sql: &str) -> bool {
    written_part(sql).is_some_and(|part| part.contains("'paid'"))
}

fn hides_status(sql: &str) -> bool {
    written_part(sql).is_some_and(|part| part.replace(' ', "").contains("status=$"))
}

/// The name of the constant whose text begins on this line (or on the line after its name).
fn constant_at(rust: &Rust, line: usize) -> Option<String> {
    let lines: Vec<&str> = rust.code.lines().collect();
    let declared =
        (line.saturating_sub(2)..line).rev().filter_map(|n| lines.get(n)).find_map(|text| text.split_once("const "))?;
    Some(declared.1.chars().take_while(|c| is_ident(*c)).collect())
}

/// Words that reach the network. Inside a transaction they would hold its locks for as long as somebody else likes.
const NETWORK: &[&str] = &[
    ".prepay(",
    ".refresh_keys(",
    ".query_refund(",
    ".fetch_bill(",
    ".pay_by_code(",
    ".query(&account",
    ".query(account",
    ".close(&account",
    ".close(account",
    "dyn Channel",
    "reqwest::",
    "lettre::",
    "TcpStream",
    ".channel(",
    ".channels",
    "mailer.",
    "platform.",
];

pub fn no_network_in_a_transaction(tree: &Tree, findings: &mut Findings) {
    for (path, rust) in tree.rust(SERVER) {
        for (from, to) in write_calls(&rust.code).into_iter().chain(functions_in_a_transaction(&rust.code)) {
            let inside = &rust.code[from..to];
            for (at, word) in NETWORK.iter().filter_map(|word| Some((inside.find(word)?, word))) {
                let line = line_of(&rust.code, from + at);
                if !rust.is_test(line) {
                    findings.add(
                        path,
                        line,
                        format!("`{word}` inside a transaction: ask the network before or after it"),
                    );
                }
            }
        }
    }
}

fn write_calls(code: &str) -> Vec<(usize, usize)> {
    code.match_indices(".write(").filter_map(|(at, word)| balanced(code, at + word.len() - 1)).collect()
}

fn functions_in_a_transaction(code: &str) -> Vec<(usize, usize)> {
    let bodies = code.match_indices("fn ").filter_map(|(at, _)| {
        let open = at + code[at..].find('(')?;
        let (from, to) = balanced(code, open)?;
        let takes_tx = code[from..to].split(|c: char| !is_ident(c)).any(|word| word == "Tx");
        let rest = &code[to..];
        let body = to + rest.find(['{', ';'])?;
        (takes_tx && code.as_bytes().get(body) == Some(&b'{')).then(|| balanced(code, body))?
    });
    bodies.collect()
}

#[cfg(test)]
mod tests {
    use super::super::planted;

    #[test]
    fn floats_near_money_are_found() {
        let bad = "fn f(rate: f64) {}\nlet a = 0.5;\nlet b = 1f32;\nlet c = pair.0.1;\nfor d in 0..5 {}\n// f64\n";
        let found =
            planted("no-floats-near-money", &[("crates/money/src/rate.rs", bad), ("crates/db/src/pool.rs", bad)]);
        assert_eq!(found, ["crates/money/src/rate.rs:1", "crates/money/src/rate.rs:2", "crates/money/src/rate.rs:3"]);
    }

    #[test]
    fn a_second_writer_of_paid_is_found() {
        let sql = "pub const MARK: &str =\n    \"UPDATE orders SET status = 'paid', paid_at_ms = $2 WHERE status = 'pending'\";\n\
                   pub const READ: &str = \"SELECT 1 FROM orders WHERE status = 'paid'\";\n\
                   pub const CLOSE: &str = \"UPDATE orders SET status = 'closed' WHERE status <> 'paid'\";";
        let confirm = "fn f() { tx.execute(order::sql::MARK); }";
        let good = [("crates/server/src/order/sql.rs", sql), ("crates/server/src/payment/confirm.rs", confirm)];
        assert!(planted("one-writer-of-paid", &good).is_empty());
        let bad = [("crates/server/src/order/sql.rs", sql), ("crates/server/src/callback/receive.rs", confirm)];
        assert_eq!(planted("one-writer-of-paid", &bad), ["crates/server/src/callback/receive.rs:1"]);
        let inline =
            [("crates/server/src/order/close.rs", "fn f() { g(\"UPDATE orders SET status='paid' WHERE 1=1\") }")];
        assert_eq!(planted("one-writer-of-paid", &inline), ["crates/server/src/order/close.rs:1"]);
        let hidden = [(
            "crates/server/src/payment/sql.rs",
            "const SET: &str = \"UPDATE payments SET status = $3 WHERE payment_id = $1\";",
        )];
        assert_eq!(planted("one-writer-of-paid", &hidden), ["crates/server/src/payment/sql.rs:1"]);
    }

    #[test]
    fn a_network_call_in_a_transaction_is_found() {
        let bad = "async fn a(db: &Db) {\n db.write(1, async move |tx| {\n  channel.prepay(x).await;\n });\n}\n\
                   async fn b(tx: &mut Tx<'_>) {\n channel.query(&account, n).await;\n}\n\
                   async fn c(db: &Db) { channel.prepay(x).await; db.write(1, async |tx| tx.query(SQL).await); }";
        let found = planted("no-network-in-a-transaction", &[("crates/server/src/payment/open.rs", bad)]);
        assert_eq!(found, ["crates/server/src/payment/open.rs:3", "crates/server/src/payment/open.rs:7"]);
    }
}
