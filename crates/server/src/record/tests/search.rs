//! What the search box finds, with payments that went their whole way; before they are indexed and after.

use super::*;
use crate::{
    form::Submitted,
    order::{self, Place},
};

on_both_engines!(
    anything_that_a_person_may_remember_is_found_3_3,
    what_cannot_be_searched_is_said_in_words_and_nothing_is_an_error_3_3,
    what_is_found_does_not_change_while_payments_arrive_3_3,
);

/// Pays `yuan` as `name` with a remark.
async fn pay(node: &TestApp, institution: &crate::testing::Institution, who: (&str, &str), yuan: &str) -> i64 {
    let values = vec![("payer_name".into(), who.0.into()), ("remark".into(), who.1.into())];
    let submitted = Submitted { amount: yuan.into(), values };
    let place = Place { code_token: node.code().await, submitted, submission: None, form_version: None };
    let placed = order::place(&node.app, place).await.unwrap();
    node.start(&placed, Way::Native).await.unwrap();
    let success = institution.pay(&format!("M1O{}A1", placed.order_id), node.app.clock.now_ms());
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    node.pass_ms(1);
    placed.order_id
}

/// A query as it stands in an address.
fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

async fn titles(node: &TestApp, q: &str) -> Vec<String> {
    let (status, page) = get(node, &format!("/api/manager/records?q={}", encoded(q))).await;
    assert_eq!((status, page["next_cursor"].as_str()), (200, None), "{q}");
    page["records"].as_array().unwrap().iter().map(|r| r["title"].as_str().unwrap().to_owned()).collect()
}

async fn anything_that_a_person_may_remember_is_found_3_3(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let li = pay(&node, &institution, ("李晓明", "三年级二班 13800002176"), "128").await;
    pay(&node, &institution, ("王芳", "三年级一班 Ａ栋1503 校服费"), "12.80").await;
    pay(&node, &institution, ("欧阳璟", "Zhang San 3-1201 😀 100%"), "1500").await;
    let (li_no, short_id) = (li.to_string(), node.text("SELECT short_id FROM collection_code").await);
    let tail = &li_no[li_no.len() - 6..];
    let wanted: &[(&str, &[&str])] = &[
        ("晓明", &["李晓明"]),
        ("璟", &["欧阳璟"]),
        ("年级", &["王芳", "李晓明"]),
        ("三年级二班", &["李晓明"]),
        ("三班", &[]),
        ("三年级 校服", &["王芳"]),
        ("三年级 欧阳", &[]),
        ("2176", &["李晓明"]),
        ("13800002176", &["李晓明"]),
        ("800", &["李晓明"]),
        ("2177", &[]),
        (&li_no, &["李晓明"]),
        (tail, &["李晓明"]),
        (&format!("m1o{li_no}a1"), &["李晓明"]),
        (&format!("42M1O{li_no}A1"), &["李晓明"]),
        ("a栋", &["王芳"]),
        ("Ａ栋１５０３", &["王芳"]),
        ("zhang", &["欧阳璟"]),
        ("ＺＨＡＮＧ　ｓａｎ", &["欧阳璟"]),
        ("😀", &["欧阳璟"]),
        ("100%", &["欧阳璟"]),
        ("%", &["欧阳璟"]),
        ("_", &[]),
        ("\"3-1201\"", &["欧阳璟"]),
        ("=128", &["李晓明"]),
        ("＝１２．８０", &["王芳"]),
        ("¥1,500", &["欧阳璟"]),
        ("=12.8", &["王芳"]),
        ("=1280", &[]),
        ("12.80", &["王芳"]),
        ("100-200", &["李晓明"]),
        ("12.80-128", &["王芳", "李晓明"]),
        ("12.81-127.99", &[]),
        ("1-2000 三年级", &["王芳", "李晓明"]),
        ("=128 =12.80", &[]),
        (&short_id, &["欧阳璟", "王芳", "李晓明"]),
        ("  ", &["欧阳璟", "王芳", "李晓明"]),
    ];
    for indexed in [0, 3] {
        assert_eq!(node.number("SELECT COUNT(*) FROM record_search").await, indexed);
        for (q, found) in wanted {
            assert_eq!(titles(&node, q).await, *found, "{q}, {indexed} indexed");
        }
        node.work().await;
    }
    // A job that runs again changes nothing.
    node.execute("UPDATE job SET state = 'waiting' WHERE merchant_id = $1", vec![MERCHANT]).await;
    node.work().await;
    assert_eq!(titles(&node, "李晓").await, ["李晓明"]);
    // Another manager finds nothing of it.
    node.execute("UPDATE manager_session SET manager_id = 42 WHERE merchant_id = $1", vec![MERCHANT]).await;
    node.execute("UPDATE manager SET manager_id = 42 WHERE merchant_id = $1", vec![MERCHANT]).await;
    for (q, _) in wanted {
        assert_eq!(titles(&node, q).await, Vec::<String>::new(), "{q}");
    }
}

async fn what_cannot_be_searched_is_said_in_words_and_nothing_is_an_error_3_3(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    pay(&node, &institution, ("李晓明", "三年级二班"), "128").await;
    for indexed in [false, true] {
        for (q, code) in [
            ("云".repeat(101), "search.too_long"),
            ("😀".repeat(500), "search.too_long"),
            ("a ".repeat(7), "search.too_many_words"),
        ] {
            let (status, problem) = get(&node, &format!("/api/manager/records?q={}", encoded(&q))).await;
            assert_eq!((status, problem["code"].as_str()), (400, Some(code)), "{q}");
            assert!(
                !problem["detail"].as_str().unwrap().is_empty() && !problem["detail_en"].as_str().unwrap().is_empty()
            );
        }
        for q in [
            "' OR 1=1 --",
            "\"; DROP TABLE record; --",
            "NEAR(李 晓)",
            "李* OR 王",
            "words:李",
            "{a b} ^c",
            "\\",
            "\u{202e}李",
            "🇨🇳👨‍👩‍👧",
            "=99999999999999999999",
            "0-0",
            "999999999999-9999999999999",
            "9".repeat(100).as_str(),
            "云".repeat(100).as_str(),
        ] {
            assert_eq!(titles(&node, q).await, Vec::<String>::new(), "{q}");
        }
        assert_eq!(titles(&node, "明\u{0}李晓").await, ["李晓明"], "NUL parts words");
        assert_eq!(titles(&node, "\u{0}李晓\u{0}").await, ["李晓明"]);
        let (status, problem) = get(&node, "/api/manager/records?q=%ff%fe").await;
        assert!(status == 400 || problem["records"].as_array().unwrap().is_empty());
        assert!(!indexed || node.number("SELECT COUNT(*) FROM record_search").await == 1);
        node.work().await;
    }
}

async fn what_is_found_does_not_change_while_payments_arrive_3_3(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let mut wanted = Vec::new();
    for n in 0..40 {
        let name = if n % 2 == 0 { "李晓明" } else { "王芳" };
        wanted.push((pay(&node, &institution, (name, "校服"), "1").await.to_string(), n % 2 == 0));
        if n % 7 == 0 {
            node.work().await; // some are indexed, the newest are not
        }
    }
    let wanted: Vec<String> = wanted.into_iter().rev().filter(|(_, li)| *li).map(|(id, _)| id).collect();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/manager/records?q={}&cursor={cursor}", encoded("李晓"));
        let (status, page) = get(&node, &path).await;
        assert_eq!(status, 200);
        seen.extend(page["records"].as_array().unwrap().iter().map(|r| r["order_id"].as_str().unwrap().to_owned()));
        pay(&node, &institution, ("李晓明", "刚到"), "2").await;
        node.work().await;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, wanted);
}
