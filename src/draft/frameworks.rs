//! Turns the framework lines of a project's files into `[frameworks]`: `torch==2.1.0+cu118` with `torchvision`.
//!
//! A framework must leave the list of packages, because its build decides CUDA and the base, and pip cannot choose
//! that.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, DraftFramework, DraftPlace, How, LeftReason, framework_setting};
use crate::foreign::{KeySetting, Lined, requirement_name};
use crate::manifest::{Arch, FrameworkId, Requirement, ValueError};
use crate::matrix::rows::FrameworkFile;
use crate::matrix::{Matrix, PackageKind, makers_address, uv};
use crate::packages::{FrameworkPackage, framework_package};
use crate::parser;
use crate::version::{ReleaseVersion, VersionRequest};

/// The most specifiers and the most labels of builds that are kept of one framework.
const MOST_SPECIFIERS: usize = 100;

/// The framework lines so far.
pub(super) struct FrameworkLines<'m> {
    matrix: &'m Matrix,
    found: BTreeMap<FrameworkId, FrameworkGathering>,
}

/// What lines say about one framework.
#[derive(Default)]
struct FrameworkGathering {
    specifiers: Vec<String>,
    /// Specifiers of lines whose marker holds for some Pythons only. Used if there are no others and they agree.
    for_some: Vec<String>,
    place: Option<DraftPlace>,
    /// The labels of builds, `cu118`.
    labels: Vec<Lined<String>>,
    file: String,
    /// The companions with the version that a line pins.
    companions: BTreeMap<String, Option<String>>,
}

impl<'m> FrameworkLines<'m> {
    pub(super) fn new(matrix: &'m Matrix) -> Self {
        Self { matrix, found: BTreeMap::new() }
    }

    /// The framework that a distribution is, or is a companion of. A companion counts if a release has a version of it.
    pub(super) fn framework_of(&self, name: &str) -> Option<FrameworkPackage> {
        let known = framework_package(&name.parse().ok()?, self.matrix)?;
        let is_taken = match known.kind {
            PackageKind::Build => true,
            PackageKind::Companion => {
                let file = self.matrix.framework(&known.framework)?;
                file.releases.iter().any(|release| release.companions.contains_key(name))
            }
            PackageKind::Part | PackageKind::Nightly => false,
        };
        is_taken.then_some(known)
    }

    /// The build's CUDA that an index of a framework's makers serves: `…/whl/cu118`. A mirror of a site is known if a
    /// line before asked for the framework.
    pub(super) fn cuda_of_index(&self, address: &str) -> Option<String> {
        let address = address.trim_end_matches('/');
        let makers = makers_address(address).map(|row| &row.framework);
        let files = makers.into_iter().chain(self.found.keys()).filter_map(|id| self.matrix.framework(id));
        let mut builds = files.flat_map(|file| file.releases.iter().flat_map(|release| &release.builds));
        let found = builds.find(|build| build.index.trim_end_matches('/') == address)?;
        found.cuda.as_ref().map(ToString::to_string)
    }

    /// Takes a line if it is about a framework.
    pub(super) fn take(&mut self, line: &Lined<String>, file: &str) -> bool {
        let name = requirement_name(&line.value);
        let Some(FrameworkPackage { framework: id, kind, .. }) = self.framework_of(&name) else { return false };
        let is_for_some = match self.holds(&id, &line.value) {
            Holds::Never => return true,
            Holds::Sometimes => true,
            Holds::Always => false,
        };
        let (specifiers, label) = split_label(&line.value);
        let gathered = self.found.entry(id).or_default();
        gathered.place.get_or_insert_with(|| DraftPlace::line(file, line.line));
        if let Some(label) = label.filter(|_| gathered.labels.len() < MOST_SPECIFIERS) {
            gathered.labels.push(Lined { value: label, line: line.line });
            file.clone_into(&mut gathered.file);
        }
        if kind == PackageKind::Companion {
            let exact = specifiers.strip_prefix("==").filter(|rest| !rest.contains([',', '*'])).map(str::to_owned);
            gathered.companions.entry(name).or_insert(exact);
        } else {
            gathered.place = Some(DraftPlace::line(file, line.line));
            let kept = if is_for_some { &mut gathered.for_some } else { &mut gathered.specifiers };
            if !specifiers.is_empty() && kept.len() < MOST_SPECIFIERS && !kept.contains(&specifiers) {
                kept.push(specifiers);
            }
        }
        true
    }

    /// When the marker holds, by the Pythons of the framework's wheels that can be installed.
    fn holds(&self, id: &FrameworkId, text: &str) -> Holds {
        if !text.contains(';') {
            return Holds::Always;
        }
        let Ok(requirement) = text.parse::<Requirement>() else { return Holds::Sometimes };
        let mut pythons = self.matrix.framework(id).map(FrameworkFile::pythons).unwrap_or_default();
        pythons.retain(|python| *python >= uv().oldest_python);
        let answers: BTreeSet<bool> = pythons.iter().map(|python| requirement.holds(python, Arch::X86_64)).collect();
        match (answers.contains(&true), answers.contains(&false)) {
            (true, false) => Holds::Always,
            (false, _) => Holds::Never,
            (true, true) => Holds::Sometimes,
        }
    }

    /// Writes what was found into the draft, and forgets it.
    pub(super) fn add_to(&mut self, draft: &mut Draft, how: How) {
        for (id, mut gathered) in std::mem::take(&mut self.found) {
            if gathered.specifiers.is_empty() && gathered.for_some.len() == 1 {
                gathered.specifiers.append(&mut gathered.for_some);
            }
            let text = self.requested_version(&id, &gathered);
            let place = gathered.place.clone().unwrap_or_else(|| DraftPlace::whole(&gathered.file));
            let with: BTreeSet<String> = gathered.companions.keys().cloned().collect();
            match text.parse::<VersionRequest>() {
                Ok(version) => draft.add_framework(&id, DraftFramework { version, with, place, how }),
                Err(error) => {
                    let why = LeftReason::Refused(ValueError::from(error).to_string());
                    draft.leave(&framework_setting(&id, &text), &place, why);
                }
            }
            for label in &gathered.labels {
                if let Some(cuda) = self.cuda_of_label(&id, &label.value) {
                    let place = DraftPlace::line(&gathered.file, label.line);
                    draft.offer(KeySetting::whole("cuda", "version", cuda), &place, how);
                }
            }
        }
    }

    fn cuda_of_label(&self, id: &FrameworkId, label: &str) -> Option<String> {
        let mut builds = self.matrix.framework(id)?.releases.iter().flat_map(|release| &release.builds);
        builds.find(|build| build.variant.as_str() == label)?.cuda.as_ref().map(ToString::to_string)
    }

    /// The releases that the lines leave. A pinned companion decides where the framework itself is open.
    fn requested_version(&self, id: &FrameworkId, gathered: &FrameworkGathering) -> String {
        let text = match &gathered.specifiers[..] {
            [] => "*".to_owned(),
            [one] => {
                let exact = one.strip_prefix("==").filter(|rest| !rest.contains(','));
                exact.map_or(one.as_str(), |exact| exact.trim_end_matches(".*")).to_owned()
            }
            several => several.join(","),
        };
        let is_pinned = gathered.specifiers.iter().any(|one| one.starts_with("=="));
        let pinned = gathered.companions.iter().filter_map(|(name, version)| Some((name, version.as_ref()?)));
        let pinned: Vec<_> = pinned.collect();
        let releases = self.matrix.framework(id).map(|file| &file.releases[..]).unwrap_or_default();
        if is_pinned || pinned.is_empty() {
            return text;
        }
        let request = text.parse::<VersionRequest>().ok();
        let fits = |version: &ReleaseVersion| request.as_ref().is_none_or(|request| request.accepts(version));
        let has = |companions: &BTreeMap<String, String>| {
            pinned.iter().all(|(name, version)| companions.get(*name).is_some_and(|have| have == *version))
        };
        let found = releases.iter().find(|release| fits(&release.version) && has(&release.companions));
        found.map_or(text, |release| release.version.to_string())
    }
}

/// When a requirement's marker holds.
enum Holds {
    Always,
    Sometimes,
    Never,
}

/// Splits the specifiers of a requirement from its label. An address has neither.
fn split_label(text: &str) -> (String, Option<String>) {
    let text = text.split(';').next().unwrap_or(text);
    let start = text.find(['<', '>', '=', '!', '~', '@']).unwrap_or(text.len());
    let specifiers = text[start..].trim().trim_end_matches(')').replace(' ', "");
    let (plain, label) = match specifiers.split_once('+') {
        Some((plain, label)) if specifiers.starts_with("==") => (plain.to_owned(), Some(label.to_owned())),
        _ => (specifiers, None),
    };
    if parser::specifiers(&plain).is_some() { (plain, label) } else { (String::new(), None) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Vocabulary;

    fn drafted(lines: &[&str]) -> Draft {
        let matrix = Matrix::embedded();
        let mut found = FrameworkLines::new(&matrix);
        for (at, line) in lines.iter().enumerate() {
            found.take(&Lined { value: (*line).to_owned(), line: at + 1 }, "r.txt");
        }
        let mut draft = Draft::new("lab".parse().unwrap(), Vocabulary::default(), crate::draft::DraftHost::default());
        found.add_to(&mut draft, How::Mapped);
        draft
    }

    fn version(lines: &[&str], id: &str) -> Option<String> {
        drafted(lines).frameworks.get(&id.parse::<FrameworkId>().unwrap()).map(|found| found.version.to_string())
    }

    #[test]
    fn lines_become_a_request() {
        for (lines, expected) in [
            (&["torch==2.1.0"][..], "2.1.0"),
            (&["torch>=2.0", "torch<2.3"], ">=2.0,<2.3"),
            (&["torch"], "*"),
            (&["torch==2.0.0.*"], "2.0.0"),
            (&["torch==2.1.0 ; python_version >= '3.10' and python_version < '4.0'"], "2.1.0"),
            (&["torch==1.13 ; python_version < '3.9'", "torch>=2 ; python_version >= '3.9'"], "*"),
            (&["torch (>=2.0)"], ">=2.0"),
            (&["torch==2.1.0 ; sys_platform == 'darwin'", "torch>=2"], ">=2"),
            (&["torchvision==0.16.0"], "2.1.0"),
            (&["torch>=2", "torchvision==0.16.0"], "2.1.0"),
            (&["torch @ https://x.example/t.whl"], "*"),
        ] {
            assert_eq!(version(lines, "pytorch").as_deref(), Some(expected), "{lines:?}");
        }
        assert_eq!(version(&["tensorflow-gpu==2.4.0"], "tensorflow").as_deref(), Some("2.4.0"));
        assert_eq!(version(&["keras", "onnx", "rich"], "tensorflow"), None);
    }

    #[test]
    fn a_label_names_the_build() {
        let draft = drafted(&["torch==2.1.0+cu118", "torchvision==0.16.0+cu118"]);
        assert!(draft.text().contains("[cuda]\nversion = \"11.8\"  # r.txt:1"), "{}", draft.text());
        assert!(draft.text().contains("pytorch = { version = \"2.1.0\", with = [\"torchvision\"] }  # r.txt:1"));
        let matrix = Matrix::embedded();
        let found = FrameworkLines::new(&matrix);
        let index =
            matrix.framework(&"pytorch".parse().unwrap()).unwrap().releases.iter().flat_map(|release| &release.builds);
        let other = index.map(|build| &build.index).find(|index| index.ends_with("cu118")).unwrap();
        assert_eq!(found.cuda_of_index(&format!("{other}/")).as_deref(), Some("11.8"));
    }
}
