//! Bills: PROTOCOLS 1.9.

use std::io::Read as _;

use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use super::support::{START_MS, World, told};

/// Ten in the morning after [`START_MS`], in Beijing.
const NEXT_TEN_MS: i64 = START_MS + (36 * 3600 - 22 * 3600 - 13 * 60 - 20 + 10 * 3600 - 12 * 3600) * 1000;

async fn ask(world: &World, target: &str) -> (StatusCode, Value) {
    told(world.call(Method::GET, target, None)).await
}

/// Fetches what an answer points to, unpacks it and checks its hash.
async fn fetched(world: &World, answer: &Value) -> String {
    let url = answer["download_url"].as_str().unwrap();
    let target = url.strip_prefix(&world.url).unwrap();
    let response = world.call(Method::GET, target, None).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("wechatpay-signature"));
    let bytes = response.bytes().await.unwrap();
    let mut text = String::new();
    match bytes.starts_with(&[0x1f, 0x8b]) {
        true => flate2::read::GzDecoder::new(bytes.as_ref()).read_to_string(&mut text).unwrap(),
        false => bytes.as_ref().read_to_string(&mut text).unwrap(),
    };
    assert_eq!(answer["hash_value"], hex::encode(Sha1::digest(text.as_bytes())));
    text
}

async fn a_day(world: &World) {
    world.paid("B100001").await;
    world.paid("B100002").await;
    let body = world.refund("B100002", "BR1", 250);
    assert_eq!(told(world.call(Method::POST, "/v3/refund/domestic/refunds", Some(&body))).await.0, StatusCode::OK);
}

/// A bill's rows by header name, backticks taken off.
fn rows(text: &str) -> (Vec<Vec<(String, String)>>, Vec<String>) {
    let lines: Vec<Vec<&str>> =
        text.trim_start_matches('\u{feff}').lines().map(|line| line.split(',').collect()).collect();
    let (header, rest) = lines.split_first().unwrap();
    let bare = |cell: &str| cell.strip_prefix('`').unwrap().to_owned();
    let named = |line: &Vec<&str>| {
        assert_eq!(line.len(), header.len(), "{line:?}");
        header.iter().zip(line).map(|(name, cell)| ((*name).to_owned(), bare(cell))).collect()
    };
    let (body, summary) = rest.split_at(rest.len() - 2);
    (body.iter().map(named).collect(), summary[1].iter().map(|cell| bare(cell)).collect())
}

fn cell<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    &row.iter().find(|(known, _)| known == name).unwrap().1
}

/// 1.9: from nine the next morning, packed or not, hashed unpacked; amounts in yuan, summed up in the last row.
#[tokio::test]
async fn a_trade_bill_says_what_happened_that_day() {
    let world = World::start().await;
    a_day(&world).await;
    let target = "/v3/bill/tradebill?bill_date=2026-09-21&tar_type=GZIP";
    assert_eq!(ask(&world, target).await.1["code"], "INVALID_REQUEST");
    world.set_now(NEXT_TEN_MS - 2 * 3_600_000);
    assert_eq!(ask(&world, target).await.1["code"], "STATEMENT_CREATING");
    world.set_now(NEXT_TEN_MS);
    let (_, answer) = ask(&world, target).await;
    let text = fetched(&world, &answer).await;
    let (rows, summary) = rows(&text);
    assert_eq!(rows.len(), 3);
    assert_eq!(
        (cell(&rows[0], "交易状态"), cell(&rows[0], "应结订单金额"), cell(&rows[0], "手续费")),
        ("SUCCESS", "12.50", "0.08000")
    );
    let refund = rows.iter().find(|row| cell(row, "交易状态") == "REFUND").unwrap();
    assert_eq!(
        (cell(refund, "商户退款单号"), cell(refund, "退款金额"), cell(refund, "手续费")),
        ("BR1", "2.50", "-0.02000")
    );
    assert_eq!(summary, ["3", "25.00", "2.50", "0.00", "0.14000", "25.00", "2.50"]);
    let (_, plain) = ask(&world, "/v3/bill/tradebill?bill_date=2026-09-21&sub_mchid=1900000110").await;
    assert_eq!(fetched(&world, &plain).await, text);
    assert_eq!(ask(&world, "/v3/bill/tradebill?bill_date=2026-09-20").await.1["code"], "NO_STATEMENT_EXIST");
    world.set_now(NEXT_TEN_MS + 300_000);
    let target = answer["download_url"].as_str().unwrap().strip_prefix(&world.url).unwrap().to_owned();
    assert_eq!(ask(&world, &target).await.0, StatusCode::BAD_REQUEST);
}

/// 1.9: SUCCESS and REFUND bills have columns of their own.
#[tokio::test]
async fn bills_of_one_kind_have_their_own_columns() {
    let world = World::start().await;
    a_day(&world).await;
    world.set_now(NEXT_TEN_MS);
    for (kind, count, column) in [("SUCCESS", 2, "订单金额"), ("REFUND", 1, "退款申请时间")] {
        let (_, answer) = ask(&world, &format!("/v3/bill/tradebill?bill_date=2026-09-21&bill_type={kind}")).await;
        let (rows, _) = rows(&fetched(&world, &answer).await);
        assert_eq!(rows.len(), count);
        cell(&rows[0], column);
    }
}

/// 5: a fund bill is proven by its running balance; fees, refunds and settlements are rows of their own.
#[tokio::test]
async fn a_fund_bill_is_proven_by_its_running_balance() {
    let world = World::start().await;
    a_day(&world).await;
    told(world.client.post(format!("{}/accounts", world.url)).json(&json!({ "account": "1900000110", "fen": -1000 })))
        .await;
    world.set_now(NEXT_TEN_MS);
    let (_, answer) = ask(&world, "/v3/bill/fundflowbill?bill_date=2026-09-21&tar_type=GZIP").await;
    let (rows, summary) = rows(&fetched(&world, &answer).await);
    assert_eq!(rows.len(), 7);
    let fen = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    let mut balance = 0;
    for row in &rows {
        let sum = fen(cell(row, "收支金额（元）"));
        balance += if cell(row, "收支类型") == "收入" { sum } else { -sum };
        assert_eq!(fen(cell(row, "账户结余（元）")), balance, "{row:?}");
    }
    assert_eq!(balance, 2500 - 16 - 250 + 2 - 1000);
    assert_eq!(summary, ["7", "3", "25.02", "4", "12.66"]);
}

/// A fault: the bill says a fen more, in its row and in its sum.
#[tokio::test]
async fn a_bill_can_disagree() {
    let world = World::start().await;
    a_day(&world).await;
    world.set_now(NEXT_TEN_MS);
    world.arm(json!({ "kind": "bill_disagrees", "on": "bill" })).await;
    let (_, answer) = ask(&world, "/v3/bill/tradebill?bill_date=2026-09-21").await;
    let (rows, summary) = rows(&fetched(&world, &answer).await);
    assert_eq!((cell(&rows[0], "订单金额"), summary[5].as_str()), ("12.51", "25.01"));
}
