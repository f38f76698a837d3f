//! Checks whether the decisions of a lock still fit the target machines.

use std::collections::BTreeMap;

use super::decision::{DecidedFramework, Decision, PythonSource};
use super::manifest_text::ManifestText;
use super::origin::{Asked, FactOrigin};
use super::request::{Base, FrameworkWish, GpuWish, Request};
use super::target::TargetFacts;
use crate::manifest::{Arch, PythonRequest, Toolkit};
use crate::version::VersionRequest;

impl Request {
    /// The request that only `decision` answers, on other machines than those of the decision. `source` is the lock's
    /// name. If `target` has no architecture, that of the decision counts.
    ///
    /// A host that meets the floors of a lock does not make it stale. The answer to this request shows whether the host
    /// does.
    #[must_use]
    pub fn pinned(decision: &Decision, source: &str, manifest: ManifestText, target: TargetFacts) -> Self {
        let arch = target.arch.or_else(|| Some(said(decision.arch, source)));
        let wish = |framework: &DecidedFramework| {
            let version = said(VersionRequest::exactly(&framework.version), source);
            let variant = Some(framework.variant.clone());
            (
                framework.name.clone(),
                FrameworkWish {
                    version,
                    with: Vec::new(),
                    gpu: framework.cuda.is_some() || decision.cuda.is_none(),
                    variant,
                },
            )
        };
        let frameworks = decision.frameworks.iter().map(wish).collect::<BTreeMap<_, _>>();
        // The lock pins builds by name. CUDA without a framework has no build.
        let without = frameworks.is_empty();
        let cuda = decision.cuda.clone().filter(|_| without).map(|cuda| said(cuda, source));
        let cudnn = decision.cudnn.clone().filter(|_| without).map(|cudnn| said(cudnn, source));
        let base = decision.os.clone().map_or_else(
            || Base::Image(said(decision.base_image.clone(), source)),
            |os| Base::Distribution(said(os, source)),
        );
        // The matrix does not know the Python of an image.
        let python = (decision.python_source != PythonSource::Image).then(|| PythonRequest::exactly(&decision.python));
        Self {
            manifest,
            frameworks,
            lines: Vec::new(),
            published: None,
            python: python.map(|python| said(python, source)),
            requires_python: None,
            cuda,
            cudnn,
            toolkit: (decision.toolkit != Toolkit::None).then(|| said(decision.toolkit, source)),
            base,
            gpu: if decision.driver.is_some() { GpuWish::Required(None) } else { GpuWish::None },
            target: TargetFacts { arch, ..target },
            allow_unknown: false,
        }
    }
}

impl Decision {
    /// The architecture of `machine` if it differs from that in the decision; none if it is the same or unknown.
    #[must_use]
    pub fn other_arch(&self, machine: &TargetFacts) -> Option<Arch> {
        machine.arch.as_ref().map(|arch| arch.value).filter(|arch| *arch != self.arch)
    }
}

fn said<T>(value: T, source: &str) -> Asked<T> {
    Asked { value, origin: FactOrigin::Lock(source.to_owned()) }
}
