//! Chooses the engine to connect to: the flag, `DOCKER_HOST`, the docker context, then the usual socket, in this
//! order.
//!
//! The choice is a function of [`System`] and of a few files of the docker client; it opens no connection. Some
//! addresses work for a docker client but not for envctl (`ssh://`, TLS). They are errors: a silent fallback to
//! another engine would build on the wrong machine.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{AddressOrigin, EngineError};
use crate::digest::hex;
use crate::files;
use crate::system::System;

/// The address of an engine and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineAddress {
    /// The address where the engine listens.
    pub address: Address,
    pub origin: AddressOrigin,
}

/// An address where an engine listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// `HOST:PORT`, for plain HTTP.
    Tcp(String),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(host) => write!(f, "tcp://{host}"),
        }
    }
}

/// The files that the docker client keeps on disk.
pub trait Files {
    /// Returns the text of a file; `None` if the file does not exist.
    fn read(&self, path: &Path) -> Option<String>;
    /// Whether a file exists.
    fn exists(&self, path: &Path) -> bool;
}

/// The files on the disk.
#[derive(Clone, Copy, Debug)]
pub struct RealFiles;

impl Files for RealFiles {
    fn read(&self, path: &Path) -> Option<String> {
        files::read_text(path, files::TEXT).ok()
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

/// The variable that replaces `--engine` on the command line.
const FLAG_VARIABLE: &str = "ENVCTL_ENGINE";

/// The socket of a system-wide engine.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

impl EngineAddress {
    /// Returns the engine that the flag names, otherwise the engine that `docker` would use.
    ///
    /// # Errors
    /// envctl cannot use the address, or the current context does not exist.
    pub fn choose(system: &System, flag: Option<&str>) -> Result<Self, EngineError> {
        Self::choose_with(system, flag, &RealFiles)
    }

    /// [`EngineAddress::choose`] with other files than those on the disk.
    pub fn choose_with(system: &System, flag: Option<&str>, files: &dyn Files) -> Result<Self, EngineError> {
        if let Some(url) = flag {
            let is_variable = system.variable(FLAG_VARIABLE) == flag;
            let origin = if is_variable { AddressOrigin::Variable(FLAG_VARIABLE) } else { AddressOrigin::Flag };
            return parse(url, origin);
        }
        if let Some(url) = system.variable("DOCKER_HOST") {
            let endpoint = parse(url, AddressOrigin::Variable("DOCKER_HOST"))?;
            return refuse_tls(endpoint, system.variable("DOCKER_TLS_VERIFY").is_some());
        }
        match context_address(system, files) {
            Some(name) if name != "default" => of_context(system, &name, files),
            _ => Ok(default(system, files)),
        }
    }
}

/// The docker client's configuration; only the current context matters here.
#[derive(Deserialize)]
struct ClientConfiguration {
    #[serde(rename = "currentContext")]
    current_context: Option<String>,
}

/// A context's `meta.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    endpoints: std::collections::BTreeMap<String, MetaEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetaEndpoint {
    host: Option<String>,
}

/// The directory where the docker client keeps its files.
pub(super) fn docker_directory(system: &System) -> PathBuf {
    system.variable("DOCKER_CONFIG").map_or_else(|| system.home().join(".docker"), PathBuf::from)
}

fn context_address(system: &System, files: &dyn Files) -> Option<String> {
    if let Some(name) = system.variable("DOCKER_CONTEXT") {
        return Some(name.to_owned());
    }
    let text = files.read(&docker_directory(system).join("config.json"))?;
    let configuration: ClientConfiguration = serde_json::from_str(&text).ok()?;
    configuration.current_context.filter(|name| !name.is_empty())
}

fn of_context(system: &System, name: &str, files: &dyn Files) -> Result<EngineAddress, EngineError> {
    let origin = AddressOrigin::Context(name.to_owned());
    let bad = |reason: &str| EngineError::BadEndpoint {
        endpoint: name.to_owned(),
        origin: origin.clone(),
        reason: reason.to_owned(),
    };
    let key = sha256(name.as_bytes());
    let directory = docker_directory(system).join("contexts");
    let text = files.read(&directory.join("meta").join(&key).join("meta.json"));
    let text = text.ok_or_else(|| bad("there is no such context; see `docker context ls`"))?;
    let meta: Meta =
        serde_json::from_str(&text).map_err(|error| bad(&format!("its `meta.json` can't be read: {error}")))?;
    let host = meta.endpoints.get("docker").and_then(|endpoint| endpoint.host.as_deref());
    match host.filter(|host| !host.is_empty()) {
        Some(host) => refuse_tls(parse(host, origin)?, files.exists(&directory.join("tls").join(&key))),
        None => Ok(default(system, files)),
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns the system's socket, or a rootless engine's if only that one exists.
fn default(system: &System, files: &dyn Files) -> EngineAddress {
    let rootless = system.variable("XDG_RUNTIME_DIR").map(|directory| Path::new(directory).join("docker.sock"));
    let usual = PathBuf::from(DEFAULT_SOCKET);
    let path = match rootless {
        Some(rootless) if !files.exists(&usual) && files.exists(&rootless) => rootless,
        _ => usual,
    };
    EngineAddress { address: Address::Unix(path), origin: AddressOrigin::Default }
}

fn parse(url: &str, origin: AddressOrigin) -> Result<EngineAddress, EngineError> {
    let bad = |reason: &str| {
        Err(EngineError::BadEndpoint { endpoint: url.into(), origin: origin.clone(), reason: reason.into() })
    };
    let address = match url.split_once("://") {
        Some(("unix", path)) if path.starts_with('/') => Address::Unix(path.into()),
        Some(("unix", _)) => return bad("a socket is named by its absolute path"),
        Some(("tcp" | "http", host)) => match tcp_address(host.trim_end_matches('/')) {
            Some(host) => Address::Tcp(host),
            None => return bad("a host and a port are needed"),
        },
        Some(("https", _)) => return bad("engines behind TLS are not supported yet"),
        Some(("ssh", _)) => {
            return bad(
                "engines over ssh are not supported yet; run envctl on that machine, or forward its socket with `ssh -L`",
            );
        }
        Some(_) => return bad("the scheme is none of `unix`, `tcp` and `http`"),
        None if url.starts_with('/') => Address::Unix(url.into()),
        None => return bad("it has no scheme"),
    };
    Ok(EngineAddress { address, origin })
}

/// Parses `HOST:PORT`; a host alone gets the engine's plain HTTP port.
fn tcp_address(host: &str) -> Option<String> {
    if host.is_empty() || host.contains(['/', '@', '?', '#']) {
        return None;
    }
    let port = host.rsplit_once(':').filter(|(name, _)| !name.contains(':') || name.ends_with(']'));
    match port {
        Some(("", _)) => None,
        Some((_, port)) => port.parse::<u16>().ok().map(|_| host.to_owned()),
        None => Some(format!("{host}:2375")),
    }
}

fn refuse_tls(endpoint: EngineAddress, tls: bool) -> Result<EngineAddress, EngineError> {
    if tls && matches!(endpoint.address, Address::Tcp(_)) {
        return Err(EngineError::BadEndpoint {
            endpoint: endpoint.address.to_string(),
            origin: endpoint.origin,
            reason: "engines behind TLS are not supported yet".into(),
        });
    }
    Ok(endpoint)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    struct Memory(BTreeMap<PathBuf, String>);

    impl Files for Memory {
        fn read(&self, path: &Path) -> Option<String> {
            self.0.get(path).cloned()
        }

        fn exists(&self, path: &Path) -> bool {
            self.0.keys().any(|file| file.starts_with(path))
        }
    }

    fn files<const N: usize>(files: [(&str, &str); N]) -> Memory {
        Memory(files.map(|(path, text)| (path.into(), text.into())).into())
    }

    fn system<const N: usize>(variables: [(&str, &str); N]) -> System {
        let mut variables: BTreeMap<_, _> = variables.map(|(name, value)| (name.into(), value.into())).into();
        variables.insert("HOME".into(), "/home/ada".into());
        System {
            variables,
            directory: "/".into(),
            uid: 1000,
            gid: 1000,
            user: "ada".into(),
            is_root: false,
            stdin_terminal: false,
            stdout_terminal: false,
            stderr_terminal: false,
        }
    }

    fn chosen(system: &System, flag: Option<&str>, files: &Memory) -> String {
        match EngineAddress::choose_with(system, flag, files) {
            Ok(EngineAddress { address, origin }) => format!("{address} ({origin})"),
            Err(error) => error.to_string(),
        }
    }

    /// The directory name is the SHA-256 of `lab`, as the docker client stores it.
    const LAB: &str =
        "/home/ada/.docker/contexts/meta/a51146d38077ff992eba84cf1d5e9b249073503eb74868699016153b031a38f7/meta.json";

    #[test]
    fn without_anything_it_is_the_usual_socket() {
        assert_eq!(chosen(&system([]), None, &files([])), "unix:///var/run/docker.sock (the default)");
    }

    #[test]
    fn a_rootless_socket_answers_only_where_the_usual_one_is_missing() {
        let system = system([("XDG_RUNTIME_DIR", "/run/user/1000")]);
        let rootless = ("/run/user/1000/docker.sock", "");
        assert_eq!(chosen(&system, None, &files([rootless])), "unix:///run/user/1000/docker.sock (the default)");
        let both = files([rootless, ("/var/run/docker.sock", "")]);
        assert_eq!(chosen(&system, None, &both), "unix:///var/run/docker.sock (the default)");
    }

    #[test]
    fn the_flag_wins_over_docker_host_and_that_over_the_context() {
        let context = files([("/home/ada/.docker/config.json", r#"{"currentContext":"lab"}"#)]);
        let system = system([("DOCKER_HOST", "tcp://lab:2375")]);
        assert_eq!(chosen(&system, Some("unix:///x.sock"), &context), "unix:///x.sock (--engine)");
        assert_eq!(chosen(&system, None, &context), "tcp://lab:2375 (DOCKER_HOST)");
        let system = self::system([("ENVCTL_ENGINE", "unix:///x.sock")]);
        assert_eq!(chosen(&system, Some("unix:///x.sock"), &context), "unix:///x.sock (ENVCTL_ENGINE)");
    }

    #[test]
    fn a_context_is_read_from_the_docker_clients_files() {
        let key = LAB.split('/').nth(6).unwrap();
        assert_eq!(key, sha256(b"lab"));
        let meta = r#"{"Name":"lab","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///run/lab.sock","SkipTLSVerify":false}}}"#;
        let files = files([("/home/ada/.docker/config.json", r#"{"auths":{},"currentContext":"lab"}"#), (LAB, meta)]);
        assert_eq!(chosen(&system([]), None, &files), "unix:///run/lab.sock (the docker context `lab`)");
        let other = system([("DOCKER_CONTEXT", "default")]);
        assert_eq!(chosen(&other, None, &files), "unix:///var/run/docker.sock (the default)");
    }

    #[test]
    fn a_context_that_is_gone_is_an_error_and_no_other_engine() {
        let files = files([("/home/ada/.docker/config.json", r#"{"currentContext":"gone"}"#)]);
        assert_eq!(
            chosen(&system([]), None, &files),
            "can't use the engine address `gone` from the docker context `gone`: there is no such context; see `docker context ls`"
        );
    }

    #[test]
    fn what_we_cannot_speak_is_refused_by_name() {
        let says = |url: &str| chosen(&system([]), Some(url), &files([]));
        assert!(says("ssh://gpu-box").contains("over ssh are not supported yet"));
        assert!(says("https://gpu-box:2376").contains("TLS"));
        assert!(says("gpu-box:2375").contains("no scheme"));
        assert!(says("tcp://").contains("host and a port"));
        assert!(says("tcp://box:99999").contains("host and a port"));
        assert_eq!(says("tcp://gpu-box"), "tcp://gpu-box:2375 (--engine)");
        assert_eq!(says("tcp://[::1]:2375"), "tcp://[::1]:2375 (--engine)");
        let tls = system([("DOCKER_HOST", "tcp://lab:2376"), ("DOCKER_TLS_VERIFY", "1")]);
        assert!(chosen(&tls, None, &files([])).contains("TLS"));
    }
}
