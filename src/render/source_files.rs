//! The files with which packages without a wheel are built: the sources and their build requirements, with hashes, and
//! the scripts of the two steps.

use std::collections::BTreeMap;

use super::ContextFile;
use super::template::Template;
use crate::lock::{Lock, LockedPackage};
use crate::packages::{BuildRequirement, stand_in_python};
use crate::resolve::PythonSource;

/// Their directory in the context.
const DIRECTORY: &str = "sources";

/// The place of the Python that runs nothing in the step that downloads.
const STAND_IN: &str = "/run/envctl/sources/python";

/// Whether any package of the lock is built.
pub(super) fn has_sources(lock: &Lock) -> bool {
    !lock.builds.is_empty()
}

/// The distribution packages with the compilers. A managed Python brings its headers along, and that of a user's own
/// image can come from anywhere.
pub(super) fn compilers(lock: &Lock) -> Vec<&'static str> {
    let headers = (lock.decision.python_source == PythonSource::Distribution).then_some("python3-dev");
    ["build-essential", "pkg-config"].into_iter().chain(headers).collect()
}

/// The files by their path in the context. None if nothing is built.
pub(super) fn files(lock: &Lock) -> BTreeMap<String, ContextFile> {
    #[derive(serde::Serialize)]
    struct Values {}
    let mut files = BTreeMap::new();
    if !has_sources(lock) {
        return files;
    }
    let mut add = |name: String, text: String, executable: bool| {
        files.insert(format!("{DIRECTORY}/{name}"), ContextFile { bytes: text.into_bytes(), executable });
    };
    add("python".to_owned(), stand_in_python(&lock.decision, STAND_IN), true);
    add("fetch".to_owned(), Template::SourcesFetch.fill(&Values {}), true);
    add("build".to_owned(), Template::SourcesBuild.fill(&Values {}), true);
    for (at, build) in lock.builds.iter().enumerate() {
        let requirements = build.requirements.iter().map(BuildRequirement::requirement).collect();
        add(format!("build-{at}/requirements.txt"), requirements, false);
        let is_in = |package: &&LockedPackage| build.packages.contains(&package.name);
        for package in lock.packages.iter().filter(is_in) {
            add(format!("build-{at}/source-{}.txt", package.name), package.requirement(), false);
        }
    }
    let built = lock.packages.iter().filter(|package| package.built.is_some());
    add("wheels.txt".to_owned(), built.map(wheel).collect(), false);
    files
}

/// The line that asks for the wheel of a package that was built. One with an address has no version in the lock.
fn wheel(package: &LockedPackage) -> String {
    match &package.url {
        Some(_) => format!("{}\n", package.name),
        None => format!("{}=={}\n", package.name, package.version),
    }
}
