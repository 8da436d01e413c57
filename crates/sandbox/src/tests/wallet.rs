//! The wallet: PROTOCOLS 1.6 and 5.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::signature::{SignatureEncoding as _, Signer as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::support::{START_MS, World, told};
use crate::institution::OFFICIAL_ACCOUNT;

const HOUR_MS: i64 = 3_600_000;
const OK: &str = "get_brand_wcpay_request:ok";

/// The parameters a payer's page hands to the bridge, signed with the merchant's key.
fn bridge(world: &World, prepay_id: &str) -> Value {
    let key = RsaPrivateKey::from_pkcs8_pem(&world.kit("apiclient_key.pem")).unwrap();
    let seconds = (START_MS / 1000).to_string();
    let text = format!("{OFFICIAL_ACCOUNT}\n{seconds}\nn1\nprepay_id={prepay_id}\n");
    let signature = BASE64.encode(SigningKey::<Sha256>::new(key).sign(text.as_bytes()).to_bytes());
    json!({ "appId": OFFICIAL_ACCOUNT, "timeStamp": seconds, "nonceStr": "n1",
        "package": format!("prepay_id={prepay_id}"), "signType": "RSA", "paySign": signature })
}

async fn jsapi(world: &World, body: &Value) -> Value {
    told(world.client.post(format!("{}/wallet/jsapi", world.url)).json(body)).await.1
}

/// 1.6: paySign is checked with the merchant's key over exactly the four lines; cancel pays nothing.
#[tokio::test]
async fn the_bridge_checks_the_signature_before_it_pays() {
    let world = World::start().await;
    let (_, answer) = world.place("jsapi", &world.jsapi_order("W100001")).await;
    let good = bridge(&world, answer["prepay_id"].as_str().unwrap());
    for (field, value) in [("nonceStr", "n2"), ("signType", "MD5"), ("appId", "wx7777777777777777")] {
        let mut bad = good.clone();
        bad[field] = json!(value);
        assert_eq!(jsapi(&world, &bad).await["err_msg"], "get_brand_wcpay_request:fail", "{field}");
    }
    let mut cancelled = good.clone();
    cancelled["cancel"] = json!(true);
    assert_eq!(jsapi(&world, &cancelled).await["err_msg"], "get_brand_wcpay_request:cancel");
    assert_eq!(world.query("W100001").await.1["trade_state"], "NOTPAY");
    let mut asked = good.clone();
    asked["ask"] = json!(true);
    assert!(jsapi(&world, &asked).await["pay_url"].as_str().unwrap().starts_with(&world.url));
    assert_eq!(jsapi(&world, &good).await["err_msg"], OK);
    assert_eq!(world.query("W100001").await.1["trade_state"], "SUCCESS");
    assert_eq!(jsapi(&world, &good).await["err_desc"], "订单已支付，请勿重复支付");
}

/// 5: the openid that ordered must pay.
#[tokio::test]
async fn only_the_one_who_ordered_may_pay() {
    let world = World::start().await;
    world.place("jsapi", &world.jsapi_order("W100002")).await;
    let refused = world.press(json!({ "out_trade_no": "W100002", "openid": "openid-li" })).await;
    assert_eq!(refused["err_desc"], "下单账号与支付账号不一致");
    assert_eq!(world.press(json!({ "out_trade_no": "W100002", "openid": "openid-zhou" })).await["err_msg"], OK);
}

/// 1.6: prepay_id and code_url live 2 hours, h5_url 5 minutes.
#[tokio::test]
async fn credentials_expire() {
    let world = World::start().await;
    let (_, first) = world.place("jsapi", &world.jsapi_order("W100003")).await;
    let (_, native) = world.place("native", &world.order("W100004")).await;
    world.set_now(START_MS + 2 * HOUR_MS - 1);
    assert_eq!(world.press(json!({ "code_url": native["code_url"], "openid": "openid-li" })).await["err_msg"], OK);
    world.set_now(START_MS + 2 * HOUR_MS);
    let late = world.press(json!({ "prepay_id": first["prepay_id"] })).await;
    assert_eq!(late["err_desc"], "支付凭据已过期，请回到商家页面重新发起支付");
    let mut order = world.order("W100005");
    order["scene_info"] = json!({ "payer_client_ip": "10.1.1.1", "h5_info": { "type": "Wap" } });
    let (_, h5) = world.place("h5", &order).await;
    let open = || world.client.get(h5["h5_url"].as_str().unwrap());
    assert_eq!(told(open()).await.0, StatusCode::OK);
    world.set_now(START_MS + 2 * HOUR_MS + 300_000);
    assert_eq!(told(open()).await.0, StatusCode::CONFLICT);
}

/// H5: the page shows the order, its button pays and goes back to the shop.
#[tokio::test]
async fn an_h5_payer_returns_to_the_shop() {
    let world = World::start().await;
    let mut order = world.order("W100006");
    order["scene_info"] = json!({ "payer_client_ip": "10.1.1.1", "h5_info": { "type": "Wap" } });
    let (_, h5) = world.place("h5", &order).await;
    let url = format!("{}&redirect_url=http%3A%2F%2Fshop.test%2Fdone", h5["h5_url"].as_str().unwrap());
    let page = world.client.get(&url).send().await.unwrap().text().await.unwrap();
    for text in ["星河教育", "¥12.50", "学费", "http://shop.test/done"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let prepay_id = url::Url::parse(&url).unwrap().query_pairs().next().unwrap().1.into_owned();
    let form = format!("prepay_id={prepay_id}&redirect_url=http%3A%2F%2Fshop.test%2Fdone&action=pay");
    let press = world.client.post(format!("{}/wallet/press", world.url)).body(form);
    let response = press.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(response.headers()["location"], "http://shop.test/done");
    assert_eq!(world.query("W100006").await.1["trade_type"], "MWEB");
}

/// Native: a pasted code opens the payment page.
#[tokio::test]
async fn a_pasted_code_opens_the_payment_page() {
    let world = World::start().await;
    let (_, native) = world.place("native", &world.order("W100007")).await;
    let mut url = url::Url::parse(&format!("{}/wallet/pay", world.url)).unwrap();
    url.query_pairs_mut().append_pair("code_url", native["code_url"].as_str().unwrap());
    let page = world.client.get(url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("¥12.50"), "{page}");
    let list = world.client.get(format!("{}/wallet", world.url)).send().await.unwrap().text().await.unwrap();
    assert!(list.contains("W100007"));
}

/// A bridge injected into a page of another origin may call.
#[tokio::test]
async fn the_wallet_answers_any_origin() {
    let world = World::start().await;
    let request = world.client.request(reqwest::Method::OPTIONS, format!("{}/wallet/jsapi", world.url));
    let response = request.header("origin", "http://shop.test").send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "http://shop.test");
    assert_eq!(response.headers()["access-control-allow-headers"], "content-type");
}
