//! Which releases of a framework are wanted.

use super::{Axis, AxisRules, BuildRules};
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::{ConflictFact, ConflictKind, FactValue};
use crate::resolve::figures::Refused;
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::request::Request;
use crate::version::VersionRequest;

pub(super) static RULES: AxisRules = AxisRules {
    fact,
    clear,
    weight: 9,
    can_change: |_| true,
    // How a person would write the release takes another search.
    remedy: |_, _| None,
    builds: Some(BuildRules { stage: 0, kind: ConflictKind::NoSuchVersion, misfit, lack }),
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

fn misfit(_: usize, _: &Request, _: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
    Misfit::Release
}

fn lack(_: &Refused<'_, '_>) -> BuildsLack {
    BuildsLack::Release
}
