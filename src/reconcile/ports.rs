//! Host ports: finds free ports, keeps earlier choices, and names the holder of a port that is taken.
//!
//! All ports are chosen before anything is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use super::ReconcileError;
use super::error::snippet_of;
use super::listeners::{Owner, find_listeners};
use super::work::Work;
use crate::engine::{ContainerState, ContainerStatus, Engine, EngineError, PublishedPort};
use crate::error::Error;
use crate::event::PortHolder;
use crate::manifest::{Located, Manifest, Port, Protocol};
use crate::project::{EnvironmentId, State, environments_directory};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The ports to choose from: below Linux's range for outgoing connections, above the usual ports of daemons.
const CHOICE: std::ops::Range<u16> = 20_000..30_000;

/// The engine's process that listens for a container.
const ENGINES_HELPER: &str = "docker-proxy";

/// The port of sshd in the container.
pub const SSH_PORT: u16 = 22;

/// The number of checks of a port that the engine's helper holds for a container which does not run.
const TRIES: usize = 40;

/// The pause between two such checks.
const SETTLE: Duration = Duration::from_millis(250);

/// The host ports of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// The port for SSH; `None` without an SSH server or without a separate network.
    pub ssh: Option<u16>,
    /// The ports for the engine to publish, the port for SSH first.
    pub published: Vec<PublishedPort>,
    /// The ports chosen from the manifest's ranges, by range.
    pub ranges: BTreeMap<String, u16>,
    /// The change of the port for SSH, if there was one.
    pub moved: Option<MovedPort>,
}

impl Assigned {
    /// Stores the choices. A port that the manifest names is not a choice: after it is removed from the manifest, the
    /// earlier choice counts again.
    pub fn remember(&self, manifest: &Manifest, state: &mut State) {
        state.named_ssh_port = manifest.ssh.port.as_ref().map(|port| port.value);
        if state.named_ssh_port.is_none() {
            state.ssh_port = self.ssh.or(state.ssh_port);
        }
        state.ports.clone_from(&self.ranges);
    }
}

/// A port that envctl chose earlier and that something else holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedPort {
    pub from: u16,
    pub to: u16,
    pub holder: PortHolder,
}

/// Returns the key under which the state stores the port that was chosen from a range.
fn range_key(port: &Port) -> Option<String> {
    let range = port.host_range()?;
    let (first, last) = (range.start(), range.end());
    let address = port.address.map_or_else(|| "loopback".to_owned(), |address| address.to_string());
    (first != last).then(|| format!("{address} {first}-{last} {}/{}", port.container, port.protocol))
}

/// Chooses all host ports and changes nothing. The environment's own running container keeps its ports. A port that
/// envctl chose earlier is replaced if something else holds it; a port that the manifest names is then an error.
pub async fn assign_ports(
    work: &Work<'_, impl Engine>,
    state: &State,
    container: Option<&ContainerState>,
) -> Result<Assigned, Error> {
    let manifest = &work.environment.manifest;
    let asker = Asker {
        engine: work.engine,
        manifest,
        held: container.map(|container| container.ports.as_slice()).unwrap_or_default(),
        own: work.environment.id.container(),
        is_half_made: container
            .is_some_and(|container| matches!(container.status, ContainerStatus::Created | ContainerStatus::Dead)),
    };
    let mut assigned = Assigned::default();
    // On the host's network the engine publishes nothing, and the container's own sshd listens.
    let listens_itself = manifest.uses_host_network() && container.is_some_and(|container| container.status.is_up());
    match in_use(manifest, state).filter(|_| listens_itself) {
        Some(port) => assigned.ssh = Some(port),
        None if manifest.serves_ssh() => asker.ssh(work, state, &mut assigned).await?,
        None => {}
    }
    if manifest.publishes_ports() {
        assigned.published.extend(assigned.ssh.map(|host| PublishedPort {
            address: manifest.ssh.listen.value,
            host,
            container: SSH_PORT,
            protocol: Protocol::Tcp,
        }));
        for port in &manifest.run.ports {
            let published = asker.published(port, state, &mut assigned.ranges).await?;
            assigned.published.push(published);
        }
    }
    Ok(assigned)
}

/// Returns the port that envctl chose earlier. A state of an earlier version may store the manifest's port here.
fn ports_of_others(state: &State) -> Option<u16> {
    state.ssh_port.filter(|port| CHOICE.contains(port))
}

/// Returns the port of the last `up` if the manifest asks for it now.
fn in_use(manifest: &Manifest, state: &State) -> Option<u16> {
    match &manifest.ssh.port {
        Some(named) => state.named_ssh_port.or(state.ssh_port).filter(|port| *port == named.value),
        None => ports_of_others(state).filter(|_| state.named_ssh_port.is_none()),
    }
}

struct Asker<'a, E> {
    engine: &'a E,
    manifest: &'a Manifest,
    /// The ports of the environment's own container.
    held: &'a [PublishedPort],
    /// The name of that container.
    own: String,
    /// Whether that container never started; it is removed before another one is created.
    is_half_made: bool,
}

impl<E: Engine> Asker<'_, E> {
    /// Chooses the port for SSH: the manifest's, else the earlier choice, else a free one.
    async fn ssh(&self, work: &Work<'_, E>, state: &State, assigned: &mut Assigned) -> Result<(), Error> {
        let ssh = &self.manifest.ssh;
        let address = ssh.listen.value;
        if let Some(port) = &ssh.port {
            assigned.ssh = Some(self.named(address, port.value, Protocol::Tcp, port.span.as_ref()).await?);
            return Ok(());
        }
        let kept = ports_of_others(state);
        if let Some(kept) = kept
            && self.becomes_usable(address, kept, Protocol::Tcp).await?
        {
            assigned.ssh = Some(kept);
            return Ok(());
        }
        let id = &work.environment.id;
        let to = choose_port(address, id, &kept_by_others(&environments_directory(work.system), id))?;
        assigned.ssh = Some(to);
        if let Some(from) = kept {
            let holder = find_holder(self.engine, address, from, Protocol::Tcp).await?;
            assigned.moved = Some(MovedPort { from, to, holder });
        }
        Ok(())
    }

    /// Chooses a port of the manifest. A port from a range is added to `ranges`.
    async fn published(
        &self,
        port: &Located<Port>,
        state: &State,
        ranges: &mut BTreeMap<String, u16>,
    ) -> Result<PublishedPort, Error> {
        let address = port.value.address.unwrap_or(LOOPBACK);
        let protocol = port.value.protocol;
        let host = match (range_key(&port.value), port.value.host_range(), port.value.host) {
            (Some(key), Some(range), _) => {
                let is_usable = |port: &u16| self.usable(address, *port, protocol);
                let kept = state.ports.get(&key).copied().filter(is_usable);
                let Some(found) = kept.or_else(|| range.clone().find(is_usable)) else {
                    return Err(self.taken(address, *range.start(), protocol, port.span.as_ref()).await?);
                };
                ranges.insert(key, found);
                found
            }
            (_, _, Some(host)) => self.named(address, host, protocol, port.span.as_ref()).await?,
            // The engine chooses one at every start.
            (_, _, None) => 0,
        };
        Ok(PublishedPort { address, host, container: port.value.container, protocol })
    }

    /// Whether a port is free or only the environment's own container holds it, at any address: the container
    /// releases it before it gets another address.
    fn usable(&self, address: IpAddr, port: u16, protocol: Protocol) -> bool {
        if is_free(address, port, protocol) {
            return true;
        }
        let ours: Vec<IpAddr> = self
            .held
            .iter()
            .filter(|held| held.host == port && held.protocol == protocol)
            .map(|held| held.address)
            .collect();
        let mut others = find_listeners(protocol, port).into_iter().filter(|listener| {
            share_traffic(listener.address, address) && !ours.iter().any(|own| is_same(*own, listener.address))
        });
        !ours.is_empty() && others.next().is_none()
    }

    async fn named(
        &self,
        address: IpAddr,
        port: u16,
        protocol: Protocol,
        span: Option<&Range<usize>>,
    ) -> Result<u16, Error> {
        if self.becomes_usable(address, port, protocol).await? {
            Ok(port)
        } else {
            Err(self.taken(address, port, protocol, span).await?)
        }
    }

    /// Whether a port is free or belongs to the environment. It waits a moment if necessary: an engine that was
    /// killed and restarted starts the container again, or its helper has not released the port yet.
    async fn becomes_usable(&self, address: IpAddr, port: u16, protocol: Protocol) -> Result<bool, Error> {
        for _ in 0..TRIES {
            if self.usable(address, port, protocol) {
                return Ok(true);
            }
            match find_holder(self.engine, address, port, protocol).await? {
                PortHolder::Container(name) => return Ok(name == self.own),
                // The engine was killed while it started this container; the port is released with the container.
                PortHolder::Process { name, .. } if name == ENGINES_HELPER && self.is_half_made => return Ok(true),
                PortHolder::Process { name, .. } if name == ENGINES_HELPER => tokio::time::sleep(SETTLE).await,
                PortHolder::Process { .. } | PortHolder::Unknown => return Ok(false),
            }
        }
        Ok(false)
    }

    async fn taken(
        &self,
        address: IpAddr,
        port: u16,
        protocol: Protocol,
        span: Option<&Range<usize>>,
    ) -> Result<Error, Error> {
        let holder = find_holder(self.engine, address, port, protocol).await?;
        let at = snippet_of(self.manifest, span, "asked for here");
        Ok(ReconcileError::PortTaken { address, port, holder, at }.into())
    }
}

/// Whether a program could listen there now. If this user is not permitted to, the engine may be.
fn is_free(address: IpAddr, port: u16, protocol: Protocol) -> bool {
    let address = SocketAddr::new(address, port);
    let taken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::AddrInUse;
    match protocol {
        Protocol::Tcp => !TcpListener::bind(address).is_err_and(|error| taken(&error)),
        Protocol::Udp => !UdpSocket::bind(address).is_err_and(|error| taken(&error)),
        Protocol::Sctp => true,
    }
}

/// Returns a free port, the same one each time if possible. `kept` are the ports of other environments, which may be
/// stopped now.
pub fn choose_port(address: IpAddr, id: &EnvironmentId, kept: &BTreeSet<u16>) -> Result<u16, ReconcileError> {
    let first = first_choice(id);
    let order = (first..CHOICE.end).chain(CHOICE.start..first);
    let mut free = order.filter(|port| !kept.contains(port)).filter(|port| is_free(address, *port, Protocol::Tcp));
    free.next().ok_or(ReconcileError::NoPort { address })
}

/// Returns the ports that this user's other environments keep.
fn kept_by_others(environments: &Path, id: &EnvironmentId) -> BTreeSet<u16> {
    let Ok(entries) = std::fs::read_dir(environments) else { return BTreeSet::new() };
    let others = entries.filter_map(Result::ok).filter(|entry| entry.file_name() != id.as_str());
    let states = others.filter_map(|entry| State::load(&entry.path()).ok().flatten());
    states.flat_map(|state| [state.ssh_port, state.named_ssh_port]).flatten().collect()
}

/// Returns the holder of a port: a container of the engine, else a process.
async fn find_holder(
    engine: &impl Engine,
    address: IpAddr,
    port: u16,
    protocol: Protocol,
) -> Result<PortHolder, EngineError> {
    let containers = engine.list(&[]).await?;
    let holds = |published: &PublishedPort| {
        published.host == port && published.protocol == protocol && share_traffic(published.address, address)
    };
    let container = containers.into_iter().find(|container| container.ports.iter().any(holds));
    if let Some(container) = container {
        return Ok(PortHolder::Container(container.name));
    }
    let mut found =
        find_listeners(protocol, port).into_iter().filter(|listener| share_traffic(listener.address, address));
    let owner = found.find_map(|listener| listener.find_owner());
    Ok(owner.map_or(PortHolder::Unknown, |Owner { pid, name }| PortHolder::Process { pid, name }))
}

/// Whether two addresses are the same for a port. An engine lists a port on all addresses once for each address
/// family.
fn is_same(one: IpAddr, other: IpAddr) -> bool {
    one == other || (one.is_unspecified() && other.is_unspecified())
}

fn share_traffic(one: IpAddr, other: IpAddr) -> bool {
    one == other || one.is_unspecified() || other.is_unspecified()
}

/// Returns the first port to try. It depends on the environment's ID, so that an environment without its state finds
/// the same port again, and so that environments of other users, which are not known here, seldom start at the same one.
fn first_choice(id: &EnvironmentId) -> u16 {
    let digits = id.as_str().rsplit('-').next().unwrap_or_default();
    let number = u64::from_str_radix(digits, 16).unwrap_or_default();
    let offset = u16::try_from(number % u64::from(CHOICE.end - CHOICE.start)).unwrap_or_default();
    CHOICE.start + offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fake::Fake;

    /// Whether an environment that holds `held` may have a port at `wanted`; each is an address and a protocol.
    fn is_its_own(held: &str, wanted: &str, protocol: Protocol, port: u16) -> bool {
        let held = [PublishedPort { address: held.parse().unwrap(), host: port, container: 80, protocol }];
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
    fn environments_start_at_ports_of_their_own() {
        let first = |id: &str| first_choice(&serde_json::from_value(id.into()).unwrap());
        assert_eq!(first("lab-ffffffffffffffff"), 21_615);
        assert_eq!(first("lab-fffffffffffffffe"), 21_614);
        assert_eq!(first("lab-0000000000000000"), CHOICE.start);
    }

    #[test]
    fn an_environments_own_port_is_not_taken_at_another_address() {
        let tcp = TcpListener::bind((LOOPBACK, 0)).unwrap();
        let port = tcp.local_addr().unwrap().port();
        let _udp = UdpSocket::bind((LOOPBACK, port)).unwrap();
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            assert!(is_its_own("127.0.0.1", "127.0.0.1", protocol, port), "{protocol}");
            assert!(is_its_own("127.0.0.1", "0.0.0.0", protocol, port), "{protocol}");
            assert!(!is_its_own("127.0.0.9", "0.0.0.0", protocol, port), "{protocol}: somebody else listens");
        }
        let _other = TcpListener::bind(("127.0.0.2", port)).unwrap();
        assert!(!is_its_own("127.0.0.1", "0.0.0.0", Protocol::Tcp, port), "somebody else listens at another address");
    }
}
