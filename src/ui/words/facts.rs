//! The facts of a clash, in columns.
//!
//! Each fact has its value and its source.

use serde::Serialize;

use super::pieces::no_gpu;
use crate::resolve::{Axis, ConflictFact, FactValue};

/// A fact: its subject, its value and its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::ui) struct FactRow {
    /// The axis, as scripts read it: `driver`.
    pub(in crate::ui) axis: &'static str,
    pub(in crate::ui) what: String,
    pub(in crate::ui) value: String,
    pub(in crate::ui) source: String,
}

/// Returns the rows for `facts`. A framework and its releases share one row.
pub(in crate::ui) fn rows(facts: &[ConflictFact]) -> Vec<FactRow> {
    facts.iter().filter_map(|fact| row(fact, facts)).collect()
}

fn row(fact: &ConflictFact, facts: &[ConflictFact]) -> Option<FactRow> {
    let (what, value) = match &fact.value {
        FactValue::Framework(_) if is_asked_by_line(fact, facts) => return None,
        FactValue::Framework(id) => (id.as_str(), releases(fact.axis, facts)),
        FactValue::Release(_) => return None,
        FactValue::Line { framework, text } => (framework.as_str(), text.clone()),
        FactValue::Published(day) => ("[python] exclude-newer", day.to_string()),
        FactValue::Python(python) => ("Python", python.to_string()),
        FactValue::Cuda(cuda) => ("CUDA", cuda.to_string()),
        FactValue::Cudnn(cudnn) => ("cuDNN", cudnn.to_string()),
        FactValue::Toolkit(toolkit) => ("CUDA toolkit", toolkit.as_str().to_owned()),
        FactValue::Base(base) => ("base", base.clone()),
        FactValue::Arch(arch) => ("architecture", arch.to_string()),
        FactValue::Driver(driver) => ("NVIDIA driver", driver.to_string()),
        FactValue::Gpu(gpu) if gpu.name == gpu.capability.to_string() => {
            ("GPU", format!("compute capability {}", gpu.capability))
        }
        FactValue::Gpu(gpu) => ("GPU", format!("{} (compute capability {})", gpu.name, gpu.capability)),
        FactValue::GpuWanted => ("[gpu] devices", "a GPU".to_owned()),
        FactValue::NoGpu(_) => ("this machine", "no GPU".to_owned()),
    };
    let source = match &fact.value {
        FactValue::NoGpu(found) => no_gpu(*found).to_owned(),
        _ => fact.origin.to_string(),
    };
    Some(FactRow { axis: axis(fact.axis), what: what.to_owned(), value, source })
}

/// Whether a line asks for the framework and is a fact itself, so that one row is enough.
fn is_asked_by_line(framework: &ConflictFact, facts: &[ConflictFact]) -> bool {
    let is_line = |fact: &&ConflictFact| matches!(fact.value, FactValue::Line { .. });
    facts.iter().filter(is_line).any(|line| line.origin == framework.origin)
}

fn releases(framework: Axis, facts: &[ConflictFact]) -> String {
    let of_it = facts.iter().find_map(|fact| match (framework, fact.axis, &fact.value) {
        (Axis::Framework(a), Axis::Release(b), FactValue::Release(asked)) if a == b => Some(asked.text()),
        _ => None,
    });
    of_it.filter(|text| *text != "*").unwrap_or("any version").to_owned()
}

/// Returns the word for an axis in `--json`.
fn axis(axis: Axis) -> &'static str {
    match axis {
        Axis::Framework(_) | Axis::Release(_) => "framework",
        Axis::Line(_) => "line",
        Axis::Published => "published",
        Axis::Python => "python",
        Axis::RequiresPython => "requires-python",
        Axis::Cuda => "cuda",
        Axis::Cudnn => "cudnn",
        Axis::Toolkit => "toolkit",
        Axis::Base => "base",
        Axis::Arch => "arch",
        Axis::Driver => "driver",
        Axis::Gpu(_) => "gpu",
        Axis::Devices => "devices",
    }
}
