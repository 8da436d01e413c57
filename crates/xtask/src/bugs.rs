//! `cargo xtask bugs`: plants each known kind of bug into a copy of the sources and lets the simulator find it. A test of
//! the tests: an auditor that finds nothing proves nothing.
//!
//! ```text
//!  tracked files ──► target/bugs/tree ──► patch ──► build ──► simulator, 200 seeds ──► must fail ──► unpatched again
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A planted bug must be found within this many seeds.
const SEEDS: u64 = 200;
/// Where each bug is described by its patch.
const PATCHES: &str = "crates/simulator/bugs";
/// Folders that are built, not tracked, and compiled into the server.
const BUILT: [&str; 3] = ["apps/payer/dist", "apps/console/dist", "apps/miniprogram/dist"];

/// Plants every bug, or the one of this name.
///
/// # Errors
/// Says which patch no longer applies, which does not build, and which bug was not found.
pub fn hunt(root: &Path, only: Option<&str>) -> Result<(), String> {
    let tree = root.join("target/bugs/tree");
    let mut patches: Vec<PathBuf> = entries(&root.join(PATCHES))?;
    patches.retain(|path| path.extension().is_some_and(|end| end == "patch"));
    patches.retain(|path| only.is_none_or(|name| path.file_stem().is_some_and(|stem| stem == name)));
    if patches.is_empty() {
        return Err(format!("no patch of that name in {PATCHES}"));
    }
    let mut missed = Vec::new();
    for patch in &patches {
        let name = patch.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        copy(root, &tree)?;
        match plant(&tree, patch).and_then(|()| find(root, &tree)) {
            Ok(sentence) => println!("{name}: found. {sentence}"),
            Err(why) => {
                println!("{name}: {why}");
                missed.push(name);
            }
        }
    }
    if missed.is_empty() { Ok(()) } else { Err(format!("not found: {}", missed.join(", "))) }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let read = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = read.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// Brings the copy to what the sources are now; what is the same keeps its time, so that little is built again.
fn copy(root: &Path, tree: &Path) -> Result<(), String> {
    let listed = run(Command::new("git").args(["ls-files", "-z", "--cached"]).current_dir(root))?;
    for name in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|name| !name.is_empty()) {
        copy_file(&root.join(name), &tree.join(name))?;
    }
    for name in BUILT {
        copy_folder(&root.join(name), &tree.join(name))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    for path in entries(from)? {
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            copy_file(&path, &target)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), String> {
    let wrong = |e: std::io::Error| format!("{}: {e}", from.display());
    let Ok(bytes) = fs::read(from) else { return Ok(()) }; // removed, and not committed yet
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::create_dir_all(to.parent().unwrap_or(to)).map_err(wrong)?;
    fs::write(to, bytes).map_err(wrong)
}

fn plant(tree: &Path, patch: &Path) -> Result<(), String> {
    // Without a ceiling git would take the copy for a part of the repository around it, and skip every file.
    let ceiling = tree.parent().unwrap_or(tree);
    let mut git = Command::new("git");
    git.arg("apply").arg(patch).current_dir(tree).env("GIT_CEILING_DIRECTORIES", ceiling);
    run(&mut git).map(drop).map_err(|why| format!("the patch no longer applies: {why}"))
}

/// The sentence with which the simulator names the bug.
fn find(root: &Path, tree: &Path) -> Result<String, String> {
    let target = root.join("target/bugs/target");
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--package", "simulator"]).current_dir(tree).env("CARGO_TARGET_DIR", &target);
    run(&mut build).map_err(|why| format!("does not build: {why}"))?;
    let mut simulator = Command::new(target.join("debug/simulator"));
    simulator.args(["--seeds", &SEEDS.to_string()]);
    let output = simulator.output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let sentence = text.lines().find(|line| line.starts_with("seed "));
    match sentence {
        Some(sentence) if !output.status.success() => Ok(sentence.to_owned()),
        _ => Err(format!("not found within {SEEDS} seeds")),
    }
}

fn run(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let tail: Vec<&str> = told.lines().rev().take(12).collect();
    Err(tail.into_iter().rev().collect::<Vec<_>>().join("\n"))
}
