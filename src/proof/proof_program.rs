//! The programs, and their input.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::lock::{Lock, LockedPackage};
use crate::manifest::Requirement;
use crate::matrix::{LibrarySource, Matrix, preloads, system_libraries};

const LIBRARIES: &str = include_str!("libraries.py");
const FRAMEWORKS: &str = include_str!("frameworks.py");
const MODULES: &str = include_str!("modules.py");

/// The interpreter of the environment, which loads nothing of its packages.
const INTERPRETER: [&str; 4] = ["/opt/envctl/interpreter", "-I", "-S", "-B"];

/// Files of a build, by name.
pub type ProofFiles = BTreeMap<&'static str, String>;

/// A framework and the lines of Python that prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkCode {
    pub name: String,
    /// The lines of the compatibility data: they import it, compute, and print one line of JSON.
    pub code: String,
    /// Whether its build is for a GPU.
    pub has_cuda: bool,
}

impl FrameworkCode {
    /// The code of each framework in a lock. A framework without rows has none.
    #[must_use]
    pub fn of(lock: &Lock, matrix: &Matrix) -> Vec<Self> {
        let frameworks = lock.decision.frameworks.iter().filter_map(|framework| {
            let code = matrix.framework(&framework.name)?.verify(&framework.version).trim().to_owned();
            Some(Self { name: framework.name.to_string(), code, has_cuda: framework.cuda.is_some() })
        });
        frameworks.collect()
    }
}

/// The files of the step that looks at shared libraries.
#[must_use]
pub fn library_files(lock: &Lock) -> ProofFiles {
    [("libraries.py", LIBRARIES.to_owned()), ("libraries.json", text(&library_input(lock)))].into()
}

/// The files of the step that imports the frameworks.
#[must_use]
pub fn import_files(frameworks: &[FrameworkCode]) -> ProofFiles {
    [("frameworks.py", FRAMEWORKS.to_owned()), ("frameworks.json", text(&framework_input(frameworks)))].into()
}

/// The programs of a container, as a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofProgram {
    /// Looks at the shared libraries.
    Libraries,
    /// Imports the frameworks and computes with them.
    Frameworks,
}

impl ProofProgram {
    /// The command. Its text is this envctl's, its input is that of the image.
    #[must_use]
    pub fn command(self) -> Vec<String> {
        let (program, verb, input) = match self {
            Self::Libraries => (LIBRARIES, "look", "/opt/envctl/proof/libraries.json"),
            Self::Frameworks => (FRAMEWORKS, "compute", "/opt/envctl/proof/frameworks.json"),
        };
        INTERPRETER.iter().copied().chain(["-c", program, verb, input]).map(str::to_owned).collect()
    }
}

/// The command that says which of these modules the environment does not have.
#[must_use]
pub fn modules_command(modules: &[&str]) -> Vec<String> {
    ["/opt/envctl/venv/bin/python", "-B", "-c", MODULES, &json!(modules).to_string()].map(str::to_owned).to_vec()
}

/// The rows for the distribution of the lock, or for every one where the image is the user's own.
fn library_input(lock: &Lock) -> Value {
    let os = lock.decision.os.as_deref();
    let mut packages: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for row in system_libraries() {
        for (package, distributions) in &row.packages {
            for id in distributions.iter().filter(|id| os.is_none_or(|os| os == **id)) {
                packages.entry(id).or_default().insert(&row.name, package);
            }
        }
    }
    let from = |source: LibrarySource| {
        let rows = system_libraries().iter().filter(move |row| row.from == source);
        rows.map(|row| row.name.as_str()).collect::<Vec<_>>()
    };
    let locked: Vec<&str> = lock.system_packages.iter().map(|package| package.name.as_str()).collect();
    json!({
        "packages": packages,
        "driver": from(LibrarySource::Driver),
        "optional": from(LibrarySource::Optional),
        "locked": locked,
        "preloads": preloads_of(&lock.packages),
    })
}

/// The modules that load GPU libraries, each with its file and its libraries.
fn preloads_of(packages: &[LockedPackage]) -> BTreeMap<&'static str, Value> {
    let is_there = |text: &str| {
        let asked = text.parse::<Requirement>().ok();
        asked.is_some_and(|asked| packages.iter().any(|package| package.is_release_of(&asked)))
    };
    let rows = preloads().iter().filter(|row| is_there(&row.package));
    rows.map(|row| (row.module.as_str(), json!({"file": row.file, "libraries": row.libraries}))).collect()
}

fn framework_input(frameworks: &[FrameworkCode]) -> Value {
    let frameworks: Vec<Value> = frameworks
        .iter()
        .map(|FrameworkCode { name, code, has_cuda }| json!({"name": name, "code": code, "cuda": has_cuda}))
        .collect();
    let driver = system_libraries().iter().filter(|row| row.from == LibrarySource::Driver);
    json!({"frameworks": frameworks, "driver": driver.map(|row| row.name.as_str()).collect::<Vec<_>>()})
}

fn text(input: &Value) -> String {
    format!("{input}\n")
}
