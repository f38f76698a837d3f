//! The obstacles of builds that do not fit alone, computed once for builds that are alike.

use super::axis::{Obstacle, line, objection};
use super::candidate::Candidate;
use super::framework_line::FrameworkLine;
use super::memo::Looks;
use super::problem::Problem;

/// The obstacles of candidates in one problem. Only candidates of requested releases count.
pub(super) struct Obstacles<'p, 'a> {
    problem: &'p Problem<'a>,
    looks: Looks,
}

impl<'p, 'a> Obstacles<'p, 'a> {
    pub(super) fn in_problem(problem: &'p Problem<'a>) -> Self {
        Self { problem, looks: Looks::default() }
    }

    /// The obstacle of the candidate; none if it fits alone.
    pub(super) fn of(&mut self, candidate: &Candidate<'a>) -> Option<Obstacle> {
        self.problem.rows.step();
        // Lines look at the release, in which builds that are alike can differ.
        line::objection(self.problem, candidate).or_else(|| {
            let is_marked = |(_, line): (usize, &FrameworkLine)| line.pythons.is_some();
            if self.problem.lines_about(candidate.framework).any(is_marked) {
                return objection(self.problem, candidate);
            }
            self.looks.once(self.problem, candidate, || objection(self.problem, candidate))
        })
    }

    /// Whether the candidate fits alone. If the problem asks for it, current sources must also be able to build it.
    pub(super) fn none_for(&mut self, candidate: &Candidate<'a>) -> bool {
        self.of(candidate).is_none() && !(self.problem.buildable && candidate.unbuildable().is_some())
    }
}
