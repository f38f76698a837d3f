//! What the programs found in a container, judged.

use serde::Serialize;
use serde_json::Value;

use super::finding::PhaseFinding;
use super::{ComputeFinding, Finding, LibraryFinding, MachineFinding, MachineLine, finding};

/// Everything that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ProofReport {
    /// The driver and the GPUs; `None`: the container has no driver.
    pub machine: Option<MachineFinding>,
    /// Shared libraries that nothing provides.
    pub libraries: Vec<LibraryFinding>,
    pub frameworks: Vec<FrameworkProof>,
    /// The imports of the project's code; `None`: nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imports: Option<ImportsReport>,
}

/// What the project's code imports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportsReport {
    /// The number of files that were read.
    pub files: usize,
    /// The files that can't be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// The number of modules that are neither the project's own nor Python's.
    pub modules: usize,
    /// Those that nothing in the environment provides.
    pub missing: Vec<MissingModule>,
}

/// A module that nothing provides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingModule {
    pub module: String,
    pub file: String,
    pub line: usize,
    /// Whether every import of it is under a condition, so that the code can go on without it.
    pub conditional: bool,
    /// The command that adds it, where a row names its package and the manifest takes it.
    pub add: Option<String>,
}

/// One framework on one GPU, or on the CPU.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrameworkProof {
    pub framework: String,
    pub version: Option<String>,
    /// The number of the GPU, from 0.
    pub gpu: Option<usize>,
    #[serde(flatten)]
    pub outlook: Outlook,
    /// The time of the import in seconds.
    pub import_seconds: Option<f64>,
    /// The CUDA runtime that was loaded.
    pub cuda: Option<String>,
    /// The cuDNN that was loaded.
    pub cudnn: Option<String>,
    /// The last lines of the error output of a failure.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub output: Vec<String>,
}

/// What is known of a framework now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outlook {
    /// It computed on a GPU.
    Gpu,
    /// It computed on the CPU, for which its build is.
    Cpu,
    /// Its build is for a GPU, there is none, and it computed on the CPU.
    CpuForWantOfGpu,
    /// It was imported; it computes on a GPU alone, and there is none.
    ImportedForWantOfGpu,
    /// It can't be imported without the driver, and there is none.
    NoDriver {
        /// Its soname, such as `libcuda.so.1`.
        library: String,
    },
    /// There is a GPU, and it computed on the CPU.
    GpuUnused,
    /// It can't be imported.
    NotImported { error: String },
    /// It can't compute.
    NotComputed { error: String },
    /// It computed, and printed no result.
    NoResult,
}

impl Outlook {
    /// Whether something is wrong.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        match self {
            Self::GpuUnused | Self::NotImported { .. } | Self::NotComputed { .. } | Self::NoResult => true,
            Self::Gpu | Self::Cpu | Self::CpuForWantOfGpu | Self::ImportedForWantOfGpu | Self::NoDriver { .. } => false,
        }
    }

    /// Whether a computation on a GPU was not looked at.
    #[must_use]
    pub fn lacks_gpu(&self) -> bool {
        matches!(self, Self::CpuForWantOfGpu | Self::ImportedForWantOfGpu | Self::NoDriver { .. })
    }
}

impl ProofReport {
    /// Reads the output of both programs.
    #[must_use]
    pub fn of(output: &str) -> Self {
        let mut report = Self::default();
        for found in output.lines().filter_map(finding) {
            match found {
                Finding::Library(found) => report.libraries.push(found),
                Finding::Machine(MachineLine { machine }) => report.machine = machine,
                Finding::Compute(found) => report.frameworks.push(FrameworkProof::of(*found)),
                Finding::Import(_) | Finding::Modules(_) => {}
            }
        }
        report
    }

    /// Whether something is wrong. A library that nothing provides is a warning: what needs it may never be used.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        let driver_fails = self.machine.as_ref().is_some_and(|machine| machine.error.is_some());
        let missing = self.imports.iter().flat_map(|imports| &imports.missing).any(|module| !module.conditional);
        driver_fails || missing || self.frameworks.iter().any(|one| one.outlook.is_failure())
    }
}

impl FrameworkProof {
    fn of(found: ComputeFinding) -> Self {
        let outlook = outlook(&found);
        let ComputeFinding { framework, gpu, for_gpu: _, import, compute, driver: _, output } = found;
        let PhaseFinding { result, cuda, cudnn, .. } = compute.unwrap_or_default();
        let version = result.as_ref().and_then(|result| result.get("version")?.as_str().map(str::to_owned));
        let import_seconds = import.and_then(|import| import.seconds);
        Self { framework, version, gpu, outlook, import_seconds, cuda, cudnn, output }
    }
}

fn outlook(found: &ComputeFinding) -> Outlook {
    let error = |phase: &Option<PhaseFinding>| phase.as_ref().and_then(|phase| phase.error.clone());
    if let (Some(library), true) = (&found.driver, found.gpu.is_none()) {
        return Outlook::NoDriver { library: library.clone() };
    }
    if let Some(error) = error(&found.import) {
        return Outlook::NotImported { error };
    }
    if let Some(error) = error(&found.compute) {
        return Outlook::NotComputed { error };
    }
    let result = found.compute.as_ref().and_then(|compute| compute.result.as_ref());
    let Some(result) = result else {
        return Outlook::NoResult;
    };
    let on_gpu = result.get("cuda").and_then(Value::as_bool).unwrap_or(false);
    let computed = result.get("result").is_some_and(|value| !value.is_null());
    match (on_gpu, found.gpu.is_some(), found.for_gpu, computed) {
        (true, ..) => Outlook::Gpu,
        (false, true, ..) => Outlook::GpuUnused,
        (false, false, true, true) => Outlook::CpuForWantOfGpu,
        (false, false, _, false) => Outlook::ImportedForWantOfGpu,
        (false, false, false, true) => Outlook::Cpu,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlook_of(found: &str) -> Outlook {
        ProofReport::of(&format!("envctl-proof {found}")).frameworks.remove(0).outlook
    }

    #[test]
    fn each_outlook() {
        let found = |gpu: &str, for_gpu: bool, result: &str| {
            format!(
                r#"{{"compute": {{"result": {result}}}, "driver": null, "for_gpu": {for_gpu}, "framework": "jax", "gpu": {gpu}, "import": {{"seconds": 0.4}}, "output": []}}"#
            )
        };
        let on_cpu = r#"{"cuda": false, "result": [1]}"#;
        assert_eq!(outlook_of(&found("0", true, r#"{"cuda": true, "result": [1]}"#)), Outlook::Gpu);
        assert_eq!(outlook_of(&found("0", true, on_cpu)), Outlook::GpuUnused);
        assert_eq!(outlook_of(&found("null", true, on_cpu)), Outlook::CpuForWantOfGpu);
        assert_eq!(outlook_of(&found("null", false, on_cpu)), Outlook::Cpu);
        let nothing = r#"{"cuda": false, "result": null}"#;
        assert_eq!(outlook_of(&found("null", true, nothing)), Outlook::ImportedForWantOfGpu);
        let failed = |driver: &str, gpu: &str| {
            format!(
                r#"{{"compute": null, "driver": {driver}, "for_gpu": true, "framework": "cupy", "gpu": {gpu}, "import": {{"error": "ImportError: libcuda.so.1"}}, "output": []}}"#
            )
        };
        assert_eq!(
            outlook_of(&failed("\"libcuda.so.1\"", "null")),
            Outlook::NoDriver { library: "libcuda.so.1".into() }
        );
        assert!(outlook_of(&failed("\"libcuda.so.1\"", "0")).is_failure());
        assert!(outlook_of(&failed("null", "null")).is_failure());
    }
}
