//! `config.toml`: the settings of one node. `config.example.toml` is their manual.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The settings of one node.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen, `127.0.0.1:8080`.
    pub listen: String,
    /// How payers, managers and institutions reach this installation, without a slash at the end.
    pub public_url: String,
    /// A `postgres://` address or the path of a SQLite file.
    pub database: String,
    /// The keyring file.
    pub keyring: PathBuf,
    /// Whether a proxy in front says the client's address in `X-Forwarded-For` (its last entry is believed).
    pub behind_proxy: bool,
    /// Log filter, such as `info` or `mott=debug`.
    pub log: String,
    /// How long an order may be paid, minutes.
    pub order_minutes: i64,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: "127.0.0.1:8080".into(),
            public_url: "http://127.0.0.1:8080".into(),
            database: "./data/mott.db".into(),
            keyring: "./data/keyring.toml".into(),
            behind_proxy: false,
            log: "info".into(),
            order_minutes: 30,
        }
    }
}

/// A setting that cannot be used: which file, which key, and the cure.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{file}: {why}")]
pub struct ConfigError {
    /// The file.
    pub file: String,
    /// Key and cure.
    pub why: String,
}

impl Config {
    /// Reads `path`. A missing file is fine only where it was not asked for by name: then every default holds.
    ///
    /// # Errors
    /// [`ConfigError`] with file, key and cure.
    pub fn read(path: &Path, named: bool) -> Result<Config, ConfigError> {
        let wrong = |why: String| ConfigError { file: path.display().to_string(), why };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !named => return Ok(Config::default()),
            Err(e) => return Err(wrong(format!("cannot be read ({e}); copy config.example.toml to start from"))),
        };
        let config: Config = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        config.checked().map_err(wrong)
    }

    /// The settings, with every value that would only fail later refused now.
    ///
    /// # Errors
    /// Key and cure.
    pub fn checked(mut self) -> Result<Config, String> {
        if self.listen.parse::<std::net::SocketAddr>().is_err() {
            return Err(format!("listen = \"{}\" is not an address: write it as \"127.0.0.1:8080\"", self.listen));
        }
        let url = url::Url::parse(&self.public_url).map_err(|e| {
            format!("public_url = \"{}\" ({e}): write it as \"https://pay.example.com\"", self.public_url)
        })?;
        if !matches!(url.scheme(), "http" | "https") || !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err(format!("public_url = \"{}\" must be a bare http(s) address without a path", self.public_url));
        }
        self.public_url = self.public_url.trim_end_matches('/').to_owned();
        if !(5..=7 * 24 * 60).contains(&self.order_minutes) {
            return Err(format!("order_minutes = {} must lie between 5 and 10080", self.order_minutes));
        }
        Ok(self)
    }

    /// Whether browsers reach us through TLS (cookies are then `Secure`).
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path, true)
    }

    #[test]
    fn a_bad_config_says_file_key_and_cure() {
        for (text, key, cure) in [
            ("listen = \"8080\"", "listen", "127.0.0.1:8080"),
            ("public_url = \"pay.example.com\"", "public_url", "https://"),
            ("public_url = \"https://a.b/c\"", "public_url", "without a path"),
            ("order_minutes = 1", "order_minutes", "between 5"),
            ("lisen = \"x\"", "lisen", "listen"),
            ("listen = 5", "listen", "string"),
            ("listen = ", "config.toml", "1"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("config.toml") && error.contains(key) && error.contains(cure), "{text}: {error}");
        }
    }

    #[test]
    fn a_missing_file_is_fine_only_when_nobody_asked_for_it() {
        let path = Path::new("/nonexistent/config.toml");
        assert_eq!(Config::read(path, false).unwrap().listen, "127.0.0.1:8080");
        assert!(Config::read(path, true).unwrap_err().to_string().contains("config.example.toml"));
    }
}
