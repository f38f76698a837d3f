//! (Request, Matrix) → Resolution | Conflict. Pure: same input, same bytes. Complete over all candidates before it says
//! no, and every suggestion it makes was resolved first.
//!
//! `request` puts manifest, host and command line together; `problem` is a request with some facts taken away; `search`
//! finds the preferred answer to a problem; `answer` tells what it means, and `instead` what can be built where that can't. Where there is none, `minimal` finds the facts
//! that clash by asking again with fewer, `cause` names the kind, and `suggest` looks for the least change that resolves.

mod answer;
mod answers;
mod axis;
mod base;
mod candidate;
mod cause;
mod combinations;
mod completion;
mod conflict;
mod diagnosis;
mod figures;
mod footprint;
mod instead;
mod joint;
mod kind;
mod known;
mod level;
mod machine;
mod minimal;
mod misfit;
mod notes;
mod origin;
mod pinned;
mod problem;
mod ranges;
mod reasons;
mod remedy;
mod request;
mod request_error;
mod resolution;
mod search;
mod shared;
mod ways_out;

pub use answers::Answers;
pub use axis::Axis;
pub use base::CudaNeed;
pub use cause::{BuildsAsked, BuildsLack, Cause, CudaLack, FrameworkAsked, OpenQuestion, PackageNeed, PlaceLack};
pub use combinations::{Combination, CombinationBase, combinations};
pub use conflict::{Clash, Conflict, ConflictFact, ConflictKind, FactValue};
pub use instead::instead;
pub use misfit::Misfit;
pub use notes::Note;
pub use origin::{Asked, FactOrigin};
pub use reasons::{BaseChoice, BuildChoice, ChoiceReason};
pub use remedy::{GpuSample, Remedy};
pub use request::{
    Base, FrameworkWish, GpuWish, ManifestText, NoGpu, Request, TargetDriver, TargetFacts, TargetGpu, UnknownGpu,
};
pub use request_error::RequestError;
pub use resolution::{Buildable, DriverFloors, PythonSource, Resolution, ResolvedFramework};
pub use ways_out::{SuggestedTarget, WayOut};

pub use crate::settings::Overrides;

use crate::matrix::Matrix;
use axis::AxisSet;
use known::Known;
use problem::Problem;

/// Finds what fits, the newest first, or says which facts clash and what would work instead.
pub fn resolve(request: &Request, matrix: &Matrix) -> Result<Resolution, Conflict> {
    answer_knowing(request, &Known::of(matrix))
}

fn answer_knowing(request: &Request, known: &Known<'_>) -> Result<Resolution, Conflict> {
    known.allow_more();
    if let Some(found) = request.lacking_gpu() {
        return Err(diagnosis::gpu_missing(request, known, found));
    }
    let facts = AxisSet::of(request);
    let problem = Problem::new(request, known, &facts);
    match search::solve(&problem) {
        Some(solution) => Ok(answer::answer(request, &problem, &solution)),
        None if known.is_spent() => Err(diagnosis::undecided(OpenQuestion::WhetherItFits)),
        None => Err(diagnosis::conflict(request, known, &facts)),
    }
}
