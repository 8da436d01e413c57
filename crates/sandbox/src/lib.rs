//! A pretend payment institution and messaging platform, for development and tests.
//!
//! It is *another company*: its own process, state, keys and wire code, written from the published protocol and not
//! from the code that talks to it. Nothing that ships depends on it.

mod account;
mod alipay;
mod app;
mod callbacks;
mod clock;
mod crypto;
mod error;
mod faults;
mod files;
mod institution;
mod kit;
mod ledger;
mod mailbox;
mod pages;
mod pay;
mod platform;
mod presign;
mod random;
pub mod scenario;
mod signature;
mod sms;
mod smtp;
mod state;
mod wallet;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

pub use app::{App, Settings};
pub use clock::Clock;
pub use error::Error;
pub use institution::Signer;
pub use presign::presign;

/// Everything that is reached over HTTP.
pub fn router(app: &Arc<App>) -> Router {
    Router::new()
        .merge(pay::router(app.clone()))
        .merge(platform::router())
        .merge(pay::devtools())
        .merge(alipay::router())
        .merge(account::router())
        .merge(ledger::router())
        .merge(scenario::page::router())
        .merge(wallet::router())
        .merge(mailbox::router())
        .merge(sms::router())
        .merge(pages::router())
        .merge(callbacks::router())
        .merge(faults::router())
        .with_state(app.clone())
}

/// Serves until a part of it fails or the caller stops polling.
///
/// # Errors
/// When a listener or the state file fails.
pub async fn serve(app: Arc<App>, http: TcpListener, mail: TcpListener) -> Result<(), Error> {
    let router = router(&app);
    let web = async { axum::serve(http, router).await.map_err(Error::from) };
    tokio::try_join!(web, callbacks::run(app.clone()), smtp::serve(app, mail))?;
    Ok(())
}
