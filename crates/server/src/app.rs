//! What every room is handed: the database, the clock, randomness, the crypto door and the way outside.

use std::sync::Arc;

use db::Db;

use crate::{
    callback,
    checkout::Pages,
    clock::Clock,
    config::Config,
    ids::Ids,
    live::Hub,
    order::Looks,
    outside::{Outside, Pulse},
    random::Random,
    vault::Vault,
};

/// One node of the product. Stateless but for its database; what it keeps in memory can be lost at any time.
pub struct App {
    /// The one door to the database.
    pub db: Db,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Where random bytes come from.
    pub random: Random,
    /// Mints ids.
    pub ids: Ids,
    /// Seals and signs.
    pub vault: Vault,
    /// The node's settings.
    pub config: Config,
    /// Institutions and platforms.
    pub outside: Outside,
    /// Which institutions answer of late.
    pub pulse: Pulse,
    /// Open screens of managers.
    pub hub: Hub,
    /// Rendered payer's pages.
    pub pages: Pages,
    /// Which orders somebody looked at of late.
    pub looks: Looks,
    /// How many refused callbacks were kept of late.
    pub refused: callback::Kept,
}

/// How handlers hold it.
pub type Shared = Arc<App>;

/// What an [`App`] is made of; the rest it makes itself.
pub struct Parts {
    /// The one door to the database.
    pub db: Db,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Where random bytes come from.
    pub random: Random,
    /// This node's number, leased in the database.
    pub node: i64,
    /// Seals and signs.
    pub vault: Vault,
    /// The node's settings.
    pub config: Config,
    /// Institutions and platforms.
    pub outside: Outside,
}

impl App {
    /// A node.
    pub fn new(parts: Parts) -> Shared {
        Arc::new(App {
            ids: Ids::new(parts.clock.clone(), parts.node),
            pulse: Pulse::default(),
            hub: Hub::default(),
            pages: Pages::default(),
            looks: Looks::default(),
            refused: callback::Kept::default(),
            db: parts.db,
            clock: parts.clock,
            random: parts.random,
            vault: parts.vault,
            config: parts.config,
            outside: parts.outside,
        })
    }
}
