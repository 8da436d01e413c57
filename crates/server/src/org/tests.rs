//! What the tree promises.

use db::{Key, Tx};

use super::{Error, Put, PutOrgUnit, put_org_unit, scope};
use crate::{
    admin::tests::Console,
    testing::{MERCHANT, TestApp, UNIT},
};

/// An org unit below `parent`.
pub(crate) async fn unit(app: &TestApp, id: i64, parent: i64) -> Result<Put, Error> {
    put(app, id, &format!("unit-{id}"), Some(parent), "分公司").await
}

async fn put(app: &TestApp, id: i64, key: &str, parent_id: Option<i64>, name: &str) -> Result<Put, Error> {
    let (key, name) = (key.to_owned(), name.to_owned());
    let write = async move |tx: &mut Tx<'_>| {
        let unit = PutOrgUnit { merchant_id: MERCHANT, new_id: id, key: &key, parent_id, name: &name, channels: &[] };
        put_org_unit(tx, &unit, 1).await
    };
    app.app.db.write(Key::of(0), write).await
}

async fn scope_of(app: &TestApp, id: i64) -> Vec<i64> {
    app.app
        .db
        .read(async move |tx: &mut Tx<'_>| scope(tx, MERCHANT, id).await)
        .await
        .unwrap_or_else(|e: db::Error| panic!("{e}"))
}

/// PRODUCT 1: an admin sees its own org unit and everything below, nothing else; a tree of any depth.
async fn a_scope_is_a_unit_and_everything_below(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    for (id, parent) in [(101, UNIT), (102, 101), (103, 102), (104, UNIT)] {
        assert!(unit(&app, id, parent).await.unwrap().created);
    }
    assert_eq!(scope_of(&app, UNIT).await, [UNIT, 101, 102, 103, 104]);
    assert_eq!(scope_of(&app, 101).await, [101, 102, 103]);
    assert_eq!(scope_of(&app, 104).await, [104]);
    assert!(scope_of(&app, 999).await.is_empty());
    let console = Console::login(&app, "branch", 101).await;
    let (status, body) = console.get(&app, "/api/admin/org-units").await;
    assert_eq!(status, 200, "{body}");
    let ids: Vec<&str> = body["items"].as_array().unwrap().iter().map(|i| i["org_unit_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["101", "102", "103"]);
    assert!(body["items"][0]["parent_id"].is_null(), "what is above is not told");
    assert_eq!(body["items"][1]["parent_id"], "101");
}

/// Issue 2.8: a set-up file applied twice changes nothing; a unit cannot stand below itself.
async fn a_unit_is_put_once_and_never_below_itself(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    unit(&app, 101, UNIT).await.unwrap();
    let again = unit(&app, 555, UNIT).await;
    assert!(again.is_ok_and(|put| put.created), "another key is another unit");
    let same = put(&app, 777, "unit-101", Some(UNIT), "分公司").await.unwrap();
    assert_eq!((same.id, same.is_change()), (101, false));
    let renamed = put(&app, 777, "unit-101", Some(UNIT), "东城分公司").await.unwrap();
    assert_eq!(renamed.changed, ["name"]);
    unit(&app, 102, 101).await.unwrap();
    for parent in [101, 102] {
        assert!(matches!(put(&app, 1, "unit-101", Some(parent), "东城分公司").await, Err(Error::Cycle)));
    }
    assert!(matches!(put(&app, 1, "unit-101", Some(4242), "东城分公司").await, Err(Error::NoParent)));
}

db::on_both_engines!(a_scope_is_a_unit_and_everything_below, a_unit_is_put_once_and_never_below_itself);
