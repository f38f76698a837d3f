//! Parts of sentences: lists, GPUs, several versions.
//!
//! Several files share them, so that the same value reads the same everywhere.

use std::fmt::Display;

use crate::resolve::{LineAsked, NoGpu, TargetGpu};
use crate::version::PythonVersion;

/// `a, b and c`
pub(super) fn listed(items: &[impl Display]) -> String {
    match items {
        [] => "none".to_owned(),
        [only] => only.to_string(),
        [head @ .., last] => {
            let head = head.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("{head} and {last}")
        }
    }
}

/// Describes sorted versions: `3.8 to 3.12` for consecutive ones, `3.8, 3.10 and 3.11` for others.
pub(in crate::ui) fn span(pythons: &[PythonVersion]) -> String {
    let minor = |python: &PythonVersion| (python.major(), python.minor());
    let in_a_row = pythons.windows(2).all(|pair| {
        let ((major, a), (next_major, b)) = (minor(&pair[0]), minor(&pair[1]));
        major == next_major && a.map(|a| a + 1) == b
    });
    match pythons {
        [first, _, .., last] if in_a_row => format!("{first} to {last}"),
        _ => listed(pythons),
    }
}

/// `the RTX 3090 (compute capability 8.6)`
pub(super) fn gpu(gpu: &TargetGpu) -> String {
    if gpu.name == gpu.capability.to_string() {
        return format!("a GPU of compute capability {}", gpu.capability);
    }
    let name = gpu.name.trim_start_matches("NVIDIA ").trim_start_matches("GeForce ");
    format!("the {name} (compute capability {})", gpu.capability)
}

/// ```text
/// `torch==2.4.1` (requirements.txt:3)
/// ```
pub(super) fn line(line: &LineAsked) -> String {
    format!("`{}` ({})", line.text, line.origin)
}

/// Describes why a machine has no usable GPU.
pub(super) fn no_gpu(found: NoGpu) -> &'static str {
    match found {
        NoGpu::Nothing => "no NVIDIA driver and no NVIDIA GPU was found",
        NoGpu::NoDriver => "there is an NVIDIA GPU and no NVIDIA driver",
        NoGpu::NotShown => "the NVIDIA driver shows no GPU",
    }
}

/// ` 12.4`, or nothing.
pub(super) fn known(value: Option<&impl Display>) -> String {
    value.map(|value| format!(" {value}")).unwrap_or_default()
}

/// `` `a`, `b` ``
pub(super) fn literals(names: &[impl Display]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
