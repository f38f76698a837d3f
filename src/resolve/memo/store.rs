//! The storage of the memo. It asks no question and decides nothing.

use std::cell::{Ref, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::kind::{Kind, Kinds, look_alone, look_together};
use crate::matrix::rows::{BuildRow, FrameworkFile};
use crate::version::VersionRequest;

/// What is remembered of the rows.
#[derive(Default)]
pub(in crate::resolve) struct Memo {
    pub(in crate::resolve) many: bool,
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
    pub(in crate::resolve) fn for_many() -> Self {
        Self { many: true, ..Self::default() }
    }

    /// The places of the releases asked for, oldest first. None the first few times: most questions are about the newest
    /// release alone, and end there.
    pub(in crate::resolve) fn accepted(&self, file: &FrameworkFile, asked: &VersionRequest) -> Option<Rc<[usize]>> {
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
    pub(in crate::resolve) fn images_of(&self, os: &str, find: impl FnOnce() -> Rc<[usize]>) -> Rc<[usize]> {
        self.images.borrow_mut().entry(os.to_owned()).or_insert_with(find).clone()
    }

    /// A number that builds share which have the same obstacle, whatever the problem.
    pub(in crate::resolve) fn alone(&self, build: &BuildRow) -> usize {
        self.alone.borrow_mut().number(build, || look_alone(build)).0
    }

    /// What decides whether the build goes together with others, and a number that builds share which are alike in that.
    pub(in crate::resolve) fn kind(&self, build: &BuildRow) -> (usize, Rc<Kind>) {
        let (number, new) = self.together.borrow_mut().number(build, || look_together(build));
        let mut kinds = self.kinds.borrow_mut();
        if new {
            kinds.add(build);
        }
        (number, kinds.get(number))
    }

    /// The builds that are known to fit by themselves.
    pub(in crate::resolve) fn spots(&self, key: &DomainKey) -> Option<Rc<[Spot]>> {
        self.fitting.borrow().get(key).cloned()
    }

    /// Remembers the builds that fit by themselves.
    pub(in crate::resolve) fn keep_spots(&self, key: DomainKey, spots: Rc<[Spot]>) {
        self.fitting.borrow_mut().insert(key, spots);
    }

    /// The kinds of builds seen so far, with the numbers that stand for Pythons and C libraries.
    pub(in crate::resolve) fn kinds(&self) -> Ref<'_, Kinds> {
        self.kinds.borrow()
    }

    /// The number of the range of versions that are in both; none where there is no such version.
    pub(in crate::resolve) fn both(&self, a: usize, b: usize) -> Option<usize> {
        self.kinds.borrow_mut().ranges.both(a, b)
    }

    /// Remembers that an attempt failed at a framework.
    pub(in crate::resolve) fn blame(&self, framework: usize) {
        *self.blame.borrow_mut().entry(framework).or_default() += 1;
    }

    /// How many attempts failed at a framework.
    pub(in crate::resolve) fn blame_of(&self, framework: usize) -> u64 {
        self.blame.borrow().get(&framework).copied().unwrap_or_default()
    }
}

/// All that decides which builds of a framework fit by themselves. A conflict is asked about with some facts left out, hundreds
/// of times, and most frameworks do not notice.
#[derive(PartialEq, Eq, Hash)]
pub(in crate::resolve) struct DomainKey {
    pub(super) file: *const FrameworkFile,
    pub(super) releases: (u8, usize, String),
    pub(super) variant: Option<String>,
    /// What is stated on the axes.
    pub(super) stated: Vec<Option<String>>,
    pub(super) buildable: bool,
}

/// Where a build stands in its framework's file: its release, and its place among the builds of that.
pub(in crate::resolve) type Spot = (usize, usize);
