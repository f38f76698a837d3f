//! Several frameworks at once: what of each fits by itself. Builds that no other framework could tell apart are one.

use std::collections::HashSet;
use std::rc::Rc;

use super::candidate::Candidate;
use super::kind::Kind;
use super::problem::Problem;

/// A build that fits by itself.
pub(super) struct Member<'a> {
    pub(super) candidate: Candidate<'a>,
    /// The number of its kind.
    pub(super) number: usize,
    pub(super) kind: Rc<Kind>,
}

/// The builds of one release that fit by themselves, in order of preference.
pub(super) type Group<'a> = Vec<Member<'a>>;

/// What of one framework fits by itself.
pub(super) struct Domain<'a> {
    /// By release, the preferred one first.
    pub(super) groups: Vec<Group<'a>>,
}

impl<'a> Domain<'a> {
    /// `fitting`, without those that differ from a preferred one in nothing that another framework or the base could notice.
    pub(super) fn new(problem: &Problem<'a>, fitting: impl IntoIterator<Item = Candidate<'a>>) -> Self {
        let mut seen = HashSet::new();
        let mut groups: Vec<Group<'a>> = Vec::new();
        let mut last = None;
        for candidate in fitting {
            let (number, kind) = problem.matrix.kind(&candidate);
            if !seen.insert(number) {
                continue;
            }
            if last != Some(candidate.place) {
                groups.push(Vec::new());
            }
            last = Some(candidate.place);
            groups.last_mut().expect("one was pushed").push(Member { candidate, number, kind });
        }
        Self { groups }
    }
}

/// The candidates chosen.
pub(super) fn candidates<'a>(chosen: &[&Member<'a>]) -> Vec<Candidate<'a>> {
    chosen.iter().map(|member| member.candidate).collect()
}
