//! The words of the institutions and the wallets that are known. Codes come first; a bridge often says its reason only
//! in Chinese words, which are read for what they speak of.

use super::Kind::{self, *};
use crate::merchant::ChannelKind;

/// WeChat Pay's codes without underscores, since its documents write `NOAUTH` and `NO_AUTH` \[D, PROTOCOLS 1.10\].
const WECHATPAY: &[(&str, Kind)] = &[
    ("NOAUTH", NotAuthorised),
    ("MCHNOTEXISTS", NotAuthorised),
    ("APPIDMCHIDNOTMATCH", AppidMismatch),
    ("ACCOUNTERROR", PayerAccount),
    ("USERACCOUNTABNORMAL", PayerAccount),
    ("NOTENOUGH", Balance),
    ("RULELIMIT", MerchantLimit),
    ("ORDERCLOSED", Expired),
    ("FREQUENCYLIMITED", Busy),
    ("RATELIMITEXCEEDED", Busy),
    ("SYSTEMERROR", Busy),
    ("PARAMERROR", Setting),
    ("INVALIDREQUEST", Setting),
    ("SIGNERROR", Setting),
];

/// Alipay's codes without `ACQ.` and underscores, and what its cashier's bridge answers \[D jsapi:tradePay; error codes
/// of trade.create and trade.pay as mirrored, PROTOCOLS source 12\].
const ALIPAY: &[(&str, Kind)] = &[
    ("TRADEBUYERNOTMATCH", WrongAccount),
    ("BUYERBALANCENOTENOUGH", Balance),
    ("BUYERBANKCARDBALANCENOTENOUGH", Balance),
    ("ERRORBALANCEPAYMENTDISABLE", Balance),
    ("BUYERPAYMENTAMOUNTDAYLIMITERROR", PayerLimit),
    ("BUYERPAYMENTAMOUNTMONTHLIMITERROR", PayerLimit),
    ("PAYMENTREQUESTHASRISK", Risk),
    ("CARDUSERNOTMATCH", Card),
    ("CARDTYPEERROR", Card),
    ("BUYERENABLESTATUSFORBID", PayerAccount),
    ("BUYERSELLEREQUAL", PayerAccount),
    ("CERTEXPIRED", PayerAccount),
    ("MOBILEPAYMENTSWITCHOFF", PayerAccount),
    ("USERFACEPAYMENTSWITCHOFF", PayerAccount),
    ("NOPAYMENTINSTRUMENTSAVAILABLE", PayerAccount),
    ("TOTALFEEEXCEED", MerchantLimit),
    ("BEYONDPAYRESTRICTION", MerchantLimit),
    ("BEYONDPERRECEIPTRESTRICTION", MerchantLimit),
    ("BEYONDPERRECEIPTDAYRESTRICTION", MerchantLimit),
    ("PRODUCTAMOUNTLIMITERROR", MerchantLimit),
    ("NOWTIMEAMOUNTERROR", MerchantLimit),
    ("SELLERBEENBLOCKED", MerchantRestricted),
    ("MERCHANTSTATUSNOTNORMAL", MerchantRestricted),
    ("PARTNERERROR", MerchantRestricted),
    ("ACCESSFORBIDDEN", NotAuthorised),
    ("MERCHANTAGREEMENTNOTEXIST", NotAuthorised),
    ("MERCHANTAGREEMENTINVALID", NotAuthorised),
    ("AGREEMENTNOTEXIST", NotAuthorised),
    ("isv.insufficient-isv-permissions", NotAuthorised),
    ("isv.insufficient-user-permissions", NotAuthorised),
    ("isv.invalid-app-auth-token", NotAuthorised),
    ("isv.app-auth-token-time-out", NotAuthorised),
    ("aop.invalid-app-auth-token", NotAuthorised),
    ("aop.app-auth-token-time-out", NotAuthorised),
    ("isv.missing-app-auth-token", NotAuthorised),
    ("isv.invalid-app-id", AppidMismatch),
    ("TRADEHASCLOSE", Expired),
    ("SYSTEMERROR", Busy),
    ("isp.unknow-error", Busy),
    ("isv.call-limited", Busy),
    ("INVALIDPARAMETER", Setting),
    ("isv.invalid-signature", Setting),
    ("6002", Network),
];

/// What words speak of. The first that fits: the longer and surer stand first \[C: wallets' messages on the provider's
/// forum, PROTOCOLS 5\].
const SPOKEN: &[(&[&str], Kind)] = &[
    (&["下单账号与支付账号不一致"], WrongAccount),
    (&["URL未注册", "url not registered", "目录"], Directory),
    (&["appid", "mch_id不匹配", "未绑定"], AppidMismatch),
    (&["商户", "限额"], MerchantLimit),
    (&["商户", "受限"], MerchantRestricted),
    (&["商户", "限制"], MerchantRestricted),
    (&["商户", "违规"], MerchantRestricted),
    (&["商户号", "停用"], MerchantRestricted),
    (&["权限"], NotAuthorised),
    (&["未开通"], NotAuthorised),
    (&["限额"], PayerLimit),
    (&["超过", "额度"], PayerLimit),
    (&["风险"], Risk),
    (&["安全"], Risk),
    (&["余额不足"], Balance),
    (&["银行卡"], Card),
    (&["信用卡"], Card),
    (&["实名"], PayerAccount),
    (&["冻结"], PayerAccount),
    (&["过期"], Expired),
    (&["已关闭"], Expired),
    (&["失效"], Expired),
    (&["繁忙"], Busy),
    (&["频繁"], Busy),
    (&["网络"], Network),
    (&["签名"], Setting),
    (&["缺少参数"], Setting),
];
/// Of these rows of [`SPOKEN`] any word is enough; of the others every one must be there.
const ANY_WORD: [Kind; 2] = [Directory, AppidMismatch];

/// By code.
pub(super) fn by_code(channel: ChannelKind, code: &str) -> Option<Kind> {
    let table = match channel {
        ChannelKind::Wechatpay => WECHATPAY,
        ChannelKind::Alipay => ALIPAY,
    };
    let plain: String = code.trim_start_matches("ACQ.").chars().filter(|c| *c != '_').collect();
    table.iter().find(|(known, _)| *known == plain).map(|(_, kind)| *kind)
}

/// By words.
pub(super) fn by_words(message: &str) -> Option<Kind> {
    let said = |word: &&str| message.to_lowercase().contains(&word.to_lowercase());
    let fits = |words: &[&str], kind: Kind| {
        if ANY_WORD.contains(&kind) { words.iter().any(said) } else { words.iter().all(said) }
    };
    SPOKEN.iter().find(|(words, kind)| fits(words, *kind)).map(|(_, kind)| *kind)
}
