use super::known;
use crate::merchant::ChannelKind;

/// Kinds of refusal that people act on differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Above what this payer may spend with this wallet, at once or in a day.
    PayerLimit,
    /// The wallet thinks the payment is not safe.
    Risk,
    /// Another account of the wallet ordered than the one that pays.
    WrongAccount,
    /// The bank card.
    Card,
    /// Not enough money.
    Balance,
    /// The payer's account: not verified, frozen, payments switched off.
    PayerAccount,
    /// Above what this merchant may collect, at once or in a month.
    MerchantLimit,
    /// The merchant is restricted at the institution.
    MerchantRestricted,
    /// The merchant or the provider may not do this.
    NotAuthorised,
    /// The appid does not belong to the provider or the merchant.
    AppidMismatch,
    /// The paying page's directory or domain is not entered at the institution.
    Directory,
    /// The attempt is over.
    Expired,
    /// Too much at once; it passes.
    Busy,
    /// The phone's network.
    Network,
    /// A request that was wrong: a setting, or a defect of ours.
    Setting,
    /// Anything else.
    Other,
}

/// The words of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Stable, for programs and for reading aloud.
    pub code: &'static str,
    /// What happened, for the payer: Chinese, English.
    pub title: (&'static str, &'static str),
    /// What the payer can do: Chinese, English.
    pub payer: (&'static str, &'static str),
    /// What the manager can do or tell: Chinese, English.
    pub manager: (&'static str, &'static str),
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 16] = [
        Kind::PayerLimit,
        Kind::Risk,
        Kind::WrongAccount,
        Kind::Card,
        Kind::Balance,
        Kind::PayerAccount,
        Kind::MerchantLimit,
        Kind::MerchantRestricted,
        Kind::NotAuthorised,
        Kind::AppidMismatch,
        Kind::Directory,
        Kind::Expired,
        Kind::Busy,
        Kind::Network,
        Kind::Setting,
        Kind::Other,
    ];

    /// The kind of what was said: by its code, or else by what its words speak of.
    pub fn of(channel: ChannelKind, code: &str, message: &str) -> Kind {
        known::by_code(channel, code).or_else(|| known::by_words(message)).unwrap_or(Kind::Other)
    }

    /// The kind of a stored code.
    pub fn of_code(code: &str) -> Kind {
        Kind::ALL.into_iter().find(|kind| kind.words().code == code).unwrap_or(Kind::Other)
    }

    /// Its words.
    #[expect(clippy::too_many_lines, reason = "one table of words, to be read as one")]
    pub const fn words(self) -> Words {
        let (code, title, payer, manager) = match self {
            Kind::PayerLimit => (
                "wallet.limit",
                ("超过了钱包的付款限额", "Above your wallet's limit"),
                (
                    "请换一张银行卡或换一个钱包；限额可在钱包里查看。",
                    "Use another card or wallet; the wallet shows its limits.",
                ),
                (
                    "付款人的钱包或银行卡限额不够：可换卡、换钱包，或改天再付。",
                    "The payer's limit is reached: another card, another wallet, or another day.",
                ),
            ),
            Kind::Risk => (
                "wallet.risk",
                ("钱包认为这笔付款有风险", "Your wallet thinks this payment is risky"),
                ("请按钱包里的提示核实身份，或换一个钱包。", "Follow the wallet's hints, or use another wallet."),
                (
                    "钱包的风险控制拦下了付款：请付款人按钱包提示核实，或换一个钱包。",
                    "The wallet's risk control stopped it: let the payer verify, or use another wallet.",
                ),
            ),
            Kind::WrongAccount => (
                "wallet.wrong_account",
                ("下单和付款不是同一个账号", "Another account placed this order"),
                ("请再按一次付款，会重新确认付款人。", "Press pay again; the wallet is asked who you are."),
                (
                    "下单的钱包账号与付款的不同：请付款人重新扫码。",
                    "The ordering account is another one: let the payer scan again.",
                ),
            ),
            Kind::Card => (
                "wallet.card",
                ("银行卡没有通过", "The bank card was refused"),
                ("请换一张银行卡，或联系发卡银行。", "Use another card, or ask your bank."),
                (
                    "付款人的银行卡被拒：请换卡或联系发卡银行。",
                    "The payer's card was refused: another card, or the bank.",
                ),
            ),
            Kind::Balance => (
                "wallet.balance",
                ("余额不足", "Not enough money"),
                ("请充值，或换一张银行卡、换一个钱包。", "Top up, or use another card or wallet."),
                ("付款人余额不足：可换卡或换钱包。", "The payer has not enough money: another card or wallet."),
            ),
            Kind::PayerAccount => (
                "wallet.account",
                ("您的钱包账号暂时不能付款", "Your wallet cannot pay now"),
                (
                    "请在钱包里完成实名或解除限制，或换一个钱包。",
                    "Verify your account in the wallet, or use another one.",
                ),
                (
                    "付款人的钱包账号受限（未实名、被冻结或关闭了付款）：请换一个钱包。",
                    "The payer's account is restricted: use another wallet.",
                ),
            ),
            Kind::MerchantLimit => (
                "channel.limit",
                ("超过了收款企业的收款限额", "Above what the company may collect"),
                ("请换一个钱包，或联系收款企业。", "Use another wallet, or ask the company."),
                (
                    "本企业在支付机构的收款限额已到：请管理员提额，或请付款人换一个钱包。",
                    "Your limit at the institution is reached: an admin must raise it; meanwhile another wallet.",
                ),
            ),
            Kind::MerchantRestricted => (
                "channel.restricted",
                ("收款企业暂时不能收款", "The company cannot collect now"),
                ("请换一个钱包，或联系收款企业。", "Use another wallet, or ask the company."),
                (
                    "本企业的商户号在支付机构受限：请管理员到商户平台查看原因。",
                    "Your merchant account is restricted: an admin must look at the merchant platform.",
                ),
            ),
            Kind::NotAuthorised => (
                "channel.not_authorised",
                ("收款企业还没有开通这种付款方式", "The company has not enabled this way to pay"),
                ("请换一个钱包，或联系收款企业。", "Use another wallet, or ask the company."),
                (
                    "支付产品没有授权：请管理员在商户平台授权后再试。",
                    "The product is not authorised: an admin must authorise it.",
                ),
            ),
            Kind::AppidMismatch => (
                "channel.appid",
                ("收款设置有误", "The company's settings are wrong"),
                ("请换一个钱包，或联系收款企业。", "Use another wallet, or ask the company."),
                (
                    "appid 与商户号没有绑定：请管理员在商户平台绑定。",
                    "The appid is not bound to the merchant: an admin must bind it.",
                ),
            ),
            Kind::Directory => (
                "channel.directory",
                ("收款设置有误", "The company's settings are wrong"),
                ("请换一个钱包，或联系收款企业。", "Use another wallet, or ask the company."),
                (
                    "支付授权目录或域名没有填写：请管理员在商户平台补上付款页的地址。",
                    "The paying directory is not entered: an admin must enter the payer's page.",
                ),
            ),
            Kind::Expired => (
                "payment.expired",
                ("这次支付已过期", "This payment has expired"),
                ("请再按一次付款。", "Press pay again."),
                (
                    "付款人在有效时间内没有完成付款：请再按一次付款或重新扫码。",
                    "The payer was too late: press pay again or scan again.",
                ),
            ),
            Kind::Busy => (
                "channel.busy",
                ("支付机构繁忙", "The institution is busy"),
                ("请稍等几秒再试，不会重复扣款。", "Wait a few seconds and try again; you will not be charged twice."),
                ("支付机构繁忙，稍后再试即可。", "The institution is busy: try again later."),
            ),
            Kind::Network => (
                "wallet.network",
                ("手机网络不通", "Your network is down"),
                (
                    "请检查网络后再试一次，不会重复扣款。",
                    "Check your network and try again; you will not be charged twice.",
                ),
                ("付款人的网络不通：换 4G 或 Wifi 再试。", "The payer's network: change 4G and Wifi."),
            ),
            Kind::Setting => (
                "channel.setting",
                ("暂时无法发起支付", "Payment cannot be started now"),
                ("请换一个钱包，或联系收款企业。", "Use another wallet, or ask the company."),
                (
                    "支付机构没有接受请求：请管理员查看服务器日志和渠道设置。",
                    "The institution did not take the request: an admin must look at the log and the settings.",
                ),
            ),
            Kind::Other => (
                "channel.other",
                ("没有完成支付", "The payment was not made"),
                (
                    "请再试一次；仍不行请换一个钱包，或联系收款企业。",
                    "Try again; else use another wallet, or ask the company.",
                ),
                (
                    "支付机构或钱包拒绝了付款，原话在右侧：请再试或换一个钱包。",
                    "The institution or the wallet refused; its words stand beside this: try again, or another wallet.",
                ),
            ),
        };
        Words { code, title, payer, manager }
    }
}
