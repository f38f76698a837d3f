//! The files of a container's SSH server, and the endpoint that clients use. Pure.
//!
//! The same input gives the same files, so their hash shows whether an upload is needed.

use super::ports::Assigned;
use super::prepare::Prepared;
use super::settle::ServerKeys;
use crate::connect::volume::{self, ServerFiles};
use crate::connect::{Endpoint, reachable};
use crate::error::Error;
use crate::manifest::Manifest;
use crate::project::Environment;
use crate::render::{RenderError, SessionEnv, SshdSocket, sshd_config};

/// The path of the Python that editors should use.
const INTERPRETER: &str = "/opt/envctl/venv/bin/python";

/// The SSH server of an environment.
pub struct SshServer {
    /// The server's files as a tar archive for its volume.
    pub tar: Vec<u8>,
    /// The hash of the files.
    pub hash: String,
    pub endpoint: Endpoint,
}

impl SshServer {
    /// Computes the server of an environment. Its sessions get `variables` (`NAME=value`, later ones win).
    pub fn new<'a>(
        environment: &Environment,
        prepared: &Prepared,
        ports: &Assigned,
        keys: &ServerKeys,
        variables: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Error> {
        let (manifest, identity) = (&environment.manifest, &prepared.identity);
        let session = SessionEnv::new(variables);
        let config = sshd_config(&identity.user, &session, socket(manifest, ports)).map_err(RenderError::from)?;
        let files = ServerFiles {
            host_key: &keys.host.private,
            host_key_public: &keys.host.public,
            authorized: &keys.authorized.lines,
            config: &config,
        };
        let tar = files.tar();
        let endpoint = Endpoint {
            id: environment.id.to_string(),
            // Whether the short name is free is checked later, when it is assigned.
            alias: None,
            address: reachable(manifest.ssh.listen.value),
            port: ports.ssh.unwrap_or_default(),
            user: identity.user.clone(),
            interpreter: INTERPRETER.to_owned(),
            project: environment.project.root.clone(),
            workspace: manifest.run.project.as_ref().map(|path| path.in_home(&identity.home)),
            fingerprint: keys.host.fingerprint.clone(),
            known_hosts: environment.directory.join("known_hosts"),
            identities: keys.authorized.identities.clone(),
            command: String::new(),
        };
        Ok(Self { hash: volume::hash_archive(&tar), tar, endpoint })
    }
}

/// Returns the socket of sshd. On the host's network sshd listens only where the manifest says.
fn socket(manifest: &Manifest, ports: &Assigned) -> SshdSocket {
    match ports.ssh.filter(|_| manifest.uses_host_network()) {
        Some(port) => SshdSocket::Host { address: manifest.ssh.listen.value, port },
        None => SshdSocket::Container,
    }
}
