//! The rows that answer questions, the largest number of search steps, and the memo of earlier questions.

use std::cell::Cell;
use std::ops::Deref;
use std::rc::Rc;

use super::memo::Memo;
use crate::matrix::Matrix;
use crate::matrix::rows::FrameworkFile;
use crate::version::VersionRequest;

/// After so many steps a search is given up, which is after a second or two. Eight open frameworks take a thirtieth of it.
pub(super) const STEPS: u64 = 2_000_000;

/// A matrix while it is asked. It stands for the matrix wherever one is asked for.
pub(super) struct Rows<'m> {
    matrix: &'m Matrix,
    /// Speed and nothing else: without it every answer is the same.
    memo: Option<Memo>,
    steps: Cell<u64>,
    /// At which the search gives up.
    end: Cell<u64>,
}

impl<'m> Rows<'m> {
    /// For one request.
    pub(super) fn of(matrix: &'m Matrix) -> Self {
        Self::with(matrix, Some(Memo::default()))
    }

    /// For more than one request.
    pub(super) fn for_many(matrix: &'m Matrix) -> Self {
        Self::with(matrix, Some(Memo::for_many()))
    }

    /// For tests: nothing is remembered.
    #[cfg(test)]
    pub(super) fn without_memo(matrix: &'m Matrix) -> Self {
        Self::with(matrix, None)
    }

    fn with(matrix: &'m Matrix, memo: Option<Memo>) -> Self {
        Self { matrix, memo, steps: Cell::default(), end: Cell::new(u64::MAX) }
    }

    /// What is remembered.
    pub(super) fn memo(&self) -> Option<&Memo> {
        self.memo.as_ref()
    }

    /// What is remembered, for those who are asked only where something is.
    pub(super) fn memory(&self) -> &Memo {
        self.memo.as_ref().expect("what is remembered is asked only where there is a memory")
    }

    /// The places of the releases asked for, oldest first, where they are remembered.
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

    /// Counts a step of the search.
    pub(super) fn step(&self) {
        self.steps.set(self.steps.get() + 1);
    }

    /// How many steps the search took so far.
    pub(super) fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// Allows [`STEPS`] from now on.
    pub(super) fn allow_more(&self) {
        self.end.set(self.steps.get() + STEPS);
    }

    /// Whether the steps allowed are used up: that nothing was found since means nothing.
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
