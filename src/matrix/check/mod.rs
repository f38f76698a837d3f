//! Whether the rows are closed: every value names a row that is there, rows stand in order without gaps, drivers and
//! dates make sense, and every build reaches a base image or says why it can't. Reads nothing but the rows; whether they
//! still equal what is published is `update`'s to say.

mod finding;
mod findings;
mod frameworks;
mod tables;
#[cfg(test)]
mod tests;

pub use finding::{RowFinding, RowProblem};

use super::Matrix;
use findings::Findings;

impl Matrix {
    /// Everything wrong with the rows; empty: nothing.
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
        for known in self.frameworks() {
            frameworks::framework(self, known.id, &mut findings);
        }
        findings.all
    }
}
