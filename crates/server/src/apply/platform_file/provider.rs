//! `[[service_provider]]`: an account at an institution through which merchants collect. Its keys depend on the channel.

use std::sync::Arc;

use serde::Deserialize;

use super::{Reader, Text};
use crate::{
    apply::{KEY_SHAPE, is_key},
    merchant::ChannelKind,
    outside::{
        AlipayCertificates, AlipaySecret, AlipaySettings, MINI_PROGRAM, OFFICIAL_ACCOUNT, ProviderSecret,
        ProviderSettings, SMS, SMTP,
    },
};

/// The keys of every channel: which of them belong is judged by [`Reader::provider`], so that a wrong one is refused
/// where it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceProvider {
    key: Text,
    channel: Option<Text>,
    // 微信支付
    sp_mchid: Option<Text>,
    sp_appid: Option<Text>,
    base_url: Option<Text>,
    merchant_private_key_file: Option<Text>,
    merchant_serial: Option<Text>,
    apiv3_key_file: Option<Text>,
    wechatpay_public_key_id: Option<Text>,
    wechatpay_public_key_file: Option<Text>,
    #[serde(default)]
    platform_certificate_files: Vec<Text>,
    // 支付宝
    app_id: Option<Text>,
    gateway_url: Option<Text>,
    oauth_url: Option<Text>,
    app_private_key_file: Option<Text>,
    #[serde(default)]
    alipay_public_key_files: Vec<Text>,
    app_certificate_file: Option<Text>,
    #[serde(default)]
    alipay_certificate_files: Vec<Text>,
    alipay_root_certificate_file: Option<Text>,
    jsapi_product_code: Option<Text>,
    op_app_id: Option<Text>,
    native_product_code: Option<Text>,
    service_provider_id: Option<Text>,
}

impl ServiceProvider {
    /// The keys of a channel that are given, for refusing them in a provider of another one.
    fn given(&self, channel: ChannelKind) -> Vec<&Text> {
        let (ones, lists): (Vec<&Option<Text>>, Vec<&Vec<Text>>) = match channel {
            ChannelKind::Wechatpay => (
                vec![
                    &self.sp_mchid,
                    &self.sp_appid,
                    &self.base_url,
                    &self.merchant_private_key_file,
                    &self.merchant_serial,
                    &self.apiv3_key_file,
                    &self.wechatpay_public_key_id,
                    &self.wechatpay_public_key_file,
                ],
                vec![&self.platform_certificate_files],
            ),
            ChannelKind::Alipay => (
                vec![
                    &self.app_id,
                    &self.gateway_url,
                    &self.oauth_url,
                    &self.app_private_key_file,
                    &self.app_certificate_file,
                    &self.alipay_root_certificate_file,
                    &self.jsapi_product_code,
                    &self.op_app_id,
                    &self.native_product_code,
                    &self.service_provider_id,
                ],
                vec![&self.alipay_public_key_files, &self.alipay_certificate_files],
            ),
        };
        ones.into_iter().flatten().chain(lists.into_iter().flatten()).collect()
    }
}

fn text(at: &Option<Text>) -> Option<String> {
    at.as_ref().map(|at| at.get_ref().clone())
}

impl Reader<'_> {
    pub(super) fn provider(&mut self, provider: &ServiceProvider) {
        let key = provider.key.get_ref();
        if !is_key(key) || [MINI_PROGRAM, OFFICIAL_ACCOUNT, SMTP, SMS].contains(&key.as_str()) {
            self.refuse(&provider.key, KEY_SHAPE);
        } else if self.rows.iter().any(|row| row.name == *key) {
            self.refuse(&provider.key, format!("the key {key} is there twice"));
        }
        let channel = provider.channel.as_ref().map_or(Some(ChannelKind::Wechatpay), |at| {
            let kind = ChannelKind::of_word(at.get_ref());
            if kind.is_none() {
                self.refuse(at, "a channel is \"wechatpay\" or \"alipay\"");
            }
            kind
        });
        let Some(channel) = channel else { return };
        for other in ChannelKind::ALL.into_iter().filter(|other| *other != channel) {
            for at in provider.given(other) {
                self.refuse(at, format!("a provider of {} has no such key", channel.word()));
            }
        }
        match channel {
            ChannelKind::Wechatpay => self.wechatpay(provider),
            ChannelKind::Alipay => self.alipay(provider),
        }
    }

    /// A value that this channel cannot do without; refused at the provider's key where it is missing.
    fn need(&mut self, provider: &ServiceProvider, name: &str, at: &Option<Text>) -> Text {
        if at.is_none() {
            self.refuse(&provider.key, format!("{name} is missing"));
        }
        at.clone().unwrap_or_else(|| provider.key.clone())
    }

    /// The text of a file that this channel cannot do without.
    fn need_file(&mut self, provider: &ServiceProvider, name: &str, at: &Option<Text>) -> String {
        match at {
            Some(at) => self.file(at),
            None => self.need(provider, name, at).into_inner(),
        }
    }

    fn wechatpay(&mut self, provider: &ServiceProvider) {
        let before = self.refusals.len();
        let appid = self.need(provider, "sp_appid", &provider.sp_appid);
        let base_url = self.need(provider, "base_url", &provider.base_url);
        let mut settings = ProviderSettings {
            sp_mchid: self.need(provider, "sp_mchid", &provider.sp_mchid).into_inner(),
            sp_appid: appid.get_ref().clone(),
            base_url: base_url.get_ref().clone(),
            merchant_serial: self.need(provider, "merchant_serial", &provider.merchant_serial).into_inner(),
            wechatpay_public_key_id: text(&provider.wechatpay_public_key_id),
        };
        if self.refusals.len() == before {
            settings.sp_appid = self.appid(&appid);
            settings.base_url = self.url(&base_url);
        }
        let certificates = &provider.platform_certificate_files;
        let key_file = &provider.merchant_private_key_file;
        let secret = ProviderSecret {
            merchant_private_key_pem: self.need_file(provider, "merchant_private_key_file", key_file),
            apiv3_key: self.need_file(provider, "apiv3_key_file", &provider.apiv3_key_file),
            wechatpay_public_key_pem: provider.wechatpay_public_key_file.as_ref().map(|file| self.file(file)),
            platform_certificates_pem: certificates.iter().map(|file| self.file(file)).collect(),
            previous_apiv3_keys: Vec::new(),
            previous_wechatpay_public_keys: Vec::new(),
        };
        if self.refusals.len() == before {
            self.try_wechatpay(provider, &settings, &secret);
        }
        self.push(provider.key.get_ref(), Some(ChannelKind::Wechatpay), &settings, &secret);
    }

    /// Keys that cannot work are refused now, not at the first payment.
    fn try_wechatpay(&mut self, provider: &ServiceProvider, settings: &ProviderSettings, secret: &ProviderSecret) {
        let (id, file) = (&provider.wechatpay_public_key_id, &provider.wechatpay_public_key_file);
        if let (Some(only), None) | (None, Some(only)) = (id, file) {
            self.refuse(
                only,
                "wechatpay_public_key_id and wechatpay_public_key_file belong together: give both or none",
            );
            return;
        }
        let tried = channel_wechatpay::Settings {
            sp_mchid: settings.sp_mchid.clone(),
            sp_appid: settings.sp_appid.clone(),
            base_url: settings.base_url.clone(),
            merchant_private_key_pem: secret.merchant_private_key_pem.clone(),
            merchant_serial: settings.merchant_serial.clone(),
            apiv3_key: secret.apiv3_key.clone(),
            previous_apiv3_keys: Vec::new(),
            wechatpay_public_key: settings.wechatpay_public_key_id.clone().zip(secret.wechatpay_public_key_pem.clone()),
            previous_wechatpay_public_keys: Vec::new(),
            platform_certificates_pem: secret.platform_certificates_pem.clone(),
            timeout_ms: 1,
            user_agent: "mott".into(),
            v2: None,
        };
        let Err(wrong) = channel_wechatpay::WechatPay::new(tried, Arc::new(|| 0), Arc::new(String::new)) else {
            return;
        };
        let at = match wrong.setting {
            "sp_mchid" => provider.sp_mchid.as_ref(),
            "sp_appid" => provider.sp_appid.as_ref(),
            "base_url" => provider.base_url.as_ref(),
            "merchant_serial" => provider.merchant_serial.as_ref(),
            "merchant_private_key_pem" => provider.merchant_private_key_file.as_ref(),
            "apiv3_key" => provider.apiv3_key_file.as_ref(),
            "wechatpay_public_key" => id.as_ref(),
            "platform_certificates_pem" => provider.platform_certificate_files.first(),
            _ => None,
        };
        self.refuse(at.unwrap_or(&provider.key), wrong.to_string());
    }

    fn alipay(&mut self, provider: &ServiceProvider) {
        let before = self.refusals.len();
        let settings = AlipaySettings {
            app_id: self.need(provider, "app_id", &provider.app_id).into_inner(),
            gateway_url: self.need(provider, "gateway_url", &provider.gateway_url).into_inner(),
            oauth_url: self.need(provider, "oauth_url", &provider.oauth_url).into_inner(),
            jsapi_product_code: text(&provider.jsapi_product_code),
            op_app_id: text(&provider.op_app_id),
            native_product_code: text(&provider.native_product_code),
            service_provider_id: text(&provider.service_provider_id),
        };
        let secret = AlipaySecret {
            app_private_key: self.need_file(provider, "app_private_key_file", &provider.app_private_key_file),
            alipay_public_keys: provider.alipay_public_key_files.iter().map(|file| self.file(file)).collect(),
            certificates: self.certificates(provider),
        };
        if secret.certificates.is_none() && secret.alipay_public_keys.is_empty() {
            let why = "give alipay_public_key_files, or the three kinds of certificate files where the application uses certificates";
            self.refuse(&provider.key, why);
        }
        if self.refusals.len() == before
            && let Err(wrong) = crate::outside::alipay(&settings, &secret, Arc::new(|| 0))
        {
            let at = match wrong.setting {
                "app_id" => provider.app_id.as_ref(),
                "gateway_url" => provider.gateway_url.as_ref(),
                "oauth_url" => provider.oauth_url.as_ref(),
                "app_private_key" => provider.app_private_key_file.as_ref(),
                "app_certificate_pem" => provider.app_certificate_file.as_ref(),
                "alipay_certificates_pem" => provider.alipay_certificate_files.first(),
                "alipay_root_certificates_pem" => provider.alipay_root_certificate_file.as_ref(),
                _ => provider.alipay_public_key_files.first(),
            };
            self.refuse(at.unwrap_or(&provider.key), wrong.to_string());
        }
        self.push(provider.key.get_ref(), Some(ChannelKind::Alipay), &settings, &secret);
    }

    /// Certificate mode: all three kinds, or none.
    fn certificates(&mut self, provider: &ServiceProvider) -> Option<AlipayCertificates> {
        let (app, root) = (&provider.app_certificate_file, &provider.alipay_root_certificate_file);
        let alipay = &provider.alipay_certificate_files;
        match (app, alipay.first(), root) {
            (None, None, None) => None,
            (Some(app), Some(_), Some(root)) => Some(AlipayCertificates {
                app: self.file(app),
                alipay: alipay.iter().map(|file| self.file(file)).collect(),
                root: self.file(root),
            }),
            (a, b, c) => {
                let at = a.as_ref().or(b).or(c.as_ref()).unwrap_or(&provider.key);
                let why =
                    "app_certificate_file, alipay_certificate_files and alipay_root_certificate_file belong together";
                self.refuse(at, why);
                None
            }
        }
    }
}
