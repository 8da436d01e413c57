//! Alipay: PROTOCOLS 2, by a customer who speaks plain RSA.

use std::collections::BTreeMap;
use std::io::Read as _;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::Sha256;

use super::support::{START_MS, World, told};
use crate::callbacks::deliver_due;

const SELLER: &str = "2088000000000110";

struct Customer<'a>(&'a World);

impl Customer<'_> {
    /// A signed call's parameters.
    fn signed(&self, method: &str, content: &Value, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let token = self.0.kit(&format!("alipay_app_auth_token_{SELLER}.txt"));
        let app_id = self.0.kit("alipay_app_id.txt");
        let content = content.to_string();
        let notify_url = self.0.notify_url().to_owned();
        let mut params: BTreeMap<String, String> = [
            ("app_id", app_id.as_str()),
            ("method", method),
            ("format", "JSON"),
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("timestamp", "2026-09-21 22:13:20"),
            ("version", "1.0"),
            ("app_auth_token", &token),
            ("notify_url", &notify_url),
            ("biz_content", &content),
        ]
        .into_iter()
        .chain(more.iter().copied())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        let text: Vec<String> = params.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| format!("{n}={v}")).collect();
        let key = RsaPrivateKey::from_pkcs8_pem(&self.0.kit("alipay_app_private_key.pem")).unwrap();
        let sign = SigningKey::<Sha256>::new(key).sign(text.join("&").as_bytes()).to_bytes();
        params.insert("sign".to_owned(), BASE64.encode(sign));
        params
    }

    async fn text(&self, params: &BTreeMap<String, String>) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let request = self.0.client.post(format!("{}/gateway.do", self.0.url)).body(body);
        request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap().text().await.unwrap()
    }

    /// Calls, checks the signature over the answer's characters, and gives its object.
    async fn call(&self, method: &str, content: Value) -> Value {
        self.call_with(method, content, &[]).await
    }

    async fn call_with(&self, method: &str, content: Value, more: &[(&str, &str)]) -> Value {
        let text = self.text(&self.signed(method, &content, more)).await;
        let (before, sign) = text.rsplit_once(",\"sign\":\"").expect(&text);
        let (name, raw) = before[1..].split_once(':').unwrap();
        let sign = Signature::try_from(BASE64.decode(sign.trim_end_matches("\"}")).unwrap().as_slice()).unwrap();
        let key = RsaPublicKey::from_public_key_pem(&self.0.kit("alipay_public_key.pem")).unwrap();
        VerifyingKey::<Sha256>::new(key).verify(raw.as_bytes(), &sign).unwrap();
        let expected = format!("\"{}_response\"", method.replace('.', "_"));
        assert!(name == expected || name == "\"error_response\"", "{name}");
        serde_json::from_str(raw).unwrap()
    }

    /// Who `name` is to the application, by the authorisation page.
    async fn open_id(&self, name: &str) -> String {
        let url = format!(
            "{}/oauth2/publicAppAuthorize.htm?app_id={}&scope=auth_base&redirect_uri=http%3A%2F%2Fshop.test%2Fback&state=s1&as={name}",
            self.0.url,
            self.0.kit("alipay_app_id.txt")
        );
        let answer = self.0.client.get(url).send().await.unwrap();
        let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let query: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
        assert_eq!(query["state"], "s1");
        let more = [("grant_type", "authorization_code"), ("code", query["auth_code"].as_str())];
        let answer = self.call_with("alipay.system.oauth.token", json!({}), &more).await;
        assert_eq!(answer["code"], Value::Null, "{answer}");
        let again = self.call_with("alipay.system.oauth.token", json!({}), &more).await;
        assert_eq!(again["sub_code"], "isv.code-invalid");
        answer["open_id"].as_str().unwrap().to_owned()
    }

    async fn create(&self, number: &str, amount: &str) -> Value {
        let buyer = self.open_id("openid-zhou").await;
        let content = json!({ "out_trade_no": number, "total_amount": amount, "subject": "学费", "buyer_open_id": buyer,
            "product_code": "JSAPI_PAY", "op_app_id": "2021000000000109" });
        self.call("alipay.trade.create", content).await
    }

    async fn wallet(&self, body: Value) -> Value {
        told(self.0.client.post(format!("{}/wallet/alipay/pay", self.0.url)).json(&body)).await.1
    }

    async fn query(&self, number: &str) -> Value {
        self.call("alipay.trade.query", json!({ "out_trade_no": number })).await
    }

    /// The parameters of a notification, its signature checked without `sign` and `sign_type`.
    fn notice(&self, at: usize) -> BTreeMap<String, String> {
        let body = self.0.received.notices.lock().unwrap()[at].1.clone();
        let params: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
        let kept = params.iter().filter(|(name, _)| !["sign", "sign_type"].contains(&name.as_str()));
        let text: Vec<String> = kept.map(|(name, value)| format!("{name}={value}")).collect();
        let sign = Signature::try_from(BASE64.decode(&params["sign"]).unwrap().as_slice()).unwrap();
        let key = RsaPublicKey::from_public_key_pem(&self.0.kit("alipay_public_key.pem")).unwrap();
        VerifyingKey::<Sha256>::new(key).verify(text.join("&").as_bytes(), &sign).unwrap();
        params
    }
}

/// 2.1: only what the application's key signed over every parameter is accepted.
#[tokio::test]
async fn only_the_applications_signature_is_accepted() {
    let world = World::start().await;
    let customer = Customer(&world);
    let good = customer.signed("alipay.trade.query", &json!({ "out_trade_no": "A1" }), &[]);
    for (name, value, sub_code) in [
        ("biz_content", "{}", "isv.invalid-signature"),
        ("app_auth_token", "", "isv.invalid-signature"),
        ("app_id", "2021000000000110", "isv.invalid-app-id"),
        ("sign_type", "RSA", "isv.invalid-signature-type"),
        ("timestamp", "yesterday", "isv.invalid-timestamp"),
        ("version", "", "isv.missing-version"),
    ] {
        let mut bad = good.clone();
        bad.insert(name.to_owned(), value.to_owned());
        let text = customer.text(&bad).await;
        assert!(text.contains(sub_code) && text.starts_with("{\"error_response\""), "{name}: {text}");
    }
    let stranger = customer.call_with("alipay.trade.query", json!({}), &[("app_auth_token", "nobody")]).await;
    assert_eq!(stranger["sub_code"], "aop.invalid-app-auth-token");
}

/// 2.2, 2.3: a trade for a known buyer is paid in the wallet, queried and told; only its buyer may pay.
#[tokio::test]
async fn a_created_trade_is_paid_and_told() {
    let world = World::start().await;
    let customer = Customer(&world);
    let made = customer.create("A100001", "12.50").await;
    assert_eq!(made["code"], "10000", "{made}");
    assert_eq!(customer.create("A100001", "12.50").await["trade_no"], made["trade_no"]);
    assert_eq!(customer.create("A100001", "12.51").await["sub_code"], "ACQ.CONTEXT_INCONSISTENT");
    assert_eq!(customer.query("A100001").await["trade_status"], "WAIT_BUYER_PAY");
    let other = customer.wallet(json!({ "trade_no": made["trade_no"], "openid": "openid-li" })).await;
    assert_eq!(other["resultCode"], "4000");
    let left = customer.wallet(json!({ "trade_no": made["trade_no"], "cancel": true })).await;
    assert_eq!(left["resultCode"], "6001");
    let paid = customer.wallet(json!({ "trade_no": made["trade_no"], "openid": "openid-zhou" })).await;
    assert_eq!(paid["resultCode"], "9000", "{paid}");
    let told = customer.query("A100001").await;
    assert_eq!((&told["trade_status"], &told["total_amount"]), (&json!("TRADE_SUCCESS"), &json!("12.50")));
    assert_eq!(customer.create("A100001", "12.50").await["sub_code"], "ACQ.TRADE_HAS_SUCCESS");
    world.received.answer(200);
    deliver_due(&world.app).await.unwrap();
    let notice = customer.notice(0);
    assert_eq!((notice["trade_status"].as_str(), notice["seller_id"].as_str()), ("TRADE_SUCCESS", SELLER));
    assert_eq!((notice["total_amount"].as_str(), notice["out_trade_no"].as_str()), ("12.50", "A100001"));
    assert_eq!(notice["trade_no"], made["trade_no"]);
}

/// 2.2: what is offered to a browser or a scanner is no trade until somebody opens it; it can then be closed like any.
#[tokio::test]
async fn an_offer_becomes_a_trade_when_it_is_opened() {
    let world = World::start().await;
    let customer = Customer(&world);
    let content = json!({ "out_trade_no": "A200001", "total_amount": "1", "subject": "学费", "timeout_express": "5m" });
    let code = customer.call("alipay.trade.precreate", content).await;
    let close = json!({ "out_trade_no": "A200001" });
    assert_eq!(customer.query("A200001").await["sub_code"], "ACQ.TRADE_NOT_EXIST");
    assert_eq!(customer.call("alipay.trade.close", close.clone()).await["sub_code"], "ACQ.TRADE_NOT_EXIST");
    assert_eq!(customer.call("alipay.trade.cancel", close.clone()).await["retry_flag"], "N");
    let url = url::form_urlencoded::byte_serialize(code["qr_code"].as_str().unwrap().as_bytes()).collect::<String>();
    let page = world.client.get(format!("{}/wallet/alipay?qr_code={url}", world.url)).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("¥1.00"));
    assert_eq!(customer.query("A200001").await["trade_status"], "WAIT_BUYER_PAY");
    assert_eq!(customer.call("alipay.trade.close", close.clone()).await["code"], "10000");
    assert_eq!(customer.call("alipay.trade.close", close).await["sub_code"], "ACQ.TRADE_STATUS_ERROR");
    let late = customer.wallet(json!({ "qr_code": code["qr_code"] })).await;
    assert_eq!(late["memo"], "订单已关闭");
    let content =
        json!({ "out_trade_no": "A200002", "total_amount": "1.00", "subject": "学费", "timeout_express": "5m" });
    let code = customer.call("alipay.trade.precreate", content).await;
    world.set_now(START_MS + 300_000);
    assert_eq!(customer.wallet(json!({ "qr_code": code["qr_code"] })).await["resultCode"], "4000");
}

/// 2.2: the signed address of a browser's page leads to the wallet, whose button pays and goes back to the shop.
#[tokio::test]
async fn a_browser_pays_and_returns() {
    let world = World::start().await;
    let customer = Customer(&world);
    let content = json!({ "out_trade_no": "A300001", "total_amount": "12.50", "subject": "学费",
        "product_code": "QUICK_WAP_WAY", "quit_url": "http://shop.test/quit" });
    let more = [("return_url", "http://shop.test/done?o=1")];
    let params = customer.signed("alipay.trade.wap.pay", &content, &more);
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&params).finish();
    let sent_on = world.client.get(format!("{}/gateway.do?{query}", world.url)).send().await.unwrap();
    let target = sent_on.headers()["location"].to_str().unwrap().to_owned();
    let (_, token) = target.split_once("token=").unwrap();
    let page = world.client.get(format!("{}{target}", world.url)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("¥12.50") && page.contains("星河教育"), "{page}");
    let press =
        world.client.post(format!("{}/wallet/alipay/press", world.url)).body(format!("token={token}&action=pay"));
    let answer = press.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    let back = answer.headers()["location"].to_str().unwrap();
    assert!(back.starts_with("http://shop.test/done?o=1&out_trade_no=A300001"), "{back}");
    assert_eq!(customer.query("A300001").await["trade_status"], "TRADE_SUCCESS");
    let bad = world.client.get(format!("{}/gateway.do?{query}x", world.url)).send().await.unwrap();
    assert_eq!(bad.status(), StatusCode::BAD_REQUEST);
    let url = format!("{}/gateway.do?{query}", world.url);
    assert_eq!(customer.wallet(json!({ "url": url })).await["resultCode"], "4000");
}

/// 2.2: a shown code pays once; a large sum waits for the password; cancel closes or gives back.
#[tokio::test]
async fn a_shown_code_pays_and_can_be_cancelled() {
    let world = World::start().await;
    let customer = Customer(&world);
    let target = format!("{}/devtools/payment-code?openid=openid-li&provider=alipay", world.url);
    let code = async || told(world.client.get(&target)).await.1["payment_code"].as_str().unwrap().to_owned();
    let pay = async |number: &str, amount: &str, code: &str| {
        let content = json!({ "out_trade_no": number, "total_amount": amount, "subject": "学费", "scene": "bar_code", "auth_code": code });
        customer.call("alipay.trade.pay", content).await
    };
    let shown = code().await;
    let paid = pay("A400001", "12.50", &shown).await;
    assert_eq!((&paid["code"], &paid["total_amount"]), (&json!("10000"), &json!("12.50")));
    assert_eq!(pay("A400002", "12.50", &shown).await["sub_code"], "ACQ.PAYMENT_AUTH_CODE_INVALID");
    assert_eq!(pay("A400003", "1000.01", &code().await).await["code"], "10003");
    assert_eq!(customer.query("A400003").await["trade_status"], "WAIT_BUYER_PAY");
    for (number, action) in [("A400001", "refund"), ("A400003", "close")] {
        let answer = customer.call("alipay.trade.cancel", json!({ "out_trade_no": number })).await;
        assert_eq!(answer["action"], action, "{answer}");
        let query = customer.query(number).await;
        assert_eq!(query["trade_status"], "TRADE_CLOSED");
        assert_eq!(query["send_pay_date"].is_null(), action == "close");
    }
}

/// 2.2, 2.3: one request number is one refund; its notification comes to the payment's address and says refund_fee.
#[tokio::test]
async fn refunds_are_booked_once() {
    let world = World::start().await;
    let customer = Customer(&world);
    let made = customer.create("A500001", "12.50").await;
    customer.wallet(json!({ "trade_no": made["trade_no"] })).await;
    let refund = async |number: &str, amount: &str| {
        let content = json!({ "out_trade_no": "A500001", "refund_amount": amount, "out_request_no": number });
        customer.call("alipay.trade.refund", content).await
    };
    let asked = async |number: &str| {
        let content =
            json!({ "out_trade_no": "A500001", "out_request_no": number, "query_options": ["gmt_refund_pay"] });
        customer.call("alipay.trade.fastpay.refund.query", content).await
    };
    assert_eq!(asked("R1").await["refund_status"], Value::Null);
    let first = refund("R1", "2.50").await;
    assert_eq!((&first["fund_change"], &first["refund_fee"]), (&json!("Y"), &json!("2.50")));
    assert_eq!(refund("R1", "2.50").await["fund_change"], "N");
    assert_eq!(refund("R1", "2.51").await["sub_code"], "ACQ.DISCORDANT_REPEAT_REQUEST");
    assert_eq!(refund("R2", "10.01").await["code"], "40004");
    assert_eq!(asked("R1").await["refund_status"], "REFUND_SUCCESS");
    assert_eq!(customer.query("A500001").await["trade_status"], "TRADE_SUCCESS");
    assert_eq!(refund("R2", "10.00").await["refund_fee"], "12.50");
    assert_eq!(customer.query("A500001").await["trade_status"], "TRADE_CLOSED");
    world.received.answer(200);
    deliver_due(&world.app).await.unwrap();
    let notice = customer.notice(2);
    assert_eq!((notice["refund_fee"].as_str(), notice["out_biz_no"].as_str()), ("12.50", "R2"));
    let made = customer.create("A500003", "12.50").await;
    customer.wallet(json!({ "trade_no": made["trade_no"] })).await;
    world.arm(json!({ "kind": "refund_abnormal" })).await;
    let content = json!({ "out_trade_no": "A500003", "refund_amount": "1", "out_request_no": "R4" });
    let refused = customer.call("alipay.trade.refund", content.clone()).await;
    assert_eq!(refused["sub_code"], "ACQ.TRADE_NOT_ALLOW_REFUND");
    assert_eq!(customer.call("alipay.trade.refund", content).await["fund_change"], "Y");
    let made = customer.create("A500002", "12.50").await;
    customer.wallet(json!({ "trade_no": made["trade_no"] })).await;
    told(world.client.post(format!("{}/accounts", world.url)).json(&json!({ "account": SELLER }))).await;
    let content = json!({ "out_trade_no": "A500002", "refund_amount": "1", "out_request_no": "R3" });
    let refused = customer.call("alipay.trade.refund", content).await;
    assert_eq!(refused["sub_code"], "ACQ.SELLER_BALANCE_NOT_ENOUGH");
}

/// 2.3: seven characters acknowledge; otherwise 4m 10m 10m 1h 2h 6h 15h with the same notify_id, then never again.
#[tokio::test]
async fn a_notification_is_repeated_by_the_published_schedule() {
    let world = World::start().await;
    let customer = Customer(&world);
    let made = customer.create("A600001", "12.50").await;
    customer.wallet(json!({ "trade_no": made["trade_no"] })).await;
    world.received.answer(200);
    world.received.say("ok");
    deliver_due(&world.app).await.unwrap();
    let mut now_ms = START_MS;
    for (at, gap_s) in [240, 600, 600, 3600, 7200, 21_600, 54_000].into_iter().enumerate() {
        now_ms += gap_s * 1000;
        world.set_now(now_ms - 1);
        deliver_due(&world.app).await.unwrap();
        assert_eq!(world.received.count(), at + 1);
        world.set_now(now_ms);
        deliver_due(&world.app).await.unwrap();
        assert_eq!(customer.notice(at + 1)["notify_id"], customer.notice(0)["notify_id"]);
    }
    world.set_now(now_ms + 7 * 86_400_000);
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 8);
}

/// Faults: what is no trustworthy answer, and whether the trade was made all the same.
#[tokio::test]
async fn the_gateway_has_bad_days() {
    let world = World::start().await;
    let customer = Customer(&world);
    let buyer = customer.open_id("openid-zhou").await;
    for (at, (kind, made)) in [
        ("http_500", false),
        ("http_503", false),
        ("rate_limited", false),
        ("html", false),
        ("unsigned", true),
        ("wrong_signature", true),
        ("prepay_timeout_not_made", false),
        ("prepay_timeout_after_made", true),
        ("down", false),
    ]
    .into_iter()
    .enumerate()
    {
        let number = format!("A70000{at}");
        let content =
            json!({ "out_trade_no": number, "total_amount": "12.50", "subject": "学费", "buyer_open_id": buyer });
        world.arm(json!({ "kind": kind, "provider": "alipay", "hold_ms": 0 })).await;
        let params = customer.signed("alipay.trade.create", &content, &[]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&params).finish();
        let request = world.client.post(format!("{}/gateway.do", world.url)).body(body);
        if let Ok(response) = request.send().await {
            let text = response.text().await.unwrap_or_default();
            assert!(
                !text.contains("\"code\":\"10000\"") || kind == "unsigned" || kind == "wrong_signature",
                "{kind} {text}"
            );
        }
        assert_eq!(customer.query(&number).await["code"] == "10000", made, "{kind}");
    }
}

/// 2.4: a zip of GBK tables, detail and summary, for thirty seconds.
#[tokio::test]
async fn a_bill_is_a_zip_of_gbk_tables() {
    let world = World::start().await;
    let customer = Customer(&world);
    let made = customer.create("A800001", "12.50").await;
    customer.wallet(json!({ "trade_no": made["trade_no"] })).await;
    let content = json!({ "out_trade_no": "A800001", "refund_amount": "2.50", "out_request_no": "R1" });
    customer.call("alipay.trade.refund", content).await;
    let wanted = json!({ "bill_type": "trade", "bill_date": "2026-09-21" });
    let early = customer.call("alipay.data.dataservice.bill.downloadurl.query", wanted.clone()).await;
    assert_eq!(early["sub_code"], "isp.bill_not_exist");
    world.set_now(START_MS + 12 * 3_600_000);
    let answer = customer.call("alipay.data.dataservice.bill.downloadurl.query", wanted).await;
    let url = answer["bill_download_url"].as_str().unwrap();
    let zip = world.client.get(url).send().await.unwrap().bytes().await.unwrap();
    let text = unpacked(&zip);
    assert_eq!(text.len(), 2);
    assert_eq!(text[0].0, format!("{SELLER}_20260921_业务明细.csv"));
    let rows: Vec<&str> = text[0].1.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(rows.len(), 3);
    let cells: Vec<&str> = rows[2].split(',').map(|cell| cell.strip_suffix('\t').unwrap()).collect();
    assert_eq!((cells[2], cells[12], cells[21]), ("退款", "-2.50", "R1"));
    assert_eq!(rows[0].split(',').count(), cells.len());
    assert!(text[1].1.contains("合计\t,\t,1\t,1\t,10.00\t"), "{}", text[1].1);
    world.set_now(START_MS + 12 * 3_600_000 + 30_000);
    assert_eq!(world.client.get(url).send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

/// Names and texts of a zip, read by its local headers.
fn unpacked(zip: &[u8]) -> Vec<(String, String)> {
    let long = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap()) as usize;
    let short = |at: usize| u16::from_le_bytes(zip[at..at + 2].try_into().unwrap()) as usize;
    let gbk = |bytes: &[u8]| encoding_rs::GBK.decode(bytes).0.into_owned();
    let (mut at, mut found) = (0, Vec::new());
    while &zip[at..at + 4] == b"PK\x03\x04" {
        let (packed, name) = (long(at + 18), short(at + 26));
        let start = at + 30 + name;
        let mut text = Vec::new();
        flate2::read::DeflateDecoder::new(&zip[start..start + packed]).read_to_end(&mut text).unwrap();
        assert_eq!(text.len(), long(at + 22));
        found.push((gbk(&zip[at + 30..start]), gbk(&text)));
        at = start + packed;
    }
    assert_eq!(&zip[at..at + 4], b"PK\x01\x02");
    found
}

/// PRODUCT 6.8: the ledger has every success and refund of both institutions, to the fen.
#[tokio::test]
async fn the_ledger_has_both_institutions() {
    let world = World::start().await;
    let customer = Customer(&world);
    let made = customer.create("L100001", "12.50").await;
    customer.wallet(json!({ "trade_no": made["trade_no"] })).await;
    let content = json!({ "out_trade_no": "L100001", "refund_amount": "2.50", "out_request_no": "LR1" });
    customer.call("alipay.trade.refund", content).await;
    world.paid("L100002").await;
    world.arm(json!({ "kind": "refund_closed" })).await;
    let body = world.refund("L100002", "LR2", 100);
    told(world.call(reqwest::Method::POST, "/v3/refund/domestic/refunds", Some(&body))).await;
    let (_, ledger) = told(world.client.get(format!("{}/ledger", world.url))).await;
    assert_eq!(
        ledger["totals"][SELLER],
        json!({ "successes": 1, "success_fen": 1250, "refunds": 1, "refund_fen": 250 })
    );
    assert_eq!(
        ledger["totals"]["1900000110"],
        json!({ "successes": 1, "success_fen": 1250, "refunds": 0, "refund_fen": 0 })
    );
    let (_, one) = told(world.client.get(format!("{}/ledger?out_trade_no=L100002", world.url))).await;
    assert_eq!((one["successes"].as_array().unwrap().len(), &one["refunds"][0]["status"]), (1, &json!("CLOSED")));
}
