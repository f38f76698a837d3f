//! What builds leave to those that come after them: Pythons, versions of shared packages, the CUDA of the image. Two choices
//! with one footprint can be completed in the same ways, so the search looks at one of them.

use std::cell::Ref;

use super::base;
use super::candidate::{Candidate, cuda_row, driver_floor};
use super::joint::Member;
use super::kind::{Ask, Kinds};
use super::known::Known;
use super::problem::Problem;
use crate::manifest::Toolkit;
use crate::matrix::rows::Libraries;
use crate::version::{CudaVersion, CudnnVersion, DriverVersion};

/// What some builds leave to others.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Footprint {
    /// By the number of the Python: none of it, or the least level of the C library that it takes, counted from one.
    pub(super) pythons: Vec<u8>,
    /// In the order of the libraries.
    pub(super) asks: Vec<Ask>,
    system: Option<System>,
    main: Option<usize>,
}

/// What they expect of the image. All by number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct System {
    newest: Option<usize>,
    /// The most precise of those that no later release serves.
    exact: Option<usize>,
    cudnn: Option<usize>,
}

/// The build by which the environment's CUDA is told.
type Main<'a> = (Option<&'a DriverVersion>, Option<&'a CudaVersion>, &'a CudaVersion);

/// What counts of a footprint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// That there is a place for all.
    Place,
    /// That builds share a Python and agree on packages.
    Company,
    /// Likewise, save for the last, which is to share a Python.
    Pythons,
}

/// Takes the footprints of one problem.
pub(super) struct Footprints<'p, 'a> {
    problem: &'p Problem<'a>,
    known: &'a Known<'a>,
    aim: Aim,
    pythons: usize,
    asked: Option<Option<usize>>,
    /// By the number of the C library.
    levels: Vec<Option<u8>>,
    cudas: Vec<&'a CudaVersion>,
    cudnns: Vec<&'a CudnnVersion>,
    mains: Vec<Main<'a>>,
}

impl<'p, 'a> Footprints<'p, 'a> {
    /// Of builds whose kinds are known already.
    pub(super) fn of(problem: &'p Problem<'a>, aim: Aim) -> Self {
        let known = problem.matrix;
        let kinds = known.kinds();
        let number = |python| kinds.pythons().iter().position(|known| known == python);
        let levels = base::glibc_levels(problem).filter(|_| aim == Aim::Place);
        let level = |glibc| match &levels {
            Some(levels) => {
                let level = levels.partition_point(|level| *level < glibc);
                u8::try_from(level + 1).ok().filter(|_| level < levels.len())
            }
            None => Some(1),
        };
        Self {
            problem,
            known,
            aim,
            pythons: kinds.pythons().len(),
            asked: problem.python.map(number),
            levels: kinds.glibcs().iter().map(level).collect(),
            cudas: Vec::new(),
            cudnns: Vec::new(),
            mains: Vec::new(),
        }
    }

    /// What the numbers stand for.
    pub(super) fn kinds(&self) -> Ref<'a, Kinds> {
        self.known.kinds()
    }

    /// Before any build: everything is left.
    pub(super) fn untouched(&self) -> Footprint {
        Footprint { pythons: vec![1; self.pythons], ..Footprint::default() }
    }

    /// The footprint of one build. None where it installs nowhere.
    pub(super) fn take(&mut self, member: &Member<'a>) -> Option<Footprint> {
        let mut pythons = vec![0; self.pythons];
        for wheel in member.kind.wheels(self.problem.arch) {
            if self.asked.is_none_or(|asked| asked == Some(wheel.python)) {
                pythons[wheel.python] = self.levels[wheel.glibc].unwrap_or(0);
            }
        }
        if pythons.iter().all(|level| *level == 0) {
            return None;
        }
        let (system, main) = match self.aim {
            Aim::Place => (self.system(&member.candidate), self.main(&member.candidate)),
            Aim::Company | Aim::Pythons => (None, None),
        };
        Some(Footprint { pythons, asks: member.kind.asks.clone(), system, main })
    }

    /// What both together leave; none where they do not go together.
    pub(super) fn both(&self, a: &Footprint, b: &Footprint) -> Option<Footprint> {
        self.known.step();
        let level = |(a, b): (&u8, &u8)| if *a == 0 || *b == 0 { 0 } else { *a.max(b) };
        let pythons = a.pythons.iter().zip(&b.pythons).map(level).collect::<Vec<_>>();
        if pythons.iter().all(|level| *level == 0) {
            return None;
        }
        let system = match (a.system, b.system) {
            (Some(a), Some(b)) => Some(self.one_image(a, b)?),
            (a, b) => a.or(b),
        };
        let main = match (a.main, b.main) {
            (Some(a), Some(b)) => Some(self.main_of(a, b)),
            (a, b) => a.or(b),
        };
        Some(Footprint { pythons, asks: self.all_asks(&a.asks, &b.asks)?, system, main })
    }

    fn all_asks(&self, a: &[Ask], b: &[Ask]) -> Option<Vec<Ask>> {
        let mut all = Vec::with_capacity(a.len().max(b.len()));
        let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
        loop {
            let ask = match (a.peek(), b.peek()) {
                (Some(one), Some(other)) if one.library == other.library => {
                    let (one, other) = (a.next()?, b.next()?);
                    let package = one.package.filter(|package| other.package == Some(*package))?;
                    let range = self.known.both(one.range, other.range)?;
                    Ask { library: one.library, package: Some(package), range }
                }
                (Some(one), Some(other)) if one.library > other.library => *b.next()?,
                (Some(_), _) => *a.next()?,
                (None, Some(_)) => *b.next()?,
                (None, None) => return Some(all),
            };
            all.push(ask);
        }
    }

    fn system(&mut self, candidate: &Candidate<'a>) -> Option<System> {
        if candidate.build.libraries != Libraries::System {
            return None;
        }
        let newest = candidate.build.cuda.as_ref().map(|cuda| written(&mut self.cudas, cuda, CudaVersion::parts));
        let cudnn = candidate.build.cudnn.as_ref().map(|cudnn| written(&mut self.cudnns, cudnn, CudnnVersion::parts));
        let exact = newest.filter(|cuda| !base::keeps_names(self.cudas[*cuda], self.cudas[*cuda]));
        Some(System { newest, exact, cudnn })
    }

    /// What one image would have to bring; none where none could serve both.
    fn one_image(&self, a: System, b: System) -> Option<System> {
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
        (one_cuda && one_cudnn && served).then_some(System { newest, exact, cudnn })
    }

    /// Counts only where the manifest asks for a toolkit.
    fn main(&mut self, candidate: &Candidate<'a>) -> Option<usize> {
        let cuda = candidate.build.cuda.as_ref().filter(|_| self.problem.toolkit != Toolkit::None)?;
        let floor = driver_floor(self.known, candidate.build);
        let release = cuda_row(self.known, cuda).map(|row| &row.version);
        let same = |(a, b, c): &Main<'_>| (*a, *b) == (floor, release) && c.parts() == cuda.parts();
        Some(self.mains.iter().position(same).unwrap_or_else(|| {
            self.mains.push((floor, release, cuda));
            self.mains.len() - 1
        }))
    }

    /// The one that asks more of the driver; of equals, the first framework's.
    fn main_of(&self, a: usize, b: usize) -> usize {
        let key = |number: usize| (self.mains[number].0, self.mains[number].1);
        if key(b) > key(a) { b } else { a }
    }
}

/// The greater one; of equals, the second.
fn later(a: Option<usize>, b: Option<usize>, exceeds: impl Fn(usize, usize) -> bool) -> Option<usize> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if exceeds(a, b) { a } else { b }),
        (a, b) => a.or(b),
    }
}

/// The number of a version as it is written: `12` and `12.0` are equal and serve differently.
fn written<'a, V>(known: &mut Vec<&'a V>, version: &'a V, parts: fn(&V) -> &[u32]) -> usize {
    known.iter().position(|other| parts(other) == parts(version)).unwrap_or_else(|| {
        known.push(version);
        known.len() - 1
    })
}
