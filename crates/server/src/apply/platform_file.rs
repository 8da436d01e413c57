//! `platform.toml`: whom the installation talks to. `platform.example.toml` is its manual.

use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use self::provider::ServiceProvider;
use super::{
    platform::{PlatformPlan, Row},
    source::{Refusal, Source},
};
use crate::{
    merchant::ChannelKind,
    outside::{
        MINI_PROGRAM, MiniProgram, OFFICIAL_ACCOUNT, OfficialAccount, Password, SMS, SMTP, Secret, SmsSettings,
        SmsTemplate, Smtp, SmtpTls, sms_settings,
    },
};

mod provider;

type Text = Spanned<String>;

/// The tables that make a file a platform file.
pub(super) const TABLES: &[&str] = &["service_provider", "mini_program", "official_account", "smtp", "sms"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    service_provider: Vec<ServiceProvider>,
    mini_program: Option<App>,
    official_account: Option<Account>,
    smtp: Option<Mail>,
    sms: Option<ShortMessages>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct App {
    appid: Spanned<String>,
    secret_file: Spanned<String>,
    base_url: Spanned<String>,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    appid: Spanned<String>,
    secret_file: Spanned<String>,
    base_url: Spanned<String>,
    oauth_url: Spanned<String>,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mail {
    host: Spanned<String>,
    port: u16,
    tls: SmtpTls,
    #[serde(default)]
    username: String,
    password_file: Option<Spanned<String>>,
    from: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShortMessages {
    provider: sms::Provider,
    access_key_id: Spanned<String>,
    access_key_secret_file: Spanned<String>,
    sign_name: Spanned<String>,
    base_url: Spanned<String>,
    sdk_app_id: Option<Spanned<String>>,
    region: Option<Spanned<String>>,
    login_code: Template,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    template: Spanned<String>,
    values: Spanned<Vec<String>>,
}

/// What a login code's template may say; without the code it says nothing.
const CODE_VALUES: [&str; 2] = ["code", "minutes"];

/// Reads and judges the whole file.
pub(super) fn plan(source: &Source) -> Result<PlatformPlan, Vec<Refusal>> {
    let file: File = source.parse().map_err(|refusal| vec![refusal])?;
    let mut reader = Reader { source, refusals: Vec::new(), rows: Vec::new() };
    for provider in &file.service_provider {
        reader.provider(provider);
    }
    if let Some(app) = &file.mini_program {
        reader.mini_program(app);
    }
    if let Some(account) = &file.official_account {
        reader.official_account(account);
    }
    if let Some(mail) = &file.smtp {
        reader.mail(mail);
    }
    if let Some(sms) = &file.sms {
        reader.short_messages(sms);
    }
    if reader.refusals.is_empty() { Ok(PlatformPlan { rows: reader.rows }) } else { Err(reader.refusals) }
}

struct Reader<'a> {
    source: &'a Source,
    refusals: Vec<Refusal>,
    rows: Vec<Row>,
}

impl Reader<'_> {
    fn refuse<T>(&mut self, at: &Spanned<T>, why: impl Into<String>) {
        self.refusals.push(self.source.at(at.span(), why));
    }

    /// The text of the file that `at` names; refused where there is none.
    fn file(&mut self, at: &Spanned<String>) -> String {
        self.source.beside(at.get_ref()).unwrap_or_else(|why| {
            self.refuse(at, why);
            String::new()
        })
    }

    /// Scheme and host, without a slash at the end.
    fn url(&mut self, at: &Spanned<String>) -> String {
        let bare = url::Url::parse(at.get_ref()).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https") && matches!(url.path(), "" | "/") && url.query().is_none()
        });
        if bare.is_none() {
            self.refuse(at, "write scheme and host only, such as \"https://api.example.com\"");
        }
        at.get_ref().trim_end_matches('/').to_owned()
    }

    fn appid(&mut self, at: &Spanned<String>) -> String {
        if !at.get_ref().starts_with("wx") || !at.get_ref().bytes().all(|b| b.is_ascii_alphanumeric()) {
            self.refuse(at, "an appid begins with wx and holds letters and digits only");
        }
        at.get_ref().clone()
    }

    fn mini_program(&mut self, app: &App) {
        let settings =
            MiniProgram { appid: self.appid(&app.appid), base_url: self.url(&app.base_url), name: app.name.clone() };
        let secret = Secret { secret: self.file(&app.secret_file) };
        self.push(MINI_PROGRAM, None, &settings, &secret);
    }

    fn official_account(&mut self, account: &Account) {
        let settings = OfficialAccount {
            appid: self.appid(&account.appid),
            base_url: self.url(&account.base_url),
            oauth_url: self.url(&account.oauth_url),
            name: account.name.clone(),
        };
        let secret = Secret { secret: self.file(&account.secret_file) };
        self.push(OFFICIAL_ACCOUNT, None, &settings, &secret);
    }

    fn mail(&mut self, mail: &Mail) {
        if mail.host.get_ref().trim().is_empty() {
            self.refuse(&mail.host, "name the mail server");
        }
        if mail.from.get_ref().parse::<lettre::message::Mailbox>().is_err() {
            self.refuse(&mail.from, "write the sender as \"星收付 <noreply@example.com>\"");
        }
        let password = mail.password_file.as_ref().map(|file| self.file(file)).unwrap_or_default();
        if let Some(file) = mail.password_file.as_ref().filter(|_| mail.username.is_empty() && !password.is_empty()) {
            self.refuse(file, "a password needs a username");
        }
        let settings = Smtp {
            host: mail.host.get_ref().clone(),
            port: mail.port,
            tls: mail.tls,
            username: mail.username.clone(),
            from: mail.from.get_ref().clone(),
        };
        self.push(SMTP, None, &settings, &Password { password });
    }

    fn short_messages(&mut self, given: &ShortMessages) {
        let text = |given: &Option<Spanned<String>>| given.as_ref().map(|text| text.get_ref().clone());
        let settings = SmsSettings {
            provider: given.provider,
            access_key_id: given.access_key_id.get_ref().clone(),
            sign_name: given.sign_name.get_ref().clone(),
            sdk_app_id: text(&given.sdk_app_id),
            region: text(&given.region),
            base_url: self.url(&given.base_url),
            login_code: SmsTemplate {
                template: given.login_code.template.get_ref().trim().to_owned(),
                values: given.login_code.values.get_ref().clone(),
            },
        };
        if settings.login_code.template.is_empty() {
            self.refuse(&given.login_code.template, "write the number of a template that the provider approved");
        }
        let values = &settings.login_code.values;
        let known = values.iter().all(|value| CODE_VALUES.contains(&value.as_str()));
        if !known || !values.iter().any(|value| value == "code") {
            let why = "name what the template's variables take, in their order: [\"code\"] or [\"code\", \"minutes\"]";
            self.refuse(&given.login_code.values, why);
        }
        let before = self.refusals.len();
        let secret = Secret { secret: self.file(&given.access_key_secret_file) };
        if self.refusals.len() == before {
            let tried = sms::open(sms_settings(&settings, &secret), Arc::new(|| 0), Arc::new(String::new));
            if let Err(wrong) = tried {
                let optional = |at: &Option<Spanned<String>>| at.clone().unwrap_or(given.access_key_id.clone());
                let at = match wrong.setting {
                    "access_key_secret" => given.access_key_secret_file.clone(),
                    "sign_name" => given.sign_name.clone(),
                    "base_url" => given.base_url.clone(),
                    "sdk_app_id" => optional(&given.sdk_app_id),
                    "region" => optional(&given.region),
                    _ => given.access_key_id.clone(),
                };
                self.refuse(&at, wrong.to_string());
            }
        }
        self.push(SMS, None, &settings, &secret);
    }

    fn push(
        &mut self,
        name: &str,
        channel: Option<ChannelKind>,
        settings: &impl serde::Serialize,
        secret: &impl serde::Serialize,
    ) {
        match (serde_json::to_string(settings), serde_json::to_value(secret)) {
            (Ok(settings), Ok(secret)) => self.rows.push(Row { name: name.to_owned(), channel, settings, secret }),
            (Err(e), _) | (_, Err(e)) => self.refusals.push(self.source.whole(format!("{name}: {e}"))),
        }
    }
}
