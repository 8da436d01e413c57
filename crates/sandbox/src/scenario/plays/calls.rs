//! Order calls that are not answered as they should be.

use serde_json::json;

use super::SUM_FEN;
use crate::scenario::Stop;
use crate::scenario::mott::Pressed;
use crate::scenario::scene::{Scene, must};

/// For each fault: the payer is asked to wait, presses again, and pays once, under one number.
pub(super) async fn unanswered(scene: &Scene<'_>, kinds: &[&str]) -> Result<(), Stop> {
    let known = scene.submit(SUM_FEN).await?;
    scene.ready(&known).await?;
    for kind in kinds {
        let bill = scene.submit(SUM_FEN).await?;
        scene.arm_with(kind, json!({ "hold_ms": 0 })).await?;
        let first = scene.press(&bill).await?;
        let Pressed::Refused(status, code) = &first else {
            return Err(Stop::Failed(format!("{kind}：应请付款人稍候，却是 {first:?}")));
        };
        must(*status == 503 && code == "payment.unknown", || format!("{kind}：应为未知，却是 {status} {code}"))?;
        scene.tell(format!("{kind}：付款人看到「正在确认支付状态」"));
        let before = scene.newest_number(&bill).await?;
        let again = scene.ready(&bill).await?;
        must(scene.newest_number(&bill).await? == before, || format!("{kind}：换了单号，可能付两次"))?;
        must(scene.pay(&again).await?, || "钱包没有付成".to_owned())?;
        scene.tell("再按一次，同一单号，钱包：支付成功");
        scene.until(&bill, "paid").await?;
        scene.booked_once(&bill).await?;
    }
    Ok(())
}
