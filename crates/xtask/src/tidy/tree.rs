//! The files that the rules read: the repository as git would commit it, or a handful planted by a test.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::rust::Rust;

/// One text file.
pub struct File {
    /// Its contents.
    pub text: String,
    /// Its parts, where it is Rust.
    pub rust: Option<Rust>,
}

/// Every text file by its path from the root, with `/` between the parts.
pub struct Tree {
    /// The files.
    pub files: BTreeMap<String, File>,
    /// Paths that must not stand in any file, because they are this machine's.
    pub machine_paths: Vec<String>,
}

impl Tree {
    /// Reads what git tracks or would track (so neither `target` nor `node_modules`). Files that are not text are left out.
    ///
    /// # Errors
    /// When git cannot list the files.
    pub fn load(root: &Path) -> std::io::Result<Self> {
        let listing =
            Command::new("git").args(["ls-files", "-coz", "--exclude-standard"]).current_dir(root).output()?;
        if !listing.status.success() {
            return Err(std::io::Error::other(String::from_utf8_lossy(&listing.stderr).into_owned()));
        }
        let names = String::from_utf8_lossy(&listing.stdout).into_owned();
        let read = |name: &str| Some((name.to_string(), std::fs::read_to_string(root.join(name)).ok()?));
        let files = names.split('\0').filter(|name| !name.is_empty()).filter_map(read);
        let mut tree = Self::of_owned(files);
        tree.machine_paths = machine_paths(root);
        Ok(tree)
    }

    /// A tree made of these files, for a rule's own test.
    #[must_use]
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self::of_owned(files.iter().map(|(path, text)| ((*path).to_string(), (*text).to_string())))
    }

    fn of_owned(files: impl Iterator<Item = (String, String)>) -> Self {
        let files = files.map(|(path, text)| {
            let rust = path.ends_with(".rs").then(|| Rust::read(&path, &text));
            (path, File { text, rust })
        });
        let mut tree = Self { files: files.collect(), machine_paths: vec![] };
        tree.mark_test_modules();
        tree
    }

    /// A file that is only declared under `#[cfg(test)]` holds nothing that ships.
    fn mark_test_modules(&mut self) {
        let of_file = |(path, file): (&String, &File)| -> Vec<String> {
            let inner = path.trim_end_matches(".rs");
            let folder = ["/mod", "/lib", "/main"].iter().find_map(|end| inner.strip_suffix(end)).unwrap_or(inner);
            let names = file.rust.as_ref().map(Rust::test_modules).unwrap_or_default();
            names.into_iter().map(|name| format!("{folder}/{name}")).collect()
        };
        let modules: Vec<String> = self.files.iter().flat_map(of_file).collect();
        let of_module = |path: &str| {
            modules
                .iter()
                .any(|m| path.strip_prefix(m.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/')))
        };
        for (path, file) in &mut self.files {
            if let Some(rust) = file.rust.as_mut().filter(|_| of_module(path)) {
                rust.only_for_tests();
            }
        }
    }

    /// The Rust files under a folder.
    pub fn rust<'a>(&'a self, under: &'a str) -> impl Iterator<Item = (&'a str, &'a Rust)> {
        self.files
            .iter()
            .filter(move |(path, _)| path.starts_with(under))
            .filter_map(|(path, file)| Some((path.as_str(), file.rust.as_ref()?)))
    }

    /// The folders of crates, such as `crates/db`.
    #[must_use]
    pub fn crates(&self) -> Vec<&str> {
        self.files.keys().filter_map(|path| path.strip_suffix("/Cargo.toml")).collect()
    }
}

/// Where the repository and the home of whoever builds it lie. Places that every machine has say nothing.
fn machine_paths(root: &Path) -> Vec<String> {
    let parent = root.canonicalize().ok().and_then(|root| Some(root.parent()?.display().to_string()));
    let home = std::env::var("HOME").ok();
    let common = ["", "/", "/tmp", "/var/tmp", "/home", "/srv", "/opt", "/usr", "/usr/src", "/mnt"];
    [parent, home]
        .into_iter()
        .flatten()
        .filter(|path| !common.contains(&path.as_str()))
        .map(|path| format!("{path}/"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_declared_for_tests_is_test_code() {
        let lib = "pub mod order;\n#[cfg(test)]\nmod testing;\n";
        let files = [
            ("a/src/lib.rs", lib),
            ("a/src/testing.rs", "fn f() {}"),
            ("a/src/testing/more.rs", "fn g() {}"),
            ("a/src/order.rs", "fn h() {}"),
        ];
        let tree = Tree::of(&files);
        let shipped = |path: &str| tree.files[path].rust.as_ref().is_some_and(|rust| rust.shipped().count() > 0);
        assert!(!shipped("a/src/testing.rs") && !shipped("a/src/testing/more.rs") && shipped("a/src/order.rs"));
    }
}
