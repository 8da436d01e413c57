//! The hand-over kit, its stability, and callbacks signed ahead of time.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::support::{World, opened, verified};
use crate::{Clock, Signer, presign};

fn files(world: &World) -> BTreeMap<String, String> {
    std::fs::read_dir(world.folder.path().join("kit"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| (name.clone(), world.kit(&name)))
        .collect()
}

/// The kit is complete, its set-up file names files that exist, and a restart changes nothing but where we are.
#[tokio::test]
async fn the_kit_is_complete_and_survives_a_restart() {
    let world = World::start().await;
    let mut before = files(&world);
    let platform: toml::Table = before["platform.toml"].parse().unwrap();
    let provider = &platform["service_provider"][0];
    for name in ["merchant_private_key_file", "apiv3_key_file", "wechatpay_public_key_file"] {
        assert!(before.contains_key(provider[name].as_str().unwrap()), "{name}");
    }
    assert!(before.contains_key(provider["platform_certificate_files"][0].as_str().unwrap()));
    let alipay = &platform["service_provider"][1];
    assert_eq!(alipay["channel"].as_str(), Some("alipay"));
    assert!(before.contains_key(alipay["app_private_key_file"].as_str().unwrap()));
    assert!(before.contains_key(alipay["alipay_public_key_files"][0].as_str().unwrap()));
    // The demo's merchant names the leave that every sandbox gives.
    let demo = include_str!("../../../../deploy/demo/alipay_app_auth_token.txt");
    assert_eq!(before["alipay_app_auth_token_2088000000000110.txt"], demo);
    assert!(before.contains_key(platform["mini_program"]["secret_file"].as_str().unwrap()));
    assert!(before.contains_key(platform["official_account"]["secret_file"].as_str().unwrap()));
    assert_eq!(before["apiv3_key.txt"].len(), 32);
    assert_eq!(provider["base_url"].as_str().unwrap(), world.url);
    let world = world.restart(Signer::PublicKey).await;
    let mut after = files(&world);
    before.remove("platform.toml");
    after.remove("platform.toml");
    assert_eq!(before, after);
}

/// A callback signed ahead of time is as good as one that was sent.
#[tokio::test]
async fn presigned_callbacks_are_real() {
    let world = World::start().await;
    let (orders, out) = (world.folder.path().join("orders.json"), world.folder.path().join("out.jsonl"));
    let wanted: Vec<Value> = (0..5)
        .map(|at| {
            json!({ "out_trade_no": format!("B10000{at}"), "sub_mchid": "1900000110", "amount_fen": 100 + at,
                    "openid": "openid-zhou" })
        })
        .collect();
    std::fs::write(&orders, json!(wanted).to_string()).unwrap();
    let clock = Clock::new(Some(world.folder.path().join("now")));
    assert_eq!(presign(world.folder.path(), &clock, &orders, &out).unwrap(), 5);
    let lines = std::fs::read_to_string(&out).unwrap();
    assert_eq!(lines.lines().count(), 5);
    for (at, line) in lines.lines().enumerate() {
        let line: Value = serde_json::from_str(line).unwrap();
        let headers: HeaderMap = line["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| {
                (HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value.as_str().unwrap()).unwrap())
            })
            .collect();
        let body = BASE64.decode(line["body"].as_str().unwrap()).unwrap();
        verified(&headers, &body, &world.kit("wechatpay_public_key.pem"));
        let notice: Value = serde_json::from_slice(&body).unwrap();
        let object: Value = serde_json::from_slice(&opened(&notice["resource"], &world.kit("apiv3_key.txt"))).unwrap();
        assert_eq!(
            (&object["out_trade_no"], &object["amount"]["total"]),
            (&json!(format!("B10000{at}")), &json!(100 + at))
        );
        assert_eq!(object["transaction_id"], line["transaction_id"]);
    }
}
