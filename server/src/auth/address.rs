//! The network address that a request comes from, as it goes into the record.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};

/// The address, without the port. Behind a trusted proxy it is the one that this proxy saw.
#[derive(Clone, Debug)]
pub(crate) struct ClientAddress(pub(crate) String);

impl ClientAddress {
    /// Of a request. `X-Forwarded-For` counts only when the trusted proxy itself connected, and of it only the last entry:
    /// that is the one the proxy added; those before it are whatever the client wrote.
    pub(crate) fn of(request: &Request, trusted_proxy: Option<IpAddr>) -> Self {
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| peer.ip().to_canonical());
        let from_proxy = peer.is_some() && peer == trusted_proxy.map(|proxy| proxy.to_canonical());
        let forwarded = from_proxy.then(|| last_hop(request)).flatten();
        Self(
            forwarded
                .or(peer)
                .map_or_else(|| "unknown".to_owned(), |ip| ip.to_string()),
        )
    }
}

fn last_hop(request: &Request) -> Option<IpAddr> {
    let last = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .next_back()?
        .to_str()
        .ok()?;
    last.rsplit(',')
        .next()?
        .trim()
        .parse::<IpAddr>()
        .ok()
        .map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn seen(peer: &str, forwarded: &[&str], trusted: Option<&str>) -> String {
        let mut request = Request::builder().uri("/");
        for f in forwarded {
            request = request.header("x-forwarded-for", *f);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request
            .extensions_mut()
            .insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        ClientAddress::of(&request, trusted.map(|t| t.parse().unwrap())).0
    }

    /// R1: "from where" is nothing that a client can write.
    #[test]
    fn a_forwarded_address_counts_only_from_the_trusted_proxy_and_only_its_own_entry() {
        assert_eq!(seen("203.0.113.9:4000", &["198.51.100.1"], None), "203.0.113.9");
        assert_eq!(
            seen("203.0.113.9:4000", &["198.51.100.1"], Some("10.0.0.1")),
            "203.0.113.9"
        );
        assert_eq!(
            seen("10.0.0.1:4000", &["198.51.100.1"], Some("10.0.0.1")),
            "198.51.100.1"
        );
        assert_eq!(
            seen("10.0.0.1:4000", &["1.1.1.1, 198.51.100.1"], Some("10.0.0.1")),
            "198.51.100.1"
        );
        assert_eq!(
            seen("10.0.0.1:4000", &["1.1.1.1", "198.51.100.2"], Some("10.0.0.1")),
            "198.51.100.2"
        );
        assert_eq!(seen("10.0.0.1:4000", &["<script>"], Some("10.0.0.1")), "10.0.0.1");
        assert_eq!(
            seen("[::ffff:10.0.0.1]:4000", &["2001:db8::1"], Some("10.0.0.1")),
            "2001:db8::1"
        );
    }
}
