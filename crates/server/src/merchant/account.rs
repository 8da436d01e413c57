use channel::Account;
use db::{Error, Tx, params};

use super::sql;

/// How a payer may pay on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// Inside the wallet's own browser.
    Jsapi,
    /// In a phone's browser.
    H5,
    /// A code on a desktop's screen.
    Native,
}

impl Way {
    /// The word in tables and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Way::Jsapi => "jsapi",
            Way::H5 => "h5",
            Way::Native => "native",
        }
    }

    /// The way of a word.
    pub fn of_word(word: &str) -> Option<Way> {
        [Way::Jsapi, Way::H5, Way::Native].into_iter().find(|way| way.word() == word)
    }
}

/// A merchant's account at an institution (`sub_mchid`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelAccount {
    /// Its id.
    pub account_id: i64,
    /// The institution, `wechatpay`.
    pub channel: String,
    /// Through which service provider.
    pub provider_key: String,
    /// What the adapter needs.
    pub account: Account,
    /// What the account has.
    pub ways: Vec<Way>,
}

impl ChannelAccount {
    /// What the account has, by words between blanks, as pages are told.
    pub fn way_words(&self) -> String {
        self.ways.iter().map(|way| way.word()).collect::<Vec<_>>().join(" ")
    }
}

/// An account by its id.
///
/// # Errors
/// The refusals of the database.
pub async fn account_of(tx: &mut Tx<'_>, merchant_id: i64, account_id: i64) -> Result<Option<ChannelAccount>, Error> {
    let Some(row) = tx.query_opt(sql::ACCOUNT, params![merchant_id, account_id]).await? else { return Ok(None) };
    let ways: String = row.get(5)?;
    Ok(Some(ChannelAccount {
        account_id: row.get(0)?,
        channel: row.get(1)?,
        provider_key: row.get(2)?,
        account: Account { sub_mchid: row.get(3)?, sub_appid: row.get(4)?, authorization: None },
        ways: ways.split(',').filter_map(Way::of_word).collect(),
    }))
}

/// The account that money of an org unit goes to: its own, or the nearest one above it, or the merchant's only one
/// (PRODUCT 1). A tree of any depth costs one small read per level, and only when a code's page is first asked for.
///
/// # Errors
/// The refusals of the database.
pub async fn account_of_unit(tx: &mut Tx<'_>, merchant_id: i64, org_unit_id: i64) -> Result<Option<i64>, Error> {
    let mut unit = Some(org_unit_id);
    while let Some(id) = unit {
        let Some(row) = tx.query_opt(sql::UNIT_ACCOUNT, params![merchant_id, id]).await? else { break };
        if let Some(account_id) = row.get::<Option<i64>>(0)? {
            return Ok(Some(account_id));
        }
        unit = row.get(1)?;
    }
    tx.query_opt(sql::ONLY_ACCOUNT, params![merchant_id]).await?.map(|row| row.get(0)).transpose()
}
