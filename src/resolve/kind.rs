//! Builds by what other builds notice of them: Pythons, and ranges of shared packages. Read once for each kind of build,
//! as a search compares each with many others.

use std::collections::HashMap;
use std::rc::Rc;

use super::candidate::Candidate;
use super::shared::{self, Range, Reach};
use crate::manifest::Arch;
use crate::matrix::rows::BuildRow;
use crate::version::{CudaVersion, CudnnVersion, DriverVersion, PythonVersion};

/// One kind of build.
pub(super) struct Kind {
    pythons: Vec<(Arch, Vec<usize>)>,
    pub(super) pins: Vec<Pin>,
}

/// A range of a shared package.
pub(super) struct Pin {
    /// The package without its CUDA: `nvidia-cudnn` of `nvidia-cudnn-cu12`.
    pub(super) library: usize,
    pub(super) package: usize,
    /// None: no PEP 440, and so left out of account.
    range: Option<Range>,
    /// Where its versions lie.
    pub(super) reach: Reach,
}

impl Kind {
    /// The numbers of the Pythons it has wheels for, in order.
    pub(super) fn pythons(&self, arch: Arch) -> &[usize] {
        self.pythons.iter().find(|(known, _)| *known == arch).map_or(&[], |(_, pythons)| pythons)
    }

    /// What it asks of a library. Where it asks for two packages of one library, the first stands for it.
    fn pin(&self, library: usize) -> Option<&Pin> {
        self.pins.iter().find(|pin| pin.library == library)
    }
}

/// Whether all of them agree on each package: `shared::disagreement` without the words.
pub(super) fn all_agree(kinds: &[&Kind]) -> bool {
    kinds.iter().flat_map(|kind| &kind.pins).all(|pin| {
        let asked = || kinds.iter().filter_map(|kind| kind.pin(pin.library));
        asked().count() < 2
            || (asked().all(|other| other.package == pin.package)
                && shared::meet(asked().filter_map(|other| other.range.as_ref())))
    })
}

/// Every kind seen so far.
#[derive(Default)]
pub(super) struct Kinds {
    all: Vec<Rc<Kind>>,
    names: HashMap<String, usize>,
    pythons: Vec<PythonVersion>,
    agree: HashMap<(usize, usize), bool>,
}

impl Kinds {
    pub(super) fn add(&mut self, candidate: &Candidate<'_>) {
        let mut pythons: Vec<(Arch, Vec<usize>)> = Vec::new();
        for wheel in &candidate.build.wheels {
            let mut numbers = wheel.python.iter().map(|python| self.python(python)).collect::<Vec<_>>();
            match pythons.iter_mut().find(|(arch, _)| *arch == wheel.arch) {
                Some((_, known)) => known.append(&mut numbers),
                None => pythons.push((wheel.arch, numbers)),
            }
        }
        for (_, numbers) in &mut pythons {
            numbers.sort_unstable();
            numbers.dedup();
        }
        let pins = candidate.shared().into_iter().map(|(name, range)| self.pin(&name, &range)).collect();
        self.all.push(Rc::new(Kind { pythons, pins }));
    }

    pub(super) fn get(&self, number: usize) -> Rc<Kind> {
        self.all[number].clone()
    }

    pub(super) fn agree(&mut self, a: usize, b: usize) -> bool {
        let Self { all, agree, .. } = self;
        *agree.entry((a, b)).or_insert_with(|| all_agree(&[&all[a], &all[b]]))
    }

    pub(super) fn python_number(&self, python: &PythonVersion) -> Option<usize> {
        self.pythons.iter().position(|known| known == python)
    }

    fn python(&mut self, python: &PythonVersion) -> usize {
        self.python_number(python).unwrap_or_else(|| {
            self.pythons.push(python.clone());
            self.pythons.len() - 1
        })
    }

    fn pin(&mut self, package: &str, range: &str) -> Pin {
        let range = Range::parse(range);
        let reach = range.as_ref().map(Range::reach).unwrap_or_default();
        let library = self.name(shared::stem(package));
        Pin { library, package: self.name(package), range, reach }
    }

    fn name(&mut self, name: &str) -> usize {
        let next = self.names.len();
        *self.names.entry(name.to_owned()).or_insert(next)
    }
}

/// Bytes that differ where two rows differ.
#[derive(Default)]
struct Look(Vec<u8>);

impl Look {
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

impl Candidate<'_> {
    /// All that `obstacle` asks of a build.
    pub(super) fn look_alone(&self) -> Vec<u8> {
        let mut look = Look::row(self.build);
        for capability in &self.build.capabilities {
            look.numbers(Some(&[capability.major, capability.minor]));
        }
        let open = |text: &str| Range::parse(text).is_some_and(|range| !range.is_exact());
        if let Some((_, range)) = self.cudnn_range().filter(|(_, text)| open(text)) {
            look.text(range);
        }
        look.0
    }

    /// All that another framework or the base could notice of a build.
    pub(super) fn look_together(&self) -> Vec<u8> {
        let mut look = Look::row(self.build);
        look.0.push(self.build.libraries as u8);
        for (name, range) in &self.build.shared {
            look.text(name);
            look.text(range);
        }
        look.0
    }
}
