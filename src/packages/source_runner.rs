//! The place where code of packages runs, where the user agreed to that: never this host.
//!
//! This room has no engine, so it is given such a place.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;

use super::CompileJob;
use crate::error::Result;
use crate::manifest::{PackageName, Requirement};
use crate::parser;
use crate::resolve::Decision;

/// A throw-away container of the environment's base image, with the environment's Python and compilers.
pub trait SourceRunner: Debug {
    /// Runs `uv pip compile` there. A run that fails is an answer; an error means that there was no container.
    fn compile<'a>(
        &'a self,
        decision: &'a Decision,
        job: &'a CompileJob,
    ) -> Pin<Box<dyn Future<Output = Result<CompileAnswer>> + 'a>>;
}

/// What uv left in the container. Code of packages may have written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileAnswer {
    /// The result. `None`: uv failed.
    pub output: Option<String>,
    /// uv's messages.
    pub words: String,
    /// What was there while each package was asked.
    pub notes: SourceNotes,
}

/// What was there while packages were asked what they need: for each name, `name` and `version`.
///
/// A backend can ask for more than the project file says (`setup_requires`), but only when it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceNotes(BTreeMap<String, BTreeMap<String, String>>);

/// The largest number of distributions that are noted for one package.
const MOST: usize = 200;

impl SourceNotes {
    /// Reads the notes. What is no name or no version is passed over: code of packages may have written it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut notes: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let Some(Ok(name)) = words.next().map(str::parse::<PackageName>) else { continue };
            let there = words.filter_map(|word| {
                let (name, version) = word.split_once("==")?;
                parser::version(version)?;
                Some((name.parse::<PackageName>().ok()?.to_string(), version.to_owned()))
            });
            let there: BTreeMap<_, _> = there.take(MOST).collect();
            let known = notes.entry(name.to_string()).or_default();
            if there.len() > known.len() {
                *known = there;
            }
        }
        Self(notes)
    }

    /// Requirements for what was there and is not asked for by `known`, in a version that is no newer.
    pub(super) fn beyond(&self, package: &str, known: &[String]) -> Vec<String> {
        let is_known = |name: &str| {
            known.iter().any(|line| line.parse::<Requirement>().is_ok_and(|one| one.package().as_str() == name))
        };
        let there = self.0.get(package).into_iter().flatten().filter(|(name, _)| !is_known(name));
        there.map(|(name, version)| format!("{name}<={version}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_backend_asks_for_when_it_runs_is_noted() {
        let notes = SourceNotes::parse(
            "pesq setuptools==84.2.1\npesq cython==3.3.1 numpy==2.4.6 setuptools==84.2.1\n\
             ../evil numpy==1\nother -e==1 numpy==soon\n",
        );
        let known = ["setuptools>=40.8.0".to_owned(), "wheel".to_owned()];
        assert_eq!(notes.beyond("pesq", &known), ["cython<=3.3.1", "numpy<=2.4.6"]);
        assert_eq!(notes.beyond("other", &known), Vec::<String>::new());
    }
}
