//! Style is a test: the rules of ARCHITECTURE.md that a compiler cannot see. Every rule has a test beside it that
//! plants a violation, so that a rule which no longer finds anything is noticed.

mod borders;
mod house;
mod money;
mod rooms;
pub mod rust;
mod sql;
pub mod tree;
mod world;

use std::fmt;

pub use tree::Tree;

/// One place that breaks one rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The file.
    pub path: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// The rule's name.
    pub rule: &'static str,
    /// What is wrong and what to do instead.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: [{}] {}", self.path, self.line, self.rule, self.message)
    }
}

/// A rule: its name and what finds its violations.
pub struct Rule {
    /// Its name, as printed.
    pub name: &'static str,
    find: fn(&Tree, &mut Findings),
}

/// What a rule has found so far.
pub struct Findings {
    rule: &'static str,
    found: Vec<Violation>,
}

impl Findings {
    fn add(&mut self, path: &str, line: usize, message: impl Into<String>) {
        self.found.push(Violation { path: path.to_string(), line, rule: self.rule, message: message.into() });
    }
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule { name: "money-rooms-look-left", find: rooms::look_left },
    Rule { name: "web-names-no-concept", find: rooms::web_is_glue },
    Rule { name: "lifecycle-is-pure", find: rooms::lifecycle_is_pure },
    Rule { name: "adapters-know-no-database", find: borders::adapters_know_no_database },
    Rule { name: "pretend-institution-stands-apart", find: borders::pretend_institution_stands_apart },
    Rule { name: "manifests-inherit-lints", find: borders::manifests_inherit_lints },
    Rule { name: "no-floats-near-money", find: money::no_floats },
    Rule { name: "one-writer-of-paid", find: money::one_writer_of_paid },
    Rule { name: "no-network-in-a-transaction", find: money::no_network_in_a_transaction },
    Rule { name: "sql-lives-in-sql-rs", find: sql::lives_in_sql_rs },
    Rule { name: "sql-fits-both-engines", find: sql::fits_both_engines },
    Rule { name: "migrations-are-twins", find: sql::migrations_are_twins },
    Rule { name: "clock-and-threads-are-parameters", find: world::clock_and_threads },
    Rule { name: "tests-do-not-sleep", find: world::tests_do_not_sleep },
    Rule { name: "files-fit", find: house::files_fit },
    Rule { name: "nothing-unfinished", find: house::nothing_unfinished },
    Rule { name: "nothing-silenced", find: house::nothing_silenced },
    Rule { name: "no-path-of-this-machine", find: house::no_path_of_this_machine },
    Rule { name: "lock-files-name-no-host", find: house::lock_files_name_no_host },
    Rule { name: "decisions-have-their-own-number", find: house::decisions_have_their_own_number },
];

/// Runs every rule over the tree; what it returns is sorted by place.
#[must_use]
pub fn check(tree: &Tree) -> Vec<Violation> {
    let mut all: Vec<Violation> = RULES.iter().flat_map(|rule| run(rule, tree)).collect();
    all.sort();
    all
}

fn run(rule: &Rule, tree: &Tree) -> Vec<Violation> {
    let mut findings = Findings { rule: rule.name, found: vec![] };
    (rule.find)(tree, &mut findings);
    findings.found
}

/// For the rules' own tests: the places (`path:line`) where one rule finds something in planted files.
#[cfg(test)]
fn planted(rule: &str, files: &[(&str, &str)]) -> Vec<String> {
    planted_tree(rule, &Tree::of(files))
}

#[cfg(test)]
fn planted_tree(rule: &str, tree: &Tree) -> Vec<String> {
    let rule = RULES.iter().find(|known| known.name == rule).expect("a rule of that name");
    run(rule, tree).into_iter().map(|found| format!("{}:{}", found.path, found.line)).collect()
}
