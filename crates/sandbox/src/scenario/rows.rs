//! The matrix: what an institution may do, and what everybody should see.

/// Which play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Play {
    Once,
    Twice,
    TenTimes,
    Never,
    BeforeCreateReturned,
    AfterExpiry,
    CloseRacedWithPay,
    WrongAmount,
    WrongCurrency,
    WrongSubMerchant,
    WrongApp,
    UnknownOrder,
    BadSignature,
    StaleTimestamp,
    RotatedCertificate,
    CreateTimesOutMade,
    CreateTimesOutNotMade,
    ServerError,
    RateLimited,
    Html,
    Unsigned,
    TwoTabs,
    TwoWallets,
    RefundsAtOnce,
    RefundToldBeforeAnswer,
    RefundAbnormal,
    RefundOfDuplicate,
    QueryAndCallbackDiffer,
    DownForAnHour,
}

/// A row.
pub(crate) struct Row {
    /// What it is called on the command line.
    pub name: &'static str,
    pub play: Play,
    /// In a few words.
    pub title: &'static str,
    /// What the institution does.
    pub does: &'static str,
    /// What one should see.
    pub sees: &'static str,
    /// Hours must pass, so it is not played from the page.
    pub needs_clock: bool,
}

const fn row(name: &'static str, play: Play, title: &'static str, does: &'static str, sees: &'static str) -> Row {
    Row { name, play, title, does, sees, needs_clock: false }
}

const fn hours(row: Row) -> Row {
    Row { needs_clock: true, ..row }
}

/// All rows, in the order of the matrix.
pub(crate) const ROWS: [Row; 29] = [
    row("callback-once", Play::Once, "回调一次", "付款后回调一次", "付款人立刻看到成功，经理一笔收款，入账一次"),
    row("callback-twice", Play::Twice, "回调两次", "同一回调同时来两次", "入账一次"),
    row("callback-ten", Play::TenTimes, "同时回调十次", "同一回调同时来十次", "入账一次"),
    row("callback-never", Play::Never, "没有回调", "付款成功但回调丢失", "十几秒内系统自己查到并入账"),
    row(
        "callback-before-create",
        Play::BeforeCreateReturned,
        "下单应答之前回调",
        "下单的应答还没有回来，款已付、回调已到",
        "入账一次，付款页直接显示成功",
    ),
    hours(row(
        "callback-after-expiry",
        Play::AfterExpiry,
        "过期之后回调",
        "付款时机构一直说未付，订单过期关闭之后才回调",
        "订单仍是关闭，款记为迟到，等人处理",
    )),
    row(
        "close-raced-with-pay",
        Play::CloseRacedWithPay,
        "关单时正好付款",
        "换一种付法要先关单，关单的同时付款人付了款",
        "不再发起第二笔，显示成功，入账一次",
    ),
    row(
        "wrong-amount",
        Play::WrongAmount,
        "回调金额不对",
        "回调的金额多一分",
        "不按回调入账，等人处理；查单得到真实金额后入账",
    ),
    row(
        "wrong-currency",
        Play::WrongCurrency,
        "回调币种不对",
        "回调的币种不是人民币",
        "不按回调入账，等人处理；查单后入账",
    ),
    row(
        "wrong-sub-merchant",
        Play::WrongSubMerchant,
        "回调商户不对",
        "回调说是另一个特约商户的",
        "不按回调入账，等人处理；查单后入账",
    ),
    row("wrong-app", Play::WrongApp, "回调应用不对", "回调说是另一个应用的", "不按回调入账，等人处理；查单后入账"),
    row(
        "unknown-order",
        Play::UnknownOrder,
        "回调订单不存在",
        "回调的订单号没有人下过",
        "留存等人处理，原订单查单后入账",
    ),
    row("bad-signature", Play::BadSignature, "签名不对", "首次回调签名不对，之后是真的", "首次拒绝，之后入账一次"),
    row(
        "stale-timestamp",
        Play::StaleTimestamp,
        "回调过时",
        "首次回调是十分钟前签的，之后是真的",
        "微信支付：首次拒绝；支付宝的通知不论早晚都有效；入账一次",
    ),
    row(
        "rotated-certificate",
        Play::RotatedCertificate,
        "未知证书，随后换新",
        "先用无人知晓的密钥签名，再用刚换的新证书签名",
        "前者拒绝，后者取到新证书后入账一次",
    ),
    row(
        "create-times-out-made",
        Play::CreateTimesOutMade,
        "下单超时但已建立",
        "订单已建立，应答丢失",
        "请付款人稍候；再按一次用同一单号，入账一次",
    ),
    row(
        "create-times-out-not-made",
        Play::CreateTimesOutNotMade,
        "下单超时且未建立",
        "没有建立，也没有应答",
        "请付款人稍候；再按一次用同一单号，入账一次",
    ),
    row(
        "server-error",
        Play::ServerError,
        "系统异常 5xx",
        "下单得到系统异常和 503",
        "请付款人稍候；再按一次成功，入账一次",
    ),
    row("rate-limited", Play::RateLimited, "频率超限", "下单得到频率超限", "请付款人稍候；再按一次成功，入账一次"),
    row("html", Play::Html, "应答是网页", "下单得到一个网页", "不信；再按一次成功，入账一次"),
    row("unsigned", Play::Unsigned, "应答没有签名", "下单的应答没有签名，或签名不对", "不信；再按一次成功，入账一次"),
    row(
        "two-tabs",
        Play::TwoTabs,
        "两个页面同时付",
        "同一订单在两个页面同时按支付，两边都付",
        "只能付成一次，入账一次",
    ),
    row(
        "two-wallets",
        Play::TwoWallets,
        "两个钱包付一单",
        "先拉起一个钱包，再换另一个，然后两边都付",
        "先拉起的已关闭，只能付成一次，入账一次",
    ),
    row(
        "refunds-at-once",
        Play::RefundsAtOnce,
        "同时退款十次超过总额",
        "同时申请十笔退款，合计超过付款",
        "退款合计不超过付款",
    ),
    row(
        "refund-told-before-answer",
        Play::RefundToldBeforeAnswer,
        "退款应答之前回调",
        "退款的应答还没有回来，回调已到",
        "退款成功一次",
    ),
    row(
        "refund-abnormal",
        Play::RefundAbnormal,
        "退款异常",
        "付款人的卡已注销",
        "微信支付：显示异常，转到商户账户后成功；支付宝：拒绝，预留释放",
    ),
    hours(row(
        "refund-of-duplicate",
        Play::RefundOfDuplicate,
        "退重复付款",
        "已关闭的一笔后来说付成了，订单却已另付",
        "记为重复，等人处理，可以原路退回",
    )),
    row(
        "query-and-callback-differ",
        Play::QueryAndCallbackDiffer,
        "查单与回调不一致",
        "查单说一个金额，回调说另一个，反复回调",
        "按查单入账一次，不一致的等人处理",
    ),
    hours(row(
        "down-for-an-hour",
        Play::DownForAnHour,
        "机构停摆一小时",
        "付款之后机构一小时不应答，然后恢复",
        "付款人看到正在确认，恢复后自己查到，入账一次",
    )),
];
