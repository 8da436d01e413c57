//! Rows in which hours pass.

use serde_json::json;

use super::{SUM_FEN, refunds};
use crate::scenario::Stop;
use crate::scenario::mott::Pressed;
use crate::scenario::scene::{Scene, must};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Paid, but the institution says unpaid until after the order was closed: booked as late, put before a person.
pub(super) async fn after_expiry(scene: &Scene<'_>) -> Result<(), Stop> {
    scene.there.needs_clock()?;
    let bill = scene.submit(SUM_FEN).await?;
    let pressed = scene.ready(&bill).await?;
    let order = scene.mott.order(&bill.order_id).await?;
    let left_ms = order["expires_at_ms"].as_i64().unwrap_or_default() - scene.there.now_ms();
    scene.arm_with("paid_unseen", json!({ "hold_ms": left_ms + HOUR_MS })).await?;
    must(scene.pay(&pressed).await?, || "钱包没有付成".to_owned())?;
    scene.tell("钱包：支付成功，机构却说未付");
    scene.there.pass(left_ms + MINUTE_MS).await?;
    scene.until(&bill, "closed").await?;
    scene.there.pass(HOUR_MS).await?;
    let late = |order: &serde_json::Value| order["payments"][0]["booked"] == "late";
    scene.until_order(&bill, "迟到的付款", late).await?;
    scene.tell("一小时后机构才回调：订单仍是关闭，款记为迟到");
    must(scene.mott.status(&bill).await? == "closed", || "关闭的订单又打开了".to_owned())?;
    scene.booked(&bill, &["late"]).await?;
    scene.raised(&bill, &["late"]).await?;
    scene.claimed(&bill).await
}

/// The first attempt turns out paid after it was closed and the order paid by another: a duplicate, which goes back.
pub(super) async fn refund_of_duplicate(scene: &Scene<'_>) -> Result<(), Stop> {
    scene.there.needs_clock()?;
    let bill = scene.submit(SUM_FEN).await?;
    let first = scene.ready(&bill).await?;
    scene.arm_with("paid_unseen", json!({ "hold_ms": 10 * MINUTE_MS })).await?;
    must(scene.pay(&first).await?, || "钱包没有付成".to_owned())?;
    scene.tell("钱包：支付成功，机构却说未付，关单也成");
    let second = scene.mott.press(&bill, scene.with.name(), "native").await?;
    must(matches!(second, Pressed::Native), || format!("换扫码支付没有成：{second:?}"))?;
    let number = scene.newest_number(&bill).await?;
    must(scene.pay_number(&number).await?, || "第二笔没有付成".to_owned())?;
    scene.until(&bill, "paid").await?;
    scene.there.pass(11 * MINUTE_MS).await?;
    let twice = |order: &serde_json::Value| {
        order["payments"].as_array().is_some_and(|all| all.iter().any(|payment| payment["booked"] == "duplicate"))
    };
    let order = scene.until_order(&bill, "重复的付款", twice).await?;
    scene.tell("十分钟后第一笔的回调来了：记为重复");
    scene.booked(&bill, &["order", "duplicate"]).await?;
    scene.raised(&bill, &["duplicate"]).await?;
    let payments = order["payments"].as_array().cloned().unwrap_or_default();
    let duplicate = payments.iter().find(|payment| payment["booked"] == "duplicate").cloned().unwrap_or_default();
    let text = |name: &str| duplicate[name].as_str().unwrap_or_default().to_owned();
    refunds::whole(scene, &bill, &text("payment_id"), &text("out_trade_no")).await?;
    must(scene.mott.status(&bill).await? == "paid", || "退重复付款动了订单".to_owned())?;
    scene.tell("重复的一笔已原路退回，订单仍是已付");
    Ok(())
}

/// Nobody answers for an hour; then everything is found out, and what was paid is booked once.
pub(super) async fn down_for_an_hour(scene: &Scene<'_>) -> Result<(), Stop> {
    scene.there.needs_clock()?;
    let bill = scene.submit(SUM_FEN).await?;
    let pressed = scene.ready(&bill).await?;
    let waiting = scene.submit(SUM_FEN).await?;
    scene.arm_with("down", json!({ "on": "any", "for_ms": HOUR_MS })).await?;
    scene.arm_with("callback_delayed", json!({ "hold_ms": 2 * HOUR_MS })).await?;
    must(scene.pay(&pressed).await?, || "钱包没有付成".to_owned())?;
    let second = scene.press(&waiting).await?;
    must(matches!(second, Pressed::Refused(503, _)), || format!("停摆时应请付款人稍候，却是 {second:?}"))?;
    scene.tell("机构停摆：已付的没有回调，新的下单没有应答");
    for _ in 0..4 {
        scene.there.pass(15 * MINUTE_MS - 1000).await?;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    let meanwhile = scene.mott.status(&bill).await?;
    must(meanwhile == "pending" || meanwhile == "created", || format!("停摆时应仍在等待，却是 {meanwhile}"))?;
    scene.tell("一小时里没有结论，也没有放弃");
    // The janitor asks ever more rarely: half an hour apart by now.
    for _ in 0..6 {
        scene.there.pass(15 * MINUTE_MS).await?;
        for _ in 0..20 {
            if scene.mott.status(&bill).await? == "paid" {
                scene.tell("恢复之后系统自己查到：支付成功");
                scene.booked_once(&bill).await?;
                return scene.booked(&waiting, &[]).await;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    Err(Stop::Failed("恢复之后没有查到".to_owned()))
}
