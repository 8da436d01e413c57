//! The one transaction of a merchant.

use std::collections::HashMap;

use db::{Key, Tx, params};

mod accounts;

use super::{Error, MerchantPlan, ReadyAdmin, ReadyManager, Report, sql};
use crate::{
    App,
    admin::{self, PutAdmin},
    apply::merchant_plan::{CodePlan, DEFAULT_FORM, FormPlan},
    audit,
    collection_code::{self, Draft, PutExtra},
    form::{self, DEFAULT_NAME, Definition, NewForm, default_definition},
    ids::Ids,
    manager::{self, PutManager, PutPassword},
    merchant,
    vault::Vault,
};

/// Who the audit log and the forms say it was.
const ACTOR: &str = "apply";
/// Who the console names as the author of a form that a file brought.
const AUTHOR: &str = "设置文件";

impl super::Ready {
    /// Writes the merchant and says what changed.
    pub async fn write(self, app: &App) -> Result<Report, Error> {
        let (ids, vault, now_ms) = (app.ids.clone(), app.vault.clone(), app.clock.now_ms());
        let work = async move |tx: &mut Tx<'_>| {
            let mut writing = Writing { ids: &ids, vault: &vault, now_ms, merchant_id: 0, report: Report::default() };
            writing.all(tx, &self).await?;
            Ok::<_, Error>(writing.report)
        };
        app.db.write(Key::of("apply"), work).await
    }
}

struct Writing<'a> {
    ids: &'a Ids,
    vault: &'a Vault,
    now_ms: i64,
    merchant_id: i64,
    report: Report,
}

impl Writing<'_> {
    async fn all(&mut self, tx: &mut Tx<'_>, ready: &super::Ready) -> Result<(), Error> {
        let plan = &ready.plan;
        let has_form = self.merchant(tx, plan).await?;
        let mut accounts = HashMap::new();
        for account in &plan.accounts {
            accounts.insert(account.key.as_str(), self.account(tx, account).await?);
        }
        let units = self.units(tx, plan, &accounts).await?;
        for form in &plan.forms {
            self.form(tx, form).await?;
        }
        if !has_form {
            self.default_form(tx).await?;
        }
        for admin in &ready.admins {
            self.admin(tx, admin, &units).await?;
        }
        let mut managers = HashMap::new();
        for manager in &ready.managers {
            managers.insert(manager.plan.mobile.as_str(), self.manager(tx, manager, &units).await?);
        }
        for (code, draft) in plan.codes.iter().zip(&ready.drafts) {
            let manager_id = managers.get(code.mobile.as_str()).copied().unwrap_or_default();
            self.code(tx, code, draft, manager_id, &ready.public_url).await?;
        }
        if self.report.lines().is_empty() {
            return Ok(());
        }
        merchant::touch_pages(tx, self.merchant_id, self.now_ms).await?;
        self.audit(tx).await
    }

    /// Says whether the merchant has a default form.
    async fn merchant(&mut self, tx: &mut Tx<'_>, plan: &MerchantPlan) -> Result<bool, Error> {
        let label = format!("merchant {}", plan.key);
        let (full, short, plaque) = (&plan.full_name, &plan.short_name, &plan.plaque_name);
        let Some(row) = tx.query_opt(sql::MERCHANT, params![&plan.key]).await? else {
            self.merchant_id = tx.query_one(sql::NEXT_MERCHANT, &[]).await?.get(0)?;
            let values = params![self.merchant_id, &plan.key, full, short, plaque, &plan.uscc, self.now_ms];
            tx.execute(sql::INSERT_MERCHANT, values).await?;
            if let Some(fen) = plan.refund_limit_fen {
                tx.execute(sql::SET_REFUND_LIMIT, params![self.merchant_id, fen, self.now_ms]).await?;
            }
            self.report.created(label);
            return Ok(false);
        };
        self.merchant_id = row.get(0)?;
        let mut changed = Vec::new();
        for (column, name, new) in
            [(1, "full_name", full), (2, "short_name", short), (3, "plaque_name", plaque), (4, "uscc", &plan.uscc)]
        {
            changed.extend((row.get::<String>(column)? != *new).then_some(name));
        }
        if let Some(fen) = plan.refund_limit_fen.filter(|fen| row.get::<i64>(6).is_ok_and(|now| now != *fen)) {
            tx.execute(sql::SET_REFUND_LIMIT, params![self.merchant_id, fen, self.now_ms]).await?;
            changed.push("refund_approval_above");
        }
        if !changed.is_empty() {
            let values = params![self.merchant_id, full, short, plaque, &plan.uscc, self.now_ms];
            tx.execute(sql::UPDATE_MERCHANT, values).await?;
            self.report.changed(label, &changed);
        }
        Ok(row.get::<Option<i64>>(5)?.is_some())
    }

    async fn form(&mut self, tx: &mut Tx<'_>, form: &FormPlan) -> Result<(), Error> {
        let Some(row) = tx.query_opt(sql::FORM, params![self.merchant_id, &form.key]).await? else {
            return self.new_form(tx, &form.key, &form.name, &form.definition).await;
        };
        let form_id: i64 = row.get(0)?;
        let label = format!("form {}", form.key);
        if row.get::<String>(1)? != form.name {
            tx.execute(sql::RENAME_FORM, params![self.merchant_id, form_id, &form.name, self.now_ms]).await?;
            self.report.changed(&label, &["name"]);
        }
        let failed = |e| Error::Form(form.key.clone(), e);
        let newest = form::load(tx, self.merchant_id, form_id, None).await?;
        let newest = newest.ok_or_else(|| failed(form::Error::Missing))?;
        if newest.definition != form.definition {
            let base = newest.version;
            form::save_version(tx, self.merchant_id, form_id, base, &form.definition, AUTHOR, self.now_ms)
                .await
                .map_err(failed)?;
            self.report.changed(&label, &["definition"]);
        }
        Ok(())
    }

    /// The default form is the file's one of that key, or else the one that every merchant starts with.
    async fn default_form(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        if tx.query_opt(sql::FORM, params![self.merchant_id, DEFAULT_FORM]).await?.is_none() {
            self.new_form(tx, DEFAULT_FORM, DEFAULT_NAME, &default_definition()).await?;
        }
        let row = tx.query_one(sql::FORM, params![self.merchant_id, DEFAULT_FORM]).await?;
        let form_id: i64 = row.get(0)?;
        tx.execute(sql::SET_DEFAULT_FORM, params![self.merchant_id, form_id, self.now_ms]).await?;
        Ok(())
    }

    async fn new_form(&mut self, tx: &mut Tx<'_>, key: &str, name: &str, definition: &Definition) -> Result<(), Error> {
        let new = NewForm { form_id: self.ids.mint(), key, name, definition, by: AUTHOR };
        form::create(tx, self.merchant_id, &new, self.now_ms).await?;
        self.report.created(format!("form {key}"));
        Ok(())
    }

    async fn admin(&mut self, tx: &mut Tx<'_>, admin: &ReadyAdmin, units: &HashMap<&str, i64>) -> Result<(), Error> {
        let plan = &admin.plan;
        let put = PutAdmin {
            merchant_id: self.merchant_id,
            new_id: admin.new_id,
            login: &plan.login,
            name: &plan.name,
            email: &plan.email,
            role: plan.role,
            org_unit_id: units.get(plan.unit.as_str()).copied().unwrap_or_default(),
            password_hash: admin.password_hash.as_deref(),
        };
        let done = admin::put_admin(tx, &put, self.now_ms).await.map_err(|e| Error::Admin(plan.login.clone(), e))?;
        match &admin.generated {
            Some(first) if done.created => self.report.created(format!("admin {}, first password {first}", plan.login)),
            _ => self.report.put(format!("admin {}", plan.login), &done),
        }
        Ok(())
    }

    async fn manager(
        &mut self,
        tx: &mut Tx<'_>,
        manager: &ReadyManager,
        units: &HashMap<&str, i64>,
    ) -> Result<i64, Error> {
        let plan = &manager.plan;
        let put = PutManager {
            merchant_id: self.merchant_id,
            new_id: manager.new_id,
            mobile: &plan.mobile,
            name: &plan.name,
            email: &plan.email,
            org_unit_id: units.get(plan.unit.as_str()).copied().unwrap_or_default(),
            password: manager.password.as_ref().map(|(hash, sealed)| PutPassword { hash, sealed }),
            mail_id: manager.mail_id,
            event_id: manager.event_id,
        };
        let label = format!("manager {}", manager::masked(&plan.mobile));
        let done = manager::put_manager(tx, &put, self.now_ms).await.map_err(|e| Error::Manager(label.clone(), e))?;
        self.report.put(label, &done);
        Ok(done.id)
    }

    /// A new code's address is printed: whoever set it up wants to print or send it.
    async fn code(
        &mut self,
        tx: &mut Tx<'_>,
        code: &CodePlan,
        draft: &Draft,
        manager_id: i64,
        public_url: &str,
    ) -> Result<(), Error> {
        let form_id = match &code.form {
            Some(key) => Some(tx.query_one(sql::FORM, params![self.merchant_id, key]).await?.get(0)?),
            None => None,
        };
        let put = PutExtra { merchant_id: self.merchant_id, manager_id, name: &code.name, form_id };
        let done = collection_code::put_extra(tx, draft, put, self.now_ms).await?;
        let label = format!("code {} of {}", code.name, manager::masked(&code.mobile));
        if done.created {
            self.report.created(format!("{label}: {public_url}/pay/{}", done.token));
        } else if done.changed {
            self.report.changed(label, &["form"]);
        }
        Ok(())
    }

    async fn audit(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let secret = |line: &&String| !line.contains(", first password ");
        let detail: Vec<&str> = self.report.lines().iter().filter(secret).map(String::as_str).collect();
        let entry = audit::Entry {
            merchant_id: self.merchant_id,
            audit_id: self.ids.mint(),
            at_ms: self.now_ms,
            actor: ACTOR,
            action: "merchant.apply",
            subject: &format!("merchant:{}", self.merchant_id),
            detail: &detail.join("; "),
            network: "",
        };
        Ok(audit::write(tx, &entry).await?)
    }
}
