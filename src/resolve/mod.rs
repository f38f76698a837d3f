//! (Request, Matrix) → Resolution | Conflict. Pure: same input, same bytes. Complete over all candidates before it says
//! no, and every suggestion it makes was resolved first.
//!
//! `request` puts manifest, host and command line together, and `problem` is a request as the search sees it. `axis` has a file
//! for each thing that a request can state: how it is left out, what it objects to, the edit that follows. `search` finds the
//! preferred answer to a problem, `together` the builds of several frameworks that go together, and `answer` says what it means.
//! Where there is none, `minimal` finds the facts that clash by asking again with fewer, `verdict` says what is between them,
//! `diagnosis` whether there are other reasons, and `ways_out` looks for the least change that resolves. `instead` does that for what fits and can't be built.
//! Everything that comes out is a value: `ui` has the words. `memo` is speed and nothing else.

mod answer;
mod axis;
mod candidate;
mod cause;
mod combinations;
mod conflict;
mod conflict_fact;
mod decision;
mod diagnosis;
mod figures;
mod image;
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
mod place;
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

pub use axis::Axis;
pub use cause::{BuildsAsked, BuildsLack, Cause, CudaLack, FrameworkAsked, OpenQuestion, PackageNeed};
pub use combinations::{Combination, CombinationBase, combinations};
pub use conflict::{Clash, Conflict, ConflictKind};
pub use conflict_fact::{ConflictFact, FactValue};
pub use decision::{DecidedFramework, Decision, DriverFloors, PythonSource};
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

/// Finds what fits, the newest first, or says which facts clash and what would work instead.
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
