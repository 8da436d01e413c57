//! What set-up files promise: judged whole, refused by line, applied once.

use std::path::{Path, PathBuf};

use db::{Tx, on_both_engines, testing::TestDb};
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};

use super::{Error, apply};
use crate::{
    collection_code, form,
    order::{Place, place},
    outside,
    testing::TestApp,
};

on_both_engines!(
    three_short_tables_collect,
    the_same_files_twice_change_nothing_and_a_change_is_applied_alone,
    a_refusal_names_file_line_and_reason_and_nothing_is_written,
    what_belongs_to_another_merchant_is_refused,
    an_account_goes_through_a_provider_of_its_own_institution,
    secrets_are_sealed_and_a_new_one_is_noticed,
    whoever_sends_short_messages_is_judged_whole,
    a_new_manager_gets_its_mail_and_a_new_admin_its_password,
    an_extra_code_collects_with_its_own_form,
);

/// A folder with the key files that a service provider is handed.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        let (private, public) = keys();
        folder.put("apiclient_key.pem", &private);
        folder.put("wechatpay_public_key.pem", &public);
        folder.put("apiv3_key.txt", &format!("{}\n", "k".repeat(32)));
        folder.put("alipay_app_private_key.pem", &private);
        folder.put("alipay_public_key.pem", &public);
        folder.put("alipay_app_auth_token.txt", "202611BB-geheim");
        for name in
            ["mini_program_secret.txt", "official_account_secret.txt", "smtp_password.txt", "sms_access_key_secret.txt"]
        {
            folder.put(name, "geheim-1234");
        }
        folder
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The platform's example, without the certificate that only a real provider has.
    fn platform(&self) -> PathBuf {
        let text = example("platform.example.toml");
        self.put("platform.toml", &text.replace("\nplatform_certificate_files", "\n# platform_certificate_files"))
    }
}

/// Made once: primes take their time in debug builds.
fn keys() -> (String, String) {
    static KEYS: std::sync::OnceLock<(String, String)> = std::sync::OnceLock::new();
    let make = || {
        let key = rsa::RsaPrivateKey::new(&mut rand::thread_rng(), 2048).unwrap();
        let public = key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap();
        (key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string(), public)
    };
    KEYS.get_or_init(make).clone()
}

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

const SHORT: &str = r#"
[merchant]
full_name = "青禾餐饮管理有限公司"
[[channel_account]]
sub_mchid = "1900000112"
[[manager]]
name = "何苗"
mobile = "13900000001"
email = "hemiao@example.test"
"#;

async fn lines(app: &TestApp, files: &[&Path]) -> Vec<String> {
    let files: Vec<PathBuf> = files.iter().map(|file| file.to_path_buf()).collect();
    apply(&app.app, &files).await.unwrap_or_else(|e| panic!("{e}")).lines().to_vec()
}

/// What was refused, one text per refusal.
async fn refused(app: &TestApp, files: &[&Path]) -> Vec<String> {
    let files: Vec<PathBuf> = files.iter().map(|file| file.to_path_buf()).collect();
    match apply(&app.app, &files).await {
        Err(Error::Refused(refusals)) => refusals.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

async fn three_short_tables_collect(test: TestDb) {
    let (app, folder) = (TestApp::new(test).await, Folder::new());
    let file = folder.put("merchant.toml", SHORT);
    let made = lines(&app, &[&file, &folder.platform()]).await;
    for line in ["+ merchant 青禾餐饮管理有限公司", "+ org_unit root", "+ form default", "+ manager 139****0001"]
    {
        assert!(made.iter().any(|made| made == line), "{line} is missing: {made:?}");
    }
    let (merchant_id, manager_id) = app
        .app
        .db
        .read(async |tx: &mut Tx<'_>| {
            let row =
                tx.query_one("SELECT merchant_id, manager_id FROM manager WHERE mobile = '13900000001'", &[]).await?;
            Ok::<(i64, i64), db::Error>((row.get(0)?, row.get(1)?))
        })
        .await
        .unwrap();
    assert_eq!(merchant_id, 2, "a small number, the one after the seeded merchant");
    let screen = collection_code::default_code(&app.app, merchant_id, manager_id, None).await.unwrap();
    let submitted = form::Submitted { amount: "12.50".into(), values: vec![("payer_name".into(), "王小明".into())] };
    let code_token = screen.code.url.rsplit('/').next().unwrap().to_owned();
    let placed = place(&app.app, Place { code_token, submitted, submission: None, form_version: None }).await;
    assert!(placed.is_ok(), "PRODUCT 1: it works end to end: {placed:?}");
}

async fn the_same_files_twice_change_nothing_and_a_change_is_applied_alone(test: TestDb) {
    let (app, folder) = (TestApp::new(test).await, Folder::new());
    let platform = folder.platform();
    // The seeded merchant has the number of the example.
    let text = example("merchant.example.toml").replace("1900000110", "1900000119");
    let file = folder.put("merchant.toml", &text);
    assert!(!lines(&app, &[&platform, &file]).await.is_empty(), "the examples are accepted as they are");
    assert_eq!(lines(&app, &[&file, &platform]).await, [""; 0]);
    for (from, to, line) in [
        ("陈明", "陈小明", "~ manager 138****2176 name"),
        ("\"王敏\"", "\"王敏敏\"", "~ admin wangmin name"),
        ("华东分公司", "华东校区", "~ org_unit east name"),
        ("\"教材费\"", "\"书费\"", "~ form default definition"),
        ("学费缴纳", "缴费", "~ form default name"),
        ("[\"jsapi\", \"h5\", \"native\"]", "[\"jsapi\"]", "~ channel_account main (1900000119) ways"),
        ("plaque_name = \"云上\"", "plaque_name = \"云\"", "~ merchant yunshang plaque_name"),
        ("change-me-too", "another-password", ""),
        ("slip = false", "slip = true", "~ channel_account main (1900000119) checklist"),
        ("without = []", "without = [\"wechatpay\"]", "~ org_unit east accounts"),
    ] {
        assert!(text.contains(from), "{from} is not in the example");
        let changed = folder.put("changed.toml", &text.replacen(from, to, if from.starts_with('[') { 1 } else { 9 }));
        let wanted: Vec<&str> = [line].into_iter().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines(&app, &[&changed]).await, wanted, "{from} → {to}");
        lines(&app, &[&file]).await;
    }
    assert_eq!(
        app.number("SELECT COUNT(*) FROM form_version WHERE merchant_id = 2").await,
        4,
        "versions are kept, of both forms"
    );
    assert!(app.number("SELECT COUNT(*) FROM audit WHERE actor = 'apply' AND merchant_id = 2").await > 5);
    assert_eq!(app.number("SELECT COUNT(*) FROM audit WHERE detail LIKE '%password %'").await, 0);
}

async fn a_refusal_names_file_line_and_reason_and_nothing_is_written(test: TestDb) {
    let (app, folder) = (TestApp::new(test).await, Folder::new());
    let platform = folder.platform();
    let text = example("merchant.example.toml").replace("1900000110", "1900000119");
    for (from, to, reason) in [
        ("plaque_name =", "plakue_name =", "unknown field `plakue_name`"),
        ("[[admin]]", "[[adnim]]", "unknown field `adnim`"),
        ("[merchant]\n", "[[plaque]]\nx = 1\n\n[merchant]\n", "unknown field `plaque`"),
        ("manager = \"13800002176\"", "manager = \"13800002177\"", "no [[manager]] has the mobile 13800002177"),
        ("form = \"sunshine\"", "form = \"sunshin\"", "no [[form]] has the key sunshin"),
        ("mobile = \"13800002176\"", "mobile = 13800002176", "expected a string"),
        ("mobile = \"13800002176\"", "mobile = \"1380000217\"", "11 digits"),
        ("email = \"chenming@example.com\"", "email = \"chenming\"", "not an e-mail address"),
        ("parent = \"root\"", "parent = \"rot\"", "no [[org_unit]] has the key rot"),
        ("parent = \"root\"", "parent = \"east\"", "stands below itself"),
        ("org_unit = \"east\"", "org_unit = \"west\"", "no [[org_unit]] has the key west"),
        ("accounts = [\"main\", \"ali\"]", "accounts = [\"mian\"]", "no [[channel_account]] has the key mian"),
        ("accounts = [\"main\", \"ali\"]", "accounts = [\"main\"]\naccount = \"main\"", "two accounts of wechatpay"),
        (
            "accounts = [\"main\", \"ali\"]",
            "accounts = [\"main\"]\nwithout = [\"wechatpay\"]",
            "both has an account of wechatpay and is without wechatpay",
        ),
        ("key = \"east\"", "key = \"root\"", "org_unit root is there twice"),
        ("key = \"yunshang\"", "key = \"Yunshang\"", "small letters"),
        ("refund_approval_above = \"200.00\"", "refund_approval_above = \"viel\"", "an amount in yuan"),
        ("uscc = \"9111", "uscc = \"911", "18 digits"),
        (
            "provider = \"main-sp\"",
            "provider = \"other-sp\"",
            "no service provider for wechatpay is named other-sp; there is: main-sp",
        ),
        ("channel = \"wechatpay\"", "channel = \"unionpay\"", "a channel is \"wechatpay\" or \"alipay\""),
        ("channel = \"wechatpay\"", "channel = \"alipay\"", "an account of alipay has no such key"),
        ("sub_mchid = \"1900000119\"", "seller_id = \"2088000000000001\"", "an account of wechatpay has no such key"),
        ("product = true", "prodact = true", "unknown field `prodact`"),
        ("sub_mchid = \"1900000119\"", "sub_mchid = \"19000OO119\"", "digits only"),
        ("\"native\"]", "\"nativ\"]", "unknown variant `nativ`"),
        ("role = \"admin\"", "role = \"boss\"", "\"finance\" or \"viewer\""),
        ("password = \"change-me-too\"", "password = \"short\"", "At least 8 characters"),
        ("label = \"学生姓名\"", "label = \"\"", "fields.0.label: Fill this in."),
        ("max_length = 30", "max_length = 501", "fields.0.max_length"),
        ("min_fen = 100", "min_fen = 0", "amount.min_fen"),
        ("kind = \"choice\"", "kind = \"chioce\"", "unknown variant `chioce`"),
        ("full_name = \"云上教育科技有限公司\"", "full_name = \"\"", "1 to 100 characters"),
    ] {
        // The first comment repeats the short form: only what is no comment is changed, and says its line.
        let line = text.lines().position(|l| !l.starts_with('#') && format!("{l}\n").contains(from)).unwrap();
        let mut changed: Vec<String> = text.lines().map(str::to_owned).collect();
        changed[line] = format!("{}\n", changed[line]).replacen(from, to, 1);
        let file = folder.put("merchant.toml", &changed.join("\n"));
        let refusals = refused(&app, &[&platform, &file]).await;
        let first = &refusals[0];
        let said = first.strip_prefix(&format!("{}:", file.display())).unwrap_or_else(|| panic!("{first}"));
        assert!(said.contains(reason), "{to}: {refusals:?}");
        // A rule of a whole table may be told at the table's head or key.
        let told: usize = said.split(':').next().unwrap().parse().unwrap();
        let near = if reason.starts_with("fields") || reason.starts_with("a") { 25 } else { 6 };
        assert!(told.abs_diff(line + 1) <= near, "{to} in line {}: {first}", line + 1);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM merchant").await, 1);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM service_provider").await,
        0,
        "one wrong file keeps the others out, too"
    );
    for (name, text, reason) in [
        ("empty.toml", "", "platform.example.toml or merchant.example.toml"),
        ("both.toml", "[merchant]\nfull_name = \"a\"\n[smtp]\n", "two files"),
        ("torn.toml", "[merchant\n", "1"),
    ] {
        let refusals = refused(&app, &[&folder.put(name, text)]).await;
        assert!(refusals[0].contains(name) && refusals[0].contains(reason), "{refusals:?}");
    }
    assert!(refused(&app, &[Path::new("/nonexistent.toml")]).await[0].contains("cannot be read"));
}

async fn what_belongs_to_another_merchant_is_refused(test: TestDb) {
    let (app, folder) = (TestApp::new(test).await, Folder::new());
    let platform = folder.platform();
    let first =
        folder.put("first.toml", &format!("{SHORT}[[admin]]\nlogin = \"Li\"\nname = \"李\"\nemail = \"li@x.test\"\n"));
    let second = |sub: &str, mobile: &str, login: &str| {
        format!(
            "[merchant]\nkey = \"second\"\nfull_name = \"乙\"\n[[channel_account]]\nsub_mchid = \"{sub}\"\n[[manager]]\nname = \"丁\"\n\
             mobile = \"{mobile}\"\nemail = \"d@x.test\"\n[[admin]]\nlogin = \"{login}\"\nname = \"戊\"\nemail = \"w@x.test\"\n"
        )
    };
    let other = folder.put("second.toml", &second("1900000112", "13900000001", "LI"));
    let together = refused(&app, &[&platform, &first, &other]).await;
    assert_eq!(together.len(), 3, "both files want the same number, mobile and login: {together:?}");
    lines(&app, &[&platform, &first]).await;
    let later = refused(&app, &[&other]).await;
    for (refusal, (line, reason)) in
        later.iter().zip([(5, "belongs to the merchant"), (11, "has the login LI"), (8, "has the mobile 13900000001")])
    {
        assert!(refusal.contains(&format!("second.toml:{line}: ")) && refusal.contains(reason), "{later:?}");
    }
    assert_eq!(later.len(), 3);
    let good = folder.put("second.toml", &second("1900000113", "13900000002", "wu"));
    assert!(lines(&app, &[&good]).await.contains(&"+ merchant second".to_owned()));
}

async fn secrets_are_sealed_and_a_new_one_is_noticed(test: TestDb) {
    let (app, folder) = (TestApp::new(test).await, Folder::new());
    let platform = folder.platform();
    let made = lines(&app, &[&platform]).await;
    assert_eq!(
        made,
        [
            "+ service_provider main-sp",
            "+ service_provider main-ali",
            "+ mini_program",
            "+ official_account",
            "+ smtp",
            "+ sms"
        ]
    );
    let stored = app.app.db.read(async |tx: &mut Tx<'_>| outside::load(tx).await).await.unwrap();
    assert!(stored.iter().all(|row| row.secret.starts_with(b"a1.") && !row.settings.contains("geheim")), "PRODUCT 8");
    folder.put("smtp_password.txt", "neu-5678");
    assert_eq!(lines(&app, &[&platform]).await, ["~ smtp secret"]);
    folder.put("platform.toml", &std::fs::read_to_string(&platform).unwrap().replace("port = 465", "port = 587"));
    assert_eq!(lines(&app, &[&platform]).await, ["~ smtp settings"]);
    let example = std::fs::read_to_string(&platform).unwrap();
    for (name, text) in [
        ("apiv3_key.txt", "short"),
        ("apiclient_key.pem", "no key"),
        ("alipay_app_private_key.pem", "no key"),
        ("alipay_public_key.pem", "no key"),
        ("smtp_password.txt", ""),
    ] {
        let named = |line: &str| !line.starts_with('#') && line.contains(&format!("\"{name}\""));
        let line = 1 + example.lines().position(named).unwrap();
        let before = std::fs::read_to_string(folder.0.path().join(name)).unwrap();
        folder.put(name, text);
        let refusals = refused(&app, &[&platform]).await;
        assert!(refusals[0].contains(&format!("platform.toml:{line}: ")), "{name}: {refusals:?}");
        folder.put(name, &before);
    }
}

async fn whoever_sends_short_messages_is_judged_whole(test: TestDb) {
    let (app, folder) = (TestApp::new(test).await, Folder::new());
    let text = example("platform.example.toml");
    let sms = text.split_once("\n[sms]\n").unwrap().1;
    let tencent = [("= \"aliyun\"", "= \"tencent\""), ("# sdk_app_id", "sdk_app_id"), ("# region =", "region =")];
    let tencent = tencent.iter().fold(sms.to_owned(), |text, (from, to)| text.replacen(from, to, 1));
    for (good, line) in [(sms, "+ sms"), (tencent.as_str(), "~ sms settings")] {
        assert_eq!(lines(&app, &[&folder.put("platform.toml", &format!("[sms]\n{good}"))]).await, [line]);
    }
    for (from, to, reason) in [
        ("= \"tencent\"", "= \"acme\"", "unknown variant `acme`"),
        ("\"星收付\"", "\"【星收付】\"", "without its brackets"),
        ("\"LTAI", "\"LT AI", "AccessKey id"),
        ("region = \"ap-guangzhou\"", "", "region, such as"),
        ("sdk_app_id = \"1400000000\"", "", "SdkAppId"),
        ("aliyuncs.com\"\n#", "aliyuncs.com/x\"\n#", "scheme and host only"),
        ("[\"code\", \"minutes\"]", "[\"minutes\"]", "[\"code\"]"),
        ("[\"code\", \"minutes\"]", "[\"code\", \"name\"]", "[\"code\"]"),
        ("\"SMS_000000000\"", "\"\"", "approved"),
        ("sms_access_key_secret.txt", "nowhere.txt", "nowhere.txt"),
    ] {
        assert!(tencent.contains(from), "{from}");
        let file = folder.put("platform.toml", &format!("[sms]\n{}", tencent.replacen(from, to, 1)));
        let refusals = refused(&app, &[&file]).await;
        assert!(refusals[0].contains("platform.toml:") && refusals[0].contains(reason), "{to}: {refusals:?}");
    }
}

/// PRODUCT 1: several institutions, each account through a provider of its own institution.
async fn an_account_goes_through_a_provider_of_its_own_institution(test: TestDb) {
    let (app, folder) = (TestApp::new(test).await, Folder::new());
    let platform = folder.platform();
    let text = example("merchant.example.toml").replace("1900000110", "1900000119");
    let file = folder.put("merchant.toml", &text);
    let made = lines(&app, &[&platform, &file]).await;
    assert!(made.contains(&"+ channel_account ali (2088000000000110)".to_owned()), "{made:?}");
    assert_eq!(app.text("SELECT provider_key FROM channel_account WHERE channel = 'alipay'").await, "main-ali");
    let said = "SELECT COUNT(*) FROM unit_channel WHERE merchant_id = 2 AND account_id IS NOT NULL";
    assert_eq!(app.number(said).await, 2, "the root says both, what is below inherits");
    assert_eq!(app.number("SELECT COUNT(*) FROM channel_authorization WHERE provider_key = 'main-ali'").await, 1);
    folder.put("alipay_app_auth_token.txt", "202612BB-neu");
    assert_eq!(lines(&app, &[&file]).await, ["~ channel_account ali (2088000000000110) app_auth_token"]);
    assert_eq!(lines(&app, &[&file]).await, [""; 0]);
    for (from, to, reason) in [
        ("provider = \"main-sp\"", "provider = \"main-ali\"", "no service provider for wechatpay is named main-ali"),
        ("seller_id = \"2088", "seller_id = \"2099", "16 digits that begin with 2088"),
        ("seller_id", "sub_mchid", "an account of alipay has no such key"),
        ("_auth_token.txt", "_other.txt", "alipay_app_other.txt"),
        ("key = \"ali\"\nchannel = \"alipay\"", "key = \"main\"\nchannel = \"alipay\"", "is there twice"),
    ] {
        assert!(text.contains(from), "{from}");
        let wrong = folder.put("wrong.toml", &text.replacen(from, to, 1));
        let refusals = refused(&app, &[&wrong]).await;
        assert!(refusals.iter().any(|refusal| refusal.contains(reason)), "{to}: {refusals:?}");
    }
    let moved = text.replace("key = \"ali\"", "key = \"other\"").replace("\"main\", \"ali\"", "\"main\", \"other\"");
    let swapped =
        moved.replacen("key = \"main\"", "key = \"ali\"", 1).replace("\"main\", \"other\"", "\"ali\", \"other\"");
    let refusals = refused(&app, &[&folder.put("swapped.toml", &swapped)]).await;
    assert!(
        refusals[0].contains("channel_account ali is one of alipay"),
        "an account keeps its institution: {refusals:?}"
    );
    let example = std::fs::read_to_string(&platform).unwrap();
    for (from, to, reason) in [
        ("channel = \"alipay\"", "channel = \"unionpay\"", "a channel is \"wechatpay\" or \"alipay\""),
        ("app_id = \"2021", "sp_mchid = \"1\"\napp_id = \"2021", "a provider of alipay has no such key"),
        ("\napp_id = ", "\n# app_id = ", "app_id is missing"),
        ("app_id = \"2021", "app_id = \"wx21", "digits only"),
        ("gateway_url = \"https", "gateway_url = \"ftp", "only http and https"),
        ("\nalipay_public_key_files", "\n# alipay_public_key_files", "give alipay_public_key_files"),
        ("# app_certificate_file", "app_certificate_file", "belong together"),
        ("sp_mchid = ", "# sp_mchid = ", "sp_mchid is missing"),
    ] {
        let wrong = folder.put("wrong.toml", &example.replacen(from, to, 1));
        let refusals = refused(&app, &[&wrong]).await;
        assert!(refusals.iter().any(|refusal| refusal.contains(reason)), "{to}: {refusals:?}");
    }
}

async fn a_new_manager_gets_its_mail_and_a_new_admin_its_password(test: TestDb) {
    let (app, folder) = (TestApp::new(test).await, Folder::new());
    let admin = "[[admin]]\nlogin = \"li\"\nname = \"李\"\nemail = \"li@x.test\"\n";
    let file = folder.put("merchant.toml", &format!("{SHORT}{admin}"));
    let made = lines(&app, &[&folder.platform(), &file]).await;
    let told = made.iter().find_map(|line| line.strip_prefix("+ admin li, first password ")).unwrap();
    let body = serde_json::json!({ "login": "LI", "password": told });
    let (status, _) = app.json("POST", "/api/admin/login", &[], body).await;
    assert_eq!(status, 200, "the password that was printed once opens");
    assert_eq!(app.number("SELECT COUNT(*) FROM mail WHERE state = 'queued' AND sealed IS NOT NULL").await, 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM job WHERE kind = 'mail.send' AND state = 'waiting'").await, 1);
    assert_eq!(lines(&app, &[&file]).await, [""; 0], "no second mail, no second password");
}

async fn an_extra_code_collects_with_its_own_form(test: TestDb) {
    let (app, folder) = (TestApp::new(test).await, Folder::new());
    let text = example("merchant.example.toml").replace("1900000110", "1900000119");
    let file = folder.put("merchant.toml", &text);
    let made = lines(&app, &[&folder.platform(), &file]).await;
    let told = made.iter().find(|line| line.starts_with("+ code 阳光幼儿园 of 138****2176: ")).unwrap();
    let token = told.rsplit('/').next().unwrap().to_owned();
    let submitted = form::Submitted { amount: "100".into(), values: vec![("class".into(), "大一班".into())] };
    place(&app.app, Place { code_token: token, submitted, submission: None, form_version: None }).await.unwrap();
    assert_eq!(app.text("SELECT kind FROM collection_code").await, "extra");
    assert_eq!(lines(&app, &[&file]).await, [""; 0], "the same file twice changes nothing");
    let plain = folder.put("merchant.toml", &text.replace("\nform = \"sunshine\"", ""));
    assert_eq!(lines(&app, &[&plain]).await, ["~ code 阳光幼儿园 of 138****2176 form"]);
}
