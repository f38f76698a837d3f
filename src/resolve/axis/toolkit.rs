//! The axis of the CUDA toolkit in the container. Only the base image is checked against it, never a build.

use super::rules::AxisRules;
use super::{Axis, AxisSet};
use crate::manifest::Toolkit;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::Request;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| usize::from(request.toolkit.is_some()),
    fact,
    clear,
    relax,
    weight: 1,
    can_change,
    remedy: |_| Some(Remedy::Toolkit(Toolkit::None)),
    nearest: None,
    least: None,
    builds: None,
    cuda_lack: None,
};

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Toolkit, request.toolkit.as_ref()?, FactValue::Toolkit))
}

fn clear(_: usize, request: &mut Request) {
    request.toolkit = None;
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    if !kept.has(Axis::Toolkit) {
        problem.toolkit = Toolkit::None;
    }
}

fn can_change(request: &Request) -> bool {
    request.toolkit.as_ref().is_some_and(|toolkit| toolkit.value != Toolkit::None)
}
