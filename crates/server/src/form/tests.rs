//! What forms promise: problems are said in words and by field, and what was once filled in stays readable.

use db::{Key, Tx, migrate, on_both_engines, testing::TestDb};
use money::Amount;
use serde_json::{Value, json};

use super::*;
use crate::{
    admin::{Role, tests::Console},
    org::tests::unit,
    schema,
    testing::{FORM, MERCHANT, TestApp, UNIT},
};

fn text(key: &str, required: bool, max_length: u32, rule: TextRule) -> Field {
    let (key, label) = (key.to_owned(), format!("{key} 栏"));
    Field::Text { key, label, required, help: String::new(), max_length, rule }
}

fn choice(key: &str, required: bool, multiple: bool) -> Field {
    let (key, label) = (key.to_owned(), format!("{key} 栏"));
    let options = ["学费", "住宿费", "书费"].map(str::to_owned).to_vec();
    Field::Choice { key, label, required, help: String::new(), options, multiple }
}

fn form(fields: Vec<Field>) -> Definition {
    Definition { amount: AmountRule::default(), fields }
}

fn typed(amount: &str, values: &[(&str, &str)]) -> Submitted {
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Submitted { amount: amount.into(), values }
}

fn codes(result: Result<Filled, Vec<crate::web::FieldProblem>>) -> Vec<(String, String)> {
    let problems = result.expect_err("should be refused");
    assert!(problems.iter().all(|p| !p.message.is_empty() && !p.message_en.is_empty()));
    problems.into_iter().map(|p| (p.field, p.code)).collect()
}

fn one(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.into(), code.into())]
}

#[test]
fn the_default_form_is_sound_and_takes_a_plain_payment_product_1() {
    let form = default_definition();
    assert_eq!(form.check(), []);
    let filled = form.fill(&typed("128.5", &[("payer_name", "林小满"), ("remark", " 三月 ")])).unwrap();
    assert_eq!(filled.amount, Amount::from_fen(12_850));
    assert_eq!((filled.title.as_str(), filled.subtitle.as_str()), ("林小满", "三月"));
    assert_eq!(filled.values[0].label, "付款人姓名");
    let bare = form.fill(&typed("1", &[("payer_name", "林"), ("remark", "  "), ("unknown", "x")])).unwrap();
    assert_eq!(
        (bare.values.len(), bare.subtitle.as_str()),
        (1, ""),
        "an empty optional and an unknown field leave no trace"
    );
}

#[test]
fn every_slip_with_the_amount_has_its_own_answer() {
    let form = form(vec![]);
    for (amount, code) in [
        ("", "amount.required"),
        ("0", "amount.too_small"),
        ("0.00", "amount.too_small"),
        ("-5", "amount.negative"),
        ("1.234", "amount.too_precise"),
        ("abc", "amount.not_a_number"),
        ("50000.01", "amount.too_large"),
        ("99999999999999999999", "amount.too_large"),
    ] {
        assert_eq!(codes(form.fill(&typed(amount, &[]))), one("amount", code), "{amount}");
    }
    for (amount, fen) in [("１２８．５０", 12_850), (" 1,280 ", 128_000), ("50000", 5_000_000), ("0.01\u{0}", 1)]
    {
        assert_eq!(form.fill(&typed(amount, &[])).unwrap().amount.fen(), fen, "{amount}");
    }
}

#[test]
fn a_fixed_amount_is_the_forms_whatever_the_page_says_product_4() {
    let mut form = form(vec![]);
    form.amount.mode = AmountMode::Fixed;
    form.amount.fixed_fen = Some(12_800);
    assert_eq!(form.check(), []);
    for typed_amount in ["", "0.01", "nonsense"] {
        assert_eq!(form.fill(&typed(typed_amount, &[])).unwrap().amount.fen(), 12_800);
    }
}

#[test]
fn every_broken_field_rule_is_said_under_its_field() {
    let rules = |field: Field, values: &[(&str, &str)]| form(vec![field]).fill(&typed("1", values));
    let a = |rule| text("a", true, 5, rule);
    for (result, code) in [
        (rules(a(TextRule::None), &[]), "field.required"),
        (rules(a(TextRule::None), &[("a", " \u{3000}\u{0}\u{202e}")]), "field.required"),
        (rules(a(TextRule::None), &[("a", "一二三四五六")]), "field.too_long"),
        (rules(a(TextRule::None), &[("a", "1"), ("a", "2")]), "field.several"),
        (rules(a(TextRule::Digits), &[("a", "12a")]), "field.digits"),
        (rules(text("a", true, 20, TextRule::Mobile), &[("a", "1380000217")]), "field.mobile"),
        (rules(text("a", true, 20, TextRule::Mobile), &[("a", "23800002176")]), "field.mobile"),
        (rules(choice("a", true, false), &[]), "field.required"),
        (rules(choice("a", true, false), &[("a", "学费"), ("a", "书费")]), "field.several"),
        (rules(choice("a", true, true), &[("a", "学费"), ("a", "车费")]), "field.unknown_option"),
    ] {
        assert_eq!(codes(result), one("f_a", code));
    }
    let all = form(vec![a(TextRule::None), choice("b", true, false)]).fill(&typed("x", &[("a", "一二三四五六")]));
    let fields: Vec<String> = codes(all).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["amount", "f_a", "f_b"], "all at once, in the order of the page");
}

#[test]
fn what_is_clear_is_normalised() {
    let form = form(vec![
        text("name", false, 5, TextRule::None),
        text("no", false, 20, TextRule::Digits),
        text("mobile", false, 11, TextRule::Mobile),
        choice("items", false, true),
    ]);
    let values = [
        ("name", "\u{202e}林\u{0}小\n满 "),
        ("no", "００７"),
        ("mobile", "+86 138-0000 2176"),
        ("items", "书费"),
        ("items", "学费"),
    ];
    let filled = form.fill(&typed("1", &values)).unwrap();
    let kept: Vec<&str> = filled.values.iter().map(|v| v.value.as_str()).collect();
    assert_eq!(kept, ["林小 满", "007", "13800002176", "学费、书费"]);
    assert_eq!(filled.subtitle, "007 · 13800002176 · 学费、书费");
}

#[test]
fn the_title_is_the_payer_then_the_first_text_then_the_amounts_label() {
    let title = |fields, values: &[(&str, &str)]| form(fields).fill(&typed("1", values)).unwrap().title;
    let (room, payer) = (text("room", false, 500, TextRule::None), text("payer_name", false, 50, TextRule::None));
    assert_eq!(title(vec![room.clone(), payer], &[("room", "3-201"), ("payer_name", "林小满")]), "林小满");
    assert_eq!(title(vec![choice("b", false, false), room.clone()], &[("b", "学费"), ("room", "3-201")]), "3-201");
    assert_eq!(title(vec![choice("b", false, false)], &[("b", "学费")]), "付款金额");
    let long = title(vec![room], &[("room", &"长".repeat(500))]);
    assert_eq!((long.chars().count(), long.ends_with('…')), (60, true));
}

#[test]
fn every_rule_of_a_definition_is_checked_with_its_place() {
    let with = |change: fn(&mut Definition)| {
        let mut form = form(vec![text("a", true, 5, TextRule::None), choice("b", false, true)]);
        change(&mut form);
        form.check().into_iter().map(|p| (p.field, p.code)).collect::<Vec<_>>()
    };
    assert_eq!(with(|_| {}), []);
    assert_eq!(with(|f| f.amount.label = " ".into()), one("amount.label", "form.empty"));
    assert_eq!(with(|f| f.amount.min_fen = 0), one("amount.min_fen", "amount.bounds"));
    assert_eq!(with(|f| f.amount.max_fen = MAX_AMOUNT_FEN + 1), one("amount.max_fen", "amount.bounds"));
    assert_eq!(with(|f| f.amount.min_fen = 5_000_001), one("amount.max_fen", "amount.bounds"));
    assert_eq!(with(|f| f.amount.fixed_fen = Some(1)), one("amount.fixed_fen", "amount.not_fixed"));
    assert_eq!(with(|f| f.amount.mode = AmountMode::Fixed), one("amount.fixed_fen", "amount.bounds"));
    for key in ["", "A", "1a", "a-b", "名", &"a".repeat(33)] {
        let mut form = form(vec![text("a", true, 5, TextRule::None)]);
        form.fields[0] = text(key, true, 5, TextRule::None);
        assert!(form.check().iter().any(|p| p.code == "form.key_shape"), "{key}");
    }
    assert_eq!(with(|f| f.fields.push(text("a", true, 5, TextRule::None))), one("fields.2.key", "form.key_taken"));
    assert_eq!(
        with(|f| f.fields[0] = text("a", true, 0, TextRule::None)),
        one("fields.0.max_length", "form.max_length")
    );
    assert_eq!(
        with(|f| f.fields[0] = text("a", true, 501, TextRule::None)),
        one("fields.0.max_length", "form.max_length")
    );
    assert_eq!(with(|f| options(f, &[])), one("fields.1.options", "form.options"));
    assert_eq!(with(|f| options(f, &["x", " x"])), one("fields.1.options.1", "form.option_twice"));
    assert_eq!(with(|f| options(f, &["x", ""])), one("fields.1.options.1", "form.empty"));
    let many = form((0..31).map(|n| text(&format!("k{n}"), false, 5, TextRule::None)).collect());
    assert_eq!(many.check().len(), 1, "thirty-one fields are one problem");
}

fn options(form: &mut Definition, new: &[&str]) {
    if let Field::Choice { options, .. } = &mut form.fields[1] {
        *options = new.iter().map(|o| (*o).to_owned()).collect();
    }
}

#[test]
fn the_stored_shape_is_the_one_of_the_api() {
    let text = r#"{"amount":{"label":"付款金额","mode":"typed","fixed_fen":null,"min_fen":1,"max_fen":5000000},
        "fields":[{"key":"student","kind":"text","label":"学生姓名","required":true,"help":"","max_length":50,"rule":"digits"},
                  {"key":"item","kind":"choice","label":"缴费项目","required":true,"help":"","options":["学费","住宿费"],"multiple":false}]}"#;
    let form: Definition = serde_json::from_str(text).unwrap();
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_value(&form).unwrap(), value);
    assert!(serde_json::from_str::<Definition>(&text.replace("help", "halp")).is_err(), "an unknown key is no key");
}

on_both_engines!(
    a_version_is_kept_for_good_and_a_stale_save_is_refused,
    the_console_edits_a_form_and_nobody_overwrites_another,
    only_who_may_manage_saves_a_form_and_every_problem_is_named,
);

async fn a_version_is_kept_for_good_and_a_stale_save_is_refused(test: TestDb) {
    migrate(&test.db, schema::STEPS).await.unwrap();
    let db = &test.db;
    let save = async |base: i64, label: &str| {
        let mut definition = default_definition();
        definition.amount.label = label.into();
        db.write(Key::of(7_i64), async move |tx: &mut Tx<'_>| {
            save_version(tx, 7, 1, base, &definition, "王敏", 20).await
        })
        .await
    };
    db.write(Key::of(7_i64), async |tx: &mut Tx<'_>| {
        let definition = default_definition();
        let new = NewForm { form_id: 1, key: "default", name: DEFAULT_NAME, definition: &definition, by: "apply" };
        create(tx, 7, &new, 10).await
    })
    .await
    .unwrap();
    assert_eq!(save(1, "学费").await.unwrap(), 2);
    assert!(matches!(save(1, "late").await, Err(Error::Stale)), "somebody else saved first");
    let (old, new, get, other) = db
        .read(async |tx: &mut Tx<'_>| {
            let versions = (load(tx, 7, 1, Some(1)).await?, load(tx, 7, 1, None).await?);
            Ok::<_, db::Error>((versions.0, versions.1, get(tx, 7, 1).await?, load(tx, 8, 1, None).await?))
        })
        .await
        .unwrap();
    assert_eq!(old.unwrap().definition, default_definition(), "an order's version never changes");
    let new = new.unwrap();
    assert_eq!((new.version, new.definition.amount.label.as_str()), (2, "学费"));
    assert_eq!((get.unwrap().updated_by.as_str(), other), ("王敏", None));
}

async fn save(app: &TestApp, console: &Console, base_version: i64, definition: &Definition) -> (u16, Value) {
    let headers = [("cookie", console.cookie.as_str()), ("x-csrf-token", console.csrf.as_str())];
    let body = json!({ "definition": definition, "base_version": base_version });
    app.json("PUT", &format!("/api/admin/forms/{FORM}"), &headers, body).await
}

/// PRODUCT 4: a form is versioned. Issue 2.6: one form editor.
async fn the_console_edits_a_form_and_nobody_overwrites_another(test: TestDb) {
    let app = TestApp::new(test).await;
    let console = Console::login(&app, "admin", UNIT).await;
    let (status, listed) = console.get(&app, "/api/admin/forms").await;
    assert_eq!((status, listed["items"][0]["form_id"].as_str()), (200, Some(FORM.to_string().as_str())), "{listed}");
    let (_, before) = console.get(&app, &format!("/api/admin/forms/{FORM}")).await;
    let mut definition: Definition = serde_json::from_value(before["definition"].clone()).unwrap();
    definition.fields.push(choice("item", true, false));
    let epoch = "SELECT pages_epoch FROM merchant";
    let pages = app.number(epoch).await;
    let (status, saved) = save(&app, &console, 1, &definition).await;
    assert_eq!(
        (status, saved["version"].as_i64(), saved["updated_by"].as_str()),
        (200, Some(2), Some("李会计")),
        "{saved}"
    );
    assert_eq!(saved["definition"]["fields"][2]["kind"], "choice");
    assert_eq!(app.number(epoch).await, pages + 1, "every node drops its kept pages");
    assert_eq!(app.number("SELECT COUNT(*) FROM audit WHERE action = 'form.save'").await, 1);
    let (status, stale) = save(&app, &console, 1, &definition).await;
    assert_eq!((status, stale["code"].as_str()), (409, Some("conflict.stale")));
    let (status, _) = console.get(&app, "/api/admin/forms/99").await;
    assert_eq!(status, 404);
    let version = app.app.db.read(async |tx: &mut Tx<'_>| load(tx, MERCHANT, FORM, Some(1)).await).await.unwrap();
    assert_eq!(version.unwrap().definition, default_definition());
}

async fn only_who_may_manage_saves_a_form_and_every_problem_is_named(test: TestDb) {
    let app = TestApp::new(test).await;
    let finance = Console::login_as(&app, "finance", UNIT, Role::Finance).await;
    let (status, denied) = save(&app, &finance, 1, &default_definition()).await;
    assert_eq!((status, denied["code"].as_str()), (403, Some("permission.denied")));
    assert_eq!(finance.get(&app, "/api/admin/forms").await.0, 200, "who may only look, looks");
    unit(&app, 101, UNIT).await.unwrap();
    let branch = Console::login(&app, "branch", 101).await;
    let (status, denied) = save(&app, &branch, 1, &default_definition()).await;
    assert_eq!((status, denied["code"].as_str()), (403, Some("permission.denied")), "PRODUCT 1: all units share it");
    assert!(denied["detail"].as_str().unwrap().contains("总部"), "{denied}");
    assert_eq!(branch.get(&app, &format!("/api/admin/forms/{FORM}")).await.0, 200);
    let admin = Console::login(&app, "admin", UNIT).await;
    let wrong = form(vec![text("A", true, 0, TextRule::None)]);
    let (status, problem) = save(&app, &admin, 1, &wrong).await;
    let fields: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!((status, problem["code"].as_str()), (422, Some("field.invalid")));
    assert_eq!(fields, ["fields.0.key", "fields.0.max_length"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM form_version").await, 1);
}
