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

/// The Python that an editor is to be pointed at.
const INTERPRETER: &str = "/opt/envctl/venv/bin/python";

/// See the module.
pub struct SshServer {
    /// Its files, an archive for its volume.
    pub tar: Vec<u8>,
    /// Their hash.
    pub hash: String,
    pub endpoint: Endpoint,
}

impl SshServer {
    /// The server of an environment, whose sessions get `variables` (`NAME=value`, later ones win).
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
            // Who else has the short name is found out when it is given, once.
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
        Ok(Self { hash: volume::hash(&tar), tar, endpoint })
    }
}

/// In the host's network sshd itself listens where the manifest says, and nowhere else.
fn socket(manifest: &Manifest, ports: &Assigned) -> SshdSocket {
    match ports.ssh.filter(|_| manifest.uses_host_network()) {
        Some(port) => SshdSocket::Host { address: manifest.ssh.listen.value, port },
        None => SshdSocket::Container,
    }
}
