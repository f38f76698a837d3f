//! The search: the most preferred assignment of one build to each framework that fits together, or nothing.
//!
//! Preferences are a strict order (releases first, then builds, then the base). The search goes through it in that order, so it
//! ends at the best answer, and it is complete: it says no only after every combination. A general solver such as `pubgrub`
//! was weighed and left out: it proves that nothing fits by one derivation, which is not a minimal set of facts, and its
//! preference is per package, not over the whole answer. Both would have to be built on top.
//!
//! With one framework, the first candidate that fits is the answer. With several, `together` says which builds go together, and
//! `memo` bounds that search by what builds leave to others rather than by combinations of builds. Rows can be made on which
//! that does not help, so the steps are counted, and a search that takes too many is given up and says so.

use super::axis::{Axis, cuda_serves};
use super::candidate::{Candidate, Obstacle, Obstacles};
use super::place::{self, InstallBase, NoPlace, main_build};
use super::problem::{Problem, Wanted};
use super::together;
use crate::matrix::rows::{CudaRow, CudnnRow};
use crate::version::{CudaVersion, CudnnVersion};

/// What fits.
pub(super) struct Solution<'a> {
    /// One for each framework, in their order.
    pub(super) chosen: Vec<Candidate<'a>>,
    /// The CUDA of an environment without a framework.
    pub(super) bare: Option<BareCuda<'a>>,
    pub(super) place: InstallBase<'a>,
}

/// CUDA by itself.
#[derive(Clone)]
pub(super) struct BareCuda<'a> {
    pub(super) row: &'a CudaRow,
    /// As precise as it was asked for: `12.4.1`.
    pub(super) version: CudaVersion,
    /// The cuDNN that goes with it, where one was asked for.
    pub(super) cudnn: Option<CudnnVersion>,
}

/// The best answer, if there is one. None as well where the steps allowed are used up first.
pub(super) fn solve<'a>(problem: &Problem<'a>) -> Option<Solution<'a>> {
    if problem.rows.is_spent() || problem.driver_clash().is_some() {
        return None;
    }
    match &problem.frameworks[..] {
        [] => bare(problem),
        [only] => single(problem, only),
        several => together::best(problem, several),
    }
}

fn single<'a>(problem: &Problem<'a>, wanted: &Wanted<'a>) -> Option<Solution<'a>> {
    let mut obstacles = Obstacles::in_problem(problem);
    wanted.candidates().find_map(|(place, release)| {
        let builds = wanted.builds(problem, place, release);
        let fit = builds.into_iter().filter(|candidate| obstacles.none_for(candidate));
        fit.into_iter().find_map(|candidate| whole(problem, vec![candidate]))
    })
}

/// Everything but the base is decided: find the base.
pub(super) fn finish<'a>(problem: &Problem<'a>, chosen: Vec<Candidate<'a>>) -> Result<Solution<'a>, NoPlace> {
    let main = main_build(problem, &chosen).map(|candidate| candidate.build);
    let place = place::place(problem, &chosen, main.and_then(|build| build.cuda.as_ref()))?;
    Ok(Solution { chosen, bare: None, place })
}

/// A whole choice with its base, where it counts.
pub(super) fn whole<'a>(problem: &Problem<'a>, chosen: Vec<Candidate<'a>>) -> Option<Solution<'a>> {
    finish(problem, chosen).ok().filter(|solution| !problem.buildable || solution.place.unbuildable.is_none())
}

/// CUDA alone: the newest that was asked for and that driver and GPUs run, with the newest cuDNN asked for.
fn bare<'a>(problem: &Problem<'a>) -> Option<Solution<'a>> {
    if !problem.is_bare_cuda() {
        let place = place::place(problem, &[], None).ok()?;
        return Some(Solution { chosen: Vec::new(), bare: None, place });
    }
    bare_candidates(problem).find_map(|row| {
        if bare_obstacle(problem, row).is_some() {
            return None;
        }
        let bare = bare_cuda(problem, row);
        let place = place::place(problem, &[], Some(&bare.version)).ok()?;
        if problem.buildable && place.unbuildable.is_some() {
            return None;
        }
        Some(Solution { chosen: Vec::new(), bare: Some(bare), place })
    })
}

/// The CUDA releases asked for, the newest first.
pub(super) fn bare_candidates<'a>(problem: &Problem<'a>) -> impl Iterator<Item = &'a CudaRow> + use<'a> {
    let asked = problem.cuda.cloned();
    let fits = move |row: &&CudaRow| {
        asked.as_ref().is_none_or(|asked| row.version.within(asked) || asked.within(&row.version))
    };
    problem.rows.cuda().iter().rev().filter(fits)
}

/// What keeps CUDA by itself from fitting.
pub(super) fn bare_obstacle(problem: &Problem<'_>, row: &CudaRow) -> Option<Obstacle> {
    if !row.is_for_arch(problem.arch) {
        return Some(Obstacle::On(Axis::Arch));
    }
    if problem.cudnn.is_some() && cudnn_rows(problem, row).next().is_none() {
        let asked = problem.cudnn.into_iter().flat_map(|asked| problem.rows.cudnn_within(asked));
        let any = asked.into_iter().any(|cudnn| cudnn.is_for(&row.version));
        return Some(match problem.gpus.first() {
            Some(card) if any => Obstacle::Kernels(card.index),
            _ => Obstacle::On(Axis::Cudnn),
        });
    }
    if !problem.gpu {
        return None;
    }
    if let Some(card) = problem.gpus.iter().find(|card| !cuda_serves(problem.rows, &row.version, card.capability)) {
        return Some(Obstacle::On(Axis::Gpu(card.index)));
    }
    (!problem.driver_meets(row.driver_floor(bare_version(problem, row)))).then_some(Obstacle::On(Axis::Driver))
}

/// The cuDNN releases asked for that are built for `cuda` and have kernels for every GPU, the newest first.
fn cudnn_rows<'a>(problem: &Problem<'a>, cuda: &CudaRow) -> impl Iterator<Item = &'a CudnnRow> {
    let fits =
        move |row: &&CudnnRow| row.is_for(&cuda.version) && problem.gpus.iter().all(|card| row.serves(card.capability));
    problem.cudnn.into_iter().flat_map(|asked| problem.rows.cudnn_within(asked).rev()).filter(fits)
}

/// The release of `row`, as precise as it was asked for.
fn bare_version<'a>(problem: &Problem<'a>, row: &'a CudaRow) -> &'a CudaVersion {
    let precise = |asked: &&CudaVersion| asked.parts().len() > row.version.parts().len();
    problem.cuda.filter(precise).unwrap_or(&row.version)
}

fn bare_cuda<'a>(problem: &Problem<'a>, row: &'a CudaRow) -> BareCuda<'a> {
    let version = bare_version(problem, row).clone();
    let cudnn = cudnn_rows(problem, row).next().map(|found| {
        let precise = |asked: &&CudnnVersion| asked.parts().len() > found.version.parts().len();
        problem.cudnn.filter(precise).unwrap_or(&found.version).clone()
    });
    BareCuda { row, version, cudnn }
}
