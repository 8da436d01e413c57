//! Money back (PRODUCT 6.6): asked for once whatever happens to the answer, never above the payment.

use crate::{
    Notice, QueryOutcome, Refund, RefundFact, RefundOutcome, RefundQueryOutcome, RefundStatus,
    contract::{Case, Fault, MadeRefund, counter::Desk, want},
};

pub(super) async fn cases(desk: &Desk<'_>) -> Vec<(&'static str, Case)> {
    vec![
        ("a refund is known by all that was asked, and written down", known(desk).await),
        ("the same number again is the same refund", repeated(desk).await),
        ("the same number over another amount refunds nothing more", changed(desk).await),
        ("a refund above what is left is refused", above(desk).await),
        ("an empty account is told apart, and the same number is good later", not_enough(desk).await),
        ("a query tells not found and every end of a refund apart", queried(desk).await),
        ("a payment that was given back is still a success", still_success(desk).await),
        ("whatever is no trustworthy answer about a refund is unknown", faults(desk).await),
        ("a refund whose answer was lost is sent again, and is one refund", lost_answer(desk).await),
        ("a refund's callback tells what a query tells", callback(desk).await),
        ("a refund that came back can go to the merchant's bank account, or never could", redirected(desk).await),
    ]
}

impl Desk<'_> {
    async fn ask(&self, refund: &Refund) -> RefundOutcome {
        self.stage.channel.refund(&self.counter.account(), refund).await
    }

    async fn query(&self, refund: &Refund) -> RefundQueryOutcome {
        self.stage.channel.query_refund(&self.counter.account(), refund).await
    }

    /// A fresh refund of 5.00 of a fresh payment.
    async fn refunded(&self, name: &str) -> Result<Refund, String> {
        let paid = self.paid(&format!("{name}_p")).await?;
        let refund = self.refund(name, &paid, 500);
        match self.ask(&refund).await {
            RefundOutcome::Known(_) => Ok(refund),
            other => Err(format!("a plain refund came out as {other:?}")),
        }
    }
}

fn is_of(fact: &RefundFact, refund: &Refund) -> bool {
    let numbers = fact.out_refund_no == refund.out_refund_no && fact.out_trade_no == refund.out_trade_no;
    numbers && fact.transaction_id == refund.transaction_id && fact.amount == refund.amount
}

fn made(refund: &Refund) -> MadeRefund {
    let Refund { out_refund_no, out_trade_no, amount, .. } = refund.clone();
    MadeRefund { out_refund_no, out_trade_no, amount }
}

async fn known(desk: &Desk<'_>) -> Case {
    let paid = desk.paid("rknown_p").await?;
    let (first, second) = (desk.refund("rknown1", &paid, 500), desk.refund("rknown2", &paid, 750));
    for refund in [&first, &second] {
        let outcome = desk.ask(refund).await;
        let RefundOutcome::Known(fact) = &outcome else { return want(false, outcome) };
        let there = matches!(fact.status, RefundStatus::Processing | RefundStatus::Succeeded);
        want(there && is_of(fact, refund), fact)?;
    }
    let books = desk.refunds_of(&paid).await;
    want(books == [made(&first), made(&second)], books)
}

async fn repeated(desk: &Desk<'_>) -> Case {
    let paid = desk.paid("ragain_p").await?;
    let refund = desk.refund("ragain", &paid, 500);
    for _ in 0..3 {
        let outcome = desk.ask(&refund).await;
        want(matches!(&outcome, RefundOutcome::Known(fact) if is_of(fact, &refund)), &outcome)?;
    }
    let books = desk.refunds_of(&paid).await;
    want(books == [made(&refund)], books)
}

async fn changed(desk: &Desk<'_>) -> Case {
    let paid = desk.paid("rother_p").await?;
    let refund = desk.refund("rother", &paid, 500);
    desk.ask(&refund).await;
    let other = desk.refund("rother", &paid, 501);
    let outcome = desk.ask(&other).await;
    want(!matches!(&outcome, RefundOutcome::Known(fact) if is_of(fact, &other)), &outcome)?;
    let books = desk.refunds_of(&paid).await;
    want(books == [made(&refund)], books)
}

async fn above(desk: &Desk<'_>) -> Case {
    let paid = desk.paid("rabove_p").await?;
    let most = desk.refund("rabove1", &paid, 1249);
    let outcome = desk.ask(&most).await;
    want(matches!(outcome, RefundOutcome::Known(_)), outcome)?;
    let outcome = desk.ask(&desk.refund("rabove2", &paid, 2)).await;
    want(matches!(outcome, RefundOutcome::Refused(_)), outcome)?;
    let books = desk.refunds_of(&paid).await;
    want(books == [made(&most)], books)
}

async fn not_enough(desk: &Desk<'_>) -> Case {
    let paid = desk.paid("rpoor_p").await?;
    let refund = desk.refund("rpoor", &paid, 500);
    desk.counter.empty_account(true).await;
    let poor = desk.ask(&refund).await;
    desk.counter.empty_account(false).await;
    want(matches!(poor, RefundOutcome::NotEnough(_)), poor)?;
    let books = desk.refunds_of(&paid).await;
    want(books.is_empty(), books)?;
    let outcome = desk.ask(&refund).await;
    want(matches!(&outcome, RefundOutcome::Known(fact) if is_of(fact, &refund)), &outcome)?;
    let books = desk.refunds_of(&paid).await;
    want(books == [made(&refund)], books)
}

async fn queried(desk: &Desk<'_>) -> Case {
    let paid = desk.paid("rnever_p").await?;
    let outcome = desk.query(&desk.refund("rnever", &paid, 500)).await;
    want(outcome == RefundQueryOutcome::NotFound, outcome)?;
    let ends = [RefundStatus::Processing, RefundStatus::Succeeded, RefundStatus::Closed, RefundStatus::Abnormal];
    for (at, status) in ends.into_iter().filter(|status| desk.counter.refunds_can_be(*status)).enumerate() {
        let refund = desk.refunded(&format!("rend{at}")).await?;
        desk.counter.settle_refund(&refund.out_refund_no, status).await;
        let outcome = desk.query(&refund).await;
        let RefundQueryOutcome::Known(fact) = &outcome else { return want(false, (status, outcome)) };
        want(fact.status == status && is_of(fact, &refund), (status, fact))?;
        want(fact.success_at_ms.is_none() || status == RefundStatus::Succeeded, (status, fact))?;
    }
    Ok(())
}

async fn still_success(desk: &Desk<'_>) -> Case {
    let paid = desk.paid("rwhole_p").await?;
    for (name, fen) in [("rwhole1", 250), ("rwhole2", 1000)] {
        let refund = desk.refund(name, &paid, fen);
        let outcome = desk.ask(&refund).await;
        want(matches!(outcome, RefundOutcome::Known(_)), outcome)?;
        if desk.counter.refunds_can_be(RefundStatus::Processing) {
            desk.counter.settle_refund(&refund.out_refund_no, RefundStatus::Succeeded).await;
        }
        let (account, channel) = (desk.counter.account(), desk.stage.channel);
        for outcome in [
            channel.query(&account, &paid.out_trade_no).await,
            channel.query_by_transaction(&account, &paid.transaction_id).await,
        ] {
            let QueryOutcome::Succeeded(now) = &outcome else { return want(false, outcome) };
            want(now.transaction_id == paid.transaction_id && now.total == paid.total, now)?;
        }
    }
    Ok(())
}

async fn faults(desk: &Desk<'_>) -> Case {
    for (at, fault) in desk.stage.faults().into_iter().enumerate() {
        let old = desk.refunded(&format!("rfault{at}")).await?;
        let paid = desk.paid(&format!("rfnew{at}_p")).await?;
        let new = desk.refund(&format!("rfnew{at}"), &paid, 500);
        desk.counter.fault(Some(fault)).await;
        let asked = desk.ask(&new).await;
        let queried = desk.query(&old).await;
        desk.counter.fault(None).await;
        want(matches!(asked, RefundOutcome::Unknown(_)), (fault, asked))?;
        want(matches!(queried, RefundQueryOutcome::Unknown(_)), (fault, queried))?;
        let again = desk.query(&old).await;
        want(matches!(again, RefundQueryOutcome::Known(_)), (fault, again))?;
    }
    Ok(())
}

async fn lost_answer(desk: &Desk<'_>) -> Case {
    for (name, fault) in [("rsilent", Fault::Silence), ("rhangup", Fault::HangUp)] {
        let paid = desk.paid(&format!("{name}_p")).await?;
        let refund = desk.refund(name, &paid, 500);
        desk.counter.fault(Some(fault)).await;
        let outcome = desk.ask(&refund).await;
        desk.counter.fault(None).await;
        want(matches!(outcome, RefundOutcome::Unknown(_)), outcome)?;
        let outcome = desk.ask(&refund).await;
        want(matches!(&outcome, RefundOutcome::Known(fact) if is_of(fact, &refund)), &outcome)?;
        let books = desk.refunds_of(&paid).await;
        want(books == [made(&refund)], books)?;
    }
    Ok(())
}

async fn callback(desk: &Desk<'_>) -> Case {
    let ends = [RefundStatus::Succeeded, RefundStatus::Closed, RefundStatus::Abnormal];
    for (at, status) in ends.into_iter().filter(|status| desk.counter.refunds_can_be(*status)).enumerate() {
        let refund = desk.refunded(&format!("rcall{at}")).await?;
        desk.counter.settle_refund(&refund.out_refund_no, status).await;
        let Some(callback) = desk.counter.refund_callback(&refund.out_refund_no).await else { continue };
        let told = desk.stage.channel.read_notice(&callback.headers, &callback.body, desk.counter.now_ms());
        // Whatever else it is, the news of a refund is never the news of a payment.
        match &told {
            Ok(Notice::Refund(fact)) => want(fact.status == status && is_of(fact, &refund), fact)?,
            Ok(Notice::Other(kind)) => want(!kind.is_empty(), kind)?,
            Ok(Notice::Payment(_)) | Err(_) => want(false, told)?,
        }
    }
    Ok(())
}

async fn redirected(desk: &Desk<'_>) -> Case {
    let refund = desk.refunded("rback").await?;
    let abnormal = desk.counter.refunds_can_be(RefundStatus::Abnormal);
    if abnormal {
        desk.counter.settle_refund(&refund.out_refund_no, RefundStatus::Abnormal).await;
    }
    let outcome = desk.query(&refund).await;
    let RefundQueryOutcome::Known(fact) = &outcome else { return want(false, outcome) };
    let outcome = desk.stage.channel.redirect_refund(&desk.counter.account(), fact).await;
    match &outcome {
        RefundOutcome::Known(now) if abnormal => want(is_of(now, &refund) && now.status != RefundStatus::Abnormal, now),
        RefundOutcome::Refused(refusal) if !abnormal => want(!refusal.message.is_empty(), refusal),
        other => want(false, other),
    }
}
