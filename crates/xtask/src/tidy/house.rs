//! Rules of the house: sizes, nothing unfinished, nothing silenced without a reason, nothing of this machine.

use super::{Findings, Tree};

const LONGEST_FILE: usize = 500;
const SOURCE: &[&str] = &[".rs", ".ts", ".tsx", ".mjs", ".scss", ".css", ".html", ".sql", ".sh", "Makefile", ".ci/run"];

fn is_source(path: &str) -> bool {
    SOURCE.iter().any(|end| path.ends_with(end))
}

fn is_generated(path: &str) -> bool {
    path.starts_with("packages/api-client/") || path.contains("/generated/")
}

pub fn files_fit(tree: &Tree, findings: &mut Findings) {
    for (path, file) in tree.files.iter().filter(|(path, _)| is_source(path) && !is_generated(path)) {
        let lines = file.text.lines().count();
        if lines > LONGEST_FILE {
            findings.add(path, 0, format!("{lines} lines; split it by what it does ({LONGEST_FILE} at most)"));
        }
    }
}

pub fn nothing_unfinished(tree: &Tree, findings: &mut Findings) {
    const WORDS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    const CALLS: &[&str] =
        &[concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!("), concat!("console", ".log(")];
    for (path, file) in tree.files.iter().filter(|(path, _)| is_source(path) && !is_generated(path)) {
        for (n, line) in file.text.lines().enumerate() {
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let word = words
                .find(|word| WORDS.contains(word))
                .or_else(|| CALLS.iter().find(|call| line.contains(*call)).copied());
            if let Some(word) = word {
                findings.add(path, n + 1, format!("`{word}`: finish it, or file an issue"));
            }
        }
    }
}

pub fn nothing_silenced(tree: &Tree, findings: &mut Findings) {
    for (path, rust) in tree.rust("") {
        let lines: Vec<&str> = rust.code.lines().collect();
        for (n, line) in lines.iter().enumerate() {
            let starts =
                ["#[allow(", "#![allow(", "#[expect(", "#![expect("].iter().any(|attribute| line.contains(attribute));
            // The reason may stand on a following line of the same attribute.
            let reasoned = lines[n..]
                .iter()
                .take(6)
                .take_while_inclusive(|line| !line.contains(")]"))
                .any(|line| line.contains("reason"));
            if starts && !reasoned {
                findings.add(path, n + 1, "a silenced lint says why: `reason = \"…\"`");
            }
            if line.contains("#[ignore") {
                findings.add(path, n + 1, "a test that does not run proves nothing");
            }
        }
    }
    const SCRIPT: &[&str] = &[
        concat!("@ts-", "ignore"),
        concat!("@ts-", "nocheck"),
        concat!("eslint-", "disable"),
        concat!("test.", "only("),
        concat!("test.", "skip("),
        concat!("it.", "only("),
        concat!("it.", "skip("),
        concat!("describe.", "only("),
        concat!("describe.", "skip("),
    ];
    for (path, file) in
        tree.files.iter().filter(|(path, _)| (path.ends_with(".ts") || path.ends_with(".tsx")) && !is_generated(path))
    {
        for (n, line) in file.text.lines().enumerate() {
            let unreasoned_biome =
                line.split_once(concat!("biome-", "ignore")).is_some_and(|(_, rest)| !rest.contains(": "));
            if unreasoned_biome || SCRIPT.iter().any(|word| line.contains(word)) {
                findings.add(path, n + 1, "silenced; mend it, or say why");
            }
        }
    }
}

/// `take_while`, with the element that ends it.
trait TakeWhileInclusive: Iterator + Sized {
    fn take_while_inclusive(self, go_on: impl Fn(&Self::Item) -> bool) -> impl Iterator<Item = Self::Item> {
        let mut done = false;
        self.take_while(move |item| {
            let take = !done;
            done |= !go_on(item);
            take
        })
    }
}

impl<I: Iterator> TakeWhileInclusive for I {}

pub fn no_path_of_this_machine(tree: &Tree, findings: &mut Findings) {
    for (path, file) in &tree.files {
        for (n, line) in file.text.lines().enumerate() {
            if let Some(found) = tree.machine_paths.iter().find(|known| line.contains(known.as_str())) {
                findings.add(path, n + 1, format!("`{found}` is a path of this machine"));
            }
        }
    }
}

pub fn lock_files_name_no_host(tree: &Tree, findings: &mut Findings) {
    const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";
    for (path, file) in &tree.files {
        let name = path.rsplit('/').next().unwrap_or(path);
        for (n, line) in file.text.lines().enumerate() {
            let wrong = match name {
                "package-lock.json" | "npm-shrinkwrap.json" => line.contains("\"resolved\"") && line.contains("://"),
                "Cargo.lock" => line.starts_with("source = ") && !line.contains(CRATES),
                ".npmrc" => line.contains("registry") && line.contains("://"),
                "config.toml" => {
                    path.ends_with(".cargo/config.toml") && (line.contains("://") || line.contains("[source"))
                }
                _ => false,
            };
            if wrong {
                findings.add(path, n + 1, "names a host that others may not reach");
            }
        }
    }
}

/// A decision is named by its number, so no two may share one.
pub fn decisions_have_their_own_number(tree: &Tree, findings: &mut Findings) {
    let mut seen = std::collections::BTreeSet::new();
    for path in tree.files.keys() {
        let Some(number) = path.strip_prefix("docs/decisions/").and_then(|name| name.get(..4)) else { continue };
        if number.chars().all(|c| c.is_ascii_digit()) && !seen.insert(number.to_string()) {
            findings.add(path, 0, format!("decision {number} exists already; take the next free number"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Tree, planted, planted_tree};

    #[test]
    fn a_long_file_is_found() {
        let (long, fits) = ("a\n".repeat(501), "a\n".repeat(500));
        assert_eq!(planted("files-fit", &[("a.rs", &long), ("b.rs", &fits), ("c.json", &long)]), ["a.rs:0"]);
    }

    #[test]
    fn unfinished_work_is_found() {
        let bad = format!("// {}: later\nlet todo_list = 1;\n{}x);", concat!("TO", "DO"), concat!("console", ".log("));
        assert_eq!(planted("nothing-unfinished", &[("a.ts", &bad)]), ["a.ts:1", "a.ts:3"]);
    }

    #[test]
    fn silence_without_a_reason_is_found() {
        let rust = "#[allow(dead_code)]\nfn f() {}\n#[allow(\n    dead_code,\n    reason = \"used by the other target\"\n)]\nfn g() {}\n";
        let script = format!(
            "{} lint/x: the type is wrong upstream\n{}'a')",
            concat!("// biome-", "ignore"),
            concat!("test.", "only(")
        );
        assert_eq!(planted("nothing-silenced", &[("a.rs", rust), ("b.ts", &script)]), ["a.rs:1", "b.ts:2"]);
    }

    #[test]
    fn a_path_of_this_machine_is_found() {
        let mut tree = Tree::of(&[("README.md", "fine\nsee /somewhere/here/notes")]);
        tree.machine_paths = vec!["/somewhere/here/".to_string()];
        assert_eq!(planted_tree("no-path-of-this-machine", &tree), ["README.md:2"]);
    }

    #[test]
    fn a_host_in_a_lock_file_is_found() {
        let files = [
            ("apps/a/package-lock.json", "{\n\"resolved\": \"https://mirror.example/x.tgz\"}"),
            (
                "Cargo.lock",
                "source = \"registry+https://github.com/rust-lang/crates.io-index\"\nsource = \"git+https://example.org/x\"",
            ),
            ("apps/a/.npmrc", "registry=https://mirror.example/"),
        ];
        assert_eq!(
            planted("lock-files-name-no-host", &files),
            ["Cargo.lock:2", "apps/a/.npmrc:1", "apps/a/package-lock.json:2"]
        );
    }

    #[test]
    fn two_decisions_with_one_number_are_found() {
        let files =
            [("docs/decisions/0001-a.md", ""), ("docs/decisions/0001-b.md", ""), ("docs/decisions/0002-c.md", "")];
        assert_eq!(planted("decisions-have-their-own-number", &files), ["docs/decisions/0001-b.md:0"]);
    }
}
