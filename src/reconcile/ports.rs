//! Host ports: which is free, which is kept, and who holds one that is not free.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use super::ReconcileError;
use super::checks::place;
use super::desired::{publishes, serves_ssh, uses_host_network};
use crate::engine::{ContainerState, ContainerStatus, Engine, EngineError, PublishedPort};
use crate::error::Error;
use crate::event::{Event, Sink};
use crate::manifest::{Manifest, Port};
use crate::project::{Environment, EnvironmentId, State};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Ports to choose from: below what Linux hands out to outgoing connections, above what daemons usually listen on.
const CHOICE: std::ops::Range<u16> = 20_000..30_000;

/// The engine's process that listens for a container.
const ENGINES_HELPER: &str = "docker-proxy";

/// How often a port is looked at again that the engine's helper holds for a container which does not run.
const TRIES: usize = 40;

/// Between two looks.
const SETTLE: Duration = Duration::from_millis(250);

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

/// What was asked of a port, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// The host's port for SSH; none without an SSH server or without a network of the container's own.
    pub ssh: Option<u16>,
    /// Ports chosen from the manifest's ranges.
    pub ranges: BTreeMap<String, u16>,
}

/// The name under which the state keeps the port that was chosen from a range.
#[must_use]
pub fn range_key(port: &Port) -> Option<String> {
    let range = port.host_range()?;
    let (first, last) = (range.start(), range.end());
    let address = port.address.map_or_else(|| "loopback".to_owned(), |address| address.to_string());
    (first != last).then(|| format!("{address} {first}-{last} {}/{}", port.container, port.protocol))
}

/// Settles every host port before anything is touched. What the environment's own running container holds is its to keep;
/// a port that envctl chose moves and says so; one that the manifest names and something else holds is an error.
pub async fn assign(
    engine: &impl Engine,
    environment: &Environment,
    state: &State,
    container: Option<&ContainerState>,
    environments: &Path,
    sink: &dyn Sink,
) -> Result<Assigned, Error> {
    let manifest = &environment.manifest;
    let held = container.map(|container| container.ports.as_slice()).unwrap_or_default();
    let mut assigned = Assigned::default();
    let is_half_made =
        container.is_some_and(|container| matches!(container.status, ContainerStatus::Created | ContainerStatus::Dead));
    let asker = Asker { engine, manifest, held, own: environment.id.container(), is_half_made };
    let listens_itself = uses_host_network(manifest) && container.is_some_and(|container| container.status.is_up());
    if let (true, Some(port)) = (listens_itself, state.ssh_port) {
        // The engine publishes nothing here: the listener is the container's own sshd.
        assigned.ssh = Some(port);
    } else if serves_ssh(manifest) {
        let address = manifest.ssh.listen.value;
        assigned.ssh = Some(if let Some(port) = &manifest.ssh.port {
            asker.named(address, port.value, "tcp", port.span.as_ref()).await?
        } else {
            let kept = kept_by_others(environments, &environment.id);
            asker.chosen(address, state.ssh_port, &environment.id, &kept, sink).await?
        });
    }
    if !publishes(manifest) {
        return Ok(assigned);
    }
    for port in &manifest.run.ports {
        let address = port.value.address.unwrap_or(LOOPBACK);
        let protocol = <&str>::from(port.value.protocol);
        if let (Some(key), Some(range)) = (range_key(&port.value), port.value.host_range()) {
            let last = state.ports.get(&key).copied().filter(|port| asker.usable(address, *port, protocol));
            let found = last.or_else(|| range.clone().find(|port| asker.usable(address, *port, protocol)));
            let Some(found) = found else {
                return Err(asker.taken(address, *range.start(), protocol, port.span.as_ref()).await?);
            };
            assigned.ranges.insert(key, found);
        } else if let Some(host) = port.value.host {
            asker.named(address, host, protocol, port.span.as_ref()).await?;
        }
    }
    Ok(assigned)
}

struct Asker<'a, E> {
    engine: &'a E,
    manifest: &'a Manifest,
    /// What the environment's own container holds.
    held: &'a [PublishedPort],
    /// The name of that container.
    own: String,
    /// That container never started, and is removed before another is made.
    is_half_made: bool,
}

impl<E: Engine> Asker<'_, E> {
    /// Whether a port is free, or held by nobody but the environment's own container, at whatever address that has it: it
    /// gives the port up before it gets another address.
    fn usable(&self, address: IpAddr, port: u16, protocol: &str) -> bool {
        if is_free(address, port, protocol) {
            return true;
        }
        let ours: Vec<IpAddr> = self
            .held
            .iter()
            .filter(|held| held.host == port && held.protocol == protocol)
            .map(|held| held.address)
            .collect();
        let mut others = listeners(protocol, port).into_iter().filter(|listener| {
            meets(listener.address, address) && !ours.iter().any(|own| is_same(*own, listener.address))
        });
        !ours.is_empty() && others.next().is_none()
    }

    async fn named(
        &self,
        address: IpAddr,
        port: u16,
        protocol: &str,
        span: Option<&Range<usize>>,
    ) -> Result<u16, Error> {
        if self.becomes_usable(address, port, protocol).await? {
            Ok(port)
        } else {
            Err(self.taken(address, port, protocol, span).await?)
        }
    }

    /// Whether a port is free, or the environment's own. An engine that was just killed and started again brings the
    /// container back at this moment, or its helper has not let go of the port yet: that is waited for.
    async fn becomes_usable(&self, address: IpAddr, port: u16, protocol: &str) -> Result<bool, Error> {
        for _ in 0..TRIES {
            if self.usable(address, port, protocol) {
                return Ok(true);
            }
            match holder(self.engine, address, port, protocol).await? {
                Holder::Container(name) => return Ok(name == self.own),
                // A container that an engine was starting when it was killed: the port goes with it.
                Holder::Process { name, .. } if name == ENGINES_HELPER && self.is_half_made => return Ok(true),
                Holder::Process { name, .. } if name == ENGINES_HELPER => tokio::time::sleep(SETTLE).await,
                Holder::Process { .. } | Holder::Unknown => return Ok(false),
            }
        }
        Ok(false)
    }

    async fn taken(
        &self,
        address: IpAddr,
        port: u16,
        protocol: &str,
        span: Option<&Range<usize>>,
    ) -> Result<Error, Error> {
        let holder = holder(self.engine, address, port, protocol).await?;
        let at = place(self.manifest, span, "asked for here");
        Ok(ReconcileError::PortTaken { address, port, holder, at }.into())
    }

    async fn chosen(
        &self,
        address: IpAddr,
        kept: Option<u16>,
        id: &EnvironmentId,
        others: &BTreeSet<u16>,
        sink: &dyn Sink,
    ) -> Result<u16, Error> {
        match kept {
            Some(port) if self.becomes_usable(address, port, "tcp").await? => Ok(port),
            Some(port) => {
                let new = choose(address, id, others)?;
                let holder = holder(self.engine, address, port, "tcp").await?;
                let message = format!("port {port} is taken by {holder}; SSH moves to port {new}");
                sink.emit(Event::Warning { message });
                Ok(new)
            }
            None => Ok(choose(address, id, others)?),
        }
    }
}

/// Whether something could listen there now. What this user may not listen on, the engine may.
#[must_use]
pub fn is_free(address: IpAddr, port: u16, protocol: &str) -> bool {
    let address = SocketAddr::new(address, port);
    let taken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::AddrInUse;
    match protocol {
        "tcp" => !TcpListener::bind(address).is_err_and(|error| taken(&error)),
        "udp" => !UdpSocket::bind(address).is_err_and(|error| taken(&error)),
        _ => true,
    }
}

/// A free port, the same one each time where nothing speaks against it. `kept` are those of other environments, which may
/// be stopped now.
pub fn choose(address: IpAddr, id: &EnvironmentId, kept: &BTreeSet<u16>) -> Result<u16, ReconcileError> {
    let first = start(id);
    let order = (first..CHOICE.end).chain(CHOICE.start..first);
    let mut free = order.filter(|port| !kept.contains(port)).filter(|port| is_free(address, *port, "tcp"));
    free.next().ok_or(ReconcileError::NoPort { address })
}

/// Ports that other environments of this person keep.
pub fn kept_by_others(environments: &Path, id: &EnvironmentId) -> BTreeSet<u16> {
    let Ok(entries) = std::fs::read_dir(environments) else { return BTreeSet::new() };
    let others = entries.filter_map(Result::ok).filter(|entry| entry.file_name() != id.as_str());
    others.filter_map(|entry| State::load(&entry.path()).ok().flatten()?.ssh_port).collect()
}

/// Who holds a port: a container of the engine, else a process.
async fn holder(engine: &impl Engine, address: IpAddr, port: u16, protocol: &str) -> Result<Holder, EngineError> {
    let containers = engine.list(&[]).await?;
    let holds = |published: &PublishedPort| {
        published.host == port && published.protocol == protocol && meets(published.address, address)
    };
    let container = containers.into_iter().find(|container| container.ports.iter().any(holds));
    Ok(container.map_or_else(|| process(protocol, address, port), |container| Holder::Container(container.name)))
}

/// An engine shows what is published on every address once for each family.
fn is_same(one: IpAddr, other: IpAddr) -> bool {
    one == other || (one.is_unspecified() && other.is_unspecified())
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

/// Who listens there, as far as this user may see it.
fn process(protocol: &str, address: IpAddr, port: u16) -> Holder {
    let mut found = listeners(protocol, port).into_iter().filter(|listener| meets(listener.address, address));
    found.find_map(|listener| owner(&listener.inode)).unwrap_or(Holder::Unknown)
}

/// A socket that waits at a port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listener {
    address: IpAddr,
    /// The socket's number.
    inode: String,
}

/// All that wait at a port of this host.
fn listeners(protocol: &str, port: u16) -> Vec<Listener> {
    let tables = [protocol.to_owned(), format!("{protocol}6")];
    let texts = tables.iter().filter_map(|table| std::fs::read_to_string(format!("/proc/net/{table}")).ok());
    texts.flat_map(|text| listeners_in(&text, port)).collect()
}

/// Those of a table as the kernel prints it: the lines with that local port that listen (`0A`, TCP) or are not connected
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

/// An address as the kernel prints it: words of 32 bits, each in the machine's order.
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
    use crate::engine::fake::Fake;

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
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(LOOPBACK, port, "tcp"));
        let found = process("tcp", LOOPBACK, port);
        assert!(matches!(found, Holder::Process { pid, .. } if pid == std::process::id()));
    }

    /// Whether an environment that holds `held` may have a port at `wanted`, each an address and a protocol.
    fn is_its_own(held: &str, wanted: &str, protocol: &str, port: u16) -> bool {
        let held = [PublishedPort {
            address: held.parse().unwrap(),
            host: port,
            container: 80,
            protocol: protocol.to_owned(),
        }];
        let manifest = crate::packages::tests::manifest();
        let asker = Asker {
            engine: &Fake::new(),
            manifest: &manifest,
            held: &held,
            own: "own".to_owned(),
            is_half_made: false,
        };
        asker.usable(wanted.parse().unwrap(), port, protocol)
    }

    #[test]
    fn an_environments_own_port_is_not_taken_at_another_address() {
        let tcp = TcpListener::bind((LOOPBACK, 0)).unwrap();
        let port = tcp.local_addr().unwrap().port();
        let _udp = UdpSocket::bind((LOOPBACK, port)).unwrap();
        for protocol in ["tcp", "udp"] {
            assert!(is_its_own("127.0.0.1", "127.0.0.1", protocol, port), "{protocol}");
            assert!(is_its_own("127.0.0.1", "0.0.0.0", protocol, port), "{protocol}");
            assert!(!is_its_own("127.0.0.9", "0.0.0.0", protocol, port), "{protocol}: somebody else listens");
        }
        let _other = TcpListener::bind(("127.0.0.2", port)).unwrap();
        assert!(!is_its_own("127.0.0.1", "0.0.0.0", "tcp", port), "somebody else listens at another address");
    }
}
