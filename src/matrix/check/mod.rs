//! Checks that the rows are complete and consistent. Every value must name an existing row. Rows must be in order
//! without gaps. Drivers and dates must be plausible. Every build must reach a base image or give the reason why it
//! cannot.
//!
//! The check reads only the rows. `update` compares them with the published files.

mod finding;
mod findings;
mod frameworks;
mod library_rows;
mod package_rows;
mod tables;
#[cfg(test)]
mod tests;

pub use finding::{RowFinding, RowProblem};

use super::Matrix;
use findings::Findings;

impl Matrix {
    /// Every problem of the rows; empty if all rows are correct.
    #[must_use]
    pub fn check(&self) -> Vec<RowFinding> {
        let mut findings = Findings::default();
        tables::cuda(self, &mut findings);
        tables::capabilities(self, &mut findings);
        tables::gpus(self, &mut findings);
        tables::cudnn(self, &mut findings);
        tables::distributions(self, &mut findings);
        tables::images(self, &mut findings);
        tables::uv(&mut findings);
        tables::families(self, &mut findings);
        package_rows::packages(self, &mut findings);
        package_rows::libraries(&mut findings);
        package_rows::indexes(self, &mut findings);
        tables::twins(&mut findings);
        library_rows::system_libraries_of(self, &mut findings);
        library_rows::preload_rows(&mut findings);
        library_rows::undeclared(&mut findings);
        for known in self.frameworks() {
            frameworks::framework(self, known.id, &mut findings);
        }
        findings.all
    }
}
