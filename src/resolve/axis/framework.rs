//! The axis of a framework: the request for it. No build is checked against this fact, only against the releases.

use super::rules::AxisRules;
use super::{Axis, AxisSet};
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::problem::Problem;
use crate::resolve::request::Request;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| request.frameworks.len(),
    fact,
    clear,
    relax,
    weight: 8,
    can_change: |_| true,
    remedy: |_| None,
    nearest: None,
    least: None,
    builds: None,
    cuda_lack: None,
};

fn fact(index: usize, request: &Request) -> Option<ConflictFact> {
    let (id, wish) = request.frameworks.iter().nth(index)?;
    let (axis, value) = (Axis::Framework(index), FactValue::Framework(id.clone()));
    Some(ConflictFact { axis, value, origin: wish.version.origin.clone() })
}

fn clear(index: usize, request: &mut Request) {
    let id = request.frameworks.keys().nth(index).cloned();
    id.map(|id| request.frameworks.remove(&id));
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    problem.frameworks.retain(|wanted| kept.has(Axis::Framework(wanted.index)));
}
