//! 付款码: the payer shows a code, the till charges it (PRODUCT 6.5: never charged twice, never taken for failed).

use crate::{
    PayByCode, PayByCodeOutcome, QueryOutcome, RefusalKind, ReverseOutcome, Scene, Secret,
    contract::{Case, Fault, Till, counter::Desk, want},
};

pub(super) async fn cases(desk: &Desk<'_>) -> Vec<(&'static str, Case)> {
    vec![
        ("a payment by code tells the same success as a query", at_once(desk).await),
        ("a payment that asks for a password is pending until it is typed", password(desk).await),
        ("a payment whose payer walks away ends unpaid", walked_away(desk).await),
        ("a payer who cannot pay is the payer's refusal, and nothing is paid", cannot_pay(desk).await),
        ("a code is charged once", code_twice(desk).await),
        ("a reversal ends a payment whatever its state, and can be repeated", reversed(desk).await),
        ("whatever is no trustworthy answer to a charge or a reversal is unknown", faults(desk).await),
        ("a charge whose answer was lost is found by a query", lost_answer(desk).await),
    ]
}

impl Desk<'_> {
    fn charge(&self, name: &str, payment_code: Secret) -> PayByCode {
        let like = self.stage.prepay(name, Scene::Native);
        PayByCode {
            out_trade_no: like.out_trade_no,
            amount: like.amount,
            description: like.description,
            payment_code,
            store_id: "S001".to_owned(),
            client_ip: "203.0.113.9".to_owned(),
        }
    }

    /// Charges a fresh code; the number and what came of it.
    async fn charged(&self, name: &str, payer: Till) -> (String, PayByCodeOutcome) {
        let pay = self.charge(name, self.counter.payment_code(payer).await);
        let outcome = self.stage.channel.pay_by_code(&self.counter.account(), &pay).await;
        (pay.out_trade_no, outcome)
    }

    async fn asked(&self, number: &str) -> QueryOutcome {
        self.stage.channel.query(&self.counter.account(), number).await
    }

    async fn reverse(&self, number: &str) -> ReverseOutcome {
        self.stage.channel.reverse(&self.counter.account(), number).await
    }
}

async fn at_once(desk: &Desk<'_>) -> Case {
    let (number, outcome) = desk.charged("atonce", Till::Pays).await;
    let PayByCodeOutcome::Succeeded(told) = &outcome else { return want(false, outcome) };
    let like = desk.stage.prepay("atonce", Scene::Native);
    want(told.out_trade_no == number && told.total == like.amount && told.currency == "CNY", told)?;
    want(told.sub_mchid == desk.counter.account().sub_mchid && !told.transaction_id.is_empty(), told)?;
    let asked = desk.asked(&number).await;
    let QueryOutcome::Succeeded(asked) = &asked else { return want(false, asked) };
    let facts = |s: &crate::Success| {
        (
            s.sp_mchid.clone(),
            s.sub_mchid.clone(),
            s.transaction_id.clone(),
            s.total,
            s.currency.clone(),
            s.success_at_ms,
        )
    };
    want(facts(told) == facts(asked), (told, asked))
}

async fn password(desk: &Desk<'_>) -> Case {
    let (number, outcome) = desk.charged("password", Till::AsksPassword).await;
    want(outcome == PayByCodeOutcome::Pending, outcome)?;
    let outcome = desk.asked(&number).await;
    want(outcome == QueryOutcome::Pending, outcome)?;
    desk.counter.pay(&number).await;
    let outcome = desk.asked(&number).await;
    want(matches!(&outcome, QueryOutcome::Succeeded(success) if success.out_trade_no == number), &outcome)
}

async fn walked_away(desk: &Desk<'_>) -> Case {
    let (number, _) = desk.charged("walked", Till::AsksPassword).await;
    desk.counter.walk_away(&number).await;
    let outcome = desk.asked(&number).await;
    want(outcome == QueryOutcome::Closed, outcome)
}

async fn cannot_pay(desk: &Desk<'_>) -> Case {
    let (number, outcome) = desk.charged("cannot", Till::CannotPay).await;
    want(matches!(&outcome, PayByCodeOutcome::Refused(r) if r.kind == RefusalKind::Payer), &outcome)?;
    let outcome = desk.asked(&number).await;
    want(!matches!(outcome, QueryOutcome::Succeeded(_)), outcome)
}

async fn code_twice(desk: &Desk<'_>) -> Case {
    let first = desk.charge("once", desk.counter.payment_code(Till::Pays).await);
    let account = desk.counter.account();
    let outcome = desk.stage.channel.pay_by_code(&account, &first).await;
    want(matches!(outcome, PayByCodeOutcome::Succeeded(_)), outcome)?;
    let second = desk.charge("twice", first.payment_code);
    let outcome = desk.stage.channel.pay_by_code(&account, &second).await;
    want(matches!(outcome, PayByCodeOutcome::Refused(_)), outcome)?;
    let outcome = desk.asked(&second.out_trade_no).await;
    want(!matches!(outcome, QueryOutcome::Succeeded(_)), outcome)
}

async fn reversed(desk: &Desk<'_>) -> Case {
    let (unpaid, _) = desk.charged("unpaid", Till::AsksPassword).await;
    let (paid, _) = desk.charged("revpaid", Till::Pays).await;
    for number in [&unpaid, &paid] {
        for _ in 0..2 {
            let outcome = desk.reverse(number).await;
            want(outcome == ReverseOutcome::Reversed, (number, outcome))?;
        }
        // Of a payment that was made and given back institutions say either; of none that it is still open.
        let outcome = desk.asked(number).await;
        want(matches!(outcome, QueryOutcome::Closed | QueryOutcome::Succeeded(_)), (number, outcome))?;
    }
    let outcome = desk.asked(&unpaid).await;
    want(outcome == QueryOutcome::Closed, outcome)
}

async fn faults(desk: &Desk<'_>) -> Case {
    for (at, fault) in desk.stage.faults().into_iter().enumerate() {
        let (open, _) = desk.charged(&format!("codef{at}"), Till::AsksPassword).await;
        desk.counter.fault(Some(fault)).await;
        let (_, charge) = desk.charged(&format!("codeg{at}"), Till::Pays).await;
        let reverse = desk.reverse(&open).await;
        desk.counter.fault(None).await;
        want(matches!(charge, PayByCodeOutcome::Unknown(_)), (fault, charge))?;
        want(matches!(reverse, ReverseOutcome::Unknown(_)), (fault, reverse))?;
        let again = desk.reverse(&open).await;
        want(again == ReverseOutcome::Reversed, (fault, again))?;
    }
    Ok(())
}

async fn lost_answer(desk: &Desk<'_>) -> Case {
    for (name, fault) in [("csilence", Fault::Silence), ("changup", Fault::HangUp)] {
        desk.counter.fault(Some(fault)).await;
        let (number, outcome) = desk.charged(name, Till::Pays).await;
        desk.counter.fault(None).await;
        want(matches!(outcome, PayByCodeOutcome::Unknown(_)), outcome)?;
        let outcome = desk.asked(&number).await;
        want(matches!(outcome, QueryOutcome::Succeeded(_)), outcome)?;
    }
    Ok(())
}
