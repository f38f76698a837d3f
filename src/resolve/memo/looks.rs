//! The obstacles of builds that do not fit alone. Each kind of build is examined once per problem.

use crate::resolve::axis::Obstacle;
use crate::resolve::candidate::Candidate;
use crate::resolve::problem::Problem;

/// The obstacles found in one problem, by the number of the kind.
#[derive(Default)]
pub(in crate::resolve) struct Looks(Vec<LookResult>);

/// The result for one kind of build.
#[derive(Clone, Copy)]
enum LookResult {
    Pending,
    Done(Option<Obstacle>),
}

impl Looks {
    /// The result of `look` for a candidate, computed once for its kind.
    pub(in crate::resolve) fn once(
        &mut self,
        problem: &Problem<'_>,
        candidate: &Candidate<'_>,
        look: impl FnOnce() -> Option<Obstacle>,
    ) -> Option<Obstacle> {
        // For few looks, the comparison of builds costs more than the looks themselves.
        if problem.rows.memo().is_none() || problem.frameworks.len() < 2 && !problem.rows.memory().many {
            return look();
        }
        let kind = problem.rows.memory().alone(candidate.release, candidate.build);
        if kind >= self.0.len() {
            self.0.resize(kind + 1, LookResult::Pending);
        }
        if let LookResult::Done(obstacle) = self.0[kind] {
            return obstacle;
        }
        let obstacle = look();
        self.0[kind] = LookResult::Done(obstacle);
        obstacle
    }
}
