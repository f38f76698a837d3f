//! The contract of places, as assertions that every implementation has to pass.
//!
//! The contract covers the states of an environment, calls that are repeated without harm, and the errors for an
//! environment that is absent or not running.

use super::{LogRequest, LogStreams, Place, Removal, RunState, Session, SessionEnd, SessionRequest, SessionStreams};
use crate::error::{Error, Result};
use crate::grants::Grant;
use crate::manifest::Vocabulary;
use crate::project::{Environment, EnvironmentId};
use crate::reconcile::occupants::Occupant;
use crate::reconcile::work::Ask;
use crate::system::System;

/// A person who agrees to everything.
pub struct Agreeing;

impl Ask for Agreeing {
    fn grant(&self, _: &[Grant]) -> bool {
        true
    }

    fn end(&self, _: Vec<Occupant>) -> Result<()> {
        Ok(())
    }

    fn lose_home(&self, _: &EnvironmentId) -> Result<()> {
        Ok(())
    }
}

/// A project without an SSH server in a home of its own, the system that its user sees, and its environment.
#[must_use]
pub fn project() -> (tempfile::TempDir, System, Environment) {
    let home = tempfile::tempdir().unwrap();
    let mut system = System::for_tests();
    system.variables = [("HOME".to_owned(), home.path().display().to_string())].into();
    system.directory = home.path().join("project");
    std::fs::create_dir(&system.directory).unwrap();
    let manifest = "name = \"lab\"\n[frameworks]\njax = \"0.7\"\n[ssh]\nenabled = false\n";
    std::fs::write(system.directory.join("envctl.toml"), manifest).unwrap();
    let environment = Environment::load(&system, None, &Vocabulary::default()).unwrap();
    (home, system, environment)
}

/// Asserts the contract at a place where this environment runs, can run `true`, and has no SSH server.
pub async fn keeps_contract(place: &impl Place, environment: &Environment) {
    runs(place, environment).await;
    is_stopped(place, environment).await;
    runs(place, environment).await;
    is_taken_down(place, environment).await;
}

async fn runs(place: &impl Place, environment: &Environment) {
    assert_eq!(state(place, environment).await, RunState::Running);
    let listed = place.list().await.unwrap();
    assert!(listed.iter().any(|seen| seen.id == environment.id.as_str()));
    assert!(!place.start(environment).await.unwrap(), "it ran already");
    place.restart(environment, &Agreeing).await.unwrap();
    assert_eq!(state(place, environment).await, RunState::Running);
    let command = command();
    let session = place.open_session(environment, &command).await.unwrap();
    assert_eq!(session.join(session_streams()).await.unwrap(), SessionEnd::Command(0));
    place.logs(environment, &LogRequest::default(), log_streams()).await.unwrap();
}

async fn is_stopped(place: &impl Place, environment: &Environment) {
    assert!(place.stop(environment, &Agreeing).await.unwrap());
    assert!(!place.stop(environment, &Agreeing).await.unwrap(), "it did not run any more");
    assert!(matches!(state(place, environment).await, RunState::Ended { .. }));
    assert_eq!(kind(place.open_session(environment, &command()).await), "not-running");
    assert_eq!(kind(place.endpoint(environment).await), "not-running");
    place.logs(environment, &LogRequest::default(), log_streams()).await.unwrap();
    assert!(place.start(environment).await.unwrap());
}

async fn is_taken_down(place: &impl Place, environment: &Environment) {
    let removal = Removal { volumes: true, image: false };
    assert!(place.take_down(environment, removal, &Agreeing).await.unwrap());
    assert!(!place.take_down(environment, removal, &Agreeing).await.unwrap(), "it was gone already");
    assert_eq!(state(place, environment).await, RunState::Absent);
    assert!(place.list().await.unwrap().is_empty());
    assert!(!place.stop(environment, &Agreeing).await.unwrap());
    assert_eq!(kind(place.start(environment).await), "no-container");
    assert_eq!(kind(place.restart(environment, &Agreeing).await), "no-container");
    assert_eq!(kind(place.open_session(environment, &command()).await), "no-container");
    assert_eq!(kind(place.logs(environment, &LogRequest::default(), log_streams()).await), "no-container");
    place.sweep(environment).await.unwrap();
}

async fn state(place: &impl Place, environment: &Environment) -> RunState {
    place.observe(environment).await.unwrap().state
}

fn kind<T>(refused: Result<T, Error>) -> &'static str {
    refused.err().unwrap().report().kind()
}

fn command() -> SessionRequest {
    SessionRequest { command: vec!["true".to_owned()], ..SessionRequest::default() }
}

/// Streams of a session that nobody types into.
#[must_use]
pub fn session_streams() -> SessionStreams {
    SessionStreams {
        stdin: Box::new(tokio::io::empty()),
        stdout: Box::new(tokio::io::sink()),
        stderr: Box::new(tokio::io::sink()),
        resizes: None,
    }
}

fn log_streams() -> LogStreams {
    LogStreams { stdout: Box::new(tokio::io::sink()), stderr: Box::new(tokio::io::sink()) }
}
