use std::cell::RefCell;

use super::*;
use crate::engine::fake::Fake;
use crate::engine::{ContainerLife, ContainerSpec, MountKind, MountSpec, PublishedPort};
use crate::event::{Event, Notice, Sink};
use crate::manifest::Protocol;
use crate::place::contract::{Agreeing, keeps_contract, project, session_streams};
use crate::place::{OpenPort, RunState, SessionEnd};
use crate::reconcile::desired::NAME_LABEL;

#[derive(Default)]
struct Notes(RefCell<Vec<Notice>>);

impl Sink for Notes {
    fn emit(&self, event: Event) {
        if let Event::Notice(notice) = event {
            self.0.borrow_mut().push(notice);
        }
    }
}

/// A project without an SSH server on a machine of its own.
struct Machine {
    _home: tempfile::TempDir,
    system: System,
    environment: Environment,
    notes: Notes,
}

impl Machine {
    fn new() -> Self {
        let (home, system, environment) = project();
        Self { _home: home, system, environment, notes: Notes::default() }
    }

    fn place(&self) -> LocalPlace<'_, Fake> {
        LocalPlace { engine: Fake::new(), system: &self.system, sink: &self.notes }
    }

    /// The place with the environment's container, which runs and holds the home and a volume of the project's.
    async fn running(&self) -> LocalPlace<'_, Fake> {
        let id = &self.environment.id;
        let volume = |source: String| MountSpec {
            kind: MountKind::Volume,
            target: format!("/{source}"),
            source,
            read_only: false,
        };
        let port = PublishedPort {
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            host: 28888,
            container: 8888,
            protocol: Protocol::Tcp,
        };
        let place = self.place();
        let spec = ContainerSpec {
            name: id.container(),
            image: "debian:12".to_owned(),
            command: vec!["sleep".to_owned(), "infinity".to_owned()],
            labels: [(ID_LABEL, id.to_string()), (NAME_LABEL, "lab".to_owned())]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            mounts: vec![volume(id.home_volume()), volume("data".to_owned())],
            ports: vec![port],
            ..ContainerSpec::default()
        };
        place.engine.create(&spec).await.unwrap();
        place.engine.start(&spec.name).await.unwrap();
        place.engine.calls.borrow_mut().clear();
        place
    }

    /// What the engine was asked, with the environment's ID as `ID`.
    fn calls(&self, place: &LocalPlace<'_, Fake>) -> Vec<String> {
        let calls = place.engine.calls.take();
        calls.iter().map(|call| call.replace(self.environment.id.as_str(), "ID")).collect()
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_environment_is_seen_in_words_that_are_no_engines() {
    let machine = Machine::new();
    assert_eq!(machine.place().observe(&machine.environment).await.unwrap().state, RunState::Absent);
    let place = machine.running().await;
    let seen = place.observe(&machine.environment).await.unwrap();
    assert_eq!((seen.name.as_str(), seen.state), ("lab", RunState::Running));
    assert_eq!(seen.project.as_deref(), Some(machine.environment.project.root.as_path()));
    let port = OpenPort {
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        host: 28888,
        container: 8888,
        protocol: Protocol::Tcp,
    };
    assert_eq!(seen.ports, [port]);
    // Without a state it is another person's: where its project is nobody here knows.
    let listed = place.list().await.unwrap();
    assert_eq!(
        listed.iter().map(|seen| (seen.id.as_str(), &seen.project)).collect::<Vec<_>>(),
        [(machine.environment.id.as_str(), &None)]
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_container_engine_keeps_the_contract_of_places() {
    let machine = Machine::new();
    let place = machine.running().await;
    keeps_contract(&place, &machine.environment).await;
}

#[tokio::test(flavor = "current_thread")]
async fn what_runs_is_looked_into_before_it_is_stopped() {
    let machine = Machine::new();
    let place = machine.running().await;
    assert!(place.stop(&machine.environment, &Agreeing).await.unwrap());
    let container = machine.environment.id.container().replace(machine.environment.id.as_str(), "ID");
    let expected = ["inspect", "processes", "stop"].map(|call| format!("{call} {container}"));
    assert_eq!(machine.calls(&place), expected);
    assert!(!place.stop(&machine.environment, &Agreeing).await.unwrap());
    assert!(place.start(&machine.environment).await.unwrap());
    assert!(!place.start(&machine.environment).await.unwrap());
}

#[tokio::test(flavor = "current_thread")]
async fn a_removal_takes_what_it_names_and_names_what_stays() {
    let machine = Machine::new();
    let place = machine.running().await;
    let state = machine.environment.state().unwrap();
    state.save(&machine.environment.directory).unwrap();
    let removal = Removal { volumes: true, image: false };
    assert!(place.take_down(&machine.environment, removal, &Agreeing).await.unwrap());
    assert_eq!(place.engine.volumes.borrow().keys().collect::<Vec<_>>(), ["data"]);
    assert_eq!(machine.notes.0.take(), [Notice::VolumeStays { volume: "data".to_owned() }]);
    assert!(place.engine.containers.borrow().is_empty());
    assert!(place.engine.images.borrow().contains_key("debian:12"));
    assert!(!machine.environment.directory.join("state.json").exists());
    assert!(!place.take_down(&machine.environment, removal, &Agreeing).await.unwrap());
}

#[tokio::test(flavor = "current_thread")]
async fn an_image_that_another_container_uses_stays_and_its_user_is_named() {
    let machine = Machine::new();
    let place = machine.running().await;
    let other = ContainerSpec {
        name: "other".to_owned(),
        image: "debian:12".to_owned(),
        command: vec!["sleep".to_owned(), "infinity".to_owned()],
        ..ContainerSpec::default()
    };
    place.engine.create(&other).await.unwrap();
    let removal = Removal { volumes: false, image: true };
    place.take_down(&machine.environment, removal, &Agreeing).await.unwrap();
    let stays = Notice::ImageStays { image: "debian:12".to_owned(), users: vec!["other".to_owned()] };
    assert_eq!(machine.notes.0.take(), [stays]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_session_ends_with_its_command_or_with_its_reader() {
    let machine = Machine::new();
    let place = machine.running().await;
    let request = SessionRequest { command: vec!["true".to_owned()], ..SessionRequest::default() };
    let session = place.open_session(&machine.environment, &request).await.unwrap();
    assert_eq!(session.join(session_streams()).await.unwrap(), SessionEnd::Command(0));
    place.engine.fail("exec", EngineError::OutputClosed);
    assert_eq!(session.join(session_streams()).await.unwrap(), SessionEnd::Unread);
    place.stop(&machine.environment, &Agreeing).await.unwrap();
    let error = place.open_session(&machine.environment, &request).await.err().unwrap();
    assert_eq!(error.report().kind(), "not-running");
}

#[tokio::test(flavor = "current_thread")]
async fn a_reader_who_has_read_enough_of_a_log_is_no_error() {
    let machine = Machine::new();
    let place = machine.running().await;
    place.engine.fail("logs", EngineError::OutputClosed);
    let streams = || LogStreams { stdout: Box::new(tokio::io::sink()), stderr: Box::new(tokio::io::sink()) };
    place.logs(&machine.environment, &LogRequest::default(), streams()).await.unwrap();
    let absent = Machine::new();
    let error = absent.place().logs(&absent.environment, &LogRequest::default(), streams()).await.unwrap_err();
    assert_eq!(error.report().kind(), "no-container");
}
