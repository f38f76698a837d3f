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

use super::axis::objection_to_cuda;
use super::lookup::{bare_version, cudnn_with};
use super::obstacles::Obstacles;
use super::place::{self, whole};
use super::problem::{Problem, Wanted};
use super::solution::{BareCuda, Solution};
use super::together;
use crate::matrix::rows::CudaRow;
use crate::version::CudnnVersion;

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

/// CUDA alone: the newest that was asked for and that driver and GPUs run, with the newest cuDNN asked for.
fn bare<'a>(problem: &Problem<'a>) -> Option<Solution<'a>> {
    if !problem.is_bare_cuda() {
        let place = place::place(problem, &[], None).ok()?;
        return Some(Solution { chosen: Vec::new(), main: None, bare: None, place });
    }
    bare_candidates(problem).find_map(|row| {
        if objection_to_cuda(problem, row).is_some() {
            return None;
        }
        let bare = bare_cuda(problem, row);
        let place = place::place(problem, &[], Some(&bare.version)).ok()?;
        if problem.buildable && place.unbuildable.is_some() {
            return None;
        }
        Some(Solution { chosen: Vec::new(), main: None, bare: Some(bare), place })
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

fn bare_cuda<'a>(problem: &Problem<'a>, row: &'a CudaRow) -> BareCuda<'a> {
    let version = bare_version(problem, row).clone();
    let cudnn = cudnn_with(problem, row).next().map(|found| {
        let precise = |asked: &&CudnnVersion| asked.parts().len() > found.version.parts().len();
        problem.cudnn.filter(precise).unwrap_or(&found.version).clone()
    });
    BareCuda { row, version, cudnn }
}
