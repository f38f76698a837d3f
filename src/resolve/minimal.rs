//! Reduces all facts to a minimal set: it clashes, and each of its facts is necessary for the clash.
//!
//! The method is deletion: leave out each fact in turn, and keep it out if nothing fits without it. The remaining facts
//! clash, and without any one of them an answer exists. Each try is a search, and a search is fast.

use super::axis::{Axis, AxisSet, question};
use super::problem::DriverClash;
use super::request::{GpuWish, Request};
use super::rows::Rows;
use super::search::solve;

/// Whether nothing fits these facts. Also false if the allowed steps were not enough to decide.
pub(super) fn clash(request: &Request, rows: &Rows<'_>, facts: &AxisSet) -> bool {
    solve(&question(request, rows, facts)).is_none() && !rows.is_spent()
}

/// A minimal clash within `facts`. These facts must clash.
pub(super) fn reduce(request: &Request, rows: &Rows<'_>, facts: &AxisSet) -> AxisSet {
    // A driver that cannot run a GPU is the clearest clash, so it comes before all others.
    if let Some(DriverClash::TooNew { card, .. } | DriverClash::TooOld { card, .. }) =
        question(request, rows, facts).driver_clash()
    {
        return AxisSet::from([Axis::Driver, Axis::Gpu(card.index)]);
    }
    let mut order = facts.iter().collect::<Vec<_>>();
    order.sort_by_cached_key(|fact| precedence(*fact));
    let mut kept = facts.clone();
    loop {
        let before = kept.clone();
        // A request may have hundreds of GPUs, of which two matter. So GPUs are left out in groups.
        for row in order.chunk_by(|a, b| a.is_gpu() && b.is_gpu()) {
            kept = without_row(request, rows, &kept, row);
        }
        if kept == before || !has_cpu_framework(request) {
            return kept;
        }
    }
}

/// Whether a framework is on the CPU of a GPU environment. With it alone, a pinned CUDA has no build to limit, but
/// without any framework the environment is for that CUDA. So fewer facts can clash more, and one pass is not enough.
fn has_cpu_framework(request: &Request) -> bool {
    request.gpu != GpuWish::None && request.frameworks.values().any(|wish| !wish.gpu)
}

/// Removes from `kept`, which clashes, each fact of `row` that the clash does not need. Fewer facts never clash more.
/// So if the whole row can go, each fact of it can go.
fn without_row(request: &Request, rows: &Rows<'_>, kept: &AxisSet, row: &[Axis]) -> AxisSet {
    let there = row.iter().copied().filter(|fact| kept.has(*fact)).collect::<Vec<_>>();
    if there.is_empty() {
        return kept.clone();
    }
    let fewer = kept.without_all(there.iter().copied());
    if clash(request, rows, &fewer) {
        return fewer;
    }
    if there.len() == 1 {
        return kept.clone();
    }
    let (first, second) = there.split_at(there.len() / 2);
    without_row(request, rows, &without_row(request, rows, kept, first), second)
}

/// The order in which facts are left out. Of equal weight, the last fact goes first.
fn precedence(axis: Axis) -> (u8, std::cmp::Reverse<Axis>) {
    (axis.weight(), std::cmp::Reverse(axis))
}
