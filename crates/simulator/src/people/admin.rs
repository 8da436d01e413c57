//! An admin: looks at orders in the back office.

use std::sync::Arc;

use crate::{network::Wire, seed::Desk, world::World};

fn authorized(wire: Wire, desk: &Desk) -> Wire {
    wire.with("cookie", format!("mott_admin={}", desk.token)).with("x-csrf-token", &desk.csrf)
}

/// An admin's afternoon, until `until_ms`.
pub async fn admin(world: Arc<World>, desk: Desk, until_ms: i64) {
    let sim = world.sim.clone();
    while sim.now_ms() < until_ms {
        sim.pause(60_000, 1_200_000).await;
        let list = world.network.send(authorized(Wire::get("/api/admin/orders?limit=20"), &desk)).await;
        let Some(list) = list.filter(|answer| answer.status == 200) else { continue };
        let orders = list.json()["items"].as_array().cloned().unwrap_or_default();
        if orders.is_empty() {
            continue;
        }
        let order = &orders[sim.below(orders.len() as u64) as usize % orders.len()];
        let path = format!("/api/admin/orders/{}", order["order_id"].as_str().unwrap_or_default());
        if let Some(detail) = world.network.send(authorized(Wire::get(path), &desk)).await
            && detail.status == 200
        {
            world.auditor.admin_told(&detail.json());
        }
    }
}
