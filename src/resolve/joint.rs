//! Several frameworks at once: which of their builds can stand beside each other.
//!
//! Builds that no other framework could tell apart are one, and a build that agrees with no kind of builds of another
//! framework is passed over, so the search is bounded by kinds of builds that could do rather than by pairs of releases.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::candidate::Candidate;
use super::kind::{Kind, all_agree};
use super::problem::Problem;
use super::shared::Reach;

/// A build that fits by itself.
pub(super) struct Member<'a> {
    pub(super) candidate: Candidate<'a>,
    number: usize,
    kind: Rc<Kind>,
    /// Those of the problem's architecture, and only the one asked for.
    pythons: Vec<usize>,
}

/// The builds of one release that fit by themselves, in order of preference.
pub(super) type Group<'a> = Vec<Member<'a>>;

/// What of one framework fits by itself.
pub(super) struct Domain<'a> {
    /// By release, the preferred one first.
    pub(super) groups: Vec<Group<'a>>,
    crowds: Vec<Crowd>,
}

/// Builds with the same Pythons that name the same packages: all that is common to them.
struct Crowd {
    pythons: Vec<usize>,
    pins: Vec<(usize, usize, Reach)>,
}

impl<'a> Domain<'a> {
    /// `fitting`, without those that differ from a preferred one in nothing that another framework or the base could notice.
    pub(super) fn new(problem: &Problem<'a>, fitting: impl IntoIterator<Item = Candidate<'a>>) -> Self {
        let mut seen = HashSet::new();
        let mut groups: Vec<Group<'a>> = Vec::new();
        let mut crowds: HashMap<(Vec<usize>, Vec<usize>), Crowd> = HashMap::new();
        let mut last = None;
        for candidate in fitting {
            let (number, kind) = problem.matrix.kind(&candidate);
            if !seen.insert(number) {
                continue;
            }
            let member = Member::new(problem, candidate, number, kind);
            let packages = member.kind.pins.iter().map(|pin| pin.package).collect::<Vec<_>>();
            let crowd = crowds.entry((member.pythons.clone(), packages));
            crowd.and_modify(|crowd| crowd.take(&member)).or_insert_with(|| Crowd::of(&member));
            if last != Some(candidate.place) {
                groups.push(Vec::new());
            }
            last = Some(candidate.place);
            groups.last_mut().expect("one was pushed").push(member);
        }
        Self { groups, crowds: crowds.into_values().collect() }
    }

    /// Whether a build could go together with any of these.
    pub(super) fn admits(&self, member: &Member<'_>) -> bool {
        self.crowds.iter().any(|crowd| meet(&crowd.pythons, &member.pythons) && crowd.agrees(member))
    }

    /// Whether a build has a Python in common with any of these.
    pub(super) fn shares_a_python(&self, member: &Member<'_>) -> bool {
        self.crowds.iter().any(|crowd| meet(&crowd.pythons, &member.pythons))
    }
}

impl Crowd {
    fn of(member: &Member<'_>) -> Self {
        let pins = member.kind.pins.iter().map(|pin| (pin.library, pin.package, pin.reach.clone()));
        Self { pythons: member.pythons.clone(), pins: pins.collect() }
    }

    fn take(&mut self, member: &Member<'_>) {
        for ((_, _, reach), pin) in self.pins.iter_mut().zip(&member.kind.pins) {
            reach.extend(&pin.reach);
        }
    }

    /// False only where none of the crowd agrees with the build.
    fn agrees(&self, member: &Member<'_>) -> bool {
        member.kind.pins.iter().all(|pin| {
            let same = self.pins.iter().find(|(library, ..)| *library == pin.library);
            same.is_none_or(|(_, package, reach)| *package == pin.package && reach.meets(&pin.reach))
        })
    }
}

impl<'a> Member<'a> {
    fn new(problem: &Problem<'a>, candidate: Candidate<'a>, number: usize, kind: Rc<Kind>) -> Self {
        let asked = problem.python.map(|python| problem.matrix.python_number(python));
        let wanted = |python: &usize| asked.is_none_or(|asked| asked == Some(*python));
        let pythons = kind.pythons(problem.arch).iter().copied().filter(wanted).collect();
        Self { candidate, number, kind, pythons }
    }
}

/// Whether builds share a Python and agree on the packages they share. All but the last are known to.
pub(super) fn go_together(problem: &Problem<'_>, chosen: &[&Member<'_>]) -> bool {
    let [others @ .., last] = chosen else { return true };
    if others.is_empty() {
        return true;
    }
    let agrees = |other: &&Member<'_>| problem.matrix.agree(other.number, last.number);
    // What three ask of one package can be possible for any two of them and not for all.
    let all = || others.len() == 1 || all_agree(&chosen.iter().map(|member| &*member.kind).collect::<Vec<_>>());
    share_a_python(chosen) && others.iter().all(agrees) && all()
}

/// Whether there is a Python that all have wheels for.
pub(super) fn share_a_python(chosen: &[&Member<'_>]) -> bool {
    let Some((first, others)) = chosen.split_first() else { return true };
    first.pythons.iter().any(|python| others.iter().all(|other| other.pythons.binary_search(python).is_ok()))
}

/// Whether two ordered lists have anything in common.
fn meet(a: &[usize], b: &[usize]) -> bool {
    a.iter().any(|one| b.binary_search(one).is_ok())
}

/// The candidates chosen.
pub(super) fn candidates<'a>(chosen: &[&Member<'a>]) -> Vec<Candidate<'a>> {
    chosen.iter().map(|member| member.candidate).collect()
}
