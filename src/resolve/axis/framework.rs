//! A framework: that it is wanted, and in which releases.

use super::{Axis, AxisRules, BuildRules};
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::{ConflictFact, ConflictKind, FactValue};
use crate::resolve::figures::Refused;
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::Request;
use crate::resolve::search::Solution;
use crate::version::VersionRequest;

/// That the framework at this place is wanted.
pub(in crate::resolve) struct Framework(pub(in crate::resolve) usize);

/// Which releases of it.
pub(in crate::resolve) struct Release(pub(in crate::resolve) usize);

impl AxisRules for Framework {
    fn fact(&self, request: &Request) -> Option<ConflictFact> {
        let (id, wish) = request.frameworks.iter().nth(self.0)?;
        let (axis, value) = (Axis::Framework(self.0), FactValue::Framework(id.clone()));
        Some(ConflictFact { axis, value, origin: wish.version.origin.clone() })
    }

    fn clear(&self, request: &mut Request) {
        let id = request.frameworks.keys().nth(self.0).cloned();
        id.map(|id| request.frameworks.remove(&id));
    }

    fn weight(&self) -> u8 {
        8
    }

    fn can_change(&self, _: &Request) -> bool {
        true
    }

    fn remedy(&self, _: &Problem<'_>, _: &Solution<'_>) -> Option<Remedy> {
        None
    }
}

impl AxisRules for Release {
    fn fact(&self, request: &Request) -> Option<ConflictFact> {
        let wish = request.frameworks.values().nth(self.0)?;
        Some(ConflictFact::asked(Axis::Release(self.0), &wish.version, FactValue::Release))
    }

    fn clear(&self, request: &mut Request) {
        if let Some(wish) = request.frameworks.values_mut().nth(self.0) {
            wish.version.value = VersionRequest::any();
        }
    }

    fn weight(&self) -> u8 {
        9
    }

    fn can_change(&self, _: &Request) -> bool {
        true
    }

    /// How a person would write the release takes another search.
    fn remedy(&self, _: &Problem<'_>, _: &Solution<'_>) -> Option<Remedy> {
        None
    }
}

impl BuildRules for Release {
    fn stage(&self) -> u8 {
        0
    }

    fn kind(&self) -> ConflictKind {
        ConflictKind::NoSuchVersion
    }

    fn misfit(&self, _: &Request, _: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
        Misfit::Release
    }

    fn lack(&self, _: &Refused<'_, '_>) -> BuildsLack {
        BuildsLack::Release
    }
}
