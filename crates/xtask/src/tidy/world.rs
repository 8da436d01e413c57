//! Rules about the outside world: clock, threads and tasks enter as parameters, and no test waits by sleeping.

use super::{Findings, Tree};

/// How many lines above a call its reason may stand.
const REASON_WITHIN: usize = 12;

/// Clippy denies these calls; this rule makes every exception carry its reason, near the call.
pub fn clock_and_threads(tree: &Tree, findings: &mut Findings) {
    const CALLS: &[&str] = &["SystemTime::now", "Instant::now", "tokio::spawn", "thread::sleep", "task::spawn("];
    for (path, rust) in tree.rust("crates/").filter(|(path, _)| !path.starts_with("crates/xtask/")) {
        let text: Vec<&str> = rust.code.lines().collect();
        for (line, code) in rust.shipped().filter(|(_, code)| !code.trim_start().starts_with("use ")) {
            let Some(call) = CALLS.iter().find(|call| code.contains(*call)) else { continue };
            let near = &text[line.saturating_sub(REASON_WITHIN)..line];
            let reasoned = near.iter().any(|near| near.contains("disallowed_methods"))
                || text.iter().take(40).any(|top| top.contains("#![") && top.contains("disallowed_methods"));
            if !reasoned {
                findings.add(path, line, format!("`{call}`: the world is a parameter; an exception carries `allow(clippy::disallowed_methods, reason = …)`"));
            }
        }
    }
}

pub fn tests_do_not_sleep(tree: &Tree, findings: &mut Findings) {
    for (path, rust) in tree.rust("") {
        for (line, _) in rust.tests().filter(|(_, code)| code.contains("sleep(") && !code.contains("fn sleep(")) {
            findings.add(path, line, "a test waits for a condition or moves a clock, it never sleeps");
        }
    }
    let scripts = tree.files.iter().filter(|(path, _)| is_script_test(path));
    for (path, file) in scripts {
        let sleeps = |line: &str| {
            line.contains(concat!("waitFor", "Timeout(")) || (line.contains("setTimeout(") && path.contains(".test."))
        };
        for (n, _) in file.text.lines().enumerate().filter(|(_, line)| sleeps(line)) {
            findings.add(path, n + 1, "a test waits for a condition or uses fake timers, it never sleeps");
        }
    }
}

fn is_script_test(path: &str) -> bool {
    let script = path.ends_with(".ts") || path.ends_with(".tsx") || path.ends_with(".mjs");
    script
        && (path.starts_with("tests/")
            || path.contains(".test.")
            || path.contains(".spec.")
            || path.contains("/tests/"))
}

#[cfg(test)]
mod tests {
    use super::super::planted;

    #[test]
    fn a_hidden_clock_is_found() {
        let bad = "use std::time::Instant;\nfn f() { Instant::now(); }\nfn g() { tokio::spawn(async {}); }";
        let good = "#[allow(clippy::disallowed_methods, reason = \"the one clock\")]\nfn f() { SystemTime::now(); }";
        let files = [("crates/server/src/order/place.rs", bad), ("crates/server/src/clock.rs", good)];
        let found = planted("clock-and-threads-are-parameters", &files);
        assert_eq!(found, ["crates/server/src/order/place.rs:2", "crates/server/src/order/place.rs:3"]);
    }

    #[test]
    fn a_sleeping_test_is_found() {
        let rust = "async fn go() { tokio::time::sleep(d).await }\n#[cfg(test)]\nmod tests {\n fn t() { tokio::time::sleep(d).await; }\n}";
        let script = concat!("await page.waitFor", "Timeout(500);");
        let files = [("crates/jobs/src/run.rs", rust), ("tests/e2e/pay.spec.ts", script)];
        assert_eq!(planted("tests-do-not-sleep", &files), ["crates/jobs/src/run.rs:4", "tests/e2e/pay.spec.ts:1"]);
    }
}
