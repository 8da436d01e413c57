//! A verified success is booked: the only writer of paid, whoever brings the news (PRODUCT 6.1 – 6.3, 6.7, 6.8).
//!
//! One transaction: the callback's bytes, the order, the attempt, the record, the live event and the job that follows.
//! What does not agree with our own order is not booked but raised; nothing verified is dropped.

use channel::Success;
use db::{Error as DbError, Key, Tx, params};
use jobs::NewJob;

use super::{AFTER_PAID, Entry, Error, Item, Kind, Number, enter, raise, sql};
use crate::{App, order, outside::Provider};

/// Who brought the news.
#[derive(Clone, Debug)]
pub enum News {
    /// A verified callback; its bytes are kept with what they changed.
    Callback {
        /// The headers that were verified, as JSON.
        headers: String,
        /// The bytes.
        body: Vec<u8>,
    },
    /// Our own question.
    Query,
}

/// What became of a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booked {
    /// It paid its order.
    Order,
    /// Its order was closed before: booked as late, put before a person.
    Late,
    /// Its order was paid before: booked as a duplicate, put before a person.
    Duplicate,
    /// It was booked before; nothing changed.
    Repeat,
    /// It does not agree with our order: raised, not booked. Says what differs.
    Misfit(&'static str),
}

/// Whose word it is: the provider whose keys verified the message.
#[derive(Clone, Debug)]
pub struct Teller {
    /// Provider key.
    pub provider_key: String,
    /// The provider's number.
    pub sp_mchid: String,
    /// The provider's appid.
    pub sp_appid: String,
}

impl Teller {
    /// The provider of a key.
    pub fn new(provider_key: String, provider: &Provider) -> Teller {
        Teller { provider_key, sp_mchid: provider.sp_mchid.clone(), sp_appid: provider.sp_appid.clone() }
    }
}

/// Stands for a number that is none of ours: the money is kept in sight all the same (PRODUCT 6.2, 6.8).
const NOBODYS: Number = Number { merchant_id: 0, order_id: 0, attempt: 0 };

/// Books `success`, or says why not. Run twice it books once.
///
/// # Errors
/// The refusals of the database: nothing was booked, the institution must send again.
pub async fn confirm(app: &App, teller: Teller, success: Success, news: News) -> Result<Booked, Error> {
    let number = success.out_trade_no.parse().unwrap_or(NOBODYS);
    let ids = Minted { callback: app.ids.mint(), record: app.ids.mint(), inbox: app.ids.mint() };
    let now_ms = app.clock.now_ms();
    let work = async move |tx: &mut Tx<'_>| {
        let confirming = Confirming { number, success: &success, news: &news, teller: &teller, ids, now_ms };
        confirming.run(tx).await
    };
    // The order is the coarsest row that is locked: two attempts of one order are confirmed one after the other.
    let booked = app.db.write(Key::of((number.merchant_id, number.order_id)), work).await?;
    if booked != Booked::Repeat {
        app.hub.wake(number.merchant_id);
    }
    Ok(booked)
}

#[derive(Clone, Copy)]
struct Minted {
    callback: i64,
    record: i64,
    inbox: i64,
}

struct Confirming<'a> {
    number: Number,
    success: &'a Success,
    news: &'a News,
    teller: &'a Teller,
    ids: Minted,
    now_ms: i64,
}

/// Our own side of the comparison.
struct Expected {
    status: String,
    transaction_id: Option<String>,
    amount_fen: i64,
    sub_mchid: String,
    provider_key: String,
    order_status: String,
    manager_id: i64,
    org_unit_id: i64,
}

impl Confirming<'_> {
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Booked, DbError> {
        let Some(expected) = self.expected(tx).await? else {
            return self.misfit(tx, Kind::Unmatched, "unknown order", None).await;
        };
        if let Some(difference) = self.difference(&expected) {
            return self.misfit(tx, Kind::Misfit, difference, Some(expected.manager_id)).await;
        }
        if expected.status == "paid" {
            return self.again(tx, &expected).await;
        }
        self.keep(tx).await?;
        let Number { merchant_id, order_id, attempt } = self.number;
        let paid =
            tx.execute(sql::PAY_ORDER, params![merchant_id, order_id, attempt, self.success.success_at_ms]).await?;
        if paid == 1 {
            return self.book_order(tx, &expected).await;
        }
        // The order was over before, or moved under our feet (another node): take its row, then look again.
        order::lock(tx, merchant_id, order_id).await?;
        let Some(now) = self.expected(tx).await? else { return Err(DbError::NoRow) };
        if now.status == "paid" {
            return Ok(Booked::Repeat);
        }
        let was_paid = order::Status::of_word(&now.order_status).is_some_and(order::Status::was_paid);
        let (kind, booked) = if was_paid { (Kind::Duplicate, Booked::Duplicate) } else { (Kind::Late, Booked::Late) };
        self.pay(tx, kind.word()).await?;
        // It may be the live one: an earlier attempt's late success paid the order meanwhile.
        order::end_attempt(tx, merchant_id, order_id, attempt).await?;
        self.raise(tx, kind, "", Some(now.manager_id)).await?;
        Ok(booked)
    }

    async fn expected(&self, tx: &mut Tx<'_>) -> Result<Option<Expected>, DbError> {
        let Number { merchant_id, order_id, attempt } = self.number;
        let Some(row) = tx.query_opt(sql::EXPECTED, params![merchant_id, order_id, attempt]).await? else {
            return Ok(None);
        };
        Ok(Some(Expected {
            status: row.get(0)?,
            transaction_id: row.get(1)?,
            amount_fen: row.get(2)?,
            sub_mchid: row.get(3)?,
            provider_key: row.get(4)?,
            order_status: row.get(5)?,
            manager_id: row.get(6)?,
            org_unit_id: row.get(7)?,
        }))
    }

    /// Everything that must agree, agrees, or the first thing that does not (PRODUCT 6.3).
    fn difference(&self, expected: &Expected) -> Option<&'static str> {
        let success = self.success;
        let checks = [
            (success.currency == "CNY", "currency"),
            (success.total.fen() == expected.amount_fen, "amount"),
            (success.sub_mchid == expected.sub_mchid, "sub merchant"),
            (success.sp_mchid == self.teller.sp_mchid, "service provider"),
            (success.sp_appid == self.teller.sp_appid, "application"),
            (self.teller.provider_key == expected.provider_key, "service provider"),
            (!success.transaction_id.is_empty(), "transaction id"),
        ];
        checks.into_iter().find(|(agrees, _)| !agrees).map(|(_, what)| what)
    }

    /// The attempt is paid already: the same news again, or another payment under the same number.
    async fn again(&self, tx: &mut Tx<'_>, expected: &Expected) -> Result<Booked, DbError> {
        if expected.transaction_id.as_deref() == Some(self.success.transaction_id.as_str()) {
            return Ok(Booked::Repeat);
        }
        self.misfit(tx, Kind::Misfit, "another transaction id", Some(expected.manager_id)).await
    }

    /// Not booked: raised, and its bytes kept, once however often it is told.
    async fn misfit(
        &self,
        tx: &mut Tx<'_>,
        kind: Kind,
        what: &'static str,
        manager_id: Option<i64>,
    ) -> Result<Booked, DbError> {
        if self.raise(tx, kind, what, manager_id).await? {
            self.keep(tx).await?;
        }
        Ok(Booked::Misfit(what))
    }

    async fn book_order(&self, tx: &mut Tx<'_>, expected: &Expected) -> Result<Booked, DbError> {
        let Number { merchant_id, order_id, .. } = self.number;
        self.pay(tx, "order").await?;
        let entry = Entry {
            number: self.number,
            record_id: self.ids.record,
            manager_id: expected.manager_id,
            org_unit_id: expected.org_unit_id,
            amount_fen: self.success.total.fen(),
            success_at_ms: self.success.success_at_ms,
        };
        enter(tx, &entry).await?;
        // The job makes the record searchable, too; it knows it by its number.
        let (key, made) = (order_id.to_string(), self.ids.record.to_string());
        let job = NewJob { merchant_id, kind: AFTER_PAID, key: &key, payload: &made, due_at_ms: self.now_ms };
        jobs::enqueue(tx, &job, self.now_ms).await?;
        Ok(Booked::Order)
    }

    async fn pay(&self, tx: &mut Tx<'_>, booked: &'static str) -> Result<(), DbError> {
        let Number { merchant_id, order_id, attempt } = self.number;
        let success = self.success;
        let values = params![
            merchant_id,
            order_id,
            attempt,
            booked,
            &success.transaction_id,
            success.payer_total.map(|a| a.fen()),
            success.settlement.map(|a| a.fen()),
            &success.trade_type,
            success.success_at_ms,
            self.now_ms
        ];
        // Whoever books holds the order's row: nobody else can have paid the attempt since it was read.
        if tx.execute(sql::PAY, values).await? == 1 { Ok(()) } else { Err(DbError::NoRow) }
    }

    async fn keep(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let News::Callback { headers, body } = self.news else { return Ok(()) };
        let values = params![
            self.number.merchant_id,
            self.ids.callback,
            &self.teller.provider_key,
            &self.success.out_trade_no,
            headers,
            body,
            self.now_ms,
            &self.success.transaction_id,
            self.success.total.fen()
        ];
        tx.execute(sql::KEEP_CALLBACK, values).await.map(drop)
    }

    /// Puts it before a person; false where it was there already.
    async fn raise(&self, tx: &mut Tx<'_>, kind: Kind, what: &str, manager_id: Option<i64>) -> Result<bool, DbError> {
        let success = self.success;
        let detail = format!(
            "{what}; transaction {}; {} {}; sub merchant {}; success {}",
            success.transaction_id, success.total, success.currency, success.sub_mchid, success.success_at_ms
        );
        let item = Item {
            inbox_id: self.ids.inbox,
            kind,
            key: format!("{}:{what}", success.transaction_id),
            number: self.number,
            amount_fen: success.total.fen(),
            refund_id: None,
            detail: detail.trim_start_matches("; "),
            manager_id,
            now_ms: self.now_ms,
        };
        raise(tx, &item).await
    }
}
