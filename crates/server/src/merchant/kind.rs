//! Which institution.

/// An institution that takes money, by the word that tables, addresses and set-up files have for it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// 微信支付.
    Wechatpay,
    /// 支付宝.
    Alipay,
}

impl ChannelKind {
    /// Every institution, in the order in which pages show their wallets.
    pub const ALL: [ChannelKind; 2] = [ChannelKind::Wechatpay, ChannelKind::Alipay];

    /// The word in tables, addresses and files.
    pub const fn word(self) -> &'static str {
        match self {
            ChannelKind::Wechatpay => "wechatpay",
            ChannelKind::Alipay => "alipay",
        }
    }

    /// The institution of a word.
    pub fn of_word(word: &str) -> Option<ChannelKind> {
        ChannelKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Its name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            ChannelKind::Wechatpay => "微信支付",
            ChannelKind::Alipay => "支付宝",
        }
    }

    /// Whether an attempt made this way exists at the institution only once the payer acts: Alipay makes the trade of a
    /// code or of a phone's page when the payer scans or signs in \[D, PROTOCOLS 2.2\]. Until then it is "not found",
    /// and nobody can close it.
    pub const fn is_made_by_payer(self, way: super::Way) -> bool {
        match (self, way) {
            (ChannelKind::Alipay, super::Way::H5 | super::Way::Native) => true,
            (ChannelKind::Alipay, super::Way::Jsapi) | (ChannelKind::Wechatpay, _) => false,
        }
    }

    /// Whether a prepay of this way asks the institution anything: Alipay's page for phones is an address that we sign
    /// ourselves, so its making says nothing of the institution's health.
    pub const fn prepays_by_network(self, way: super::Way) -> bool {
        !matches!((self, way), (ChannelKind::Alipay, super::Way::H5))
    }
}
