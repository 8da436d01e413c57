//! A manager: shows a code, refreshes it, takes that back, keeps the screen open and reads the records.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use mott::live::{Told, missed};
use tokio::sync::oneshot;

use crate::{
    matrix::Row,
    network::{Answer, Wire},
    seed::Seat,
    world::World,
};

fn authorized(wire: Wire, seat: &Seat) -> Wire {
    wire.with("authorization", format!("Bearer {}", seat.token))
}

/// A manager's afternoon, until `until_ms`.
pub async fn manager(world: Arc<World>, seat: Seat, until_ms: i64) {
    let sim = world.sim.clone();
    while sim.now_ms() < until_ms {
        if world.codes().get(&(seat.merchant_id, seat.manager_id)).is_none_or(|codes| codes.live.is_none()) {
            let answer = world.network.send(authorized(Wire::get("/api/manager/collection-code"), &seat)).await;
            note_code(&world, &seat, answer.as_ref());
            sim.pause(500, 3_000).await;
            continue;
        }
        match sim.below(4) {
            0 => refresh(&world, &seat).await,
            1 => read_records(&world, &seat).await,
            _ => {}
        }
        sim.pause(60_000, 1_500_000).await;
    }
}

fn path_of(code: &serde_json::Value) -> String {
    code["url"].as_str().unwrap_or_default().trim_start_matches("https://pay.test").to_owned()
}

/// Remembers the code on the screen.
fn note_code(world: &World, seat: &Seat, answer: Option<&Answer>) {
    let Some(answer) = answer.filter(|answer| answer.status == 200) else { return };
    let json = answer.json();
    let present = (path_of(&json["code"]), json["code"]["code_id"].as_str().unwrap_or_default().to_owned());
    let now_ms = world.sim.now_ms();
    let mut all = world.codes();
    let codes = all.entry((seat.merchant_id, seat.manager_id)).or_default();
    codes.older.retain(|(path, _)| *path != present.0);
    if let Some(before) = codes.live.replace(present.clone()).filter(|before| *before != present) {
        codes.older.push((before.0, now_ms));
    }
}

async fn refresh(world: &Arc<World>, seat: &Seat) {
    world.auditor.row(Row::CodeRefreshed);
    let post = |path: &str, body: String| authorized(Wire::post(path, "application/json", body), seat);
    let answer = world.network.send(post("/api/manager/collection-code/refresh", String::new())).await;
    note_code(world, seat, answer.as_ref());
    if answer.is_none() || !world.sim.chance(1, 4) {
        return;
    }
    world.sim.pause(1_000, 9_000).await;
    let live = world.codes().get(&(seat.merchant_id, seat.manager_id)).and_then(|codes| codes.live.clone());
    let Some((_, code_id)) = live else { return };
    let undone = post("/api/manager/collection-code/undo-refresh", format!("{{\"code_id\":\"{code_id}\"}}"));
    let answer = world.network.send(undone).await;
    note_code(world, seat, answer.as_ref());
}

/// Every record that is shown must be money that came.
async fn read_records(world: &Arc<World>, seat: &Seat) {
    let answer = world.network.send(authorized(Wire::get("/api/manager/records?limit=100"), seat)).await;
    let Some(answer) = answer.filter(|answer| answer.status == 200) else { return };
    for record in answer.json()["records"].as_array().into_iter().flatten() {
        world.auditor.manager_told(seat.merchant_id, seat.manager_id, record);
        if world.sim.chance(1, 8) {
            let path = format!("/api/manager/records/{}/refund", record["record_id"].as_str().unwrap_or_default());
            let body = format!("{{\"amount_fen\":{},\"reason\":\"客户退课\"}}", record["amount_fen"]);
            world.network.send(authorized(Wire::post(path, "application/json", body), seat)).await;
        }
    }
}

/// The manager's phone: a screen on some node, opened again whenever it is lost, with its cursor.
pub async fn phone(world: Arc<World>, seat: Seat) {
    let cursor = Arc::new(AtomicI64::new(0));
    loop {
        let Some((node, running)) = world.network.any() else {
            world.sim.pause(500, 2_000).await;
            continue;
        };
        let (end, ended) = oneshot::channel::<()>();
        let (own, seat, cursor) = (world.clone(), seat.clone(), cursor.clone());
        world.sim.spawn(node, async move {
            screen(&own, &running.app, &seat, &cursor).await;
            drop(end);
        });
        let _ = ended.await;
        world.sim.pause(200, 3_000).await;
    }
}

async fn screen(world: &Arc<World>, app: &mott::app::Shared, seat: &Seat, cursor: &AtomicI64) {
    let since = mott::ids::floor_of(app.clock.now_ms());
    let mut told = app.hub.open(seat.merchant_id, seat.manager_id, since);
    // As the phone does: the first greeting is the first cursor, later only what was heard moves it.
    let known = cursor.load(Ordering::Relaxed);
    if known == 0 {
        cursor.store(since, Ordering::Relaxed);
    } else {
        let Ok(missed) = missed(app, seat.merchant_id, seat.manager_id, known).await else { return };
        missed.into_iter().for_each(|told| hear(world, seat, cursor, told));
    }
    while let Some(told) = told.recv().await {
        hear(world, seat, cursor, told);
    }
}

fn hear(world: &Arc<World>, seat: &Seat, cursor: &AtomicI64, told: Told) {
    let Told::Payment { event_id, record_id } = told else { return };
    cursor.fetch_max(event_id, Ordering::Relaxed);
    world.sim.log(format!("manager {} hears of {record_id}", seat.manager_id));
    world.auditor.manager_heard(seat.merchant_id, seat.manager_id, record_id);
}
