//! Registering a manager: the account, the claim to its mobile, the mail with what login needs and the job that sends
//! it, all in one transaction (PRODUCT 3.1). There is no other way to become a manager.

use db::{Tx, params};
use lettre::Address;

use super::{Error, Manager, list, masked, mobile, sql};
use crate::{
    App,
    admin::Actor,
    audit, notification, org,
    session::{directory::Person, password},
    web::FieldProblem,
};

/// Longer names are not taken.
const NAME_CHARS: usize = 40;
/// What SMTP allows for an address.
const EMAIL_CHARS: usize = 254;

/// What an admin typed.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub name: String,
    pub mobile: String,
    pub email: String,
    pub org_unit_id: String,
    pub password: Option<String>,
}

/// A manager to be written, with its first mail.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewManager<'a> {
    pub merchant_id: i64,
    pub manager_id: i64,
    pub org_unit_id: i64,
    pub name: &'a str,
    pub mobile: &'a str,
    pub email: &'a str,
    pub password_hash: &'a str,
    pub mail_id: i64,
    pub sealed_password: &'a [u8],
}

/// Writes a manager, claims the mobile, queues the mail.
pub(super) async fn insert(tx: &mut Tx<'_>, new: &NewManager<'_>, now_ms: i64) -> Result<(), Error> {
    let NewManager { merchant_id, manager_id, org_unit_id, name, mobile, email, .. } = *new;
    mobile::claim(tx, mobile, Person { merchant_id, person_id: manager_id }).await?;
    let values = params![merchant_id, manager_id, org_unit_id, name, mobile, email, new.password_hash, now_ms];
    tx.execute(sql::INSERT, values).await?;
    let mail = notification::NewMail {
        merchant_id,
        mail_id: new.mail_id,
        manager_id,
        to: email,
        sealed_password: Some(new.sealed_password),
    };
    Ok(notification::queue_mail(tx, &mail, now_ms).await?)
}

/// Registers a manager; the answer also has the password, where one was generated.
pub(super) async fn register(app: &App, who: Actor, typed: Typed) -> Result<(Manager, Option<String>), Error> {
    let (typed, org_unit_id) = checked(typed)?;
    let generated = typed.password.is_none().then(|| password::generate(&app.random));
    let first = generated.clone().or(typed.password).unwrap_or_default();
    let hash = password::hash(&app.random, &first).await?;
    let (manager_id, mail_id, audit_id) = (app.ids.mint(), app.ids.mint(), app.ids.mint());
    let sealed = notification::seal_password(&app.vault, &first)?;
    let now_ms = app.clock.now_ms();
    let key = mobile::key(&typed.mobile);
    let (name, mobile, email) = (typed.name, typed.mobile, typed.email);
    let write = async move |tx: &mut Tx<'_>| {
        let merchant_id = who.merchant_id;
        if !org::scope(tx, merchant_id, who.org_unit_id).await?.contains(&org_unit_id) {
            return Err(Error::Fields(vec![no_org_unit()]));
        }
        let new = NewManager {
            merchant_id,
            manager_id,
            org_unit_id,
            name: &name,
            mobile: &mobile,
            email: &email,
            password_hash: &hash,
            mail_id,
            sealed_password: &sealed,
        };
        insert(tx, &new, now_ms).await?;
        let entry = audit::Entry {
            merchant_id,
            audit_id,
            at_ms: now_ms,
            actor: &who.name,
            action: "manager.register",
            subject: &format!("manager:{manager_id}"),
            detail: &format!("{name} {}", masked(&mobile)),
            network: &who.network,
        };
        audit::write(tx, &entry).await?;
        list::find(tx, &who, manager_id).await
    };
    Ok((app.db.write(key, write).await?, generated))
}

/// The typed values in their normal form, or everything that is wrong with them.
fn checked(typed: Typed) -> Result<(Typed, i64), Error> {
    let name = check_name(&typed.name);
    let mobile = check_mobile(&typed.mobile);
    let email = check_email(&typed.email);
    let org_unit_id = typed.org_unit_id.parse::<i64>().map_err(|_| no_org_unit());
    let password = typed.password.as_deref().map_or(Ok(()), password::check);
    match (name, mobile, email, org_unit_id, password) {
        (Ok(name), Ok(mobile), Ok(email), Ok(org_unit_id), Ok(())) => {
            Ok((Typed { name, mobile, email, ..typed }, org_unit_id))
        }
        (name, mobile, email, org_unit_id, password) => {
            let wrong = [name.err(), mobile.err(), email.err(), org_unit_id.err(), password.err()];
            Err(Error::Fields(wrong.into_iter().flatten().collect()))
        }
    }
}

/// A name in its normal form.
pub(super) fn check_name(typed: &str) -> Result<String, FieldProblem> {
    let name = typed.trim();
    if (1..=NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(FieldProblem::new("name", "manager.name", "姓名为 1 至 40 个字", "The name has 1 to 40 characters"))
}

/// A mobile in its normal form.
pub(super) fn check_mobile(typed: &str) -> Result<String, FieldProblem> {
    let wrong = || {
        FieldProblem::new("mobile", "mobile.malformed", "请输入 11 位手机号", "Type the 11 digits of the mobile number")
    };
    mobile::mobile(typed).ok_or_else(wrong)
}

/// An address in its normal form.
pub(super) fn check_email(typed: &str) -> Result<String, FieldProblem> {
    let email = typed.trim();
    if email.len() <= EMAIL_CHARS && email.parse::<Address>().is_ok() {
        return Ok(email.to_owned());
    }
    Err(FieldProblem::new("email", "email.malformed", "邮箱格式不正确，请核对", "This is no e-mail address: check it"))
}

fn no_org_unit() -> FieldProblem {
    FieldProblem::new("org_unit_id", "org.out_of_scope", "请选择您管理范围内的组织", "Choose an org unit in your scope")
}
