//! Whether a GPU is wanted at all.

use super::{AxisRules, BuildRules};
use crate::matrix::rows::ReleaseRow;
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::{ConflictFact, ConflictKind};
use crate::resolve::figures::Refused;
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::Request;
use crate::resolve::search::Solution;

/// That a GPU is wanted.
pub(in crate::resolve) struct Devices;

impl AxisRules for Devices {
    fn fact(&self, _: &Request) -> Option<ConflictFact> {
        None
    }

    fn clear(&self, _: &mut Request) {}

    fn weight(&self) -> u8 {
        0
    }

    fn can_change(&self, request: &Request) -> bool {
        request.lacks_gpu()
    }

    fn remedy(&self, _: &Problem<'_>, _: &Solution<'_>) -> Option<Remedy> {
        Some(Remedy::Optional)
    }
}

impl BuildRules for Devices {
    fn stage(&self) -> u8 {
        1
    }

    fn kind(&self) -> ConflictKind {
        ConflictKind::CudaUnsupported
    }

    fn misfit(&self, _: &Request, _: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
        Misfit::NoGpuBuild
    }

    /// Where the makers gave GPUs up: the last release that has a GPU build.
    fn lack(&self, refused: &Refused<'_, '_>) -> BuildsLack {
        let has_gpu =
            |row: &&ReleaseRow| !row.version.is_prerelease() && row.builds.iter().any(|build| build.cuda.is_some());
        let newest = refused.wanted.file.releases.iter().rev().find(has_gpu);
        BuildsLack::GpuBuild { newest: newest.map(|row| row.version.clone()) }
    }
}
