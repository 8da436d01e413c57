//! The repository obeys its own rules (ARCHITECTURE.md, "Invariants").

use xtask::tidy::{self, Tree};

#[test]
fn the_repository_is_tidy() {
    let tree = Tree::load(&xtask::root()).expect("git lists the files");
    assert!(tree.files.len() > 20, "the tree was read");
    let violations = tidy::check(&tree);
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} places break a rule:\n{}", lines.len(), lines.join("\n"));
}
