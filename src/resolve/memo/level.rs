//! The builds of one framework in the order of a search: each footprint once, in crowds that the search can skip as a
//! whole.

use std::collections::HashMap;
use std::rc::Rc;

use super::domain::{Group, Member};
use super::footprint::{Footprint, Footprints};
use super::kind::{Kinds, SharedDemand};
use crate::resolve::problem::Problem;
use crate::resolve::shared::Reach;

/// The builds of one framework that install on one Python.
pub(in crate::resolve) struct Level<'p, 'a> {
    /// In order of preference, without those that leave the same footprint as a preferred one.
    pub(in crate::resolve) choices: Vec<Choice<'p, 'a>>,
    crowds: Vec<Crowd>,
    /// By the number of the kind of build, the place of its choice.
    places: HashMap<usize, usize>,
    /// By number, whether this framework or one after it asks anything of the library.
    libraries: Vec<bool>,
}

/// One build that stands for all with its footprint.
pub(in crate::resolve) struct Choice<'p, 'a> {
    pub(in crate::resolve) member: &'p Member<'a>,
    pub(in crate::resolve) footprint: Footprint,
    /// The place of its crowd.
    pub(in crate::resolve) crowd: usize,
}

/// Builds that name the same packages: all that is common to them.
struct Crowd {
    asks: Vec<CommonAsk>,
}

/// What a crowd asks of a shared package, at the most.
struct CommonAsk {
    library: usize,
    package: Option<usize>,
    reach: Reach,
}

impl<'p, 'a> Level<'p, 'a> {
    /// The builds of `groups` by the number of the Python, before those of `later`. With `only_pythons`, nothing else counts
    /// of them.
    pub(in crate::resolve) fn by_python(
        footprints: &mut Footprints<'p, 'a>,
        groups: &'p [Group<'a>],
        only_pythons: bool,
        later: Option<&[Self]>,
    ) -> Vec<Self> {
        let mut seen = HashMap::new();
        let mut levels = footprints.pythons().iter().map(|_| Self::empty()).collect::<Vec<_>>();
        for member in groups.iter().flatten() {
            for mut footprint in footprints.take(member) {
                if only_pythons {
                    footprint.asks = Rc::new([]);
                }
                let level = &mut levels[footprint.python];
                let next = level.choices.len();
                let place = *seen.entry(footprint.clone()).or_insert(next);
                level.places.insert(member.number, place);
                if place == next {
                    level.choices.push(Choice { member, footprint, crowd: 0 });
                }
            }
        }
        let kinds = footprints.kinds();
        for (python, level) in levels.iter_mut().enumerate() {
            level.crowds = gather(&mut level.choices, &kinds);
            let later = later.map(|later| later[python].libraries.clone());
            level.libraries = later.unwrap_or_else(|| vec![false; kinds.names()]);
            let asks = level.choices.iter().flat_map(|choice| choice.footprint.asks.iter());
            asks.for_each(|ask| level.libraries[ask.library] = true);
        }
        levels
    }

    fn empty() -> Self {
        Self { choices: Vec::new(), crowds: Vec::new(), places: HashMap::new(), libraries: Vec::new() }
    }

    /// False only where none of these builds goes with a footprint.
    pub(in crate::resolve) fn admits(&self, problem: &Problem<'_>, footprint: &Footprint) -> bool {
        let kinds = problem.rows.memory().kinds();
        problem.rows.step();
        self.crowds.iter().any(|crowd| crowd.admits(footprint, &kinds))
    }

    /// The crowds of which some could go with a footprint.
    pub(in crate::resolve) fn open(&self, problem: &Problem<'_>, footprint: &Footprint) -> Vec<bool> {
        let kinds = problem.rows.memory().kinds();
        self.crowds.iter().map(|crowd| crowd.admits(footprint, &kinds)).collect()
    }

    /// Forgets of a footprint what neither this nor a later framework can notice.
    pub(in crate::resolve) fn keep_what_it_sees(&self, footprint: &mut Footprint) {
        if !footprint.asks.iter().all(|ask| self.libraries[ask.library]) {
            footprint.asks = footprint.asks.iter().filter(|ask| self.libraries[ask.library]).copied().collect();
        }
    }

    /// The choices that stand for some of the builds.
    pub(in crate::resolve) fn choices_of(&self, members: &[Member<'a>]) -> Vec<&Choice<'p, 'a>> {
        let places = members.iter().filter_map(|member| self.places.get(&member.number));
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
        choice.crowd = *known.entry(packages).or_insert(crowds.len());
        match crowds.get_mut(choice.crowd) {
            Some(known) => known.take(&crowd),
            None => crowds.push(crowd),
        }
    }
    crowds
}

impl Crowd {
    fn of(footprint: &Footprint, kinds: &Kinds) -> Self {
        let ask = |ask: &SharedDemand| CommonAsk {
            library: ask.library,
            package: ask.package,
            reach: kinds.ranges.reach(ask.range).clone(),
        };
        Self { asks: footprint.asks.iter().map(ask).collect() }
    }

    fn take(&mut self, other: &Self) {
        for (ask, other) in self.asks.iter_mut().zip(&other.asks) {
            ask.reach.extend(&other.reach);
        }
    }

    /// False only where none of the crowd goes with the footprint.
    fn admits(&self, footprint: &Footprint, kinds: &Kinds) -> bool {
        footprint.asks.iter().all(|ask| {
            let same = self.asks.iter().find(|common| common.library == ask.library);
            same.is_none_or(|common| {
                let one_package = ask.package.is_some() && common.package == ask.package;
                one_package && common.reach.meets(kinds.ranges.reach(ask.range))
            })
        })
    }
}
