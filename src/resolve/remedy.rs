//! A change that helps, with its effect on the request and on the manifest's text.

use serde::Serialize;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use super::framework_line::FrameworkLine;
use super::origin::{Asked, FactOrigin};
use super::request::{Base, GpuWish, Request};
use crate::manifest::{Date, FrameworkId, PythonRequest, Toolkit};
use crate::parser;
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, PythonVersion, VersionRequest};

/// One change that makes a request resolve, alone or with other changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Ask for these releases of a framework.
    Framework { id: FrameworkId, version: VersionRequest },
    /// Change a line of the project's files. None: remove it.
    Line { line: Box<FrameworkLine>, becomes: Option<Box<FrameworkLine>> },
    /// Move a framework to another environment.
    Drop { id: FrameworkId },
    /// Ask for this CUDA, or for none.
    Cuda(Option<CudaVersion>),
    /// Ask for this cuDNN, or for none.
    Cudnn(Option<CudnnVersion>),
    /// Take this day as the last one of publication, or any day.
    Published(Option<Date>),
    /// Ask for this Python.
    Python(PythonVersion),
    /// Ask for this distribution as the base.
    Base(String),
    /// Ask for this part of the CUDA toolkit.
    Toolkit(Toolkit),
    /// Compute on the CPU.
    Cpu,
    /// Compute on a GPU.
    Gpu,
    /// Use a GPU only if the machine has one.
    Optional,
    /// Name this driver in `[target]`.
    TargetDriver(DriverVersion),
    /// Name these GPUs in `[target]`.
    TargetGpus(Vec<String>),
    /// Install this driver or a newer one on the machine.
    NewerDriver(DriverVersion),
    /// Install a driver of this branch on the machine, because the current one no longer runs the GPU.
    DriverBranch(u32),
    /// Use a machine without these GPUs.
    WithoutGpus(Vec<String>),
    /// Use a machine with another GPU.
    OtherGpu(GpuSample),
    /// Use a machine that has a GPU, with at least this driver.
    OtherMachine {
        /// The least sufficient GPU.
        gpu: GpuSample,
        /// The lowest driver that runs it.
        driver: DriverVersion,
    },
}

/// Changes after which a request resolves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// The changes, all necessary.
    pub remedies: Vec<Remedy>,
    /// The whole manifest after the changes.
    pub manifest: String,
    /// The facts that it assumes of the machine, if the machine must change.
    pub target: Option<SuggestedTarget>,
}

/// Facts of a machine that a way out assumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuggestedTarget {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverVersion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compute_capability: Vec<ComputeCapability>,
}

/// A compute capability, with products that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpuSample {
    pub capability: ComputeCapability,
    /// Example products: one of each segment, at most two.
    pub products: Vec<String>,
}

impl Remedy {
    /// Applies the change to the request.
    pub(super) fn apply(&self, request: &mut Request) {
        match self {
            Self::Framework { id, version } => {
                if let Some(wish) = request.frameworks.get_mut(id) {
                    wish.version.value = version.clone();
                }
            }
            Self::Line { line, becomes } => {
                let place = request.lines.iter().position(|known| known == &**line);
                match (place, becomes) {
                    (Some(place), Some(new)) => request.lines[place] = (**new).clone(),
                    (Some(place), None) => {
                        request.lines.remove(place);
                    }
                    (None, _) => {}
                }
            }
            Self::Drop { id } => {
                request.frameworks.remove(id);
            }
            Self::Cuda(cuda) => set(&mut request.cuda, cuda.clone()),
            Self::Cudnn(cudnn) => set(&mut request.cudnn, cudnn.clone()),
            Self::Published(day) => set(&mut request.published, day.clone()),
            Self::Python(python) => set(&mut request.python, Some(PythonRequest::exactly(python))),
            Self::Base(id) => {
                request.base = Base::Distribution(Asked::tried(id.clone()));
            }
            Self::Toolkit(toolkit) => set(&mut request.toolkit, Some(*toolkit)),
            Self::Cpu => request.gpu = GpuWish::None,
            Self::Gpu => request.gpu = GpuWish::Required(None),
            Self::Optional => request.gpu = GpuWish::Optional,
            // `machine` found the driver or the GPU, and its caller changes the target.
            Self::TargetDriver(_)
            | Self::TargetGpus(_)
            | Self::NewerDriver(_)
            | Self::DriverBranch(_)
            | Self::WithoutGpus(_)
            | Self::OtherGpu(_)
            | Self::OtherMachine { .. } => {}
        }
    }

    /// Applies the change to the text of the manifest. All other bytes stay the same.
    fn edit(&self, document: &mut DocumentMut) {
        match self {
            Self::Framework { id, version } => framework(document, id, version.text()),
            Self::Line { line, becomes } => {
                if let FactOrigin::Manifest { .. } = line.origin {
                    packages(document, &line.text, becomes.as_ref().map(|line| line.text.as_str()));
                }
            }
            Self::Drop { id } => remove(document, "frameworks", id.as_str()),
            Self::Cuda(cuda) => put(document, "cuda", "version", cuda.as_ref()),
            Self::Cudnn(cudnn) => put(document, "cuda", "cudnn", cudnn.as_ref()),
            Self::Published(day) => put(document, "python", "exclude-newer", day.as_ref()),
            Self::Python(python) => put(document, "python", "version", Some(python)),
            Self::Base(id) => {
                remove(document, "system", "image");
                put(document, "system", "base", Some(id));
            }
            Self::Toolkit(toolkit) => put(document, "cuda", "toolkit", Some(&toolkit.as_str())),
            Self::TargetDriver(driver) => put(document, "target", "driver", Some(&format!(">={driver}"))),
            Self::TargetGpus(names) => {
                let names = names.iter().map(String::as_str).collect::<Array>();
                value(document, "target", "gpus", Value::from(names));
            }
            Self::Cpu => put(document, "gpu", "devices", Some(&"none")),
            Self::Gpu => remove(document, "gpu", "devices"),
            Self::Optional => value(document, "gpu", "optional", Value::from(true)),
            Self::NewerDriver(_)
            | Self::DriverBranch(_)
            | Self::WithoutGpus(_)
            | Self::OtherGpu(_)
            | Self::OtherMachine { .. } => {}
        }
    }

    /// Whether the change is on the machine, not in the manifest.
    pub(super) fn concerns_machine(&self) -> bool {
        matches!(
            self,
            Self::NewerDriver(_)
                | Self::DriverBranch(_)
                | Self::WithoutGpus(_)
                | Self::OtherGpu(_)
                | Self::OtherMachine { .. }
        )
    }
}

/// The text of the manifest after `remedies`; none if the text is not TOML, which cannot happen for a checked manifest.
pub(super) fn with_remedies(text: &str, remedies: &[Remedy]) -> Option<String> {
    if remedies.is_empty() {
        return Some(text.to_owned());
    }
    let mut document = parser::contain(|| text.parse::<DocumentMut>().ok()).ok()??;
    for remedy in remedies {
        remedy.edit(&mut document);
    }
    Some(document.to_string())
}

fn set<T>(asked: &mut Option<Asked<T>>, value: Option<T>) {
    *asked = value.map(Asked::tried);
}

fn put(document: &mut DocumentMut, table: &str, key: &str, text: Option<&impl ToString>) {
    match text {
        Some(text) => value(document, table, key, Value::from(text.to_string())),
        None => remove(document, table, key),
    }
}

/// Sets one key and keeps the comment after it.
fn value(document: &mut DocumentMut, table: &str, key: &str, mut value: Value) {
    let table = document.entry(table).or_insert_with(|| Item::Table(Table::new()));
    let Some(table) = table.as_table_like_mut() else { return };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

/// Replaces or removes an item of `[python] packages`.
fn packages(document: &mut DocumentMut, old: &str, new: Option<&str>) {
    let packages = document.get_mut("python").and_then(|table| table.get_mut("packages"));
    let Some(packages) = packages.and_then(Item::as_array_mut) else { return };
    let Some(place) = packages.iter().position(|item| item.as_str().is_some_and(|text| text.trim() == old)) else {
        return;
    };
    match new {
        Some(new) => {
            packages.replace(place, new);
        }
        None => {
            packages.remove(place);
        }
    }
}

fn remove(document: &mut DocumentMut, table: &str, key: &str) {
    if let Some(table) = document.get_mut(table).and_then(Item::as_table_like_mut) {
        table.remove(key);
    }
}

/// Sets the version of a framework: `pytorch = "2.4"`, or `version` in an inline table or in its own table.
fn framework(document: &mut DocumentMut, id: &FrameworkId, version: &str) {
    let place = document.get_mut("frameworks").and_then(|table| table.get_mut(id.as_str()));
    match place {
        Some(Item::Value(Value::InlineTable(table))) => in_inline(table, version),
        Some(Item::Table(table)) => {
            table.insert("version", toml_edit::value(version));
        }
        _ => value(document, "frameworks", id.as_str(), Value::from(version)),
    }
}

fn in_inline(table: &mut InlineTable, version: &str) {
    match table.get_mut("version") {
        Some(old) => {
            let mut new = Value::from(version);
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => {
            table.insert("version", Value::from(version));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_keeps_the_rest_of_the_text() {
        let text = "# a team's\n[frameworks]\npytorch = { version = \"2.4\", with = [\"torchvision\"] } # pinned\n";
        let id = "pytorch".parse::<FrameworkId>().unwrap();
        let changes = [Remedy::Framework { id, version: "2.7".parse().unwrap() }, Remedy::Cpu];
        let expected = "# a team's\n[frameworks]\npytorch = { version = \"2.7\", with = [\"torchvision\"] } # pinned\n\n\
                        [gpu]\ndevices = \"none\"\n";
        assert_eq!(with_remedies(text, &changes).unwrap(), expected);
    }
}
