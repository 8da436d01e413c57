use channel::Account;
use db::{Error, Row, Tx, params};

use super::{ChannelKind, Checklist, sql};

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

/// A merchant's account at an institution (WeChat Pay's `sub_mchid`, Alipay's seller id).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelAccount {
    /// Its id.
    pub account_id: i64,
    /// The institution.
    pub channel: ChannelKind,
    /// Through which service provider.
    pub provider_key: String,
    /// What the adapter needs, but for the merchant's leave: see [`authorization`](super::authorization).
    pub account: Account,
    /// What the account has.
    pub ways: Vec<Way>,
    /// What it is authorised for.
    pub checklist: Checklist,
}

impl ChannelAccount {
    /// Whether payers may pay this way: the account has it, and nobody knows the product to be missing.
    pub fn offers(&self, way: Way) -> bool {
        self.checklist.product != Some(false) && self.ways.contains(&way)
    }

    /// What is offered, as pages are told: `wechatpay.jsapi wechatpay.native`.
    pub fn way_words(&self) -> String {
        let offered = self.ways.iter().filter(|way| self.offers(**way));
        offered.map(|way| format!("{}.{}", self.channel.word(), way.word())).collect::<Vec<_>>().join(" ")
    }
}

/// What several accounts offer, as pages are told.
pub fn way_words(accounts: &[ChannelAccount]) -> String {
    let words = accounts.iter().map(ChannelAccount::way_words).filter(|words| !words.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The accounts that money of an org unit goes to, at most one of an institution: the unit's own, or the one of the
/// nearest unit above it that says anything of that institution (PRODUCT 1). A unit may say that it has none.
///
/// # Errors
/// The refusals of the database.
pub async fn accounts_of_unit(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    org_unit_id: i64,
) -> Result<Vec<ChannelAccount>, Error> {
    let rows = tx.query(sql::ACCOUNTS_OF_UNIT, params![merchant_id, org_unit_id]).await?;
    let mut nearest: Vec<(ChannelKind, Option<ChannelAccount>)> = Vec::new();
    for row in &rows {
        let kind = kind(row, 0)?;
        if nearest.iter().all(|(known, _)| *known != kind) {
            nearest.push((kind, read(row, kind)?));
        }
    }
    nearest.sort_by_key(|(kind, _)| *kind);
    Ok(nearest.into_iter().filter_map(|(_, account)| account).collect())
}

fn kind(row: &Row, column: usize) -> Result<ChannelKind, Error> {
    let word: String = row.get(column)?;
    ChannelKind::of_word(&word).ok_or(Error::Column { column, wanted: "an institution" })
}

/// Nothing: the unit says that it has none.
fn read(row: &Row, channel: ChannelKind) -> Result<Option<ChannelAccount>, Error> {
    let Some(account_id) = row.get::<Option<i64>>(1)? else { return Ok(None) };
    let (ways, checklist): (String, String) = (row.get(5)?, row.get(6)?);
    Ok(Some(ChannelAccount {
        account_id,
        channel,
        provider_key: row.get(2)?,
        account: Account { sub_mchid: row.get(3)?, sub_appid: row.get(4)?, authorization: None },
        ways: ways.split(',').filter_map(Way::of_word).collect(),
        checklist: Checklist::of_json(&checklist),
    }))
}

/// What a unit says of an institution: its own account, or that it has none.
pub type UnitChannel = (ChannelKind, Option<i64>);

/// Writes what a unit says of its institutions; of those that it does not name it inherits. True: something changed.
///
/// # Errors
/// The refusals of the database.
pub async fn put_unit_channels(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    org_unit_id: i64,
    wanted: &[UnitChannel],
) -> Result<bool, Error> {
    let mut stored = Vec::new();
    for row in tx.query(sql::UNIT_CHANNELS, params![merchant_id, org_unit_id]).await? {
        stored.push((kind(&row, 0)?, row.get::<Option<i64>>(1)?));
    }
    let mut wanted = wanted.to_vec();
    wanted.sort_by_key(|(kind, _)| *kind);
    stored.sort_by_key(|(kind, _)| *kind);
    if stored == wanted {
        return Ok(false);
    }
    tx.execute(sql::FORGET_UNIT_CHANNELS, params![merchant_id, org_unit_id]).await?;
    for (kind, account_id) in wanted {
        tx.execute(sql::PUT_UNIT_CHANNEL, params![merchant_id, org_unit_id, kind.word(), account_id]).await?;
    }
    Ok(true)
}
