//! Intersects the ranges that several frameworks set for one package: does one version satisfy all of them?
//!
//! The published versions do not matter here: a range is an interval with holes. To find a common version it is enough
//! to test the ends and the points just after them, because all versions between two neighbouring ends are alike.

use pep440_rs::{Operator, Version, VersionSpecifier};

use crate::matrix::rows::{BuildRow, Libraries};
use crate::parser;

/// The `nvidia-*` packages of a build, with the required ranges. If the dependencies of a build are unknown but it
/// brings its cuDNN, this function assumes a pin on that cuDNN.
pub(super) fn packages(build: &BuildRow) -> Vec<(String, String)> {
    let pins = build.pins().into_iter().flatten();
    let mut shared = pins.map(|(name, range)| (name.clone(), range.clone())).collect::<Vec<_>>();
    let brings = build.libraries == Libraries::Wheel && cudnn_range(build).is_none();
    if let (true, Some(cuda), Some(cudnn)) = (brings, &build.cuda, &build.cudnn) {
        let end = if cudnn.parts().len() < 4 { ".*" } else { "" };
        shared.push((format!("nvidia-cudnn-cu{}", cuda.major()), format!("=={cudnn}{end}")));
    }
    shared
}

/// The cuDNN package in the dependencies of a build, with the required range.
pub(super) fn cudnn_range(build: &BuildRow) -> Option<(&str, &str)> {
    let named = |(name, _): &(&String, &String)| name.starts_with("nvidia-cudnn");
    build.pins()?.iter().find(named).map(|(name, range)| (name.as_str(), range.as_str()))
}

/// The range of one package, which later requirements can narrow.
#[derive(Clone, Debug, Default)]
pub(super) struct Range(Vec<VersionSpecifier>);

impl Range {
    /// Parses a range; none if the text is not PEP 440. Callers ignore such a range.
    pub(super) fn parse(text: &str) -> Option<Self> {
        parser::specifiers(text).map(|specifiers| Self(specifiers.iter().cloned().collect()))
    }

    /// Whether the range allows only one version.
    pub(super) fn is_exact(&self) -> bool {
        self.0.iter().any(|specifier| *specifier.operator() == Operator::Equal)
    }

    /// Narrows the range. A text that is not PEP 440 changes nothing.
    pub(super) fn also(&mut self, text: &str) {
        if let Some(more) = Self::parse(text) {
            self.0.extend(more.0);
        }
    }

    /// Whether the range contains any version.
    pub(super) fn is_possible(&self) -> bool {
        let fits = |version: &Version| self.0.iter().all(|specifier| specifier.contains(version));
        let ends = || self.0.iter().map(VersionSpecifier::version);
        let lowest = Version::new([0]);
        fits(&lowest) || ends().any(|end| fits(end) || fits(&just_after(end)))
    }

    /// The lowest and highest possible version of the range. No version outside is in the range.
    pub(super) fn reach(&self) -> Reach {
        let mut reach = Reach::default();
        for specifier in &self.0 {
            let version = specifier.version();
            let (lowest, highest) = match specifier.operator() {
                Operator::Equal => (Some(version), Some(version)),
                Operator::GreaterThanEqual | Operator::GreaterThan | Operator::TildeEqual => (Some(version), None),
                Operator::LessThanEqual | Operator::LessThan => (None, Some(version)),
                _ => (None, None),
            };
            reach.lowest = reach.lowest.max(lowest.cloned());
            reach.highest = match (reach.highest, highest.cloned()) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        reach
    }

    /// The intersection of two ranges, without the limits that follow from others.
    pub(super) fn and(&self, other: &Self) -> Self {
        let all = self.0.iter().chain(&other.0);
        let mut limits: Vec<VersionSpecifier> = Vec::new();
        for limit in all.clone() {
            if !limits.iter().any(|kept| implies(kept, limit)) {
                limits.retain(|kept| !implies(limit, kept));
                limits.push(limit.clone());
            }
        }
        let one = |limit: &&VersionSpecifier| {
            *limit.operator() == Operator::Equal && all.clone().all(|other| other.contains(limit.version()))
        };
        if let Some(one) = limits.iter().find(one) {
            return Self(vec![one.clone()]);
        }
        limits.sort_by_key(ToString::to_string);
        Self(limits)
    }

    /// The text of the range, as PEP 440.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    /// Whether the range contains a version that begins with `prefix`.
    pub(super) fn admits_prefix(&self, prefix: &str) -> bool {
        let mut narrowed = self.clone();
        narrowed.also(&format!("=={prefix}.*"));
        narrowed.is_possible()
    }
}

/// Whether every version in `kept` is also in `limit`. It recognises equal limits and plain limits on one side.
fn implies(kept: &VersionSpecifier, limit: &VersionSpecifier) -> bool {
    use Operator::{GreaterThan, GreaterThanEqual, LessThan, LessThanEqual};
    let (a, b) = (kept.version(), limit.version());
    // PEP 440 has exceptions for post-releases and pre-releases.
    let plain = |version: &Version| *version == Version::new(version.release().iter().copied());
    if !(plain(a) && plain(b)) {
        return kept == limit;
    }
    match (kept.operator(), limit.operator()) {
        (GreaterThan, GreaterThan | GreaterThanEqual) | (GreaterThanEqual, GreaterThanEqual) => a >= b,
        (GreaterThanEqual, GreaterThan) => a > b,
        (LessThan, LessThan | LessThanEqual) | (LessThanEqual, LessThanEqual) => a <= b,
        (LessThanEqual, LessThan) => a < b,
        _ => kept == limit,
    }
}

/// The lowest and highest version of a range, both included; none: no limit.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    lowest: Option<Version>,
    highest: Option<Version>,
}

impl Reach {
    /// Widens the interval until it contains another one.
    pub(super) fn extend(&mut self, other: &Self) {
        // An open end includes every version, so it wins: `None` sorts first, and `zip` needs two values.
        self.lowest = self.lowest.take().min(other.lowest.clone());
        self.highest = self.highest.take().zip(other.highest.clone()).map(|(a, b)| a.max(b));
    }

    /// Whether the two intervals have a common version.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let below = |highest: &Option<Version>, lowest: &Option<Version>| {
            highest.as_ref().zip(lowest.as_ref()).is_some_and(|(highest, lowest)| highest < lowest)
        };
        !below(&self.highest, &other.lowest) && !below(&other.highest, &self.lowest)
    }
}

/// A version after `end` and before every other end. It has more numbers than real versions.
fn just_after(end: &Version) -> Version {
    const MORE_THAN_ANYBODY_WRITES: usize = 8;
    let mut release = end.release().to_vec();
    release.resize(MORE_THAN_ANYBODY_WRITES, 0);
    release.push(1);
    Version::new(release)
}

/// The package name without its CUDA: `nvidia-cudnn` of `nvidia-cudnn-cu12`.
pub(super) fn stem(package: &str) -> &str {
    let (stem, suffix) = package.rsplit_once("-cu").unwrap_or((package, ""));
    let numbered = !suffix.is_empty() && suffix.bytes().all(|byte| byte.is_ascii_digit());
    if numbered { stem } else { package }
}

/// Whether all ranges have a common version. A text that is not PEP 440 is ignored.
pub(super) fn all_possible<'a>(ranges: impl Iterator<Item = &'a str>) -> bool {
    let ranges = ranges.filter_map(Range::parse).collect::<Vec<_>>();
    meet(ranges.iter())
}

/// Whether all ranges have a common version.
pub(super) fn meet<'r>(ranges: impl Iterator<Item = &'r Range>) -> bool {
    Range(ranges.flat_map(|range| &range.0).cloned().collect()).is_possible()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn possible(ranges: &[&str]) -> bool {
        all_possible(ranges.iter().copied())
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
    fn ranges_that_meet_have_reaches_that_meet() {
        let ranges =
            ["==9.1.0.70", ">=9.8,<10", "<9.2", ">9.1", "~=12.1", "==12.4.*", "<10,>=9.10.2.21", "!=9.1", "no range"];
        let read = |text: &str| Range::parse(text).map(|range| range.reach()).unwrap_or_default();
        for (a, b) in ranges.iter().flat_map(|a| ranges.iter().map(move |b| (a, b))) {
            assert!(read(a).meets(&read(b)) || !possible(&[a, b]), "{a} and {b}");
        }
        assert!(!read("==9.1.0.70").meets(&read(">=9.8,<10")));
        let mut wide = read("==9.1.0.70");
        wide.extend(&read("==9.5.1.17"));
        assert!(wide.meets(&read("==9.3")) && !wide.meets(&read(">=9.8")));
    }

    #[test]
    fn one_library_is_one_package_whatever_its_cuda() {
        assert_eq!(stem("nvidia-cudnn-cu12"), "nvidia-cudnn");
        assert_eq!(stem("nvidia-custom"), "nvidia-custom");
    }

    #[test]
    fn a_prefix_can_lie_in_a_range() {
        assert!(Range::parse(">=9.8,<10").unwrap().admits_prefix("9.10"));
        assert!(!Range::parse(">=9.8,<10").unwrap().admits_prefix("9.1"));
        assert!(Range::parse("==9.1.0.70").unwrap().is_exact());
    }
}
