//! The obstacles of builds that do not fit alone, computed once for builds that are alike.

use super::axis::{Obstacle, objection};
use super::candidate::Candidate;
use super::memo::Looks;
use super::problem::Problem;

/// The obstacles in one problem of candidates whose releases are asked for.
pub(super) struct Obstacles<'p, 'a> {
    problem: &'p Problem<'a>,
    looks: Looks,
}

impl<'p, 'a> Obstacles<'p, 'a> {
    pub(super) fn in_problem(problem: &'p Problem<'a>) -> Self {
        Self { problem, looks: Looks::default() }
    }

    /// What keeps the candidate from fitting by itself.
    pub(super) fn of(&mut self, candidate: &Candidate<'a>) -> Option<Obstacle> {
        self.problem.rows.step();
        self.looks.once(self.problem, candidate, || objection(self.problem, candidate))
    }

    /// Whether it fits by itself, and can be built where that is asked.
    pub(super) fn none_for(&mut self, candidate: &Candidate<'a>) -> bool {
        self.of(candidate).is_none() && !(self.problem.buildable && candidate.unbuildable().is_some())
    }
}
