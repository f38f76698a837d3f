//! Limits the decisions of a lock. A lock can choose only among the caller's compatibility data and the names in the
//! manifest or in a requirements file. It can add no base image, index, address or distribution package.

use std::ops::Range;

use toml::Spanned;

use super::shape::{FrameworkShape, LockShape, PackageShape};
use crate::manifest::{Manifest, Requirement};
use crate::matrix::rows::{BuildRow, FrameworkFile};
use crate::matrix::{self, Matrix, PackageKind};
use crate::packages::DEFAULT_INDEX;
use crate::packages::files::ReadFile;

/// The sources from which every name in a lock must come.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    pub matrix: &'a Matrix,
    /// The project's sources. `None`: the lock is only checked against the machine, and nothing is made from it.
    pub project: Option<ProjectGrounds<'a>>,
}

/// The project's own requests, which are readable in its files.
#[derive(Clone, Copy, Debug)]
pub struct ProjectGrounds<'a> {
    pub manifest: &'a Manifest,
    /// The requirements files of the project.
    pub files: &'a [ReadFile],
}

/// A value of a lock without a known source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The key in the lock: `image`.
    pub key: &'static str,
    /// The value in the lock.
    pub value: String,
    /// The source from which it must come.
    pub giver: &'static str,
    pub(crate) span: Range<usize>,
}

impl Foreign {
    fn new<T: ToString>(key: &'static str, value: &Spanned<T>, giver: &'static str) -> Self {
        Self { key, value: value.get_ref().to_string(), giver, span: value.span() }
    }
}

const MATRIX: &str = "the compatibility data here does not have it";
const FRAMEWORK: &str = "the compatibility data here does not have it for this framework";
const IMAGE: &str = "the compatibility data here does not list it as an image of that distribution";
const OWN_IMAGE: &str = "it is not the manifest's `[system] image`";
const INDEX: &str = "no framework in this lock uses this index";
const DISTRIBUTION: &str = "the compatibility data here names no library in it on this distribution";
const ADDRESS: &str = "neither the manifest nor a requirements file names this address for it";

/// The first value without a known source. `None`: all values are known.
pub(super) fn foreign(shape: &LockShape, grounds: &Grounds<'_>) -> Option<Foreign> {
    let frameworks = &shape.frameworks;
    base(shape, grounds)
        .or_else(|| frameworks.iter().find_map(|one| framework(one, grounds.matrix)))
        .or_else(|| shape.packages.iter().find_map(|one| package(one, frameworks, grounds)))
        .or_else(|| system_package(shape))
}

fn base(shape: &LockShape, grounds: &Grounds<'_>) -> Option<Foreign> {
    let image = &shape.base.image;
    let named = image.get_ref().as_str();
    let Some(os) = &shape.base.os else {
        let manifest = grounds.project?.manifest;
        let own = manifest.system.image.as_ref().is_some_and(|own| own.value.as_str() == named);
        return (!own).then(|| Foreign::new("image", image, OWN_IMAGE));
    };
    let id = os.get_ref().as_str();
    let Some(distribution) = grounds.matrix.distributions().iter().find(|row| row.id == id) else {
        return Some(Foreign::new("os", os, MATRIX));
    };
    let mut images = grounds.matrix.images().iter().filter(|row| row.os == id);
    let brings = images.any(|row| row.tags.values().any(|tag| format!("{}:{tag}", row.repository) == named));
    (!brings && distribution.image != named).then(|| Foreign::new("image", image, IMAGE))
}

/// Checks a framework. It accepts the value of any release of the framework, because rows change and a lock must
/// survive that.
fn framework(shape: &FrameworkShape, matrix: &Matrix) -> Option<Foreign> {
    let Some(file) = matrix.framework(shape.name.get_ref()) else {
        return Some(Foreign::new("name", &shape.name, MATRIX));
    };
    let given = Given { file };
    let index = shape.index.get_ref().as_str();
    if index != DEFAULT_INDEX && !given.any_build(|build| build.index == index) {
        let (value, span) = (index.to_owned(), shape.index.span());
        return Some(Foreign { key: "index", value, giver: FRAMEWORK, span });
    }
    if !given.any_build(|build| build.package == shape.package.get_ref().as_str()) {
        return Some(Foreign::new("package", &shape.package, FRAMEWORK));
    }
    let package = shape.index_packages.iter().find(|one| !given.index_package(one.get_ref().as_str()));
    let package = package.map(|one| Foreign::new("index-packages", one, FRAMEWORK));
    let extra = shape.extras.iter().find(|one| !given.any_build(|build| holds(&build.extras, one.get_ref().as_str())));
    let extra = extra.map(|one| Foreign::new("extras", one, FRAMEWORK));
    let system = shape.system_packages.iter().find(|one| !given.system_package(one.get_ref().as_str()));
    let system = system.map(|one| Foreign::new("system-packages", one, FRAMEWORK));
    let pin = shape.pins.iter().find(|one| !given.pin(one.get_ref()));
    let pin = pin.map(|one| Foreign::new("pins", one, FRAMEWORK));
    package.or(extra).or(system).or(pin).or_else(|| companion(shape, given))
}

fn companion(shape: &FrameworkShape, given: Given<'_>) -> Option<Foreign> {
    let (name, version) = shape.with.iter().find(|(name, _)| !given.companion(name.as_str()))?;
    Some(Foreign { key: "with", value: name.to_string(), giver: FRAMEWORK, span: version.span() })
}

/// The values that the data contains for one framework.
#[derive(Clone, Copy)]
struct Given<'a> {
    file: &'a FrameworkFile,
}

impl Given<'_> {
    fn any_build(self, is: impl Fn(&BuildRow) -> bool) -> bool {
        self.file.releases.iter().flat_map(|release| &release.builds).any(is)
    }

    fn index_package(self, name: &str) -> bool {
        self.any_build(|build| holds(&build.index_packages, name))
    }

    fn companion(self, name: &str) -> bool {
        let listed = matrix::package(name)
            .is_some_and(|row| row.kind == PackageKind::Companion && row.framework == self.file.framework.id);
        listed || self.file.releases.iter().any(|release| release.companions.contains_key(name))
    }

    fn system_package(self, name: &str) -> bool {
        holds(&self.file.framework.system_packages, name)
            || self.file.releases.iter().any(|release| holds(&release.system_packages, name))
    }

    /// Whether a pin narrows a package that the data itself pins, or one that builds share.
    fn pin(self, pin: &Requirement) -> bool {
        let package = pin.package();
        let names = |text: &String| text.parse::<Requirement>().is_ok_and(|known| known.package() == package);
        let pinned = self.file.framework.pins.iter().any(names)
            || self.file.releases.iter().any(|release| release.pins.iter().any(names));
        let shared = || self.any_build(|build| build.pins().is_some_and(|pins| pins.contains_key(package.as_str())));
        pin.address().is_none() && (pinned || shared())
    }
}

fn holds(list: &[String], text: &str) -> bool {
    list.iter().any(|one| one == text)
}

fn package(shape: &PackageShape, frameworks: &[FrameworkShape], grounds: &Grounds<'_>) -> Option<Foreign> {
    let index = shape.index.get_ref().as_str();
    let of_framework = |one: &FrameworkShape| one.index.get_ref().as_str() == index;
    if index != DEFAULT_INDEX && !frameworks.iter().any(of_framework) {
        let (value, span) = (index.to_owned(), shape.index.span());
        return Some(Foreign { key: "index", value, giver: INDEX, span });
    }
    let url = shape.url.as_ref()?;
    let project = grounds.project?;
    let line = format!("{} @ {}", shape.name.get_ref(), url.get_ref()).parse::<Requirement>().ok();
    let asked = line.as_ref().is_some_and(|line| project.names(line));
    (!asked).then(|| Foreign::new("url", url, ADDRESS))
}

/// Checks the distribution's packages. The data has to have each for this distribution.
fn system_package(shape: &LockShape) -> Option<Foreign> {
    let os = shape.base.os.as_ref().map(|os| os.get_ref().as_str());
    let given =
        |name: &str| matrix::system_libraries().iter().any(|row| os.is_some_and(|os| row.package_on(os) == Some(name)));
    let foreign = shape.system_packages.iter().find(|one| !given(one.name.get_ref().as_str()))?;
    Some(Foreign::new("system-package", &foreign.name, DISTRIBUTION))
}

impl ProjectGrounds<'_> {
    /// Whether the project asks for this exact artefact.
    fn names(&self, line: &Requirement) -> bool {
        let own = self.manifest.python.packages.iter().map(|package| &package.value);
        let files = self.files.iter().flat_map(|file| &file.content.requirements).map(|found| &found.requirement);
        own.chain(files).any(|asked| asked.package() == line.package() && asked.address() == line.address())
    }
}
