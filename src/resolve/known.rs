//! What answering found out about the rows, kept for the next question: a conflict asks some hundred times, a laboratory
//! once for each machine. Nothing here decides anything; without it every answer is the same, only later.

use std::cell::{Cell, Ref, RefCell};
use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;

use super::candidate::Candidate;
use super::joint::{DomainKey, Spot};
use super::kind::{Kind, Kinds};
use crate::matrix::Matrix;
use crate::matrix::rows::{BuildRow, FrameworkFile};
use crate::version::VersionRequest;

/// After so many steps a search is given up, which is after a second or two. Eight open frameworks take a thirtieth of it.
pub(super) const STEPS: u64 = 2_000_000;

/// A matrix with what is known of it. It stands for the matrix wherever one is asked for.
pub(super) struct Known<'m> {
    matrix: &'m Matrix,
    many: bool,
    /// By file, then by the text that asked.
    accepted: RefCell<HashMap<*const FrameworkFile, Accepted>>,
    images: RefCell<HashMap<String, Rc<[usize]>>>,
    alone: RefCell<Alike>,
    together: RefCell<Alike>,
    kinds: RefCell<Kinds>,
    fitting: RefCell<HashMap<DomainKey, Rc<[Spot]>>>,
    blame: RefCell<HashMap<usize, u64>>,
    steps: Cell<u64>,
    /// At which the search gives up.
    end: Cell<u64>,
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

impl<'m> Known<'m> {
    pub(super) fn of(matrix: &'m Matrix) -> Self {
        Self {
            matrix,
            many: false,
            accepted: RefCell::default(),
            images: RefCell::default(),
            alone: RefCell::default(),
            together: RefCell::default(),
            kinds: RefCell::default(),
            fitting: RefCell::default(),
            blame: RefCell::default(),
            steps: Cell::default(),
            end: Cell::new(u64::MAX),
        }
    }

    /// For more than one request.
    pub(super) fn for_many(matrix: &'m Matrix) -> Self {
        Self { many: true, ..Self::of(matrix) }
    }

    pub(super) fn serves_many(&self) -> bool {
        self.many
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

    /// The places of the images of a distribution.
    pub(super) fn images_of(&self, os: &str) -> Rc<[usize]> {
        if let Some(places) = self.images.borrow().get(os) {
            return places.clone();
        }
        let rows = self.matrix.images().iter().enumerate();
        let places: Rc<[usize]> = rows.filter(|(_, row)| row.os == os).map(|(place, _)| place).collect();
        self.images.borrow_mut().insert(os.to_owned(), places.clone());
        places
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

    /// Counts a step of the search.
    pub(super) fn step(&self) {
        self.steps.set(self.steps.get() + 1);
    }

    /// How many steps the search took so far.
    pub(super) fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// Allows [`STEPS`] from now on.
    pub(super) fn allow_more(&self) {
        self.end.set(self.steps.get() + STEPS);
    }

    /// Whether the steps allowed are used up: that nothing was found since means nothing.
    pub(super) fn is_spent(&self) -> bool {
        self.steps.get() >= self.end.get()
    }
}

impl Deref for Known<'_> {
    type Target = Matrix;

    fn deref(&self) -> &Matrix {
        self.matrix
    }
}
