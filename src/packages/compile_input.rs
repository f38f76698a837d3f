//! Everything that an environment asks of the Python index, each with its origin: the frameworks exactly as resolved,
//! the manifest's packages, its requirements files, and pip, because users and editors expect pip in an environment.

use std::collections::{BTreeMap, BTreeSet};

use super::files::ReadFile;
use super::framework_name;
use super::locked::{DEFAULT_INDEX, LockedPackage};
use crate::manifest::{Manifest, PackageName, Requirement};
use crate::matrix::{self, PackageKind};
use crate::resolve::{DecidedFramework, Decision};

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
            asked.add_framework(framework);
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
            asked.add_framework(framework);
        }
        asked.add_project(project, &steer_by(&decision.frameworks));
        asked.exclude_newer = find_last_day(project.manifest, decision);
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
        asked.add_project(project, &steer_by(frameworks));
        asked.exclude_newer = project.manifest.python.exclude_newer.as_ref().map(|day| day.value.as_str().to_owned());
        asked
    }

    /// Collects the requests of the project alone. The frameworks of the decision are left out: their builds can be on
    /// another index.
    pub(super) fn direct(project: ProjectAsks<'_>, decision: &Decision) -> Self {
        let mut frameworks = Self::default();
        decision.frameworks.iter().for_each(|framework| frameworks.add_framework(framework));
        let mut asked = Self::default();
        asked.add_project(project, &steer_by(&decision.frameworks));
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
    fn add_project(&mut self, project: ProjectAsks<'_>, frameworks: &[SteeredFramework]) {
        let ProjectAsks { manifest, files, loosened } = project;
        let path = manifest.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let given = LineGrounds { frameworks, loosened };
        for requirement in &manifest.python.packages {
            self.add_line(&requirement.value, LineUse::Request, &path, given);
        }
        for file in files {
            self.add_file(file, given);
        }
        self.add("pip".to_owned(), "pip", OURS);
    }

    /// Asks for the companions among these packages on the index of their framework's makers. A dependency of another
    /// package would else bring them from the default index, compiled against another build. Returns whether there are
    /// any.
    pub(super) fn take_companions<'a>(&mut self, names: impl Iterator<Item = &'a str>, decision: &Decision) -> bool {
        let mut found = false;
        for name in names {
            let Some(row) = matrix::package(name).filter(|row| row.kind == PackageKind::Companion) else { continue };
            let Some(framework) = decision.frameworks.iter().find(|one| one.name == row.framework) else { continue };
            let elsewhere = framework.index != DEFAULT_INDEX && framework.index_packages.is_empty();
            if elsewhere && row.is_on_index_of(framework.cuda.is_some()) && !self.vendors.contains_key(name) {
                let id = framework.name.as_str();
                self.add(name.to_owned(), name, id);
                let vendor = Vendor { index: framework.index.clone(), framework: id.to_owned() };
                self.vendors.insert(name.to_owned(), vendor);
                found = true;
            }
        }
        found
    }

    /// Adds what packages need and do not declare, unless a package has it. Returns whether there was any.
    pub(super) fn take_undeclared(&mut self, packages: &[LockedPackage]) -> bool {
        let before = self.requirements.len();
        for need in matrix::undeclared_needs() {
            let (Ok(package), Ok(requirement)) = (need.package.parse(), need.requires.parse::<Requirement>()) else {
                continue;
            };
            let Some(user) = packages.iter().find(|found| found.is_release_of(&package)) else { continue };
            let is_met = packages.iter().any(|found| found.is_release_of(&requirement));
            if !is_met && !self.requirements.contains(&need.requires) {
                self.add(need.requires.clone(), requirement.package().as_str(), &user.name);
            }
        }
        self.requirements.len() > before
    }

    fn add(&mut self, requirement: String, package: &str, origin: &str) {
        self.requirements.push(requirement);
        self.origins.entry(package.to_owned()).or_default().insert(origin.to_owned());
    }

    fn add_framework(&mut self, framework: &DecidedFramework) {
        let id = framework.name.as_str();
        let local = crate::matrix::rows::suffix(framework.local.as_deref());
        let extras =
            if framework.extras.is_empty() { String::new() } else { format!("[{}]", framework.extras.join(",")) };
        let requirement = format!("{}{extras}=={}{local}", framework.package, framework.version);
        self.add(requirement, &framework.package, id);
        for (companion, version) in &framework.with {
            self.add(format!("{companion}=={}", companion_versions(companion, version)), companion, id);
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
            if framework.index_packages.is_empty() {
                let all = framework.with.keys().chain([&framework.package]);
                let own = all.filter(|package| is_on_makers_index(package, framework));
                self.vendors.extend(own.map(|package| (package.clone(), vendor.clone())));
            }
        }
    }

    /// Adds a line of the project. A line about a framework of the decision asks for no distribution of its own: the
    /// decision already meets it.
    fn add_line(&mut self, requirement: &Requirement, line_use: LineUse, origin: &str, given: LineGrounds<'_>) {
        let package = requirement.package();
        let is_loosened = given.loosened == Some(package.as_str());
        let bare =
            || if is_loosened { requirement.without_version() } else { framework_name::without_label(requirement) };
        let whole = || if is_loosened { requirement.without_version() } else { requirement.as_str().to_owned() };
        match LineRole::of(&package, given.frameworks) {
            LineRole::Framework(framework) => {
                self.add_framework_line(requirement, line_use, origin, framework, is_loosened);
            }
            LineRole::Companion if line_use == LineUse::Request => {
                self.add(bare(), package.as_str(), origin);
            }
            LineRole::Companion | LineRole::Part => self.constraints.push(bare()),
            LineRole::Nothing => {}
            LineRole::Package if line_use == LineUse::Constraint => self.constraints.push(whole()),
            LineRole::Package => self.add(whole(), package.as_str(), origin),
        }
    }

    /// Adds the extras of a line about a framework, and its range, so that a lock is held against it.
    fn add_framework_line(
        &mut self,
        requirement: &Requirement,
        line_use: LineUse,
        origin: &str,
        framework: &SteeredFramework,
        is_loosened: bool,
    ) {
        let row = matrix::package(requirement.package().as_str());
        let mut extras = framework_name::extras(requirement);
        let normal = |extra: &str| extra.replace('_', "-");
        extras.retain(|extra| row.is_none_or(|row| row.build_extras.iter().all(|one| normal(one) != normal(extra))));
        let marker = requirement.as_str().split_once(';').map(|(_, marker)| format!(" ; {}", marker.trim()));
        let marker = marker.unwrap_or_default();
        if line_use == LineUse::Request && !extras.is_empty() {
            self.add(format!("{}[{}]{marker}", framework.package, extras.join(",")), &framework.package, origin);
        } else if line_use == LineUse::Request {
            self.origins.entry(framework.package.clone()).or_default().insert(origin.to_owned());
        }
        let (range, _) = framework_name::versions(requirement);
        // The post release of a publisher's own index is another version for the package tools.
        if !range.is_empty() && !framework.is_posted && !is_loosened {
            self.constraints.push(format!("{}{range}{marker}", framework.package));
        }
    }

    fn add_file(&mut self, file: &ReadFile, given: LineGrounds<'_>) {
        let line_use = if file.constraint { LineUse::Constraint } else { LineUse::Request };
        for found in &file.content.requirements {
            let package = found.requirement.package();
            self.add_line(&found.requirement, line_use, &file.path, given);
            if !found.hashes.is_empty() {
                let allowed = Allowed { hashes: found.hashes.clone(), file: file.path.clone() };
                self.allowed.insert(package.as_str().to_owned(), allowed);
            }
        }
    }
}

/// Reads from decided or open frameworks what lines about them need.
fn steer_by<'a, T>(frameworks: &'a [T]) -> Vec<SteeredFramework>
where
    SteeredFramework: From<&'a T>,
{
    frameworks.iter().map(SteeredFramework::from).collect()
}

/// A framework that lines of the project can be about.
struct SteeredFramework {
    id: String,
    package: String,
    has_cuda: bool,
    /// Whether its version is a post release of the publisher's own index.
    is_posted: bool,
}

impl From<&DecidedFramework> for SteeredFramework {
    fn from(framework: &DecidedFramework) -> Self {
        Self {
            id: framework.name.to_string(),
            package: framework.package.clone(),
            has_cuda: framework.cuda.is_some(),
            is_posted: framework.local.as_ref().is_some_and(|local| local.starts_with('.')),
        }
    }
}

/// The build of a framework that uv chooses is open.
impl From<&OpenFramework> for SteeredFramework {
    fn from(framework: &OpenFramework) -> Self {
        let OpenFramework { id, package, .. } = framework;
        Self { id: id.clone(), package: package.clone(), has_cuda: true, is_posted: false }
    }
}

/// What a line of the project is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineUse {
    /// It asks for a package.
    Request,
    /// It only limits the versions of a package.
    Constraint,
}

/// The frameworks against which lines are read, and the package whose limits are left out.
#[derive(Clone, Copy)]
struct LineGrounds<'a> {
    frameworks: &'a [SteeredFramework],
    loosened: Option<&'a str>,
}

/// What the package of a line is to the frameworks of a decision.
enum LineRole<'a> {
    Framework(&'a SteeredFramework),
    Companion,
    /// The frameworks install it if they need it.
    Part,
    /// A library of CUDA, in an environment for the CPU.
    Nothing,
    Package,
}

impl<'a> LineRole<'a> {
    fn of(package: &PackageName, frameworks: &'a [SteeredFramework]) -> Self {
        let name = package.as_str();
        if matrix::library(name).is_some() && !frameworks.is_empty() {
            let has_cuda = frameworks.iter().any(|framework| framework.has_cuda);
            return if has_cuda { Self::Part } else { Self::Nothing };
        }
        let row = matrix::package(name);
        let is_of = |one: &&SteeredFramework| row.map_or(one.package == name, |row| row.framework.as_str() == one.id);
        let Some(framework) = frameworks.iter().find(is_of) else { return Self::Package };
        match row.map_or(PackageKind::Build, |row| row.kind) {
            PackageKind::Build | PackageKind::Nightly => Self::Framework(framework),
            PackageKind::Companion => Self::Companion,
            PackageKind::Part => Self::Part,
        }
    }
}

/// Whether the index of the framework's makers has a package of it.
fn is_on_makers_index(package: &str, framework: &DecidedFramework) -> bool {
    matrix::package(package)
        .is_none_or(|row| row.kind != PackageKind::Companion || row.is_on_index_of(framework.cuda.is_some()))
}

/// The text after `==` for a companion: the data may know only the first numbers of its releases.
fn companion_versions(companion: &str, version: &str) -> String {
    let prefix = format!("{version}.*");
    let is_prefix = matrix::package(companion).is_some_and(|row| row.goes_with.iter().any(|(one, _)| *one == prefix));
    if is_prefix { prefix } else { version.to_owned() }
}

/// Finds the last day of publication: the manifest's, else the earliest day that a framework needs.
fn find_last_day(manifest: &Manifest, decision: &Decision) -> Option<String> {
    let asked = manifest.python.exclude_newer.as_ref().map(|day| day.value.as_str().to_owned());
    asked.or_else(|| decision.frameworks.iter().filter_map(|framework| framework.exclude_newer.clone()).min())
}
