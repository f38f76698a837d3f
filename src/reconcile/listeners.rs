//! Finds the sockets of this host that listen on a port, and the processes that own them, in `/proc`.
//!
//! The parser takes text, so tests need no open port.

use std::net::IpAddr;

use crate::manifest::Protocol;

/// A socket that listens on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listener {
    pub(super) address: IpAddr,
    /// The socket's inode number.
    inode: String,
}

/// A process of this host.
pub(super) struct Owner {
    pub(super) pid: u32,
    /// The name of its program.
    pub(super) name: String,
}

impl Listener {
    /// Returns the owner of the socket, as far as this user may see it.
    pub(super) fn find_owner(&self) -> Option<Owner> {
        find_owner(&self.inode)
    }
}

/// Returns all sockets that listen on a port of this host.
pub(super) fn find_listeners(protocol: Protocol, port: u16) -> Vec<Listener> {
    let tables = [protocol.to_string(), format!("{protocol}6")];
    let texts = tables.iter().filter_map(|table| std::fs::read_to_string(format!("/proc/net/{table}")).ok());
    texts.flat_map(|text| listeners_in(&text, port)).collect()
}

/// Parses a table of the kernel. Returns the lines with this local port that listen (`0A`, TCP) or are not connected
/// (`07`, UDP).
fn listeners_in(table: &str, port: u16) -> Vec<Listener> {
    let end = format!(":{port:04X}");
    let lines = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let address = kernel_address(fields.get(1)?.strip_suffix(&end)?)?;
        let waits = ["0A", "07"].contains(fields.get(3)?);
        waits.then(|| Some(Listener { address, inode: (*fields.get(9)?).to_owned() })).flatten()
    });
    lines.collect()
}

/// Parses an address of the kernel: 32-bit words, each in the machine's byte order.
fn kernel_address(digits: &str) -> Option<IpAddr> {
    let words = digits.as_bytes().chunks(8).map(|word| {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        Some(word.to_ne_bytes())
    });
    let bytes = words.collect::<Option<Vec<_>>>()?.concat();
    match bytes.len() {
        4 => Some(IpAddr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        16 => Some(IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?)),
        _ => None,
    }
}

fn find_owner(inode: &str) -> Option<Owner> {
    let link = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").ok()?.filter_map(Result::ok);
    let mut numbered = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbered.find_map(|pid| {
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.filter_map(Result::ok);
        let mut targets = descriptors.filter_map(|descriptor| std::fs::read_link(descriptor.path()).ok());
        targets.any(|target| target.as_os_str() == link.as_str()).then(|| {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            Owner { pid, name: name.trim().to_owned() }
        })
    })
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn listeners_are_found_and_connections_are_not() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:08AE 0100007F:A001 01 00000000:00000000 00:00000000 00000000     0        0 111 1 0 20 4 0 10 -1\n\
            1: 0100007F:08AE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0\n";
        let expected = Listener { address: LOOPBACK, inode: "222".to_owned() };
        assert_eq!(listeners_in(table, 2222), [expected]);
        assert_eq!(listeners_in(table, 2223), []);
        assert_eq!(listeners_in("", 2222), []);
        assert_eq!(kernel_address("00000000000000000000000001000000"), "::1".parse().ok());
        assert_eq!(kernel_address("xx"), None);
    }

    #[test]
    fn this_process_is_named() {
        let listener = TcpListener::bind((LOOPBACK, 0)).unwrap();
        let found = find_listeners(Protocol::Tcp, listener.local_addr().unwrap().port());
        assert_eq!(found[0].find_owner().unwrap().pid, std::process::id());
    }
}
