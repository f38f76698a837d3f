//! What answering found out about the rows, kept for the next question: a conflict asks some hundred times, a laboratory
//! once for each machine. Nothing here decides anything; without it every answer is the same, only later, and a test holds
//! that. `rows` and `together` are the only way in.

mod answers;
mod completion;
mod domain;
mod footprint;
mod kind;
mod level;
mod looks;
mod ranges;

#[cfg(test)]
mod tests;

use std::cell::{Ref, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::candidate::Candidate;
use super::problem::{Problem, Wanted};
use super::search::Solution;
use crate::matrix::rows::{BuildRow, FrameworkFile};
use crate::version::VersionRequest;
pub use answers::Answers;
use domain::{Domain, DomainKey, Spot};
use kind::{Kind, Kinds};
pub(super) use looks::Looks;

/// What is remembered of the rows.
#[derive(Default)]
pub(super) struct Memo {
    many: bool,
    /// By file, then by the text that asked.
    accepted: RefCell<HashMap<*const FrameworkFile, Accepted>>,
    images: RefCell<HashMap<String, Rc<[usize]>>>,
    alone: RefCell<Alike>,
    together: RefCell<Alike>,
    kinds: RefCell<Kinds>,
    fitting: RefCell<HashMap<DomainKey, Rc<[Spot]>>>,
    blame: RefCell<HashMap<usize, u64>>,
}

/// How often a text asked for releases, and where they are.
type Accepted = HashMap<String, (usize, Option<Rc<[usize]>>)>;

/// Which builds are alike: by row, and by all that matters of a row.
#[derive(Default)]
struct Alike {
    rows: HashMap<*const BuildRow, usize>,
    looks: HashMap<Vec<u8>, usize>,
}

impl Alike {
    /// The number of the row's kind, and whether that kind is new.
    fn number(&mut self, row: &BuildRow, look: impl FnOnce() -> Vec<u8>) -> (usize, bool) {
        if let Some(number) = self.rows.get(&std::ptr::from_ref(row)) {
            return (*number, false);
        }
        let next = self.looks.len();
        let number = *self.looks.entry(look()).or_insert(next);
        self.rows.insert(row, number);
        (number, number == next)
    }
}

impl Memo {
    /// For more than one request.
    pub(super) fn for_many() -> Self {
        Self { many: true, ..Self::default() }
    }

    /// The places of the releases asked for, oldest first. None the first few times: most questions are about the newest
    /// release alone, and end there.
    pub(super) fn accepted(&self, file: &FrameworkFile, asked: &VersionRequest) -> Option<Rc<[usize]>> {
        const FEW: usize = 3;
        let mut accepted = self.accepted.borrow_mut();
        let texts = accepted.entry(file).or_default();
        let Some((times, known)) = texts.get_mut(asked.text()) else {
            texts.insert(asked.text().to_owned(), (1, None));
            return None;
        };
        *times += 1;
        if *times <= FEW {
            return None;
        }
        let all = || {
            let rows = file.releases.iter().enumerate();
            rows.filter(|(_, row)| asked.accepts(&row.version)).map(|(place, _)| place).collect()
        };
        Some(known.get_or_insert_with(all).clone())
    }

    /// The places of the images of a distribution, which `find` finds.
    pub(super) fn images_of(&self, os: &str, find: impl FnOnce() -> Rc<[usize]>) -> Rc<[usize]> {
        self.images.borrow_mut().entry(os.to_owned()).or_insert_with(find).clone()
    }

    /// A number that builds share which have the same obstacle, whatever the problem.
    pub(super) fn alone(&self, candidate: &Candidate<'_>) -> usize {
        self.alone.borrow_mut().number(candidate.build, || candidate.look_alone()).0
    }

    /// What decides whether the build goes together with others, and a number that builds share which are alike in that.
    pub(super) fn kind(&self, candidate: &Candidate<'_>) -> (usize, Rc<Kind>) {
        let (number, new) = self.together.borrow_mut().number(candidate.build, || candidate.look_together());
        let mut kinds = self.kinds.borrow_mut();
        if new {
            kinds.add(candidate);
        }
        (number, kinds.get(number))
    }

    /// The builds that are known to fit by themselves.
    pub(super) fn spots(&self, key: &DomainKey) -> Option<Rc<[Spot]>> {
        self.fitting.borrow().get(key).cloned()
    }

    /// Remembers the builds that fit by themselves.
    pub(super) fn keep_spots(&self, key: DomainKey, spots: Rc<[Spot]>) {
        self.fitting.borrow_mut().insert(key, spots);
    }

    /// The kinds of builds seen so far, with the numbers that stand for Pythons and C libraries.
    pub(super) fn kinds(&self) -> Ref<'_, Kinds> {
        self.kinds.borrow()
    }

    /// The number of the range of versions that are in both; none where there is no such version.
    pub(super) fn both(&self, a: usize, b: usize) -> Option<usize> {
        self.kinds.borrow_mut().ranges.both(a, b)
    }

    /// Remembers that an attempt failed at a framework.
    pub(super) fn blame(&self, framework: usize) {
        *self.blame.borrow_mut().entry(framework).or_default() += 1;
    }

    /// How many attempts failed at a framework.
    pub(super) fn blame_of(&self, framework: usize) -> u64 {
        self.blame.borrow().get(&framework).copied().unwrap_or_default()
    }
}

/// What `problem` remembers.
fn memo_of<'a>(problem: &Problem<'a>) -> &'a Memo {
    problem.rows.memo().expect("what is remembered is asked only where there is a memory")
}

/// As [`together::best`](super::together::best).
pub(super) fn best<'a>(problem: &Problem<'a>, several: &[Wanted<'a>]) -> Option<Solution<'a>> {
    let domain = |wanted| Some(Domain::of(problem, wanted)).filter(|domain| !domain.groups.is_empty());
    let domains = several.iter().map(domain).collect::<Option<Vec<_>>>()?;
    completion::best(problem, &domains)
}

/// As [`together::company`](super::together::company).
pub(super) fn company<'a>(problem: &Problem<'a>, fitting: &[Vec<Candidate<'a>>]) -> Option<Vec<Candidate<'a>>> {
    let domains = domains(problem, fitting);
    completion::company(problem, &domains).map(|chosen| domain::candidates(&chosen))
}

/// As [`together::have_a_python`](super::together::have_a_python).
pub(super) fn have_a_python(problem: &Problem<'_>, fitting: &[Vec<Candidate<'_>>]) -> bool {
    completion::share_a_python(problem, &domains(problem, fitting))
}

fn domains<'a>(problem: &Problem<'a>, fitting: &[Vec<Candidate<'a>>]) -> Vec<Domain<'a>> {
    fitting.iter().map(|fitting| Domain::new(problem, fitting.iter().copied())).collect()
}
