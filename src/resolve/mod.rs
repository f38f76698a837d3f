//! (Request, Matrix) → Resolution | Conflict. Pure: same input, same bytes. Complete over all candidates before it says
//! no, and every suggestion it makes was resolved first.
//!
//! `request` puts manifest, host and command line together; `problem` is a request with some facts taken away; `search`
//! finds the preferred answer to a problem; `answer` tells what it means, and `instead` what can be built where that can't. Where there is none, `minimal` finds the facts
//! that clash by asking again with fewer, `cause` names the kind, and `suggest` looks for the least change that resolves.

mod answer;
mod answers;
mod base;
mod candidate;
mod cause;
mod change;
mod combinations;
mod completion;
mod conflict;
mod facts;
mod footprint;
mod instead;
mod joint;
mod kind;
mod known;
mod level;
mod machine;
mod message;
mod minimal;
mod notes;
mod pinned;
mod problem;
mod ranges;
mod reasons;
mod request;
mod request_error;
mod resolution;
mod search;
mod shared;
mod suggest;
mod words;

pub use answers::Answers;
pub use combinations::{Combination, combinations};
pub use conflict::{Conflict, ConflictFact, ConflictKind, SuggestedTarget, Suggestion};
pub use instead::instead;
pub use request::{Asked, Base, FrameworkWish, GpuWish, ManifestText, Request, TargetDriver, TargetFacts, TargetGpu};
pub use request_error::RequestError;
pub use resolution::{Buildable, DriverFloors, PythonSource, Reason, Resolution, ResolvedFramework};

pub use crate::settings::Overrides;

use crate::matrix::Matrix;
use facts::FactSet;
use known::Known;
use problem::Problem;

/// Finds what fits, the newest first, or says which facts clash and what would work instead.
pub fn resolve(request: &Request, matrix: &Matrix) -> Result<Resolution, Conflict> {
    answer_knowing(request, &Known::of(matrix))
}

fn answer_knowing(request: &Request, known: &Known<'_>) -> Result<Resolution, Conflict> {
    known.allow_more();
    if request.lacks_gpu() {
        return Err(cause::gpu_missing(request, known));
    }
    let facts = FactSet::of(request);
    let problem = Problem::new(request, known, &facts);
    match search::solve(&problem) {
        Some(solution) => Ok(answer::answer(request, &problem, &solution)),
        None if known.is_spent() => Err(cause::undecided("it is not decided whether anything fits")),
        None => Err(cause::conflict(request, known, &facts)),
    }
}
