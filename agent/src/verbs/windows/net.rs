//! `net.config`: the adapters and how they are connected.

use std::net::IpAddr;

use win::network::{Adapter, adapters};

use super::told;
use crate::verbs::describe::Failure;

/// The adapters, one after another.
pub(in crate::verbs) fn config() -> Result<String, Failure> {
    let all = adapters().map_err(|e| told(&e))?;
    Ok(all.iter().map(words).collect::<Vec<_>>().join("\n"))
}

fn words(adapter: &Adapter) -> String {
    let Adapter {
        name,
        description,
        loopback: _,
        up,
        hardware,
        mtu,
        speed,
        addresses,
        routers,
        name_servers,
        suffix,
        dhcp,
        dhcp_server,
    } = adapter;
    let ips = |all: &[IpAddr]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let hardware: Vec<String> = hardware.iter().map(|b| format!("{b:02x}")).collect();
    let addresses: Vec<String> = addresses.iter().map(|(ip, bits)| format!("{ip}/{bits}")).collect();
    let dhcp = match (dhcp, dhcp_server) {
        (true, Some(server)) => format!("yes, from {server}"),
        (true, None) => "yes".into(),
        (false, _) => "no".into(),
    };
    let facts = [
        ("State", if *up { "up".into() } else { "down".into() }),
        ("Hardware", hardware.join(":")),
        (
            "Speed",
            speed.map(|s| format!("{} Mbit/s", s / 1_000_000)).unwrap_or_default(),
        ),
        (
            "MTU",
            if *mtu == u32::MAX {
                String::new()
            } else {
                mtu.to_string()
            },
        ),
        ("Addresses", addresses.join(", ")),
        ("Routers", ips(routers)),
        ("Name servers", ips(name_servers)),
        ("Name suffix", suffix.clone()),
        ("DHCP", dhcp),
    ];
    let lines: String = facts
        .iter()
        .filter(|(_, fact)| !fact.is_empty())
        .map(|(name, fact)| format!("  {name:12}  {fact}\n"))
        .collect();
    format!("{name}: {description}\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R12: this machine's own address is among them.
    #[test]
    fn the_configuration_of_this_machine_is_told() {
        let text = config().unwrap();
        assert!(text.contains("127.0.0.1/8"), "{text}");
    }

    #[test]
    fn an_adapter_is_told_without_empty_lines() {
        let adapter = Adapter {
            name: "Ethernet 2".into(),
            description: "Gigabit".into(),
            loopback: false,
            up: true,
            hardware: vec![2, 0, 255],
            mtu: 1500,
            speed: Some(1_000_000_000),
            addresses: vec![("192.0.2.7".parse().unwrap(), 24)],
            routers: vec!["192.0.2.1".parse().unwrap()],
            name_servers: vec![],
            suffix: String::new(),
            dhcp: true,
            dhcp_server: Some("192.0.2.1".parse().unwrap()),
        };
        assert_eq!(
            words(&adapter),
            "Ethernet 2: Gigabit\n  State         up\n  Hardware      02:00:ff\n  Speed         1000 Mbit/s\n  MTU           1500\n  \
             Addresses     192.0.2.7/24\n  Routers       192.0.2.1\n  DHCP          yes, from 192.0.2.1\n"
        );
    }
}
