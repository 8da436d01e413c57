//! The address that the institution calls: may it be called at all, and is it we who answer there?

use std::{net::IpAddr, time::Duration};

use reqwest::redirect::Policy;
use url::{Host, Url};

use super::{Both, Error, Line, words};
use crate::{config::Config, merchant::ChannelKind};

/// An address is at most this long (PROTOCOLS 1.4).
const MAX_CHARS: usize = 255;
/// Our own server must answer within this time; the institution gives five seconds.
const WITHIN: Duration = Duration::from_secs(5);

pub(super) async fn look(
    about: &str,
    provider_key: &str,
    kind: ChannelKind,
    config: &Config,
) -> Result<[Line; 2], Error> {
    let url = format!("{}/callback/{}/{provider_key}", config.public_url, kind.word());
    let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy().timeout(WITHIN).build()?;
    let address = words::address(about, &url, wrong(&url));
    Ok([address, words::reachable(about, &url, unanswered(&client, &url).await)])
}

fn both(zh: impl Into<String>, en: impl Into<String>) -> Option<Both> {
    Some(Both { zh: zh.into(), en: en.into() })
}

/// Why an institution would not call it (PROTOCOLS 1.4 \[D 3,4\]).
fn wrong(url: &str) -> Option<Both> {
    let Ok(parsed) = Url::parse(url) else { return both("不是网址", "is no address") };
    if !is_public(&parsed) {
        return both("不是公网地址，支付机构访问不到", "is not public: the institution cannot reach it");
    }
    if parsed.scheme() != "https" {
        return both("不是 https", "is not https");
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return both("带了参数", "has a query");
    }
    if url.len() > MAX_CHARS { both("超过 255 个字符", "is longer than 255 characters") } else { None }
}

/// Names that only a private network knows, and addresses that nobody routes.
fn is_public(url: &Url) -> bool {
    match url.host() {
        None => false,
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let private = [".local", ".localhost", ".internal", ".lan", ".home", ".test", ".invalid", ".example"];
            name.contains('.') && !private.iter().any(|end| name.ends_with(end))
        }
        Some(Host::Ipv4(ip)) => {
            !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || is_shared(ip.into()))
        }
        Some(Host::Ipv6(ip)) => {
            !(ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local())
        }
    }
}

/// 100.64.0.0/10: behind a carrier's NAT.
fn is_shared(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(v4) if v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]))
}

/// A callback is a POST; asked with GET, only our own server refuses in our own words.
async fn unanswered(client: &reqwest::Client, url: &str) -> Option<Both> {
    let response = match client.get(url).send().await {
        Ok(response) => response,
        Err(error) => {
            let kind = if error.is_timeout() { "time-out" } else { "connection failed" };
            let why = format!("{kind}: {}", error.without_url());
            return both(format!("从这里访问不到（{why}）"), format!("cannot be reached from here ({why})"));
        }
    };
    let status = response.status().as_u16();
    if (300..400).contains(&status) {
        return both(
            format!("被转到别处（{status}），支付机构不跟随"),
            format!("redirects ({status}), which institutions do not follow"),
        );
    }
    let ours = response.json::<serde_json::Value>().await.is_ok_and(|body| body["code"] == "request.method");
    if status == 405 && ours {
        return None;
    }
    both(format!("应答的不是我们的服务（{status}）"), format!("is answered by something else ({status})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_public_https_address_is_called_protocols_1_4() {
        for good in ["https://pay.example.com/callback/wechatpay/main-sp", "https://8.8.8.8/callback/alipay/a"] {
            assert_eq!(wrong(good), None, "{good}");
        }
        for bad in [
            "http://pay.example.com/callback/wechatpay/a",
            "https://localhost/callback/wechatpay/a",
            "https://mott.lan/callback/wechatpay/a",
            "https://10.0.0.5/callback/wechatpay/a",
            "https://127.0.0.1:8080/callback/wechatpay/a",
            "https://100.64.3.4/callback/wechatpay/a",
            "https://[fd00::1]/callback/wechatpay/a",
            "https://pay.example.com/callback/wechatpay/a?b=c",
            "nonsense",
        ] {
            assert!(wrong(bad).is_some(), "{bad}");
        }
        assert!(wrong(&format!("https://pay.example.com/{}", "a".repeat(255))).is_some());
    }
}
