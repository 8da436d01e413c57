//! Who is calling: address, masked network, cookies.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};

use crate::app::Shared;

/// The caller's address, believed from a proxy only where `behind_proxy` says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The address.
    pub ip: IpAddr,
}

impl Client {
    /// The address with its last half hidden, as shown to people: `1.2.*.*`.
    pub fn network(&self) -> String {
        mask_network(self.ip)
    }
}

impl FromRequestParts<Shared> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        let forwarded = || {
            let list = parts.headers.get("x-forwarded-for")?.to_str().ok()?;
            list.rsplit(',').next()?.trim().parse().ok()
        };
        let told = if app.config.behind_proxy { forwarded() } else { None };
        Ok(Client { ip: told.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) })
    }
}

/// What one caller surely has to itself: an IPv4 address, or a /64, because whoever has one IPv6 address has 2⁶⁴ of them.
pub fn source_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// `1.2.*.*`, or the first 48 bits of an IPv6 address.
pub fn mask_network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            format!("{a}.{b}.*.*")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:*")
        }
    }
}

/// The value of the cookie `name`.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_an_address_is_hidden() {
        assert_eq!(mask_network("203.0.113.9".parse().unwrap()), "203.0.*.*");
        assert_eq!(mask_network("::ffff:203.0.113.9".parse().unwrap()), "203.0.*.*");
        assert_eq!(mask_network("2001:db8:7:8::1".parse().unwrap()), "2001:db8:7:*");
    }

    #[test]
    fn a_caller_is_not_told_apart_by_what_it_may_choose() {
        let source = |text: &str| source_of(text.parse().unwrap());
        assert_eq!(source("2001:db8:7:8::1"), source("2001:db8:7:8:9:a:b:c"));
        assert_ne!(source("2001:db8:7:8::1"), source("2001:db8:7:9::1"));
        assert_eq!(source("::ffff:203.0.113.9"), source("203.0.113.9"));
        assert_ne!(source("203.0.113.9"), source("203.0.113.8"));
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "xmott=1; mott=2".parse().unwrap());
        assert_eq!(cookie(&headers, "mott"), Some("2"));
        assert_eq!(cookie(&headers, "ott"), None);
    }
}
