//! Whether builds of several frameworks can be completed by builds of the others, each question asked once.
//!
//! What can follow some builds depends on their footprint alone. So a footprint that led nowhere is not followed again,
//! whichever builds left it, and the search is bounded by kinds of footprints rather than by combinations of builds.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::footprint::{Aim, Footprint, Footprints};
use super::joint::{Domain, Group, Member, candidates};
use super::level::{Choice, Level};
use super::problem::Problem;
use super::search::{Solution, whole};

/// The most preferred choice of one build from each domain for which there is a place: releases before builds, and of both
/// those of the first framework before those of the second.
pub(super) fn best<'a>(problem: &Problem<'a>, domains: &[Domain<'a>]) -> Option<Solution<'a>> {
    let open = Completions::of(problem, &groups(domains), Aim::Place);
    let mut reached = vec![open.start()];
    let mut releases = Vec::new();
    for domain in domains {
        let leads_on =
            |release| Some((release, open.by_release(&reached, release))).filter(|(_, next)| !next.is_empty());
        let (release, next) = domain.groups.iter().find_map(leads_on)?;
        releases.push(std::slice::from_ref(release));
        reached = next;
    }
    let chosen = Completions::of(problem, &releases, Aim::Place).first()?;
    whole(problem, candidates(&chosen))
}

/// The first choice of builds that go together, wherever they install.
pub(super) fn company<'p, 'a>(problem: &'p Problem<'a>, domains: &'p [Domain<'a>]) -> Option<Vec<&'p Member<'a>>> {
    Completions::of(problem, &groups(domains), Aim::Company).first()
}

/// Whether builds share a Python, of which all but the last go together.
pub(super) fn share_a_python(problem: &Problem<'_>, domains: &[Domain<'_>]) -> bool {
    Completions::of(problem, &groups(domains), Aim::Pythons).first().is_some()
}

fn groups<'p, 'a>(domains: &'p [Domain<'a>]) -> Vec<&'p [Group<'a>]> {
    domains.iter().map(|domain| &domain.groups[..]).collect()
}

/// What is known of one series of domains.
struct Completions<'p, 'a> {
    problem: &'p Problem<'a>,
    aim: Aim,
    footprints: Footprints<'p, 'a>,
    levels: Vec<Level<'p, 'a>>,
    /// Whether later builds can complete a footprint, by how many frameworks left it.
    known: RefCell<HashMap<(usize, Footprint), bool>>,
}

/// Builds of the first frameworks, and what they leave.
struct Reached<'p, 'a> {
    footprint: Footprint,
    path: Vec<&'p Member<'a>>,
}

impl<'p, 'a> Completions<'p, 'a> {
    fn of(problem: &'p Problem<'a>, domains: &[&'p [Group<'a>]], aim: Aim) -> Self {
        let mut footprints = Footprints::of(problem, aim);
        let mut levels: Vec<Level<'p, 'a>> = Vec::new();
        for (depth, groups) in domains.iter().enumerate().rev() {
            let only_pythons = aim == Aim::Pythons && depth + 1 == domains.len();
            let level = Level::of(&mut footprints, groups, only_pythons, levels.last());
            levels.push(level);
        }
        levels.reverse();
        Self { problem, aim, footprints, levels, known: RefCell::default() }
    }

    fn start(&self) -> Reached<'p, 'a> {
        Reached { footprint: self.footprints.untouched(), path: Vec::new() }
    }

    /// The first choice of one build from each domain.
    fn first(&self) -> Option<Vec<&'p Member<'a>>> {
        let mut reached = self.start();
        if !self.completes(&reached) {
            return None;
        }
        for level in &self.levels {
            let next = self.followers(&reached, &level.choices).find(|next| self.completes(next))?;
            reached = next;
        }
        Some(reached.path)
    }

    /// Whether builds of the later frameworks can follow.
    fn completes(&self, reached: &Reached<'p, 'a>) -> bool {
        let key = (reached.path.len(), reached.footprint.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        let completes = match self.levels.get(reached.path.len()..) {
            None | Some([]) => self.aim != Aim::Place || self.has_place(reached),
            Some(later @ [next, ..]) => {
                later.iter().all(|level| level.admits(self.problem, &reached.footprint))
                    && self.followers(reached, &next.choices).any(|next| self.completes(&next))
            }
        };
        self.known.borrow_mut().insert(key, completes);
        completes
    }

    fn has_place(&self, reached: &Reached<'p, 'a>) -> bool {
        whole(self.problem, candidates(&reached.path)).is_some()
    }

    /// What is reached by each of `choices` of the next framework that goes with the builds so far.
    fn followers<'s>(
        &'s self,
        reached: &'s Reached<'p, 'a>,
        choices: impl IntoIterator<Item = &'s Choice<'p, 'a>> + 's,
    ) -> impl Iterator<Item = Reached<'p, 'a>> + 's {
        let depth = reached.path.len();
        let open = self.levels[depth].open(self.problem, &reached.footprint);
        choices.into_iter().filter(move |choice| open[choice.crowd]).filter_map(move |choice| {
            let mut footprint = self.footprints.both(&reached.footprint, &choice.footprint)?;
            match self.levels.get(depth + 1) {
                Some(later) => later.keep_what_it_sees(&mut footprint),
                None => footprint.asks.clear(),
            }
            let path = reached.path.iter().copied().chain([choice.member]).collect();
            Some(Reached { footprint, path })
        })
    }

    /// What is reached by the builds of one release that lead to a whole choice, each footprint once.
    fn by_release(&self, before: &[Reached<'p, 'a>], release: &'p Group<'a>) -> Vec<Reached<'p, 'a>> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for reached in before {
            let choices = self.levels[reached.path.len()].of_release(release);
            let new = self.followers(reached, choices).filter(|next| seen.insert(next.footprint.clone()));
            all.extend(new.filter(|next| self.completes(next)));
        }
        all
    }
}
