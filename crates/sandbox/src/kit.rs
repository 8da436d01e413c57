//! The hand-over kit: what a service provider gets from the institution, ready for the customer's own set-up.

use std::path::Path;

use serde::Serialize;

use crate::alipay::{APP_ID, Identity};
use crate::error::Error;
use crate::files;
use crate::institution::{Institution, MINI_PROGRAM, OFFICIAL_ACCOUNT, SP_MCHID, Stored};
use crate::sms;

#[derive(Serialize)]
struct Platform<'a> {
    service_provider: (ServiceProvider<'a>, AlipayApplication<'a>),
    mini_program: Account<'a>,
    official_account: Account<'a>,
    smtp: Smtp<'a>,
    sms: Sms<'a>,
}

#[derive(Serialize)]
struct ServiceProvider<'a> {
    key: &'a str,
    channel: &'a str,
    sp_mchid: &'a str,
    sp_appid: &'a str,
    base_url: &'a str,
    merchant_private_key_file: &'a str,
    merchant_serial: &'a str,
    apiv3_key_file: &'a str,
    wechatpay_public_key_id: &'a str,
    wechatpay_public_key_file: &'a str,
    platform_certificate_files: [&'a str; 1],
}

#[derive(Serialize)]
struct AlipayApplication<'a> {
    key: &'a str,
    channel: &'a str,
    app_id: &'a str,
    gateway_url: String,
    oauth_url: String,
    app_private_key_file: &'a str,
    alipay_public_key_files: [&'a str; 1],
    jsapi_product_code: &'a str,
    op_app_id: &'a str,
}

#[derive(Serialize)]
struct Account<'a> {
    appid: &'a str,
    secret_file: &'a str,
    base_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_url: Option<&'a str>,
    name: &'a str,
}

#[derive(Serialize)]
struct Sms<'a> {
    provider: &'a str,
    access_key_id: &'a str,
    access_key_secret_file: &'a str,
    sign_name: &'a str,
    base_url: &'a str,
    login_code: Template<'a>,
}

#[derive(Serialize)]
struct Template<'a> {
    template: &'a str,
    values: [&'a str; 2],
}

#[derive(Serialize)]
struct Smtp<'a> {
    host: String,
    port: u16,
    tls: &'a str,
    username: &'a str,
    password_file: &'a str,
    from: &'a str,
}

/// Writes `state/kit`; what already says the same is left alone, so a restart changes nothing.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn write(
    state: &Path,
    institution: &Institution,
    alipay: &Identity,
    public_url: &str,
    smtp: std::net::SocketAddr,
) -> Result<(), Error> {
    let kit = state.join("kit");
    let stored = &institution.stored;
    let texts = [
        ("apiclient_key.pem", stored.merchant_private_key.clone()),
        ("apiclient_cert.pem", stored.merchant_certificate.clone()),
        ("apiclient_cert_serial.txt", stored.merchant_serial.clone()),
        ("apiv3_key.txt", stored.apiv3_key.clone()),
        ("wechatpay_public_key.pem", institution.wechatpay_public_key()?),
        ("wechatpay_public_key_id.txt", stored.wechatpay_public_key_id.clone()),
        ("wechatpay_platform_cert.pem", stored.platform_certificate.clone()),
        ("mini_program_secret.txt", stored.mini_program_secret.clone()),
        ("official_account_secret.txt", stored.official_account_secret.clone()),
        ("alipay_app_id.txt", APP_ID.to_owned()),
        ("alipay_app_private_key.pem", alipay.stored.app_private_key.clone()),
        ("alipay_public_key.pem", alipay.public_key()?),
        ("sms_access_key_secret.txt", sms::secret(state)?),
        ("platform.toml", toml::to_string(&platform(institution, public_url, smtp))?),
    ];
    for (name, text) in texts {
        files::write_secret(&kit.join(name), &text)?;
    }
    for (seller_id, token) in &alipay.stored.authorizations {
        files::write_secret(&kit.join(format!("alipay_app_auth_token_{seller_id}.txt")), token)?;
    }
    Ok(())
}

fn wechatpay<'a>(stored: &'a Stored, public_url: &'a str) -> ServiceProvider<'a> {
    ServiceProvider {
        key: "demo-sp",
        channel: "wechatpay",
        sp_mchid: SP_MCHID,
        sp_appid: OFFICIAL_ACCOUNT,
        base_url: public_url,
        merchant_private_key_file: "apiclient_key.pem",
        merchant_serial: &stored.merchant_serial,
        apiv3_key_file: "apiv3_key.txt",
        wechatpay_public_key_id: &stored.wechatpay_public_key_id,
        wechatpay_public_key_file: "wechatpay_public_key.pem",
        platform_certificate_files: ["wechatpay_platform_cert.pem"],
    }
}

fn alipay(public_url: &str) -> AlipayApplication<'static> {
    AlipayApplication {
        key: "demo-ali",
        channel: "alipay",
        app_id: APP_ID,
        gateway_url: format!("{public_url}/gateway.do"),
        oauth_url: format!("{public_url}/oauth2/publicAppAuthorize.htm"),
        app_private_key_file: "alipay_app_private_key.pem",
        alipay_public_key_files: ["alipay_public_key.pem"],
        jsapi_product_code: "JSAPI_PAY",
        op_app_id: APP_ID,
    }
}

fn platform<'a>(institution: &'a Institution, public_url: &'a str, smtp: std::net::SocketAddr) -> Platform<'a> {
    let stored = &institution.stored;
    Platform {
        service_provider: (wechatpay(stored, public_url), alipay(public_url)),
        mini_program: Account {
            appid: MINI_PROGRAM,
            secret_file: "mini_program_secret.txt",
            base_url: public_url,
            oauth_url: None,
            name: "星收付",
        },
        official_account: Account {
            appid: OFFICIAL_ACCOUNT,
            secret_file: "official_account_secret.txt",
            base_url: public_url,
            oauth_url: Some(public_url),
            name: "LUCKYBYTE",
        },
        smtp: Smtp {
            host: smtp.ip().to_string(),
            port: smtp.port(),
            tls: "none",
            username: "",
            password_file: "",
            from: "星收付 <noreply@example.test>",
        },
        sms: Sms {
            provider: "aliyun",
            access_key_id: sms::ACCESS_KEY_ID,
            access_key_secret_file: "sms_access_key_secret.txt",
            sign_name: sms::SIGN_NAME,
            base_url: public_url,
            login_code: Template { template: sms::TEMPLATES[0], values: ["code", "minutes"] },
        },
    }
}
