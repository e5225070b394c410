//! Hosts: names in lower-case ASCII without a trailing dot (RFC 1123 labels, underscore allowed as Windows does), IPv4
//! addresses as four decimal numbers, IPv6 addresses as RFC 5952 writes them, without brackets.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::{NameError, check_text};

/// A host name or address in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostName(String);

/// A host and a TCP port: `gw.example.com:443`, `[2001:db8::1]:443`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPort {
    /// The host.
    pub host: HostName,
    /// The port, 1 to 65535.
    pub port: u16,
}

/// The longest host name and the longest part of one (RFC 1035 section 2.3.4, without the final dot).
const LONGEST: (usize, usize) = (253, 63);

impl HostName {
    /// The name or address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address, when it is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.0.parse().ok()
    }
}

impl FromStr for HostName {
    type Err = NameError;

    fn from_str(s: &str) -> Result<Self, NameError> {
        check_text(s)?;
        let bare = match s.strip_prefix('[') {
            Some(rest) => rest
                .strip_suffix(']')
                .filter(|inner| inner.contains(':'))
                .ok_or_else(|| NameError::about(s, "has brackets without an IPv6 address in them."))?,
            None => s,
        };
        if bare.contains(':') {
            ipv6(bare)
        } else {
            name_or_ipv4(bare)
        }
        .map(Self)
    }
}

fn ipv6(s: &str) -> Result<String, NameError> {
    if s.contains('%') {
        return Err(NameError::about(
            s,
            "names a network interface, which differs from machine to machine.",
        ));
    }
    let address: Ipv6Addr = s
        .parse()
        .map_err(|_| NameError::about(s, "is neither a host name nor an IPv6 address. Give the port apart."))?;
    Ok(address
        .to_ipv4_mapped()
        .map_or_else(|| address.to_string(), |v4| v4.to_string()))
}

fn name_or_ipv4(s: &str) -> Result<String, NameError> {
    let refuse = |why: &str| Err(NameError::about(s, why));
    if let Ok(address) = s.parse::<Ipv4Addr>() {
        return Ok(address.to_string());
    }
    if !s.is_ascii() {
        return refuse("holds letters beyond ASCII, which can look like others. Write the encoded form (xn--…).");
    }
    let name = s.strip_suffix('.').unwrap_or(s).to_ascii_lowercase();
    let (longest, longest_part) = LONGEST;
    if name.len() > longest {
        return refuse("is longer than a host name can be.");
    }
    for part in name.split('.') {
        if part.is_empty() {
            return refuse("holds an empty part.");
        }
        if part.len() > longest_part {
            return refuse("holds a part of more than 63 letters.");
        }
        if !part
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return refuse("is not a host: only letters, digits, - and . are allowed, no port, path or user.");
        }
        if part.starts_with('-') || part.ends_with('-') {
            return refuse("holds a part that starts or ends with -.");
        }
    }
    // What ends in a number, some resolvers take for an address: 127.1, 0x7f.1, 2130706433 (WHATWG URL, "ends in a number").
    if name.rsplit('.').next().is_some_and(looks_like_a_number) {
        return refuse("looks like an address but is not four decimal numbers from 0 to 255, as in 192.0.2.7.");
    }
    Ok(name)
}

fn looks_like_a_number(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_digit())
        || part
            .strip_prefix("0x")
            .is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for HostPort {
    type Err = NameError;

    fn from_str(s: &str) -> Result<Self, NameError> {
        check_text(s)?;
        let (host, port) = s
            .rsplit_once(':')
            .ok_or_else(|| NameError::about(s, "has no port. Write host:port, as in gw.example.com:443."))?;
        if host.contains(':') && !host.starts_with('[') {
            return Err(NameError::about(
                s,
                "needs brackets around the IPv6 address, as in [2001:db8::1]:443.",
            ));
        }
        let digits = !port.is_empty() && !port.starts_with('0') && port.bytes().all(|b| b.is_ascii_digit());
        let port = digits
            .then(|| port.parse().ok())
            .flatten()
            .ok_or_else(|| NameError::about(s, "needs a port from 1 to 65535."))?;
        Ok(Self {
            host: host.parse()?,
            port,
        })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.0.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}
