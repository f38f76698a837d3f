//! The machine and its engine: the machine's facts and its problems.
//!
//! It reads and changes nothing.

use std::path::Path;

use crate::doctor::{self, Diagnosis, EngineSeen};
use crate::engine::{Engine, EngineInfo};
use crate::error::{Error, Result};
use crate::host::{self, HostFacts};
use crate::setup;
use crate::system::System;

/// Runs the probe on one thread and asks the engine on another.
pub(super) async fn facts(system: &System, engine: &impl Engine) -> HostFacts {
    let system = system.clone();
    let probe = tokio::task::spawn_blocking(move || host::probe(&system, Path::new("/"), None));
    let described = engine.describe().await;
    let mut facts = probe.await.expect("the probe answers whatever it meets");
    match described {
        Ok(info) => facts.engine = Some((&info).into()),
        Err(error) => facts.problems.push(error.to_string()),
    }
    facts
}

/// Returns the findings about this machine and the engine at `endpoint`, with the engine's description of itself.
pub(super) fn diagnose(system: &System, endpoint: &str, described: Result<EngineInfo>) -> Vec<Diagnosis> {
    let seen = match described {
        Ok(info) => EngineSeen::Answers { info, build_kit: setup::offers_build_kit(endpoint) },
        Err(error) => EngineSeen::Fails { message: error.to_string(), hints: error.report().hints() },
    };
    let facts = host::probe(system, Path::new("/"), None);
    let observed = setup::observe(system, Path::new("/"), endpoint);
    doctor::examine(&doctor::look(system, facts, seen, observed))
}

/// Returns the findings about this machine if its engine could not be opened or asked.
#[must_use]
pub fn diagnose_unopened(system: &System, flag: Option<&str>, error: Error) -> Vec<Diagnosis> {
    diagnose(system, &setup::address(system, flag).unwrap_or_default(), Err(error))
}
