//! Finds the distribution of a base.
//!
//! A base can be an id or a release name; for an unknown base it finds similar ids.

use super::Matrix;
use super::rows::DistributionRow;

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

    /// The distributions with the most similar ids, most similar first.
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
