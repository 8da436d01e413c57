//! The institution's account of a day (PRODUCT 7): byte for byte as it was made, or not at all.

use crate::{
    Bill, BillKind, BillOutcome, BillRequest,
    contract::{BillState, Case, counter::Desk, want},
};

pub(super) async fn cases(desk: &Desk<'_>) -> Vec<(&'static str, Case)> {
    vec![
        ("a bill comes as the institution made it", made(desk).await),
        ("a bill that is not made yet and an empty day are told apart", not_made(desk).await),
        ("a bill that is not what was promised is unknown", damaged(desk).await),
        ("whatever is no trustworthy answer about a bill is unknown", faults(desk).await),
    ]
}

const KINDS: [BillKind; 2] = [BillKind::Trade, BillKind::Fund];

/// A past day; the suite does not ask the institution to look at its calendar.
const DAY: &str = "2026-09-20";

impl Desk<'_> {
    async fn fetch(&self, kind: BillKind) -> BillOutcome {
        let account = Some(self.counter.account());
        self.stage.channel.fetch_bill(&BillRequest { kind, day: DAY.to_owned(), account }).await
    }
}

async fn made(desk: &Desk<'_>) -> Case {
    for kind in KINDS.into_iter().filter(|kind| desk.counter.has_bill(*kind, BillState::Made)) {
        let files = desk.counter.bill(kind, DAY, BillState::Made).await;
        want(!files.is_empty() && files.iter().all(|(name, bytes)| !name.is_empty() && !bytes.is_empty()), kind)?;
        for _ in 0..2 {
            let outcome = desk.fetch(kind).await;
            let BillOutcome::Ready(Bill { files: brought }) = &outcome else { return want(false, (kind, outcome)) };
            let bytes = |files: &[(String, Vec<u8>)]| files.iter().map(|(_, b)| b.clone()).collect::<Vec<_>>();
            want(bytes(brought) == bytes(&files), (kind, brought.iter().map(|(name, _)| name).collect::<Vec<_>>()))?;
        }
    }
    Ok(())
}

async fn not_made(desk: &Desk<'_>) -> Case {
    let wanted = [(BillState::NotYet, BillOutcome::NotReady), (BillState::Nothing, BillOutcome::Empty)];
    for kind in KINDS {
        for (state, wanted) in wanted.iter().filter(|(state, _)| desk.counter.has_bill(kind, *state)) {
            desk.counter.bill(kind, DAY, *state).await;
            let outcome = desk.fetch(kind).await;
            want(outcome == *wanted, (kind, state, outcome))?;
        }
    }
    Ok(())
}

async fn damaged(desk: &Desk<'_>) -> Case {
    for kind in KINDS.into_iter().filter(|kind| desk.counter.has_bill(*kind, BillState::Damaged)) {
        desk.counter.bill(kind, DAY, BillState::Damaged).await;
        let outcome = desk.fetch(kind).await;
        want(matches!(outcome, BillOutcome::Unknown(_)), (kind, outcome))?;
    }
    Ok(())
}

async fn faults(desk: &Desk<'_>) -> Case {
    for kind in KINDS.into_iter().filter(|kind| desk.counter.has_bill(*kind, BillState::Made)) {
        desk.counter.bill(kind, DAY, BillState::Made).await;
        for fault in desk.stage.faults() {
            desk.counter.fault(Some(fault)).await;
            let outcome = desk.fetch(kind).await;
            desk.counter.fault(None).await;
            want(matches!(outcome, BillOutcome::Unknown(_)), (kind, fault, outcome))?;
        }
    }
    Ok(())
}
