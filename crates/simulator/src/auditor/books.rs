//! The books at the end, when nothing goes wrong any more and everything is quiet.

use std::collections::{BTreeMap, BTreeSet};

use db::{Error, Row, Tx};

use super::{Auditor, Money, order_of, sql};

struct Booked {
    number: String,
    how: String,
    fen: i64,
    at_ms: i64,
}

impl Auditor {
    /// When the next job is due by its own time; nothing: none waits.
    pub async fn next_due(&self) -> Option<i64> {
        let rows = self.ask(sql::NEXT_DUE, |row| row.get::<Option<i64>>(0)).await;
        rows.into_iter().flatten().next()
    }

    /// Whether nothing is left to be done.
    pub async fn is_quiet(&self) -> bool {
        let waits = self.ask(sql::UNDONE, |row| row.get::<String>(2)).await.iter().any(|state| state == "waiting");
        let open = self.ask(sql::OPEN_REFUNDS, |row| row.get::<i64>(0)).await;
        !waits && open.iter().all(|count| *count == 0)
    }

    /// Everything that must be true at the end.
    pub async fn final_books(&self) {
        self.money_is_booked().await;
        self.orders_agree().await;
        self.refunds_agree().await;
        self.everything_was_told().await;
        self.no_job_is_left().await;
        match mott::check::run(&self.db).await {
            Ok(broken) => broken.iter().for_each(|rule| self.broken(format!("mott check: {rule}"))),
            Err(error) => self.broken(format!("mott check cannot be run: {error}")),
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        text: &'static str,
        read: impl Fn(&Row) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Vec<T> {
        let work = async move |tx: &mut Tx<'_>| tx.query(text, &[]).await?.iter().map(&read).collect();
        match self.db.read::<Vec<T>, Error, _>(work).await {
            Ok(rows) => rows,
            Err(error) => {
                self.broken(format!("the books cannot be read: {error}"));
                Vec::new()
            }
        }
    }

    async fn booked(&self) -> BTreeMap<String, Booked> {
        let read = |row: &Row| {
            let booked = Booked { number: row.get(1)?, how: row.get(2)?, fen: row.get(3)?, at_ms: row.get(4)? };
            Ok((row.get::<String>(0)?, booked))
        };
        self.ask(sql::BOOKED, read).await.into_iter().collect()
    }

    /// Money rule 8: successes = booked + late + duplicate + unmatched, to the fen and one by one, by the institutions'
    /// own ledgers.
    async fn money_is_booked(&self) {
        let booked = self.booked().await;
        let raised: Vec<(String, String, i64)> =
            self.ask(sql::RAISED, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).await;
        let money = self.state().money.clone();
        let mut fen = 0;
        for (id, taken) in &money {
            match booked.get(id) {
                Some(row) => {
                    fen += row.fen;
                    self.agrees(id, taken, row);
                }
                None => match raised.iter().find(|(kind, key, _)| kind == "unmatched" && key.contains(id.as_str())) {
                    Some((_, _, raised_fen)) => fen += raised_fen,
                    None => self.broken(format!(
                        "{} fen of {} ({id}) were taken, and are neither booked nor before a person",
                        taken.fen, taken.out_trade_no
                    )),
                },
            }
        }
        for (id, row) in booked.iter().filter(|(id, _)| !money.contains_key(*id)) {
            self.broken(format!("{} is booked as {} by {id}, which no institution took", row.number, row.how));
        }
        let taken: i64 = money.values().map(|money| money.fen).sum();
        if taken != fen {
            self.broken(format!("the institutions took {taken} fen, the books hold {fen}"));
        }
        for (id, row) in booked.iter().filter(|(_, row)| row.how != "order") {
            if !raised.iter().any(|(kind, key, _)| *kind == row.how && key.contains(id.as_str())) {
                self.broken(format!("{} is booked as {} and lies before nobody", row.number, row.how));
            }
        }
    }

    fn agrees(&self, id: &str, taken: &Money, row: &Booked) {
        if row.number != taken.out_trade_no || row.fen != taken.fen || row.at_ms != taken.at_ms {
            self.broken(format!(
                "{id} took {} fen for {} at {}; it is booked as {} fen for {} at {}",
                taken.fen, taken.out_trade_no, taken.at_ms, row.fen, row.number, row.at_ms
            ));
        }
    }

    /// Each order is what its money says, and no order is paid twice in silence.
    async fn orders_agree(&self) {
        let booked = self.booked().await;
        let read = |row: &Row| {
            let order = format!("M{}O{}", row.get::<i64>(0)?, row.get::<i64>(1)?);
            Ok((order, row.get::<String>(2)?, row.get::<String>(3)?, row.get::<i64>(4)?))
        };
        for (order, status, name, fen) in self.ask(sql::ORDERS, read).await {
            let wanted = self.state().intents.get(&name).map(|intent| intent.fen);
            if wanted != Some(fen) {
                self.broken(format!("{order} of {name} is over {fen} fen; wanted were {wanted:?}"));
            }
            let of_order: Vec<&Booked> = booked.values().filter(|row| order_of(&row.number) == order).collect();
            let paying = of_order.iter().filter(|row| row.how == "order").count();
            let fits = match status.as_str() {
                "created" | "pending" => false,
                "closed" => of_order.iter().all(|row| row.how == "late"),
                _ => paying == 1 && of_order.iter().all(|row| row.how != "late"),
            };
            if !fits {
                let how: Vec<&str> = of_order.iter().map(|row| row.how.as_str()).collect();
                self.broken(format!("{order} of {name} ends {status}, with {how:?} booked"));
            }
        }
    }

    /// Every fen that a payer has back is in the books, and none that nobody has; never more than was paid.
    async fn refunds_agree(&self) {
        let read = |row: &Row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)));
        let booked: BTreeMap<String, (String, String, i64)> = self.ask(sql::REFUNDS, read).await.into_iter().collect();
        let given_back = self.state().given_back.clone();
        for (number, (payment, fen)) in &given_back {
            let fits = booked
                .get(number)
                .is_some_and(|(of, how, booked)| (of, how.as_str(), booked) == (payment, "succeeded", fen));
            if !fits {
                self.broken(format!(
                    "{number} gave {fen} fen of {payment} back; the books say {:?}",
                    booked.get(number)
                ));
            }
        }
        for (number, (payment, status, fen)) in &booked {
            if status == "succeeded" && !given_back.contains_key(number) {
                self.broken(format!("{number} is booked as {fen} fen of {payment} given back; nobody has them"));
            }
        }
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let payments: Vec<(String, i64, i64, i64)> = self.ask(sql::PAYMENTS, read).await;
        for (number, paid, refunded, reserved) in payments {
            let back: i64 = given_back.values().filter(|(of, _)| *of == number).map(|(_, fen)| fen).sum();
            if back != refunded || back > paid || reserved != 0 {
                self.broken(format!(
                    "of {number}'s {paid} fen {back} are given back; the books say {refunded}, and {reserved} reserved"
                ));
            }
        }
    }

    /// Every payment of an order was told to its manager, once, and nothing else was.
    async fn everything_was_told(&self) {
        let read = |row: &Row| {
            Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?, row.get::<i64>(3)?, row.get::<i64>(5)?))
        };
        let records = self.ask(sql::RECORDS, read).await;
        let heard = self.state().records.clone();
        let mut orders = BTreeSet::new();
        for (merchant_id, record_id, manager_id, order_id, events) in &records {
            if *events != 1 {
                self.broken(format!("record {record_id} of manager {manager_id} has {events} live events"));
            }
            if !orders.insert((merchant_id, order_id)) {
                self.broken(format!("M{merchant_id}O{order_id} has two records"));
            }
            // Screens look twenty seconds behind their node's clock: clocks that are minutes apart are beyond them.
            let clocks_agree = !self.has_jumped();
            if clocks_agree && !heard.get(&(*merchant_id, *manager_id)).is_some_and(|heard| heard.contains(record_id)) {
                self.broken(format!("manager {manager_id} was never told of record {record_id}"));
            }
        }
        for ((merchant_id, manager_id), heard) in heard {
            for record_id in heard {
                if !records.iter().any(|(m, r, who, ..)| (*m, *r, *who) == (merchant_id, record_id, manager_id)) {
                    self.broken(format!("manager {manager_id} was told of record {record_id}, which is not there"));
                }
            }
        }
    }

    async fn no_job_is_left(&self) {
        let read = |row: &Row| {
            Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<String>(2)?, row.get::<String>(3)?))
        };
        for (kind, key, state, why) in self.ask(sql::UNDONE, read).await {
            self.broken(format!("the job {kind} {key} is left {state} ({why})"));
        }
    }
}
