//! Distributions: which one a base means, and which long-term release ships a Python.

use super::Matrix;
use super::rows::DistributionRow;
use crate::version::PythonVersion;

impl Matrix {
    /// The distribution of this id (`ubuntu:24.04`) or release name (`ubuntu:noble`).
    #[must_use]
    pub fn distribution(&self, id: &str) -> Option<&DistributionRow> {
        let (family, release) = id.split_once(':')?;
        let named = |row: &&DistributionRow| {
            row.id == id || (row.codename == release && row.id.split(':').next() == Some(family))
        };
        self.distributions().iter().find(named)
    }

    /// The Ubuntu LTS releases that are not past their end of life on `today` (`YYYY-MM-DD`) and can be built, newest
    /// first.
    pub fn current_lts<'a>(&'a self, today: &'a str) -> impl Iterator<Item = &'a DistributionRow> {
        let current = move |row: &&DistributionRow| {
            row.lts
                && row.id.starts_with("ubuntu:")
                && row.unbuildable.is_none()
                && row.end_of_life.as_deref().is_none_or(|day| today <= day)
        };
        self.distributions().iter().rev().filter(current)
    }

    /// The newest of them that ships `python`.
    #[must_use]
    pub fn lts_with_python<'a>(&'a self, python: &PythonVersion, today: &'a str) -> Option<&'a DistributionRow> {
        self.current_lts(today).find(|row| row.python.as_ref() == Some(python))
    }

    /// The distributions whose id is nearest to one the matrix does not know, nearest first.
    #[must_use]
    pub fn distributions_like(&self, id: &str) -> Vec<&DistributionRow> {
        const SHOWN: usize = 3;
        let mut scored =
            self.distributions().iter().map(|row| (strsim::jaro_winkler(&row.id, id), row)).collect::<Vec<_>>();
        scored.retain(|(score, _)| *score >= 0.7);
        scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        scored.into_iter().take(SHOWN).map(|(_, row)| row).collect()
    }
}
