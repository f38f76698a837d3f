//! The desired state, and the plan that leads to it from the observed state. Pure.
//!
//! `up` and its preview share it, so both show the same steps.

use super::desired::{Circumstances, Desired};
use super::plan::{Observed, Plan, PlanOptions, PlanTarget, plan};
use super::prepare::Prepared;
use super::settle::Settled;
use super::ssh_server::SshServer;
use crate::error::Error;
use crate::project::Environment;

/// The desired state and the plan to reach it.
pub struct Proposal {
    pub settled: Settled,
    pub desired: Desired,
    /// The SSH server; `None` without one.
    pub ssh: Option<SshServer>,
    pub plan: Plan,
}

impl Proposal {
    /// Computes the container that the manifest asks for with these choices, and the steps to it.
    pub fn new(
        environment: &Environment,
        prepared: &Prepared,
        observed: &Observed,
        settled: Settled,
        wanted: PlanOptions,
    ) -> Result<Self, Error> {
        let image = prepared.recipe.build.tag.as_str();
        let image_env = observed.image.as_ref().map(|image| image.env.as_slice()).unwrap_or_default();
        let circumstances = Circumstances {
            mounts: &prepared.mounts,
            id: &environment.id,
            identity: &prepared.identity,
            image,
            image_env,
            ports: &settled.ports,
            memory: prepared.memory(),
            gpu: settled.gpu,
            driver: prepared.driver(),
            variables: &prepared.variables,
            refused_limits: &settled.refused_limits,
            devices: &prepared.devices,
            bootstrapped: prepared.bootstrapped,
        };
        let desired = Desired::new(&environment.manifest, &circumstances);
        let variables = || image_env.iter().chain(&desired.spec.env).map(String::as_str);
        let server = |keys| SshServer::new(environment, prepared, &settled.ports, keys, variables());
        let ssh = settled.keys.as_ref().map(server).transpose()?;
        let target = PlanTarget {
            image,
            view: &desired.view,
            ssh_files: ssh.as_ref().map(|ssh| ssh.hash.as_str()),
            publishes: !desired.spec.ports.is_empty(),
        };
        let plan = plan(&target, observed, wanted);
        Ok(Self { settled, desired, ssh, plan })
    }

    /// Whether a limit is envctl's default and not a setting of the manifest.
    #[must_use]
    pub fn chose_limit(&self, environment: &Environment, limit: &str) -> bool {
        let is_asked_for = environment.manifest.run.ulimits.keys().any(|name| name.as_str() == limit);
        !is_asked_for && self.desired.spec.ulimits.iter().any(|sent| sent.name == limit)
    }
}
