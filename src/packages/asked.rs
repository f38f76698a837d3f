//! Everything that an environment asks of the Python index, each with its origin: the frameworks exactly as resolved,
//! the manifest's packages, its requirements files, and pip, because users and editors expect pip in an environment.

use std::collections::{BTreeMap, BTreeSet};

use super::files::ReadFile;
use crate::manifest::{Manifest, Requirement};
use crate::resolve::{DecidedFramework, Decision};

/// Written in a lock for the index that the host's own configuration names.
pub const DEFAULT_INDEX: &str = "default";

/// The origin of what every environment gets.
pub const OURS: &str = "envctl";

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CompileInput {
    /// PEP 508 lines.
    pub(super) requirements: Vec<String>,
    /// They limit versions and ask for nothing.
    pub(super) constraints: Vec<String>,
    /// Who asks, by the package's name.
    pub(super) origins: BTreeMap<String, BTreeSet<String>>,
    /// The makers' own indexes: package → index and framework. Nothing else is looked for there.
    pub(super) vendors: BTreeMap<String, Vendor>,
    /// The only artefacts a file allows: package → hashes and the file.
    pub(super) allowed: BTreeMap<String, Allowed>,
    /// Nothing published later, `YYYY-MM-DD`.
    pub(super) exclude_newer: Option<String>,
}

/// An index that serves one framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Vendor {
    pub(super) index: String,
    pub(super) framework: String,
}

/// Hashes from a requirements file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    pub(super) hashes: Vec<String>,
    pub(super) file: String,
}

/// What a closure has to answer, for whoever looks at one that is there.
#[derive(Clone, Debug, Default)]
pub struct ClosureDemand {
    /// What has to be in it.
    pub requirements: Vec<Requirement>,
    /// What limits it and asks for nothing.
    pub constraints: Vec<Requirement>,
    /// Packages that every environment gets from us; an older envctl may not have asked for one.
    pub ours: Vec<String>,
}

impl ClosureDemand {
    /// Of a whole environment.
    #[must_use]
    pub fn new(manifest: &Manifest, decision: &Decision, files: &[ReadFile]) -> Self {
        Self::of(&CompileInput::new(manifest, decision, files), decision)
    }

    /// Of its frameworks alone.
    #[must_use]
    pub fn of_frameworks(decision: &Decision) -> Self {
        let mut asked = CompileInput::default();
        for framework in &decision.frameworks {
            asked.framework(framework);
        }
        Self::of(&asked, decision)
    }

    /// What does not hold for the target asks for nothing.
    fn of(asked: &CompileInput, decision: &Decision) -> Self {
        let Decision { python, arch, .. } = decision;
        let read = |lines: &[String]| {
            let read = lines.iter().filter_map(|line| line.parse::<Requirement>().ok());
            read.filter(|requirement| requirement.holds(python, *arch)).collect()
        };
        let is_ours = |(_, origins): &(&String, &BTreeSet<String>)| origins.iter().all(|origin| origin == OURS);
        let ours: Vec<String> = asked.origins.iter().filter(is_ours).map(|(package, _)| package.clone()).collect();
        let mut requirements: Vec<Requirement> = read(&asked.requirements);
        requirements.retain(|requirement| !ours.iter().any(|package| requirement.package().as_str() == package));
        Self { requirements, constraints: read(&asked.constraints), ours }
    }
}

impl CompileInput {
    /// Puts everything together.
    pub(super) fn new(manifest: &Manifest, decision: &Decision, files: &[ReadFile]) -> Self {
        let mut asked = Self::default();
        for framework in &decision.frameworks {
            asked.framework(framework);
        }
        let path = manifest.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        for requirement in &manifest.python.packages {
            asked.add(requirement.value.as_str().to_owned(), requirement.value.package().as_str(), &path);
        }
        for file in files {
            asked.file(file);
        }
        asked.add("pip".to_owned(), "pip", OURS);
        asked.exclude_newer = exclude_newer(manifest, decision);
        asked
    }

    fn add(&mut self, requirement: String, package: &str, origin: &str) {
        self.requirements.push(requirement);
        self.origins.entry(package.to_owned()).or_default().insert(origin.to_owned());
    }

    fn framework(&mut self, framework: &DecidedFramework) {
        let id = framework.name.as_str();
        let local = crate::matrix::rows::suffix(framework.local.as_deref());
        let extras =
            if framework.extras.is_empty() { String::new() } else { format!("[{}]", framework.extras.join(",")) };
        let requirement = format!("{}{extras}=={}{local}", framework.package, framework.version);
        self.add(requirement, &framework.package, id);
        for (companion, version) in &framework.with {
            self.add(format!("{companion}=={version}"), companion, id);
        }
        for pin in &framework.pins {
            if let Ok(pin) = pin.parse::<Requirement>() {
                self.add(pin.as_str().to_owned(), pin.package().as_str(), id);
            }
        }
        if framework.index != DEFAULT_INDEX {
            let vendor = Vendor { index: framework.index.clone(), framework: id.to_owned() };
            for package in &framework.index_packages {
                // An index of one package serves what is asked for by name, so this is.
                self.add(package.clone(), package, id);
                self.vendors.insert(package.clone(), vendor.clone());
            }
            let own = framework.index_packages.is_empty();
            for package in framework.with.keys().chain([&framework.package]).filter(|_| own) {
                self.vendors.insert(package.clone(), vendor.clone());
            }
        }
    }

    fn file(&mut self, file: &ReadFile) {
        for found in &file.content.requirements {
            let package = found.requirement.package();
            let line = found.requirement.as_str().to_owned();
            if file.constraint {
                self.constraints.push(line);
            } else {
                self.add(line, package.as_str(), &file.path);
            }
            if !found.hashes.is_empty() {
                let allowed = Allowed { hashes: found.hashes.clone(), file: file.path.clone() };
                self.allowed.insert(package.as_str().to_owned(), allowed);
            }
        }
    }
}

/// The manifest's day, else the earliest that a framework needs.
fn exclude_newer(manifest: &Manifest, decision: &Decision) -> Option<String> {
    let asked = manifest.python.exclude_newer.as_ref().map(|day| day.value.as_str().to_owned());
    asked.or_else(|| decision.frameworks.iter().filter_map(|framework| framework.exclude_newer.clone()).min())
}
