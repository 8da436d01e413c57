//! What the institution tells, and how.

use serde_json::{Value, json};

use super::SUM_FEN;
use crate::scenario::Stop;
use crate::scenario::mott::{Bill, Pressed};
use crate::scenario::scene::{Scene, must};

/// Between the first and the second sending, ms, and a little.
const SECOND_SENDING_MS: i64 = 16_000;

/// Told once, or as often as a fault wants.
pub(super) async fn told(scene: &Scene<'_>, kind: Option<&str>) -> Result<(), Stop> {
    if let Some(kind) = kind {
        scene.arm(kind).await?;
    }
    scene.mute_queries().await?;
    let bill = scene.paid_in_wallet(SUM_FEN).await?;
    scene.until(&bill, "paid").await?;
    acknowledged(scene, &bill).await?;
    scene.booked_once(&bill).await?;
    scene.raised(&bill, &[]).await
}

/// The newest callback about the order is acknowledged; gives it.
async fn acknowledged(scene: &Scene<'_>, bill: &Bill) -> Result<Value, Stop> {
    settled(scene, bill, |callback| callback["state"] == "acknowledged").await
}

/// Waits a little until the newest callback is as wanted.
async fn settled(scene: &Scene<'_>, bill: &Bill, holds: impl Fn(&Value) -> bool) -> Result<Value, Stop> {
    let number = scene.newest_number(bill).await?;
    let mut newest = Value::Null;
    for _ in 0..100 {
        newest = scene.there.callbacks(&number).await?.into_iter().next().unwrap_or_default();
        if holds(&newest) {
            scene.tell(format!(
                "回调 {} 次，机构记为 {}（{}）",
                newest["tries"],
                newest["state"].as_str().unwrap_or_default(),
                newest["last_result"].as_str().unwrap_or_default()
            ));
            return Ok(newest);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Err(Stop::Failed(format!("回调的下落不对：{newest}")))
}

/// Lost: `mott` asks by itself.
pub(super) async fn never(scene: &Scene<'_>) -> Result<(), Stop> {
    scene.arm("callback_lost").await?;
    let bill = scene.paid_in_wallet(SUM_FEN).await?;
    scene.until_asked(&bill, "paid").await?;
    scene.booked_once(&bill).await
}

/// Paid and told before the create call returns.
pub(super) async fn before_create_returned(scene: &Scene<'_>) -> Result<(), Stop> {
    let first = scene.submit(SUM_FEN).await?;
    // Who pays is asked for before, so that the fault strikes the order call and nothing else.
    scene.ready(&first).await?;
    scene.arm("callback_before_answer").await?;
    let bill = scene.submit(SUM_FEN).await?;
    let pressed = scene.press(&bill).await?;
    must(!matches!(pressed, Pressed::Refused(..)), || format!("付款页应显示成功，却是 {pressed:?}"))?;
    scene.tell(format!("按支付，应答之前已付：{}", if matches!(pressed, Pressed::Paid) { "显示成功" } else { "等待" }));
    scene.until(&bill, "paid").await?;
    scene.booked_once(&bill).await
}

/// A callback that does not agree with the order: kept and raised, not booked; the truth comes by asking.
pub(super) async fn bent(scene: &Scene<'_>, kind: &str) -> Result<(), Stop> {
    scene.arm(kind).await?;
    scene.mute_queries().await?;
    let bill = scene.paid_in_wallet(SUM_FEN).await?;
    acknowledged_or_kept(scene, &bill).await?;
    must(scene.mott.status(&bill).await? != "paid", || "按不一致的回调入了账".to_owned())?;
    scene.tell("没有按回调入账");
    scene.there.calm().await?;
    scene.until_asked(&bill, "paid").await?;
    scene.booked_once(&bill).await?;
    scene.raised(&bill, &["misfit"]).await
}

/// Whatever `mott` answers, the first sending has been answered.
async fn acknowledged_or_kept(scene: &Scene<'_>, bill: &Bill) -> Result<(), Stop> {
    let answered = |callback: &Value| callback["last_result"].as_str().is_some_and(|words| !words.is_empty());
    settled(scene, bill, answered).await.map(drop)
}

/// A callback about a number of nobody.
pub(super) async fn unknown_order(scene: &Scene<'_>) -> Result<(), Stop> {
    scene.arm("unknown_order").await?;
    scene.mute_queries().await?;
    let bill = scene.paid_in_wallet(SUM_FEN).await?;
    acknowledged_or_kept(scene, &bill).await?;
    must(scene.mott.status(&bill).await? != "paid", || "按别人的订单号入了账".to_owned())?;
    scene.there.calm().await?;
    scene.until_asked(&bill, "paid").await?;
    scene.booked_once(&bill).await
}

/// The first sending is forged, what follows is genuine.
pub(super) async fn forged(scene: &Scene<'_>, kind: &str, refused: bool) -> Result<(), Stop> {
    scene.arm(kind).await?;
    scene.mute_queries().await?;
    let bill = scene.paid_in_wallet(SUM_FEN).await?;
    if !refused {
        scene.until(&bill, "paid").await?;
        scene.tell("支付宝的通知没有时效，照常入账");
        return scene.booked_once(&bill).await;
    }
    acknowledged_or_kept(scene, &bill).await?;
    must(scene.mott.status(&bill).await? != "paid", || "信了伪造的回调".to_owned())?;
    scene.tell("首次回调被拒绝，没有入账");
    scene.there.calm().await?;
    scene.until_asked(&bill, "paid").await?;
    resent(scene, &bill).await?;
    scene.booked_once(&bill).await
}

/// Sends the callback again, genuine now, and waits until it is acknowledged.
async fn resent(scene: &Scene<'_>, bill: &Bill) -> Result<(), Stop> {
    let number = scene.newest_number(bill).await?;
    for callback in scene.there.callbacks(&number).await? {
        let id = callback["callback_id"].as_str().unwrap_or_default();
        let again = scene.there.post(&format!("/callbacks/{id}/resend"), &json!({})).await;
        // 202 has no body to read.
        drop(again);
    }
    acknowledged(scene, bill).await.map(drop)
}

/// A key that nobody knows is refused; a certificate that was just issued is fetched and believed.
pub(super) async fn rotated_certificate(scene: &Scene<'_>) -> Result<(), Stop> {
    forged(scene, "unknown_certificate", true).await?;
    if scene.is_alipay() {
        scene.tell("支付宝用公钥，没有证书可换");
        return Ok(());
    }
    // Keys are fetched once a minute at most, and the stranger's has just cost one.
    scene.there.pass(61_000).await?;
    scene.there.post("/devtools/rotate-certificate", &json!({})).await?;
    scene.arm("callback_other_key").await?;
    scene.mute_queries().await?;
    let bill = scene.paid_in_wallet(SUM_FEN).await?;
    scene.until(&bill, "paid").await?;
    let callback = acknowledged(scene, &bill).await?;
    must(callback["tries"] == 1, || format!("新证书签的回调没有一次收下：{callback}"))?;
    scene.tell("取到新证书，一次收下");
    scene.booked_once(&bill).await
}

/// A query tells the truth while the callback says, again and again, another amount.
pub(super) async fn query_differs(scene: &Scene<'_>) -> Result<(), Stop> {
    scene.arm("wrong_amount").await?;
    scene.mute_queries().await?;
    let bill = scene.paid_in_wallet(SUM_FEN).await?;
    acknowledged_or_kept(scene, &bill).await?;
    scene.there.calm().await?;
    scene.until_asked(&bill, "paid").await?;
    resent(scene, &bill).await?;
    scene.there.pass(SECOND_SENDING_MS).await?;
    scene.booked_once(&bill).await?;
    scene.raised(&bill, &["misfit"]).await
}
