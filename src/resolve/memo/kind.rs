//! Groups builds that every other framework treats alike: the same Pythons, and the same ranges of shared packages.
//!
//! A group is read once, because a search compares it with many others.

use std::collections::HashMap;
use std::rc::Rc;

use super::ranges::Ranges;
use crate::manifest::Arch;
use crate::matrix::rows::{BuildRow, ReleaseRow};
use crate::resolve::demands::{are_known, demands, differ_by_python, requirements};
use crate::resolve::shared::{self, Range};
use crate::version::{CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion};

/// One kind of build.
pub(in crate::resolve) struct Kind {
    pythons: Vec<(Arch, Vec<Wheel>)>,
    /// The demands on shared packages by the number of the Python. Without a number: on every Python.
    asks: Vec<(Option<usize>, Rc<[SharedDemand]>)>,
}

/// A wheel for one Python.
#[derive(Clone, Copy)]
pub(in crate::resolve) struct Wheel {
    /// The number of the Python.
    pub(in crate::resolve) python: usize,
    /// The number of the oldest C library on which such a wheel loads.
    pub(in crate::resolve) glibc: usize,
}

/// The demand of a build on a shared package.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::resolve) struct SharedDemand {
    /// The number of the package name without its CUDA: `nvidia-cudnn` of `nvidia-cudnn-cu12`.
    pub(in crate::resolve) library: usize,
    /// The number of the package. None: the build needs two packages of one library, so no other build with either of
    /// them goes with it.
    pub(in crate::resolve) package: Option<usize>,
    /// The number of the range.
    pub(in crate::resolve) range: usize,
}

impl Kind {
    /// The demands on shared packages on a Python, one for each library, in the order of the libraries.
    pub(in crate::resolve) fn asks_on(&self, python: usize) -> Rc<[SharedDemand]> {
        let on_it = |(known, _): &&(Option<usize>, Rc<[SharedDemand]>)| known.is_none_or(|known| known == python);
        self.asks.iter().find(on_it).map_or_else(|| Rc::new([]) as Rc<[SharedDemand]>, |(_, asks)| asks.clone())
    }

    /// The wheels for `arch`, with the numbers of their Pythons.
    pub(in crate::resolve) fn wheels(&self, arch: Arch) -> &[Wheel] {
        self.pythons.iter().find(|(known, _)| *known == arch).map_or(&[], |(_, wheels)| wheels)
    }
}

/// All kinds so far.
#[derive(Default)]
pub(in crate::resolve) struct Kinds {
    all: Vec<Rc<Kind>>,
    names: HashMap<String, usize>,
    pythons: Vec<PythonVersion>,
    glibcs: Vec<GlibcVersion>,
    pub(in crate::resolve) ranges: Ranges,
}

impl Kinds {
    pub(in crate::resolve) fn add(&mut self, release: &ReleaseRow, build: &BuildRow) {
        let mut pythons: Vec<(Arch, Vec<Wheel>)> = Vec::new();
        for row in &build.wheels {
            let glibc = number(&mut self.glibcs, &row.glibc);
            let numbers = row.python.iter().map(|python| Wheel { python: number(&mut self.pythons, python), glibc });
            match pythons.iter_mut().find(|(arch, _)| *arch == row.arch) {
                Some((_, known)) => known.extend(numbers),
                None => pythons.push((row.arch, numbers.collect())),
            }
        }
        for (_, wheels) in &mut pythons {
            wheels.sort_by(|a, b| (a.python, &self.glibcs[a.glibc]).cmp(&(b.python, &self.glibcs[b.glibc])));
            wheels.dedup_by_key(|wheel| wheel.python);
        }
        let asks = self.all_asks(release, build, &pythons);
        self.all.push(Rc::new(Kind { pythons, asks }));
    }

    fn all_asks(
        &mut self,
        release: &ReleaseRow,
        build: &BuildRow,
        wheels: &[(Arch, Vec<Wheel>)],
    ) -> Vec<(Option<usize>, Rc<[SharedDemand]>)> {
        let mut pythons = wheels.iter().flat_map(|(_, wheels)| wheels).map(|wheel| wheel.python).collect::<Vec<_>>();
        pythons.sort_unstable();
        pythons.dedup();
        if differ_by_python(release, build) {
            return pythons.into_iter().map(|python| (Some(python), self.asks(release, build, python))).collect();
        }
        pythons.first().map(|python| (None, self.asks(release, build, *python))).into_iter().collect()
    }

    fn asks(&mut self, release: &ReleaseRow, build: &BuildRow, python: usize) -> Rc<[SharedDemand]> {
        let demands = demands(release, build, &self.pythons[python]);
        let mut asks = demands.iter().map(|(name, range)| self.ask(name, range)).collect::<Vec<_>>();
        asks.sort_by_key(|ask| ask.library);
        asks.dedup_by(|next, kept| {
            let same = next.library == kept.library;
            kept.package = kept.package.filter(|_| !same);
            same
        });
        asks.into()
    }

    pub(in crate::resolve) fn get(&self, number: usize) -> Rc<Kind> {
        self.all[number].clone()
    }

    pub(in crate::resolve) fn pythons(&self) -> &[PythonVersion] {
        &self.pythons
    }

    pub(in crate::resolve) fn glibcs(&self) -> &[GlibcVersion] {
        &self.glibcs
    }

    /// The count of numbered libraries and packages.
    pub(in crate::resolve) fn names(&self) -> usize {
        self.names.len()
    }

    fn ask(&mut self, package: &str, range: &str) -> SharedDemand {
        let library = self.name(shared::stem(package));
        SharedDemand { library, package: Some(self.name(package)), range: self.ranges.read(range) }
    }

    fn name(&mut self, name: &str) -> usize {
        let next = self.names.len();
        *self.names.entry(name.to_owned()).or_insert(next)
    }
}

/// The index of `version` in `known`. A new version is added.
fn number<V: Clone + PartialEq>(known: &mut Vec<V>, version: &V) -> usize {
    known.iter().position(|other| other == version).unwrap_or_else(|| {
        known.push(version.clone());
        known.len() - 1
    })
}

/// The bytes of a row. Two rows with a difference have different bytes.
#[derive(Default)]
struct RowBytes(Vec<u8>);

impl RowBytes {
    fn numbers(&mut self, numbers: Option<&[u32]>) {
        self.0.push(numbers.map_or(u8::MAX, |numbers| u8::try_from(numbers.len()).expect("a version has few numbers")));
        self.0.extend(numbers.into_iter().flatten().flat_map(|number| number.to_le_bytes()));
    }

    fn text(&mut self, text: &str) {
        self.0.extend(text.as_bytes());
        self.0.push(0);
    }

    fn row(build: &BuildRow) -> Self {
        let mut look = Self::default();
        look.numbers(build.cuda.as_ref().map(CudaVersion::parts));
        look.numbers(build.cudnn.as_ref().map(CudnnVersion::parts));
        look.numbers(build.driver_minimum.as_ref().map(DriverVersion::parts));
        for wheel in &build.wheels {
            look.0.extend([1, wheel.arch as u8]);
            look.numbers(Some(wheel.glibc.parts()));
            wheel.python.iter().for_each(|python| look.numbers(Some(python.parts())));
        }
        look.0.push(0);
        look
    }
}

/// The fields of a build that `obstacle` reads, as bytes.
pub(in crate::resolve) fn look_alone(release: &ReleaseRow, build: &BuildRow) -> Vec<u8> {
    let mut look = RowBytes::row(build);
    for capability in &build.capabilities {
        look.numbers(Some(&[capability.major, capability.minor]));
    }
    let open = |text: &str| Range::parse(text).is_some_and(|range| !range.is_exact());
    if let Some((_, range)) = shared::cudnn_range(build).filter(|(_, text)| open(text)) {
        look.text(range);
    }
    look.text(build.uploaded.as_deref().or(release.released.as_deref()).unwrap_or_default());
    look.0.push(u8::from(are_known(release, build)));
    look.0
}

/// The fields of a build that another framework or the base depends on, as bytes.
pub(in crate::resolve) fn look_together(release: &ReleaseRow, build: &BuildRow) -> Vec<u8> {
    let mut look = RowBytes::row(build);
    look.0.push(build.libraries as u8);
    for (name, range) in build.pins().into_iter().flatten() {
        look.text(name);
        look.text(range);
    }
    for row in requirements(release, build).into_iter().flatten() {
        look.0.push(2);
        row.python.iter().for_each(|python| look.numbers(Some(python.parts())));
        for (name, range) in &row.packages {
            look.text(name);
            look.text(range);
        }
    }
    look.0
}
