//! What `mott check channels` says of what a channel found.

use channel::{Finding, Said, VerificationKey};
use db::{on_both_engines, testing::TestDb};

use super::{Lang, Line, Node, Verdict, is_bad, printed, run};
use crate::{
    clock::DAY_MS,
    testing::{NOW_MS, TestApp},
};

on_both_engines!(every_provider_and_every_account_is_asked, what_is_broken_is_named_with_its_cure);

async fn look(node: &TestApp) -> Vec<Line> {
    let links = node.app.outside.links();
    let app = &node.app;
    let asked = Node { db: &app.db, vault: &app.vault, links: &links, config: &app.config, clock: &app.clock };
    run(&asked).await.unwrap()
}

fn verdict(lines: &[Line], check: &str, about: &str) -> Option<Verdict> {
    lines.iter().find(|line| line.check == check && line.about.contains(about)).map(|line| line.verdict)
}

async fn every_provider_and_every_account_is_asked(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    institution.has_keys(vec![VerificationKey { id: "5AB".into(), not_after_ms: Some(NOW_MS + 40 * DAY_MS) }]);
    institution.finds(
        vec![
            Finding::Reached { took_ms: 80 },
            Finding::Skew { ahead_ms: -59_000 },
            Finding::Recognised,
            Finding::SealOpens,
            Finding::Verified { key_id: "5AB".into() },
        ],
        vec![Finding::Reached { took_ms: 1 }, Finding::MerchantKnown, Finding::NotSigned],
    );
    let lines = look(&node).await;
    for check in ["network", "clock", "credentials", "seal", "signature", "keys"] {
        assert_eq!(verdict(&lines, check, "demo-sp"), Some(Verdict::Good), "{check}: {lines:?}");
    }
    assert_eq!(verdict(&lines, "merchant", "云杉教育科技有限公司 / main"), Some(Verdict::Good));
    assert_eq!(lines.iter().filter(|line| line.about.contains("main")).count(), 1, "nothing is said twice");
    assert_eq!(
        verdict(&lines, "callback.address", "demo-sp"),
        Some(Verdict::Bad),
        "http://pay.test is no public address"
    );
    assert!(is_bad(&lines));
    let (zh, en) = (printed(&lines, Lang::Zh), printed(&lines, Lang::En));
    assert!(
        zh.contains("好    service_provider demo-sp：微信支付 80 毫秒应答")
            && zh.contains("本机时钟比微信支付慢 59 秒"),
        "{zh}"
    );
    assert!(en.contains("59 s behind WeChat Pay's") && en.contains("BAD"), "{en}");
    node.pass_ms(11 * DAY_MS);
    assert_eq!(verdict(&look(&node).await, "keys", "demo-sp"), Some(Verdict::Caution), "29 days are left");
    node.pass_ms(30 * DAY_MS);
    assert_eq!(verdict(&look(&node).await, "keys", "demo-sp"), Some(Verdict::Bad));
}

async fn what_is_broken_is_named_with_its_cure(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let said = || Said { code: "SIGN_ERROR".into(), message: "错误的签名".into() };
    for (finding, check, expected, word) in [
        (Finding::Reached { took_ms: 2_001 }, "network", Verdict::Caution, "2001 毫秒"),
        (Finding::Skew { ahead_ms: 61_000 }, "clock", Verdict::Caution, "快 61 秒"),
        (Finding::Skew { ahead_ms: -300_000 }, "clock", Verdict::Caution, "慢 300 秒"),
        (Finding::Skew { ahead_ms: 301_000 }, "clock", Verdict::Bad, "快 301 秒"),
        (Finding::NotRecognised(said()), "credentials", Verdict::Bad, "SIGN_ERROR 错误的签名"),
        (Finding::NotVerified { why: "its signature is wrong".into() }, "signature", Verdict::Bad, "不能相信"),
        (Finding::SealBroken { why: "x".into() }, "seal", Verdict::Bad, "APIv3"),
        (Finding::SealNotTried, "seal", Verdict::Good, "公钥"),
        (Finding::Unclear { why: "HTTP 502".into() }, "answer", Verdict::Bad, "HTTP 502"),
        (Finding::Refused(said()), "answer", Verdict::Bad, "拒绝"),
    ] {
        institution.finds(vec![finding.clone()], vec![]);
        let lines = look(&node).await;
        let line = lines.iter().find(|line| line.check == check).unwrap_or_else(|| panic!("{finding:?}: {lines:?}"));
        assert_eq!(line.verdict, expected, "{finding:?}");
        assert!(line.found.zh.contains(word), "{finding:?}: {}", line.found.zh);
        assert_eq!(line.cure.is_some(), expected != Verdict::Good, "{finding:?}");
    }
    institution.finds(vec![], vec![Finding::MerchantRefused(said())]);
    assert_eq!(verdict(&look(&node).await, "merchant", "main"), Some(Verdict::Bad));
    institution.finds(vec![Finding::Unreachable { why: "timed out".into() }], vec![Finding::MerchantKnown]);
    let lines = look(&node).await;
    assert_eq!(verdict(&lines, "network", "demo-sp"), Some(Verdict::Bad));
    assert_eq!(verdict(&lines, "merchant", "main"), Some(Verdict::Caution), "nobody was asked about the merchant");
}
