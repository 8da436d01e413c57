//! Accounts at institutions, and which of them each unit collects to.

use std::collections::HashMap;

use db::{Tx, params};

use super::{super::sql, Error, MerchantPlan, Writing};
use crate::{
    apply::merchant_plan::AccountPlan,
    merchant::{self, Checklist, UnitChannel, Way},
    org::{self, PutOrgUnit},
};

impl Writing<'_> {
    pub(super) async fn account(&mut self, tx: &mut Tx<'_>, account: &AccountPlan) -> Result<i64, Error> {
        let ways = account.ways.iter().map(|way: &Way| way.word()).collect::<Vec<_>>().join(",");
        let (provider, checklist) = (account.provider.as_deref().unwrap_or_default(), account.checklist.to_json());
        let label = format!("channel_account {} ({})", account.key, account.sub_mchid);
        let Some(row) = tx.query_opt(sql::ACCOUNT, params![self.merchant_id, &account.key]).await? else {
            let id = self.ids.mint();
            let values = params![
                self.merchant_id,
                id,
                &account.key,
                account.channel.word(),
                provider,
                &account.sub_mchid,
                &account.sub_appid,
                &ways,
                &checklist,
                self.now_ms
            ];
            tx.execute(sql::INSERT_ACCOUNT, values).await?;
            self.authorize(tx, account, provider).await?;
            self.report.created(label);
            return Ok(id);
        };
        let id = row.get(0)?;
        let differs = [
            ("provider", row.get::<String>(1)? != provider),
            ("sub_mchid", row.get::<String>(2)? != account.sub_mchid),
            ("sub_appid", row.get::<Option<String>>(3)? != account.sub_appid),
            ("ways", row.get::<String>(4)? != ways),
            ("checklist", Checklist::of_json(&row.get::<String>(5)?) != account.checklist),
        ];
        let mut changed: Vec<&str> =
            differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
        if !changed.is_empty() {
            let (number, appid) = (&account.sub_mchid, &account.sub_appid);
            let values = params![self.merchant_id, id, provider, number, appid, &ways, &checklist, self.now_ms];
            tx.execute(sql::UPDATE_ACCOUNT, values).await?;
        }
        changed.extend(self.authorize(tx, account, provider).await?.then_some("app_auth_token"));
        if !changed.is_empty() {
            self.report.changed(label, &changed);
        }
        Ok(id)
    }

    /// True: the merchant's leave is new or another one.
    async fn authorize(&self, tx: &mut Tx<'_>, account: &AccountPlan, provider: &str) -> Result<bool, Error> {
        let Some(leave) = &account.authorization else { return Ok(false) };
        let key = (self.merchant_id, provider, account.sub_mchid.as_str());
        Ok(merchant::authorization::put(tx, self.vault, key, leave, self.now_ms).await?)
    }

    pub(super) async fn units<'p>(
        &mut self,
        tx: &mut Tx<'_>,
        plan: &'p MerchantPlan,
        accounts: &HashMap<&str, i64>,
    ) -> Result<HashMap<&'p str, i64>, Error> {
        let mut units = HashMap::new();
        for unit in &plan.units {
            let account = |key: &Option<String>| key.as_deref().and_then(|key| accounts.get(key)).copied();
            let channels: Vec<UnitChannel> = unit.collects.iter().map(|(kind, key)| (*kind, account(key))).collect();
            let put = PutOrgUnit {
                merchant_id: self.merchant_id,
                new_id: self.ids.mint(),
                key: &unit.key,
                parent_id: unit.parent.as_deref().and_then(|parent| units.get(parent)).copied(),
                name: &unit.name,
                channels: &channels,
            };
            let done = org::put_org_unit(tx, &put, self.now_ms).await.map_err(|e| Error::Org(unit.key.clone(), e))?;
            self.report.put(format!("org_unit {}", unit.key), &done);
            units.insert(unit.key.as_str(), done.id);
        }
        Ok(units)
    }
}
