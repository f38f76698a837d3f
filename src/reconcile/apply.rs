//! Carries out a plan, step by step.
//!
//! Every step can be repeated. A container that this run created and cannot start is removed.

use super::desired::NETWORK;
use super::held;
use super::plan::{Action, Plan};
use crate::connect::volume;
use crate::engine::{
    ContainerId, ContainerInside, ContainerLife, ContainerSpec, ContainerState, Engine, EngineError, HostPath,
    ImageBuild, ImageStore,
};
use crate::error::Error;
use crate::event::{Event, Sink, Stage, StageSubject};
use crate::system::System;

/// The time in seconds for processes to end before they are killed. envctl does not wait longer for programs that a
/// user started in a shell.
pub const GRACE: u32 = 10;

/// The inputs of a plan's steps.
pub struct Materials<'a> {
    pub spec: &'a ContainerSpec,
    pub build: &'a ImageBuild,
    /// The SSH server's files as a tar archive. A plan uploads only if there are some.
    pub ssh_files: Option<&'a [u8]>,
    /// The existing container.
    pub container: Option<&'a ContainerState>,
    /// The host paths that the container will mount.
    pub host_paths: &'a [HostPath],
    /// The caller's system, with the directory of the turns to start.
    pub system: &'a System,
}

/// Carries out the steps in order and returns the ID of the resulting container.
pub async fn apply(
    engine: &impl Engine,
    plan: &Plan,
    materials: &Materials<'_>,
    sink: &dyn Sink,
) -> Result<Option<ContainerId>, Error> {
    let mut made = None;
    for step in &plan.steps {
        let name = materials.spec.name.as_str();
        let done = match step.action {
            Action::Build => build_image(engine, materials, sink).await.map_err(Error::from),
            Action::Remove => remove_container(engine, materials.container, sink).await.map_err(Error::from),
            Action::Create => {
                create_container(engine, materials.spec, sink).await.map(|id| made = Some(id)).map_err(Error::from)
            }
            Action::Upload => upload_ssh_files(engine, name, materials).await.map_err(Error::from),
            Action::Start if made.is_some() => start_made(engine, materials, sink).await,
            Action::Start => start_again(engine, materials, sink).await,
        };
        if let Err(error) = done {
            if made.is_some() {
                // The first error is the one to report; the next `up` repairs the rest.
                let _ = engine.remove(name).await;
            }
            return Err(error);
        }
    }
    Ok(made.or_else(|| materials.container.map(|container| container.id.clone())))
}

async fn build_image(engine: &impl ImageStore, materials: &Materials<'_>, sink: &dyn Sink) -> Result<(), EngineError> {
    let build = materials.build;
    report_begin(sink, Stage::Build, &build.tag);
    engine.build(build, sink).await?;
    report_end(sink, Stage::Build, &build.tag);
    Ok(())
}

async fn create_container(
    engine: &impl Engine,
    spec: &ContainerSpec,
    sink: &dyn Sink,
) -> Result<ContainerId, EngineError> {
    report_begin(sink, Stage::Create, &spec.name);
    ensure_network(engine, spec).await?;
    engine.create(spec).await
}

async fn upload_ssh_files(
    engine: &impl ContainerInside,
    name: &str,
    materials: &Materials<'_>,
) -> Result<(), EngineError> {
    let tar = materials.ssh_files.expect("a plan uploads only the files of an SSH server");
    engine.upload(name, volume::DIRECTORY, tar.to_vec()).await
}

/// Starts a new container. The creation is reported once, together with the start.
async fn start_made(engine: &impl ContainerLife, materials: &Materials<'_>, sink: &dyn Sink) -> Result<(), Error> {
    start_container(engine, materials, sink).await?;
    report_end(sink, Stage::Create, &materials.spec.name);
    report_end(sink, Stage::Start, &materials.spec.name);
    Ok(())
}

/// Starts an existing container again; its network may have been removed since it ran.
async fn start_again(engine: &impl Engine, materials: &Materials<'_>, sink: &dyn Sink) -> Result<(), Error> {
    let spec = materials.spec;
    ensure_network(engine, spec).await?;
    report_begin(sink, Stage::Start, &spec.name);
    start_container(engine, materials, sink).await?;
    report_end(sink, Stage::Start, &spec.name);
    Ok(())
}

async fn start_container(engine: &impl ContainerLife, materials: &Materials<'_>, sink: &dyn Sink) -> Result<(), Error> {
    let Materials { spec, host_paths, system, .. } = materials;
    held::start_in_turn(engine, system, &spec.name, host_paths, &spec.env, sink).await
}

async fn ensure_network(engine: &impl Engine, spec: &ContainerSpec) -> Result<(), EngineError> {
    if spec.network.as_deref() == Some(NETWORK) { engine.ensure_isolated_network(NETWORK).await } else { Ok(()) }
}

/// Stops a container if it runs.
pub async fn stop_container(
    engine: &impl ContainerLife,
    container: &ContainerState,
    sink: &dyn Sink,
) -> Result<(), EngineError> {
    if !container.status.is_up() {
        return Ok(());
    }
    report_begin(sink, Stage::Stop, &container.name);
    engine.stop(&container.name, GRACE).await?;
    report_end(sink, Stage::Stop, &container.name);
    Ok(())
}

async fn remove_container(
    engine: &impl ContainerLife,
    container: Option<&ContainerState>,
    sink: &dyn Sink,
) -> Result<(), EngineError> {
    let Some(container) = container else { return Ok(()) };
    stop_container(engine, container, sink).await?;
    report_begin(sink, Stage::Remove, &container.name);
    engine.remove(&container.name).await?;
    report_end(sink, Stage::Remove, &container.name);
    Ok(())
}

pub(super) fn report_begin(sink: &dyn Sink, stage: Stage, subject: &str) {
    sink.emit(Event::Stage { stage, subject: StageSubject::Named(subject.to_owned()) });
}

pub(super) fn report_end(sink: &dyn Sink, stage: Stage, result: &str) {
    sink.emit(Event::StageDone { stage, result: StageSubject::Named(result.to_owned()) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fake::Fake;
    use crate::engine::{ContainerLife, ContainerStatus};
    use crate::event::Silent;
    use crate::reconcile::plan::{PlanStep, Reason};

    const NAME: &str = "envctl-lab-1a2b3c4d";

    fn plan(actions: &[Action]) -> Plan {
        let step = |action: &Action| PlanStep { action: *action, reason: Reason::Asked };
        Plan { steps: actions.iter().map(step).collect() }
    }

    fn spec() -> ContainerSpec {
        ContainerSpec { name: NAME.to_owned(), image: "debian:12".to_owned(), ..ContainerSpec::default() }
    }

    async fn run(fake: &Fake, actions: &[Action], container: Option<&ContainerState>) -> Result<(), Error> {
        run_for(fake, actions, container, &spec()).await
    }

    async fn run_for(
        fake: &Fake,
        actions: &[Action],
        container: Option<&ContainerState>,
        spec: &ContainerSpec,
    ) -> Result<(), Error> {
        let build = ImageBuild { tag: "debian:12".to_owned(), ..ImageBuild::default() };
        let tar = tar::Builder::new(Vec::new()).into_inner().unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut system = System::for_tests();
        system.variables.insert("HOME".to_owned(), home.path().display().to_string());
        let (ssh_files, system) = (Some(tar.as_slice()), &system);
        let materials = Materials { spec, build: &build, ssh_files, container, host_paths: &[], system };
        apply(fake, &plan(actions), &materials, &Silent).await.map(|_| ())
    }

    /// The requests to the engine, without those that only read.
    fn done(fake: &Fake) -> Vec<String> {
        let verbs = ["build", "create", "upload", "start", "stop", "remove"];
        let calls = fake.calls.borrow();
        let words = calls.iter().filter_map(|call| call.split_whitespace().next());
        words.filter(|verb| verbs.contains(verb)).map(str::to_owned).collect()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_steps_are_done_in_their_order() {
        let fake = Fake::new();
        run(&fake, &[Action::Create, Action::Upload, Action::Start], None).await.unwrap();
        let old = fake.inspect(NAME).await.unwrap().unwrap();
        fake.calls.borrow_mut().clear();
        let all = [Action::Build, Action::Remove, Action::Create, Action::Upload, Action::Start];
        run(&fake, &all, Some(&old)).await.unwrap();
        assert_eq!(done(&fake), ["build", "stop", "remove", "create", "upload", "start"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_network_is_there_before_a_container_is_made_and_one_that_opens_it_is_refused() {
        let spec = || ContainerSpec { network: Some(NETWORK.to_owned()), ..spec() };
        let fake = Fake::new();
        create_container(&fake, &spec(), &Silent).await.unwrap();
        run_for(&fake, &[Action::Start], None, &spec()).await.unwrap();
        fake.stop(NAME, 0).await.unwrap();
        fake.networks.borrow_mut().clear();
        assert!(matches!(fake.start(NAME).await, Err(EngineError::NetworkMissing { .. })));
        run_for(&fake, &[Action::Start], None, &spec()).await.unwrap();
        fake.networks.borrow_mut().insert(NETWORK.to_owned(), false);
        let refused = create_container(&fake, &ContainerSpec { name: "other".to_owned(), ..spec() }, &Silent).await;
        assert!(matches!(refused, Err(EngineError::NetworkOpen { .. })), "{refused:?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_failed_build_leaves_the_old_container_running() {
        let fake = Fake::new();
        run(&fake, &[Action::Create, Action::Start], None).await.unwrap();
        let old = fake.inspect(NAME).await.unwrap().unwrap();
        fake.fail("build", EngineError::DiskFull { reason: "no space left on device".to_owned() });
        let failed = run(&fake, &[Action::Build, Action::Remove, Action::Create, Action::Start], Some(&old)).await;
        assert_eq!(failed.unwrap_err().report().kind(), "disk-full");
        let still = fake.inspect(NAME).await.unwrap().unwrap();
        assert_eq!((still.id, still.status), (old.id, ContainerStatus::Running));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_could_not_be_started_is_taken_away() {
        for verb in ["upload", "start"] {
            let fake = Fake::new();
            fake.fail(verb, EngineError::PortTaken { port: "127.0.0.1:2222".to_owned(), reason: String::new() });
            let failed = run(&fake, &[Action::Create, Action::Upload, Action::Start], None).await;
            assert_eq!(failed.unwrap_err().report().kind(), "port-taken", "{verb}");
            assert_eq!(fake.inspect(NAME).await.unwrap(), None, "{verb}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_container_that_was_there_before_is_not() {
        let fake = Fake::new();
        run(&fake, &[Action::Create], None).await.unwrap();
        let old = fake.inspect(NAME).await.unwrap().unwrap();
        fake.fail("start", EngineError::PortTaken { port: "127.0.0.1:2222".to_owned(), reason: String::new() });
        assert!(run(&fake, &[Action::Start], Some(&old)).await.is_err());
        assert!(fake.inspect(NAME).await.unwrap().is_some());
    }
}
