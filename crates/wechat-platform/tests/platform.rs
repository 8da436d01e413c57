//! The platform's calls against a tiny server that answers as PROTOCOLS section 3 says.

#![cfg(test)]

mod peer;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use peer::{PNG, Peer};
use wechat_platform::{
    AppSettings, CodeRequest, MiniProgramLogin, OfficialAccountSettings, Platform, PlatformError, Settings,
    WechatPlatform,
};

struct Stage {
    peer: Peer,
    platform: Platform,
    now_ms: Arc<AtomicI64>,
}

fn app(appid: &str, base_url: &str) -> AppSettings {
    AppSettings { appid: appid.to_owned(), secret: "s3cret".to_owned(), base_url: base_url.to_owned() }
}

fn settings(base_url: &str) -> Settings {
    Settings {
        mini_program: Some(app("wxmini", base_url)),
        official_account: Some(OfficialAccountSettings {
            app: app("wxaccount", base_url),
            oauth_url: "https://open.weixin.qq.com/".to_owned(),
        }),
        timeout_ms: 5_000,
    }
}

async fn stage() -> Stage {
    let peer = Peer::start().await;
    let now_ms = Arc::new(AtomicI64::new(1_790_000_000_000));
    let clock = {
        let now_ms = now_ms.clone();
        Arc::new(move || now_ms.load(Ordering::SeqCst))
    };
    let platform = Platform::new(settings(&peer.base_url), clock).unwrap();
    Stage { peer, platform, now_ms }
}

fn code(scene: &str) -> CodeRequest {
    CodeRequest {
        scene: scene.to_owned(),
        page: Some("pages/index/index".to_owned()),
        check_path: false,
        env_version: "release".to_owned(),
        width: 430,
    }
}

#[tokio::test]
async fn a_login_code_becomes_a_person_and_works_once() {
    let Stage { platform, peer: _peer, .. } = stage().await;
    let person = platform.login_code("good&code").await.unwrap();
    assert_eq!(person, MiniProgramLogin { openid: "o-good&code".to_owned(), unionid: Some("u-1".to_owned()) });
    let again = platform.login_code("good&code").await.unwrap_err();
    assert_eq!(again, PlatformError::Refused { errcode: 40163, errmsg: "code been used".to_owned() });
    assert!(again.is_bad_code());
}

#[tokio::test]
async fn an_oauth_code_becomes_an_openid_and_a_bad_one_is_told_apart() {
    let Stage { platform, peer: _peer, .. } = stage().await;
    assert_eq!(platform.oauth_openid("c1").await, Ok("o-c1".to_owned()));
    let bad = platform.oauth_openid("invalid").await.unwrap_err();
    assert!(bad.is_bad_code(), "{bad}");
}

#[tokio::test]
async fn the_oauth_page_takes_its_parameters_in_one_order_only() {
    let Stage { platform, peer: _peer, .. } = stage().await;
    let url = platform.authorize_url("https://pay.example.com/pay/oauth?a=1 2", "s.1-2_3~").unwrap();
    assert_eq!(
        url,
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wxaccount\
         &redirect_uri=https%3A%2F%2Fpay.example.com%2Fpay%2Foauth%3Fa%3D1%202\
         &response_type=code&scope=snsapi_base&state=s.1-2_3%7E#wechat_redirect"
    );
    assert!(matches!(platform.authorize_url("https://a/", &"s".repeat(129)), Err(PlatformError::Misused(_))));
}

#[tokio::test]
async fn one_token_serves_until_five_minutes_before_its_end() {
    let Stage { peer, platform, now_ms } = stage().await;
    for _ in 0..3 {
        assert_eq!(platform.mini_program_code(&code("a")).await.unwrap().bytes, PNG);
    }
    assert_eq!(peer.tokens_asked(), [false]);
    now_ms.fetch_add((7200 - 300) * 1000 - 1, Ordering::SeqCst);
    platform.mini_program_code(&code("a")).await.unwrap();
    assert_eq!(peer.tokens_asked(), [false]);
    now_ms.fetch_add(1, Ordering::SeqCst);
    platform.mini_program_code(&code("a")).await.unwrap();
    assert_eq!(peer.tokens_asked(), [false, false]);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_forced_only_when_it_comes_back_unchanged() {
    for errcode in [40001, 42001, 40014] {
        let Stage { peer, platform, .. } = stage().await;
        platform.mini_program_code(&code("a")).await.unwrap();
        peer.replace_token();
        peer.refuse_tokens_with(errcode);
        platform.mini_program_code(&code("a")).await.unwrap();
        assert_eq!(peer.tokens_asked(), [false, false], "{errcode}");
        peer.distrust_token();
        platform.mini_program_code(&code("a")).await.unwrap();
        assert_eq!(peer.tokens_asked(), [false, false, false, true], "{errcode}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_twice_is_told_and_not_asked_for_again() {
    let Stage { peer, platform, .. } = stage().await;
    peer.refuse_every_token();
    let why = platform.mini_program_code(&code("a")).await.unwrap_err();
    assert_eq!(why, PlatformError::Refused { errcode: 40001, errmsg: "invalid credential".to_owned() });
    assert_eq!(peer.tokens_asked(), [false, false, true]);
}

#[tokio::test]
async fn callers_who_wait_at_the_same_time_ask_for_one_token() {
    let Stage { peer, platform, .. } = stage().await;
    let (first, second) = (code("a"), code("b"));
    let (one, two) = tokio::join!(platform.mini_program_code(&first), platform.mini_program_code(&second));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(peer.tokens_asked(), [false]);
}

#[tokio::test]
async fn a_code_is_a_picture_or_an_error_by_content_type() {
    let Stage { platform, peer: _peer, .. } = stage().await;
    let image = platform.mini_program_code(&code("a")).await.unwrap();
    assert_eq!((image.content_type.as_str(), image.bytes.as_slice()), ("image/png", PNG));
    let mut missing = code("a");
    missing.page = Some("pages/none".to_owned());
    let why = platform.mini_program_code(&missing).await.unwrap_err();
    assert_eq!(why, PlatformError::Refused { errcode: 41030, errmsg: "invalid page".to_owned() });
    for scene in ["", "中", "a b", &"a".repeat(33)] {
        assert!(matches!(platform.mini_program_code(&code(scene)).await, Err(PlatformError::Misused(_))), "{scene}");
    }
}

#[tokio::test]
async fn busy_html_and_server_errors_are_not_refusals() {
    let Stage { platform, peer: _peer, .. } = stage().await;
    assert_eq!(platform.oauth_openid("busy").await, Err(PlatformError::Busy));
    for code in ["html", "500", "empty"] {
        assert!(matches!(platform.oauth_openid(code).await, Err(PlatformError::Unreachable(_))), "{code}");
    }
}

#[tokio::test]
async fn no_secret_and_no_code_appears_in_an_error_or_in_debug() {
    let mut dead = settings("http://127.0.0.1:1");
    dead.timeout_ms = 2_000;
    let platform = Platform::new(dead.clone(), Arc::new(|| 0)).unwrap();
    let why = platform.login_code("the-code").await.unwrap_err();
    assert!(matches!(why, PlatformError::Unreachable(_)));
    for text in [format!("{why} {why:?}"), format!("{dead:?}"), format!("{platform:?}")] {
        assert!(!text.contains("s3cret") && !text.contains("the-code"), "{text}");
    }
}

#[test]
fn a_bad_setting_is_named_with_its_cure() {
    for (base_url, setting) in
        [("ftp://a", "mini_program.base_url"), ("https://a/b", "mini_program.base_url"), ("", "mini_program.base_url")]
    {
        assert_eq!(Platform::new(settings(base_url), Arc::new(|| 0)).unwrap_err().setting, setting);
    }
    let mut no_secret = settings("https://a");
    no_secret.mini_program.as_mut().unwrap().secret = " ".to_owned();
    assert_eq!(Platform::new(no_secret, Arc::new(|| 0)).unwrap_err().setting, "mini_program.secret");
    let mut no_page = settings("https://a");
    no_page.official_account.as_mut().unwrap().oauth_url = "open.weixin.qq.com".to_owned();
    assert_eq!(Platform::new(no_page, Arc::new(|| 0)).unwrap_err().setting, "official_account.oauth_url");
}

#[tokio::test]
async fn what_is_not_set_up_says_so() {
    let nothing = Settings { mini_program: None, official_account: None, timeout_ms: 1000 };
    let platform = Platform::new(nothing, Arc::new(|| 0)).unwrap();
    assert_eq!(platform.login_code("c").await, Err(PlatformError::NotConfigured("mini program")));
    assert_eq!(platform.oauth_openid("c").await, Err(PlatformError::NotConfigured("official account")));
}
