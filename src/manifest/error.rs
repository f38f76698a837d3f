//! The error of a manifest and its overlays. It carries every problem, so that the user repairs all of them in one
//! pass.

use std::fmt;
use std::ops::Range;

use super::problem::ProblemKind;
use super::sources::Sources;
use crate::error::{Exit, Report, Snippet};

/// Every problem, in the order of the layers and their lines. The list is never empty.
#[derive(Clone, Debug)]
pub struct ManifestError {
    problems: Vec<ManifestProblem>,
}

/// One problem of a manifest.
#[derive(Clone, Debug)]
pub struct ManifestProblem {
    /// The problem and its values.
    pub kind: ProblemKind,
    /// The places of the problem in the text, the main place first.
    pub(crate) snippets: Vec<Snippet>,
}

/// A problem in the form in which the reader finds it.
#[derive(Clone, Debug)]
pub(super) struct FoundProblem {
    pub(super) kind: ProblemKind,
    pub(super) span: Range<usize>,
    /// A second place that belongs to the problem, with a short label.
    pub(super) also: Option<(Range<usize>, &'static str)>,
}

impl ManifestError {
    pub(super) fn new(sources: &Sources, mut found: Vec<FoundProblem>) -> Self {
        found.sort_by_key(|found| (sources.kind_of(&found.span), found.span.start));
        found.dedup_by(|a, b| a.kind == b.kind && a.span == b.span);
        let problem = |found: FoundProblem| {
            let main = sources.snippet(&found.span, found.kind.label());
            let also = found.also.and_then(|(span, label)| sources.snippet(&span, label));
            ManifestProblem { kind: found.kind, snippets: main.into_iter().chain(also).collect() }
        };
        Self { problems: found.into_iter().map(problem).collect() }
    }

    /// The problems, one by one.
    #[must_use]
    pub fn problems(&self) -> &[ManifestProblem] {
        &self.problems
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.problems.first() else { return f.write_str("the manifest is not valid") };
        first.fmt(f)?;
        match self.problems.len() - 1 {
            0 => Ok(()),
            1 => f.write_str(" (and one more problem)"),
            more => write!(f, " (and {more} more problems)"),
        }
    }
}

impl std::error::Error for ManifestError {}

impl Report for ManifestError {
    fn kind(&self) -> &'static str {
        "bad-manifest"
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = Vec::new();
        for hint in self.problems.iter().flat_map(|problem| problem.kind.hints()) {
            if !hints.contains(&hint) {
                hints.push(hint);
            }
        }
        hints
    }

    fn snippets(&self) -> Vec<Snippet> {
        self.problems.iter().flat_map(|problem| problem.snippets.clone()).collect()
    }

    fn parts(&self) -> Vec<&dyn Report> {
        self.problems.iter().map(|problem| problem as &dyn Report).collect()
    }
}

impl fmt::Display for ManifestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for ManifestProblem {}

impl Report for ManifestProblem {
    fn kind(&self) -> &'static str {
        "bad-manifest"
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        self.kind.hints()
    }

    fn snippets(&self) -> Vec<Snippet> {
        self.snippets.clone()
    }
}
