//! One change to a manifest: what it does to the request, what it does to the text, how it is said.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use super::request::{Asked, Base, GpuWish, Request};
use crate::manifest::{FrameworkId, Toolkit};
use crate::parser;
use crate::version::{CudaVersion, CudnnVersion, DriverVersion, PythonVersion, VersionRequest};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Framework {
        id: FrameworkId,
        version: VersionRequest,
    },
    Drop {
        id: FrameworkId,
    },
    Cuda(Option<CudaVersion>),
    Cudnn(Option<CudnnVersion>),
    Python(PythonVersion),
    Base(String),
    Toolkit(Toolkit),
    /// `[target] driver`, when that is where the driver was named.
    Driver(DriverVersion),
    /// `[target] gpus`, likewise.
    Gpus(Vec<String>),
    Cpu,
    Optional,
}

impl Change {
    /// Makes it in the request.
    pub(super) fn apply(&self, request: &mut Request) {
        match self {
            Self::Framework { id, version } => {
                if let Some(wish) = request.frameworks.get_mut(id) {
                    wish.version.value = version.clone();
                }
            }
            Self::Drop { id } => {
                request.frameworks.remove(id);
            }
            Self::Cuda(cuda) => set(&mut request.cuda, cuda.clone()),
            Self::Cudnn(cudnn) => set(&mut request.cudnn, cudnn.clone()),
            Self::Python(python) => set(&mut request.python, Some(python.clone())),
            Self::Base(id) => {
                request.base = Base::Distribution(Asked { value: id.clone(), source: String::new(), span: None });
            }
            Self::Toolkit(toolkit) => set(&mut request.toolkit, Some(*toolkit)),
            // The target itself is changed by whoever found the driver or the GPU.
            Self::Driver(_) | Self::Gpus(_) => {}
            Self::Cpu => request.gpu = GpuWish::None,
            Self::Optional => request.gpu = GpuWish::Optional,
        }
    }

    /// Makes it in the manifest's text, whose other bytes stay as they are.
    fn edit(&self, document: &mut DocumentMut) {
        match self {
            Self::Framework { id, version } => framework(document, id, version.text()),
            Self::Drop { id } => remove(document, "frameworks", id.as_str()),
            Self::Cuda(cuda) => put(document, "cuda", "version", cuda.as_ref()),
            Self::Cudnn(cudnn) => put(document, "cuda", "cudnn", cudnn.as_ref()),
            Self::Python(python) => put(document, "python", "version", Some(python)),
            Self::Base(id) => {
                remove(document, "system", "image");
                put(document, "system", "base", Some(id));
            }
            Self::Toolkit(toolkit) => put(document, "cuda", "toolkit", Some(&toolkit_word(*toolkit))),
            Self::Driver(driver) => put(document, "target", "driver", Some(&format!(">={driver}"))),
            Self::Gpus(names) => {
                let names = names.iter().map(String::as_str).collect::<Array>();
                value(document, "target", "gpus", Value::from(names));
            }
            Self::Cpu => put(document, "gpu", "devices", Some(&"none")),
            Self::Optional => value(document, "gpu", "optional", Value::from(true)),
        }
    }

    /// What a person is told to do.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Framework { id, version } => format!("use {id} {version}"),
            Self::Drop { id } => format!("give {id} an environment of its own"),
            Self::Cuda(Some(cuda)) => format!("use CUDA {cuda}: `[cuda] version = \"{cuda}\"`"),
            Self::Cuda(None) => "leave the choice of CUDA to envctl: remove `version` from `[cuda]`".to_owned(),
            Self::Cudnn(Some(cudnn)) => format!("use cuDNN {cudnn}: `[cuda] cudnn = \"{cudnn}\"`"),
            Self::Cudnn(None) => "leave the choice of cuDNN to envctl: remove `cudnn` from `[cuda]`".to_owned(),
            Self::Python(python) => format!("use Python {python}"),
            Self::Base(id) => format!("use {id} as the base"),
            Self::Toolkit(toolkit) => format!("ask for `toolkit = \"{}\"`", toolkit_word(*toolkit)),
            Self::Driver(driver) => format!("ask for driver {driver} or newer in `[target]`"),
            Self::Gpus(names) => format!("name other GPUs in `[target]`: {}", super::words::listed(names)),
            Self::Cpu => "compute on the CPU: `[gpu] devices = \"none\"`, or `envctl up --cpu`".to_owned(),
            Self::Optional => "use a GPU only where there is one: `[gpu] optional = true`".to_owned(),
        }
    }
}

/// The manifest's text after `changes`; none where the text is no TOML, which a checked manifest always is.
pub(super) fn with_changes(text: &str, changes: &[Change]) -> Option<String> {
    if changes.is_empty() {
        return Some(text.to_owned());
    }
    let mut document = parser::contain(|| text.parse::<DocumentMut>().ok()).ok()??;
    for change in changes {
        change.edit(&mut document);
    }
    Some(document.to_string())
}

fn set<T>(asked: &mut Option<Asked<T>>, value: Option<T>) {
    *asked = value.map(|value| Asked { value, source: String::new(), span: None });
}

fn toolkit_word(toolkit: Toolkit) -> &'static str {
    match toolkit {
        Toolkit::None => "none",
        Toolkit::Runtime => "runtime",
        Toolkit::Devel => "devel",
    }
}

fn put(document: &mut DocumentMut, table: &str, key: &str, text: Option<&impl ToString>) {
    match text {
        Some(text) => value(document, table, key, Value::from(text.to_string())),
        None => remove(document, table, key),
    }
}

/// Sets one key and keeps the comment behind it.
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

fn remove(document: &mut DocumentMut, table: &str, key: &str) {
    if let Some(table) = document.get_mut(table).and_then(Item::as_table_like_mut) {
        table.remove(key);
    }
}

/// `pytorch = "2.4"` or `pytorch = { version = "2.4", with = [...] }`, in one table or in its own.
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
        let changes = [Change::Framework { id, version: "2.7".parse().unwrap() }, Change::Cpu];
        let expected = "# a team's\n[frameworks]\npytorch = { version = \"2.7\", with = [\"torchvision\"] } # pinned\n\n\
                        [gpu]\ndevices = \"none\"\n";
        assert_eq!(with_changes(text, &changes).unwrap(), expected);
    }
}
