//! Keys that were replaced. What the institution sealed or signed with one of them may still come: a callback is sent
//! again for a day, an answer may be signed by a machine that has not heard of the change. So a replaced key still opens
//! and still verifies, for a while; nothing is ever signed or sealed with it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::DAY_MS;

/// How long a replaced key is still believed: an order's life there (7 days) and the last callback (a day), with room.
pub const RETIRED_MS: i64 = 30 * DAY_MS;
/// How many of a kind: whoever replaces keys more often is mending a mistake, and a mistake needs no memory.
const MOST: usize = 3;
/// The member of a sealed secret that holds them. No file brings it.
const MEMBER: &str = "retired";

/// What a replaced key was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetiredKind {
    /// WeChat Pay's seal on callbacks.
    Apiv3Key,
    /// A public key of WeChat Pay, with its id.
    WechatpayPublicKey,
    /// A public key of Alipay.
    AlipayPublicKey,
    /// A certificate of Alipay.
    AlipayCertificate,
}

/// A replaced key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// What it was for.
    pub kind: RetiredKind,
    /// The institution's name for it, where it has one.
    pub id: String,
    /// The key.
    pub value: String,
    /// Until when it is believed, UTC milliseconds.
    pub until_ms: i64,
}

impl std::fmt::Debug for Retired {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Retired").field("kind", &self.kind).field("id", &self.id).finish_non_exhaustive()
    }
}

fn kept(secret: &Value) -> Vec<Retired> {
    secret.get(MEMBER).and_then(|kept| serde_json::from_value(kept.clone()).ok()).unwrap_or_default()
}

/// Puts the keys that are still believed at `now_ms`, newest first, where an adapter's maker looks for them.
pub fn believe(secret: &mut Value, now_ms: i64) {
    let believed: Vec<Retired> = kept(secret).into_iter().filter(|key| key.until_ms > now_ms).collect();
    for key in believed {
        let (list, value) = match key.kind {
            RetiredKind::Apiv3Key => (&mut secret["previous_apiv3_keys"], json!(key.value)),
            RetiredKind::WechatpayPublicKey => {
                (&mut secret["previous_wechatpay_public_keys"], json!([key.id, key.value]))
            }
            RetiredKind::AlipayPublicKey => (&mut secret["alipay_public_keys"], json!(key.value)),
            RetiredKind::AlipayCertificate => (&mut secret["certificates"]["alipay"], json!(key.value)),
        };
        match list {
            Value::Array(list) => list.push(value),
            // Nobody looks there any more: the provider changed its way of signing.
            _ if key.kind == RetiredKind::AlipayCertificate || key.kind == RetiredKind::AlipayPublicKey => {}
            empty => *empty = json!([value]),
        }
    }
}

/// When the next of a secret's kept keys ends, UTC milliseconds.
pub fn next_end_ms(secret: &Value, now_ms: i64) -> Option<i64> {
    kept(secret).iter().map(|key| key.until_ms).filter(|until_ms| *until_ms > now_ms).min()
}

/// A stored secret as a file would bring it: without the keys that were kept.
pub fn without(secret: &Value) -> Value {
    let mut secret = secret.clone();
    if let Some(members) = secret.as_object_mut() {
        members.remove(MEMBER);
    }
    secret
}

/// Puts into the secret that takes the place of `old` what of `old` is still to be believed. Settings are the open parts:
/// a public key's id stands there.
pub fn carry_over(old: (&str, &Value), new: (&str, &mut Value), now_ms: i64) {
    let (old_settings, old_secret) = old;
    let (new_settings, new_secret) = new;
    let now = keys_of(new_settings, new_secret);
    let replaced = keys_of(old_settings, old_secret).into_iter().map(|(kind, id, value)| Retired {
        kind,
        id,
        value,
        until_ms: now_ms + RETIRED_MS,
    });
    let mut retired: Vec<Retired> = Vec::new();
    for key in replaced.chain(kept(old_secret).into_iter().filter(|key| key.until_ms > now_ms)) {
        // A key that came back is in use, not retired; one that was retired twice is kept once.
        let known = now.iter().any(|(kind, _, value)| (*kind, value) == (key.kind, &key.value))
            || retired.iter().any(|other| (other.kind, &other.value) == (key.kind, &key.value));
        let room = retired.iter().filter(|other| other.kind == key.kind).count() < MOST;
        if !known && room {
            retired.push(key);
        }
    }
    if let (Some(members), false) = (new_secret.as_object_mut(), retired.is_empty()) {
        members.insert(MEMBER.into(), serde_json::to_value(retired).unwrap_or_default());
    }
}

/// The keys of a provider with which the institution seals or signs.
fn keys_of(settings: &str, secret: &Value) -> Vec<(RetiredKind, String, String)> {
    let settings: Value = serde_json::from_str(settings).unwrap_or_default();
    let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    let mut keys = Vec::new();
    if let Some(key) = text(secret, "apiv3_key") {
        keys.push((RetiredKind::Apiv3Key, String::new(), key));
    }
    if let (Some(id), Some(key)) =
        (text(&settings, "wechatpay_public_key_id"), text(secret, "wechatpay_public_key_pem"))
    {
        keys.push((RetiredKind::WechatpayPublicKey, id, key));
    }
    let alipay = [
        (RetiredKind::AlipayPublicKey, &secret["alipay_public_keys"]),
        (RetiredKind::AlipayCertificate, &secret["certificates"]["alipay"]),
    ];
    for (kind, list) in alipay {
        let texts = list.as_array().into_iter().flatten().filter_map(Value::as_str);
        keys.extend(texts.map(|key| (kind, String::new(), key.to_owned())));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(id: &str) -> String {
        json!({ "wechatpay_public_key_id": id }).to_string()
    }

    fn secret(apiv3: &str, pem: &str) -> Value {
        json!({ "apiv3_key": apiv3, "wechatpay_public_key_pem": pem })
    }

    fn believed(secret: &Value, list: &str, now_ms: i64) -> Value {
        let mut secret = secret.clone();
        believe(&mut secret, now_ms);
        secret[list].clone()
    }

    #[test]
    fn a_replaced_key_is_believed_for_thirty_days_and_three_of_a_kind() {
        let mut present = secret("k0", "p0");
        for n in 1..=5 {
            let mut next = secret(&format!("k{n}"), "p0");
            carry_over((&settings("id0"), &present), (&settings("id0"), &mut next), n * DAY_MS);
            present = next;
        }
        assert_eq!(believed(&present, "previous_apiv3_keys", 5 * DAY_MS), json!(["k4", "k3", "k2"]));
        assert_eq!(believed(&present, "previous_wechatpay_public_keys", 0), Value::Null, "it was never replaced");
        let later = 4 * DAY_MS + RETIRED_MS;
        assert_eq!(believed(&present, "previous_apiv3_keys", later), json!(["k4"]));
        assert_eq!((next_end_ms(&present, later), next_end_ms(&present, later + DAY_MS)), (Some(later + DAY_MS), None));
        assert_eq!(without(&present), secret("k5", "p0"), "a file that says the same changes nothing");
    }

    #[test]
    fn a_public_key_keeps_its_id_and_a_key_that_comes_back_is_not_retired() {
        let old = secret("k", "p1");
        let mut new = secret("k", "p2");
        carry_over((&settings("id1"), &old), (&settings("id2"), &mut new), 0);
        assert_eq!(believed(&new, "previous_wechatpay_public_keys", 1), json!([["id1", "p1"]]));
        let mut back = secret("k", "p1");
        carry_over((&settings("id2"), &new), (&settings("id1"), &mut back), 0);
        assert_eq!(believed(&back, "previous_wechatpay_public_keys", 1), json!([["id2", "p2"]]));
        let shown = format!("{:?}", kept(&back));
        assert!(shown.contains("id2") && !shown.contains("p2"), "{shown}");
    }

    #[test]
    fn alipays_keys_stand_behind_the_present_ones() {
        let of = |keys: &[&str]| json!({ "alipay_public_keys": keys, "certificates": null });
        let mut new = of(&["b"]);
        carry_over(("{}", &of(&["a", "b"])), ("{}", &mut new), 0);
        assert_eq!(believed(&new, "alipay_public_keys", 1), json!(["b", "a"]));
        let certificates = |keys: &[&str]| json!({ "alipay_public_keys": [], "certificates": { "alipay": keys } });
        let mut new = certificates(&["c2"]);
        carry_over(("{}", &certificates(&["c1"])), ("{}", &mut new), 0);
        assert_eq!(believed(&new, "certificates", 1), json!({ "alipay": ["c2", "c1"] }));
    }
}
