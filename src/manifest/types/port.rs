//! The type of a published port. It accepts every form that `docker run -p` accepts.
//!
//! A range becomes one value per port, so that later code never handles ranges of container ports.

use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::ValueError;

/// One published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The host's address. `None`: loopback.
    pub address: Option<IpAddr>,
    /// The host's port. `None`: a free port.
    pub host: Option<u16>,
    /// The last port of a range that starts at `host`. Any free port of the range is used (`8000-8010:80`).
    pub host_last: Option<u16>,
    /// The container's port. A range in the manifest becomes one value per port.
    pub container: u16,
    pub protocol: Protocol,
}

/// The protocol of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    Tcp,
    Udp,
    Sctp,
}

impl Protocol {
    /// The name in engines and in the kernel.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }

    /// The protocol with this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Tcp, Self::Udp, Self::Sctp].into_iter().find(|protocol| protocol.name() == name)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Port {
    /// Parses `[ADDRESS:][HOST[-LAST]:]CONTAINER[-LAST][/PROTOCOL]` and returns one value per port of the container's
    /// range.
    pub fn parse(text: &str) -> Result<Vec<Self>, ValueError> {
        let error = |why: &'static str| port_error(text, why);
        let (rest, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
        let protocol = Protocol::of_name(protocol).ok_or_else(|| error("the protocol is `tcp`, `udp` or `sctp`"))?;
        let (address, rest) = split_address(rest).ok_or_else(|| error("its address can't be read"))?;
        let (host, container) = rest.rsplit_once(':').map_or((None, rest), |(host, port)| (Some(host), port));
        if address.is_some() && host.is_none() {
            return Err(error("after an address the host's port belongs, which may be empty"));
        }
        let container = range(container, 1).ok_or_else(|| error("the container's port is not 1 to 65535"))?;
        let host = match host {
            None | Some("" | "0") => None,
            Some(host) => Some(range(host, 1).ok_or_else(|| error("the host's port is not 0 to 65535"))?),
        };
        let one = |host: Option<u16>, host_last, container| Self { address, host, host_last, container, protocol };
        match host {
            None => Ok(container.map(|port| one(None, None, port)).collect()),
            Some(host) if host.len() == container.len() => {
                Ok(host.zip(container).map(|(host, port)| one(Some(host), None, port)).collect())
            }
            Some(host) if container.len() == 1 => {
                Ok(vec![one(Some(*host.start()), Some(*host.end()), *container.start())])
            }
            Some(_) => Err(error("the two ranges are of different length")),
        }
    }

    /// The host's ports that it can use: one port, a range, or `None` for any free port.
    #[must_use]
    pub fn host_range(&self) -> Option<RangeInclusive<u16>> {
        self.host.map(|first| first..=self.host_last.unwrap_or(first))
    }
}

/// The form that is parsed: `127.0.0.1:8888:8888/tcp`, with `127.0.0.1` if the text has no address.
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            None => f.write_str("127.0.0.1:")?,
            Some(IpAddr::V4(address)) => write!(f, "{address}:")?,
            Some(IpAddr::V6(address)) => write!(f, "[{address}]:")?,
        }
        if let Some(host) = self.host {
            write!(f, "{host}")?;
        }
        if let Some(last) = self.host_last {
            write!(f, "-{last}")?;
        }
        write!(f, ":{}/{}", self.container, self.protocol)
    }
}

fn port_error(text: &str, why: &'static str) -> ValueError {
    let allowed =
        "`[ADDRESS:][HOST:]CONTAINER[/PROTOCOL]`, such as `8888:8888`, `127.0.0.1::6006` or `5000-5010:5000-5010/udp`";
    ValueError::new(text, "a port", why, allowed)
}

/// Splits off the address before the ports, if any. An IPv6 address has brackets.
fn split_address(text: &str) -> Option<(Option<IpAddr>, &str)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once("]:")?;
        return Some((Some(IpAddr::V6(address.parse().ok()?)), rest));
    }
    match text.split_once(':') {
        Some((address, rest)) if rest.contains(':') => Some((Some(IpAddr::V4(address.parse().ok()?)), rest)),
        _ => Some((None, text)),
    }
}

fn range(text: &str, lowest: u16) -> Option<RangeInclusive<u16>> {
    let number = |text: &str| {
        let decimal = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if decimal { text.parse::<u16>().ok().filter(|port| *port >= lowest) } else { None }
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some(first..=last)
}
