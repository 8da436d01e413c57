//! Rendered pages of codes, kept per code and form version and served without a read. Expiry is checked against the
//! clock on every hit; what another node changed is dropped within a second; submitting always asks the database.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::body::Bytes;
use db::{Error, Tx};
use tokio::sync::watch;

use super::page::Page;
use crate::{
    App,
    app::Shared,
    collection_code::{Scans, flush_scans},
    merchant,
};

/// More pages than this and all are dropped: a page is cheap to make again.
const MOST: usize = 20_000;
const ROUND: Duration = Duration::from_millis(500);

/// One page, ready to be sent.
#[derive(Clone)]
pub struct KeptPage {
    /// Whose code.
    pub merchant_id: i64,
    /// Which code, for counting scans.
    pub code_id: i64,
    /// When the code dies, if it does.
    pub expires_at_ms: Option<i64>,
    /// The merchant's epoch when it was read.
    pub epoch: i64,
    /// Plain.
    pub html: Bytes,
    /// Brotli.
    pub brotli: Bytes,
    /// Its policy.
    pub csp: &'static str,
}

impl KeptPage {
    /// A page with what decides how long it may be kept.
    pub fn new(page: Page, merchant_id: i64, code_id: i64, expires_at_ms: Option<i64>, epoch: i64) -> KeptPage {
        let (html, brotli) = (page.html.into(), page.brotli.into());
        KeptPage { merchant_id, code_id, expires_at_ms, epoch, html, brotli, csp: page.csp }
    }
}

/// The kept pages of this node, and the scans it counted.
#[derive(Default)]
pub struct Pages {
    kept: RwLock<HashMap<String, Arc<KeptPage>>>,
    epochs: RwLock<HashMap<i64, i64>>,
    /// Scans since they were last written.
    pub scans: Scans,
}

impl Pages {
    /// The page of a code.
    pub fn get(&self, token: &str) -> Option<Arc<KeptPage>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// Keeps a page, unless its merchant changed since it was read.
    pub fn put(&self, token: String, page: Arc<KeptPage>) {
        let known = self.epochs.read().unwrap_or_else(PoisonError::into_inner).get(&page.merchant_id).copied();
        if known.is_some_and(|epoch| epoch > page.epoch) {
            return;
        }
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(token, page);
    }

    /// Drops a merchant's pages: this node changed something of them.
    pub fn forget(&self, merchant_id: i64) {
        self.kept.write().unwrap_or_else(PoisonError::into_inner).retain(|_, page| page.merchant_id != merchant_id);
    }

    /// Drops what was read before its merchant's present epoch.
    fn keep_only(&self, epochs: HashMap<i64, i64>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, page| epochs.get(&page.merchant_id).is_some_and(|epoch| *epoch <= page.epoch));
        *self.epochs.write().unwrap_or_else(PoisonError::into_inner) = epochs;
    }
}

/// Keeps the pages fresh and writes the scans, until `stop`.
pub async fn keep_fresh(app: Shared, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            _ = stop.changed() => return,
        }
        if let Err(error) = keep_fresh_once(&app).await {
            tracing::warn!(%error, "kept pages could not be checked");
        }
    }
}

/// One round.
///
/// # Errors
/// The refusals of the database.
pub async fn keep_fresh_once(app: &App) -> Result<(), Error> {
    let epochs = app.db.read(async |tx: &mut Tx<'_>| merchant::page_epochs(tx).await).await?;
    app.pages.keep_only(epochs.into_iter().collect());
    flush_scans(app, &app.pages.scans).await
}
