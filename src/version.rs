//! The versions of components that must fit each other, with one type per kind. So a driver cannot be used as a CUDA:
//!
//! ```compile_fail,E0308
//! use envctl::version::{CudaVersion, DriverVersion};
//! let driver: DriverVersion = "550.54.14".parse().unwrap();
//! let cuda: CudaVersion = driver;
//! ```
//!
//! `semver` rejects `550.144.03`, `12.4`, `9` and `8.9.7.29`; PEP 440 prints `575.51.03` as `575.51.3`. So the dotted
//! versions here keep their text and compare by number. Framework releases are Python distributions and follow PEP 440
//! ([`ReleaseVersion`]).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::parser;

/// The error of a text that is not a valid version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not {what}, such as `{sample}`", crate::text::shown(text))]
pub struct VersionError {
    /// The text found.
    pub text: String,
    /// The expected kind of version, with its article.
    pub what: &'static str,
    /// A valid example.
    pub sample: &'static str,
}

/// Dotted decimal numbers, with their original text.
#[derive(Clone, Debug)]
struct Dotted {
    parts: Vec<u32>,
    text: String,
}

impl Dotted {
    fn parse(text: &str, allowed: std::ops::RangeInclusive<usize>) -> Option<Self> {
        if text.len() > parser::LONGEST_VERSION {
            return None;
        }
        let parts = text
            .split('.')
            .map(|part| {
                let decimal = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
                if decimal { part.parse().ok() } else { None }
            })
            .collect::<Option<Vec<u32>>>()?;
        allowed.contains(&parts.len()).then(|| Self { parts, text: text.to_owned() })
    }
}

/// Compares the numbers. Missing numbers count as zero: `12` equals `12.0`.
impl Ord for Dotted {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.parts.len().max(other.parts.len());
        let part = |v: &Self, i: usize| v.parts.get(i).copied().unwrap_or(0);
        (0..length).map(|i| part(self, i).cmp(&part(other, i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Dotted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Dotted {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Dotted {}

/// Serialises a type as text and parses it from text.
macro_rules! textual {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

macro_rules! dotted {
    ($(#[$doc:meta])* $name:ident, $parts:expr, $what:literal, $sample:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(Dotted);

        impl $name {
            /// The numbers in the text.
            #[must_use]
            pub fn parts(&self) -> &[u32] {
                &self.0.parts
            }

            /// The first number.
            #[must_use]
            pub fn major(&self) -> u32 {
                self.0.parts[0]
            }

            /// The second number, if the text has one.
            #[must_use]
            pub fn minor(&self) -> Option<u32> {
                self.0.parts.get(1).copied()
            }

            /// Whether the version starts with all the numbers of `prefix`: 12.4.1 is within 12.4 and within 12.
            #[must_use]
            pub fn within(&self, prefix: &Self) -> bool {
                self.0.parts.starts_with(&prefix.0.parts)
            }

            /// The first `count` numbers, or fewer if the version is shorter.
            #[must_use]
            pub fn prefix(&self, count: usize) -> Self {
                let parts = self.0.parts[..count.clamp(1, self.0.parts.len())].to_vec();
                let text = self.0.text.split('.').take(parts.len()).collect::<Vec<_>>().join(".");
                Self(Dotted { parts, text })
            }
        }

        impl FromStr for $name {
            type Err = VersionError;

            fn from_str(text: &str) -> Result<Self, VersionError> {
                Dotted::parse(text, $parts)
                    .map(Self)
                    .ok_or_else(|| VersionError { text: text.to_owned(), what: $what, sample: $sample })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0.text)
            }
        }

        textual!($name);
    };
}

dotted!(
    /// A CUDA toolkit release: `12`, `12.4` or `12.4.1`.
    CudaVersion, 1..=3, "a CUDA version", "12.4"
);
dotted!(
    /// A cuDNN release: `9`, `9.1` or `9.1.0.70`.
    CudnnVersion, 1..=4, "a cuDNN version", "9.1.0.70"
);
dotted!(
    /// An NVIDIA driver: a branch (`550`) or a release (`550.144.03`).
    DriverVersion, 1..=3, "an NVIDIA driver version", "550.144.03"
);
dotted!(
    /// A C library: `2.36`.
    GlibcVersion, 2..=2, "a glibc version", "2.36"
);
dotted!(
    /// A minor release of `CPython`: `3.11`.
    PythonVersion, 2..=2, "a Python version", "3.11"
);

impl DriverVersion {
    /// Whether the driver is at least `floor`. A branch without a release (`535`) means the releases of that branch
    /// that people install, so it meets a floor inside the branch.
    #[must_use]
    pub fn meets(&self, floor: &Self) -> bool {
        if self.parts().len() == 1 { self.major() >= floor.major() } else { self >= floor }
    }
}

/// The compute capability of a GPU or of compiled code: `8.6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComputeCapability {
    /// The generation. Compiled code runs only on its own generation.
    pub major: u32,
    /// The step within the generation. Compiled code runs on an equal or higher step.
    pub minor: u32,
}

impl ComputeCapability {
    /// Whether code compiled for `self` runs on a GPU of capability `gpu`: same major, minor not above the GPU's.
    #[must_use]
    pub fn serves(self, gpu: Self) -> bool {
        self.major == gpu.major && self.minor <= gpu.minor
    }
}

impl FromStr for ComputeCapability {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let error = || VersionError { text: text.to_owned(), what: "a compute capability", sample: "8.6" };
        let dotted = Dotted::parse(text, 2..=2).ok_or_else(error)?;
        Ok(Self { major: dotted.parts[0], minor: dotted.parts[1] })
    }
}

impl fmt::Display for ComputeCapability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

textual!(ComputeCapability);

/// A published framework release: a PEP 440 version, also with four parts or a post release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseVersion(pep440_rs::Version);

impl ReleaseVersion {
    /// Whether it is a release candidate, beta or nightly build. Such releases are never chosen.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.0.any_prerelease()
    }

    /// The version in the form of PEP 440 tools.
    #[must_use]
    pub fn pep440(&self) -> &pep440_rs::Version {
        &self.0
    }
}

impl FromStr for ReleaseVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let error = || VersionError { text: text.to_owned(), what: "a release version", sample: "2.4.1" };
        parser::version(text).map(Self).ok_or_else(error)
    }
}

impl fmt::Display for ReleaseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

textual!(ReleaseVersion);

/// The releases that a manifest asks for, with the text of the request.
///
/// A bare version and a single `==` are prefixes: `2.4` is any 2.4.z and never 2.40, and `2.4.1` includes its post and
/// four-part releases. Every other form, and any list, is strict PEP 440. Pre-releases never count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRequest {
    text: String,
    form: RequestForm,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum RequestForm {
    Prefix(Vec<u64>),
    /// `==2.15.0.post1`: a version with more than a release segment means only itself.
    Exact(pep440_rs::Version),
    Specifiers(pep440_rs::VersionSpecifiers),
}

impl VersionRequest {
    /// Any release.
    #[must_use]
    pub fn any() -> Self {
        Self { text: "*".to_owned(), form: RequestForm::Specifiers(pep440_rs::VersionSpecifiers::empty()) }
    }

    /// This release with its post and four-part releases.
    #[must_use]
    pub fn exactly(version: &ReleaseVersion) -> Self {
        let form = match &version.0 {
            exact if exact.is_post() || exact.is_local() || exact.any_prerelease() => RequestForm::Exact(exact.clone()),
            plain => RequestForm::Prefix(plain.release().to_vec()),
        };
        Self { text: version.to_string(), form }
    }

    /// Whether every release is included.
    #[must_use]
    pub fn is_any(&self) -> bool {
        matches!(&self.form, RequestForm::Specifiers(specifiers) if specifiers.is_empty())
    }

    /// Whether the request includes `version`.
    #[must_use]
    pub fn accepts(&self, version: &ReleaseVersion) -> bool {
        if version.is_prerelease() {
            return false;
        }
        match &self.form {
            RequestForm::Prefix(prefix) => version.0.release().starts_with(prefix),
            RequestForm::Exact(exact) => version.0 == *exact,
            RequestForm::Specifiers(specifiers) => specifiers.contains(&version.0),
        }
    }

    /// The meaning of the request for a reader: `2.4` means `>=2.4,<2.5`.
    #[must_use]
    pub fn meaning(&self) -> String {
        match &self.form {
            RequestForm::Prefix(prefix) => {
                let dotted = |parts: &[u64]| parts.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
                let mut next = prefix.clone();
                if let Some(last) = next.last_mut() {
                    *last = last.saturating_add(1);
                }
                format!(">={},<{}", dotted(prefix), dotted(&next))
            }
            RequestForm::Exact(exact) => format!("=={exact}"),
            RequestForm::Specifiers(specifiers) if specifiers.is_empty() => "any version".to_owned(),
            RequestForm::Specifiers(specifiers) => specifiers.to_string(),
        }
    }

    /// The text of the request.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl FromStr for VersionRequest {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let error =
            || VersionError { text: text.to_owned(), what: "a version or a version range", sample: ">=2.4,<2.6" };
        let trimmed = text.trim();
        if trimmed == "*" {
            return Ok(Self::any());
        }
        if trimmed.is_empty() {
            return Err(error());
        }
        let bare = trimmed.strip_prefix("==").filter(|rest| !rest.starts_with('=')).unwrap_or(trimmed).trim();
        let bare = bare.strip_suffix(".*").unwrap_or(bare);
        let form = match parser::version(bare) {
            Some(version) if version.any_prerelease() || version.is_local() => return Err(error()),
            Some(version) if version.is_post() => RequestForm::Exact(version),
            Some(version) => RequestForm::Prefix(version.release().to_vec()),
            None => RequestForm::Specifiers(parser::specifiers(trimmed).ok_or_else(error)?),
        };
        Ok(Self { text: text.to_owned(), form })
    }
}

impl fmt::Display for VersionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

textual!(VersionRequest);

/// A range of versions with the strict meaning of PEP 440, as in a requirement: `==2.4` is 2.4.0 alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRange(pep440_rs::VersionSpecifiers);

impl VersionRange {
    /// This version alone, or every version with this prefix (`0.7.*`).
    #[must_use]
    pub fn exactly(version: &str) -> Option<Self> {
        parser::specifiers(&format!("=={version}")).map(Self)
    }

    /// Whether the range includes `version`.
    #[must_use]
    pub fn accepts(&self, version: &pep440_rs::Version) -> bool {
        self.0.contains(version)
    }
}

/// Any version.
impl Default for VersionRange {
    fn default() -> Self {
        Self(pep440_rs::VersionSpecifiers::empty())
    }
}

impl FromStr for VersionRange {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let error = || VersionError { text: text.to_owned(), what: "a range of versions", sample: ">=2.4,<2.6" };
        parser::specifiers(text).map(Self).ok_or_else(error)
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn driver(text: &str) -> DriverVersion {
        text.parse().unwrap()
    }

    fn accepts(request: &str, version: &str) -> bool {
        request.parse::<VersionRequest>().unwrap().accepts(&version.parse().unwrap())
    }

    #[test]
    fn dotted_versions_keep_their_text_and_compare_by_number() {
        assert_eq!(driver("575.51.03").to_string(), "575.51.03");
        assert!(driver("550.54.14") < driver("550.54.15"));
        assert!(driver("550.9") < driver("550.54.14"));
        assert_eq!(driver("550"), driver("550.0.0"));
        assert!("12.x".parse::<CudaVersion>().is_err());
        assert!("".parse::<CudaVersion>().is_err());
        assert!("12.4.1.2".parse::<CudaVersion>().is_err());
        assert!("+12".parse::<CudaVersion>().is_err());
    }

    #[test]
    fn a_driver_branch_meets_a_floor_inside_it() {
        assert!(driver("525").meets(&driver("525.60.13")));
        assert!(!driver("525.60.11").meets(&driver("525.60.13")));
        assert!(!driver("520").meets(&driver("525.60.13")));
    }

    #[test]
    fn a_prefix_is_by_number_not_by_character() {
        let cuda = |text: &str| text.parse::<CudaVersion>().unwrap();
        assert!(cuda("12.4.1").within(&cuda("12.4")));
        assert!(!cuda("12.41").within(&cuda("12.4")));
        assert_eq!(cuda("12.4.1").prefix(2).to_string(), "12.4");
    }

    #[test]
    fn a_bare_version_is_a_prefix() {
        assert!(accepts("2.1", "2.1.2"));
        assert!(!accepts("2.1", "2.10.0"));
        assert!(accepts("2.15.0", "2.15.0.post1"));
        assert!(accepts("==0.9.0", "0.9.0.1"));
        assert!(accepts("== 2.4", "2.4.1"));
        assert!(accepts("2.4.*", "2.4.1"));
        assert!(!accepts("2", "3.0.0"));
    }

    #[test]
    fn ranges_are_strict_and_prereleases_never_count() {
        assert!(accepts(">=2.4,<2.6", "2.5.1"));
        assert!(!accepts(">=2.4,<2.6", "2.6.0"));
        assert!(!accepts(">=2.4", "2.5.0rc1"));
        assert!(accepts("~=2.4.0", "2.4.1"));
        assert!(accepts("*", "1.0"));
        assert!("2.5rc1".parse::<VersionRequest>().is_err());
        assert!("two".parse::<VersionRequest>().is_err());
    }

    #[test]
    fn the_meaning_is_said() {
        assert_eq!("2.4".parse::<VersionRequest>().unwrap().meaning(), ">=2.4,<2.5");
        assert_eq!("2.15.0.post1".parse::<VersionRequest>().unwrap().meaning(), "==2.15.0.post1");
    }

    #[test]
    fn compiled_code_runs_on_the_same_major_and_an_equal_or_higher_minor() {
        let cc = |text: &str| text.parse::<ComputeCapability>().unwrap();
        assert!(cc("8.0").serves(cc("8.6")));
        assert!(!cc("8.6").serves(cc("8.0")));
        assert!(!cc("8.6").serves(cc("9.0")));
    }
}
