//! A refund that we never asked for: somebody made it in the institution's own back office. It is kept, booked on its
//! payment where it fits, and put before a person; never dropped.

use channel::RefundStatus;
use db::{Tx, params};

use super::{
    Error, Settled, Status, by_id,
    request::ask_soon,
    reserve,
    settle::{About, Settling},
    sql, stored_words,
};
use crate::payment::{Kind, Number};

/// Stands for a payment that is none of ours.
const NOBODYS: Number = Number { merchant_id: 0, order_id: 0, attempt: 0 };

pub(super) async fn found(settling: &Settling, tx: &mut Tx<'_>) -> Result<Settled, Error> {
    let out_refund_no = stored_words(&settling.fact.out_refund_no);
    let of = settling.of.filter(|of| of.merchant_id == settling.merchant_id && of.order_id == settling.order_id);
    let nobodys = Number { merchant_id: settling.merchant_id, ..NOBODYS };
    let values = of.map(|of| [of.merchant_id, of.order_id, of.attempt].map(db::Val::from));
    let payment = match &values {
        Some(values) => tx.query_opt(sql::PAYMENT, values).await?,
        None => None,
    };
    let (Some(of), Some(row)) = (of, payment) else {
        let about = About { number: of.unwrap_or(nobodys), refund_id: None, manager_id: None };
        let key = format!("refund:{out_refund_no}:{}", stored_words(&settling.fact.transaction_id));
        settling.raise(tx, Kind::Unmatched, key, &about, "refund of an unknown payment").await?;
        return Ok(Settled::Raised("unknown payment"));
    };
    let about = About { number: of, refund_id: None, manager_id: Some(row.get(5)?) };
    let (amount_fen, transaction): (i64, Option<String>) = (row.get(1)?, row.get(10)?);
    let (provider_key, sub_mchid): (String, String) = (row.get(11)?, row.get(12)?);
    let fact = &settling.fact;
    let same_transaction = fact.transaction_id.is_empty() || transaction.is_none_or(|own| own == fact.transaction_id);
    let checks = [
        (same_transaction, "transaction id"),
        (fact.total.is_none_or(|total| total.fen() == amount_fen), "total"),
        (fact.amount.fen() > 0, "amount"),
        (row.get::<String>(0)? == "paid", "its payment is not booked"),
    ];
    let differs = checks.into_iter().find(|(agrees, _)| !agrees).map(|(_, what)| what);
    if let Some(what) = settling.foreign(&provider_key, &sub_mchid).or(differs) {
        settling.raise(tx, Kind::RefundMisfit, format!("{out_refund_no}:{what}"), &about, what).await?;
        return Ok(Settled::Raised(what));
    }
    if fact.status == RefundStatus::Closed {
        return Ok(Settled::Nothing); // no money moved, and nothing was set aside for it
    }
    if !reserve(tx, of, fact.amount.fen()).await? {
        let what = "more than is left of the payment";
        settling.raise(tx, Kind::RefundMisfit, format!("{out_refund_no}:{what}"), &about, what).await?;
        return Ok(Settled::Raised(what));
    }
    book(settling, tx, of, &out_refund_no, about).await
}

/// Its row, then what the institution says of it as of any other.
async fn book(
    settling: &Settling,
    tx: &mut Tx<'_>,
    of: Number,
    out_refund_no: &str,
    about: About,
) -> Result<Settled, Error> {
    let (merchant_id, minted, fact) = (settling.merchant_id, settling.minted, &settling.fact);
    let values =
        params![merchant_id, minted.refund, of.order_id, of.attempt, out_refund_no, fact.amount.fen(), minted.now_ms];
    tx.execute(sql::INSERT_FOUND, values).await?;
    let refund = by_id(tx, merchant_id, minted.refund).await?.ok_or(Error::Stored)?;
    let next = match fact.status {
        RefundStatus::Processing => Status::Processing,
        RefundStatus::Succeeded => Status::Succeeded,
        RefundStatus::Closed => Status::Closed,
        RefundStatus::Abnormal => Status::Abnormal,
    };
    let item = About { refund_id: Some(refund.refund_id), ..about };
    settling.raise_only(tx, Kind::RefundFound, out_refund_no.to_owned(), &item, "made without us").await?;
    settling.apply(tx, &refund, next).await?;
    if !next.is_over() {
        ask_soon(tx, merchant_id, out_refund_no, minted.now_ms).await?;
    }
    Ok(Settled::Found)
}
