//! The Pythons that a manifest or a project accepts.

use std::fmt;
use std::str::FromStr;

use super::ValueError;
use crate::parser;
use crate::version::PythonVersion;

/// The Pythons that are accepted, with the text of the request.
///
/// A bare version is one minor release: `3.11`. Every other form is a PEP 440 range of full releases, and a minor
/// release is accepted if the range contains one of its patch releases: `>=3.8.1` accepts 3.8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonRequest {
    text: String,
    form: PythonForm,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PythonForm {
    Minor(PythonVersion),
    /// The accepted minor releases of Python 3, one bit each. No framework has wheels for another Python.
    Range(u64),
}

/// The `requires-python` of a project, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiresPython {
    /// The Pythons that the project accepts.
    pub request: PythonRequest,
    /// The file and the line: `pyproject.toml:7`.
    pub place: String,
}

impl PythonRequest {
    /// Only this Python.
    #[must_use]
    pub fn exactly(version: &PythonVersion) -> Self {
        Self { text: version.to_string(), form: PythonForm::Minor(version.clone()) }
    }

    /// Whether the request includes `version`.
    #[must_use]
    pub fn accepts(&self, version: &PythonVersion) -> bool {
        match &self.form {
            PythonForm::Minor(only) => only == version,
            PythonForm::Range(minors) => {
                version.major() == 3 && version.minor().is_some_and(|minor| minor < 64 && (minors >> minor) & 1 == 1)
            }
        }
    }

    /// The only Python that a bare version accepts. `None`: the request is a range.
    #[must_use]
    pub fn only(&self) -> Option<&PythonVersion> {
        match &self.form {
            PythonForm::Minor(only) => Some(only),
            PythonForm::Range(_) => None,
        }
    }

    /// The text of the request.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl FromStr for PythonRequest {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let error = |why: &'static str| {
            let allowed = "a minor release such as `3.11`, or a range such as `>=3.9,<3.12`";
            ValueError::new(text, "a Python version", why, allowed)
        };
        let trimmed = text.trim();
        let bare = trimmed.strip_prefix("==").filter(|rest| !rest.starts_with('=')).unwrap_or(trimmed).trim();
        let bare = bare.strip_suffix(".*").unwrap_or(bare);
        let form = match bare.parse::<PythonVersion>() {
            Ok(only) => PythonForm::Minor(only),
            // A distribution and uv each have one patch release.
            Err(_) if parser::version(trimmed).is_some_and(|version| version.release().len() > 2) => {
                return Err(error("a patch release can't be chosen"));
            }
            Err(_) => PythonForm::Range(minors(trimmed).ok_or_else(|| error("it can't be read as one"))?),
        };
        Ok(Self { text: trimmed.to_owned(), form })
    }
}

/// The minor releases of Python 3 with a patch release in the range.
fn minors(range: &str) -> Option<u64> {
    if range == "*" {
        return Some(u64::MAX);
    }
    let range = parser::specifiers(range).filter(|range| !range.is_empty())?;
    // Between the patch releases that the range names, all patch releases behave alike.
    let mut patches = vec![0, 1, 999];
    patches.extend(
        range
            .iter()
            .filter_map(|one| one.version().release().get(2))
            .flat_map(|patch| [*patch, patch.saturating_add(1)]),
    );
    let has = |minor: u64| patches.iter().any(|patch| range.contains(&pep440_rs::Version::new([3, minor, *patch])));
    Some((0..64).filter(|minor| has(*minor)).fold(0, |minors, minor| minors | 1 << minor))
}

impl fmt::Display for PythonRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(request: &str) -> String {
        let request = request.parse::<PythonRequest>().unwrap();
        let all = (5..17).map(|minor| format!("3.{minor}").parse::<PythonVersion>().unwrap());
        all.filter(|python| request.accepts(python)).map(|python| python.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_bare_version_is_one_python() {
        for text in ["3.11", "==3.11", "==3.11.*", " 3.11 ", "== 3.11"] {
            assert_eq!(accepted(text), "3.11", "{text}");
        }
        assert_eq!("3.11".parse::<PythonRequest>().unwrap().only().unwrap().to_string(), "3.11");
    }

    #[test]
    fn a_range_accepts_a_minor_release_by_its_patch_releases() {
        assert_eq!(accepted(">=3.9,<3.12"), "3.9 3.10 3.11");
        assert_eq!(accepted(">=3.8.1,<3.10"), "3.8 3.9");
        assert_eq!(accepted("!=3.9.7,>=3.9,<3.11"), "3.9 3.10");
        assert_eq!(accepted(">=3.7, <=3.9"), "3.7 3.8 3.9");
        assert_eq!(accepted("~=3.12"), "3.12 3.13 3.14 3.15 3.16");
        assert_eq!(accepted("~=3.12.2"), "3.12");
        assert_eq!(accepted("==3.10.4,>3"), "3.10");
        assert_eq!(accepted("!=3.9.*,>=3.8,<3.11"), "3.8 3.10");
        assert_eq!(accepted("==3.*,<3.7"), "3.5 3.6");
        assert_eq!(accepted("<3"), "");
        assert!("*".parse::<PythonRequest>().unwrap().accepts(&"3.14".parse().unwrap()));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in ["", " ", "3", "3.11.4", "python3", "^3.8", ">=3.9 <3.12", "3.11 or 3.12", "3.13rc1"] {
            assert!(text.parse::<PythonRequest>().is_err(), "{text}");
        }
    }
}
