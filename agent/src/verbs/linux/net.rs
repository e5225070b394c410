//! `net.config`: adapters and their addresses, routers, name servers.

mod routes;

use sysinfo::Networks;

use crate::verbs::describe::Failure;
use crate::verbs::table::table;

/// The network's configuration, in paragraphs.
pub(in crate::verbs) fn config() -> Result<String, Failure> {
    Ok(format!(
        "Adapters\n{}\nRoutes\n{}\nName servers\n{}",
        adapters()?,
        routes::routes(),
        routes::name_servers()
    ))
}

fn adapters() -> Result<String, Failure> {
    let networks = Networks::new_with_refreshed_list()?;
    let mut rows: Vec<Vec<String>> = networks
        .iter()
        .map(|(name, adapter)| {
            let mut addresses: Vec<String> = adapter.ip_networks().iter().map(ToString::to_string).collect();
            addresses.sort();
            let mac = adapter.mac_address();
            vec![
                name.to_string_lossy().into_owned(),
                adapter.operational_state().to_string(),
                if mac.is_unspecified() {
                    "-".into()
                } else {
                    mac.to_string()
                },
                adapter.mtu().to_string(),
                if addresses.is_empty() {
                    "-".into()
                } else {
                    addresses.join(", ")
                },
            ]
        })
        .collect();
    rows.sort();
    Ok(table(&["NAME", "STATE", "MAC", "MTU", "ADDRESSES"], &rows, &[3]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R12: this machine's network is told: it has at least the loopback.
    #[test]
    fn this_machines_network_is_told() {
        let text = config().unwrap();
        assert!(text.starts_with("Adapters\nNAME"), "{text}");
        assert!(text.contains("127.0.0.1/8"), "{text}");
        assert!(
            text.contains("\nRoutes\n") && text.contains("\nName servers\n"),
            "{text}"
        );
    }
}
