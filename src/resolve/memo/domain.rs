//! The builds of each of several frameworks that fit alone. Builds that no other framework could tell apart are one.

use std::collections::HashSet;
use std::rc::Rc;

use super::kind::Kind;
use super::store::{DomainKey, ReleasesKey, Spot};
use crate::resolve::axis;
use crate::resolve::candidate::Candidate;
use crate::resolve::obstacles::Obstacles;
use crate::resolve::problem::{Problem, Releases, Wanted};

/// A build that fits alone.
pub(in crate::resolve) struct Member<'a> {
    pub(in crate::resolve) candidate: Candidate<'a>,
    /// The number of the build's kind.
    pub(in crate::resolve) number: usize,
    pub(in crate::resolve) kind: Rc<Kind>,
}

/// The builds of one release that fit alone, in order of preference.
pub(in crate::resolve) type Group<'a> = Vec<Member<'a>>;

/// The builds of one framework that fit alone.
pub(in crate::resolve) struct Domain<'a> {
    /// The builds by release, the preferred release first.
    pub(in crate::resolve) groups: Vec<Group<'a>>,
}

impl DomainKey {
    fn of(problem: &Problem<'_>, wanted: &Wanted<'_>) -> Self {
        let releases = match wanted.releases {
            Releases::Any => ReleasesKey::Any,
            Releases::Asked(asked) => ReleasesKey::Asked(asked.text().to_owned()),
            Releases::Before(end) => ReleasesKey::Before(end),
            Releases::From(start) => ReleasesKey::From(start),
        };
        Self {
            file: wanted.file,
            releases,
            variant: wanted.wish.variant.clone(),
            gpu: wanted.is_on_gpu(problem),
            stated: axis::key(problem),
            buildable: problem.buildable,
        }
    }
}

impl<'a> Candidate<'a> {
    /// The build at this spot of the framework's file.
    fn at(wanted: &Wanted<'a>, (place, build): Spot) -> Self {
        let release = &wanted.file.releases[place];
        Self { framework: wanted.index, place, release, build: &release.builds[build] }
    }

    /// The spot of the build in its framework's file.
    fn spot(&self) -> Spot {
        let build = self.release.builds.iter().position(|build| std::ptr::eq(build, self.build));
        (self.place, build.expect("a candidate's build is one of its release"))
    }
}

impl<'a> Domain<'a> {
    /// The builds of `wanted` that fit alone.
    pub(in crate::resolve) fn of(problem: &Problem<'a>, wanted: &Wanted<'a>) -> Self {
        let key = DomainKey::of(problem, wanted);
        if let Some(spots) = problem.rows.memory().spots(&key) {
            return Self::new(problem, spots.iter().map(|spot| Candidate::at(wanted, *spot)));
        }
        let mut obstacles = Obstacles::in_problem(problem);
        let all = wanted.candidates().flat_map(|(place, release)| wanted.builds(problem, place, release));
        let domain = Self::new(problem, all.filter(|candidate| obstacles.none_for(candidate)));
        problem
            .rows
            .memory()
            .keep_spots(key, domain.groups.iter().flatten().map(|member| member.candidate.spot()).collect());
        domain
    }

    /// The domain of `fitting`, without builds that repeat a preferred one: no other framework and no base can tell the
    /// two apart.
    pub(in crate::resolve) fn new(problem: &Problem<'a>, fitting: impl IntoIterator<Item = Candidate<'a>>) -> Self {
        let mut seen = HashSet::new();
        let mut groups: Vec<Group<'a>> = Vec::new();
        let mut last = None;
        for candidate in fitting {
            let refused = candidate.refused_pythons(problem);
            let (number, kind) = problem.rows.memory().kind(candidate.release, candidate.build, &refused);
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

/// The candidates of the chosen members.
pub(in crate::resolve) fn candidates<'a>(chosen: &[&Member<'a>]) -> Vec<Candidate<'a>> {
    chosen.iter().map(|member| member.candidate).collect()
}
