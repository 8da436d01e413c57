//! Everything by which one order might be paid twice.

use super::SUM_FEN;
use crate::scenario::Stop;
use crate::scenario::mott::Pressed;
use crate::scenario::scene::{Scene, must};

/// Another way to pay closes the live attempt first, and just then the payer pays it.
pub(super) async fn close_raced_with_pay(scene: &Scene<'_>) -> Result<(), Stop> {
    let bill = scene.submit(SUM_FEN).await?;
    scene.ready(&bill).await?;
    scene.arm_with("paid_during_close", serde_json::json!({ "on": "close" })).await?;
    let pressed = scene.mott.press(&bill, scene.with.name(), "native").await?;
    must(matches!(pressed, Pressed::Paid), || format!("应显示成功，却是 {pressed:?}"))?;
    scene.tell("换扫码支付时，前一笔已付：显示成功，没有第二笔");
    scene.until(&bill, "paid").await?;
    must(scene.attempts(&bill).await?.len() == 1, || "发起了第二笔".to_owned())?;
    scene.booked_once(&bill).await
}

/// The same order in two tabs: both press, both pay.
pub(super) async fn two_tabs(scene: &Scene<'_>) -> Result<(), Stop> {
    let bill = scene.submit(SUM_FEN).await?;
    scene.ready(&bill).await?;
    let (one, two) = tokio::join!(scene.ready(&bill), scene.ready(&bill));
    let (one, two) = (one?, two?);
    let (first, second) = tokio::join!(scene.pay(&one), scene.pay(&two));
    must(first? != second?, || "两个页面都付成了，或都没有付成".to_owned())?;
    scene.tell("两个页面同时按支付，钱包只付成一次");
    scene.until(&bill, "paid").await?;
    must(scene.attempts(&bill).await?.len() == 1, || "有两笔支付单".to_owned())?;
    scene.booked_once(&bill).await
}

/// One wallet is opened, then another; then both are asked to pay.
pub(super) async fn two_wallets(scene: &Scene<'_>) -> Result<(), Stop> {
    let bill = scene.submit(SUM_FEN).await?;
    let first = scene.ready(&bill).await?;
    let second = scene.mott.press(&bill, scene.other().name(), "jsapi").await?;
    if let Pressed::Refused(_, code) = &second
        && code == "payment.way_missing"
    {
        return Err(Stop::Skipped("企业只开通了一个支付渠道".to_owned()));
    }
    must(matches!(second, Pressed::Jsapi(_) | Pressed::Trade(_)), || format!("另一个钱包没有拉起：{second:?}"))?;
    must(!scene.pay(&first).await?, || "先拉起的钱包还能付".to_owned())?;
    scene.tell(format!("换成{}，{}那一笔已关闭，付不了", scene.other().chinese(), scene.with.chinese()));
    must(scene.pay(&second).await?, || "后拉起的钱包没有付成".to_owned())?;
    scene.until(&bill, "paid").await?;
    scene.booked_once(&bill).await
}
