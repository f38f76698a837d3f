//! A request with some of its facts taken away, as plain references: what the search works on.
//!
//! Minimal conflicts and suggestions come from asking the same question with fewer facts, so leaving one out must be
//! cheap and must be the only difference.

use super::axis::{Axis, AxisSet};
use super::request::{Base, FrameworkWish, GpuWish, Request};
use super::rows::Rows;
use super::target::TargetDriver;
use crate::manifest::{Arch, FrameworkId, Toolkit};
use crate::matrix::rows::{CapabilityRow, FrameworkFile, ReleaseRow};
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, PythonVersion};

/// The base of a problem that says nothing of it.
static ANY_BASE: Base = Base::Open;

/// The question.
#[derive(Clone)]
pub(super) struct Problem<'a> {
    pub(super) rows: &'a Rows<'a>,
    /// In the order of their ids.
    pub(super) frameworks: Vec<Wanted<'a>>,
    pub(super) python: Option<&'a PythonVersion>,
    pub(super) cuda: Option<&'a CudaVersion>,
    pub(super) cudnn: Option<&'a CudnnVersion>,
    pub(super) toolkit: Toolkit,
    pub(super) base: &'a Base,
    /// GPU builds are wanted.
    pub(super) gpu: bool,
    pub(super) driver: Option<&'a DriverVersion>,
    pub(super) gpus: Vec<Card<'a>>,
    pub(super) arch: Arch,
    /// Only what today's sources can build counts.
    pub(super) buildable: bool,
}

/// A framework wanted.
#[derive(Clone)]
pub(super) struct Wanted<'a> {
    /// Its place among the request's frameworks.
    pub(super) index: usize,
    pub(super) id: &'a FrameworkId,
    pub(super) wish: &'a FrameworkWish,
    pub(super) file: &'a FrameworkFile,
    pub(super) releases: Releases<'a>,
    rows: &'a Rows<'a>,
}

/// Which releases count, and from which end they are tried.
#[derive(Clone, Copy)]
pub(super) enum Releases<'a> {
    /// Every release, the newest first.
    Any,
    /// Those asked for, the newest first.
    Asked(&'a crate::version::VersionRequest),
    /// Those before this place, the newest first.
    Before(usize),
    /// Those from this place on, the oldest first.
    From(usize),
}

/// A GPU with what the matrix knows of its generation.
#[derive(Clone, Copy)]
pub(super) struct Card<'a> {
    /// Its place among the request's GPUs.
    pub(super) index: usize,
    pub(super) capability: ComputeCapability,
    pub(super) row: Option<&'a CapabilityRow>,
}

impl<'a> Problem<'a> {
    /// `request` with the facts in `kept` alone.
    pub(super) fn new(request: &'a Request, rows: &'a Rows<'a>, kept: &AxisSet) -> Self {
        let gpu = request.gpu != GpuWish::None;
        let driver = match &request.target.driver {
            TargetDriver::Version(driver) if gpu && kept.has(Axis::Driver) => Some(&driver.value),
            _ => None,
        };
        let base = if kept.has(Axis::Base) { &request.base } else { &ANY_BASE };
        let value = |fact| kept.has(fact);
        Self {
            rows,
            frameworks: wanted(request, rows, kept),
            python: request.python.as_ref().filter(|_| value(Axis::Python)).map(|asked| &asked.value),
            cuda: request.cuda.as_ref().filter(|_| value(Axis::Cuda)).map(|asked| &asked.value),
            cudnn: request.cudnn.as_ref().filter(|_| value(Axis::Cudnn)).map(|asked| &asked.value),
            toolkit: request
                .toolkit
                .as_ref()
                .filter(|_| value(Axis::Toolkit))
                .map_or(Toolkit::None, |asked| asked.value),
            base,
            gpu,
            driver,
            gpus: if gpu { cards(request, rows, kept) } else { Vec::new() },
            arch: request.target.arch.as_ref().filter(|_| value(Axis::Arch)).map_or(Arch::X86_64, |asked| asked.value),
            buildable: false,
        }
    }

    /// Whether the environment is CUDA alone, without a framework.
    pub(super) fn is_bare_cuda(&self) -> bool {
        self.frameworks.is_empty() && (self.cuda.is_some() || self.cudnn.is_some() || self.toolkit != Toolkit::None)
    }

    /// Whether the driver is at least `floor`.
    pub(super) fn driver_meets(&self, floor: &DriverVersion) -> bool {
        self.driver.is_none_or(|driver| driver.meets(floor))
    }

    /// The GPUs that this driver does not run, whatever is installed.
    pub(super) fn driver_clash(&self) -> Option<DriverClash<'a>> {
        let driver = self.driver?;
        self.gpus.iter().find_map(|card| {
            let row = card.row?;
            match (&row.first_driver, &row.last_driver) {
                (_, Some(last)) if driver.major() > last.major() => Some(DriverClash::TooNew { card: *card, last }),
                (Some(first), _) if !driver.meets(first) => Some(DriverClash::TooOld { card: *card, first }),
                _ => None,
            }
        })
    }
}

/// A driver that does not run a GPU.
pub(super) enum DriverClash<'a> {
    TooNew { card: Card<'a>, last: &'a DriverVersion },
    TooOld { card: Card<'a>, first: &'a DriverVersion },
}

fn wanted<'a>(request: &'a Request, rows: &'a Rows<'a>, kept: &AxisSet) -> Vec<Wanted<'a>> {
    let wanted = |(index, (id, wish)): (usize, (&'a FrameworkId, &'a FrameworkWish))| {
        if !kept.has(Axis::Framework(index)) {
            return None;
        }
        let file = rows.framework(id).expect("Request::new refuses a framework without rows");
        let asked = &wish.version.value;
        let known = || file.releases.iter().any(|release| asked.accepts(&release.version));
        let assumed = request.allow_unknown && !known();
        let releases = if kept.has(Axis::Release(index)) && !assumed { Releases::Asked(asked) } else { Releases::Any };
        Some(Wanted { index, id, wish, file, releases, rows })
    };
    request.frameworks.iter().enumerate().filter_map(wanted).collect()
}

fn cards<'a>(request: &'a Request, rows: &'a Rows<'a>, kept: &AxisSet) -> Vec<Card<'a>> {
    let card = |(index, gpu): (usize, &super::origin::Asked<super::target::TargetGpu>)| {
        let capability = gpu.value.capability;
        Card { index, capability, row: rows.capability(capability) }
    };
    let kept_card = |(index, _): &(usize, _)| kept.has(Axis::Gpu(*index));
    request.target.gpus.iter().enumerate().filter(kept_card).map(card).collect()
}

impl<'a> Wanted<'a> {
    /// The releases that count with their places in the file, in the order in which they are tried. Pre-releases never
    /// count.
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

    /// Whether `version` is among them.
    pub(super) fn counts(&self, place: usize, row: &ReleaseRow) -> bool {
        match self.releases {
            Releases::Any => true,
            Releases::Asked(asked) => asked.accepts(&row.version),
            Releases::Before(end) => place < end,
            Releases::From(start) => place >= start,
        }
    }
}
