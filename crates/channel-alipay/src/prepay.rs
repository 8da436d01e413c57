use channel::{Account, Credential, PayerId, Prepay, PrepayOutcome, Refusal, RefusalKind, Scene};

use crate::{
    Alipay,
    client::{Answer, Call},
    translate,
    wire::{self, BAD_NUMBER, OpenBody, Trade},
};

/// The code of a refusal that is ours: nothing was sent.
const OURS: &str = "NOT_SENT";

/// `product_code` of a payment in a phone's browser \[M, D of other products\].
const WAP: &str = "QUICK_WAP_WAY";

impl Alipay {
    /// Opens one attempt. Inside Alipay the trade exists from now on; a code and an address become a trade only when the
    /// payer has scanned or signed in (PROTOCOLS 2.2), so that until then a query finds nothing.
    pub(crate) async fn open_attempt(&self, account: &Account, prepay: &Prepay) -> PrepayOutcome {
        let body = match self.open_body(account, prepay).and_then(|body| wire::to_json(&body)) {
            Ok(body) => body,
            Err(why) => return not_sent(why),
        };
        let mut parameters = vec![("notify_url", prepay.notify_url.clone()), ("biz_content", body)];
        let method = match &prepay.scene {
            Scene::Jsapi(_) => wire::CREATE,
            Scene::Native => wire::PRECREATE,
            Scene::H5 { .. } => {
                parameters.push(("return_url", prepay.return_url.clone().unwrap_or_default()));
                let call = Call { method: wire::WAP_PAY, account: Some(account), parameters };
                return match self.client.address(&call) {
                    Ok(url) => PrepayOutcome::Ready(Credential::H5 { url: url.into() }),
                    Err(why) => not_sent(why),
                };
            }
        };
        match self.call(Call { method, account: Some(account), parameters }).await {
            Answer::Done(raw) => credential(&prepay.scene, &prepay.out_trade_no, &raw)
                .map_or_else(PrepayOutcome::Unknown, PrepayOutcome::Ready),
            Answer::Waiting => PrepayOutcome::Unknown("10003 where a trade was due".to_owned()),
            Answer::Error(error) => translate::prepay_error(error),
            Answer::Nothing(why) => PrepayOutcome::Unknown(why),
        }
    }

    fn open_body<'a>(&'a self, account: &'a Account, prepay: &'a Prepay) -> Result<OpenBody<'a>, String> {
        if !wire::is_number(&prepay.out_trade_no) {
            return Err(BAD_NUMBER.to_owned());
        }
        if prepay.amount.fen() < 1 {
            return Err("the least amount is one fen".to_owned());
        }
        if prepay.notify_url.len() > 256 {
            return Err("notify_url has up to 256 characters".to_owned());
        }
        let mut body = OpenBody {
            out_trade_no: &prepay.out_trade_no,
            total_amount: prepay.amount.to_string(),
            subject: wire::subject(&prepay.description),
            time_expire: wire::beijing(prepay.expires_at_ms).ok_or("expires_at_ms is no time")?,
            seller_id: Some(&account.sub_mchid),
            extend_params: self.credited(),
            ..OpenBody::default()
        };
        match &prepay.scene {
            Scene::Jsapi(PayerId::Provider(id) | PayerId::Merchant(id)) => {
                if wire::is_user_id(id) {
                    body.buyer_id = Some(id);
                } else {
                    body.buyer_open_id = Some(id);
                }
                body.product_code = self.jsapi_product_code.as_deref();
                body.op_app_id = self.op_app_id.as_deref();
            }
            Scene::H5 { .. } => {
                body.product_code = Some(WAP);
                body.quit_url = prepay.return_url.as_deref();
            }
            Scene::Native => body.product_code = self.native_product_code.as_deref(),
        }
        Ok(body)
    }
}

fn credential(scene: &Scene, out_trade_no: &str, raw: &str) -> Result<Credential, String> {
    let trade: Trade = serde_json::from_str(raw).map_err(|why| format!("the answer cannot be read: {why}"))?;
    if trade.out_trade_no != out_trade_no {
        return Err("the answer speaks of another attempt".to_owned());
    }
    match scene {
        Scene::Jsapi(_) if !trade.trade_no.is_empty() => Ok(Credential::Trade { trade_no: trade.trade_no }),
        Scene::Native => match trade.qr_code.filter(|code| !code.is_empty()) {
            Some(code_url) => Ok(Credential::Native { code_url }),
            None => Err("the answer lacks qr_code".to_owned()),
        },
        _ => Err("the answer lacks trade_no".to_owned()),
    }
}

fn not_sent(why: String) -> PrepayOutcome {
    PrepayOutcome::Refused(Refusal { kind: RefusalKind::BadRequest, code: OURS.to_owned(), message: why })
}
