//! The axis of devices: whether the environment needs a GPU.

use super::Axis;
use super::rules::{AxisRules, BuildRules};
use crate::matrix::rows::ReleaseRow;
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::Refused;
use crate::resolve::misfit::Misfit;
use crate::resolve::origin::FactOrigin;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::{GpuWish, Request};
use crate::resolve::target::NoGpu;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |_| 0,
    fact: |_, _| None,
    clear: |_, _| {},
    relax: |_, _| {},
    weight: 0,
    can_change,
    remedy: |_| Some(Remedy::Optional),
    nearest: None,
    least: None,
    builds: Some(BuildRules {
        stage: 1,
        kind: ConflictKind::CudaUnsupported,
        misfit,
        lack,
        key: |problem| problem.gpu.then(String::new),
        quality: |_| None,
    }),
    cuda_lack: None,
};

/// The two facts of a missing GPU: the environment needs one, and the machine has no usable one.
pub(in crate::resolve) fn missing_gpu(request: &Request, found: NoGpu) -> [ConflictFact; 2] {
    let origin = match &request.gpu {
        GpuWish::Required(span @ Some(_)) => request.manifest.origin(span.as_ref()),
        _ => FactOrigin::Envctl,
    };
    [
        ConflictFact { axis: Axis::Devices, value: FactValue::GpuWanted, origin },
        ConflictFact { axis: Axis::Devices, value: FactValue::NoGpu(found), origin: FactOrigin::Envctl },
    ]
}

fn can_change(request: &Request) -> bool {
    request.lacks_gpu()
}

fn misfit(_: usize, _: &Request, _: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
    Misfit::NoGpuBuild
}

/// The makers may have ended GPU support, so the figure is the last release with a GPU build.
fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    let has_gpu =
        |row: &&ReleaseRow| !row.version.is_prerelease() && row.builds.iter().any(|build| build.cuda.is_some());
    let newest = refused.wanted.file.releases.iter().rev().find(has_gpu);
    BuildsLack::GpuBuild { newest: newest.map(|row| row.version.clone()) }
}
