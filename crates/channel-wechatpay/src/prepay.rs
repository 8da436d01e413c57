use std::net::IpAddr;

use channel::{Account, Credential, JsapiInvoke, PayerId, Prepay, PrepayOutcome, Scene};
use serde::de::DeserializeOwned;

use crate::{
    WechatPay,
    client::{Answer, Call},
    sign::invoke_text,
    translate,
    wire::{
        self, AmountBody, BAD_NUMBER, H5Answer, H5Body, JsapiAnswer, NativeAnswer, OrderBody, PayerBody, SceneBody,
    },
};

impl WechatPay {
    /// One order call. Repeating it with the same number and identical parameters gives a fresh credential \[D 5\];
    /// `sub_appid` goes along only where the payer is known under it, since it must own the openid.
    pub(crate) async fn open_attempt(&self, account: &Account, prepay: &Prepay) -> PrepayOutcome {
        let body = match self.order_body(account, prepay) {
            Ok(body) => body,
            Err(why) => return not_sent(why),
        };
        let appid = body.sub_appid.unwrap_or(&self.sp_appid).to_owned();
        let path = match prepay.scene {
            Scene::Jsapi(_) => "/v3/pay/partner/transactions/jsapi",
            Scene::H5 { .. } => "/v3/pay/partner/transactions/h5",
            Scene::Native => "/v3/pay/partner/transactions/native",
        };
        let body = match wire::to_json(&body) {
            Ok(body) => body,
            Err(why) => return not_sent(&why),
        };
        match self.call(Call { method: "POST", path, body: Some(body) }).await {
            Answer::Trusted { status: 200, body } => match self.credential(prepay, &appid, &body) {
                Ok(credential) => PrepayOutcome::Ready(credential),
                Err(why) => PrepayOutcome::Unknown(why),
            },
            Answer::Trusted { status, .. } => PrepayOutcome::Unknown(format!("HTTP {status}: accepted, not done")),
            Answer::Error(error) => translate::prepay_error(error),
            Answer::Nothing(why) => PrepayOutcome::Unknown(why),
        }
    }

    fn order_body<'a>(&'a self, account: &'a Account, prepay: &'a Prepay) -> Result<OrderBody<'a>, &'static str> {
        if !wire::is_order_number(&prepay.out_trade_no) {
            return Err(BAD_NUMBER);
        }
        if prepay.amount.fen() < 1 {
            return Err("the least amount is one fen");
        }
        if prepay.notify_url.len() > 255 || prepay.notify_url.contains(['?', '#']) {
            return Err("notify_url has up to 255 characters and no query");
        }
        let mut payer = None;
        let mut sub_appid = None;
        let mut scene_info = None;
        match &prepay.scene {
            Scene::Jsapi(PayerId::Provider(openid)) => payer = Some(PayerBody::SpOpenid(openid)),
            Scene::Jsapi(PayerId::Merchant(openid)) => {
                payer = Some(PayerBody::SubOpenid(openid));
                sub_appid = Some(account.sub_appid.as_deref().ok_or("the merchant has no sub_appid for this openid")?);
            }
            Scene::H5 { client_ip } => {
                client_ip.parse::<IpAddr>().map_err(|_| "H5 needs the payer's IP address")?;
                scene_info = Some(SceneBody { payer_client_ip: client_ip, h5_info: H5Body { kind: "Wap" } });
            }
            Scene::Native => {}
        }
        Ok(OrderBody {
            sp_appid: &self.sp_appid,
            sp_mchid: &self.sp_mchid,
            sub_appid,
            sub_mchid: &account.sub_mchid,
            description: wire::description(&prepay.description),
            out_trade_no: &prepay.out_trade_no,
            time_expire: wire::time_expire(prepay.expires_at_ms).ok_or("expires_at_ms is no time")?,
            notify_url: &prepay.notify_url,
            amount: AmountBody { total: prepay.amount.fen(), currency: "CNY" },
            payer,
            scene_info,
        })
    }

    fn credential(&self, prepay: &Prepay, appid: &str, body: &[u8]) -> Result<Credential, String> {
        Ok(match &prepay.scene {
            Scene::Jsapi(_) => Credential::Jsapi(self.invoke(appid, &parsed::<JsapiAnswer>(body)?.prepay_id)?),
            Scene::H5 { .. } => Credential::H5 {
                url: wire::coming_back(parsed::<H5Answer>(body)?.h5_url, prepay.return_url.as_deref()),
            },
            Scene::Native => Credential::Native { code_url: parsed::<NativeAnswer>(body)?.code_url },
        })
    }

    /// What the payer's page hands to `getBrandWCPayRequest`, signed with the merchant key \[D 5,7\].
    fn invoke(&self, appid: &str, prepay_id: &str) -> Result<JsapiInvoke, String> {
        let time_stamp = (self.clock)().div_euclid(1000).to_string();
        let nonce_str = (self.nonce)();
        let package = format!("prepay_id={prepay_id}");
        let text = invoke_text(appid, &time_stamp, &nonce_str, &package);
        let pay_sign = self.client.merchant().sign(text.as_bytes())?;
        Ok(JsapiInvoke {
            app_id: appid.to_owned(),
            time_stamp,
            nonce_str,
            package,
            sign_type: "RSA".to_owned(),
            pay_sign,
        })
    }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|why| format!("the answer lacks the credential: {why}"))
}

fn not_sent(why: &str) -> PrepayOutcome {
    PrepayOutcome::Refused(translate::not_sent(why))
}
