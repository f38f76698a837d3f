//! The builds of one framework in the order of a search: each footprint once, in groups that the search can skip as a
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
    /// The choices in order of preference. A build with the same footprint as a preferred one is left out.
    pub(in crate::resolve) choices: Vec<Choice<'p, 'a>>,
    build_groups: Vec<BuildGroup>,
    /// The place of the choice for each kind of build, by the number of the kind.
    places: HashMap<usize, usize>,
    /// Whether this framework or a later one needs the library, by the number of the library.
    libraries: Vec<bool>,
}

/// One build that represents all builds with its footprint.
pub(in crate::resolve) struct Choice<'p, 'a> {
    pub(in crate::resolve) member: &'p Member<'a>,
    pub(in crate::resolve) footprint: Footprint,
    /// The place of its group.
    pub(in crate::resolve) build_group: usize,
}

/// Builds that name the same packages, reduced to their common demands. A group that does not fit is skipped as a
/// whole.
struct BuildGroup {
    asks: Vec<CommonAsk>,
}

/// The widest demand of a group on a shared package.
struct CommonAsk {
    library: usize,
    package: Option<usize>,
    reach: Reach,
}

impl<'p, 'a> Level<'p, 'a> {
    /// The levels of `groups`, one for each Python by number, for a search that continues with `later`. With
    /// `only_pythons`, the demands on packages do not count.
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
                    level.choices.push(Choice { member, footprint, build_group: 0 });
                }
            }
        }
        let kinds = footprints.kinds();
        for (python, level) in levels.iter_mut().enumerate() {
            level.build_groups = gather(&mut level.choices, &kinds);
            let later = later.map(|later| later[python].libraries.clone());
            level.libraries = later.unwrap_or_else(|| vec![false; kinds.names()]);
            let asks = level.choices.iter().flat_map(|choice| choice.footprint.asks.iter());
            asks.for_each(|ask| level.libraries[ask.library] = true);
        }
        levels
    }

    fn empty() -> Self {
        Self { choices: Vec::new(), build_groups: Vec::new(), places: HashMap::new(), libraries: Vec::new() }
    }

    /// Whether some of these builds may go with a footprint. False is certain, true is not.
    pub(in crate::resolve) fn admits(&self, problem: &Problem<'_>, footprint: &Footprint) -> bool {
        let kinds = problem.rows.memory().kinds();
        problem.rows.step();
        self.build_groups.iter().any(|build_group| build_group.admits(footprint, &kinds))
    }

    /// For each group, whether some of its builds may go with a footprint.
    pub(in crate::resolve) fn open(&self, problem: &Problem<'_>, footprint: &Footprint) -> Vec<bool> {
        let kinds = problem.rows.memory().kinds();
        self.build_groups.iter().map(|build_group| build_group.admits(footprint, &kinds)).collect()
    }

    /// Removes the demands that neither this nor a later framework shares from a footprint.
    pub(in crate::resolve) fn retain_shared_demands(&self, footprint: &mut Footprint) {
        if !footprint.asks.iter().all(|ask| self.libraries[ask.library]) {
            footprint.asks = footprint.asks.iter().filter(|ask| self.libraries[ask.library]).copied().collect();
        }
    }

    /// The choices that represent the given builds.
    pub(in crate::resolve) fn choices_of(&self, members: &[Member<'a>]) -> Vec<&Choice<'p, 'a>> {
        let places = members.iter().filter_map(|member| self.places.get(&member.number));
        places.map(|place| &self.choices[*place]).collect()
    }
}

/// Puts each choice into its group.
fn gather(choices: &mut [Choice<'_, '_>], kinds: &Kinds) -> Vec<BuildGroup> {
    let mut build_groups: Vec<BuildGroup> = Vec::new();
    let mut known = HashMap::new();
    for choice in choices {
        let build_group = BuildGroup::of(&choice.footprint, kinds);
        let packages = build_group.asks.iter().map(|ask| (ask.library, ask.package)).collect::<Vec<_>>();
        choice.build_group = *known.entry(packages).or_insert(build_groups.len());
        match build_groups.get_mut(choice.build_group) {
            Some(known) => known.take(&build_group),
            None => build_groups.push(build_group),
        }
    }
    build_groups
}

impl BuildGroup {
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

    /// Whether some builds of the group may go with the footprint. False is certain, true is not.
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
