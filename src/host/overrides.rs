//! The facts that the user states about a machine. They replace the facts that the machine reports.
//!
//! A fact that depends on a replaced fact is removed, because it would describe another machine.

use super::{Fact, GpuFacts, HostFacts};
use crate::manifest::Arch;
use crate::version::{ComputeCapability, DriverVersion};

/// Facts from the user. Each replaces the fact that was found, and its source is the option's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactOverrides {
    /// `--driver`
    pub driver: Option<DriverVersion>,
    /// `--gpu NAME`, once per GPU. The matrix knows the capability of each.
    pub gpus: Vec<String>,
    /// `--compute-capability`, once per kind of GPU.
    pub capabilities: Vec<ComputeCapability>,
    /// `--arch`
    pub arch: Option<Arch>,
}

impl FactOverrides {
    /// Whether they state every fact on which an answer depends, so that no machine has to be examined.
    #[must_use]
    pub fn names_every_fact(&self) -> bool {
        let Self { driver, gpus, capabilities, arch } = self;
        driver.is_some() && arch.is_some() && !(gpus.is_empty() && capabilities.is_empty())
    }
}

impl HostFacts {
    /// Replaces the facts that were found by the user's. GPUs given by either option replace all GPUs. Another driver
    /// supports another CUDA, so a new driver also removes that CUDA.
    #[must_use]
    pub fn with(mut self, overrides: &FactOverrides) -> Self {
        let FactOverrides { driver, gpus, capabilities, arch } = overrides;
        if let Some(driver) = driver {
            self.driver = Some(Fact::stated(driver.clone(), "--driver"));
            self.driver_cuda = None;
        }
        if let Some(arch) = arch {
            self.arch = Some(Fact::stated(*arch, "--arch"));
        }
        if !gpus.is_empty() || !capabilities.is_empty() {
            let bare = GpuFacts { index: 0, name: None, uuid: None, compute_capability: None, memory: None };
            let named = gpus.iter().map(|name| (GpuFacts { name: Some(name.clone()), ..bare.clone() }, "--gpu"));
            let given = capabilities.iter().map(|capability| {
                (GpuFacts { compute_capability: Some(*capability), ..bare.clone() }, "--compute-capability")
            });
            let facts = (0..).zip(named.chain(given));
            self.gpus = facts.map(|(index, (gpu, source))| Fact::stated(GpuFacts { index, ..gpu }, source)).collect();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_override_wins_and_says_so() {
        let mut found = HostFacts::unknown();
        found.driver = Some(Fact::new("535.104.05".parse().unwrap(), "NVML"));
        found.driver_cuda = Some(Fact::new("12.2".parse().unwrap(), "NVML"));
        found.arch = Some(Fact::new(Arch::X86_64, "uname"));
        let overrides = FactOverrides {
            driver: Some("470".parse().unwrap()),
            gpus: vec!["RTX 3090".to_owned()],
            capabilities: vec!["7.0".parse().unwrap()],
            arch: None,
        };
        let facts = found.with(&overrides);
        assert_eq!(facts.driver, Some(Fact::stated("470".parse().unwrap(), "--driver")));
        assert_eq!(facts.driver_cuda, None);
        assert_eq!(facts.arch.unwrap().source.as_str(), "uname");
        let gpus: Vec<_> = facts.gpus.iter().map(|gpu| (gpu.value.index, gpu.source.as_str())).collect();
        assert_eq!(gpus, [(0, "--gpu"), (1, "--compute-capability")]);
    }

    #[test]
    fn nothing_named_changes_nothing() {
        assert_eq!(HostFacts::unknown().with(&FactOverrides::default()), HostFacts::unknown());
    }
}
