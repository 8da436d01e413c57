//! The kinds of misbehaviour, what each does, and the magic amounts that call for them.

use serde::{Deserialize, Deserializer, Serialize};

use crate::pages::yuan;

/// Where a kind strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// On a call of the customer's server, chosen by `on`.
    Call,
    /// On the next payment and the telling of it.
    Payment,
    /// On the next refund and the telling of it.
    Refund,
}

/// A kind of misbehaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Done, but the answer never arrives.
    TimeoutAfterDone,
    /// Not done, and no answer.
    TimeoutNotDone,
    /// The institution's own "system error", nothing done.
    SystemError,
    /// HTTP 503 without a body of the protocol, nothing done.
    Unavailable,
    /// Too many calls, nothing done.
    RateLimited,
    /// A proxy's web page with status 200, nothing done.
    Html,
    /// Done and answered, without a signature.
    Unsigned,
    /// Done and answered, with a signature over something else.
    WrongSignature,
    /// Done, and answered after `hold_ms`.
    Slow,
    /// The connection breaks at once, nothing done: for `count` calls, or for `for_ms` of the clock.
    Down,
    /// A payment by code asks for the password in the shape of an error.
    PasswordAsError,
    /// The order is paid, and the callback delivered, before the order call is answered.
    CallbackBeforeAnswer,
    /// The order is paid between the close call's arrival and its execution.
    PaidDuringClose,
    /// A query answers one fen more than was paid.
    QueryWrongAmount,
    /// The bill says one fen more in its first row.
    BillDisagrees,
    /// Never told.
    CallbackLost,
    /// Told twice at the same moment.
    CallbackTwice,
    /// Told ten times at the same moment.
    CallbackTen,
    /// Told `hold_ms` late, so that later ones come before it.
    CallbackDelayed,
    /// Paid, but for `hold_ms` every query says unpaid and a close is accepted; then it is told.
    PaidUnseen,
    /// Told with one fen more.
    WrongAmount,
    /// Told in another currency.
    WrongCurrency,
    /// Told for another merchant.
    WrongSubMerchant,
    /// Told for another app.
    WrongApp,
    /// Told with a number that nobody ordered.
    UnknownOrder,
    /// The first sending has a signature that does not fit.
    BadSignature,
    /// The first sending is ten minutes old.
    StaleTimestamp,
    /// The first sending is signed by a key that nobody knows.
    UnknownKey,
    /// The first sending is signed with the other of the institution's genuine keys.
    CallbackOtherKey,
    /// The refund comes back: the payer's card is gone.
    RefundAbnormal,
    /// The refund is closed without money moving.
    RefundClosed,
    /// The refund stays on its way for `hold_ms`.
    RefundSlow,
    /// The merchant's account has not enough, this time.
    RefundNotEnough,
    /// The refund is done and told before the refund call is answered.
    RefundToldBeforeAnswer,
    /// The refund is never told.
    RefundCallbackLost,
    /// The refund is told twice at the same moment.
    RefundCallbackTwice,
}

/// What is known about a kind.
pub(crate) struct About {
    pub kind: Kind,
    pub name: &'static str,
    pub at: At,
    /// The amount in fen that calls for it, once for each number.
    pub magic_fen: Option<i64>,
    pub words: &'static str,
}

impl About {
    /// The magic amount for people.
    pub fn magic_yuan(&self) -> Option<String> {
        self.magic_fen.map(yuan)
    }
}

const fn about(kind: Kind, name: &'static str, at: At, magic_fen: i64, words: &'static str) -> About {
    About { kind, name, at, magic_fen: if magic_fen == 0 { None } else { Some(magic_fen) }, words }
}

/// All kinds, as the front page lists them. Two keep the names they had when they were for order calls only.
pub(crate) const KINDS: [About; 36] = [
    about(Kind::TimeoutAfterDone, "prepay_timeout_after_made", At::Call, 88_001, "调用：已办成，应答丢失"),
    about(Kind::TimeoutNotDone, "prepay_timeout_not_made", At::Call, 88_002, "调用：没有办，也没有应答"),
    about(Kind::SystemError, "http_500", At::Call, 88_003, "调用：系统异常"),
    about(Kind::Unavailable, "http_503", At::Call, 88_004, "调用：HTTP 503"),
    about(Kind::RateLimited, "rate_limited", At::Call, 88_005, "调用：频率超限"),
    about(Kind::Html, "html", At::Call, 88_006, "调用：应答是一个网页"),
    about(Kind::Unsigned, "unsigned", At::Call, 88_007, "调用：应答没有签名"),
    about(Kind::WrongSignature, "wrong_signature", At::Call, 88_008, "调用：应答的签名不对"),
    about(Kind::Slow, "slow", At::Call, 0, "调用：应答很慢"),
    about(Kind::Down, "down", At::Call, 0, "调用：连接中断（可指定时长）"),
    about(Kind::PasswordAsError, "password_as_error", At::Call, 0, "付款码：以错误码的形式要求输入密码"),
    about(Kind::CallbackBeforeAnswer, "callback_before_answer", At::Call, 88_009, "下单：应答之前就已支付并回调"),
    about(Kind::PaidDuringClose, "paid_during_close", At::Call, 88_010, "关单：关单的同时付款人付了款"),
    about(Kind::QueryWrongAmount, "query_wrong_amount", At::Call, 88_011, "查单：金额多一分"),
    about(Kind::BillDisagrees, "bill_disagrees", At::Call, 0, "账单：第一行多一分"),
    about(Kind::CallbackLost, "callback_lost", At::Payment, 88_012, "支付：回调丢失"),
    about(Kind::CallbackTwice, "callback_twice", At::Payment, 88_013, "支付：同时回调两次"),
    about(Kind::CallbackTen, "callback_ten", At::Payment, 88_014, "支付：同时回调十次"),
    about(Kind::CallbackDelayed, "callback_delayed", At::Payment, 88_015, "支付：回调迟到（后来的先到）"),
    about(Kind::PaidUnseen, "paid_unseen", At::Payment, 88_016, "支付：已付款，但一段时间内查单说未付、关单也能成"),
    about(Kind::WrongAmount, "wrong_amount", At::Payment, 88_017, "支付：回调金额多一分"),
    about(Kind::WrongCurrency, "wrong_currency", At::Payment, 88_018, "支付：回调币种不对"),
    about(Kind::WrongSubMerchant, "wrong_sub_merchant", At::Payment, 88_019, "支付：回调是别的特约商户"),
    about(Kind::WrongApp, "wrong_app", At::Payment, 88_020, "支付：回调是别的应用"),
    about(Kind::UnknownOrder, "unknown_order", At::Payment, 88_021, "支付：回调的订单号没有人下过"),
    about(Kind::BadSignature, "bad_signature", At::Payment, 88_022, "支付：首次回调签名不对"),
    about(Kind::StaleTimestamp, "stale_timestamp", At::Payment, 88_023, "支付：首次回调是十分钟前的"),
    about(Kind::UnknownKey, "unknown_certificate", At::Payment, 88_024, "支付：首次回调用无人知晓的密钥签名"),
    about(Kind::CallbackOtherKey, "callback_other_key", At::Payment, 88_025, "支付：回调换另一把密钥签名"),
    about(Kind::RefundAbnormal, "refund_abnormal", At::Refund, 6_601, "退款：异常（卡已注销）"),
    about(Kind::RefundClosed, "refund_closed", At::Refund, 6_602, "退款：关闭，钱没有动"),
    about(Kind::RefundSlow, "refund_slow", At::Refund, 6_603, "退款：处理很久"),
    about(Kind::RefundNotEnough, "refund_not_enough", At::Refund, 6_604, "退款：商户余额不足（一次）"),
    about(Kind::RefundToldBeforeAnswer, "refund_told_before_answer", At::Refund, 6_605, "退款：应答之前就已回调"),
    about(Kind::RefundCallbackLost, "refund_callback_lost", At::Refund, 6_606, "退款：回调丢失"),
    about(Kind::RefundCallbackTwice, "refund_callback_twice", At::Refund, 6_607, "退款：同时回调两次"),
];

impl Kind {
    /// What is known about it.
    pub fn about(self) -> &'static About {
        // Every kind is in the list, which a test holds; the first entry stands for what cannot happen.
        KINDS.iter().find(|about| about.kind == self).unwrap_or(&KINDS[0])
    }

    /// Its name in requests and in the state file.
    pub fn name(self) -> &'static str {
        self.about().name
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        let known = KINDS.iter().find(|about| about.name == name).map(|about| about.kind);
        known.ok_or_else(|| serde::de::Error::custom(format!("no fault is called `{name}`")))
    }
}

/// Which call of the customer's server a fault waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    /// Every call.
    Any,
    #[default]
    Prepay,
    Codepay,
    Query,
    Close,
    Reverse,
    Refund,
    RefundQuery,
    Bill,
    Certificates,
    /// Alipay's exchange of an authorisation code.
    Token,
}

impl Call {
    /// Its name in requests and in the state file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Prepay => "prepay",
            Self::Codepay => "codepay",
            Self::Query => "query",
            Self::Close => "close",
            Self::Reverse => "reverse",
            Self::Refund => "refund",
            Self::RefundQuery => "refund_query",
            Self::Bill => "bill",
            Self::Certificates => "certificates",
            Self::Token => "token",
        }
    }
}

/// Which of the two pretend institutions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Provider {
    WechatPay,
    Alipay,
}

impl Provider {
    /// Its name in requests and in the state file.
    pub fn name(self) -> &'static str {
        match self {
            Self::WechatPay => "wechatpay",
            Self::Alipay => "alipay",
        }
    }

    /// Its name for people.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::WechatPay => "微信支付",
            Self::Alipay => "支付宝",
        }
    }

    /// The one called `name` in the state file.
    pub fn named(name: &str) -> Self {
        if name == Self::Alipay.name() { Self::Alipay } else { Self::WechatPay }
    }
}
