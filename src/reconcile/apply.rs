//! Carries a plan out. Every step may be done again; a container that this run made and could not start is taken away.

use super::plan::{Action, Plan};
use crate::connect::volume;
use crate::engine::{ContainerId, ContainerSpec, ContainerState, ContainerStatus, Engine, EngineError, ImageBuild};
use crate::event::{Event, Sink, Stage};

/// How long what runs gets to end by itself, in seconds. What is started by hand in a shell is not ours to wait for.
pub const GRACE: u32 = 10;

/// What a plan works with.
pub struct Materials<'a> {
    pub spec: &'a ContainerSpec,
    /// What builds the image; needed where the plan builds.
    pub build: Option<&'a ImageBuild>,
    /// The SSH server's files; needed where the plan uploads.
    pub ssh_files: Option<&'a [u8]>,
    /// The container that there is.
    pub container: Option<&'a ContainerState>,
}

/// Carries out the steps in their order and names the container that there is then.
pub async fn apply(
    engine: &impl Engine,
    plan: &Plan,
    materials: &Materials<'_>,
    sink: &dyn Sink,
) -> Result<Option<ContainerId>, EngineError> {
    let mut made = None;
    for step in &plan.steps {
        let name = materials.spec.name.as_str();
        let done = match step.action {
            Action::Build => build(engine, materials, sink).await,
            Action::Remove => remove(engine, materials.container, sink).await,
            Action::Create => create(engine, materials.spec, sink).await.map(|id| made = Some(id)),
            Action::Upload => upload(engine, name, materials).await,
            Action::Start => start(engine, name, sink).await,
        };
        if let Err(error) = done {
            if made.is_some() {
                // The first error is the one to tell; what is left over is mended by the next `up`.
                let _ = engine.remove(name).await;
            }
            return Err(error);
        }
    }
    Ok(made.or_else(|| materials.container.map(|container| container.id.clone())))
}

async fn build(engine: &impl Engine, materials: &Materials<'_>, sink: &dyn Sink) -> Result<(), EngineError> {
    let Some(build) = materials.build else { return Ok(()) };
    begin(sink, Stage::Build, &build.tag);
    let image = engine.build(build, sink).await?;
    end(sink, Stage::Build, &image.0);
    Ok(())
}

async fn create(engine: &impl Engine, spec: &ContainerSpec, sink: &dyn Sink) -> Result<ContainerId, EngineError> {
    begin(sink, Stage::Create, &spec.name);
    let id = engine.create(spec).await?;
    end(sink, Stage::Create, &id.0);
    Ok(id)
}

async fn upload(engine: &impl Engine, name: &str, materials: &Materials<'_>) -> Result<(), EngineError> {
    let Some(tar) = materials.ssh_files else { return Ok(()) };
    engine.upload(name, volume::DIRECTORY, tar.to_vec()).await
}

async fn start(engine: &impl Engine, name: &str, sink: &dyn Sink) -> Result<(), EngineError> {
    begin(sink, Stage::Start, name);
    engine.start(name).await?;
    end(sink, Stage::Start, name);
    Ok(())
}

/// Stops a container, where it runs.
pub async fn stop(engine: &impl Engine, container: &ContainerState, sink: &dyn Sink) -> Result<(), EngineError> {
    if !matches!(container.status, ContainerStatus::Running | ContainerStatus::Restarting) {
        return Ok(());
    }
    begin(sink, Stage::Stop, &container.name);
    engine.stop(&container.name, GRACE).await?;
    end(sink, Stage::Stop, &container.name);
    Ok(())
}

async fn remove(engine: &impl Engine, container: Option<&ContainerState>, sink: &dyn Sink) -> Result<(), EngineError> {
    let Some(container) = container else { return Ok(()) };
    stop(engine, container, sink).await?;
    begin(sink, Stage::Remove, &container.name);
    engine.remove(&container.name).await?;
    end(sink, Stage::Remove, &container.name);
    Ok(())
}

pub(super) fn begin(sink: &dyn Sink, stage: Stage, subject: &str) {
    sink.emit(Event::Stage { stage, subject: subject.to_owned() });
}

pub(super) fn end(sink: &dyn Sink, stage: Stage, result: &str) {
    sink.emit(Event::StageDone { stage, result: result.to_owned() });
}
