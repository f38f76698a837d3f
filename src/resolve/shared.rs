//! The ranges that several frameworks put on one `nvidia-*` package: is there a version that pleases all of them?
//!
//! The versions published are not the question here: a range is seen as an interval with holes. Its ends and the points
//! just after them are enough to find a common one, as between two neighbouring ends every version is alike.

use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};

use super::candidate::Candidate;

/// A range of one package, and everything later added to it.
#[derive(Clone, Debug)]
pub(super) struct Range(Vec<VersionSpecifier>);

impl Range {
    /// Nothing for a range that is no PEP 440: such a range is left out of account.
    pub(super) fn parse(text: &str) -> Option<Self> {
        VersionSpecifiers::from_str(text).ok().map(|specifiers| Self(specifiers.iter().cloned().collect()))
    }

    /// Whether it allows one version only.
    pub(super) fn is_exact(&self) -> bool {
        self.0.iter().any(|specifier| *specifier.operator() == Operator::Equal)
    }

    /// Narrows it.
    pub(super) fn also(&mut self, text: &str) {
        if let Some(more) = Self::parse(text) {
            self.0.extend(more.0);
        }
    }

    /// Whether any version is in it.
    pub(super) fn is_possible(&self) -> bool {
        let fits = |version: &Version| self.0.iter().all(|specifier| specifier.contains(version));
        let ends = || self.0.iter().map(VersionSpecifier::version);
        let lowest = Version::new([0]);
        fits(&lowest) || ends().any(|end| fits(end) || fits(&just_after(end)))
    }

    /// Whether it holds a version that begins with `prefix`.
    pub(super) fn admits_prefix(&self, prefix: &str) -> bool {
        let mut narrowed = self.clone();
        narrowed.also(&format!("=={prefix}.*"));
        narrowed.is_possible()
    }
}

/// A version after `end` and before every other end: one more number than anybody writes.
fn just_after(end: &Version) -> Version {
    const MORE_THAN_ANYBODY_WRITES: usize = 8;
    let mut release = end.release().to_vec();
    release.resize(MORE_THAN_ANYBODY_WRITES, 0);
    release.push(1);
    Version::new(release)
}

/// A package on which candidates disagree, with what each asks: `(candidate, range)`.
pub(super) struct Disagreement<'a> {
    pub(super) package: &'a str,
    pub(super) ranges: Vec<(usize, &'a str)>,
}

/// The first shared package for which no version pleases all of `chosen`.
pub(super) fn disagreement<'a>(chosen: &[Candidate<'a>]) -> Option<Disagreement<'a>> {
    let names = chosen.iter().flat_map(|candidate| candidate.build.shared.keys());
    for package in names {
        let asked = |(index, candidate): (usize, &Candidate<'a>)| {
            candidate.build.shared.get(package).map(|range| (index, range.as_str()))
        };
        let ranges = chosen.iter().enumerate().filter_map(asked).collect::<Vec<_>>();
        if ranges.len() > 1 && !all_possible(&ranges) {
            return Some(Disagreement { package, ranges });
        }
    }
    None
}

fn all_possible(ranges: &[(usize, &str)]) -> bool {
    let mut all = Range(Vec::new());
    for (_, text) in ranges {
        all.also(text);
    }
    all.is_possible()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn possible(ranges: &[&str]) -> bool {
        all_possible(&ranges.iter().map(|range| (0, *range)).collect::<Vec<_>>())
    }

    #[test]
    fn ranges_meet_or_they_do_not() {
        assert!(possible(&["==9.1.0.70", ">=9.1,<10"]));
        assert!(!possible(&["==9.1.0.70", ">=9.8,<10"]));
        assert!(possible(&[">9.1", "<9.2"]));
        assert!(!possible(&[">9.1", "<=9.1"]));
        assert!(possible(&[">=9.8,!=9.8", "<10"]));
        assert!(possible(&["<3"]));
        assert!(possible(&["~=12.1", "<13"]));
        assert!(!possible(&["==12.4.*", "==12.6.*"]));
    }

    #[test]
    fn a_prefix_can_lie_in_a_range() {
        assert!(Range::parse(">=9.8,<10").unwrap().admits_prefix("9.10"));
        assert!(!Range::parse(">=9.8,<10").unwrap().admits_prefix("9.1"));
        assert!(Range::parse("==9.1.0.70").unwrap().is_exact());
    }
}
