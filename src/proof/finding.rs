//! Reads the lines that the programs print.

use serde::{Deserialize, Serialize};

/// The beginning of a line with a finding.
const MARK: &str = "envctl-proof ";

/// One finding.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Finding {
    Library(LibraryFinding),
    Compute(Box<ComputeFinding>),
    Import(ImportFinding),
    Machine(MachineLine),
    Modules(AbsentModules),
}

/// Modules that the environment does not have.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbsentModules {
    pub absent: Vec<String>,
}

/// The machine that a process in the container sees.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineLine {
    /// `None`: there is no driver.
    pub machine: Option<MachineFinding>,
}

/// A shared library that nothing in the environment provided.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryFinding {
    /// Its name, `libGL.so.1`.
    pub library: String,
    /// The first file that needs it, from the virtual environment.
    pub file: String,
    /// The package of the Python index that has the file.
    pub owner: Option<String>,
    /// The distribution's package that has the library, if a row names it.
    pub package: Option<String>,
    /// Whether the build installed it.
    pub added: bool,
}

/// The import of a framework in the build.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportFinding {
    pub framework: String,
    /// `ImportError: …`
    pub error: Option<String>,
    /// The library of the driver that the import needs. No build has it.
    pub driver: Option<String>,
}

/// The import and the computation of a framework in a container.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ComputeFinding {
    pub framework: String,
    /// The number of the GPU, from 0. `None`: it ran without a choice of a GPU.
    pub gpu: Option<usize>,
    /// Whether the framework's build is for a GPU.
    pub for_gpu: bool,
    pub import: Option<PhaseFinding>,
    pub compute: Option<PhaseFinding>,
    /// The library of the driver that it needs and that is not there.
    pub driver: Option<String>,
    /// The last lines of its error output.
    pub output: Vec<String>,
}

/// One phase of a proof.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhaseFinding {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// What the lines of the compatibility data print.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<serde_json::Value>,
    /// The CUDA runtime that is loaded, by its own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuda: Option<String>,
    /// The cuDNN that is loaded, by its own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cudnn: Option<String>,
}

/// The driver and the GPUs that a process in the container sees.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MachineFinding {
    pub gpus: Vec<SeenGpu>,
    /// The newest CUDA that the driver runs.
    pub cuda: Option<String>,
    /// The version of the driver.
    pub version: Option<String>,
    pub error: Option<String>,
}

/// A GPU in a container.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SeenGpu {
    pub name: String,
    pub capability: String,
}

/// The finding in a line. `None`: the line has none.
#[must_use]
pub fn finding(line: &str) -> Option<Finding> {
    serde_json::from_str(line.strip_prefix(MARK)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_programs() {
        let line = r#"envctl-proof {"added": true, "file": "cv2/cv2.abi3.so", "library": "libGL.so.1", "owner": "opencv-python", "package": "libgl1"}"#;
        assert!(matches!(finding(line), Some(Finding::Library(found)) if found.added && found.library == "libGL.so.1"));
        let line = r#"envctl-proof {"driver": "libcuda.so.1", "error": "ImportError: x", "framework": "cupy"}"#;
        assert!(matches!(finding(line), Some(Finding::Import(found)) if found.driver.is_some()));
        let line = r#"envctl-proof {"machine": {"cuda": "13.0", "gpus": [{"capability": "9.0", "name": "H100"}], "version": "580.1"}}"#;
        assert!(
            matches!(finding(line), Some(Finding::Machine(MachineLine { machine: Some(found) })) if found.gpus.len() == 1)
        );
        assert_eq!(finding(r#"envctl-proof {"machine": null}"#), Some(Finding::Machine(MachineLine { machine: None })));
        let line = r#"envctl-proof {"compute": {"result": {"cuda": false}, "cuda": "12.4"}, "driver": null, "for_gpu": true, "framework": "jax", "gpu": 0, "import": {"seconds": 0.4}, "output": []}"#;
        assert!(
            matches!(finding(line), Some(Finding::Compute(found)) if found.compute.clone().unwrap().cuda.is_some())
        );
        for other in ["Get:1 libgl1", "envctl-proof ", "envctl-proof {\"library\": 3}"] {
            assert_eq!(finding(other), None, "{other}");
        }
    }
}
