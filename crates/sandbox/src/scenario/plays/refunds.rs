//! Money that goes back.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::SUM_FEN;
use crate::pages::yuan;
use crate::random;
use crate::scenario::Stop;
use crate::scenario::mott::{Bill, Said};
use crate::scenario::scene::{Scene, must};

/// The console asks for a refund of a payment of the order.
async fn ask(scene: &Scene<'_>, bill: &Bill, payment_id: &str, fen: i64) -> Result<Said, Stop> {
    let body = json!({
        "payment_id": payment_id, "amount_fen": fen, "reason": "情景退款", "submission": random::hex(16),
    });
    let path = format!("/api/admin/orders/{}/refunds", bill.order_id);
    match scene.mott.admin(Method::POST, &path, Some(&body)).await? {
        (404 | 405, _) => Err(Stop::Skipped("这个版本还不能退款".to_owned())),
        said => Ok(said),
    }
}

/// A refund that must be accepted; gives its id.
async fn asked(scene: &Scene<'_>, bill: &Bill, payment_id: &str, fen: i64) -> Result<String, Stop> {
    let (status, told) = ask(scene, bill, payment_id, fen).await?;
    must(status == 201, || format!("退款申请被拒绝：{status} {told}"))?;
    scene.tell(format!("管理员申请退款 ¥{}", yuan(fen)));
    approved(scene, &told).await
}

/// Another person approves it, where the merchant wants that; gives its id.
async fn approved(scene: &Scene<'_>, refund: &Value) -> Result<String, Stop> {
    let id = refund["refund_id"].as_str().unwrap_or_default().to_owned();
    if refund["status"] == "requested" {
        let said =
            scene.mott.approver(&format!("/api/admin/refunds/{id}/approve"), &json!({ "words": "同意" })).await?;
        let Some((status, told)) = said else {
            return Err(Stop::Skipped("退款要另一个人审批（--approver）".to_owned()));
        };
        must(status == 200, || format!("审批被拒绝：{status} {told}"))?;
        scene.tell("另一个人审批通过");
    }
    Ok(id)
}

/// Waits a little until a refund stands so; gives it.
async fn until(scene: &Scene<'_>, refund_id: &str, statuses: &[&str]) -> Result<Value, Stop> {
    let mut told = Value::Null;
    for round in 0..160 {
        (_, told) = scene.mott.admin(Method::GET, &format!("/api/admin/refunds/{refund_id}"), None).await?;
        if told["status"].as_str().is_some_and(|status| statuses.contains(&status)) {
            scene.tell(format!("管理员看到退款：{}", told["status"].as_str().unwrap_or_default()));
            return Ok(told);
        }
        if round % 40 == 39 {
            scene.there.pass(11_000).await?;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Err(Stop::Failed(format!("退款应为 {statuses:?}，却是 {told}")))
}

async fn paid(scene: &Scene<'_>) -> Result<(Bill, String, String), Stop> {
    let bill = scene.paid_in_wallet(SUM_FEN).await?;
    scene.until(&bill, "paid").await?;
    let attempts = scene.attempts(&bill).await?;
    let text = |name: &str| attempts[0][name].as_str().unwrap_or_default().to_owned();
    Ok((bill, text("payment_id"), text("out_trade_no")))
}

/// What the ledger says went back of an order's number, fen.
async fn refunded_fen(scene: &Scene<'_>, out_trade_no: &str) -> Result<i64, Stop> {
    let ledger = scene.there.ledger(out_trade_no).await?;
    let refunds = ledger["refunds"].as_array().cloned().unwrap_or_default();
    Ok(refunds.iter().filter(|back| back["status"] != "CLOSED").filter_map(|back| back["fen"].as_i64()).sum())
}

/// Ten refunds at once, together above the payment.
pub(super) async fn at_once(scene: &Scene<'_>) -> Result<(), Stop> {
    let (bill, payment_id, number) = paid(scene).await?;
    let each = SUM_FEN / 3;
    let all = join_all((0..10).map(|_| ask(scene, &bill, &payment_id, each))).await;
    let mut ids = Vec::new();
    for said in all {
        let (status, told) = said?;
        match status {
            201 => ids.push(approved(scene, &told).await?),
            409 | 422 => {}
            _ => return Err(Stop::Failed(format!("退款申请的应答不对：{status} {told}"))),
        }
    }
    must(ids.len() == 3, || format!("应接受三笔，却接受了 {} 笔", ids.len()))?;
    scene.tell(format!("同时申请十笔各 ¥{}，接受三笔，七笔说超过可退金额", yuan(each)));
    for id in &ids {
        until(scene, id, &["succeeded"]).await?;
    }
    let back = refunded_fen(scene, &number).await?;
    must(back == 3 * each && back <= SUM_FEN, || format!("机构退了 {back} 分"))?;
    scene.tell(format!("机构共退 ¥{}，不超过付款", yuan(back)));
    Ok(())
}

/// The callback is faster than the answer.
pub(super) async fn told_before_answer(scene: &Scene<'_>) -> Result<(), Stop> {
    let (bill, payment_id, number) = paid(scene).await?;
    scene.arm_with("refund_told_before_answer", json!({ "on": "refund" })).await?;
    let id = asked(scene, &bill, &payment_id, SUM_FEN).await?;
    until(scene, &id, &["succeeded"]).await?;
    must(refunded_fen(scene, &number).await? == SUM_FEN, || "机构退的不是全款".to_owned())?;
    scene.until_order(&bill, "已退款", |order| order["status"] == "refunded").await?;
    scene.tell("订单：已退款");
    Ok(())
}

/// The payer's card is gone. Alipay knows no such state: it refuses, and the reservation is free again.
pub(super) async fn abnormal(scene: &Scene<'_>) -> Result<(), Stop> {
    let (bill, payment_id, number) = paid(scene).await?;
    scene.arm("refund_abnormal").await?;
    let id = asked(scene, &bill, &payment_id, SUM_FEN).await?;
    if scene.is_alipay() {
        until(scene, &id, &["refused"]).await?;
        let id = asked(scene, &bill, &payment_id, SUM_FEN).await?;
        until(scene, &id, &["succeeded"]).await?;
        scene.tell("被拒绝的预留已释放，重新申请成功");
    } else {
        until(scene, &id, &["abnormal"]).await?;
        let path = format!("/api/admin/refunds/{id}/redirect");
        let (status, told) = scene.mott.admin(Method::POST, &path, Some(&json!({ "words": "转商户账户" }))).await?;
        must(status == 200, || format!("不能转到商户账户：{status} {told}"))?;
        until(scene, &id, &["succeeded"]).await?;
        scene.tell("转到商户的银行账户，成功");
    }
    must(refunded_fen(scene, &number).await? == SUM_FEN, || "机构退的不是全款".to_owned())
}

/// Refunds one payment of an order whole, and waits until the payer has it.
pub(super) async fn whole(scene: &Scene<'_>, bill: &Bill, payment_id: &str, number: &str) -> Result<(), Stop> {
    let id = asked(scene, bill, payment_id, bill.fen).await?;
    until(scene, &id, &["succeeded"]).await?;
    must(refunded_fen(scene, number).await? == bill.fen, || "机构退的不是全款".to_owned())
}
