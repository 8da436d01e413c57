//! A folder with everything in it: an institution, settings, a database with a merchant.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use db::{Db, Options, testing::TestDb};
use sandbox::{App, Clock, Settings, Signer};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};

use crate::{client::post, mott::Mott, told::Callback};

const MOBILE: &str = "13800002176";
const SUB_MCHID: &str = "1900000110";
const MERCHANT: &str = r#"
[merchant]
full_name = "云杉教育科技有限公司"
[[channel_account]]
sub_mchid = "1900000110"
[[manager]]
name = "陈明"
mobile = "13800002176"
email = "chenming@example.test"
"#;

/// Which database.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub struct World {
    pub mott: Mott,
    /// Where the manager's code leads.
    pub code_path: String,
    database: String,
    folder: TempDir,
    /// The institution lives on it.
    runtime: Runtime,
}

impl World {
    pub fn new(binary: &Path, engine: Engine) -> World {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        found_institution(&runtime, &folder.path().join("institution"));
        let database = match engine {
            Engine::Sqlite => folder.path().join("mott.db").to_str().unwrap().to_owned(),
            Engine::Postgres => runtime.block_on(TestDb::postgres()).place.clone(),
        };
        let settings = format!(
            "listen = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:8080\"\ndatabase = \"{database}\"\n\
             keyring = \"keyring.toml\"\nlog = \"warn\"\n"
        );
        fs::write(folder.path().join("config.toml"), settings).unwrap();
        fs::write(folder.path().join("merchant.toml"), MERCHANT).unwrap();
        let mott = Mott::new(binary, folder.path());
        mott.run(&["migrate"]);
        mott.run(&["apply", "-f", "institution/kit/platform.toml", "-f", "merchant.toml"]);
        let code_url = mott.run(&["admin", "collection-code", "--mobile", MOBILE]);
        let code_path = code_url.trim().strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
        World { mott, code_path, database, folder, runtime }
    }

    /// Asks the database through a door of its own, closed before anything is killed: a process that dies alone with
    /// its files is the harder case.
    pub fn ask<T>(&self, question: impl AsyncFnOnce(&Db) -> Result<T, db::Error>) -> T {
        let options = Options { write_lanes: 1, read_lanes: 1, ..Options::default() };
        let db = Db::open(&self.database, options).unwrap();
        self.runtime.block_on(question(&db)).unwrap()
    }

    /// Genuine callbacks about these payments, signed now.
    pub fn sign(&self, payments: &[(String, i64)]) -> Vec<Arc<Callback>> {
        let orders: Vec<Value> = payments
            .iter()
            .map(|(number, fen)| {
                json!({"out_trade_no": number, "sub_mchid": SUB_MCHID, "amount_fen": fen, "openid": "openid-zhou"})
            })
            .collect();
        let (list, lines) = (self.path("orders.json"), self.path("callbacks.jsonl"));
        fs::write(&list, Value::from(orders).to_string()).unwrap();
        sandbox::presign(&self.path("institution"), &Clock::default(), &list, &lines).unwrap();
        fs::read_to_string(lines).unwrap().lines().map(|line| Arc::new(callback(line))).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for World {
    /// The folder goes with the test; what the nodes said is wanted when it failed.
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.mott.said());
        }
    }
}

fn callback(line: &str) -> Callback {
    let signed: Value = serde_json::from_str(line).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers: Vec<_> = signed["headers"].as_object().unwrap().iter().map(|(n, v)| (n.clone(), text(v))).collect();
    let body = BASE64.decode(text(&signed["body"])).unwrap();
    Callback {
        out_trade_no: text(&signed["out_trade_no"]),
        transaction_id: text(&signed["transaction_id"]),
        request: post("/callback/wechatpay/demo-sp", &headers, &body),
    }
}

/// Founds an institution in `state` that serves as long as the runtime lives.
fn found_institution(runtime: &Runtime, state: &Path) {
    let listen = || runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let (http, mail) = (listen(), listen());
    let app = App::open(Settings {
        state: state.to_owned(),
        public_url: format!("http://{}", http.local_addr().unwrap()),
        smtp: mail.local_addr().unwrap(),
        callback_delay_ms: 0,
        callback_signer: Signer::PublicKey,
        clock: Clock::default(),
        scenario_target: None,
    });
    runtime.spawn(sandbox::serve(Arc::new(app.unwrap()), http, mail));
}
