//! The builds of one framework as a search goes through them: each footprint once, in crowds that can be passed over whole.

use std::collections::HashMap;

use super::footprint::{Footprint, Footprints};
use super::joint::{Group, Member};
use super::kind::{Ask, Kinds};
use super::problem::Problem;
use super::shared::Reach;

/// The builds of one framework.
pub(super) struct Level<'p, 'a> {
    /// In order of preference, without those that leave the same footprint as a preferred one.
    pub(super) choices: Vec<Choice<'p, 'a>>,
    crowds: Vec<Crowd>,
    /// By the number of the kind of build, the place of its choice.
    places: HashMap<usize, usize>,
    sight: Sight,
}

/// One build that stands for all with its footprint.
pub(super) struct Choice<'p, 'a> {
    pub(super) member: &'p Member<'a>,
    pub(super) footprint: Footprint,
    /// The place of its crowd.
    pub(super) crowd: usize,
}

/// What this framework and those after it can notice of a footprint.
struct Sight {
    /// By number, whether each of them has builds for the Python.
    pythons: Vec<bool>,
    /// By number, whether any of them asks something of the library.
    libraries: Vec<bool>,
}

/// Builds with the same Pythons that name the same packages: all that is common to them.
struct Crowd {
    pythons: Vec<bool>,
    asks: Vec<CommonAsk>,
}

/// What a crowd asks of a shared package, at the most.
struct CommonAsk {
    library: usize,
    package: Option<usize>,
    reach: Reach,
}

impl<'p, 'a> Level<'p, 'a> {
    /// The builds of `groups`, before `later`. With `only_pythons`, nothing else counts of them.
    pub(super) fn of(
        footprints: &mut Footprints<'p, 'a>,
        groups: &'p [Group<'a>],
        only_pythons: bool,
        later: Option<&Self>,
    ) -> Self {
        let mut seen = HashMap::new();
        let mut choices: Vec<Choice<'p, 'a>> = Vec::new();
        let mut places = HashMap::new();
        for member in groups.iter().flatten() {
            let Some(mut footprint) = footprints.take(member) else { continue };
            if only_pythons {
                footprint.asks.clear();
            }
            let next = choices.len();
            let place = *seen.entry(footprint.clone()).or_insert(next);
            places.insert(member.number, place);
            if place == next {
                choices.push(Choice { member, footprint, crowd: 0 });
            }
        }
        let kinds = footprints.kinds();
        let crowds = gather(&mut choices, &kinds);
        let sight = Sight::of(&choices, &kinds, later.map(|later| &later.sight));
        Self { choices, crowds, places, sight }
    }

    /// False only where none of these builds goes with a footprint.
    pub(super) fn admits(&self, problem: &Problem<'_>, footprint: &Footprint) -> bool {
        let kinds = problem.matrix.kinds();
        self.crowds.iter().any(|crowd| crowd.admits(footprint, &kinds))
    }

    /// The crowds of which some could go with a footprint.
    pub(super) fn open(&self, problem: &Problem<'_>, footprint: &Footprint) -> Vec<bool> {
        let kinds = problem.matrix.kinds();
        self.crowds.iter().map(|crowd| crowd.admits(footprint, &kinds)).collect()
    }

    /// Forgets of a footprint what neither this nor a later framework can notice.
    pub(super) fn keep_what_it_sees(&self, footprint: &mut Footprint) {
        footprint.asks.retain(|ask| self.sight.libraries[ask.library]);
        for (level, seen) in footprint.pythons.iter_mut().zip(&self.sight.pythons) {
            *level = if *seen { *level } else { 0 };
        }
    }

    /// The choices that stand for the builds of one release.
    pub(super) fn of_release(&self, release: &Group<'a>) -> Vec<&Choice<'p, 'a>> {
        let places = release.iter().filter_map(|member| self.places.get(&member.number));
        places.map(|place| &self.choices[*place]).collect()
    }
}

/// Puts each choice into its crowd.
fn gather(choices: &mut [Choice<'_, '_>], kinds: &Kinds) -> Vec<Crowd> {
    let mut crowds: Vec<Crowd> = Vec::new();
    let mut known = HashMap::new();
    for choice in choices {
        let crowd = Crowd::of(&choice.footprint, kinds);
        let packages = crowd.asks.iter().map(|ask| (ask.library, ask.package)).collect::<Vec<_>>();
        choice.crowd = *known.entry((crowd.pythons.clone(), packages)).or_insert(crowds.len());
        match crowds.get_mut(choice.crowd) {
            Some(known) => known.take(&crowd),
            None => crowds.push(crowd),
        }
    }
    crowds
}

impl Sight {
    fn of(choices: &[Choice<'_, '_>], kinds: &Kinds, later: Option<&Self>) -> Self {
        let mut pythons = vec![false; kinds.pythons().len()];
        let mut libraries = later.map_or_else(|| vec![false; kinds.names()], |later| later.libraries.clone());
        for choice in choices {
            for (seen, level) in pythons.iter_mut().zip(&choice.footprint.pythons) {
                *seen |= *level > 0;
            }
            choice.footprint.asks.iter().for_each(|ask| libraries[ask.library] = true);
        }
        for (seen, later) in pythons.iter_mut().zip(later.into_iter().flat_map(|later| &later.pythons)) {
            *seen &= *later;
        }
        Self { pythons, libraries }
    }
}

impl Crowd {
    fn of(footprint: &Footprint, kinds: &Kinds) -> Self {
        let ask = |ask: &Ask| CommonAsk {
            library: ask.library,
            package: ask.package,
            reach: kinds.ranges.reach(ask.range).clone(),
        };
        let pythons = footprint.pythons.iter().map(|level| *level > 0).collect();
        Self { pythons, asks: footprint.asks.iter().map(ask).collect() }
    }

    fn take(&mut self, other: &Self) {
        for (ask, other) in self.asks.iter_mut().zip(&other.asks) {
            ask.reach.extend(&other.reach);
        }
    }

    /// False only where none of the crowd goes with the footprint.
    fn admits(&self, footprint: &Footprint, kinds: &Kinds) -> bool {
        let mut pythons = self.pythons.iter().zip(&footprint.pythons);
        pythons.any(|(one, level)| *one && *level > 0)
            && footprint.asks.iter().all(|ask| {
                let same = self.asks.iter().find(|common| common.library == ask.library);
                same.is_none_or(|common| {
                    let one_package = ask.package.is_some() && common.package == ask.package;
                    one_package && common.reach.meets(kinds.ranges.reach(ask.range))
                })
            })
    }
}
