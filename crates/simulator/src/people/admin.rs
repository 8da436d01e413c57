//! An admin: looks at orders in the back office, asks for refunds, and decides on those that others asked for.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    matrix::Row,
    network::{Answer, Wire},
    seed::Desk,
    world::World,
};

fn authorized(wire: Wire, desk: &Desk) -> Wire {
    wire.with("cookie", format!("mott_admin={}", desk.token)).with("x-csrf-token", &desk.csrf)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

async fn get(world: &Arc<World>, desk: &Desk, path: String) -> Option<Value> {
    let answer = world.network.send(authorized(Wire::get(path), desk)).await?;
    (answer.status == 200).then(|| answer.json())
}

async fn post(world: &Arc<World>, desk: &Desk, path: String, body: &Value) -> Option<Answer> {
    world.network.send(authorized(Wire::post(path, "application/json", body.to_string()), desk)).await
}

/// An admin's afternoon, until `until_ms`.
pub async fn admin(world: Arc<World>, desk: Desk, until_ms: i64) {
    let sim = world.sim.clone();
    while sim.now_ms() < until_ms {
        sim.pause(60_000, 600_000).await;
        look(&world, &desk).await;
        decide(&world, &desk).await;
    }
}

/// Looks at an order, and now and then gives some of its money back.
async fn look(world: &Arc<World>, desk: &Desk) {
    let sim = &world.sim;
    let Some(list) = get(world, desk, "/api/admin/orders?limit=20".into()).await else { return };
    let orders = list["items"].as_array().cloned().unwrap_or_default();
    if orders.is_empty() {
        return;
    }
    let order = &orders[sim.below(orders.len() as u64) as usize % orders.len()];
    let Some(detail) = get(world, desk, format!("/api/admin/orders/{}", text(order, "order_id"))).await else { return };
    world.auditor.admin_told(&detail);
    for payment in detail["payments"].as_array().into_iter().flatten().filter(|payment| payment["status"] == "paid") {
        let unasked = payment["booked"] != "order";
        if sim.chance(if unasked { 2 } else { 1 }, 3) {
            give_back(world, desk, text(order, "order_id"), payment).await;
        }
    }
}

/// Asks for all of it, for a part, or ten times at once for more than there is.
async fn give_back(world: &Arc<World>, desk: &Desk, order_id: &str, payment: &Value) {
    let sim = &world.sim;
    let paid = payment["amount_fen"].as_i64().unwrap_or_default();
    let path = format!("/api/admin/orders/{order_id}/refunds");
    let ten = sim.chance(1, 4) && paid > 1;
    let fen = if ten {
        paid / 2 + 1
    } else if sim.chance(1, 2) {
        paid
    } else {
        sim.between(1, paid)
    };
    let body = |submission: u64| json!({ "payment_id": payment["payment_id"], "amount_fen": fen, "reason": "客户退课", "submission": format!("r{submission}") });
    if ten {
        world.auditor.row(Row::RefundAboveTheSum);
        for _ in 0..9 {
            let (own, desk, path, body) = (world.clone(), desk.clone(), path.clone(), body(sim.below(u64::MAX)));
            world.busy(1);
            sim.spawn(0, async move {
                post(&own, &desk, path, &body).await;
                own.busy(-1);
            });
        }
    }
    let body = body(sim.below(u64::MAX));
    for _ in 0..3 {
        let Some(answer) = post(world, desk, path.clone(), &body).await else { continue };
        if answer.status == 201 && payment["booked"] != "order" {
            world.auditor.row(Row::RefundOfDuplicate);
        }
        if answer.status != 503 {
            return;
        }
    }
}

/// Decides on what others asked for, and on what came back.
pub async fn decide(world: &Arc<World>, desk: &Desk) {
    for (status, verb) in [("requested", "approve"), ("abnormal", "redirect"), ("not_enough", "retry")] {
        let path = format!("/api/admin/refunds?status={status}&limit=100");
        let Some(list) = get(world, desk, path).await else { continue };
        for refund in list["items"].as_array().into_iter().flatten() {
            let verb = if status == "requested" && world.sim.fault(1, 5) { "decline" } else { verb };
            let path = format!("/api/admin/refunds/{}/{verb}", text(refund, "refund_id"));
            post(world, desk, path, &json!({ "words": "核对无误" })).await;
        }
    }
}
