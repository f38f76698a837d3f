//! Decides whether builds of several frameworks can be completed by builds of the others. Each question is asked once.
//!
//! The possible completions depend only on the footprint of the builds. So a footprint without a completion is never
//! followed again, and the number of footprint kinds limits the search, not the number of build combinations.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::domain::{Domain, Group, Member, candidates};
use super::footprint::{Aim, Footprint, Footprints};
use super::level::{Choice, Level};
use crate::manifest::PythonRequest;
use crate::resolve::install_base::whole;
use crate::resolve::problem::Problem;
use crate::resolve::solution::Solution;

/// The most preferred choice of one build from each domain that has a place. Releases come before builds, and the first
/// framework comes before the second.
pub(in crate::resolve) fn best<'a>(problem: &Problem<'a>, domains: &[Domain<'a>]) -> Option<Solution<'a>> {
    let all = groups(domains);
    if !is_possible(problem, &all) {
        return None;
    }
    let open = Completions::of(problem, &all, Aim::Place);
    let mut reached = open.start();
    let mut releases = Vec::new();
    for groups in all {
        let mut tried = groups.iter().map(|release| (release, open.after(&reached, release)));
        let (release, next) = tried.find(|(_, next)| !next.is_empty())?;
        releases.push(std::slice::from_ref(release));
        reached = next;
    }
    let chosen = Completions::of(problem, &releases, Aim::Place).first(&releases)?;
    whole(problem, candidates(&chosen))
}

/// Whether any choice has a place. Most questions about a conflict end here. So the frameworks at which most attempts
/// failed come first, and of those the ones with the fewest builds.
fn is_possible(problem: &Problem<'_>, domains: &[&[Group<'_>]]) -> bool {
    let mut order = (0..domains.len()).collect::<Vec<_>>();
    let builds = |place: usize| domains[place].iter().map(Vec::len).sum::<usize>();
    order.sort_by_cached_key(|place| {
        (Reverse(problem.rows.memory().blame_of(problem.frameworks[*place].index)), builds(*place))
    });
    let ordered = order.iter().map(|place| domains[*place]).collect::<Vec<_>>();
    let completions = Completions { order: Some(order), ..Completions::of(problem, &ordered, Aim::Place) };
    !completions.start().is_empty()
}

/// The first choice of builds that go together. The place where they install does not matter.
pub(in crate::resolve) fn company<'p, 'a>(
    problem: &'p Problem<'a>,
    domains: &'p [Domain<'a>],
) -> Option<Vec<&'p Member<'a>>> {
    let all = groups(domains);
    Completions::of(problem, &all, Aim::Combination).first(&all)
}

/// Whether a choice of builds has a common Python. All builds but the last must go together as well.
pub(in crate::resolve) fn share_a_python(problem: &Problem<'_>, domains: &[Domain<'_>]) -> bool {
    !Completions::of(problem, &groups(domains), Aim::Pythons).start().is_empty()
}

fn groups<'p, 'a>(domains: &'p [Domain<'a>]) -> Vec<&'p [Group<'a>]> {
    domains.iter().map(|domain| &domain.groups[..]).collect()
}

/// The known facts about one series of domains.
struct Completions<'p, 'a> {
    problem: &'p Problem<'a>,
    aim: Aim,
    footprints: Footprints<'p, 'a>,
    /// The levels by framework, then by the number of the Python.
    levels: Vec<Vec<Level<'p, 'a>>>,
    /// The framework of each level, if the levels are in another order than the frameworks.
    order: Option<Vec<usize>>,
    /// Whether later builds can complete a footprint. The key has the number of frameworks in the footprint.
    known: RefCell<HashMap<(usize, Footprint), bool>>,
}

/// A choice of builds of the first frameworks, with its footprint.
struct Reached<'p, 'a> {
    footprint: Footprint,
    path: Vec<&'p Member<'a>>,
}

impl<'p, 'a> Completions<'p, 'a> {
    fn of(problem: &'p Problem<'a>, domains: &[&'p [Group<'a>]], aim: Aim) -> Self {
        let mut footprints = Footprints::of(problem, aim);
        let mut levels: Vec<Vec<Level<'p, 'a>>> = Vec::new();
        for (depth, groups) in domains.iter().enumerate().rev() {
            let only_pythons = aim == Aim::Pythons && depth + 1 == domains.len();
            let level = Level::by_python(&mut footprints, groups, only_pythons, levels.last().map(Vec::as_slice));
            levels.push(level);
        }
        levels.reverse();
        Self { problem, aim, footprints, levels, order: None, known: RefCell::default() }
    }

    /// The states before any build: one for each Python that has a whole choice.
    fn start(&self) -> Vec<Reached<'p, 'a>> {
        let pythons = 0..self.footprints.pythons().len();
        let common = pythons.filter(|python| self.levels.iter().all(|level| !level[*python].choices.is_empty()));
        let start = |python| Reached { footprint: Footprint::untouched(python), path: Vec::new() };
        common.map(start).filter(|start| self.completes(start)).collect()
    }

    /// The first choice of one build from each of `domains`.
    fn first(&self, domains: &[&'p [Group<'a>]]) -> Option<Vec<&'p Member<'a>>> {
        let mut reached = self.start();
        let mut chosen = Vec::new();
        for groups in domains {
            let leads_on = |member| {
                let next = self.after(&reached, std::slice::from_ref(member));
                (!next.is_empty()).then_some((member, next))
            };
            let (member, next) = groups.iter().flatten().find_map(leads_on)?;
            chosen.push(member);
            reached = next;
        }
        Some(chosen)
    }

    /// The states after one of `members`, builds of the next framework, if they lead to a whole choice. Each footprint
    /// occurs once.
    fn after(&self, reached: &[Reached<'p, 'a>], members: &'p [Member<'a>]) -> Vec<Reached<'p, 'a>> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for before in reached {
            let choices = self.levels[before.path.len()][before.footprint.python].choices_of(members);
            let new = self.followers(before, choices).filter(|next| seen.insert(next.footprint.clone()));
            all.extend(new.filter(|next| self.completes(next)));
        }
        all
    }

    /// The states after each of `choices` of the next framework that goes with the builds so far.
    fn followers<'s>(
        &'s self,
        reached: &'s Reached<'p, 'a>,
        choices: impl IntoIterator<Item = &'s Choice<'p, 'a>> + 's,
    ) -> impl Iterator<Item = Reached<'p, 'a>> + 's {
        let (depth, python) = (reached.path.len(), reached.footprint.python);
        let open = self.levels[depth][python].open(self.problem, &reached.footprint);
        choices.into_iter().filter(move |choice| open[choice.build_group]).filter_map(move |choice| {
            let mut footprint = self.footprints.both(&reached.footprint, &choice.footprint)?;
            match self.levels.get(depth + 1) {
                Some(later) => later[python].retain_shared_demands(&mut footprint),
                None => footprint.asks = Rc::new([]),
            }
            let path = reached.path.iter().copied().chain([choice.member]).collect();
            Some(Reached { footprint, path })
        })
    }

    /// Whether builds of the later frameworks can follow. Also false if the allowed steps are used up.
    fn completes(&self, reached: &Reached<'p, 'a>) -> bool {
        if self.problem.rows.is_spent() {
            return false;
        }
        let key = (reached.path.len(), reached.footprint.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        let python = reached.footprint.python;
        let completes = match &self.levels[reached.path.len()..] {
            [] => self.aim != Aim::Place || self.has_place(reached),
            later @ [next, ..] => {
                let refusing = self.refusing(later, &reached.footprint);
                let blamed = refusing.map(|place| self.blame(reached.path.len() + place));
                blamed.unwrap_or_else(|| self.is_followed(reached, &next[python].choices))
            }
        };
        self.known.borrow_mut().insert(key, completes);
        completes
    }

    /// Whether one of `choices` of the next framework leads to a whole choice.
    fn is_followed(&self, reached: &Reached<'p, 'a>, choices: &[Choice<'p, 'a>]) -> bool {
        let mut followers = self.followers(reached, choices).peekable();
        if followers.peek().is_none() {
            return self.blame(reached.path.len());
        }
        followers.any(|next| self.completes(&next))
    }

    /// The first later framework without any build that goes with the footprint.
    fn refusing(&self, later: &[Vec<Level<'p, 'a>>], footprint: &Footprint) -> Option<usize> {
        later.iter().position(|level| !level[footprint.python].admits(self.problem, footprint))
    }

    /// Records that this framework prevents a completion. Always false, the answer of the caller.
    fn blame(&self, depth: usize) -> bool {
        let place = self.order.as_ref().map_or(depth, |order| order[depth]);
        self.problem.rows.memory().blame(self.problem.frameworks[place].index);
        false
    }

    /// Whether the builds have a place with the Python of the footprint.
    fn has_place(&self, reached: &Reached<'p, 'a>) -> bool {
        let python = &self.footprints.pythons()[reached.footprint.python];
        let python = PythonRequest::exactly(python);
        let problem = Problem { python: Some(&python), ..self.problem.clone() };
        let mut path = reached.path.clone();
        if let Some(order) = &self.order {
            let mut placed = order.iter().zip(&reached.path).collect::<Vec<_>>();
            placed.sort_by_key(|(place, _)| **place);
            path = placed.into_iter().map(|(_, member)| *member).collect();
        }
        whole(&problem, candidates(&path)).is_some()
    }
}
