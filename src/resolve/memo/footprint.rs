//! The footprint of builds: the Pythons, versions of shared packages and image CUDA that remain for later builds.
//!
//! Two choices with one footprint have the same completions, so the search examines only one of them.

use std::cell::Ref;
use std::rc::Rc;

use super::Memo;
use super::domain::Member;
use super::kind::{Kinds, SharedDemand, Wheel};
use crate::manifest::Toolkit;
use crate::matrix::rows::Libraries;
use crate::resolve::candidate::Candidate;
use crate::resolve::install_base;
use crate::resolve::lookup::{cuda_row, driver_floor};
use crate::resolve::problem::Problem;
use crate::resolve::rows::Rows;
use crate::version::{CudaVersion, CudnnVersion, DriverVersion, PythonVersion};

/// The versions that some builds leave to later builds, on one Python. Each Python has its own footprint. With a set of
/// Pythons in one footprint, choices with the same result would differ.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::resolve) struct Footprint {
    /// The number of the Python.
    pub(in crate::resolve) python: usize,
    /// The oldest C library on which all builds load, by its place among the distributions' C libraries.
    level: usize,
    /// The demands on shared packages, in the order of the libraries.
    pub(in crate::resolve) asks: Rc<[SharedDemand]>,
    system: Option<ImageNeeds>,
    main: Option<usize>,
}

impl Footprint {
    /// The footprint before any build: only the Python is fixed.
    pub(in crate::resolve) fn untouched(python: usize) -> Self {
        Self { python, level: 0, asks: Rc::new([]), system: None, main: None }
    }
}

/// The needs of the builds from the image, all by number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct ImageNeeds {
    newest: Option<usize>,
    /// The most precise CUDA among those that no later release can replace.
    exact: Option<usize>,
    cudnn: Option<usize>,
}

/// The build that decides the CUDA of the environment: its driver floor, its CUDA release, and that CUDA as written.
type Main<'a> = (Option<&'a DriverVersion>, Option<&'a CudaVersion>, &'a CudaVersion);

/// The part of a footprint that the search considers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::resolve) enum Aim {
    /// All builds have a place.
    Place,
    /// The builds share a Python and agree on packages.
    Combination,
    /// As `Combination`, but the last build needs only the common Python.
    Pythons,
}

/// Computes the footprints of one problem.
pub(in crate::resolve) struct Footprints<'p, 'a> {
    problem: &'p Problem<'a>,
    rows: &'a Rows<'a>,
    memo: &'a Memo,
    aim: Aim,
    pythons: Vec<PythonVersion>,
    /// The level of each C library by its number; none if no distribution has it.
    levels: Vec<Option<usize>>,
    cudas: Vec<&'a CudaVersion>,
    cudnns: Vec<&'a CudnnVersion>,
    mains: Vec<Main<'a>>,
}

impl<'p, 'a> Footprints<'p, 'a> {
    /// Prepares the footprints of builds with known kinds.
    pub(in crate::resolve) fn of(problem: &'p Problem<'a>, aim: Aim) -> Self {
        let memo = problem.rows.memory();
        let kinds = memo.kinds();
        let levels = install_base::glibc_levels(problem).filter(|_| aim == Aim::Place);
        let level = |glibc| match &levels {
            Some(levels) => Some(levels.partition_point(|level| *level < glibc)).filter(|level| *level < levels.len()),
            None => Some(0),
        };
        Self {
            problem,
            rows: problem.rows,
            memo,
            aim,
            pythons: kinds.pythons().to_vec(),
            levels: kinds.glibcs().iter().map(level).collect(),
            cudas: Vec::new(),
            cudnns: Vec::new(),
            mains: Vec::new(),
        }
    }

    /// The kinds that the numbers refer to.
    pub(in crate::resolve) fn kinds(&self) -> Ref<'a, Kinds> {
        self.memo.kinds()
    }

    /// The Pythons, in the order of their numbers.
    pub(in crate::resolve) fn pythons(&self) -> &[PythonVersion] {
        &self.pythons
    }

    /// The footprints of one build: one for each Python on which it installs.
    pub(in crate::resolve) fn take(&mut self, member: &Member<'a>) -> Vec<Footprint> {
        let (system, main) = match self.aim {
            Aim::Place => (self.system(&member.candidate), self.main(&member.candidate)),
            Aim::Combination | Aim::Pythons => (None, None),
        };
        let asked = |wheel: &&Wheel| self.problem.takes(&self.pythons[wheel.python]);
        let wheels = member.kind.wheels(self.problem.arch).iter().filter(asked);
        let footprint = |wheel: &Wheel| {
            let level = self.levels[wheel.glibc]?;
            let asks = member.kind.asks_on(wheel.python);
            Some(Footprint { python: wheel.python, level, asks, system, main })
        };
        wheels.filter_map(footprint).collect()
    }

    /// The footprint of both together, on their common Python; none if they do not go together.
    pub(in crate::resolve) fn both(&self, a: &Footprint, b: &Footprint) -> Option<Footprint> {
        self.rows.step();
        let system = match (a.system, b.system) {
            (Some(a), Some(b)) => Some(self.one_image(a, b)?),
            (a, b) => a.or(b),
        };
        let main = match (a.main, b.main) {
            (Some(a), Some(b)) => Some(self.main_of(a, b)),
            (a, b) => a.or(b),
        };
        let asks = match (&a.asks[..], &b.asks[..]) {
            ([], _) => b.asks.clone(),
            (_, []) => a.asks.clone(),
            (one, other) => self.all_asks(one, other)?.into(),
        };
        Some(Footprint { python: a.python, level: a.level.max(b.level), asks, system, main })
    }

    fn all_asks(&self, a: &[SharedDemand], b: &[SharedDemand]) -> Option<Vec<SharedDemand>> {
        let mut all = Vec::with_capacity(a.len().max(b.len()));
        let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
        loop {
            let ask = match (a.peek(), b.peek()) {
                (Some(one), Some(other)) if one.library == other.library => {
                    let (one, other) = (a.next()?, b.next()?);
                    let package = one.package.filter(|package| other.package == Some(*package))?;
                    let range = self.memo.both(one.range, other.range)?;
                    SharedDemand { library: one.library, package: Some(package), range }
                }
                (Some(one), Some(other)) if one.library > other.library => *b.next()?,
                (Some(_), _) => *a.next()?,
                (None, Some(_)) => *b.next()?,
                (None, None) => return Some(all),
            };
            all.push(ask);
        }
    }

    fn system(&mut self, candidate: &Candidate<'a>) -> Option<ImageNeeds> {
        if candidate.build.libraries != Libraries::System {
            return None;
        }
        let newest = candidate.build.cuda.as_ref().map(|cuda| written(&mut self.cudas, cuda, CudaVersion::parts));
        let cudnn = candidate.build.cudnn.as_ref().map(|cudnn| written(&mut self.cudnns, cudnn, CudnnVersion::parts));
        let exact = newest.filter(|cuda| !self.rows.keeps_library_names(self.cudas[*cuda], self.cudas[*cuda]));
        Some(ImageNeeds { newest, exact, cudnn })
    }

    /// The needs that one image must meet for both; none if no image can.
    fn one_image(&self, a: ImageNeeds, b: ImageNeeds) -> Option<ImageNeeds> {
        let newest = later(a.newest, b.newest, |a, b| self.cudas[a] > self.cudas[b]);
        let cudnn = later(a.cudnn, b.cudnn, |a, b| self.cudnns[a] > self.cudnns[b]);
        let exact = match (a.exact, b.exact) {
            (Some(a), Some(b)) if self.cudas[a].within(self.cudas[b]) => Some(a),
            (Some(a), Some(b)) if self.cudas[b].within(self.cudas[a]) => Some(b),
            (Some(_), Some(_)) => return None,
            (a, b) => a.or(b),
        };
        let one_cuda = a.newest.zip(b.newest).is_none_or(|(a, b)| self.cudas[a].major() == self.cudas[b].major());
        let one_cudnn = a.cudnn.zip(b.cudnn).is_none_or(|(a, b)| self.cudnns[a].major() == self.cudnns[b].major());
        let served = newest.zip(exact).is_none_or(|(newest, exact)| {
            let (newest, exact) = (self.cudas[newest], self.cudas[exact]);
            newest.within(exact) || exact.within(newest)
        });
        (one_cuda && one_cudnn && served).then_some(ImageNeeds { newest, exact, cudnn })
    }

    /// The number of the build's CUDA. It matters only if the manifest asks for a toolkit.
    fn main(&mut self, candidate: &Candidate<'a>) -> Option<usize> {
        let cuda = candidate.build.cuda.as_ref().filter(|_| self.problem.toolkit != Toolkit::None)?;
        let floor = driver_floor(self.rows, candidate.build);
        let release = cuda_row(self.rows, cuda).map(|row| &row.version);
        let same = |(a, b, c): &Main<'_>| (*a, *b) == (floor, release) && c.parts() == cuda.parts();
        Some(self.mains.iter().position(same).unwrap_or_else(|| {
            self.mains.push((floor, release, cuda));
            self.mains.len() - 1
        }))
    }

    /// The number with the higher driver floor; if both are equal, that of the first framework.
    fn main_of(&self, a: usize, b: usize) -> usize {
        let key = |number: usize| (self.mains[number].0, self.mains[number].1);
        if key(b) > key(a) { b } else { a }
    }
}

/// The greater number; if both are equal, the second.
fn later(a: Option<usize>, b: Option<usize>, exceeds: impl Fn(usize, usize) -> bool) -> Option<usize> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if exceeds(a, b) { a } else { b }),
        (a, b) => a.or(b),
    }
}

/// The number of a version by its text: `12` and `12.0` are equal, but serve different requests.
fn written<'a, V>(known: &mut Vec<&'a V>, version: &'a V, parts: fn(&V) -> &[u32]) -> usize {
    known.iter().position(|other| parts(other) == parts(version)).unwrap_or_else(|| {
        known.push(version);
        known.len() - 1
    })
}
