//! Whether a GPU is wanted at all.

use super::{AxisRules, BuildRules};
use crate::matrix::rows::ReleaseRow;
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::ConflictKind;
use crate::resolve::figures::Refused;
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::Request;

pub(super) static RULES: AxisRules = AxisRules {
    fact: |_, _| None,
    clear: |_, _| {},
    weight: 0,
    can_change,
    remedy: |_, _| Some(Remedy::Optional),
    builds: Some(BuildRules { stage: 1, kind: ConflictKind::CudaUnsupported, misfit, lack }),
};

fn can_change(request: &Request) -> bool {
    request.lacks_gpu()
}

fn misfit(_: usize, _: &Request, _: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
    Misfit::NoGpuBuild
}

/// Where the makers gave GPUs up: the last release that has a GPU build.
fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    let has_gpu =
        |row: &&ReleaseRow| !row.version.is_prerelease() && row.builds.iter().any(|build| build.cuda.is_some());
    let newest = refused.wanted.file.releases.iter().rev().find(has_gpu);
    BuildsLack::GpuBuild { newest: newest.map(|row| row.version.clone()) }
}
