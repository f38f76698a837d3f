//! The search: finds the most preferred assignment of one build to each framework that fits together, or nothing.
//!
//! Preferences are a strict order (releases, then builds, then the base). The search follows that order, so it ends at
//! the best answer. It is complete: it says no only after every combination. A general solver such as `pubgrub` was
//! considered and rejected. Its proof that nothing fits is one derivation, not a minimal set of facts, and its
//! preference is per package, not over the whole answer. Both would have to be built on top.
//!
//! With one framework, the first candidate that fits is the answer. With several, `together` finds the builds that go
//! together, and `memo` limits that search by the footprints of builds, not by their combinations. Some rows can defeat
//! this limit. So the steps are counted, and a search with too many steps stops and reports it.

use super::axis::objection_to_cuda;
use super::install_base::{self, whole};
use super::lookup::{bare_version, cudnn_with};
use super::obstacles::Obstacles;
use super::problem::{Problem, Wanted};
use super::solution::{BareCuda, Solution};
use super::together;
use crate::matrix::rows::CudaRow;
use crate::version::CudnnVersion;

/// The best answer; none if nothing fits. Also none if the allowed steps are used up first.
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

/// The answer without a framework: the newest requested CUDA that the driver and the GPUs support, with the newest
/// requested cuDNN.
fn bare<'a>(problem: &Problem<'a>) -> Option<Solution<'a>> {
    if !problem.is_bare_cuda() {
        let place = install_base::choose_base(problem, &[], None).ok()?;
        return Some(Solution { chosen: Vec::new(), main: None, bare: None, place });
    }
    bare_candidates(problem).find_map(|row| {
        if objection_to_cuda(problem, row).is_some() {
            return None;
        }
        let bare = bare_cuda(problem, row);
        let place = install_base::choose_base(problem, &[], Some(&bare.version)).ok()?;
        if problem.buildable && place.unbuildable.is_some() {
            return None;
        }
        Some(Solution { chosen: Vec::new(), main: None, bare: Some(bare), place })
    })
}

/// The requested CUDA releases, the newest first.
pub(super) fn bare_candidates<'a>(problem: &Problem<'a>) -> impl Iterator<Item = &'a CudaRow> + use<'a> {
    let asked = problem.cuda.cloned();
    let fits = move |row: &&CudaRow| {
        asked.as_ref().is_none_or(|asked| row.version.within(asked) || asked.within(&row.version))
    };
    problem.rows.cuda().iter().rev().filter(fits)
}

fn bare_cuda<'a>(problem: &Problem<'a>, row: &'a CudaRow) -> BareCuda<'a> {
    let version = bare_version(problem, row).clone();
    let cudnn = cudnn_with(problem, row).next().map(|found| {
        let precise = |asked: &&CudnnVersion| asked.parts().len() > found.version.parts().len();
        problem.cudnn.filter(precise).unwrap_or(&found.version).clone()
    });
    BareCuda { row, version, cudnn }
}
