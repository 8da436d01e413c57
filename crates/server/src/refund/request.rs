//! A refund is asked for: its money is set aside in the same transaction, by one conditional update, so that ten who ask
//! at once never exceed the payment (PRODUCT 6.6). Above the merchant's limit, and whenever a manager asks, another
//! person approves; below it the institution is asked at once.

use db::{Key, Tx, params};
use jobs::NewJob;
use money::Amount;

use super::{
    ASK, Error, Minted, Refund, RefundNumber, by_id, checked_words, lifecycle::REFUND_YEAR_MS, read, reserve, sql, tell,
};
use crate::{
    App,
    admin::AdminSession,
    audit, order, org,
    payment::Number,
    session::ManagerSession,
    web::{Client, FieldProblem},
};

/// Longest key that a page may choose for its request.
const MAX_SUBMISSION: usize = 64;

/// Who asks or decides.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Whose merchant.
    pub merchant_id: i64,
    /// `admin:<id>` or `manager:<id>`.
    pub who: String,
    /// An admin's name; a manager's is read with the order.
    pub name: String,
    /// The masked network.
    pub network: String,
    /// Whose orders.
    pub sees: Sees,
}

/// Whose orders somebody may touch.
#[derive(Clone, Copy, Debug)]
pub enum Sees {
    /// Those of this org unit and below.
    Unit(i64),
    /// Those of this manager.
    Manager(i64),
}

impl Asker {
    /// An admin.
    pub fn admin(admin: &AdminSession, client: &Client) -> Asker {
        Asker {
            merchant_id: admin.merchant_id,
            who: format!("admin:{}", admin.admin_id),
            name: admin.name.clone(),
            network: client.network(),
            sees: Sees::Unit(admin.org_unit_id),
        }
    }

    /// A manager.
    pub fn manager(manager: &ManagerSession, client: &Client) -> Asker {
        Asker {
            merchant_id: manager.merchant_id,
            who: format!("manager:{}", manager.manager_id),
            name: String::new(),
            network: client.network(),
            sees: Sees::Manager(manager.manager_id),
        }
    }

    /// Whether an order of this manager and unit is theirs to touch.
    pub(crate) async fn may_see(&self, tx: &mut Tx<'_>, manager_id: i64, org_unit_id: i64) -> Result<bool, db::Error> {
        match self.sees {
            Sees::Manager(own) => Ok(own == manager_id),
            Sees::Unit(unit) => Ok(org::scope(tx, self.merchant_id, unit).await?.contains(&org_unit_id)),
        }
    }

    /// Whether what names no order at all is theirs to touch: only for who sees the whole merchant.
    pub(crate) async fn sees_all(&self, tx: &mut Tx<'_>) -> Result<bool, db::Error> {
        match self.sees {
            Sees::Manager(_) => Ok(false),
            Sees::Unit(unit) => org::is_root(tx, self.merchant_id, unit).await,
        }
    }

    /// Writes what was done into the audit log, in the same transaction.
    pub(crate) async fn audit(
        &self,
        tx: &mut Tx<'_>,
        audit_id: i64,
        at_ms: i64,
        action: &'static str,
        subject: &str,
        detail: &str,
    ) -> Result<(), db::Error> {
        let (merchant_id, actor, network) = (self.merchant_id, self.who.as_str(), self.network.as_str());
        audit::write(tx, &audit::Entry { merchant_id, audit_id, at_ms, actor, action, subject, detail, network }).await
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which payment goes back.
    pub payment: Number,
    /// How much of it, fen.
    pub amount_fen: i64,
    /// What the payer reads.
    pub reason: String,
    /// The page's own key: pressing twice makes one refund.
    pub submission: Option<String>,
    /// It was settled outside already, past the refund year: recorded, for a second person to confirm.
    pub outside: bool,
    /// What stands before a person and is dealt with by this: it must still be open.
    pub item: Option<i64>,
}

/// What is left of a payment, and who must agree.
struct Payment {
    left_fen: i64,
    used_fen: i64,
    success_at_ms: i64,
    limit_fen: i64,
    manager_name: String,
}

/// Asks for a refund.
///
/// # Errors
/// [`Error`]; [`Error::TooMuch`] says what is left.
pub async fn request(app: &App, asker: Asker, request: Request) -> Result<Refund, Error> {
    let reason = checked_words("reason", &request.reason)?;
    if request.amount_fen <= 0 {
        let problem = FieldProblem::new("amount_fen", "amount.missing", "请填写退款金额", "Say how much");
        return Err(Error::Fields(vec![problem]));
    }
    let of = request.payment;
    if of.merchant_id != asker.merchant_id {
        return Err(Error::Unknown);
    }
    let submission = request.submission.filter(|key| !key.is_empty() && key.len() <= MAX_SUBMISSION);
    let minted = Minted::new(app);
    let asking = Asking {
        asker,
        of,
        amount_fen: request.amount_fen,
        reason,
        submission,
        outside: request.outside,
        item: request.item,
        minted,
    };
    let work = async move |tx: &mut Tx<'_>| asking.run(tx).await;
    let refund = app.db.write(Key::of((of.merchant_id, of.order_id)), work).await?;
    app.hub.wake(of.merchant_id);
    Ok(refund)
}

struct Asking {
    asker: Asker,
    of: Number,
    amount_fen: i64,
    reason: String,
    submission: Option<String>,
    outside: bool,
    item: Option<i64>,
    minted: Minted,
}

impl Asking {
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Refund, Error> {
        let Number { merchant_id, order_id, .. } = self.of;
        order::lock(tx, merchant_id, order_id).await?;
        let payment = self.payment(tx).await?;
        if let Some(key) = &self.submission
            && let Some(row) = tx.query_opt(sql::BY_SUBMISSION, params![merchant_id, order_id, key]).await?
        {
            return read(&row, merchant_id);
        }
        if let Some(inbox_id) = self.item
            && tx.query_opt(sql::ITEM_OPEN, params![merchant_id, inbox_id]).await?.is_none()
        {
            return Err(Error::ItemClosed);
        }
        let over = self.minted.now_ms - payment.success_at_ms > REFUND_YEAR_MS;
        match (over, self.outside) {
            (true, false) => return Err(Error::YearOver),
            (false, true) => return Err(Error::StillPossible),
            _ => {}
        }
        if self.amount_fen > payment.left_fen || !reserve(tx, self.of, self.amount_fen).await? {
            return Err(Error::TooMuch { left_fen: payment.left_fen });
        }
        let refund_id = self.insert(tx, &payment).await?;
        let refund = by_id(tx, merchant_id, refund_id).await?.ok_or(Error::Stored)?;
        let detail = format!("{} {} 元：{}", refund.out_refund_no, Amount::from_fen(refund.amount_fen), refund.reason);
        let subject = format!("refund:{refund_id}");
        self.asker.audit(tx, self.minted.event, self.minted.now_ms, "refund.request", &subject, &detail).await?;
        tell(tx, &refund, self.minted).await?;
        Ok(refund)
    }

    async fn payment(&self, tx: &mut Tx<'_>) -> Result<Payment, Error> {
        let Number { merchant_id, order_id, attempt } = self.of;
        let row = tx.query_opt(sql::PAYMENT, params![merchant_id, order_id, attempt]).await?.ok_or(Error::Unknown)?;
        if !self.asker.may_see(tx, row.get(5)?, row.get(6)?).await? {
            return Err(Error::Unknown);
        }
        if row.get::<String>(0)? != "paid" {
            return Err(Error::NotPaid);
        }
        let used_fen = row.get::<i64>(2)? + row.get::<i64>(3)?;
        Ok(Payment {
            left_fen: row.get::<i64>(1)? - used_fen,
            used_fen,
            success_at_ms: row.get::<Option<i64>>(4)?.ok_or(Error::Stored)?,
            limit_fen: row.get(7)?,
            manager_name: row.get(8)?,
        })
    }

    /// Whether another person must approve. What went back before counts: a large refund does not become small by parts.
    fn needs_approval(&self, payment: &Payment) -> bool {
        match self.asker.sees {
            Sees::Manager(_) => true,
            Sees::Unit(_) => self.outside || payment.used_fen + self.amount_fen > payment.limit_fen,
        }
    }

    async fn insert(&self, tx: &mut Tx<'_>, payment: &Payment) -> Result<i64, Error> {
        let Number { merchant_id, order_id, attempt } = self.of;
        let Minted { refund: refund_id, now_ms, .. } = self.minted;
        let n = tx.query_one(sql::COUNT, params![merchant_id, order_id]).await?.get::<i64>(0)? + 1;
        let out_refund_no = RefundNumber { merchant_id, order_id, n }.to_string();
        let needs_approval = self.needs_approval(payment);
        let name = match self.asker.sees {
            Sees::Manager(_) => &payment.manager_name,
            Sees::Unit(_) => &self.asker.name,
        };
        let text = match (self.outside, needs_approval) {
            (true, _) => sql::REQUEST_OUTSIDE,
            (false, true) => sql::REQUEST,
            (false, false) => sql::REQUEST_APPROVED,
        };
        let values = params![
            merchant_id,
            refund_id,
            order_id,
            attempt,
            &out_refund_no,
            self.amount_fen,
            &self.reason,
            &self.submission,
            i64::from(needs_approval),
            &self.asker.who,
            name,
            now_ms
        ];
        tx.execute(text, values).await?;
        if text == sql::REQUEST_APPROVED {
            ask_soon(tx, merchant_id, &out_refund_no, now_ms).await?;
        }
        Ok(refund_id)
    }
}

/// Writes the job that asks the institution, in the transaction that decides it (PRODUCT 6.7).
pub(super) async fn ask_soon(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    out_refund_no: &str,
    now_ms: i64,
) -> Result<(), db::Error> {
    let job = NewJob { merchant_id, kind: ASK, key: out_refund_no, payload: "", due_at_ms: now_ms };
    jobs::enqueue(tx, &job, now_ms).await.map(drop)
}
