//! How the machine is connected: its adapters with addresses, routers and name servers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use windows_sys::Win32::Foundation::{ERROR_BUFFER_OVERFLOW, ERROR_NO_DATA, ERROR_SUCCESS};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GAA_FLAG_INCLUDE_GATEWAYS, GAA_FLAG_SKIP_ANYCAST, GAA_FLAG_SKIP_MULTICAST, GetAdaptersAddresses,
    IP_ADAPTER_ADDRESSES_LH, IP_ADAPTER_DHCP_ENABLED,
};
use windows_sys::Win32::NetworkManagement::Ndis::IfOperStatusUp;
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6, AF_UNSPEC, SOCKET_ADDRESS};

use crate::error::WinError;
use crate::text::read_wide;

/// Kinds of adapters, by their numbers (IANA ifType).
const LOOPBACK: u32 = 24;

/// A network adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// Its name for people, such as `Ethernet 2`.
    pub name: String,
    /// What it is, such as `Intel(R) I211 Gigabit Network Connection`.
    pub description: String,
    /// Whether it is the machine's connection to itself.
    pub loopback: bool,
    /// Whether it can carry anything now.
    pub up: bool,
    /// Its hardware address; empty for those without.
    pub hardware: Vec<u8>,
    /// The largest packet, in bytes.
    pub mtu: u32,
    /// Bits a second that it sends with; none where the system does not know.
    pub speed: Option<u64>,
    /// Its addresses, each with the bits of its network.
    pub addresses: Vec<(IpAddr, u8)>,
    /// The routers to other networks.
    pub routers: Vec<IpAddr>,
    /// The name servers.
    pub name_servers: Vec<IpAddr>,
    /// What is added to names without a dot; may be empty.
    pub suffix: String,
    /// Whether a server gives it its IPv4 address.
    pub dhcp: bool,
    /// That server.
    pub dhcp_server: Option<IpAddr>,
}

/// Every adapter, in the system's order.
///
/// # Errors
/// As the system says.
pub fn adapters() -> Result<Vec<Adapter>, WinError> {
    let flags = GAA_FLAG_INCLUDE_GATEWAYS | GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST;
    let mut buffer = vec![0_u64; 2048];
    loop {
        let mut len = u32::try_from(buffer.len() * 8).unwrap_or(u32::MAX);
        let first = buffer.as_mut_ptr().cast::<IP_ADAPTER_ADDRESSES_LH>();
        // SAFETY: the buffer is aligned for the structures and as long as is said.
        let code = unsafe { GetAdaptersAddresses(AF_UNSPEC.into(), flags, std::ptr::null(), first, &mut len) };
        match code {
            ERROR_SUCCESS => {
                // SAFETY: the call filled the buffer with a list that begins there and lives as long as the buffer.
                return Ok(list(first, |a| a.Next).map(|a| unsafe { read(&a) }).collect());
            }
            ERROR_NO_DATA => return Ok(vec![]),
            // The adapters may change between two calls, so it may grow again.
            ERROR_BUFFER_OVERFLOW => buffer.resize((len as usize).div_ceil(8) + 512, 0),
            code => return Err(WinError::new("GetAdaptersAddresses", code)),
        }
    }
}

/// Copies of a linked list's entries.
fn list<T: Copy>(first: *mut T, next: fn(&T) -> *mut T) -> impl Iterator<Item = T> {
    let mut at = first;
    std::iter::from_fn(move || {
        if at.is_null() {
            return None;
        }
        // SAFETY: called only with lists that the system made, whose entries each point to the next or to null.
        let entry = unsafe { at.read() };
        at = next(&entry);
        Some(entry)
    })
}

/// # Safety
/// `a` is an entry that the system made, and everything that it points to is still there.
unsafe fn read(a: &IP_ADAPTER_ADDRESSES_LH) -> Adapter {
    // SAFETY: the caller says so; both views of the union are numbers of the same size.
    let (name, description, suffix, flags) = unsafe {
        (
            read_wide(a.FriendlyName),
            read_wide(a.Description),
            read_wide(a.DnsSuffix),
            a.Anonymous2.Flags,
        )
    };
    // SAFETY: the caller says so.
    let ip = |address: &SOCKET_ADDRESS| unsafe { ip_of(address) };
    let hardware = a.PhysicalAddress.iter().take(a.PhysicalAddressLength as usize);
    Adapter {
        name,
        description,
        loopback: a.IfType == LOOPBACK,
        up: a.OperStatus == IfOperStatusUp,
        hardware: hardware.copied().collect(),
        mtu: a.Mtu,
        speed: (a.TransmitLinkSpeed != 0 && a.TransmitLinkSpeed != u64::MAX).then_some(a.TransmitLinkSpeed),
        addresses: list(a.FirstUnicastAddress, |u| u.Next)
            .filter_map(|u| Some((ip(&u.Address)?, u.OnLinkPrefixLength)))
            .collect(),
        routers: list(a.FirstGatewayAddress, |g| g.Next)
            .filter_map(|g| ip(&g.Address))
            .collect(),
        name_servers: list(a.FirstDnsServerAddress, |d| d.Next)
            .filter_map(|d| ip(&d.Address))
            .collect(),
        suffix,
        dhcp: flags & IP_ADAPTER_DHCP_ENABLED != 0,
        dhcp_server: ip(&a.Dhcpv4Server),
    }
}

/// # Safety
/// The address is null or as long as it says.
unsafe fn ip_of(address: &SOCKET_ADDRESS) -> Option<IpAddr> {
    let len = usize::try_from(address.iSockaddrLength).ok()?;
    if address.lpSockaddr.is_null() {
        return None;
    }
    // SAFETY: the caller says so.
    let bytes = unsafe { std::slice::from_raw_parts(address.lpSockaddr.cast::<u8>(), len) };
    let family = u16::from_le_bytes(bytes.get(..2)?.try_into().ok()?);
    match family {
        AF_INET => {
            let ip: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            Some(Ipv4Addr::from(ip).into())
        }
        AF_INET6 => {
            let ip: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            Some(Ipv6Addr::from(ip).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R12: the adapters are those of this machine.
    #[test]
    fn the_loopback_adapter_has_its_address() {
        let all = adapters().unwrap();
        let own = all.iter().find(|a| a.loopback).unwrap();
        assert!(own.up, "{own:?}");
        assert!(own.addresses.iter().any(|(ip, _)| ip.is_loopback()), "{own:?}");
        assert!(all.iter().all(|a| !a.name.is_empty()), "{all:?}");
    }
}
