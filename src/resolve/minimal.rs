//! From all facts to few: a set that clashes, and of which every single fact is needed for that.
//!
//! Deletion-based: leave each fact out in turn and keep it out while nothing fits all the same. What remains clashes, and
//! leaving any one of it out would make an answer possible. Each try is a search, and a search is quick.

use super::facts::{Fact, FactSet};
use super::known::Known;
use super::problem::{DriverClash, Problem};
use super::request::Request;
use super::search::solve;

/// Whether nothing fits these facts.
pub(super) fn clash(request: &Request, matrix: &Known<'_>, facts: &FactSet) -> bool {
    solve(&Problem::new(request, matrix, facts)).is_none()
}

/// A minimal clash within `facts`, which clash.
pub(super) fn reduce(request: &Request, matrix: &Known<'_>, facts: &FactSet) -> FactSet {
    // A driver that does not run a GPU is the plainest clash of all, whatever else does not fit.
    if let Some(DriverClash::TooNew { card, .. } | DriverClash::TooOld { card, .. }) =
        Problem::new(request, matrix, facts).driver_clash()
    {
        return FactSet::from([Fact::Driver, Fact::Gpu(card.index)]);
    }
    let mut order = facts.iter().collect::<Vec<_>>();
    order.sort_by_key(|fact| precedence(*fact));
    let mut kept = facts.clone();
    for fact in order {
        let fewer = kept.without(fact);
        if kept.has(fact) && clash(request, matrix, &fewer) {
            kept = fewer;
        }
    }
    kept
}

/// What is left out first. What a person asked for outright is kept longest, as it tells most.
fn precedence(fact: Fact) -> (u8, std::cmp::Reverse<usize>) {
    let (rank, index) = match fact {
        Fact::Arch => (0, 0),
        Fact::Toolkit => (1, 0),
        Fact::Base => (2, 0),
        Fact::Gpu(index) => (3, index),
        Fact::Driver => (4, 0),
        Fact::Cudnn => (5, 0),
        Fact::Cuda => (6, 0),
        Fact::Python => (7, 0),
        Fact::Framework(index) => (8, index),
        Fact::Version(index) => (9, index),
    };
    (rank, std::cmp::Reverse(index))
}
