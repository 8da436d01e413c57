//! One error shape everywhere, standard statuses, and a document that says what the handlers do.

use axum::{body::Body, http::Request};
use db::testing::TestDb;
use serde_json::{Value, json};

use crate::testing::{TestApp, bearer};

#[tokio::test]
async fn every_refusal_under_api_has_the_one_shape() {
    let (node, _) = TestApp::collecting(TestDb::sqlite()).await;
    let bearer = bearer();
    let manager = [("authorization", bearer.as_str())];
    for (method, path, headers, body, status, code) in [
        ("GET", "/api/nothing", &manager[..], Value::Null, 404, "not_found"),
        ("GET", "/api/manager/today", &[], Value::Null, 401, "session.missing"),
        ("DELETE", "/api/manager/today", &manager[..], Value::Null, 405, "request.method"),
        ("POST", "/api/manager/login", &[], json!({"mobile": 1}), 400, "request.malformed"),
        ("POST", "/api/manager/login", &[], json!({"mobile": "x".repeat(70_000)}), 413, "request.too_large"),
        ("GET", "/api/admin/orders", &[], Value::Null, 401, "session.missing"),
    ] {
        let (got, problem) = node.json(method, path, headers, body).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{method} {path}: {problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("/problems/{code}"));
        for text in ["title", "title_en", "detail", "detail_en"] {
            assert!(problem[text].as_str().is_some_and(|t| !t.is_empty()), "{path} {text}");
        }
    }
}

#[tokio::test]
async fn the_server_answers_health_and_its_document() {
    let (node, _) = TestApp::collecting(TestDb::sqlite()).await;
    let send = async |path: &str| node.send(Request::get(path).body(Body::empty()).unwrap()).await.status().as_u16();
    assert_eq!(send("/healthz").await, 200);
    assert_eq!(send("/openapi.json").await, 200);
    assert_eq!(send("/console/no-such-file.js").await, 404, "a missing file is not the front page");
}

/// Every answer is described, and every protected path says who may come.
#[test]
fn the_document_leaves_nothing_open() {
    let document: Value = serde_json::from_str(&super::document().unwrap()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            assert!(!responses.is_empty(), "{method} {path} answers nothing");
            assert!(
                responses.keys().any(|status| status.starts_with('4')),
                "{method} {path} does not say how it refuses"
            );
            // Who comes there has no session yet, but says who it is: by a password, an old token, a sealed ticket.
            let open =
                ["/login", "/session/renew", "/session/code", "/session/rebind"].iter().any(|way| path.ends_with(way));
            let guarded = operation["security"].as_array().is_some_and(|s| !s.is_empty());
            assert!(open || guarded, "{method} {path} does not say who may come");
            for (status, response) in responses {
                for (kind, body) in response["content"].as_object().into_iter().flatten() {
                    assert!(
                        body["schema"].as_object().is_some_and(|s| !s.is_empty()),
                        "{method} {path} {status} {kind}: {{}}"
                    );
                }
            }
        }
    }
}
