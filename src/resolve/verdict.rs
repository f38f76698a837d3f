//! Finds the cause of one minimal clash and the figures that decide. It examines the obstacles in the order in which a
//! user would.

use super::axis::{Axis, AxisSet, Obstacle, line, objection_to_cuda, obstacle, question};
use super::candidate::{Candidate, disagreement};
use super::cause::{BuildsAsked, Cause, FrameworkAsked, PackageNeed};
use super::conflict::{Clash, ConflictKind};
use super::figures::{Figures, Refused, unique};
use super::install_base::{NoInstallBase, choose_base, common_pythons, finish};
use super::machine::least_driver;
use super::obstacles::Obstacles;
use super::problem::{DriverClash, Problem, Releases, Wanted};
use super::request::Request;
use super::rows::Rows;
use super::search::bare_candidates;
use super::solution::CudaNeed;
use super::together;
use crate::version::{CudaVersion, PythonVersion};

/// The clash of the facts on `axes`. Every one of them must be necessary for it.
pub(super) fn clash_on(request: &Request, rows: &Rows<'_>, axes: &AxisSet) -> Clash {
    let problem = question(request, rows, axes);
    let least_driver = || least_driver(request, rows, axes);
    let clash = find(&Figures { request, problem: &problem, least_driver: &least_driver });
    Clash { facts: axes.iter().filter_map(|axis| axis.fact(request)).collect(), ..clash }
}

fn find(figures: &Figures<'_, '_>) -> Clash {
    let problem = figures.problem;
    if let Some(clash) = problem.driver_clash() {
        return driver(figures, &clash);
    }
    if problem.frameworks.is_empty() {
        return find_bare(figures);
    }
    let mut fitting = Vec::new();
    for wanted in &problem.frameworks {
        if wanted.candidates().next().is_none() {
            return unknown_release(wanted);
        }
        let all = survey(problem, wanted);
        let free = all.iter().filter(|(_, obstacle)| obstacle.is_none()).map(|(candidate, _)| *candidate);
        let free = free.collect::<Vec<_>>();
        if free.is_empty() {
            return builds(&Refused { figures, wanted, builds: &furthest(all) });
        }
        fitting.push(free);
    }
    find_joint(problem, &fitting)
}

/// The clash of a driver that cannot run the GPU, with any software.
fn driver(figures: &Figures<'_, '_>, clash: &DriverClash<'_>) -> Clash {
    match clash {
        DriverClash::TooNew { card, last } => {
            let cause = Cause::DriverTooNew { gpu: figures.gpu(card.index), last: last.major() };
            Clash::new([ConflictKind::DriverTooNew], cause)
        }
        DriverClash::TooOld { card, first } => {
            let cause = Cause::DriverTooOld { gpu: figures.gpu(card.index), first: (*first).clone() };
            Clash::new([ConflictKind::DriverTooOld], cause)
        }
    }
}

fn unknown_release(wanted: &Wanted<'_>) -> Clash {
    let newest = wanted.file.releases.iter().rev().find(|row| !row.version.is_prerelease());
    let cause = Cause::UnknownRelease {
        framework: wanted.id.clone(),
        asked: wanted.wish.version.value.clone(),
        newest: newest.map(|row| row.version.clone()),
    };
    Clash::new([ConflictKind::NoSuchVersion], cause)
}

/// Every build of every usable release, with its obstacle.
fn survey<'a>(problem: &Problem<'a>, wanted: &Wanted<'a>) -> Vec<(Candidate<'a>, Option<Obstacle>)> {
    let mut all = Vec::new();
    let mut obstacles = Obstacles::in_problem(problem);
    for (place, release) in wanted.candidates() {
        let builds = wanted.builds(problem, place, release);
        if builds.is_empty() {
            let other = release.builds.first();
            let other = other.map(|build| Candidate { framework: wanted.index, place, release, build });
            let kind = if wanted.is_on_gpu(problem) { Obstacle::On(Axis::Devices) } else { Obstacle::NotForCpu };
            let why = |one: &Candidate<'_>| line::objection(problem, one).unwrap_or(kind);
            all.extend(other.map(|candidate| (candidate, Some(why(&candidate)))));
        }
        all.extend(builds.into_iter().map(|candidate| (candidate, obstacles.of(&candidate))));
    }
    all
}

/// The builds that passed the most checks.
fn furthest(all: Vec<(Candidate<'_>, Option<Obstacle>)>) -> Vec<(Candidate<'_>, Obstacle)> {
    let refused = all.into_iter().filter_map(|(candidate, obstacle)| Some((candidate, obstacle?))).collect::<Vec<_>>();
    let last = refused.iter().map(|(_, obstacle)| obstacle.stage()).max();
    refused.into_iter().filter(|(_, obstacle)| Some(obstacle.stage()) == last).collect()
}

/// The clash if every build of a framework has an obstacle.
fn builds(refused: &Refused<'_, '_>) -> Clash {
    let (_, first) = refused.builds.first().expect("a framework with a release has a build");
    let Wanted { id, wish, .. } = *refused.wanted;
    let of = BuildsAsked {
        framework: id.clone(),
        asked: wish.version.value.clone(),
        any: asked(refused.wanted).releases.is_none(),
        met: first.met_before(refused.figures.problem),
    };
    let kinds = refused.builds.iter().map(|(_, obstacle)| obstacle.kind());
    Clash::new(kinds, Cause::Builds { of, lack: first.lack(refused) })
}

fn find_bare(figures: &Figures<'_, '_>) -> Clash {
    let problem = figures.problem;
    if problem.is_bare_cuda() {
        let obstacles = bare_candidates(problem).map(|row| objection_to_cuda(problem, row)).collect::<Vec<_>>();
        if obstacles.is_empty() {
            return unknown_cuda(figures);
        }
        if let Some(all) = obstacles.into_iter().collect::<Option<Vec<_>>>() {
            return every_cuda(figures, &all);
        }
    }
    let row = bare_candidates(problem).find(|row| objection_to_cuda(problem, row).is_none());
    let cuda = row.filter(|_| problem.is_bare_cuda()).map(|row| &row.version);
    nowhere(problem, choose_base(problem, &[], cuda).err().unwrap_or(NoInstallBase::UnknownBase))
}

fn unknown_cuda(figures: &Figures<'_, '_>) -> Clash {
    // With a framework, an unknown CUDA is a CUDA without builds.
    let is_alone = figures.request.frameworks.is_empty();
    let kind = if is_alone { ConflictKind::NoSuchVersion } else { ConflictKind::CudaUnsupported };
    let Problem { rows, cuda, .. } = figures.problem;
    let newest = rows.cuda().last().map(|row| row.version.clone());
    Clash::new([kind], Cause::UnknownCuda { asked: cuda.cloned(), newest })
}

/// The clash if every requested CUDA has an obstacle.
fn every_cuda(figures: &Figures<'_, '_>, obstacles: &[Obstacle]) -> Clash {
    let furthest = obstacles.iter().max_by_key(|obstacle| obstacle.stage());
    let lack = furthest.expect("there is a CUDA").cuda_lack(figures);
    let Problem { cuda, cudnn, .. } = figures.problem;
    let cause = Cause::Cuda { cuda: cuda.cloned(), cudnn: cudnn.cloned(), lack };
    Clash::new(obstacles.iter().map(|obstacle| obstacle.kind()), cause)
}

/// The clash between frameworks that have builds which fit alone.
fn find_joint<'a>(problem: &Problem<'a>, fitting: &[Vec<Candidate<'a>>]) -> Clash {
    let company = together::company(problem, fitting);
    if let Some(why) = company.and_then(|chosen| finish(problem, chosen).err()) {
        return nowhere(problem, why);
    }
    if fitting.len() == 1 || together::have_a_python(problem, fitting) {
        let cause = Cause::Packages { frameworks: frameworks(problem), needs: package_needs(problem) };
        return Clash::new([ConflictKind::PackageConflict], cause);
    }
    let each = problem.frameworks.iter().map(|wanted| (asked(wanted), pythons(problem, wanted)));
    Clash::new([ConflictKind::PythonUnsupported], Cause::NoCommonPython(each.collect()))
}

/// The clash if no place to install exists.
fn nowhere(problem: &Problem<'_>, why: NoInstallBase) -> Clash {
    let base = problem.base.asked().map(|asked| asked.value.clone());
    let (kind, cause) = match why {
        NoInstallBase::Python => (ConflictKind::PythonUnsupported, Cause::NoPython(frameworks(problem))),
        NoInstallBase::UnknownBase => {
            let near = base.as_ref().map(|base| problem.rows.distributions_like(base)).unwrap_or_default();
            let near = near.iter().map(|row| row.id.clone()).collect();
            (ConflictKind::NoBaseImage, Cause::UnknownBase { base, near })
        }
        NoInstallBase::Image(need) => (ConflictKind::NoBaseImage, no_image(problem, need, base)),
        NoInstallBase::Arch => (ConflictKind::ArchUnsupported, Cause::BaseWithoutArch { base, arch: problem.arch }),
        NoInstallBase::Glibc => {
            (ConflictKind::GlibcTooOld, Cause::GlibcTooOld { frameworks: frameworks(problem), base })
        }
    };
    Clash::new([kind], cause)
}

fn no_image(problem: &Problem<'_>, need: CudaNeed, base: Option<String>) -> Cause {
    let framework = match &problem.frameworks[..] {
        [only] => Some((as_in_manifest(only), cudas(problem, only))),
        _ => None,
    };
    Cause::NoImage { need, base, framework, cuda_asked: problem.cuda.is_some() }
}

fn frameworks(problem: &Problem<'_>) -> Vec<FrameworkAsked> {
    problem.frameworks.iter().map(asked).collect()
}

/// The Pythons of a framework's wheels, in any usable build.
fn pythons(problem: &Problem<'_>, wanted: &Wanted<'_>) -> Vec<PythonVersion> {
    let wheels = all_builds(problem, wanted).into_iter().flat_map(|candidate| candidate.wheels(problem));
    unique(wheels.flat_map(|wheel| wheel.python.iter().cloned()))
}

fn cudas(problem: &Problem<'_>, wanted: &Wanted<'_>) -> Vec<CudaVersion> {
    unique(all_builds(problem, wanted).into_iter().filter_map(|candidate| candidate.build.cuda.clone()))
}

fn all_builds<'a>(problem: &Problem<'a>, wanted: &Wanted<'a>) -> Vec<Candidate<'a>> {
    wanted.candidates().flat_map(|(place, release)| wanted.builds(problem, place, release)).collect()
}

/// The need of each framework for the first shared package on which they differ.
fn package_needs(problem: &Problem<'_>) -> Vec<PackageNeed> {
    let frameworks = &problem.frameworks;
    let example = frameworks.iter().filter_map(|wanted| preferred(problem, wanted)).collect::<Vec<_>>();
    let newest = common_pythons(problem, &example).max();
    let ranges = newest.and_then(|python| disagreement(&example, python)).unwrap_or_default();
    let need = |(index, requirement): (usize, String)| PackageNeed {
        framework: frameworks[index].id.clone(),
        version: example[index].release.version.clone(),
        requirement,
    };
    ranges.into_iter().map(need).collect()
}

/// The build that represents a framework. It is of a release in the manifest, if one of them fits alone.
fn preferred<'a>(problem: &Problem<'a>, wanted: &Wanted<'a>) -> Option<Candidate<'a>> {
    let mut fits = all_builds(problem, wanted);
    fits.retain(|candidate| obstacle(problem, wanted, candidate).is_none());
    let is_asked = |one: &&Candidate<'_>| wanted.wish.version.value.accepts(&one.release.version);
    fits.iter().find(is_asked).or_else(|| fits.first()).copied()
}

/// A framework with the releases in the clash.
fn asked(wanted: &Wanted<'_>) -> FrameworkAsked {
    let releases = match wanted.releases {
        Releases::Asked(asked) if asked.text() != "*" => Some(asked.clone()),
        _ => None,
    };
    FrameworkAsked { id: wanted.id.clone(), releases }
}

/// A framework with the releases in the manifest, even if the clash is about others.
fn as_in_manifest(wanted: &Wanted<'_>) -> FrameworkAsked {
    FrameworkAsked { id: wanted.id.clone(), releases: Some(wanted.wish.version.value.clone()) }
}
