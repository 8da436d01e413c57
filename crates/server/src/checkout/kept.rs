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

/// More bytes than this and all are dropped: a page is cheap to make again, and a form may be long.
const MOST_BYTES: usize = 64 << 20;
/// What a page takes beside its bytes.
const OVERHEAD_BYTES: usize = 512;
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

/// Pages by the token of their code, and how many bytes they take.
#[derive(Default)]
struct Kept {
    pages: HashMap<String, Arc<KeptPage>>,
    bytes: usize,
}

impl Kept {
    fn insert(&mut self, token: String, page: Arc<KeptPage>) {
        let bytes = bytes(&token, &page);
        self.remove(&token);
        if self.bytes + bytes > MOST_BYTES {
            *self = Kept::default();
        }
        self.bytes += bytes;
        self.pages.insert(token, page);
    }

    fn remove(&mut self, token: &str) {
        if let Some(page) = self.pages.remove(token) {
            self.bytes -= bytes(token, &page);
        }
    }

    fn retain(&mut self, stays: impl Fn(&KeptPage) -> bool) {
        self.pages.retain(|_, page| stays(page));
        self.bytes = self.pages.iter().map(|(token, page)| bytes(token, page)).sum();
    }
}

fn bytes(token: &str, page: &KeptPage) -> usize {
    token.len() + page.html.len() + page.brotli.len() + OVERHEAD_BYTES
}

/// The kept pages of this node, and the scans it counted.
#[derive(Default)]
pub struct Pages {
    kept: RwLock<Kept>,
    epochs: RwLock<HashMap<i64, i64>>,
    /// Scans since they were last written.
    pub scans: Scans,
}

impl Pages {
    /// The page of a code.
    pub fn get(&self, token: &str) -> Option<Arc<KeptPage>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).pages.get(token).cloned()
    }

    /// Keeps a page, unless its merchant changed since it was read.
    pub fn put(&self, token: String, page: Arc<KeptPage>) {
        let known = self.epochs.read().unwrap_or_else(PoisonError::into_inner).get(&page.merchant_id).copied();
        if known.is_some_and(|epoch| epoch > page.epoch) {
            return;
        }
        self.kept.write().unwrap_or_else(PoisonError::into_inner).insert(token, page);
    }

    /// Drops a merchant's pages: this node changed something of them.
    pub fn forget(&self, merchant_id: i64) {
        self.kept.write().unwrap_or_else(PoisonError::into_inner).retain(|page| page.merchant_id != merchant_id);
    }

    /// Drops what was read before its merchant's present epoch.
    fn keep_only(&self, epochs: HashMap<i64, i64>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|page| epochs.get(&page.merchant_id).is_some_and(|epoch| *epoch <= page.epoch));
        *self.epochs.write().unwrap_or_else(PoisonError::into_inner) = epochs;
    }
}

/// Keeps the pages fresh and writes the scans, until `stop`. Two loops: a write that waits must not let a page of a
/// disabled manager live on.
pub async fn keep_fresh(app: Shared, stop: watch::Receiver<bool>) {
    tokio::join!(keep_checking(&app, stop.clone()), keep_flushing(&app, stop));
}

async fn keep_checking(app: &App, mut stop: watch::Receiver<bool>) {
    while next_round(&mut stop).await {
        if let Err(error) = check_pages(app).await {
            tracing::warn!(%error, "kept pages could not be checked");
        }
    }
}

async fn keep_flushing(app: &App, mut stop: watch::Receiver<bool>) {
    while next_round(&mut stop).await {
        if let Err(error) = flush_scans(app, &app.pages.scans).await {
            tracing::warn!(%error, "scans could not be written; they are tried again");
        }
    }
}

/// False: the process stops.
async fn next_round(stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = tokio::time::sleep(ROUND) => true,
        _ = stop.changed() => false,
    }
}

/// One round of both.
///
/// # Errors
/// The refusals of the database.
pub async fn keep_fresh_once(app: &App) -> Result<(), Error> {
    check_pages(app).await?;
    flush_scans(app, &app.pages.scans).await
}

/// Drops the pages of merchants that changed since they were read.
async fn check_pages(app: &App) -> Result<(), Error> {
    let epochs = app.db.read(async |tx: &mut Tx<'_>| merchant::page_epochs(tx).await).await?;
    app.pages.keep_only(epochs.into_iter().collect());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(merchant_id: i64, bytes: usize) -> Arc<KeptPage> {
        let (html, brotli) = (vec![b'x'; bytes].into(), Bytes::new());
        Arc::new(KeptPage { merchant_id, code_id: 1, expires_at_ms: None, epoch: 1, html, brotli, csp: "" })
    }

    /// DESIGN 3: kept pages are an aid, and never more than a bounded part of the memory.
    #[test]
    fn kept_pages_are_bounded_by_their_bytes() {
        let pages = Pages::default();
        for n in 0..200 {
            pages.put(format!("c1-{n}"), page(1, 1 << 20));
            assert!(pages.kept.read().unwrap().bytes <= MOST_BYTES);
        }
        assert!(pages.get("c1-199").is_some());
        for _ in 0..200 {
            pages.put("c2-1".into(), page(2, 1 << 20));
        }
        assert!(pages.get("c1-199").is_some(), "a page that is made again takes no more room");
        pages.forget(1);
        let kept = pages.kept.read().unwrap();
        assert_eq!((kept.pages.len(), kept.bytes), (1, 4 + (1 << 20) + OVERHEAD_BYTES));
    }
}
