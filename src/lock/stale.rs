//! Decides whether a lock still answers the question. If not, the reason is a variant that holds the old and the new
//! value.
//!
//! A machine that satisfies the floors of a lock never makes it stale, even if another machine wrote the lock.

use std::collections::{BTreeMap, BTreeSet};

use super::Lock;
use super::inputs::{Input, concerns_packages_only};
use crate::manifest::{Arch, PythonRequest};
use crate::matrix::Matrix;
use crate::resolve::{GpuWish, PythonSource, Request, TargetDriver, TargetGpu};
use crate::version::{ComputeCapability, DriverVersion, PythonVersion};

/// A reason why a lock does not answer the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stale {
    /// The manifest or a requirements file asks for another value.
    InputChanged(Change),
    /// The target's driver is below the floor.
    DriverTooOld {
        /// The driver that the resolution needs.
        floor: DriverVersion,
        /// The driver of the target.
        found: DriverVersion,
    },
    /// The target has no GPU, and the resolution is for one.
    NoGpu,
    /// The frameworks have no code for a GPU.
    GpuNotServed {
        gpu: TargetGpu,
        /// The capabilities with code in the frameworks.
        compiled: Vec<ComputeCapability>,
    },
    /// The project's `pyproject.toml` does not accept the Python.
    PythonNotAccepted {
        locked: PythonVersion,
        /// The Pythons that the project accepts.
        accepted: PythonRequest,
        /// The file and the line.
        place: String,
    },
    /// The target has another CPU architecture.
    OtherArch { locked: Arch, found: Arch },
}

/// The old and the new value of one input, as text. A list has the same text in every lock format. `None`: the input
/// was absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The manifest's key: `python.version`.
    pub key: String,
    pub locked: Option<String>,
    pub asked: Option<String>,
}

impl Stale {
    /// Whether frameworks, CUDA and base can remain.
    #[must_use]
    pub fn concerns_packages_only(&self) -> bool {
        matches!(self, Self::InputChanged(change) if concerns_packages_only(&change.key))
    }
}

/// Every reason. Empty: the lock is fresh.
#[must_use]
pub fn staleness(lock: &Lock, asked: &BTreeMap<String, Input>, request: &Request, matrix: &Matrix) -> Vec<Stale> {
    let mut reasons = changed_inputs(&lock.inputs, asked);
    reasons.extend(target_reasons(lock, request, matrix));
    reasons
}

fn changed_inputs(locked: &BTreeMap<String, Input>, asked: &BTreeMap<String, Input>) -> Vec<Stale> {
    let keys: BTreeSet<&String> = locked.keys().chain(asked.keys()).collect();
    let changes = keys.into_iter().map(|key| Change {
        key: key.clone(),
        locked: locked.get(key).map(Input::to_string),
        asked: asked.get(key).map(Input::to_string),
    });
    changes.filter(|change| change.locked != change.asked).map(Stale::InputChanged).collect()
}

fn target_reasons(lock: &Lock, request: &Request, matrix: &Matrix) -> Vec<Stale> {
    let decision = &lock.decision;
    let mut reasons = Vec::new();
    // The Python of a user's own image is unknown.
    let asked = request.requires_python.as_ref().filter(|_| decision.python_source != PythonSource::Image);
    if let Some(asked) = asked.filter(|asked| !asked.value.accepts(&decision.python)) {
        let (locked, accepted) = (decision.python.clone(), asked.value.clone());
        reasons.push(Stale::PythonNotAccepted { locked, accepted, place: asked.origin.to_string() });
    }
    if let Some(arch) = request.target.arch.as_ref().filter(|arch| arch.value != decision.arch) {
        reasons.push(Stale::OtherArch { locked: decision.arch, found: arch.value });
    }
    let Some(floors) = &decision.driver else { return reasons };
    match &request.target.driver {
        TargetDriver::Version(found) if !found.value.meets(&floors.minimum) => {
            reasons.push(Stale::DriverTooOld { floor: floors.minimum.clone(), found: found.value.clone() });
        }
        TargetDriver::Missing if matches!(request.gpu, GpuWish::Required(_)) => reasons.push(Stale::NoGpu),
        _ => {}
    }
    let compiled = &decision.compute_capability;
    for gpu in request.target.gpus.iter().map(|gpu| &gpu.value) {
        let served = compiled.is_empty() || compiled.iter().any(|code| matrix.runs(*code, gpu.capability));
        let is_elsewhere = matrix.is_tegra(gpu.capability) && decision.arch != Arch::Aarch64;
        if !served || is_elsewhere {
            reasons.push(Stale::GpuNotServed { gpu: gpu.clone(), compiled: compiled.clone() });
        }
    }
    reasons
}
