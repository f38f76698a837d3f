//! The steps that prove the image: what shared libraries need, and whether the frameworks are imported.

use serde::Serialize;

use super::ImageInputs;
use super::words::{ShellWord, Unquotable};
use crate::proof;

/// The directory in the context.
const DIRECTORY: &str = "proof";

/// The values of these steps.
#[derive(Serialize)]
pub(super) struct ProofSteps {
    /// The step that looks at shared libraries; `None`: there is no Python package.
    libraries: Option<LibraryStep>,
    /// Whether there are frameworks to import.
    imports: bool,
}

#[derive(Serialize)]
struct LibraryStep {
    /// Whether it adds packages of the distribution.
    adds: bool,
    /// `sed` expressions for the mirror, if no step before used it.
    mirror: Option<Vec<ShellWord>>,
}

/// The steps of an image. `mirror` gives the expressions for the mirror.
pub(super) fn proof_steps(
    inputs: &ImageInputs<'_>,
    mirror: impl FnOnce() -> Result<Option<Vec<ShellWord>>, Unquotable>,
) -> Result<ProofSteps, Unquotable> {
    let adds = inputs.manifest.system.libraries;
    let libraries = if inputs.lock.packages.is_empty() {
        None
    } else {
        Some(LibraryStep { adds, mirror: if adds { mirror()? } else { None } })
    };
    Ok(ProofSteps { libraries, imports: !inputs.proofs.is_empty() })
}

/// The files of these steps, by their paths in the context.
pub(super) fn proof_files(inputs: &ImageInputs<'_>) -> Vec<(String, String)> {
    if inputs.lock.packages.is_empty() {
        return Vec::new();
    }
    let files = proof::library_files(inputs.lock).into_iter().chain(proof::import_files(inputs.proofs));
    files.map(|(name, text)| (format!("{DIRECTORY}/{name}"), text)).collect()
}
