//! Compares our rows with tables of the same facts that other projects keep.
//!
//! Each table is a file with the repository, path and commit of its source. Every row is compared. `exceptions.toml`
//! names each difference with the proof that decides it. An exception without a difference is an error.

mod exceptions;
mod images;
mod table;
mod tensorflow;
mod toolkits;
mod torch;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use envctl::matrix::Matrix;
use exceptions::Exceptions;

/// One figure that stands otherwise in a table than in our rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Difference {
    table: &'static str,
    /// What the row is about: `2.5.0 cu121`.
    row: String,
    /// Which figure: `python`.
    what: &'static str,
    theirs: String,
    ours: String,
}

/// What comparing one table came to.
struct Compared {
    table: &'static str,
    rows: usize,
    differences: Vec<Difference>,
}

impl Compared {
    /// Rows without any difference.
    fn agreeing(&self) -> usize {
        self.rows - self.differences.iter().map(|found| &found.row).collect::<BTreeSet<_>>().len()
    }
}

/// Collects what differs while the rows of one table are looked at.
struct Comparison {
    compared: Compared,
}

impl Comparison {
    fn of(table: &'static str, rows: usize) -> Self {
        Self { compared: Compared { table, rows, differences: Vec::new() } }
    }

    /// Notes a difference where the two figures are not the same text.
    fn same(&mut self, row: &str, what: &'static str, theirs: &str, ours: &str) {
        if theirs != ours {
            let (row, theirs, ours) = (row.to_owned(), theirs.to_owned(), ours.to_owned());
            self.compared.differences.push(Difference { table: self.compared.table, row, what, theirs, ours });
        }
    }
}

fn compare_all(matrix: &Matrix) -> Vec<Compared> {
    vec![
        torch::cog(matrix, "cog-torch"),
        torch::cog(matrix, "cog-torch-2025"),
        torch::architectures(matrix),
        torch::list(matrix),
        tensorflow::cog(matrix),
        tensorflow::install_page(matrix),
        images::cog(matrix),
        toolkits::uv(matrix),
        toolkits::compilers(matrix),
        toolkits::spack(matrix),
        toolkits::llvm(matrix),
        toolkits::spack_installers(matrix),
        toolkits::spack_cudnn(matrix),
    ]
}

#[test]
fn every_difference_is_explained_and_every_explanation_is_needed() {
    let compared = compare_all(&Matrix::embedded());
    let exceptions = Exceptions::read();
    let found = compared.iter().flat_map(|table| table.differences.iter().cloned()).collect::<BTreeSet<_>>();
    let named = exceptions.differences();
    let mut wrong = String::new();
    for Difference { table, row, what, theirs, ours } in found.difference(&named) {
        let _ = writeln!(wrong, "not explained: {table}: {row}: {what}: theirs `{theirs}`, ours `{ours}`");
    }
    for Difference { table, row, what, theirs, ours } in named.difference(&found) {
        let _ = writeln!(wrong, "no longer so: {table}: {row}: {what}: theirs `{theirs}`, ours `{ours}`");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The counts in `docs/compatibility.md` are those of this test.
#[test]
fn the_counts_that_are_shown_are_the_true_ones() {
    let page = include_str!("../../docs/compatibility.md");
    let exceptions = Exceptions::read();
    let mut wrong = String::new();
    let mut expect = |line: String| {
        if !page.lines().any(|shown| shown == line) {
            let _ = writeln!(wrong, "{line}");
        }
    };
    let (mut rows, mut agreeing) = (0, 0);
    for table in compare_all(&Matrix::embedded()) {
        rows += table.rows;
        agreeing += table.agreeing();
        let source = table::source(table.table);
        expect(format!("| {source} | {} | {} | {} |", table.rows, table.agreeing(), table.rows - table.agreeing()));
    }
    expect(format!("| together | {rows} | {agreeing} | {} |", rows - agreeing));
    for (reason, count) in exceptions.by_reason().into_iter().collect::<BTreeMap<_, _>>() {
        expect(format!("| {} | {count} |", reason.meaning()));
    }
    assert!(wrong.is_empty(), "docs/compatibility.md lacks these lines:\n{wrong}");
}
