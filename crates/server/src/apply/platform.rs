//! Writes what `platform.toml` says.

use db::{Key, Tx};
use serde_json::Value;

use super::{Error, report::Report};
use crate::{
    App,
    merchant::ChannelKind,
    outside::{self, StoredSetting},
};

/// What one or more platform files ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct PlatformPlan {
    pub rows: Vec<Row>,
}

/// One stored setting as the file wants it.
#[derive(Clone)]
pub(super) struct Row {
    pub name: String,
    /// At which institution, where it is a service provider.
    pub channel: Option<ChannelKind>,
    /// JSON.
    pub settings: String,
    /// In the clear: it is compared with what is sealed, and sealed only where it differs.
    pub secret: Value,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("name", &self.name).field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl PlatformPlan {
    /// The service providers that the file brings, and their institutions.
    pub fn providers(&self) -> impl Iterator<Item = (&str, ChannelKind)> {
        self.rows.iter().filter_map(|row| Some((row.name.as_str(), row.channel?)))
    }

    /// Writes the rows that differ, all in one transaction.
    pub async fn write(self, app: &App, stored: &[StoredSetting], report: &mut Report) -> Result<(), Error> {
        let mut differing = Vec::new();
        let now_ms = app.clock.now_ms();
        for mut row in self.rows {
            let old = stored.iter().find(|s| s.name == row.name && s.is_provider() == row.channel.is_some());
            let label = if row.channel.is_some() { format!("service_provider {}", row.name) } else { row.name.clone() };
            // A secret that cannot be opened any more is replaced like one that changed.
            let secret = old.and_then(|old| opened(app, old));
            match old.map(|old| differences(old, secret.as_ref(), &row)) {
                None => report.created(label),
                Some(what) if what.is_empty() => continue,
                Some(what) => report.changed(label, &what),
            }
            if let (Some(old), Some(secret)) = (old, &secret) {
                outside::carry_over((&old.settings, secret), (&row.settings, &mut row.secret), now_ms);
            }
            differing.push((outside::seal(&app.vault, &row.name, &row.secret)?, row));
        }
        if differing.is_empty() {
            return Ok(());
        }
        app.db.write(Key::of("platform"), async move |tx: &mut Tx<'_>| write(tx, &differing, now_ms).await).await
    }
}

fn opened(app: &App, old: &StoredSetting) -> Option<Value> {
    let plain = app.vault.open_sealed(&old.purpose(), &old.secret).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// Keys that were kept from before are in no file, and no difference.
fn differences(old: &StoredSetting, secret: Option<&Value>, new: &Row) -> Vec<&'static str> {
    let secret = secret.map(outside::without);
    let differs = [("settings", old.settings != new.settings), ("secret", secret.as_ref() != Some(&new.secret))];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

async fn write(tx: &mut Tx<'_>, rows: &[(Vec<u8>, Row)], now_ms: i64) -> Result<(), Error> {
    for (sealed, row) in rows {
        match row.channel {
            Some(kind) => outside::put_provider(tx, &row.name, kind, &row.settings, sealed, now_ms).await?,
            None => outside::put_setting(tx, &row.name, &row.settings, sealed, now_ms).await?,
        }
    }
    Ok(())
}
