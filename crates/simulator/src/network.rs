//! The network between people, institutions and nodes: messages are slow, lost, doubled and overtake each other.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request},
};
use mott::app::Shared;
use tokio::sync::oneshot;
use tower::ServiceExt;

use crate::{
    auditor::{Auditor, Probe, order_of},
    institution::{Institution, Payable},
    sim::{NodeId, Sim},
};

/// How long somebody waits for an answer before giving up.
const PATIENCE_MS: i64 = 15_000;

/// A request as it travels.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    /// `GET`, `POST`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// For a callback: what it says, so that its answer can be judged.
    pub probe: Option<Probe>,
}

impl Wire {
    /// A `GET`.
    pub fn get(path: impl Into<String>) -> Wire {
        Wire { method: "GET", path: path.into(), ..Wire::default() }
    }

    /// A `POST`.
    pub fn post(path: impl Into<String>, content_type: &str, body: impl Into<Vec<u8>>) -> Wire {
        Wire { method: "POST", path: path.into(), body: body.into(), ..Wire::default() }
            .with("content-type", content_type)
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Wire {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    fn request(&self) -> Request<Body> {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(Body::from(self.body.clone())).unwrap_or_default()
    }
}

/// A node's answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; nothing where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A node as it runs now.
#[derive(Clone)]
pub struct Running {
    /// The node.
    pub app: Shared,
    router: Router,
}

impl Running {
    /// A node with its router.
    pub fn new(app: Shared) -> Running {
        Running { router: mott::web::router(app.clone()), app }
    }
}

/// The nodes, and the way to them.
pub struct Network {
    sim: Sim,
    auditor: Weak<Auditor>,
    nodes: Mutex<BTreeMap<NodeId, Running>>,
    skews: BTreeMap<NodeId, Arc<AtomicI64>>,
    banks: Mutex<Vec<Weak<Institution>>>,
}

impl Network {
    /// A network of `nodes` nodes, none of which runs yet.
    pub fn new(sim: &Sim, auditor: &Arc<Auditor>, nodes: NodeId) -> Network {
        let skews = (1..=nodes).map(|node| (node, Arc::default())).collect();
        Network {
            sim: sim.clone(),
            auditor: Arc::downgrade(auditor),
            nodes: Mutex::default(),
            skews,
            banks: Mutex::default(),
        }
    }

    fn nodes(&self) -> MutexGuard<'_, BTreeMap<NodeId, Running>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far a node's clock is ahead.
    pub fn skew(&self, node: NodeId) -> Arc<AtomicI64> {
        self.skews.get(&node).cloned().unwrap_or_default()
    }

    /// Sets a node's clock ahead or behind.
    pub fn set_skew(&self, node: NodeId, ms: i64) {
        self.skew(node).store(ms, Ordering::Relaxed);
    }

    /// An institution joins.
    pub fn join(&self, bank: &Arc<Institution>) {
        self.banks.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(bank));
    }

    /// What of an order could be paid now, at any institution.
    pub fn payable_of(&self, order: &str) -> Vec<Payable> {
        let banks = self.banks.lock().unwrap_or_else(PoisonError::into_inner);
        banks.iter().filter_map(Weak::upgrade).flat_map(|bank| bank.payable_of(order)).collect()
    }

    /// An attempt is about to be made: no other of its order may be payable.
    pub fn look_at_others(&self, number: &str) {
        let Some(auditor) = self.auditor.upgrade() else { return };
        for other in self.payable_of(order_of(number)) {
            auditor.second_attempt(number, &other);
        }
    }

    /// A node runs.
    pub fn started(&self, node: NodeId, running: Running) {
        self.nodes().insert(node, running);
    }

    /// A node is gone.
    pub fn gone(&self, node: NodeId) {
        self.nodes().remove(&node);
    }

    /// A node that runs, if it does.
    pub fn running(&self, node: NodeId) -> Option<Running> {
        self.nodes().get(&node).cloned()
    }

    /// Any node that runs.
    pub fn any(&self) -> Option<(NodeId, Running)> {
        let nodes = self.nodes();
        let nth = self.sim.below(nodes.len() as u64) as usize;
        nodes.iter().nth(nth).map(|(node, running)| (*node, running.clone()))
    }

    /// Sends a request to some node. Nothing: nobody knows whether it arrived.
    pub async fn send(self: &Arc<Self>, wire: Wire) -> Option<Answer> {
        let sim = &self.sim;
        sim.pause(1, 40).await;
        if sim.fault(1, 30) {
            sim.pause(100, 4_000).await;
        }
        if sim.fault(1, 80) {
            sim.log(format!("lost: {} {}", wire.method, wire.path));
            sim.wait(PATIENCE_MS).await;
            return None;
        }
        if sim.fault(1, 50) {
            sim.log(format!("doubled: {} {}", wire.method, wire.path));
            let (network, again) = (self.clone(), wire.clone());
            let ms = sim.between(0, 20_000);
            sim.spawn(0, async move {
                network.sim.wait(ms).await;
                if let Some(answer) = network.deliver(again) {
                    drop(answer.await);
                }
            });
        }
        let answer = match self.deliver(wire.clone()) {
            Some(answer) => answer.await.ok(),
            None => None,
        };
        let Some(answer) = answer else {
            sim.log(format!("broken off: {} {}", wire.method, wire.path));
            sim.pause(1, 500).await;
            return None;
        };
        sim.pause(1, 40).await;
        if sim.fault(1, 30) {
            sim.pause(100, 4_000).await;
        }
        if sim.fault(1, 80) {
            sim.log(format!("answer lost: {} {} {}", wire.method, wire.path, answer.status));
            sim.wait(PATIENCE_MS).await;
            return None;
        }
        Some(answer)
    }

    /// Hands a request to a node, as a task of that node: it dies with it.
    fn deliver(&self, wire: Wire) -> Option<oneshot::Receiver<Answer>> {
        let (node, running) = self.any()?;
        let (tell, told) = oneshot::channel();
        let (sim, auditor) = (self.sim.clone(), self.auditor.clone());
        self.sim.spawn(node, async move {
            let Ok(response) = running.router.oneshot(wire.request()).await;
            let (parts, body) = response.into_parts();
            let Ok(body) = axum::body::to_bytes(body, 1 << 22).await else { return };
            let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body };
            sim.log(format!("node {node}: {} {} → {}", wire.method, wire.path, answer.status));
            if let Some(auditor) = auditor.upgrade() {
                if answer.status == 500 && wire.probe.is_none() {
                    auditor.broken(format!("{} {} was answered with 500", wire.method, wire.path));
                }
                if let Some(probe) = &wire.probe {
                    auditor.callback_answered(probe, answer.status).await;
                }
            }
            let _ = tell.send(answer);
        });
        Some(told)
    }
}
