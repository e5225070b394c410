//! Routes and name servers: from what the kernel and the resolver say (proc_pid_net(5), resolv.conf(5)).

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::verbs::table::table;

const ROUTES: &str = "/proc/net/route";
const ROUTES_6: &str = "/proc/net/ipv6_route";
const RESOLVER: &str = "/etc/resolv.conf";

/// What systemd-resolved really asks, where `/etc/resolv.conf` names its own address (systemd-resolved.service(8)).
const RESOLVED: (&str, &str) = ("127.0.0.53", "/run/systemd/resolve/resolv.conf");

/// Flags of a route (linux/route.h, linux/ipv6_route.h): in use; refused; to this machine itself; to any of several.
const UP: u32 = 0x0001;
const REJECT: u32 = 0x0200;
const ANYCAST: u32 = 0x0010_0000;
const LOCAL: u32 = 0x8000_0000;

/// The routes in use, those of IPv4 first, the best first; what the kernel does with its own addresses is left out.
pub(super) fn routes() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let mut rows: Vec<Route> = read(ROUTES).lines().skip(1).filter_map(route).collect();
    rows.extend(read(ROUTES_6).lines().filter_map(route_6));
    describe(&rows)
}

/// The name servers, and the domains that names are looked for in.
pub(super) fn name_servers() -> String {
    let Ok(text) = std::fs::read_to_string(RESOLVER) else {
        return format!("{RESOLVER} can't be read.\n");
    };
    let (stub, real) = RESOLVED;
    let behind = text
        .contains(stub)
        .then(|| std::fs::read_to_string(real).ok())
        .flatten();
    resolver(&text, behind.as_deref())
}

#[derive(Debug, PartialEq, Eq)]
struct Route {
    to: String,
    router: String,
    adapter: String,
    metric: u32,
}

fn describe(routes: &[Route]) -> String {
    if routes.is_empty() {
        return "None.\n".into();
    }
    let rows: Vec<Vec<String>> = routes
        .iter()
        .map(|r| vec![r.to.clone(), r.router.clone(), r.adapter.clone(), r.metric.to_string()])
        .collect();
    table(&["TO", "ROUTER", "ADAPTER", "METRIC"], &rows, &[3])
}

/// A line of [`ROUTES`]: adapter, destination, router, flags, two counts, metric, mask …; addresses as the machine holds them.
fn route(line: &str) -> Option<Route> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let address = |at: usize| {
        let held = u32::from_str_radix(fields.get(at)?, 16).ok()?;
        Some(Ipv4Addr::from(held.to_ne_bytes()))
    };
    let flags = u32::from_str_radix(fields.get(3)?, 16).ok()?;
    if flags & UP == 0 || flags & REJECT != 0 {
        return None;
    }
    let mask = u32::from(address(7)?);
    let router = address(2)?;
    Some(Route {
        to: to(address(1)?.to_string(), mask.count_ones()),
        router: said(router.to_string(), router.is_unspecified()),
        adapter: (*fields.first()?).to_owned(),
        metric: fields.get(6)?.parse().ok()?,
    })
}

/// A line of [`ROUTES_6`]: destination, its length, source, its length, router, metric, two counts, flags, adapter.
fn route_6(line: &str) -> Option<Route> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let address = |at: usize| u128::from_str_radix(fields.get(at)?, 16).ok().map(Ipv6Addr::from);
    let number = |at: usize| u32::from_str_radix(fields.get(at)?, 16).ok();
    let flags = number(8)?;
    let target = address(0)?;
    if flags & UP == 0 || flags & (REJECT | LOCAL | ANYCAST) != 0 || target.is_multicast() {
        return None;
    }
    let router = address(4)?;
    Some(Route {
        to: to(target.to_string(), number(1)?),
        router: said(router.to_string(), router.is_unspecified()),
        adapter: (*fields.get(9)?).to_owned(),
        metric: number(5)?,
    })
}

fn to(address: String, length: u32) -> String {
    if length == 0 {
        format!("default ({address}/0)")
    } else {
        format!("{address}/{length}")
    }
}

fn said(router: String, none: bool) -> String {
    if none { "-".into() } else { router }
}

/// `text` is the resolver's file; `behind` the one of the stub that it names, if it does.
fn resolver(text: &str, behind: Option<&str>) -> String {
    let values = |text: &str, keys: &[&str]| -> Vec<String> {
        text.lines()
            .filter_map(|line| line.trim().split_once(char::is_whitespace))
            .filter(|(key, _)| keys.contains(key))
            .flat_map(|(_, rest)| rest.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>())
            .collect()
    };
    let list = |title: &str, values: Vec<String>| {
        if values.is_empty() {
            String::new()
        } else {
            format!("{title}: {}\n", values.join(", "))
        }
    };
    let told = [
        list("Asked", values(text, &["nameserver"])),
        list(
            "By systemd-resolved, from",
            behind.map(|t| values(t, &["nameserver"])).unwrap_or_default(),
        ),
        list("Names are looked for in", values(text, &["search", "domain"])),
    ]
    .concat();
    if told.is_empty() { "None.\n".into() } else { told }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R12: routes as the kernel writes them.
    #[test]
    fn routes_are_read() {
        let to = |address: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(address));
        let line = |target, router, flags, mask| {
            format!(
                "eth0\t{}\t{}\t{flags}\t0\t0\t100\t{}\t0\t0\t0",
                to(target),
                to(router),
                to(mask)
            )
        };
        let rows: Vec<Route> = [
            line([0; 4], [192, 0, 2, 1], "0003", [0; 4]),
            line([192, 0, 2, 0], [0; 4], "0001", [255, 255, 255, 0]),
            line([10, 0, 0, 0], [0; 4], "0201", [255, 0, 0, 0]),
            line([10, 0, 0, 0], [0; 4], "0000", [255, 0, 0, 0]),
            "broken".into(),
        ]
        .iter()
        .filter_map(|l| route(l))
        .chain(
            [
                "20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth0",
                "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0",
                "00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000001 00000000 80200001 lo",
                "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200 lo",
                "ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth0",
            ]
            .iter()
            .filter_map(|l| route_6(l)),
        )
        .collect();
        assert_eq!(
            describe(&rows),
            "TO                   ROUTER     ADAPTER  METRIC\n\
             default (0.0.0.0/0)  192.0.2.1  eth0        100\n\
             192.0.2.0/24         -          eth0        100\n\
             2001:db8::/64        -          eth0        256\n\
             default (::/0)       fe80::1    eth0       1024\n"
        );
        assert_eq!(describe(&[]), "None.\n");
    }

    /// R12: name servers, also those behind the one of this machine.
    #[test]
    fn name_servers_are_read() {
        assert_eq!(
            resolver(
                "# comment\nnameserver 127.0.0.53\noptions edns0\nsearch shop.example corp.example\n",
                Some("nameserver 192.0.2.53\nnameserver 2001:db8::53\n")
            ),
            "Asked: 127.0.0.53\nBy systemd-resolved, from: 192.0.2.53, 2001:db8::53\nNames are looked for in: shop.example, corp.example\n"
        );
        assert_eq!(resolver("nameserver 192.0.2.53", None), "Asked: 192.0.2.53\n");
        assert_eq!(resolver("", None), "None.\n");
    }
}
