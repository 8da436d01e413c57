//! What an account is authorised for, as its admin knows it (PRODUCT 5).

use serde::{Deserialize, Serialize};

/// One line per thing that an institution must have allowed. Nothing said: nobody looked yet, and it is tried. False:
/// it is known to be missing, and not offered to anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// The merchant authorised the product (支付产品).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<bool>,
    /// The merchant authorised refunds by API (退款权限).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund: Option<bool>,
    /// The appid that identifies payers is bound to the provider or the merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appid: Option<bool>,
    /// The paying directory (WeChat Pay) or the authorisation address (Alipay) is entered at the institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<bool>,
    /// The merchant slip (商家小票) is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slip: Option<bool>,
}

impl Checklist {
    /// As it is stored.
    pub fn to_json(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }

    /// From what is stored; what cannot be read says nothing.
    pub fn of_json(json: &str) -> Checklist {
        serde_json::from_str(json).unwrap_or_default()
    }
}
