//! What of the CUDA toolkit the container needs. No build is held against it, only the base image.

use super::{Axis, AxisRules};
use crate::manifest::Toolkit;
use crate::resolve::conflict::{ConflictFact, FactValue};
use crate::resolve::remedy::Remedy;
use crate::resolve::request::Request;

pub(super) static RULES: AxisRules =
    AxisRules { fact, clear, weight: 1, can_change, remedy: |_, _| Some(Remedy::Toolkit(Toolkit::None)), builds: None };

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Toolkit, request.toolkit.as_ref()?, FactValue::Toolkit))
}

fn clear(_: usize, request: &mut Request) {
    request.toolkit = None;
}

fn can_change(request: &Request) -> bool {
    request.toolkit.as_ref().is_some_and(|toolkit| toolkit.value != Toolkit::None)
}
