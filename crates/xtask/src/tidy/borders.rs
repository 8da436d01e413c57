//! Rules about who may depend on whom, read from the manifests.

use super::{Findings, Tree};

const ADAPTERS: &[&str] =
    &["crates/channel", "crates/channel-wechatpay", "crates/channel-alipay", "crates/sms", "crates/wechat-platform"];
/// The pretend institution. Written in two parts so that this file does not break its own rule.
const PRETEND: &str = concat!("sand", "box");
/// Crates that only developers run.
const TOOLS: &[&str] = &["crates/simulator", "crates/xtask", "bench", "tests/kill", "tests/scenarios"];

fn dependencies(tree: &Tree, folder: &str) -> Vec<String> {
    let Some(manifest) = tree.files.get(&format!("{folder}/Cargo.toml")) else { return vec![] };
    let Ok(parsed) = manifest.text.parse::<toml::Table>() else { return vec![] };
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    tables.iter().filter_map(|name| parsed.get(*name)?.as_table()).flat_map(|table| table.keys().cloned()).collect()
}

fn package_name(tree: &Tree, folder: &str) -> Option<String> {
    let parsed = tree.files.get(&format!("{folder}/Cargo.toml"))?.text.parse::<toml::Table>().ok()?;
    Some(parsed.get("package")?.get("name")?.as_str()?.to_string())
}

pub fn adapters_know_no_database(tree: &Tree, findings: &mut Findings) {
    const STORES: &[&str] = &["db", "jobs", "mott", "rusqlite", "tokio-postgres", "deadpool-postgres"];
    for folder in ADAPTERS {
        for name in dependencies(tree, folder).iter().filter(|name| STORES.contains(&name.as_str())) {
            findings.add(
                &format!("{folder}/Cargo.toml"),
                0,
                format!("an adapter never touches a database, so not `{name}`"),
            );
        }
    }
}

pub fn pretend_institution_stands_apart(tree: &Tree, findings: &mut Findings) {
    let own = format!("crates/{PRETEND}");
    let ours: Vec<String> = tree.crates().iter().filter_map(|folder| package_name(tree, folder)).collect();
    for name in dependencies(tree, &own).iter().filter(|name| ours.contains(name)) {
        findings.add(
            &format!("{own}/Cargo.toml"),
            0,
            format!("it is another company and shares no code of ours, so not `{name}`"),
        );
    }
    for folder in tree.crates().into_iter().filter(|folder| *folder != own && !TOOLS.contains(folder)) {
        if dependencies(tree, folder).iter().any(|name| name == PRETEND) {
            findings.add(&format!("{folder}/Cargo.toml"), 0, "nothing shipped depends on the pretend institution");
        }
    }
    for (path, file) in tree.files.iter().filter(|(path, _)| path.starts_with("crates/server/")) {
        for (n, _) in file.text.lines().enumerate().filter(|(_, line)| line.to_lowercase().contains(PRETEND)) {
            findings.add(path, n + 1, "the server knows institutions by their base URLs only");
        }
    }
    for (path, rust) in ADAPTERS.iter().flat_map(|folder| tree.rust(folder)) {
        let strings =
            rust.strings.iter().filter(|(line, _)| !rust.is_test(*line)).map(|(line, text)| (*line, text.as_str()));
        for (line, _) in rust.shipped().chain(strings).filter(|(_, text)| text.to_lowercase().contains(PRETEND)) {
            findings.add(path, line, "an adapter treats every institution alike");
        }
    }
}

pub fn manifests_inherit_lints(tree: &Tree, findings: &mut Findings) {
    for folder in tree.crates() {
        let path = format!("{folder}/Cargo.toml");
        let Some(Ok(parsed)) = tree.files.get(&path).map(|file| file.text.parse::<toml::Table>()) else { continue };
        let inherits = parsed.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        if inherits != Some(true) {
            findings.add(&path, 0, "needs `[lints] workspace = true`: unsafe code and unwrap are denied everywhere");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::planted;
    use super::PRETEND;

    #[test]
    fn an_adapter_with_a_database_is_found() {
        let manifest = "[package]\nname = \"channel-alipay\"\n[dependencies]\ndb.workspace = true\n";
        let found = planted("adapters-know-no-database", &[("crates/channel-alipay/Cargo.toml", manifest)]);
        assert_eq!(found, ["crates/channel-alipay/Cargo.toml:0"]);
        assert!(planted("adapters-know-no-database", &[("crates/jobs/Cargo.toml", manifest)]).is_empty());
    }

    #[test]
    fn sharing_code_with_the_pretend_institution_is_found() {
        let manifest = |name: &str, dependency: &str| {
            format!("[package]\nname = \"{name}\"\n[dependencies]\n{dependency} = \"1\"\n")
        };
        let (theirs, ours) = (manifest(PRETEND, "channel"), manifest("channel", PRETEND));
        let path = format!("crates/{PRETEND}/Cargo.toml");
        let files = [(path.as_str(), theirs.as_str()), ("crates/channel/Cargo.toml", ours.as_str())];
        assert_eq!(
            planted("pretend-institution-stands-apart", &files),
            [format!("{path}:0"), "crates/channel/Cargo.toml:0".to_string()]
        );
    }

    #[test]
    fn naming_the_pretend_institution_is_found() {
        let comment = format!("// only for the {}\n", PRETEND.to_uppercase());
        let logic = format!("{comment}fn f() {{ g(\"{PRETEND}\") }}");
        let files =
            [("crates/server/templates/page.html", comment.as_str()), ("crates/channel/src/lib.rs", logic.as_str())];
        let found = planted("pretend-institution-stands-apart", &files);
        assert_eq!(found, ["crates/server/templates/page.html:1", "crates/channel/src/lib.rs:2"]);
    }

    #[test]
    fn a_manifest_without_lints_is_found() {
        let files = [
            ("crates/a/Cargo.toml", "[package]\nname = \"a\"\n"),
            ("crates/b/Cargo.toml", "[lints]\nworkspace = true\n"),
        ];
        assert_eq!(planted("manifests-inherit-lints", &files), ["crates/a/Cargo.toml:0"]);
    }
}
