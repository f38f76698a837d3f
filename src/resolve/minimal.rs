//! Reduces all facts to a minimal set: it clashes, and each of its facts is necessary for the clash.
//!
//! The method is deletion: leave out each fact in turn, and keep it out if nothing fits without it. The remaining facts
//! clash, and without any one of them an answer exists. Each try is a search, and a search is fast.

use super::axis::{Axis, AxisSet, question};
use super::problem::DriverClash;
use super::request::Request;
use super::rows::Rows;
use super::search::solve;

/// Whether nothing fits these facts. False as well where that was not found out in the steps allowed.
pub(super) fn clash(request: &Request, matrix: &Rows<'_>, facts: &AxisSet) -> bool {
    solve(&question(request, matrix, facts)).is_none() && !matrix.is_spent()
}

/// A minimal clash within `facts`, which clash.
pub(super) fn reduce(request: &Request, matrix: &Rows<'_>, facts: &AxisSet) -> AxisSet {
    // A driver that does not run a GPU is the plainest clash of all, whatever else does not fit.
    if let Some(DriverClash::TooNew { card, .. } | DriverClash::TooOld { card, .. }) =
        question(request, matrix, facts).driver_clash()
    {
        return AxisSet::from([Axis::Driver, Axis::Gpu(card.index)]);
    }
    let mut order = facts.iter().collect::<Vec<_>>();
    order.sort_by_cached_key(|fact| precedence(*fact));
    let mut kept = facts.clone();
    // There may be hundreds of GPUs, of which two matter: they are left out in rows.
    for row in order.chunk_by(|a, b| a.is_gpu() && b.is_gpu()) {
        kept = without_row(request, matrix, &kept, row);
    }
    kept
}

/// `kept`, which clashes, without each of `row` in turn that is not needed for that. Fewer facts never clash more, so where the
/// whole row can go, each of it could.
fn without_row(request: &Request, matrix: &Rows<'_>, kept: &AxisSet, row: &[Axis]) -> AxisSet {
    let there = row.iter().copied().filter(|fact| kept.has(*fact)).collect::<Vec<_>>();
    if there.is_empty() {
        return kept.clone();
    }
    let fewer = kept.without_all(there.iter().copied());
    if clash(request, matrix, &fewer) {
        return fewer;
    }
    if there.len() == 1 {
        return kept.clone();
    }
    let (first, second) = there.split_at(there.len() / 2);
    without_row(request, matrix, &without_row(request, matrix, kept, first), second)
}

/// What is left out first; of equal weight, the last.
fn precedence(axis: Axis) -> (u8, std::cmp::Reverse<Axis>) {
    (axis.weight(), std::cmp::Reverse(axis))
}
