//! The place where builds install: the distribution, the Python with its source, and the base image.

use super::candidate::Candidate;
use super::decision::PythonSource;
use super::image::{cuda_image, framework_image};
use super::lookup::{cuda_row, driver_floor};
use super::problem::Problem;
use super::request::Base;
use super::solution::{CudaNeed, InstallBase, Solution};
use super::unbuildable::SourceLack;
use crate::manifest::Toolkit;
use crate::matrix::rows::{DistributionRow, Libraries};
use crate::matrix::{self, Flavour};
use crate::version::{CudaVersion, CudnnVersion, GlibcVersion, PythonVersion};

/// Why there is nowhere to install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// No Python has wheels of every framework.
    Python,
    /// The matrix does not know the base.
    UnknownBase,
    /// No image brings this CUDA on the base asked for, or anywhere.
    Image(CudaNeed),
    /// The base has no image for the architecture.
    Arch,
    /// The wheels need a newer C library than the base has.
    Glibc,
}

/// Everything but the base is decided: find the base.
pub(super) fn finish<'a>(problem: &Problem<'a>, chosen: Vec<Candidate<'a>>) -> Result<Solution<'a>, NoPlace> {
    let main = main_build(problem, &chosen).copied();
    let place = place(problem, &chosen, main.and_then(|candidate| candidate.build.cuda.as_ref()))?;
    Ok(Solution { chosen, main, bare: None, place })
}

/// A whole choice with its base, where it counts.
pub(super) fn whole<'a>(problem: &Problem<'a>, chosen: Vec<Candidate<'a>>) -> Option<Solution<'a>> {
    finish(problem, chosen).ok().filter(|solution| !problem.buildable || solution.place.unbuildable.is_none())
}

/// The best place for `chosen`, whose main CUDA is `cuda`.
pub(super) fn place<'a>(
    problem: &Problem<'a>,
    chosen: &[Candidate<'a>],
    cuda: Option<&CudaVersion>,
) -> Result<InstallBase<'a>, NoPlace> {
    let need = need(problem, chosen, cuda)?;
    match problem.base {
        Base::Image(image) => own_image(problem, chosen, &image.value),
        Base::Distribution(asked) => {
            let row = problem.rows.distribution(&asked.value).ok_or(NoPlace::UnknownBase)?;
            on(problem, chosen, row, need.as_ref())?.ok_or_else(|| no_image(need.as_ref()))
        }
        Base::Open => anywhere(problem, chosen, need.as_ref()),
    }
}

fn no_image(need: Option<&CudaNeed>) -> NoPlace {
    need.map_or(NoPlace::Arch, |need| NoPlace::Image(need.clone()))
}

/// What the image has to bring: what the manifest asks for, and what builds expect that bring no CUDA of their own.
fn need(
    problem: &Problem<'_>,
    chosen: &[Candidate<'_>],
    cuda: Option<&CudaVersion>,
) -> Result<Option<CudaNeed>, NoPlace> {
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
    // The manifest may name the update release that the image is to bring.
    let cuda = problem.cuda.filter(|pinned| pinned.within(cuda)).unwrap_or(cuda);
    let need = CudaNeed { cuda: cuda.clone(), flavour, cudnn: cudnn.cloned(), asked };
    let together = on_system().all(|candidate| serves_system_build(problem, &need, candidate));
    if together { Ok(Some(need)) } else { Err(NoPlace::Image(need)) }
}

/// Whether a build that expects CUDA on the system runs on `need`: the same release, or a later one of the same major whose
/// libraries keep their names.
fn serves_system_build(problem: &Problem<'_>, need: &CudaNeed, candidate: &Candidate<'_>) -> bool {
    let serves = |made| need.cuda.within(made) || problem.rows.keeps_library_names(&need.cuda, made);
    let cuda = candidate.build.cuda.as_ref().is_none_or(serves);
    let same_major =
        |needed: &CudnnVersion| need.cudnn.as_ref().is_none_or(|brought| brought.major() == needed.major());
    cuda && candidate.build.cudnn.as_ref().is_none_or(same_major)
}

fn own_image<'a>(problem: &Problem<'a>, chosen: &[Candidate<'a>], image: &str) -> Result<InstallBase<'a>, NoPlace> {
    let python = pythons(problem, chosen, None).pop().ok_or(NoPlace::Python)?;
    let (image, source) = (image.to_owned(), PythonSource::Image);
    Ok(InstallBase { os: None, image, image_cudnn: None, python, source, exact: true, unbuildable: None })
}

/// Buildable, brings the CUDA, the very release of it, has a Python, maintained, ships that Python, age: greater is better.
type Rank = (bool, bool, bool, bool, bool, bool, usize);

/// The Ubuntu LTS that serves best: one that can be built today, with an image that brings the CUDA needed and the very
/// release of it, for which there is a Python, that is still maintained, that ships the Python, the newest.
fn anywhere<'a>(
    problem: &Problem<'a>,
    chosen: &[Candidate<'a>],
    need: Option<&CudaNeed>,
) -> Result<InstallBase<'a>, NoPlace> {
    let mut best: Option<(Rank, InstallBase<'a>)> = None;
    let mut refusal = no_image(need);
    let rows = problem.rows.distributions().iter().filter(|row| row.is_default_base());
    for (age, row) in rows.enumerate() {
        match on(problem, chosen, row, need) {
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

/// The C libraries of the distributions that could serve, the oldest first: between two of them all wheels are alike. None
/// with an image of the user's own, whose C library nobody knows.
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

/// Whether its publisher still maintains it on the day the matrix was last checked: there is no clock in this room.
pub(super) fn is_current(problem: &Problem<'_>, row: &DistributionRow) -> bool {
    row.end_of_life.as_deref().is_none_or(|day| problem.rows.newest_check() <= day)
}

/// The place on one distribution. `Ok(None)`: it has no image that brings the CUDA needed.
fn on<'a>(
    problem: &Problem<'a>,
    chosen: &[Candidate<'a>],
    row: &'a DistributionRow,
    need: Option<&CudaNeed>,
) -> Result<Option<InstallBase<'a>>, NoPlace> {
    problem.rows.step();
    if !row.arch.contains(&problem.arch) {
        return Err(NoPlace::Arch);
    }
    let (python, source, no_python) = python_on(problem, chosen, row)?;
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
    if let Some(place) = framework_image(problem, chosen, row, need).filter(|_| is_gone) {
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

/// The Python to use on a distribution: its own where all frameworks have wheels for it, else the newest managed one.
fn python_on(
    problem: &Problem<'_>,
    chosen: &[Candidate<'_>],
    row: &DistributionRow,
) -> Result<(PythonVersion, PythonSource, Option<SourceLack>), NoPlace> {
    let mut allowed = pythons(problem, chosen, Some(&row.glibc));
    if allowed.is_empty() {
        let elsewhere = pythons(problem, chosen, None);
        return Err(if elsewhere.is_empty() { NoPlace::Python } else { NoPlace::Glibc });
    }
    if let Some(own) = row.python.as_ref().filter(|own| allowed.contains(own)) {
        return Ok((own.clone(), PythonSource::Distribution, None));
    }
    let newest = allowed.pop().expect("it is not empty");
    // Newest first: where the newest can't be had, no older one can.
    let missing =
        (!has_managed(&newest)).then(|| SourceLack::Python { distribution: row.id.clone(), python: newest.clone() });
    Ok((newest, PythonSource::Managed, missing))
}

/// Whether uv installs it. Older ones come from a distribution or not at all.
fn has_managed(python: &PythonVersion) -> bool {
    *python >= matrix::uv().oldest_python
}

/// The Pythons, oldest first, with wheels of every framework that load on `glibc`.
fn pythons(problem: &Problem<'_>, chosen: &[Candidate<'_>], glibc: Option<&GlibcVersion>) -> Vec<PythonVersion> {
    let Some((first, _)) = chosen.split_first() else { return bare_pythons(problem) };
    let every = first.wheels(problem).flat_map(|wheel| &wheel.python);
    let mut pythons = every
        .filter(|python| problem.python.is_none_or(|asked| asked == *python))
        .filter(|python| chosen.iter().all(|candidate| candidate.installs(problem, python, glibc)))
        .cloned()
        .collect::<Vec<_>>();
    pythons.sort();
    pythons.dedup();
    pythons
}

/// Without a framework nothing limits Python: the one asked for, or those that distributions ship.
fn bare_pythons(problem: &Problem<'_>) -> Vec<PythonVersion> {
    if let Some(asked) = problem.python {
        return vec![asked.clone()];
    }
    let mut pythons = problem.rows.distributions().iter().filter_map(|row| row.python.clone()).collect::<Vec<_>>();
    pythons.sort();
    pythons.dedup();
    pythons
}

/// The CUDA of the environment as its image and driver see it: the one of the framework that asks most of the driver.
fn main_build<'c, 'a>(problem: &Problem<'a>, chosen: &'c [Candidate<'a>]) -> Option<&'c Candidate<'a>> {
    let floor = |candidate: &&'c Candidate<'a>| {
        let cuda = candidate.build.cuda.as_ref();
        let floor = driver_floor(problem.rows, candidate.build);
        (floor.cloned(), cuda.and_then(|cuda| cuda_row(problem.rows, cuda)).map(|row| row.version.clone()))
    };
    // `max_by_key` takes the last of equals; the first framework by id is wanted.
    chosen.iter().rev().filter(|candidate| candidate.build.cuda.is_some()).max_by_key(floor)
}
