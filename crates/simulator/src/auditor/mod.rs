//! Judges every answer and the final books by a model of its own: what the institutions' ledgers say, and what people
//! asked for. It shares no code with the product but the shape of a number (`M<merchant>O<order>A<attempt>`).

mod books;
mod sql;
mod told;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use db::{Db, Tx, params};

use crate::{institution::Payable, matrix::Row, sim::Sim};

/// What somebody wants to pay.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Fen.
    pub fen: i64,
    /// To which merchant.
    pub merchant_id: i64,
    /// To which manager.
    pub manager_id: i64,
}

/// Money that an institution took: the truth that the books are compared with.
#[derive(Clone, Debug)]
pub struct Money {
    /// Our number of the attempt.
    pub out_trade_no: String,
    /// Fen.
    pub fen: i64,
    /// To which sub merchant.
    pub sub_mchid: String,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

/// What a callback says, for judging its answer.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The transaction it names.
    pub transaction_id: String,
    /// What it is.
    pub says: Says,
}

/// What a callback is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Genuine and true: once acknowledged it must be booked.
    Truth,
    /// Genuine by its signature, but wrong in what it says: once acknowledged it must lie before a person, unbooked.
    Lie,
    /// Not genuine: never to be acknowledged.
    Forgery,
    /// A refund that the payer has: once acknowledged it must be in the books.
    GivenBack,
    /// Genuine and true, and of no money.
    Other,
}

#[derive(Default)]
struct State {
    rows: BTreeMap<Row, u64>,
    sentences: Vec<String>,
    /// What people wanted, by the name they filled in.
    intents: BTreeMap<String, Intent>,
    /// Which order a name became, as the institutions saw it.
    orders: BTreeMap<String, String>,
    money: BTreeMap<String, Money>,
    /// Refusals that an institution gave, by order.
    refused: BTreeSet<String>,
    /// Attempts that may be paid, by order: `(number, a payer holds it)`.
    told_paid: BTreeMap<String, i64>,
    records: BTreeMap<(i64, i64), BTreeSet<i64>>,
    /// What payers have back: by the refund's number, of which payment, fen.
    given_back: BTreeMap<String, (String, i64)>,
}

/// The auditor of a run.
pub struct Auditor {
    sim: Sim,
    db: Db,
    state: Mutex<State>,
    any: AtomicBool,
    jumped: AtomicBool,
}

/// The order in a number: everything before the attempt.
pub fn order_of(out_trade_no: &str) -> &str {
    out_trade_no.split_once('A').map_or(out_trade_no, |(order, _)| order)
}

impl Auditor {
    /// An auditor that reads the books through a door of its own.
    pub fn new(sim: &Sim, db: Db) -> Auditor {
        Auditor {
            sim: sim.clone(),
            db,
            state: Mutex::default(),
            any: AtomicBool::new(false),
            jumped: AtomicBool::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A rule is broken; the sentence says which, and by what.
    pub fn broken(&self, sentence: String) {
        self.sim.log(format!("BROKEN: {sentence}"));
        self.state().sentences.push(sentence);
        self.any.store(true, Ordering::Relaxed);
    }

    /// Whether any rule is broken.
    pub fn is_broken(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// What is broken, and how often each row occurred.
    pub fn told(&self) -> (Vec<String>, BTreeMap<Row, u64>) {
        let state = self.state();
        (state.sentences.clone(), state.rows.clone())
    }

    /// A row of the matrix occurred.
    pub fn row(&self, row: Row) {
        self.sim.log(format!("row: {}", row.words()));
        *self.state().rows.entry(row).or_default() += 1;
    }

    /// A node's clock jumped: from now on nobody can tell how long ago something was.
    pub fn jumped(&self) {
        self.jumped.store(true, Ordering::Relaxed);
    }

    /// Whether a node's clock ever jumped.
    pub fn has_jumped(&self) -> bool {
        self.jumped.load(Ordering::Relaxed)
    }

    /// Somebody is about to pay, under a name of its own.
    pub fn wants(&self, name: &str, intent: Intent) {
        self.state().intents.insert(name.to_owned(), intent);
    }

    /// An institution is asked to make an attempt: it must be over what somebody wants to pay.
    pub fn attempt_asked(&self, name: &str, out_trade_no: &str, fen: i64) {
        let mut state = self.state();
        state.orders.insert(name.to_owned(), order_of(out_trade_no).to_owned());
        let wanted = state.intents.get(name).map(|intent| intent.fen);
        drop(state);
        if wanted != Some(fen) {
            self.broken(format!("{out_trade_no} asks {name} for {fen} fen, who wants to pay {wanted:?}"));
        }
    }

    /// An attempt was made while `other` of the same order could still be paid.
    pub fn second_attempt(&self, number: &str, other: &Payable) {
        // After a jump nobody can know how long a call was under way, nor that a code's time is over; what no payer
        // holds cannot be paid.
        if !self.has_jumped() || (other.held && !other.latent) {
            let other = &other.number;
            self.broken(format!("{number} was made while {other} of the same order could still be paid"));
        }
    }

    /// An institution refused an attempt for good.
    pub fn refused(&self, out_trade_no: &str) {
        self.state().refused.insert(order_of(out_trade_no).to_owned());
    }

    /// An institution took money.
    pub fn took(&self, transaction_id: &str, money: Money) {
        self.sim.log(format!("money: {} {} {} fen", transaction_id, money.out_trade_no, money.fen));
        self.state().money.insert(transaction_id.to_owned(), money);
    }

    /// An institution gave money back.
    pub fn gave_back(&self, out_refund_no: &str, out_trade_no: &str, fen: i64) {
        self.sim.log(format!("back: {out_refund_no} of {out_trade_no} {fen} fen"));
        self.state().given_back.insert(out_refund_no.to_owned(), (out_trade_no.to_owned(), fen));
    }

    /// The order that a name became, where an institution saw it.
    pub fn order_of_name(&self, name: &str) -> Option<String> {
        self.state().orders.get(name).cloned()
    }

    /// Whether an institution took money for an order.
    pub fn has_money(&self, order: &str) -> bool {
        !self.money_of_order(order).is_empty()
    }

    /// How many payments institutions took.
    pub fn payments(&self) -> usize {
        self.state().money.len()
    }

    fn money_of_order(&self, order: &str) -> Vec<(String, Money)> {
        let state = self.state();
        let of = |(id, money): (&String, &Money)| {
            (order_of(&money.out_trade_no) == order).then(|| (id.clone(), money.clone()))
        };
        state.money.iter().filter_map(of).collect()
    }

    /// A node answered a callback: nothing is acknowledged that is not on disk, nothing forged is believed.
    pub async fn callback_answered(&self, probe: &Probe, status: u16) {
        if !(200..300).contains(&status) {
            return;
        }
        let id = &probe.transaction_id;
        if probe.says == Says::Forgery {
            self.broken(format!("a forged callback about {id} was acknowledged"));
            return;
        }
        if probe.says == Says::GivenBack {
            if self.count(sql::GIVEN_BACK, id).await == 0 {
                self.broken(format!("a callback about the refund {id} was acknowledged and is not on disk"));
            }
            return;
        }
        let (booked, raised) = (self.count(sql::BOOKED_BY, id).await, self.count(sql::RAISED_BY, id).await);
        match probe.says {
            Says::Truth if booked == 0 && raised == 0 => {
                self.broken(format!("a callback about {id} was acknowledged and is not on disk"));
            }
            Says::Lie if raised == 0 => {
                self.broken(format!("a callback that lies about {id} was acknowledged and lies before nobody"));
            }
            _ => {}
        }
    }

    /// How many rows a question about one number finds.
    async fn count(&self, text: &'static str, number: &str) -> i64 {
        let id = number.to_owned();
        let read = async move |tx: &mut Tx<'_>| tx.query_one(text, params![&id]).await?.get(0);
        match self.db.read::<i64, db::Error, _>(read).await {
            Ok(found) => found,
            Err(error) => {
                self.broken(format!("the books cannot be read: {error}"));
                0
            }
        }
    }
}
