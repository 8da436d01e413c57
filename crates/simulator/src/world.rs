//! Everything of one run: nodes, institutions, the WeChat platform, people's shared knowledge.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use db::Db;
use mott::{
    App,
    app::{Parts, Shared},
    clock::Clock,
    config::Config,
    merchant::ChannelKind,
    outside::{Links, OfficialAccount, Outside},
    random::Random,
    vault::Vault,
};
use wechat_platform::{CodeImage, CodeRequest, MiniProgramLogin, PlatformError, WechatPlatform};

use crate::{
    around::Door,
    auditor::Auditor,
    institution::{Institution, Payable, SP_APPID},
    matrix::Row,
    network::{Network, Running},
    random::Stream,
    seed::{self, Seat},
    sim::{NodeId, Sim},
};

/// Nodes of a run.
pub const NODES: NodeId = 2;
/// An order may be paid this long.
pub const ORDER_MINUTES: i64 = 30;
/// How often a node looks for work, at most.
const ROUND_MS: i64 = 200;
/// How long a node looks for no work where none is due.
const IDLE_MS: i64 = 600_000;

/// What people know of a manager's codes.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    /// The present one's path and id.
    pub live: Option<(String, String)>,
    /// Older ones, and when each was replaced.
    pub older: Vec<(String, i64)>,
}

/// One run's world.
pub struct World {
    /// Time, chance and turns.
    pub sim: Sim,
    /// The seed.
    pub seed: u64,
    /// Who judges.
    pub auditor: Arc<Auditor>,
    /// The nodes and the way to them.
    pub network: Arc<Network>,
    /// The institutions.
    pub institutions: Vec<Arc<Institution>>,
    /// The managers.
    pub seats: Vec<Seat>,
    /// The database, without anything around it.
    pub db: Db,
    keyring: PathBuf,
    codes: Mutex<BTreeMap<(i64, i64), Codes>>,
    boots: AtomicI64,
    busy: AtomicI64,
    consents: Arc<Consents>,
}

impl World {
    /// A world in which nothing runs yet.
    pub fn new(sim: &Sim, seed: u64, db: Db, keyring: PathBuf) -> Arc<World> {
        let watching = db.with(Arc::new(Door { sim: sim.clone(), node: 0 }));
        let auditor = Arc::new(Auditor::new(sim, watching.clone()));
        let network = Arc::new(Network::new(sim, &auditor, NODES));
        let kinds = [ChannelKind::Wechatpay, ChannelKind::Alipay];
        let institutions: Vec<_> = kinds.map(|kind| Institution::new(sim, &auditor, &network, kind)).into();
        institutions.iter().for_each(|bank| network.join(bank));
        Arc::new(World {
            sim: sim.clone(),
            seed,
            auditor,
            network,
            institutions,
            seats: seed::seats(),
            db: watching,
            keyring,
            codes: Mutex::default(),
            boots: AtomicI64::new(0),
            busy: AtomicI64::new(0),
            consents: Arc::default(),
        })
    }

    /// What people know of a manager's codes.
    pub fn codes(&self) -> MutexGuard<'_, BTreeMap<(i64, i64), Codes>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody has something to do (+1) or is done (-1).
    pub fn busy(&self, change: i64) -> i64 {
        self.busy.fetch_add(change, Ordering::Relaxed) + change
    }

    /// A payer agrees to be known; the answer is the code that WeChat brings back.
    pub fn consent(&self, openid: &str) -> String {
        let code = format!("consent{}", self.sim.below(u64::MAX));
        self.consents.0.lock().unwrap_or_else(PoisonError::into_inner).insert(code.clone(), openid.to_owned());
        code
    }

    /// Attempts of a name's order that a payer holds and could pay now.
    pub fn payable(&self, name: &str) -> Vec<String> {
        let Some(order) = self.auditor.order_of_name(name) else { return Vec::new() };
        // Whether a code's time is over, only a clock can tell.
        let counts = |one: &Payable| one.held && !(one.latent && self.auditor.has_jumped());
        self.network.payable_of(&order).into_iter().filter(counts).map(|one| one.number).collect()
    }

    /// Starts a node: nothing of it but the database was there before.
    ///
    /// # Errors
    /// In words, where the keyring cannot be read.
    pub fn boot(self: &Arc<World>, node: NodeId) -> Result<(), String> {
        let boot = self.boots.fetch_add(1, Ordering::Relaxed) + 1;
        let app = self.app(node, boot).map_err(|error| error.to_string())?;
        self.sim.log(format!("node {node} starts as number {boot}"));
        self.network.started(node, Running::new(app.clone()));
        self.sim.spawn(node, work(self.clone(), app.clone(), node));
        self.sim.spawn(node, tell_screens(self.sim.clone(), app.clone()));
        self.sim.spawn(node, keep_pages(self.sim.clone(), app));
        Ok(())
    }

    fn app(&self, node: NodeId, boot: i64) -> Result<Shared, mott::vault::Error> {
        let stream = Mutex::new(Stream::new(self.seed, 1_000 + boot as u64));
        let random = Random::new(move |bytes| stream.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes));
        let (clock, skew) = (self.sim.clone(), self.network.skew(node));
        let mut links = Links::default();
        for institution in &self.institutions {
            links.providers.insert(institution.provider_key.to_owned(), institution.provider(node));
        }
        links.wechat = Some(self.consents.clone());
        links.official_account = Some(OfficialAccount {
            appid: SP_APPID.into(),
            base_url: "https://api.test".into(),
            oauth_url: "https://open.test".into(),
            name: "LUCKYBYTE".into(),
        });
        Ok(App::new(Parts {
            db: self.db.with(Arc::new(Door { sim: self.sim.clone(), node })),
            clock: Clock::new(move || clock.now_ms() + skew.load(Ordering::Relaxed)),
            random: random.clone(),
            node: boot,
            vault: Vault::open(&self.keyring, random)?,
            config: Config { public_url: "https://pay.test".into(), order_minutes: ORDER_MINUTES, ..Config::default() },
            outside: Outside::fixed(links),
        }))
    }

    /// A node is gone: the power failed.
    pub fn died(&self, node: NodeId) {
        self.network.gone(node);
        self.auditor.row(Row::NodeKilled);
    }
}

/// The jobs of a node, round by round. It sleeps until the next one is due, or something is written.
async fn work(world: Arc<World>, app: Shared, node: NodeId) {
    let sim = &world.sim;
    loop {
        let version = sim.version();
        match mott::worker::round(&app).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(_) => {
                sim.wait(ROUND_MS).await;
                continue;
            }
        }
        let due_ms = world.auditor.next_due().await.unwrap_or(i64::MAX);
        let skew_ms = world.network.skew(node).load(Ordering::Relaxed);
        let due_ms = due_ms.saturating_sub(skew_ms).min(sim.now_ms() + IDLE_MS);
        sim.until_written(version, due_ms).await;
        sim.pause(1, ROUND_MS).await;
    }
}

/// The product looks for news each 250 ms; here, 250 ms after something was written.
async fn tell_screens(sim: Sim, app: Shared) {
    loop {
        let version = sim.version();
        if let Err(error) = mott::live::poll_once(&app).await {
            sim.log(format!("screens could not be told: {error}"));
            sim.wait(250).await;
            continue;
        }
        sim.until_written(version, i64::MAX).await;
        sim.wait(250).await;
    }
}

async fn keep_pages(sim: Sim, app: Shared) {
    loop {
        let version = sim.version();
        if mott::checkout::keep_fresh_once(&app).await.is_ok() {
            sim.until_written(version, i64::MAX).await;
        }
        sim.wait(500).await;
    }
}

/// The WeChat platform, as far as payers meet it.
#[derive(Default)]
struct Consents(Mutex<BTreeMap<String, String>>);

#[async_trait]
impl WechatPlatform for Consents {
    async fn login_code(&self, _: &str) -> Result<MiniProgramLogin, PlatformError> {
        Err(PlatformError::Busy)
    }

    fn authorize_url(&self, redirect_uri: &str, state: &str) -> Result<String, PlatformError> {
        Ok(format!("https://open.test/authorize?redirect_uri={redirect_uri}&state={state}"))
    }

    async fn oauth_openid(&self, code: &str) -> Result<String, PlatformError> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(code);
        known.ok_or(PlatformError::Refused { errcode: 40_163, errmsg: "used".into() })
    }

    async fn mini_program_code(&self, _: &CodeRequest) -> Result<CodeImage, PlatformError> {
        Err(PlatformError::Busy)
    }
}
