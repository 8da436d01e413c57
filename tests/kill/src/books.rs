//! What the database says, held against what the outside was told.

use std::collections::{HashMap, HashSet};

use db::{Db, Error, Tx};

use crate::told::{Callback, Told};

const ORDERS: &str = "SELECT COALESCE(submission, ''), token FROM orders";
/// Each payment, with how often everything that follows from one exists. What tells of a paid order is due at once, and
/// here nothing puts it off; what asks about an attempt waits for its time.
const PAYMENTS: &str = "SELECT p.out_trade_no, p.amount_fen, p.status, COALESCE(p.transaction_id, ''), o.status, \
     COALESCE(r.n, 0), COALESCE(e.n, 0), COALESCE(told.n, 0), COALESCE(asked.n, 0), COALESCE(c.n, 0) FROM payment p \
     JOIN orders o ON o.merchant_id = p.merchant_id AND o.order_id = p.order_id \
     LEFT JOIN (SELECT order_id, COUNT(*) AS n FROM record GROUP BY order_id) r ON r.order_id = p.order_id \
     LEFT JOIN (SELECT r.order_id, COUNT(*) AS n FROM live_event e \
     JOIN record r ON r.merchant_id = e.merchant_id AND r.record_id = e.subject_id \
     WHERE e.kind = 'payment' GROUP BY r.order_id) e ON e.order_id = p.order_id \
     LEFT JOIN (SELECT job_key, COUNT(*) AS n FROM job WHERE kind = 'order.after_paid' \
     AND (state = 'done' OR (state = 'waiting' AND due_at_ms = created_at_ms)) GROUP BY job_key) told ON told.job_key = CAST(p.order_id AS TEXT) \
     LEFT JOIN (SELECT job_key, COUNT(*) AS n FROM job WHERE kind = 'payment.ask' AND state IN ('waiting', 'done') \
     GROUP BY job_key) asked ON asked.job_key = p.out_trade_no \
     LEFT JOIN (SELECT out_trade_no, COUNT(*) AS n FROM callback GROUP BY out_trade_no) c \
     ON c.out_trade_no = p.out_trade_no";

pub struct Payment {
    pub out_trade_no: String,
    pub amount_fen: i64,
    pub status: String,
    transaction_id: String,
    order_status: String,
    records: i64,
    live_events: i64,
    after_paid_jobs: i64,
    ask_jobs: i64,
    callbacks: i64,
}

pub struct Books {
    orders: Vec<(String, String)>,
    pub payments: Vec<Payment>,
}

impl Books {
    /// # Errors
    /// The refusals of the database.
    pub async fn read(db: &Db) -> Result<Books, Error> {
        db.read(async |tx: &mut Tx<'_>| {
            let orders = tx.query(ORDERS, &[]).await?;
            let orders = orders.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, Error>>()?;
            let payments = tx.query(PAYMENTS, &[]).await?;
            let payments = payments.iter().map(payment).collect::<Result<_, Error>>()?;
            Ok(Books { orders, payments })
        })
        .await
    }

    /// Every promise holds, and nothing is there that nobody asked for.
    pub fn agree_with(&self, told: &Told) {
        self.orders_agree(told);
        let acknowledged: HashMap<&str, &str> = numbers(told.acknowledged.iter().map(|c| &**c));
        let unanswered: HashMap<&str, &str> = numbers(told.unanswered.iter().map(|c| &**c));
        for payment in &self.payments {
            payment.is_whole();
            let number = payment.out_trade_no.as_str();
            match (acknowledged.get(number), unanswered.get(number)) {
                (Some(transaction), _) => {
                    assert_eq!(payment.status, "paid", "{number} was acknowledged: it is booked (PRODUCT 6.4)");
                    assert_eq!(payment.transaction_id, **transaction, "{number}");
                }
                (None, Some(transaction)) if payment.status == "paid" => {
                    assert_eq!(payment.transaction_id, **transaction, "{number}");
                }
                _ => assert_ne!(payment.status, "paid", "{number} is paid and nobody said so"),
            }
        }
        let known: HashSet<&str> = self.payments.iter().map(|p| p.out_trade_no.as_str()).collect();
        let lost: Vec<_> = acknowledged.keys().filter(|number| !known.contains(**number)).collect();
        assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    }

    /// An order that was answered exists; one submission makes one order; nothing else makes any.
    fn orders_agree(&self, told: &Told) {
        let mut by_submission = HashMap::new();
        for (submission, token) in &self.orders {
            assert!(by_submission.insert(submission.as_str(), token).is_none(), "{submission} made two orders");
        }
        let answered = told.interrupted.iter().filter_map(|p| Some((&p.submission, p.token.as_ref()?)));
        for (submission, token) in told.placed.iter().chain(answered) {
            assert_eq!(
                by_submission.remove(submission.as_str()),
                Some(token),
                "{submission} was answered: it is there"
            );
        }
        for payer in &told.interrupted {
            by_submission.remove(payer.submission.as_str());
        }
        assert!(by_submission.is_empty(), "orders that nobody placed: {by_submission:?}");
    }

    /// How many of `callbacks` are booked.
    pub fn booked<'a>(&self, callbacks: impl IntoIterator<Item = &'a Callback>) -> usize {
        let numbers = numbers(callbacks);
        self.payments.iter().filter(|p| p.status == "paid" && numbers.contains_key(p.out_trade_no.as_str())).count()
    }
}

impl Payment {
    /// Paid with everything that follows, each once; or not paid, and nothing of it (PRODUCT 6.7).
    fn is_whole(&self) {
        let number = &self.out_trade_no;
        let once = i64::from(self.status == "paid");
        assert_eq!(self.order_status == "paid", self.status == "paid", "{number} and its order");
        assert_eq!((self.records, "records"), (once, "records"), "{number}");
        assert_eq!((self.live_events, "live events"), (once, "live events"), "{number}");
        assert_eq!((self.after_paid_jobs, "order.after_paid"), (once, "order.after_paid"), "{number}");
        assert_eq!((self.ask_jobs, "payment.ask"), (1, "payment.ask"), "{number}");
        assert_eq!(self.callbacks > 0, self.status == "paid", "{number}: the bytes that paid it are kept");
    }
}

fn payment(row: &db::Row) -> Result<Payment, Error> {
    Ok(Payment {
        out_trade_no: row.get(0)?,
        amount_fen: row.get(1)?,
        status: row.get(2)?,
        transaction_id: row.get(3)?,
        order_status: row.get(4)?,
        records: row.get(5)?,
        live_events: row.get(6)?,
        after_paid_jobs: row.get(7)?,
        ask_jobs: row.get(8)?,
        callbacks: row.get(9)?,
    })
}

fn numbers<'a>(callbacks: impl IntoIterator<Item = &'a Callback>) -> HashMap<&'a str, &'a str> {
    callbacks.into_iter().map(|c| (c.out_trade_no.as_str(), c.transaction_id.as_str())).collect()
}
