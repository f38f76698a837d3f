//! What was lost or moved by hand is found again at the engine: a container under another name, what the state knew, the
//! host key. What a person agreed to is not among it: they are asked again.

use super::desired::{BASE_LABEL, BOOTSTRAPPED, NAME_LABEL, REFUSED_LIMITS_LABEL, SSH_PORT, serves_ssh};
use super::lifecycle;
use super::up::Work;
use crate::connect::{keys, volume};
use crate::engine::{ContainerSpec, Engine, EngineError, MountKind, MountSpec};
use crate::error::Error;
use crate::event::Event;
use crate::packages::tool;
use crate::project::{EnvironmentId, State};

/// A private key of the kind that envctl makes has some 400 bytes.
const KEY_LIMIT: u64 = 16 * 1024;

/// Gives a container that was renamed by hand its name back.
pub async fn container_name(work: &Work<'_, impl Engine>) -> Result<(), Error> {
    let id = &work.environment.id;
    let name = id.container();
    let Some(renamed) = lifecycle::find(work.engine, id).await?.filter(|container| container.name != name) else {
        return Ok(());
    };
    work.engine.rename(&renamed.id.0, &name).await?;
    let message = format!("the container `{}` of this environment is called `{name}` again", renamed.name);
    work.sink.emit(Event::Note { message });
    Ok(())
}

/// Fills a state that remembers nothing from the environment's container, else from an image that was built under its
/// name.
pub async fn state(work: &Work<'_, impl Engine>, state: &mut State) -> Result<(), Error> {
    if !state.engine.is_empty() {
        return Ok(());
    }
    let Some(container) = lifecycle::find(work.engine, &work.environment.id).await? else {
        let name = work.environment.manifest.name.value.as_str();
        let built = [(BASE_LABEL, Some(BOOTSTRAPPED)), (NAME_LABEL, Some(name))];
        state.bootstrapped = work.engine.has_image(&built).await?;
        return Ok(());
    };
    let label = |name: &str| container.labels.get(name).map(String::as_str);
    state.bootstrapped = label(BASE_LABEL) == Some(BOOTSTRAPPED);
    let refused = label(REFUSED_LIMITS_LABEL).unwrap_or_default().split(',').filter(|limit| !limit.is_empty());
    state.refused_limits = refused.map(str::to_owned).collect();
    state.ssh_port = container.ports.iter().find(|port| port.container == SSH_PORT).map(|port| port.host);
    Ok(())
}

/// Takes the host key back from the environment's volume where this host has lost it: no client shall meet another key.
/// Root inside the container may have replaced it, and has thereby only chosen its own; what is no key is left alone.
pub async fn host_key(work: &Work<'_, impl Engine>) -> Result<(), Error> {
    let (environment, engine) = (work.environment, work.engine);
    let volume = environment.id.ssh_volume();
    let needed = serves_ssh(&environment.manifest) && !keys::has_host_key(&environment.directory);
    if !needed || !engine.has_volume(&volume).await? {
        return Ok(());
    }
    let container = lifecycle::find(engine, &environment.id).await?;
    let found = match container.filter(|container| container.volumes.contains(&volume)) {
        Some(container) => engine.download(&container.id.0, &key_file(), KEY_LIMIT).await?,
        None => from_volume(engine, &environment.id).await?,
    };
    if let Some(key) = found
        && keys::take_host_key(&environment.directory, environment.id.as_str(), &key)?
    {
        work.sink.emit(Event::Note { message: "the host key was taken back from the environment's volume".to_owned() });
    }
    Ok(())
}

/// The name of the container through which a volume is read. It never starts.
#[must_use]
pub fn reader(id: &EnvironmentId) -> String {
    format!("{}-reader", id.container())
}

async fn from_volume(engine: &impl Engine, id: &EnvironmentId) -> Result<Option<Vec<u8>>, EngineError> {
    let name = reader(id);
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
