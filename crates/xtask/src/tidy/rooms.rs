//! Rules about the rooms (folders) of `crates/server/src`.

use super::rust::Rust;
use super::{Findings, Tree};

const SERVER: &str = "crates/server/src/";
/// Money flows left to right; a room may import those before it, never after. News travels up as a job.
const MONEY_ROOMS: &[&str] = &["order", "payment", "refund", "callback", "checkout"];
/// The concepts of the product. `web` may mount their routers and name nothing else of them.
const CONCEPTS: &[&str] = &[
    "merchant",
    "org",
    "admin",
    "manager",
    "session",
    "form",
    "collection_code",
    "receivable",
    "checkout",
    "order",
    "payment",
    "callback",
    "refund",
    "inbox",
    "notification",
    "live",
    "record",
    "report",
    "reconciliation",
    "settlement",
    "audit",
    "diagnosis",
];
const ROUTERS: &[&str] = &["router", "routes"];

fn room(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(SERVER)?;
    Some(rest.split_once('/').map_or_else(|| rest.trim_end_matches(".rs"), |(room, _)| room))
}

/// Paths of shipped code resolved from the crate's root: `crate::a::b` and `super::super::a` both become `[a, b]`.
fn crate_paths(path: &str, rust: &Rust) -> Vec<(usize, Vec<String>)> {
    let inner = path.strip_prefix(SERVER).unwrap_or(path).trim_end_matches(".rs");
    let mut module: Vec<&str> = inner.split('/').collect();
    if matches!(module.last(), Some(&("mod" | "lib" | "main"))) {
        module.pop();
    }
    let resolve = |parts: Vec<String>| {
        let supers = parts.iter().take_while(|part| *part == "super").count();
        match parts.first().map(String::as_str) {
            Some("crate") => Some(parts[1..].to_vec()),
            Some("super") if supers <= module.len() => {
                let base = module[..module.len() - supers].iter().map(|part| (*part).to_string());
                Some(base.chain(parts[supers..].iter().cloned()).collect())
            }
            _ => None,
        }
    };
    rust.paths().into_iter().filter_map(|(line, parts)| Some((line, resolve(parts)?))).collect()
}

pub fn look_left(tree: &Tree, findings: &mut Findings) {
    for (path, rust) in tree.rust(SERVER) {
        let Some(mine) = MONEY_ROOMS.iter().position(|name| Some(*name) == room(path)) else { continue };
        for (line, parts) in crate_paths(path, rust) {
            let theirs = parts.first().and_then(|first| MONEY_ROOMS.iter().position(|name| name == first));
            if theirs.is_some_and(|theirs| theirs > mine) {
                let message =
                    format!("`{}` stands before `{}`: tell it by a job instead of a call", MONEY_ROOMS[mine], parts[0]);
                findings.add(path, line, message);
            }
        }
    }
}

pub fn web_is_glue(tree: &Tree, findings: &mut Findings) {
    for (path, rust) in tree.rust(SERVER).filter(|(path, _)| room(path) == Some("web")) {
        for (line, parts) in
            crate_paths(path, rust).into_iter().filter(|(_, parts)| CONCEPTS.contains(&parts[0].as_str()))
        {
            let mounts = parts.last().is_some_and(|last| ROUTERS.contains(&last.as_str()));
            if !mounts && parts.len() > 1 {
                findings.add(
                    path,
                    line,
                    format!("web only mounts routers; `{}` belongs to its room", parts.join("::")),
                );
            }
        }
        // `use crate::order;` alone says nothing yet: what is done with the name does.
        for (line, parts) in rust.paths().into_iter().filter(|(_, parts)| CONCEPTS.contains(&parts[0].as_str())) {
            if !parts.last().is_some_and(|last| ROUTERS.contains(&last.as_str())) {
                findings.add(
                    path,
                    line,
                    format!("web only mounts routers; `{}` belongs to its room", parts.join("::")),
                );
            }
        }
    }
}

pub fn lifecycle_is_pure(tree: &Tree, findings: &mut Findings) {
    const IMPURE: &[&str] = &["db", "jobs", "tokio", "reqwest", "axum", "rusqlite", "tokio_postgres", "tracing"];
    const IMPURE_STD: &[&str] = &["fs", "net", "env", "process", "thread", "io"];
    for (path, rust) in tree.rust(SERVER).filter(|(path, _)| path.ends_with("/lifecycle.rs")) {
        for (line, parts) in rust.paths() {
            let foreign = IMPURE.contains(&parts[0].as_str());
            let system = parts[0] == "std" && IMPURE_STD.contains(&parts[1].as_str());
            if foreign || system || parts.iter().any(|part| part == "sql") {
                findings.add(
                    path,
                    line,
                    format!("`{}` is I/O: a lifecycle only decides, its callers act", parts.join("::")),
                );
            }
        }
        for (line, text) in rust.shipped().filter(|(_, text)| text.contains(".await") || text.contains("async fn")) {
            findings.add(path, line, format!("`{}` waits: a lifecycle only decides", text.trim()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::planted;

    #[test]
    fn a_money_room_may_not_import_a_later_one() {
        let files = [
            ("crates/server/src/order/place.rs", "use crate::{form, checkout::Page};"),
            (
                "crates/server/src/payment/confirm.rs",
                "use crate::order::Order;\nfn f() { super::super::callback::keep(); }",
            ),
            ("crates/server/src/checkout/page.rs", "use crate::payment::open;"),
            ("crates/server/src/order/tests.rs", "use crate::checkout::Page;"),
        ];
        let found = planted("money-rooms-look-left", &files);
        assert_eq!(found, ["crates/server/src/order/place.rs:1", "crates/server/src/payment/confirm.rs:2"]);
    }

    #[test]
    fn web_mounts_routers_and_nothing_else() {
        let good = "use crate::order;\nfn all() { order::http_admin::router().merge(crate::form::http_admin::routes()); crate::app::App::new(); }";
        assert!(planted("web-names-no-concept", &[("crates/server/src/web/mod.rs", good)]).is_empty());
        let bad = "use crate::order;\nfn f(o: order::Order) {}\nfn g() { crate::session::find(); }";
        let found = planted("web-names-no-concept", &[("crates/server/src/web/mod.rs", bad)]);
        assert_eq!(found, ["crates/server/src/web/mod.rs:3", "crates/server/src/web/mod.rs:2"]);
    }

    #[test]
    fn a_lifecycle_does_no_io() {
        let bad = "use db::Tx;\nuse super::sql;\nasync fn f() { g().await }\nuse std::fs::read;\nuse std::fmt::Debug;";
        let found = planted("lifecycle-is-pure", &[("crates/server/src/order/lifecycle.rs", bad)]);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(planted("lifecycle-is-pure", &[("crates/server/src/order/place.rs", bad)]).is_empty());
    }
}
