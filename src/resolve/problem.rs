//! A request as plain references, the form on which the search works.
//!
//! Minimal conflicts and suggestions ask the same question with fewer facts. So leaving out a fact must be cheap and
//! must change nothing else: each axis defines how its fact is left out.

use super::framework_line::FrameworkLine;
use super::origin::Asked;
use super::request::{Base, FrameworkWish, GpuWish, Request};
use super::rows::Rows;
use super::target::{TargetDriver, TargetGpu};
use crate::manifest::{Arch, Date, FrameworkId, PythonRequest, Toolkit};
use crate::matrix::rows::{CapabilityRow, FrameworkFile, ReleaseRow};
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, PythonVersion, ReleaseVersion};

/// A request in the form of the search.
#[derive(Clone)]
pub(super) struct Problem<'a> {
    pub(super) rows: &'a Rows<'a>,
    /// The frameworks, in the order of their IDs.
    pub(super) frameworks: Vec<Wanted<'a>>,
    /// The last day of publication.
    pub(super) published: Option<&'a Date>,
    pub(super) python: Option<&'a PythonRequest>,
    /// The Pythons that the project's own `pyproject.toml` accepts.
    pub(super) requires_python: Option<&'a PythonRequest>,
    pub(super) cuda: Option<&'a CudaVersion>,
    pub(super) cudnn: Option<&'a CudnnVersion>,
    pub(super) toolkit: Toolkit,
    pub(super) base: &'a Base,
    /// Whether GPU builds are wanted.
    pub(super) gpu: bool,
    pub(super) driver: Option<&'a DriverVersion>,
    pub(super) gpus: Vec<Card<'a>>,
    pub(super) arch: Arch,
    /// Whether only answers count that current sources can build.
    pub(super) buildable: bool,
    /// Whether the user allows unknown values.
    pub(super) allow_unknown: bool,
}

/// A requested framework.
#[derive(Clone)]
pub(super) struct Wanted<'a> {
    /// The place among the request's frameworks.
    pub(super) index: usize,
    pub(super) id: &'a FrameworkId,
    pub(super) wish: &'a FrameworkWish,
    pub(super) file: &'a FrameworkFile,
    pub(super) releases: Releases<'a>,
    /// The lines about the framework, each with its place among the request's lines.
    pub(super) lines: Vec<(usize, &'a FrameworkLine)>,
    rows: &'a Rows<'a>,
}

/// The releases that the search may use, and the order in which it tries them.
#[derive(Clone, Copy)]
pub(super) enum Releases<'a> {
    /// Every release, the newest first.
    Any,
    /// The requested releases, the newest first.
    Asked(&'a crate::version::VersionRequest),
    /// The releases before this place, the newest first.
    Before(usize),
    /// The releases from this place on, the oldest first.
    From(usize),
}

/// A GPU with the matrix's facts about its generation.
#[derive(Clone, Copy)]
pub(super) struct Card<'a> {
    /// The place among the request's GPUs.
    pub(super) index: usize,
    pub(super) capability: ComputeCapability,
    pub(super) row: Option<&'a CapabilityRow>,
    /// The first driver that runs the product, or its generation.
    pub(super) first_driver: Option<&'a DriverVersion>,
}

impl Card<'_> {
    /// Whether no machine of this architecture has the GPU: the processor of a Tegra is an `aarch64`.
    pub(super) fn is_elsewhere(&self, arch: Arch) -> bool {
        arch != Arch::Aarch64 && self.row.is_some_and(|row| row.tegra)
    }
}

impl<'a> Problem<'a> {
    /// The problem of `request` with all its facts.
    pub(super) fn of(request: &'a Request, rows: &'a Rows<'a>) -> Self {
        let gpu = request.gpu != GpuWish::None;
        let driver = match &request.target.driver {
            TargetDriver::Version(driver) if gpu => Some(&driver.value),
            _ => None,
        };
        Self {
            rows,
            frameworks: wanted(request, rows),
            published: request.published.as_ref().map(|asked| &asked.value),
            python: request.python.as_ref().map(|asked| &asked.value),
            requires_python: request.requires_python.as_ref().map(|asked| &asked.value),
            cuda: request.cuda.as_ref().map(|asked| &asked.value),
            cudnn: request.cudnn.as_ref().map(|asked| &asked.value),
            toolkit: request.toolkit.as_ref().map_or(Toolkit::None, |asked| asked.value),
            base: &request.base,
            gpu,
            driver,
            gpus: if gpu { cards(request, rows) } else { Vec::new() },
            arch: request.target.arch.as_ref().map_or(Arch::X86_64, |asked| asked.value),
            buildable: false,
            allow_unknown: request.allow_unknown,
        }
    }

    /// Whether the environment has CUDA but no framework.
    pub(super) fn is_bare_cuda(&self) -> bool {
        self.frameworks.is_empty() && (self.cuda.is_some() || self.cudnn.is_some() || self.toolkit != Toolkit::None)
    }

    /// Whether every request for a Python accepts `python`.
    pub(super) fn takes(&self, python: &PythonVersion) -> bool {
        [self.python, self.requires_python].into_iter().flatten().all(|asked| asked.accepts(python))
    }

    /// The lines about the framework at this place of the request, each with its own place.
    pub(super) fn lines_about(&self, framework: usize) -> impl Iterator<Item = (usize, &'a FrameworkLine)> {
        let wanted = self.frameworks.iter().find(|wanted| wanted.index == framework);
        wanted.into_iter().flat_map(|wanted| wanted.lines.iter().copied())
    }

    /// Whether a GPU build is wanted of the framework at this place of the request.
    pub(super) fn wants_gpu_of(&self, framework: usize) -> bool {
        self.frameworks.iter().any(|wanted| wanted.index == framework && wanted.is_on_gpu(self))
    }

    /// The architecture if no fact states one: that of a Tegra if one is among the GPUs.
    pub(super) fn usual_arch(&self) -> Arch {
        let tegra = self.gpus.iter().any(|card| card.is_elsewhere(Arch::X86_64));
        if tegra { Arch::Aarch64 } else { Arch::X86_64 }
    }

    /// Whether the requirements of each build must be known, because builds of several frameworks are compared.
    pub(super) fn compares(&self) -> bool {
        self.frameworks.len() > 1 && !self.allow_unknown
    }

    /// Whether the driver is at least `floor`.
    pub(super) fn driver_meets(&self, floor: &DriverVersion) -> bool {
        self.driver.is_none_or(|driver| driver.meets(floor))
    }

    /// The clash of a GPU that this driver cannot run, with any software.
    pub(super) fn driver_clash(&self) -> Option<DriverClash<'a>> {
        let driver = self.driver?;
        self.gpus.iter().find_map(|card| match (card.first_driver, card.row.and_then(|row| row.last_driver.as_ref())) {
            (_, Some(last)) if driver.major() > last.major() => Some(DriverClash::TooNew { card: *card, last }),
            (Some(first), _) if !driver.meets(first) => Some(DriverClash::TooOld { card: *card, first }),
            _ => None,
        })
    }
}

/// A driver that cannot run a GPU.
pub(super) enum DriverClash<'a> {
    TooNew { card: Card<'a>, last: &'a DriverVersion },
    TooOld { card: Card<'a>, first: &'a DriverVersion },
}

fn wanted<'a>(request: &'a Request, rows: &'a Rows<'a>) -> Vec<Wanted<'a>> {
    let wanted = |(index, (id, wish)): (usize, (&'a FrameworkId, &'a FrameworkWish))| {
        let file = rows.framework(id).expect("Request::new refuses a framework without rows");
        let asked = &wish.version.value;
        let known = || file.releases.iter().any(|release| asked.accepts(&release.version));
        let releases = if request.allow_unknown && !known() { Releases::Any } else { Releases::Asked(asked) };
        let lines = request.lines.iter().enumerate().filter(|(_, line)| line.framework == *id).collect();
        Wanted { index, id, wish, file, releases, lines, rows }
    };
    request.frameworks.iter().enumerate().map(wanted).collect()
}

fn cards<'a>(request: &'a Request, rows: &'a Rows<'a>) -> Vec<Card<'a>> {
    let card = |(index, gpu): (usize, &'a Asked<TargetGpu>)| {
        let capability = gpu.value.capability;
        let row = rows.capability(capability);
        let first_driver = gpu.value.first_driver.as_deref().max(row.and_then(|row| row.first_driver.as_ref()));
        Card { index, capability, row, first_driver }
    };
    request.target.gpus.iter().enumerate().map(card).collect()
}

impl<'a> Wanted<'a> {
    /// The usable releases with their places in the file, in the order of the search. Pre-releases are never usable.
    pub(super) fn candidates(&self) -> Box<dyn Iterator<Item = (usize, &'a ReleaseRow)> + 'a> {
        let rows = &self.file.releases;
        let all = rows.iter().enumerate().filter(|(_, row)| !row.version.is_prerelease());
        match self.releases {
            Releases::Any => Box::new(all.rev()),
            Releases::Asked(asked) => match self.rows.accepted(self.file, asked) {
                Some(places) => Box::new((0..places.len()).rev().map(move |at| (places[at], &rows[places[at]]))),
                None => Box::new(all.rev().filter(|(_, row)| asked.accepts(&row.version))),
            },
            Releases::Before(end) => Box::new(all.rev().skip_while(move |(place, _)| *place >= end)),
            Releases::From(start) => Box::new(all.skip_while(move |(place, _)| *place < start)),
        }
    }

    /// Whether the release at `place` is usable.
    pub(super) fn counts(&self, place: usize, row: &ReleaseRow) -> bool {
        match self.releases {
            Releases::Any => true,
            Releases::Asked(asked) => asked.accepts(&row.version),
            Releases::Before(end) => place < end,
            Releases::From(start) => place >= start,
        }
    }

    /// The requested version, if the matrix does not know it and the user allows unknown values. The answer then treats
    /// it as the newest known release.
    pub(super) fn assumed_version(&self) -> Option<ReleaseVersion> {
        let asked = &self.wish.version.value;
        let known = self.file.releases.iter().any(|release| asked.accepts(&release.version));
        let text = asked.text().trim().trim_start_matches("==").trim().trim_end_matches(".*");
        if known { None } else { text.parse().ok() }
    }
}
