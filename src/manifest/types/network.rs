//! Types of mirror and proxy addresses, network and IPC modes, and lines for `/etc/hosts`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Serialize;

use super::{ValueError, all, checked_text};

checked_text! {
    /// An `http` or `https` URL.
    Url = url;
    /// A host, domain suffix, address or network for which no proxy is used, or `*`.
    NoProxyHost = no_proxy;
    /// `bridge`, `host`, `none` or a network's name.
    NetworkMode = network;
    /// A line for `/etc/hosts`, `NAME:ADDRESS`. The address can be `host-gateway`.
    ExtraHost = extra_host;
    /// A host name: labels of letters, digits and `-` between dots (RFC 1123), at most 63 characters, because Linux
    /// keeps at most 64.
    HostName = host_name;
}

/// The shared memory that a container sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IpcMode {
    /// The container's own.
    Private,
    /// The container's own, which other containers can join.
    Shareable,
    Host,
    /// The container's own, without a `/dev/shm`.
    None,
}

impl IpcMode {
    /// Whether the container has its own `/dev/shm`, so that its size can be set.
    #[must_use]
    pub fn has_own_memory(self) -> bool {
        matches!(self, Self::Private | Self::Shareable)
    }
}

impl FromStr for IpcMode {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "private" => Ok(Self::Private),
            "shareable" => Ok(Self::Shareable),
            "host" => Ok(Self::Host),
            "none" => Ok(Self::None),
            _ => {
                let allowed = "`private`, `shareable`, `host` or `none`";
                Err(ValueError::new(text, "an IPC mode", "there is none of that name", allowed))
            }
        }
    }
}

impl fmt::Display for IpcMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Private => "private",
            Self::Shareable => "shareable",
            Self::Host => "host",
            Self::None => "none",
        })
    }
}

/// The longest host name, in characters.
const HOST_NAME_LENGTH: usize = 63;

pub(super) fn url(text: &str) -> Result<String, ValueError> {
    let error = |why| Err(ValueError::new(text, "a URL", why, "a URL such as `https://mirror.example/simple`"));
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return error("it does not begin with `https://` or `http://`");
    };
    // The characters of RFC 3986 without `'` and `$`, which have a meaning in shells and requirements files.
    if !all(text, |c| c.is_ascii_alphanumeric() || "-._~:/?#[]@!&()*+,;=%".contains(c)) {
        return error("it has characters that must be written as `%` and two digits");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if is_host_and_port(host) { Ok(text.to_owned()) } else { error("its host can't be read") }
}

fn is_host_and_port(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, port)) if host.parse::<std::net::Ipv6Addr>().is_ok() => ("v6", port.strip_prefix(':')),
            _ => return false,
        },
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    is_host_name(host) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn is_host_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && all(text, |c| c.is_ascii_alphanumeric() || ".-_".contains(c))
}

fn no_proxy(text: &str) -> Result<String, ValueError> {
    let name = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
    let (address, bits) = name.split_once('/').map_or((name, None), |(address, bits)| (address, Some(bits)));
    let is_network = address.parse::<IpAddr>().is_ok() && bits.is_none_or(|bits| bits.parse::<u8>().is_ok());
    if text == "*" || is_network || is_host_and_port(name) {
        return Ok(text.to_owned());
    }
    let allowed = "a host, `.domain`, address, network (`10.0.0.0/8`) or `*`, one an entry";
    Err(ValueError::new(text, "a host without proxy", "it can't be read", allowed))
}

fn network(text: &str) -> Result<String, ValueError> {
    let good = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.len() <= 64
        && all(text, |c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if good {
        return Ok(text.to_owned());
    }
    let why = if text.starts_with("container:") {
        "the network of another container can't be shared"
    } else {
        "it has characters that no network's name has"
    };
    Err(ValueError::new(text, "a network", why, "`bridge`, `host`, `none` or the name of a network of the engine"))
}

fn host_name(text: &str) -> Result<String, ValueError> {
    let error = |why| {
        let allowed = "at most 63 letters, digits, `-` and `.`, such as `trainer` or `trainer.lab.example`";
        Err(ValueError::new(text, "a host name", why, allowed))
    };
    match text {
        "" => error("it is empty"),
        _ if text.len() > HOST_NAME_LENGTH => error("it is too long"),
        _ if text.split('.').any(|label| label.is_empty() || label.starts_with('-') || label.ends_with('-')) => {
            error("a part between dots is empty, or begins or ends with `-`")
        }
        _ if !all(text, |c| c.is_ascii_alphanumeric() || "-.".contains(c)) => {
            error("it has characters that no host name has")
        }
        _ => Ok(text.to_owned()),
    }
}

fn extra_host(text: &str) -> Result<String, ValueError> {
    let error = |why| {
        let allowed = "`NAME:ADDRESS`, such as `data.lab:10.0.0.7` or `host.docker.internal:host-gateway`";
        Err(ValueError::new(text, "a host's address", why, allowed))
    };
    match text.split_once(':') {
        None => error("it has no address"),
        Some((name, _)) if !is_host_name(name) => error("its name can't be read"),
        Some((_, address)) if address != "host-gateway" && address.parse::<IpAddr>().is_err() => {
            error("its address can't be read")
        }
        Some(_) => Ok(text.to_owned()),
    }
}
