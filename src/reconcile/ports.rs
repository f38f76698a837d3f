//! Host ports: which is free, which is kept, and who holds one that is not free.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;

use crate::engine::{Engine, EngineError};
use crate::project::{EnvironmentId, State};

use super::ReconcileError;

/// Ports to choose from: below what Linux hands out to outgoing connections, above what daemons usually listen on.
const CHOICE: std::ops::Range<u16> = 20_000..30_000;

/// Who holds a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A container, by its name.
    Container(String),
    /// A process of this host.
    Process {
        /// Its number.
        pid: u32,
        /// Its program.
        name: String,
    },
    /// Something whose owner this user may not see.
    Unknown,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(name) => write!(f, "the container `{name}`"),
            Self::Process { pid, name } => write!(f, "the process `{name}` ({pid})"),
            Self::Unknown => f.write_str("another process"),
        }
    }
}

/// Whether something could listen there now.
#[must_use]
pub fn is_free(address: IpAddr, port: u16) -> bool {
    TcpListener::bind(SocketAddr::new(address, port)).is_ok()
}

/// A free port, the same one each time where nothing speaks against it. `kept` are those of other environments, which may
/// be stopped now.
pub fn choose(address: IpAddr, id: &EnvironmentId, kept: &BTreeSet<u16>) -> Result<u16, ReconcileError> {
    let first = start(id);
    let order = (first..CHOICE.end).chain(CHOICE.start..first);
    let mut free = order.filter(|port| !kept.contains(port)).filter(|port| is_free(address, *port));
    free.next().ok_or(ReconcileError::NoPort { address })
}

/// Ports that other environments of this person keep.
pub fn kept_by_others(environments: &Path, id: &EnvironmentId) -> BTreeSet<u16> {
    let Ok(entries) = std::fs::read_dir(environments) else { return BTreeSet::new() };
    let others = entries.filter_map(Result::ok).filter(|entry| entry.file_name() != id.as_str());
    others.filter_map(|entry| State::load(&entry.path()).ok().flatten()?.ssh_port).collect()
}

/// Who holds a port: a container of the engine, else a process.
pub async fn holder(engine: &impl Engine, address: IpAddr, port: u16) -> Result<Holder, EngineError> {
    let containers = engine.list(&[]).await?;
    let holds = |published: &crate::engine::PublishedPort| {
        published.host == port && published.protocol == "tcp" && meets(published.address, address)
    };
    let container = containers.into_iter().find(|container| container.ports.iter().any(holds));
    Ok(container.map_or_else(|| process(port), |container| Holder::Container(container.name)))
}

fn meets(one: IpAddr, other: IpAddr) -> bool {
    one == other || one.is_unspecified() || other.is_unspecified()
}

/// An environment's ID spreads its first choice, so that a lost state finds the same port again.
fn start(id: &EnvironmentId) -> u16 {
    let digits = id.as_str().rsplit('-').next().unwrap_or_default();
    let number = u32::from_str_radix(digits, 16).unwrap_or_default();
    let offset = u16::try_from(number % u32::from(CHOICE.end - CHOICE.start)).unwrap_or_default();
    CHOICE.start + offset
}

fn process(port: u16) -> Holder {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"].into_iter().find_map(|table| {
        let text = std::fs::read_to_string(table).ok()?;
        listener_inode(&text, port)
    });
    inode.and_then(|inode| owner(&inode)).unwrap_or(Holder::Unknown)
}

/// The socket's number in a table as the kernel prints it: the line in state `0A` (listening) with that local port.
fn listener_inode(table: &str, port: u16) -> Option<String> {
    let end = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let listens = fields.get(1)?.ends_with(&end) && *fields.get(3)? == "0A";
        listens.then(|| fields.get(9).map(|inode| (*inode).to_owned())).flatten()
    })
}

fn owner(inode: &str) -> Option<Holder> {
    let link = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").ok()?.filter_map(Result::ok);
    let mut numbered = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbered.find_map(|pid| {
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.filter_map(Result::ok);
        let mut targets = descriptors.filter_map(|descriptor| std::fs::read_link(descriptor.path()).ok());
        targets.any(|target| target.as_os_str() == link.as_str()).then(|| {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            Holder::Process { pid, name: name.trim().to_owned() }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn the_listener_is_found_and_a_connection_is_not_one() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:08AE 0100007F:A001 01 00000000:00000000 00:00000000 00000000     0        0 111 1 0 20 4 0 10 -1\n\
            1: 0100007F:08AE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0\n";
        assert_eq!(listener_inode(table, 2222), Some("222".to_owned()));
        assert_eq!(listener_inode(table, 2223), None);
        assert_eq!(listener_inode("", 2222), None);
    }

    #[test]
    fn this_process_is_named() {
        let listener = TcpListener::bind((LOOPBACK, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(LOOPBACK, port));
        assert!(matches!(process(port), Holder::Process { pid, .. } if pid == std::process::id()));
    }
}
