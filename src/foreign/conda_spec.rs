//! One package as conda writes it: `conda-forge::numpy>=1.21,<2`, `pytorch=2.0.0=py3.9_cuda11.8_0`.

use super::normal_name;
use crate::matrix::{CondaTwin, conda_twin, has_other_versions};
use crate::parser;

/// A package of conda, in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CondaSpec {
    /// The name in lower case.
    pub name: String,
    /// The version with its operators, as written; empty if any.
    pub version: String,
    /// The build, such as `py39_cuda11.8`; empty if any.
    pub build: String,
}

/// What a spec means for an environment of envctl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SpecMeaning {
    /// A PEP 508 requirement.
    Requirement(String),
    /// Nothing to install.
    Provided,
    /// A package of Debian and Ubuntu.
    System(&'static str),
    Unknown,
}

/// The build of packages that pip installed into a conda environment.
const FROM_PIP: [&str; 2] = ["pypi_0", "pypi"];

impl CondaSpec {
    /// Reads one spec. `None`: it has no name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.rsplit_once("::").map_or(text, |(_, rest)| rest);
        let text = text.split_once('[').map_or(text, |(before, _)| before);
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if name.is_empty() {
            return None;
        }
        let rest = rest.trim();
        // `numpy 1.21 py39_0` and `numpy=1.21=py39_0` are the same.
        let (version, build) = if let Some(after) = rest.strip_prefix('=').filter(|after| !after.starts_with('=')) {
            let (version, build) = after.split_once('=').unwrap_or((after, ""));
            (format!("={}", version.trim()), build.trim())
        } else if rest.starts_with(['<', '>', '!', '=', '~']) {
            (rest.replace(' ', ""), "")
        } else {
            let mut words = rest.split_whitespace();
            (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default())
        };
        Some(Self { name: name.to_ascii_lowercase(), version, build: build.to_owned() })
    }

    /// The version without operators and wildcards, if it is one version: `=11.8` is `11.8`.
    #[must_use]
    pub fn pinned(&self) -> Option<&str> {
        let version = self.version.trim_start_matches('=').trim_end_matches(".*").trim_end_matches('*');
        let is_version =
            version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains([',', '|', '<', '>', '!']);
        is_version.then_some(version)
    }

    pub(super) fn meaning(&self) -> SpecMeaning {
        let twin = match conda_twin(&self.name) {
            _ if FROM_PIP.contains(&self.build.as_str()) => return self.requirement(&normal_name(&self.name), "=="),
            Some(CondaTwin::Provided) => return SpecMeaning::Provided,
            Some(CondaTwin::System(package)) => return SpecMeaning::System(package),
            Some(CondaTwin::Distribution(name)) => name,
            None => return SpecMeaning::Unknown,
        };
        if has_other_versions(&self.name) {
            SpecMeaning::Requirement(twin.to_owned())
        } else {
            self.requirement(twin, "")
        }
    }

    fn requirement(&self, name: &str, exact: &str) -> SpecMeaning {
        let specifiers = match self.pinned() {
            Some(version) if !exact.is_empty() || self.version.starts_with("==") => format!("=={version}"),
            // conda's own releases of a version can differ in a last part, so one `=` is a prefix there.
            Some(version) => format!("=={version}.*"),
            None => self.version.replace('|', "||"),
        };
        let plain = self.pinned().map(|version| format!("=={version}"));
        let readable = |text: &String| text.is_empty() || parser::specifiers(text).is_some();
        let found = Some(specifiers).filter(readable).or_else(|| plain.filter(readable));
        // A version that PEP 440 does not know (`1.1.1u`) is left open.
        SpecMeaning::Requirement(format!("{name}{}", found.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_conda() {
        for (text, name, version, build) in [
            ("numpy", "numpy", "", ""),
            ("numpy=1.21", "numpy", "=1.21", ""),
            ("numpy=1.21.2=py39_0", "numpy", "=1.21.2", "py39_0"),
            ("conda-forge::numpy>=1.21, <2", "numpy", ">=1.21,<2", ""),
            ("numpy ==1.21", "numpy", "==1.21", ""),
            ("numpy 1.21.* py39_0", "numpy", "1.21.*", "py39_0"),
            ("PyTorch[build=cuda*]", "pytorch", "", ""),
        ] {
            let expected = CondaSpec { name: name.into(), version: version.into(), build: build.into() };
            assert_eq!(CondaSpec::parse(text), Some(expected), "{text}");
        }
        assert_eq!(CondaSpec::parse("=1"), None);
    }

    #[test]
    fn versions_become_pep_440() {
        let meaning = |text: &str| match CondaSpec::parse(text).unwrap().meaning() {
            SpecMeaning::Requirement(text) => text,
            other => format!("{other:?}"),
        };
        for (text, expected) in [
            ("numpy=1.21", "numpy==1.21.*"),
            ("numpy==1.21.2", "numpy==1.21.2"),
            ("numpy 1.21.*", "numpy==1.21.*"),
            ("numpy>=1.21,<2", "numpy>=1.21,<2"),
            ("opencv=4.5.3=py39_2", "opencv-python==4.5.3.*"),
            ("tzdata=2022g=h04d1e81_0", "tzdata"),
            ("no_such=1.0=pypi_0", "no-such==1.0"),
            ("torchvision=0.15.0=py39_cu118", "torchvision"),
            ("cudatoolkit=11.3", "Provided"),
            ("ffmpeg", "System(\"ffmpeg\")"),
            ("gnuradio", "Unknown"),
        ] {
            assert_eq!(meaning(text), expected, "{text}");
        }
    }
}
