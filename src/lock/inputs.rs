//! The inputs of a lock: every question of a manifest that a lock answers, as text by key. A stale lock reports from
//! them the old and the new value. Keys that decide no version and no package (ports, mounts, `[build]`) are not
//! inputs.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::manifest::{Cuda, GpuName, Located, Manifest, Python, SystemTable, Target, Toolkit};
use crate::packages::files::ReadFile;
use crate::resolve::{FrameworkLine, GpuWish};

/// The keys that cannot change frameworks, CUDA or base.
const PACKAGES_ONLY: [&str; 2] = ["python.packages", "python.requirements:"];

/// The request of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Input {
    /// One value: `3.11`.
    One(String),
    /// The items of a list, sorted. The lock has one line for each.
    Several(Vec<String>),
}

/// Joins the items of a list with `, `, the form of version 1 of the lock.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(text) => f.write_str(text),
            Self::Several(items) => f.write_str(&items.join(", ")),
        }
    }
}

/// All requests of a manifest, the GPU setting and the requirements files, by key.
#[must_use]
pub fn inputs(
    manifest: &Manifest,
    gpu: &GpuWish,
    files: &[ReadFile],
    lines: &[FrameworkLine],
) -> BTreeMap<String, Input> {
    // Every key is named, so that a new key has to decide whether a lock answers it.
    let Manifest {
        path: _,
        text: _,
        sources: _,
        settings: _,
        name: _,
        envctl: _,
        frameworks,
        // A lock is compared with the values of `requires-python`, not with its text: see `staleness`.
        python: Python { version: python, packages, requirements, exclude_newer, requires: _ },
        cuda: Cuda { version: cuda, cudnn, toolkit },
        // The build installs packages of the distribution; a lock does not choose their versions.
        system: SystemTable { base, image, packages: _, libraries: _ },
        target: Target { driver, gpus, arch },
        gpu: _,
        run: _,
        ssh: _,
        build: _,
        network: _,
        publish: _,
    } = manifest;
    let mut inputs = Inputs::default();
    for (id, framework) in frameworks {
        let with: Vec<_> = framework.value.with.iter().map(|package| package.value.to_string()).collect();
        let version = framework.value.version.text();
        let text = if with.is_empty() { version.to_owned() } else { format!("{version} with {}", with.join(", ")) };
        let text = if framework.value.gpu { text } else { format!("{text} on the CPU") };
        inputs.put(&format!("frameworks.{id}"), Some(text));
    }
    inputs.put("python.version", text(python.as_ref()));
    inputs.put_list("python.packages", packages.iter().map(|package| package.value.to_string()).collect());
    inputs.put("python.exclude-newer", text(exclude_newer.as_ref()));
    for file in files {
        inputs.put(&format!("python.requirements:{}", file.path), Some(hash(&file.text)));
    }
    for entry in requirements.iter().map(|entry| &entry.value).filter(|entry| entry.is_selective()) {
        inputs.put(&format!("python.requirements:{entry}"), Some("taken".to_owned()));
    }
    // What files ask of frameworks can change more than packages.
    inputs.put_list("python.framework-lines", lines.iter().map(line_text).collect());
    inputs.put("cuda.version", text(cuda.as_ref()));
    inputs.put("cuda.cudnn", text(cudnn.as_ref()));
    inputs.put("cuda.toolkit", toolkit.as_ref().map(|toolkit| toolkit_word(toolkit.value).to_owned()));
    inputs.put("system.base", text(base.as_ref()));
    inputs.put("system.image", text(image.as_ref()));
    inputs.put("target.driver", text(driver.as_ref()));
    let gpus: Vec<String> = gpus.iter().map(|gpu| gpu_text(&gpu.value)).collect();
    inputs.put("target.gpus", Some(gpus.join(", ")).filter(|text| !text.is_empty()));
    inputs.put("target.arch", text(arch.as_ref()));
    inputs.put("gpu", Some(gpu_word(gpu).to_owned()));
    inputs.0
}

/// Whether a change of this key can change packages only.
pub(super) fn concerns_packages_only(key: &str) -> bool {
    PACKAGES_ONLY.iter().any(|only| key == *only || only.ends_with(':') && key.starts_with(only))
}

#[derive(Default)]
struct Inputs(BTreeMap<String, Input>);

impl Inputs {
    fn put(&mut self, key: &str, value: Option<String>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), Input::One(value));
        }
    }

    /// Adds a list. The order of its items has no meaning.
    fn put_list(&mut self, key: &str, mut items: Vec<String>) {
        items.sort();
        if !items.is_empty() {
            self.0.insert(key.to_owned(), Input::Several(items));
        }
    }
}

/// The line with its file. Its number has no meaning.
fn line_text(line: &FrameworkLine) -> String {
    let origin = line.origin.to_string();
    let file = origin.rsplit_once(':').map_or(origin.as_str(), |(file, _)| file);
    format!("{file}: {}", line.text)
}

fn text<T: std::fmt::Display>(located: Option<&Located<T>>) -> Option<String> {
    located.map(|located| located.value.to_string())
}

fn gpu_text(gpu: &GpuName) -> String {
    match gpu {
        GpuName::Product(name) => name.clone(),
        GpuName::Capability(capability) => capability.to_string(),
    }
}

fn toolkit_word(toolkit: Toolkit) -> &'static str {
    match toolkit {
        Toolkit::None => "none",
        Toolkit::Runtime => "runtime",
        Toolkit::Devel => "devel",
    }
}

fn gpu_word(gpu: &GpuWish) -> &'static str {
    match gpu {
        GpuWish::Required(_) => "required",
        GpuWish::Optional => "optional",
        GpuWish::None => "none",
    }
}

/// A hash that is the same in every checkout: line endings and blanks at the end of a line do not count.
fn hash(text: &str) -> String {
    let mut hash = Sha256::new();
    for line in text.lines() {
        hash.update(line.trim_end());
        hash.update("\n");
    }
    hash.finalize().iter().take(8).fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
