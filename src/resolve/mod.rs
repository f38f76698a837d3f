//! Resolves a request with the matrix: (Request, Matrix) → Resolution | Conflict. The resolver is pure: same input,
//! same bytes. It says no only after all candidates, and resolves every suggestion before it makes it.
//!
//! - `request` combines manifest, host and command line, and `problem` is a request in the form of the search.
//! - `axis` has one file for each kind of fact: how the fact is left out, its objections, and the edit that follows.
//! - `search` finds the preferred answer, `together` the builds of several frameworks that go together, and `answer`
//!   computes the result.
//! - `minimal` finds the clashing facts of a conflict with questions about fewer facts, and `verdict` their cause.
//!   `diagnosis` finds other reasons, and `ways_out` the least change that resolves.
//! - `alternatives` lists what else fits, for a caller whose packages refuse the answer.
//! - `instead` finds the least change for an answer that fits but cannot be built.
//!
//! All results are values: `ui` has the words. `memo` only makes the resolver faster.

mod alternatives;
mod answer;
mod axis;
mod candidate;
mod cause;
mod combinations;
mod conflict;
mod conflict_fact;
mod decision;
mod demands;
mod diagnosis;
mod figures;
mod framework_line;
mod image;
mod install_base;
mod instead;
mod lookup;
mod machine;
mod manifest_text;
mod memo;
mod minimal;
mod misfit;
mod notes;
mod obstacles;
mod origin;
mod overrides;
mod pinned;
mod problem;
mod reasons;
mod remedy;
mod request;
mod request_error;
mod resolution;
mod rows;
mod search;
mod shared;
mod solution;
mod step;
mod target;
mod together;
mod unbuildable;
mod verdict;
mod ways_out;

pub use alternatives::{fitting_releases, pythons};
pub use axis::Axis;
pub use cause::{BuildsAsked, BuildsLack, Cause, CudaLack, FrameworkAsked, LineAsked, OpenQuestion, PackageNeed};
pub use combinations::{Combination, CombinationBase, combinations};
pub use conflict::{Clash, Conflict, ConflictKind};
pub use conflict_fact::{ConflictFact, FactValue};
pub use decision::{DecidedFramework, Decision, DriverFloors, PythonSource};
pub use framework_line::{FrameworkLine, LineDemand};
pub use instead::instead;
pub use manifest_text::ManifestText;
pub use memo::Answers;
pub use misfit::Misfit;
pub use notes::Note;
pub use origin::{Asked, FactOrigin};
pub use overrides::Overrides;
pub use reasons::{BaseChoice, BuildChoice, ChoiceReason};
pub use remedy::{GpuSample, Remedy, SuggestedTarget, WayOut};
pub use request::{Base, FrameworkWish, GpuWish, Request};
pub use request_error::RequestError;
pub use resolution::Resolution;
pub use solution::CudaNeed;
pub use target::{NoGpu, TargetDriver, TargetFacts, TargetGpu, UnknownGpu};
pub use unbuildable::{SourceLack, Unbuildable};

use crate::matrix::Matrix;
use axis::{question, stated};
use rows::Rows;

/// Finds the newest answer that fits, or the clashing facts and the changes that help.
pub fn resolve(request: &Request, matrix: &Matrix) -> Result<Resolution, Conflict> {
    answer_from(request, &Rows::of(matrix))
}

fn answer_from(request: &Request, rows: &Rows<'_>) -> Result<Resolution, Conflict> {
    rows.allow_more();
    if let Some(found) = request.lacking_gpu() {
        return Err(diagnosis::gpu_missing(request, rows, found));
    }
    let facts = stated(request);
    let problem = question(request, rows, &facts);
    match search::solve(&problem) {
        Some(solution) => Ok(answer::answer(request, &problem, &solution)),
        None if rows.is_spent() => Err(diagnosis::undecided(OpenQuestion::WhetherItFits)),
        None => Err(diagnosis::conflict(request, rows, &facts)),
    }
}
