//! The memo: results about the rows that one answer computes and the next can use. A conflict asks about a hundred
//! questions, and a laboratory asks one per machine.
//!
//! The memo decides nothing. Without it every answer is the same but slower, and a test checks that. `rows` and
//! `together` are the only modules that use it.

mod answers;
mod completion;
mod domain;
mod footprint;
mod kind;
mod level;
mod looks;
mod ranges;
mod store;

#[cfg(test)]
mod tests;

use super::candidate::Candidate;
use super::problem::{Problem, Wanted};
use super::solution::Solution;
pub use answers::Answers;
use domain::Domain;
pub(super) use looks::Looks;
pub(super) use store::Memo;

/// Does the same as [`together::best`](super::together::best).
pub(super) fn best<'a>(problem: &Problem<'a>, several: &[Wanted<'a>]) -> Option<Solution<'a>> {
    let domain = |wanted| Some(Domain::of(problem, wanted)).filter(|domain| !domain.groups.is_empty());
    let domains = several.iter().map(domain).collect::<Option<Vec<_>>>()?;
    completion::best(problem, &domains)
}

/// Does the same as [`together::company`](super::together::company).
pub(super) fn company<'a>(problem: &Problem<'a>, fitting: &[Vec<Candidate<'a>>]) -> Option<Vec<Candidate<'a>>> {
    let domains = domains(problem, fitting);
    completion::company(problem, &domains).map(|chosen| domain::candidates(&chosen))
}

/// Does the same as [`together::have_a_python`](super::together::have_a_python).
pub(super) fn have_a_python(problem: &Problem<'_>, fitting: &[Vec<Candidate<'_>>]) -> bool {
    completion::share_a_python(problem, &domains(problem, fitting))
}

fn domains<'a>(problem: &Problem<'a>, fitting: &[Vec<Candidate<'a>>]) -> Vec<Domain<'a>> {
    fitting.iter().map(|fitting| Domain::new(problem, fitting.iter().copied())).collect()
}
