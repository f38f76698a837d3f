//! The storage of the memo. It asks no question and decides nothing.

use std::cell::{Ref, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::kind::{Kind, Kinds, look_alone, look_together};
use crate::matrix::rows::{BuildRow, FrameworkFile, ReleaseRow};
use crate::version::{PythonVersion, VersionRequest};

/// The remembered results about the rows.
#[derive(Default)]
pub(in crate::resolve) struct Memo {
    pub(in crate::resolve) many: bool,
    /// The releases that match a request, by framework file, then by the text of the request.
    accepted: RefCell<HashMap<*const FrameworkFile, Accepted>>,
    images: RefCell<HashMap<String, Rc<[usize]>>>,
    alone: RefCell<Alike>,
    together: RefCell<Alike>,
    kinds: RefCell<Kinds>,
    fitting: RefCell<HashMap<DomainKey, Rc<[Spot]>>>,
    blame: RefCell<HashMap<usize, u64>>,
}

/// The number of times that a text was looked up, and the places of its releases.
type Accepted = HashMap<String, (usize, Option<Rc<[usize]>>)>;

/// The groups of builds that are alike, by row and by the fields that matter.
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
        let (number, new) = self.number_of(look());
        self.rows.insert(row, number);
        (number, new)
    }

    /// The number of the kind with these fields, and whether that kind is new.
    fn number_of(&mut self, look: Vec<u8>) -> (usize, bool) {
        let next = self.looks.len();
        let number = *self.looks.entry(look).or_insert(next);
        (number, number == next)
    }
}

/// The build without its wheels for these Pythons.
fn without(build: &BuildRow, refused: &[PythonVersion]) -> BuildRow {
    let mut rest = build.clone();
    for wheel in &mut rest.wheels {
        wheel.python.retain(|python| !refused.contains(python));
    }
    rest
}

impl Memo {
    /// A memo for more than one request.
    pub(in crate::resolve) fn for_many() -> Self {
        Self { many: true, ..Self::default() }
    }

    /// The places of the requested releases, oldest first. None for the first few calls: most questions need only the
    /// newest release.
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

    /// The places of the images of a distribution, found once by `find`.
    pub(in crate::resolve) fn images_of(&self, os: &str, find: impl FnOnce() -> Rc<[usize]>) -> Rc<[usize]> {
        self.images.borrow_mut().entry(os.to_owned()).or_insert_with(find).clone()
    }

    /// The number of the build's kind: builds of one kind have the same obstacle in every problem.
    pub(in crate::resolve) fn alone(&self, release: &ReleaseRow, build: &BuildRow) -> usize {
        self.alone.borrow_mut().number(build, || look_alone(release, build)).0
    }

    /// The build's kind and its number: builds of one kind go together with the same other builds. The Pythons in
    /// `refused` do not count.
    pub(in crate::resolve) fn kind(
        &self,
        release: &ReleaseRow,
        build: &BuildRow,
        refused: &[PythonVersion],
    ) -> (usize, Rc<Kind>) {
        if !refused.is_empty() {
            let rest = without(build, refused);
            let (number, new) = self.together.borrow_mut().number_of(look_together(release, &rest));
            return (number, self.numbered(number, new.then_some((release, &rest))));
        }
        let (number, new) = self.together.borrow_mut().number(build, || look_together(release, build));
        (number, self.numbered(number, new.then_some((release, build))))
    }

    /// The kind with this number, which a new build begins.
    fn numbered(&self, number: usize, new: Option<(&ReleaseRow, &BuildRow)>) -> Rc<Kind> {
        let mut kinds = self.kinds.borrow_mut();
        if let Some((release, build)) = new {
            kinds.add(release, build);
        }
        kinds.get(number)
    }

    /// The remembered builds that fit alone.
    pub(in crate::resolve) fn spots(&self, key: &DomainKey) -> Option<Rc<[Spot]>> {
        self.fitting.borrow().get(key).cloned()
    }

    /// Remembers the builds that fit alone.
    pub(in crate::resolve) fn keep_spots(&self, key: DomainKey, spots: Rc<[Spot]>) {
        self.fitting.borrow_mut().insert(key, spots);
    }

    /// The kinds of builds so far, with the numbers of Pythons and C libraries.
    pub(in crate::resolve) fn kinds(&self) -> Ref<'_, Kinds> {
        self.kinds.borrow()
    }

    /// The number of the intersection of two ranges; none if it is empty.
    pub(in crate::resolve) fn both(&self, a: usize, b: usize) -> Option<usize> {
        self.kinds.borrow_mut().ranges.both(a, b)
    }

    /// Counts a failed attempt at a framework.
    pub(in crate::resolve) fn blame(&self, framework: usize) {
        *self.blame.borrow_mut().entry(framework).or_default() += 1;
    }

    /// The number of failed attempts at a framework.
    pub(in crate::resolve) fn blame_of(&self, framework: usize) -> u64 {
        self.blame.borrow().get(&framework).copied().unwrap_or_default()
    }
}

/// The facts that decide which builds of a framework fit alone. A conflict asks hundreds of questions with some facts
/// left out, and the key of most frameworks stays the same.
#[derive(PartialEq, Eq, Hash)]
pub(in crate::resolve) struct DomainKey {
    pub(super) file: *const FrameworkFile,
    pub(super) releases: ReleasesKey,
    pub(super) variant: Option<String>,
    pub(super) gpu: bool,
    /// The facts on the axes, as text.
    pub(super) stated: Vec<Option<String>>,
    pub(super) buildable: bool,
}

/// The wanted releases of a framework.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum ReleasesKey {
    Any,
    /// The text of the request.
    Asked(String),
    /// The releases before this index.
    Before(usize),
    /// The releases from this index on.
    From(usize),
}

/// The position of a build in its framework's file: the index of the release, and the index of the build in it.
pub(in crate::resolve) type Spot = (usize, usize);
