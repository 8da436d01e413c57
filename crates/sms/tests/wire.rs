//! What really goes over the wire, seen by a provider of a few lines: the signed text is rebuilt from what was received.

#![cfg(test)]

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::Uri, routing::any};
use sms::{Message, Outcome, Provider, Settings};
use tokio::{net::TcpListener, task::JoinSet};

type Seen = Arc<Mutex<Vec<(Uri, HeaderMap, Bytes)>>>;

/// A provider that answers every request with `body`, and remembers what it got.
struct Peer {
    base_url: String,
    seen: Seen,
    _server: JoinSet<()>,
}

impl Peer {
    async fn start(body: &'static str) -> Peer {
        let seen = Seen::default();
        let keep = async move |State(seen): State<Seen>, uri: Uri, headers: HeaderMap, bytes: Bytes| {
            seen.lock().unwrap().push((uri, headers, bytes));
            body
        };
        let router = Router::new().fallback(any(keep)).with_state(seen.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Peer { base_url, seen, _server: server }
    }

    fn only(&self) -> (Uri, HeaderMap, Bytes) {
        let seen = self.seen.lock().unwrap();
        assert_eq!(seen.len(), 1, "one message is one request");
        seen[0].clone()
    }
}

fn settings(provider: Provider, base_url: &str) -> Settings {
    Settings {
        provider,
        access_key_id: "AKIDtest".into(),
        access_key_secret: "secret\n".into(),
        sign_name: "云杉".into(),
        sdk_app_id: Some("1400006666".into()),
        region: Some("ap-guangzhou".into()),
        base_url: base_url.into(),
        timeout_ms: 5_000,
    }
}

async fn send(settings: Settings) -> Outcome {
    let sms = sms::open(settings, Arc::new(|| 1_795_399_200_000), Arc::new(|| "n0nce".into())).unwrap();
    let values = vec![("code".into(), "427913".into()), ("minutes".into(), "5".into())];
    sms.send(&Message { mobile: "13800002176".into(), template: "SMS_1".into(), values }).await
}

#[tokio::test]
async fn aliyun_gets_its_parameters_in_the_query_and_nothing_in_the_body() {
    let peer = Peer::start(r#"{"Code":"OK","Message":"OK","BizId":"7"}"#).await;
    let base_url = format!("{}/", peer.base_url);
    assert_eq!(send(settings(Provider::Aliyun, &base_url)).await, Outcome::Sent { id: "7".into() });
    let (uri, headers, body) = peer.only();
    assert_eq!(
        uri.query().unwrap(),
        "PhoneNumbers=13800002176&SignName=%E4%BA%91%E6%9D%89&TemplateCode=SMS_1&\
         TemplateParam=%7B%22code%22%3A%22427913%22%2C%22minutes%22%3A%225%22%7D"
    );
    assert!(body.is_empty());
    assert_eq!((uri.path(), &headers["x-acs-date"]), ("/", &"2026-11-23T02:00:00Z".parse().unwrap()));
    assert_eq!(
        headers["host"].to_str().unwrap(),
        peer.base_url.trim_start_matches("http://"),
        "the port is signed too"
    );
    for name in ["x-acs-action", "x-acs-version", "x-acs-signature-nonce", "x-acs-content-sha256", "authorization"] {
        assert!(headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn tencent_gets_its_parameters_as_json_in_the_templates_order() {
    let peer = Peer::start(r#"{"Response":{"SendStatusSet":[{"Code":"Ok","SerialNo":"9"}],"RequestId":"r"}}"#).await;
    assert_eq!(send(settings(Provider::Tencent, &peer.base_url)).await, Outcome::Sent { id: "9".into() });
    let (_, headers, body) = peer.only();
    assert_eq!(
        std::str::from_utf8(&body).unwrap(),
        r#"{"SmsSdkAppId":"1400006666","SignName":"云杉","TemplateId":"SMS_1","TemplateParamSet":["427913","5"],"PhoneNumberSet":["+8613800002176"]}"#
    );
    let authorization = headers["authorization"].to_str().unwrap();
    assert!(
        authorization.starts_with("TC3-HMAC-SHA256 Credential=AKIDtest/2026-11-23/sms/tc3_request, "),
        "{authorization}"
    );
    assert_eq!(
        (&headers["x-tc-region"], &headers["x-tc-timestamp"]),
        (&"ap-guangzhou".parse().unwrap(), &"1795399200".parse().unwrap())
    );
}

/// PRODUCT 6.5's rule, for messages: nobody knows whether it went.
#[tokio::test]
async fn a_provider_that_cannot_be_reached_is_unknown_and_names_no_mobile() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for provider in [Provider::Aliyun, Provider::Tencent] {
        match send(settings(provider, &base_url)).await {
            Outcome::Unknown(why) => assert!(!why.contains("2176") && !why.contains("427913"), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_setting_that_cannot_be_right_is_named_with_its_cure() {
    let refused = |change: fn(&mut Settings)| {
        let mut wrong = settings(Provider::Tencent, "https://sms.tencentcloudapi.com");
        change(&mut wrong);
        sms::open(wrong, Arc::new(|| 0), Arc::new(String::new)).err().map(|error| error.setting)
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(refused(|s| s.access_key_id.clear()), Some("access_key_id"));
    assert_eq!(refused(|s| s.access_key_secret = " \n".into()), Some("access_key_secret"));
    assert_eq!(refused(|s| s.sign_name = "【云杉】".into()), Some("sign_name"));
    assert_eq!(refused(|s| s.sdk_app_id = None), Some("sdk_app_id"));
    assert_eq!(refused(|s| s.region = None), Some("region"));
    assert_eq!(refused(|s| s.base_url = "https://a.test/x".into()), Some("base_url"));
    let shown = format!("{:?}", settings(Provider::Aliyun, "https://a.test"));
    assert!(!shown.contains("secret\\n") && shown.contains("(hidden)"), "{shown}");
}
