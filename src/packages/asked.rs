//! Everything that an environment asks of the Python index, each with its origin: the frameworks exactly as resolved,
//! the manifest's packages, its requirements files, and pip, because users and editors expect pip in an environment.

use std::collections::{BTreeMap, BTreeSet};

use super::files::ReadFile;
use crate::manifest::{Manifest, Requirement};
use crate::resolve::{DecidedFramework, Decision};

/// The name in a lock for the default index of this host's configuration.
pub const DEFAULT_INDEX: &str = "default";

/// The origin of packages that every environment gets.
pub const OURS: &str = "envctl";

/// The input of the resolution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CompileInput {
    /// PEP 508 lines.
    pub(super) requirements: Vec<String>,
    /// Lines that limit versions and ask for no package.
    pub(super) constraints: Vec<String>,
    /// The origins of each request, by package name.
    pub(super) origins: BTreeMap<String, BTreeSet<String>>,
    /// The publishers' own indexes: package → index and framework. No other package is searched there.
    pub(super) vendors: BTreeMap<String, Vendor>,
    /// The only artefacts that a file allows: package → hashes and the file.
    pub(super) allowed: BTreeMap<String, Allowed>,
    /// The last day of publication, `YYYY-MM-DD`.
    pub(super) exclude_newer: Option<String>,
}

/// An index of one framework's publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Vendor {
    pub(super) index: String,
    pub(super) framework: String,
}

/// The hashes of a requirements file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    pub(super) hashes: Vec<String>,
    pub(super) file: String,
}

/// A framework of which uv chooses the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFramework {
    /// The framework's ID.
    pub id: String,
    /// The Python distribution: `torch`.
    pub package: String,
    /// The companions, without versions.
    pub companions: Vec<String>,
    /// The releases that fit: `>=2.0,<=2.8.0`.
    pub range: String,
}

/// The requests of the project itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProjectAsks<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) files: &'a [ReadFile],
    /// A package whose limits are left out, to find out whether they are the reason of a conflict.
    pub(super) loosened: Option<&'a str>,
}

/// The requirements of a closure, to check an existing one.
#[derive(Clone, Debug, Default)]
pub struct ClosureDemand {
    /// Requirements that a package of the closure must satisfy.
    pub requirements: Vec<Requirement>,
    /// Constraints, which limit versions and ask for no package.
    pub constraints: Vec<Requirement>,
    /// Packages that envctl adds to every environment. An older envctl can have written a lock without one.
    pub ours: Vec<String>,
}

impl ClosureDemand {
    /// The requirements of a complete environment.
    #[must_use]
    pub fn new(manifest: &Manifest, decision: &Decision, files: &[ReadFile]) -> Self {
        Self::of(&CompileInput::new(ProjectAsks { manifest, files, loosened: None }, decision), decision)
    }

    /// The requirements of its frameworks alone.
    #[must_use]
    pub fn of_frameworks(decision: &Decision) -> Self {
        let mut asked = CompileInput::default();
        for framework in &decision.frameworks {
            asked.framework(framework);
        }
        Self::of(&asked, decision)
    }

    /// Collects the requirements. A requirement with a false marker for the target asks for nothing.
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
    /// Collects all requests, with the frameworks exactly as decided.
    pub(super) fn new(project: ProjectAsks<'_>, decision: &Decision) -> Self {
        let mut asked = Self::default();
        for framework in &decision.frameworks {
            asked.framework(framework);
        }
        asked.project(project, &decision.frameworks);
        asked.exclude_newer = exclude_newer(project.manifest, decision);
        asked
    }

    /// Collects all requests, with the choice of the frameworks' releases left to uv.
    pub(super) fn open(project: ProjectAsks<'_>, frameworks: &[OpenFramework]) -> Self {
        let mut asked = Self::default();
        for OpenFramework { id, package, companions, range } in frameworks {
            asked.add(format!("{package}{range}"), package, id);
            for companion in companions {
                asked.add(companion.clone(), companion, id);
            }
        }
        asked.project(project, &[]);
        asked.exclude_newer = project.manifest.python.exclude_newer.as_ref().map(|day| day.value.as_str().to_owned());
        asked
    }

    /// Collects the requests of the project alone. The frameworks of the decision are left out: their builds can be on
    /// another index.
    pub(super) fn direct(project: ProjectAsks<'_>, decision: &Decision) -> Self {
        let mut frameworks = Self::default();
        decision.frameworks.iter().for_each(|framework| frameworks.framework(framework));
        let mut asked = Self::default();
        asked.project(project, &decision.frameworks);
        let is_other = |line: &String| {
            let package = line.parse::<Requirement>().map(|requirement| requirement.package().to_string());
            package.is_ok_and(|package| !frameworks.origins.contains_key(&package))
        };
        asked.requirements.retain(is_other);
        asked.constraints.retain(is_other);
        asked.exclude_newer = project.manifest.python.exclude_newer.as_ref().map(|day| day.value.as_str().to_owned());
        asked
    }

    /// Adds the requests of the project, and pip.
    fn project(&mut self, project: ProjectAsks<'_>, frameworks: &[DecidedFramework]) {
        let ProjectAsks { manifest, files, loosened } = project;
        let path = manifest.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let line = |requirement: &Requirement| {
            if loosened == Some(requirement.package().as_str()) {
                return requirement.without_version();
            }
            without_label(requirement, frameworks)
        };
        for requirement in &manifest.python.packages {
            self.add(line(&requirement.value), requirement.value.package().as_str(), &path);
        }
        for file in files {
            self.file(file, line);
        }
        self.add("pip".to_owned(), "pip", OURS);
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
                // uv uses the index of one package only for direct requests, so each package becomes one.
                self.add(package.clone(), package, id);
                self.vendors.insert(package.clone(), vendor.clone());
            }
            let own = framework.index_packages.is_empty();
            for package in framework.with.keys().chain([&framework.package]).filter(|_| own) {
                self.vendors.insert(package.clone(), vendor.clone());
            }
        }
    }

    fn file(&mut self, file: &ReadFile, line: impl Fn(&Requirement) -> String) {
        for found in &file.content.requirements {
            let package = found.requirement.package();
            let line = line(&found.requirement);
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

/// The requirement without the label of a build that is the decided one. The default index has that build without its
/// label: `torch==2.4.1` there is `torch==2.4.1+cu121` of its makers.
fn without_label(requirement: &Requirement, frameworks: &[DecidedFramework]) -> String {
    let (text, package) = (requirement.as_str(), requirement.package());
    let of_it = |framework: &&DecidedFramework| {
        framework.local.is_none()
            && (framework.package == package.as_str() || framework.with.contains_key(package.as_str()))
    };
    let Some(framework) = frameworks.iter().find(of_it) else { return text.to_owned() };
    let bare = text.replace(&format!("+{}", framework.variant), "");
    let is_whole = bare.parse::<Requirement>().is_ok_and(|bare| !bare.as_str().contains('+'));
    if is_whole { bare } else { text.to_owned() }
}

/// The manifest's day, else the earliest day that a framework needs.
fn exclude_newer(manifest: &Manifest, decision: &Decision) -> Option<String> {
    let asked = manifest.python.exclude_newer.as_ref().map(|day| day.value.as_str().to_owned());
    asked.or_else(|| decision.frameworks.iter().filter_map(|framework| framework.exclude_newer.clone()).min())
}
