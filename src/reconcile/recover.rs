//! Recovers lost or moved data from the engine: a container under another name, the state, the host key.
//!
//! It never recovers the user's consent: the user is asked again.

use super::desired::{BASE_LABEL, BOOTSTRAPPED, NAME_LABEL, REFUSED_LIMITS_LABEL};
use super::image::Recipe;
use super::ports::SSH_PORT;
use super::work::Work;
use super::{base, lifecycle};
use crate::connect::keys::{self, KeptKey};
use crate::connect::volume;
use crate::engine::{ContainerSpec, Engine, EngineError, MountKind, MountSpec};
use crate::error::Error;
use crate::event::{Notice, SetAside};
use crate::packages::tool;
use crate::project::{EnvironmentId, State, write};

/// The size limit of a private key in bytes; envctl's own have about 400.
const KEY_LIMIT: u64 = 16 * 1024;

/// Gives a container that was renamed by hand its old name.
pub async fn container_name(work: &Work<'_, impl Engine>) -> Result<(), Error> {
    let id = &work.environment.id;
    let name = id.container();
    let Some(renamed) = lifecycle::find_container(work.engine, id).await?.filter(|container| container.name != name)
    else {
        return Ok(());
    };
    work.engine.rename(&renamed.id.0, &name).await?;
    work.sink.emit(Notice::ContainerRenamed { from: renamed.name, to: name }.into());
    Ok(())
}

/// Fills an empty state from the environment's container, else from an image that was built under its name.
pub async fn recover_state(work: &Work<'_, impl Engine>, state: &mut State) -> Result<(), Error> {
    if !state.engine.is_empty() {
        return Ok(());
    }
    let Some(container) = lifecycle::find_container(work.engine, &work.environment.id).await? else {
        let name = work.environment.manifest.name.value.as_str();
        let built = [(BASE_LABEL, Some(BOOTSTRAPPED)), (NAME_LABEL, Some(name))];
        state.bootstrapped = !work.engine.images(&built).await?.is_empty();
        return Ok(());
    };
    let label = |name: &str| container.labels.get(name).map(String::as_str);
    state.bootstrapped = label(BASE_LABEL) == Some(BOOTSTRAPPED);
    let refused = label(REFUSED_LIMITS_LABEL).unwrap_or_default().split(',').filter(|limit| !limit.is_empty());
    state.refused_limits = refused.map(str::to_owned).collect();
    let port = container.ports.iter().find(|port| port.container == SSH_PORT).map(|port| port.host);
    let named = work.environment.manifest.ssh.port.as_ref().map(|port| port.value);
    state.named_ssh_port = port.filter(|port| named == Some(*port));
    state.ssh_port = port.filter(|port| named != Some(*port));
    Ok(())
}

/// Restores the host key from the environment's volume if its file on this host is missing or damaged. So no client
/// sees another key. If the volume has no key, one is made. Root in the container may have replaced the key, but can
/// only choose its own server's key. A file that is not a key is ignored.
pub async fn host_key(work: &Work<'_, impl Engine>, recipe: &Recipe) -> Result<(), Error> {
    let directory = &work.environment.directory;
    if !work.environment.manifest.serves_ssh() {
        return Ok(());
    }
    let spoilt = match keys::kept_host_key(directory)? {
        KeptKey::Usable(_) => return Ok(()),
        KeptKey::Missing => None,
        KeptKey::Spoilt(path) => Some(SetAside { aside: write::set_aside(&path)?, path }),
    };
    let found = match held_by_volume(work, recipe).await? {
        Some(key) => keys::take_host_key(directory, work.environment.id.as_str(), &key)?,
        None => false,
    };
    if let Some(notice) = report_recovery(spoilt, found) {
        work.sink.emit(notice.into());
    }
    if !found {
        keys::make_host_key(directory, work.environment.id.as_str())?;
    }
    Ok(())
}

/// Returns the notice about a host key that was missing, or damaged and set aside.
fn report_recovery(damaged: Option<SetAside>, found: bool) -> Option<Notice> {
    match (damaged, found) {
        (None, false) => None,
        (damaged, true) => Some(Notice::HostKeyFound { damaged }),
        (Some(damaged), false) => Some(Notice::HostKeyReplaced { damaged }),
    }
}

/// Returns the host key's file from the environment's volume, if the volume exists.
async fn held_by_volume(work: &Work<'_, impl Engine>, recipe: &Recipe) -> Result<Option<Vec<u8>>, Error> {
    let (id, engine) = (&work.environment.id, work.engine);
    let volume = id.ssh_volume();
    if engine.volume_labels(&volume).await?.is_none() {
        return Ok(None);
    }
    let container = lifecycle::find_container(engine, id).await?;
    if let Some(container) = container.filter(|container| container.volumes.contains(&volume)) {
        return Ok(engine.download(&container.id.0, &key_file(), KEY_LIMIT).await?);
    }
    base::uv_image(work, &recipe.access, recipe.arch).await?;
    Ok(from_volume(engine, id).await?)
}

async fn from_volume(engine: &impl Engine, id: &EnvironmentId) -> Result<Option<Vec<u8>>, EngineError> {
    let name = id.reader();
    let mount = MountSpec {
        kind: MountKind::Volume,
        source: id.ssh_volume(),
        target: volume::DIRECTORY.to_owned(),
        read_only: true,
    };
    let spec = ContainerSpec {
        name: name.clone(),
        image: tool::image_reference(),
        entrypoint: vec!["/uv".to_owned()],
        mounts: vec![mount],
        network: Some("none".to_owned()),
        ..ContainerSpec::default()
    };
    engine.remove(&name).await?;
    engine.create(&spec).await?;
    let found = engine.download(&name, &key_file(), KEY_LIMIT).await;
    engine.remove(&name).await?;
    found
}

fn key_file() -> String {
    format!("{}/{}", volume::DIRECTORY, volume::HOST_KEY)
}
