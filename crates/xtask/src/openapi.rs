//! The API description that the server prints, and the TypeScript client made from it.

use std::path::Path;
use std::process::Command;

const DOCUMENT: &str = "packages/api-client/openapi.json";
const CLIENT: &str = "packages/api-client/src/generated.ts";

/// Writes the description and the client; with `check`, changes nothing and fails where they are stale. The description
/// is asked of `binary`, or of a server built for it.
///
/// # Errors
/// Says which command failed or which file is stale, and the cure.
pub fn generate(root: &Path, check: bool, binary: Option<&Path>) -> Result<(), String> {
    let before = [DOCUMENT, CLIENT].map(|path| std::fs::read(root.join(path)).ok());
    let document = match binary {
        Some(binary) => run(Command::new(binary).arg("openapi"))?,
        None => run(Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--package", "mott", "--", "openapi"])
            .current_dir(root))?,
    };
    // Kept as the server prints it: read and written again, its order would depend on how this tool was built.
    let _: serde::de::IgnoredAny =
        serde_json::from_slice(&document).map_err(|error| format!("`mott openapi` printed no JSON: {error}"))?;
    write(&root.join(DOCUMENT), &document)?;
    run(Command::new("npm").args(["run", "--silent", "generate"]).current_dir(root.join("packages/api-client")))?;
    if !check {
        return Ok(());
    }
    let after = [DOCUMENT, CLIENT].map(|path| std::fs::read(root.join(path)).ok());
    let stale: Vec<&str> = [DOCUMENT, CLIENT]
        .into_iter()
        .enumerate()
        .filter(|(n, _)| before[*n] != after[*n])
        .map(|(_, path)| path)
        .collect();
    for (path, old) in [DOCUMENT, CLIENT].iter().zip(before) {
        match old {
            Some(old) => write(&root.join(path), &old)?,
            None => std::fs::remove_file(root.join(path)).map_err(|error| error.to_string())?,
        }
    }
    if stale.is_empty() { Ok(()) } else { Err(format!("stale: {}; run `make openapi` and commit", stale.join(", "))) }
}

fn run(command: &mut Command) -> Result<Vec<u8>, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("{command:?}:\n{}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}
