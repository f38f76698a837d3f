//! What of the CUDA toolkit the container needs. No build is held against it, only the base image.

use super::{Axis, AxisRules};
use crate::manifest::Toolkit;
use crate::resolve::conflict::{ConflictFact, FactValue};
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::Request;
use crate::resolve::search::Solution;

/// The part of the toolkit that is asked for.
pub(in crate::resolve) struct ToolkitAxis;

impl AxisRules for ToolkitAxis {
    fn fact(&self, request: &Request) -> Option<ConflictFact> {
        Some(ConflictFact::asked(Axis::Toolkit, request.toolkit.as_ref()?, FactValue::Toolkit))
    }

    fn clear(&self, request: &mut Request) {
        request.toolkit = None;
    }

    fn weight(&self) -> u8 {
        1
    }

    fn can_change(&self, request: &Request) -> bool {
        request.toolkit.as_ref().is_some_and(|toolkit| toolkit.value != Toolkit::None)
    }

    fn remedy(&self, _: &Problem<'_>, _: &Solution<'_>) -> Option<Remedy> {
        Some(Remedy::Toolkit(Toolkit::None))
    }
}
