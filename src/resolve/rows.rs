//! The rows that answer questions, the largest number of search steps, and the memo of earlier questions.

use std::cell::Cell;
use std::ops::Deref;
use std::rc::Rc;

use super::memo::Memo;
use crate::matrix::Matrix;
use crate::matrix::rows::FrameworkFile;
use crate::version::VersionRequest;

/// The largest number of steps of a search, about one or two seconds. Eight frameworks without versions take a
/// thirtieth of it.
pub(super) const STEPS: u64 = 2_000_000;

/// A matrix with the state of its questions. It dereferences to the matrix.
pub(super) struct Rows<'m> {
    matrix: &'m Matrix,
    /// The memo makes the search faster and changes no answer.
    memo: Option<Memo>,
    steps: Cell<u64>,
    /// The step at which the search stops.
    end: Cell<u64>,
}

impl<'m> Rows<'m> {
    /// The rows for one request.
    pub(super) fn of(matrix: &'m Matrix) -> Self {
        Self::with(matrix, Some(Memo::default()))
    }

    /// The rows for more than one request.
    pub(super) fn for_many(matrix: &'m Matrix) -> Self {
        Self::with(matrix, Some(Memo::for_many()))
    }

    /// The rows without a memo, for tests.
    #[cfg(test)]
    pub(super) fn without_memo(matrix: &'m Matrix) -> Self {
        Self::with(matrix, None)
    }

    fn with(matrix: &'m Matrix, memo: Option<Memo>) -> Self {
        Self { matrix, memo, steps: Cell::default(), end: Cell::new(u64::MAX) }
    }

    /// The memo; none in tests without one.
    pub(super) fn memo(&self) -> Option<&Memo> {
        self.memo.as_ref()
    }

    /// The memo, for callers that run only with a memo.
    pub(super) fn memory(&self) -> &Memo {
        self.memo.as_ref().expect("only a search with a memo calls this")
    }

    /// The places of the requested releases, oldest first, if the memo has them.
    pub(super) fn accepted(&self, file: &FrameworkFile, asked: &VersionRequest) -> Option<Rc<[usize]>> {
        self.memo.as_ref()?.accepted(file, asked)
    }

    /// The places of the images of a distribution.
    pub(super) fn images_of(&self, os: &str) -> Rc<[usize]> {
        let find = || {
            let rows = self.matrix.images().iter().enumerate();
            rows.filter(|(_, row)| row.os == os).map(|(place, _)| place).collect()
        };
        self.memo.as_ref().map_or_else(find, |memo| memo.images_of(os, find))
    }

    /// Counts one step of the search.
    pub(super) fn step(&self) {
        self.steps.set(self.steps.get() + 1);
    }

    /// The number of steps so far.
    pub(super) fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// Allows [`STEPS`] more steps from now on.
    pub(super) fn allow_more(&self) {
        self.end.set(self.steps.get() + STEPS);
    }

    /// Whether the allowed steps are used up. After that, a search without a result proves nothing.
    pub(super) fn is_spent(&self) -> bool {
        self.steps.get() >= self.end.get()
    }
}

impl Deref for Rows<'_> {
    type Target = Matrix;

    fn deref(&self) -> &Matrix {
        self.matrix
    }
}
