//! The access to an environment from this host.
//!
//! It consists of the short name, the host key in the list of known hosts, and the entry in the user's SSH
//! configuration. A test shows whether the user's own `ssh` can log in.

use super::lifecycle;
use super::work::Work;
use crate::connect::Endpoint;
use crate::connect::alias::find_name_holder;
use crate::connect::install::{self, Installed};
use crate::connect::keys::{self, KeptKey, KeyPair};
use crate::connect::openssh::{OpenSsh, typed};
use crate::connect::prove::{Proof, prove_entry};
use crate::engine::Engine;
use crate::error::Error;
use crate::event::Notice;
use crate::files;
use crate::project::{State, write};

/// The result of [`open_entrance`].
pub struct Entrance {
    /// Whether the user's SSH configuration contains the entry.
    pub installed: Installed,
    /// Whether no test failed; otherwise the next `up` tests again.
    pub proven: bool,
}

/// Returns the short name if it is free. The holder of a taken name is reported once.
pub async fn choose_alias(work: &Work<'_, impl Engine>, state: &State) -> Option<String> {
    let (name, id) = (work.environment.manifest.name.value.as_str(), work.environment.id.as_str());
    let Some(holder) = find_name_holder(work.system, name, id).await else { return Some(name.to_owned()) };
    let told = lifecycle::stored_endpoint(state).is_some_and(|endpoint| endpoint.alias.is_none());
    if !told {
        work.sink.emit(Notice::NameHeld { name: name.to_owned(), holder, id: id.to_owned() }.into());
    }
    None
}

/// Writes the user's SSH entry and tests it. The endpoint gets the command that works.
pub async fn open_entrance(
    work: &Work<'_, impl Engine>,
    endpoint: &mut Endpoint,
    host_key: &KeyPair,
) -> Result<Entrance, Error> {
    write_known_hosts(endpoint, host_key)?;
    let installed = install::install(work.system, endpoint)?;
    install::OWN_COMMAND.clone_into(&mut endpoint.command);
    if !matches!(installed, Installed::Yes { .. }) {
        return Ok(Entrance { installed, proven: true });
    }
    let proof = match OpenSsh::of(work.system) {
        Some(client) => prove_entry(&client, endpoint).await,
        None => Proof::Entered,
    };
    let proven = !matches!(proof, Proof::Failed { .. });
    if proven {
        endpoint.command = typed(work.system, endpoint.name());
    }
    if let Some(notice) = report_proof(endpoint, &proof) {
        work.sink.emit(notice.into());
    }
    if matches!(&proof, Proof::Failed { reason, .. } if reason.contains(crate::connect::fragment::FRAGMENT)) {
        // A client that cannot read the entry would fail for every host.
        install::uninstall(work.system, &endpoint.id)?;
    }
    Ok(Entrance { installed, proven })
}

/// Returns the notice about the test's result for the user.
fn report_proof(endpoint: &Endpoint, proof: &Proof) -> Option<Notice> {
    let name = endpoint.name().to_owned();
    match proof.clone() {
        Proof::Entered => None,
        Proof::NeedsPassphrase => Some(Notice::PassphraseNeeded { name }),
        Proof::NotAuthorized => Some(Notice::NotAuthorized { name }),
        Proof::ShellEnds { code } => Some(Notice::LoginShellEnds { name, code }),
        Proof::Failed { reason, unheeded } => Some(Notice::SshFails { name, reason, unheeded }),
    }
}

/// The result of a check of the access to a running environment.
pub enum Look {
    /// The environment has no SSH server.
    NoServer,
    /// The access is as the last `up` left it; missing parts were restored.
    Kept(Installed),
    /// A file it depends on is gone or belongs to somebody else, so a full `up` is needed.
    Changed,
}

/// Checks that the access still exists. Reads a few small files and runs nothing.
pub fn keep_entrance(work: &Work<'_, impl Engine>, endpoint: Option<&Endpoint>) -> Result<Look, Error> {
    let Some(endpoint) = endpoint else { return Ok(Look::NoServer) };
    let directory = &work.environment.directory;
    let has_keys = keys::seems_kept(directory) && endpoint.identities.iter().all(|identity| identity.exists());
    if !has_keys {
        return Ok(Look::Changed);
    }
    if !keys::public_host_key(directory).is_some_and(|public| knows_host(endpoint, &public)) {
        let KeptKey::Usable(host_key) = keys::kept_host_key(directory)? else { return Ok(Look::Changed) };
        write_known_hosts(endpoint, &host_key)?;
    }
    Ok(install::reinstall(work.system, endpoint)?.map_or(Look::Changed, Look::Kept))
}

/// Writes the list of known hosts if it differs.
fn write_known_hosts(endpoint: &Endpoint, host_key: &KeyPair) -> Result<(), Error> {
    if knows_host(endpoint, &host_key.public) {
        return Ok(());
    }
    let line = keys::known_hosts_line(&endpoint.id, &host_key.public);
    Ok(write::replace(&endpoint.known_hosts, line.as_bytes(), 0o644)?)
}

/// Whether the list of known hosts is this environment's and has this key.
fn knows_host(endpoint: &Endpoint, public_host_key: &str) -> bool {
    let line = keys::known_hosts_line(&endpoint.id, public_host_key);
    files::read(&endpoint.known_hosts, files::TEXT).is_ok_and(|found| found == line.as_bytes())
}
