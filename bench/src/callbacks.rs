//! Real callbacks, signed ahead of time by the institution, as bytes that only have to be sent.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use crate::{
    Error, process,
    room::Room,
    seed::{AMOUNT_FEN, ORDERS, World},
};

/// A callback older than five minutes is refused; before that it is signed again.
const FRESH: Duration = Duration::from_secs(150);

/// One callback for each order that waits.
pub struct Callbacks {
    signed_at: Instant,
    first: String,
    /// Ready requests, in the order of the orders.
    pub requests: Vec<Vec<u8>>,
    /// Headers of one, as they are kept with it.
    pub headers: String,
    /// Body of one.
    pub body: Vec<u8>,
}

impl Callbacks {
    /// Has them signed.
    ///
    /// # Errors
    /// When the institution does not.
    pub fn sign(room: &Room, world: &World) -> Result<Callbacks, Error> {
        let order = |n| {
            let (number, sub_mchid) = (world.out_trade_no(n), &world.sub_mchid);
            json!({ "out_trade_no": number, "sub_mchid": sub_mchid, "amount_fen": AMOUNT_FEN, "openid": "openid-zhou" })
        };
        let (orders, out) = (room.file("orders.json"), room.file("callbacks.jsonl"));
        std::fs::write(&orders, Value::from_iter((0..ORDERS).map(order)).to_string())?;
        let signed_at = Instant::now();
        let mut command = Command::new(room.binary("sandbox")?);
        command.arg("presign").arg("--state").arg(room.file("institution"));
        process::run(command.arg("--orders").arg(orders).arg("--out").arg(&out))?;
        let first = world.out_trade_no(0);
        let mut callbacks =
            Callbacks { signed_at, first, requests: Vec::new(), headers: String::new(), body: Vec::new() };
        for line in std::fs::read_to_string(&out)?.lines() {
            callbacks.add(world, &serde_json::from_str(line)?)?;
        }
        Ok(callbacks)
    }

    /// Signs them again if they are another merchant's or would soon be too old.
    ///
    /// # Errors
    /// When the institution does not.
    pub fn keep_fresh(&mut self, room: &Room, world: &World) -> Result<(), Error> {
        if self.signed_at.elapsed() > FRESH || self.first != world.out_trade_no(0) {
            *self = Callbacks::sign(room, world)?;
        }
        Ok(())
    }

    fn add(&mut self, world: &World, line: &Value) -> Result<(), Error> {
        let headers: &Map<String, Value> = line["headers"].as_object().ok_or_else(|| Error::new("no headers"))?;
        let body = STANDARD.decode(line["body"].as_str().unwrap_or_default())?;
        let mut request = format!(
            "POST /callback/wechatpay/{} HTTP/1.1\r\nHost: pay.example.test\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n",
            world.provider_key,
            body.len()
        );
        for (name, value) in headers.iter().filter(|(name, _)| name.to_lowercase().starts_with("wechatpay-")) {
            request += &format!("{name}: {}\r\n", value.as_str().unwrap_or_default());
        }
        let mut request = (request + "\r\n").into_bytes();
        request.extend_from_slice(&body);
        self.requests.push(request);
        self.headers = line["headers"].to_string();
        self.body = body;
        Ok(())
    }
}
