//! Whoever sends short messages, as stored settings describe it.

use std::sync::Arc;

use sms::{Message, Sms};

use super::{Error, Makers, SMS, Secret, SmsSettings, SmsTemplate, TIMEOUT_MS};

/// A provider of short messages, with the templates that it approved.
#[derive(Clone)]
pub struct ShortMessages {
    /// The adapter.
    pub sms: Arc<dyn Sms>,
    /// What a login code is sent with.
    pub login_code: SmsTemplate,
}

impl ShortMessages {
    /// A message made with `template`; `values` are all that we have to say, by name.
    pub fn message(template: &SmsTemplate, mobile: String, values: &[(&str, &str)]) -> Message {
        let value = |name: &String| {
            let found = values.iter().find(|(known, _)| known == name);
            (name.clone(), found.map(|(_, value)| (*value).to_owned()).unwrap_or_default())
        };
        Message { mobile, template: template.template.clone(), values: template.values.iter().map(value).collect() }
    }
}

/// What an adapter needs of the stored settings.
pub fn sms_settings(settings: &SmsSettings, secret: &Secret) -> sms::Settings {
    sms::Settings {
        provider: settings.provider,
        access_key_id: settings.access_key_id.clone(),
        access_key_secret: secret.secret.clone(),
        sign_name: settings.sign_name.clone(),
        sdk_app_id: settings.sdk_app_id.clone(),
        region: settings.region.clone(),
        base_url: settings.base_url.clone(),
        timeout_ms: TIMEOUT_MS,
    }
}

pub(super) fn open(settings: &SmsSettings, secret: &Secret, makers: &Makers) -> Result<ShortMessages, Error> {
    let (clock, random) = (makers.clock.clone(), makers.random.clone());
    let opened =
        sms::open(sms_settings(settings, secret), Arc::new(move || clock.now_ms()), Arc::new(move || random.text(32)));
    let sms = opened.map_err(|e| Error::Setting { name: SMS.into(), why: e.to_string() })?;
    Ok(ShortMessages { sms, login_code: settings.login_code.clone() })
}
