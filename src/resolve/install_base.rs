//! The place where builds install: the distribution, the Python with its source, and the base image.

use super::candidate::{Candidate, agree};
use super::decision::PythonSource;
use super::image::{cuda_image, framework_image};
use super::lookup::{cuda_row, driver_floor};
use super::problem::Problem;
use super::request::Base;
use super::solution::{CudaNeed, InstallBase, Solution};
use super::unbuildable::SourceLack;
use crate::manifest::{PythonRequest, Toolkit};
use crate::matrix::rows::{DistributionRow, Libraries};
use crate::matrix::{self, Flavour};
use crate::version::{CudaVersion, CudnnVersion, GlibcVersion, PythonVersion};

/// The reason why no place to install exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoInstallBase {
    /// No Python has wheels of every framework.
    Python,
    /// The matrix does not know the base.
    UnknownBase,
    /// No image provides this CUDA on the requested base, or on any base.
    Image(CudaNeed),
    /// The base has no image for the architecture.
    Arch,
    /// The wheels need a newer C library than the base has.
    Glibc,
}

/// Completes a choice of builds with a base.
pub(super) fn finish<'a>(problem: &Problem<'a>, chosen: Vec<Candidate<'a>>) -> Result<Solution<'a>, NoInstallBase> {
    let main = main_build(problem, &chosen).copied();
    let place = choose_base(problem, &chosen, main.and_then(|candidate| candidate.build.cuda.as_ref()))?;
    Ok(Solution { chosen, main, bare: None, place })
}

/// The choice with its base. None if it has no base, or if current sources cannot build it and the problem requires
/// that.
pub(super) fn whole<'a>(problem: &Problem<'a>, chosen: Vec<Candidate<'a>>) -> Option<Solution<'a>> {
    finish(problem, chosen).ok().filter(|solution| !problem.buildable || solution.place.unbuildable.is_none())
}

/// The best place for `chosen`. `cuda` is the main CUDA.
pub(super) fn choose_base<'a>(
    problem: &Problem<'a>,
    chosen: &[Candidate<'a>],
    cuda: Option<&CudaVersion>,
) -> Result<InstallBase<'a>, NoInstallBase> {
    let need = need(problem, chosen, cuda)?;
    let builds = Builds { chosen, pythons: pythons(problem, chosen) };
    match problem.base {
        Base::Image(image) => own_image(&builds, &image.value),
        Base::Distribution(asked) => {
            let row = problem.rows.distribution(&asked.value).ok_or(NoInstallBase::UnknownBase)?;
            on(problem, &builds, row, need.as_ref())?.ok_or_else(|| no_image(need.as_ref()))
        }
        Base::Open => anywhere(problem, &builds, need.as_ref()),
    }
}

fn no_image(need: Option<&CudaNeed>) -> NoInstallBase {
    need.map_or(NoInstallBase::Arch, |need| NoInstallBase::Image(need.clone()))
}

/// The CUDA that the image must provide: the request of the manifest, and the needs of builds without their own CUDA.
fn need(
    problem: &Problem<'_>,
    chosen: &[Candidate<'_>],
    cuda: Option<&CudaVersion>,
) -> Result<Option<CudaNeed>, NoInstallBase> {
    let flavour = match problem.toolkit {
        Toolkit::Devel => Flavour::Devel,
        Toolkit::Runtime | Toolkit::None => Flavour::Runtime,
    };
    let asked = problem.toolkit != Toolkit::None;
    let on_system = || chosen.iter().filter(|candidate| candidate.build.libraries == Libraries::System);
    let system_cuda = on_system().filter_map(|candidate| candidate.build.cuda.as_ref()).max();
    let system_cudnn = on_system().filter_map(|candidate| candidate.build.cudnn.as_ref()).max();
    let Some(cuda) = system_cuda.or(cuda.filter(|_| asked)) else { return Ok(None) };
    let cudnn = system_cudnn.or(problem.cudnn);
    // The manifest may name the exact update release for the image.
    let cuda = problem.cuda.filter(|pinned| pinned.within(cuda)).unwrap_or(cuda);
    let need = CudaNeed { cuda: cuda.clone(), flavour, cudnn: cudnn.cloned(), asked };
    let together = on_system().all(|candidate| serves_system_build(problem, &need, candidate));
    if together { Ok(Some(need)) } else { Err(NoInstallBase::Image(need)) }
}

/// Whether a build that expects CUDA on the system runs on `need`. It needs the same release, or a later one of the
/// same major with the same library names.
fn serves_system_build(problem: &Problem<'_>, need: &CudaNeed, candidate: &Candidate<'_>) -> bool {
    let serves = |made| need.cuda.within(made) || problem.rows.keeps_library_names(&need.cuda, made);
    let cuda = candidate.build.cuda.as_ref().is_none_or(serves);
    let same_major =
        |needed: &CudnnVersion| need.cudnn.as_ref().is_none_or(|brought| brought.major() == needed.major());
    cuda && candidate.build.cudnn.as_ref().is_none_or(same_major)
}

fn own_image<'a>(builds: &Builds<'_, 'a>, image: &str) -> Result<InstallBase<'a>, NoInstallBase> {
    let python = builds.pythons.last().cloned().ok_or(NoInstallBase::Python)?;
    let (image, source) = (image.to_owned(), PythonSource::Image);
    Ok(InstallBase { os: None, image, image_cudnn: None, python, source, exact: true, unbuildable: None })
}

/// The rank of a base, greater is better: buildable, has the CUDA, has exactly that release of it, a Python is
/// available, maintained, ships that Python, age.
type Rank = (bool, bool, bool, bool, bool, bool, usize);

/// The best Ubuntu LTS. The criteria in order: current sources can build it, an image provides the needed CUDA, in
/// exactly that release, a Python is available, it is maintained, it ships the Python, it is the newest.
fn anywhere<'a>(
    problem: &Problem<'a>,
    builds: &Builds<'_, 'a>,
    need: Option<&CudaNeed>,
) -> Result<InstallBase<'a>, NoInstallBase> {
    let mut best: Option<(Rank, InstallBase<'a>)> = None;
    let mut refusal = no_image(need);
    let rows = problem.rows.distributions().iter().filter(|row| row.is_default_base());
    for (age, row) in rows.enumerate() {
        match on(problem, builds, row, need) {
            Ok(Some(place)) => {
                let ships = place.source == PythonSource::Distribution;
                let had = ships || has_managed(&place.python);
                let brings = need.is_none() || place.image != row.image;
                let rank =
                    (place.unbuildable.is_none(), brings, place.exact, had, is_current(problem, row), ships, age);
                if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                    best = Some((rank, place));
                }
            }
            Ok(None) => {}
            Err(why) => refusal = why,
        }
    }
    best.map(|(_, place)| place).ok_or(refusal)
}

/// The C libraries of the possible distributions, the oldest first. All wheels between two of them behave alike. None
/// with the user's own image, because its C library is unknown.
pub(super) fn glibc_levels<'a>(problem: &Problem<'a>) -> Option<Vec<&'a GlibcVersion>> {
    let matrix = problem.rows;
    let mut levels = match problem.base {
        Base::Image(_) => return None,
        Base::Distribution(asked) => {
            matrix.distribution(&asked.value).into_iter().map(|row| &row.glibc).collect::<Vec<_>>()
        }
        Base::Open => matrix.distributions().iter().map(|row| &row.glibc).collect(),
    };
    levels.sort();
    levels.dedup();
    Some(levels)
}

/// Whether the publisher maintained the distribution on the day of the matrix's last check. This room has no clock.
pub(super) fn is_current(problem: &Problem<'_>, row: &DistributionRow) -> bool {
    row.end_of_life.as_deref().is_none_or(|day| problem.rows.newest_check() <= day)
}

/// The place on one distribution. `Ok(None)`: it has no image with the needed CUDA.
fn on<'a>(
    problem: &Problem<'a>,
    builds: &Builds<'_, 'a>,
    row: &'a DistributionRow,
    need: Option<&CudaNeed>,
) -> Result<Option<InstallBase<'a>>, NoInstallBase> {
    problem.rows.step();
    if !row.arch.contains(&problem.arch) {
        return Err(NoInstallBase::Arch);
    }
    let (python, source, no_python) = python_on(problem, builds, row)?;
    let unbuildable = SourceLack::of_row(row.unbuildable.as_ref()).or(no_python);
    let plain = |unbuildable| InstallBase {
        os: Some(row),
        image: row.image.clone(),
        image_cudnn: None,
        python: python.clone(),
        source,
        exact: true,
        unbuildable,
    };
    let Some(need) = need else { return Ok(Some(plain(unbuildable))) };
    let cuda = cuda_image(problem, row, need);
    let is_gone = cuda.as_ref().is_none_or(|(_, brought)| brought.unbuildable.is_some());
    if let Some(place) = framework_image(problem, builds.chosen, row, need).filter(|_| is_gone) {
        return Ok(Some(place));
    }
    if let Some((image, brought)) = cuda {
        let unbuildable = SourceLack::of_row(brought.unbuildable.as_ref()).or(unbuildable);
        let image_cudnn = brought.cudnn.as_ref();
        let exact = brought.cuda.within(&need.cuda);
        return Ok(Some(InstallBase { os: Some(row), image, image_cudnn, python, source, exact, unbuildable }));
    }
    let named = !matches!(problem.base, Base::Open);
    if need.asked || named {
        return Ok(None);
    }
    Ok(Some(plain(Some(SourceLack::Image { cuda: need.cuda.clone(), cudnn: need.cudnn.clone() }))))
}

/// The Python for a distribution: its own if all frameworks have wheels for it, else the newest managed one.
fn python_on(
    problem: &Problem<'_>,
    builds: &Builds<'_, '_>,
    row: &DistributionRow,
) -> Result<(PythonVersion, PythonSource, Option<SourceLack>), NoInstallBase> {
    let mut allowed = builds.pythons_on(problem, &row.glibc);
    if allowed.is_empty() {
        return Err(if builds.pythons.is_empty() { NoInstallBase::Python } else { NoInstallBase::Glibc });
    }
    if let Some(own) = row.python.as_ref().filter(|own| allowed.contains(own)) {
        return Ok((own.clone(), PythonSource::Distribution, None));
    }
    let newest = allowed.pop().expect("it is not empty");
    // The newest comes first: if it is unavailable, no older one is available.
    let missing =
        (!has_managed(&newest)).then(|| SourceLack::Python { distribution: row.id.clone(), python: newest.clone() });
    Ok((newest, PythonSource::Managed, missing))
}

/// Whether uv provides this Python. Older ones come from a distribution, or are unavailable.
fn has_managed(python: &PythonVersion) -> bool {
    *python >= matrix::uv().oldest_python
}

/// The chosen builds, with the Pythons, oldest first, on which they go together.
struct Builds<'c, 'a> {
    chosen: &'c [Candidate<'a>],
    pythons: Vec<PythonVersion>,
}

impl Builds<'_, '_> {
    /// The Pythons with wheels of every framework that load on `glibc`.
    fn pythons_on(&self, problem: &Problem<'_>, glibc: &GlibcVersion) -> Vec<PythonVersion> {
        let loads = |python: &&PythonVersion| {
            self.chosen.iter().all(|candidate| candidate.installs(problem, python, Some(glibc)))
        };
        self.pythons.iter().filter(loads).cloned().collect()
    }
}

/// The Pythons, oldest first, with wheels of every framework, on which all agree about shared packages.
pub(super) fn pythons(problem: &Problem<'_>, chosen: &[Candidate<'_>]) -> Vec<PythonVersion> {
    if chosen.is_empty() {
        return bare_pythons(problem);
    }
    let mut pythons = common_pythons(problem, chosen).cloned().collect::<Vec<_>>();
    pythons.sort();
    pythons.dedup();
    pythons.retain(|python| agree(chosen, python));
    pythons
}

/// The requested Pythons with wheels of every build, in no order.
pub(super) fn common_pythons<'p, 'a>(
    problem: &'p Problem<'_>,
    chosen: &'p [Candidate<'a>],
) -> impl Iterator<Item = &'a PythonVersion> + use<'p, 'a> {
    let every = chosen.first().into_iter().flat_map(|first| first.wheels(problem)).flat_map(|wheel| &wheel.python);
    every
        .filter(|python| problem.takes(python))
        .filter(|python| chosen.iter().all(|candidate| candidate.installs(problem, python, None)))
}

/// The Pythons of an environment without a framework: the requested one, or those that distributions ship.
fn bare_pythons(problem: &Problem<'_>) -> Vec<PythonVersion> {
    let shipped = || problem.rows.distributions().iter().filter_map(|row| row.python.clone());
    let mut pythons = match problem.python.and_then(PythonRequest::only) {
        Some(only) => vec![only.clone()],
        None => shipped().collect::<Vec<_>>(),
    };
    pythons.retain(|python| problem.takes(python));
    pythons.sort();
    pythons.dedup();
    pythons
}

/// The build that sets the CUDA of the environment for image and driver: the one with the highest driver floor.
fn main_build<'c, 'a>(problem: &Problem<'a>, chosen: &'c [Candidate<'a>]) -> Option<&'c Candidate<'a>> {
    let floor = |candidate: &&'c Candidate<'a>| {
        let cuda = candidate.build.cuda.as_ref();
        let floor = driver_floor(problem.rows, candidate.build);
        (floor.cloned(), cuda.and_then(|cuda| cuda_row(problem.rows, cuda)).map(|row| row.version.clone()))
    };
    // `max_by_key` returns the last of equal items, but the first framework by ID counts.
    chosen.iter().rev().filter(|candidate| candidate.build.cuda.is_some()).max_by_key(floor)
}
