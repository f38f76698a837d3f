//! Reads the machine: files in `/proc`, `/sys` and `/etc`, the driver's library, `nvidia-smi` and `getconf`.
//!
//! An unknown fact is left out. A missing fact that the machine should have becomes a problem. A machine without NVIDIA
//! software is a normal machine and has no problems. The probe starts no service, loads no kernel module and changes
//! nothing.

mod driver_facts;
mod machine;
mod nvidia;
mod nvml;
mod smi;

use std::path::Path;
use std::thread;

use super::{EngineFacts, Fact, HostFacts, SCHEMA};
use crate::engine::EngineInfo;
use crate::system::System;

use machine::Machine;

/// Reads the facts of this machine. `root` replaces `/`, so that captured files can represent a machine. Commands still
/// come from the `PATH` of `system`. The caller asks the engine.
#[must_use]
pub fn probe(system: &System, root: &Path, engine: Option<Fact<EngineFacts>>) -> HostFacts {
    let machine = Machine { system, root };
    thread::scope(|scope| {
        let glibc = scope.spawn(|| machine.glibc());
        let nvidia = nvidia::probe_nvidia(&machine);
        HostFacts {
            schema: SCHEMA,
            hostname: machine.hostname(),
            arch: machine.arch(),
            distribution: machine.distribution(),
            kernel: machine.kernel(),
            glibc: glibc.join().unwrap_or_default(),
            memory: machine.memory(),
            cpus: machine.cpus(),
            driver: nvidia.driver,
            driver_cuda: nvidia.driver_cuda,
            gpus: nvidia.gpus,
            engine,
            problems: nvidia.problems,
        }
    })
}

impl From<&EngineInfo> for Fact<EngineFacts> {
    fn from(info: &EngineInfo) -> Self {
        let EngineInfo { kind, version, endpoint, .. } = info;
        let facts = EngineFacts { kind: kind.clone(), version: version.clone(), endpoint: endpoint.clone() };
        Self::new(facts, "the engine")
    }
}

#[cfg(test)]
mod tests;
