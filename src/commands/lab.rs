//! A fixture for tests of verbs: a user with a project and a place in memory.
//!
//! No test needs an engine or the developer's own files.

use super::context::Context;
use crate::connect::Endpoint;
use crate::place::fake::{self, FakePlace};
use crate::place::{EnvironmentSeen, RunState};
use crate::project::Environment;
use crate::reconcile::occupants::Occupant;
use crate::settings::{self, ColorChoice, Consent, Global, Progress, Verbosity};
use crate::system::System;
use crate::ui::Printer;

/// The consent of a script: none.
pub(super) const NO_CONSENT: Consent = Consent { force: false, yes: false };

/// A user with a project and a place in memory.
pub(super) struct Lab {
    pub(super) context: Context,
    pub(super) place: FakePlace,
    pub(super) environment: Environment,
    _home: tempfile::TempDir,
}

impl Lab {
    /// No environment exists, and no user is at a terminal.
    pub(super) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut system = System::for_tests();
        system.variables.retain(|name, _| name == "PATH");
        system.variables.insert("HOME".to_owned(), home.path().display().to_string());
        (system.stdin_terminal, system.stdout_terminal, system.stderr_terminal) = (false, false, false);
        system.directory = home.path().join("project");
        std::fs::create_dir(&system.directory).unwrap();
        let manifest = "name = \"lab\"\n[frameworks]\njax = \"0.7\"\n";
        std::fs::write(system.directory.join("envctl.toml"), manifest).unwrap();
        let global = Global {
            engine: None,
            json: false,
            progress: Progress::Hidden,
            color: ColorChoice { stdout: false, stderr: false },
            verbosity: Verbosity::Normal,
        };
        let context = Context { printer: Printer::new(global.clone(), false), system, global };
        let environment = context.environment(None).unwrap();
        Self { context, place: FakePlace::default(), environment, _home: home }
    }

    /// A lab with an environment in this state.
    pub(super) fn with(state: RunState) -> Self {
        let lab = Self::new();
        let container = Some(lab.environment.id.container());
        let seen = EnvironmentSeen { state, container, ..fake::absent(&lab.environment) };
        lab.place.environments.borrow_mut().push(seen);
        lab
    }

    /// `up` without options.
    pub(super) fn up() -> settings::Up {
        settings::Up { manifest: None, build: <_>::default(), consent: NO_CONSENT, recreate: false }
    }

    /// Adds an occupant.
    pub(super) fn occupied(self) -> Self {
        let occupant = Occupant { pid: 4711, parent: 1, user: "ada".to_owned(), command: "python train.py".to_owned() };
        self.place.occupants.borrow_mut().push(occupant);
        self
    }

    /// Sets the endpoint.
    pub(super) fn entered_by(self, endpoint: &Endpoint) -> Self {
        for seen in self.place.environments.borrow_mut().iter_mut() {
            seen.endpoint = Some(endpoint.clone());
        }
        self
    }

    /// Returns the present state of the environment.
    pub(super) fn state(&self) -> RunState {
        self.place.environments.borrow().first().map_or(RunState::Absent, |seen| seen.state)
    }

    /// Returns the calls to the place, with the environment's ID as `ID`.
    pub(super) fn calls(&self) -> Vec<String> {
        let calls = self.place.calls.borrow();
        calls.iter().map(|call| call.replace(self.environment.id.as_str(), "ID")).collect()
    }
}
