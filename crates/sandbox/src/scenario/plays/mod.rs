//! The rows, step by step.

mod callbacks;
mod calls;
mod hours;
mod refunds;
mod twice;

use super::Stop;
use super::rows::Play;
use super::scene::Scene;

/// A sum that calls for no fault by itself, fen.
const SUM_FEN: i64 = 12_850;

/// Plays one row on one channel.
///
/// # Errors
/// What was not as it should be, or why it could not be played.
pub(super) async fn play(play: Play, scene: &Scene<'_>) -> Result<(), Stop> {
    match play {
        Play::Once => callbacks::told(scene, None).await,
        Play::Twice => callbacks::told(scene, Some("callback_twice")).await,
        Play::TenTimes => callbacks::told(scene, Some("callback_ten")).await,
        Play::Never => callbacks::never(scene).await,
        Play::BeforeCreateReturned => callbacks::before_create_returned(scene).await,
        Play::AfterExpiry => hours::after_expiry(scene).await,
        Play::CloseRacedWithPay => twice::close_raced_with_pay(scene).await,
        Play::WrongAmount => callbacks::bent(scene, "wrong_amount").await,
        Play::WrongCurrency => callbacks::bent(scene, "wrong_currency").await,
        Play::WrongSubMerchant => callbacks::bent(scene, "wrong_sub_merchant").await,
        Play::WrongApp => callbacks::bent(scene, "wrong_app").await,
        Play::UnknownOrder => callbacks::unknown_order(scene).await,
        Play::BadSignature => callbacks::forged(scene, "bad_signature", true).await,
        Play::StaleTimestamp => callbacks::forged(scene, "stale_timestamp", !scene.is_alipay()).await,
        Play::RotatedCertificate => callbacks::rotated_certificate(scene).await,
        Play::CreateTimesOutMade => calls::unanswered(scene, &["prepay_timeout_after_made"]).await,
        Play::CreateTimesOutNotMade => calls::unanswered(scene, &["prepay_timeout_not_made"]).await,
        Play::ServerError => calls::unanswered(scene, &["http_500", "http_503"]).await,
        Play::RateLimited => calls::unanswered(scene, &["rate_limited"]).await,
        Play::Html => calls::unanswered(scene, &["html"]).await,
        Play::Unsigned => calls::unanswered(scene, &["unsigned", "wrong_signature"]).await,
        Play::TwoTabs => twice::two_tabs(scene).await,
        Play::TwoWallets => twice::two_wallets(scene).await,
        Play::RefundsAtOnce => refunds::at_once(scene).await,
        Play::RefundToldBeforeAnswer => refunds::told_before_answer(scene).await,
        Play::RefundAbnormal => refunds::abnormal(scene).await,
        Play::RefundOfDuplicate => hours::refund_of_duplicate(scene).await,
        Play::QueryAndCallbackDiffer => callbacks::query_differs(scene).await,
        Play::DownForAnHour => hours::down_for_an_hour(scene).await,
    }
}
