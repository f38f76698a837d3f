//! That a framework is wanted. No build is held against that, only against its releases.

use super::{Axis, AxisRules};
use crate::resolve::conflict::{ConflictFact, FactValue};
use crate::resolve::request::Request;

pub(super) static RULES: AxisRules =
    AxisRules { fact, clear, weight: 8, can_change: |_| true, remedy: |_, _| None, builds: None };

fn fact(index: usize, request: &Request) -> Option<ConflictFact> {
    let (id, wish) = request.frameworks.iter().nth(index)?;
    let (axis, value) = (Axis::Framework(index), FactValue::Framework(id.clone()));
    Some(ConflictFact { axis, value, origin: wish.version.origin.clone() })
}

fn clear(index: usize, request: &mut Request) {
    let id = request.frameworks.keys().nth(index).cloned();
    id.map(|id| request.frameworks.remove(&id));
}
