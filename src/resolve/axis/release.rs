//! The axis of a framework's releases.

use super::rules::{AxisRules, BuildRules};
use super::{Axis, AxisSet};
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::Refused;
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::{Problem, Releases};
use crate::resolve::request::Request;
use crate::version::VersionRequest;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| request.frameworks.len(),
    fact,
    clear,
    relax,
    weight: 9,
    can_change: |_| true,
    // `ways_out` needs another search to find the release as a user would write it.
    remedy: |_| None,
    nearest: None,
    least: None,
    builds: Some(BuildRules {
        stage: 0,
        kind: ConflictKind::NoSuchVersion,
        misfit,
        lack,
        key: |_| None,
        quality: |_| None,
    }),
    cuda_lack: None,
};

fn fact(index: usize, request: &Request) -> Option<ConflictFact> {
    let wish = request.frameworks.values().nth(index)?;
    Some(ConflictFact::asked(Axis::Release(index), &wish.version, FactValue::Release))
}

fn clear(index: usize, request: &mut Request) {
    if let Some(wish) = request.frameworks.values_mut().nth(index) {
        wish.version.value = VersionRequest::any();
    }
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    for wanted in problem.frameworks.iter_mut().filter(|wanted| !kept.has(Axis::Release(wanted.index))) {
        wanted.releases = Releases::Any;
    }
}

fn misfit(_: usize, _: &Request, _: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
    Misfit::Release
}

fn lack(_: &Refused<'_, '_>) -> BuildsLack {
    BuildsLack::Release
}
