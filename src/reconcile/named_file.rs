//! Files that a manifest names.
//!
//! Those inside the project stay inside it, and a failed read points at the manifest's value.

use std::path::Path;

use super::ReconcileError;
use super::error::snippet_of;
use crate::files::{FileError, FileProblem, RootedDirectory};
use crate::manifest::{CaCertificates, Located, Manifest, SecretSource, host_path};

/// Turns a failed read of a file in the manifest into an error.
pub(super) fn file_error<'a, T>(
    manifest: &'a Manifest,
    what: &'static str,
    value: &'a Located<T>,
) -> impl Fn(FileError) -> ReconcileError + use<'a, T> {
    move |error| ReconcileError::NamedFile { what, error, at: snippet_of(manifest, value.span.as_ref(), "named here") }
}

/// Checks that files which the manifest names inside the project stay inside. It runs before the user is asked
/// anything.
pub fn check_inside(manifest: &Manifest, project: &RootedDirectory, home: &Path) -> Result<(), ReconcileError> {
    for file in &manifest.run.env_file {
        stays_inside(project, home, &file.value).map_err(file_error(manifest, "env file", file))?;
    }
    for file in manifest.ssh.authorized_keys.iter().flatten() {
        stays_inside(project, home, &file.value).map_err(file_error(manifest, "key file", file))?;
    }
    for secret in &manifest.build.secrets {
        if let SecretSource::File(path) = secret.value.source() {
            stays_inside(project, home, path).map_err(file_error(manifest, "build secret", secret))?;
        }
    }
    if let CaCertificates::Files(paths) = &manifest.network.ca_certificates.value {
        for path in paths {
            let leaves = file_error(manifest, "certificate file", &manifest.network.ca_certificates);
            stays_inside(project, home, path).map_err(leaves)?;
        }
    }
    for copy in &manifest.build.copy {
        let inside = Path::new(copy.value.from.as_str());
        if let Err(problem @ FileProblem::Leaves { .. }) = project.file(inside) {
            let error = FileError::read(&project.path().join(inside), problem);
            return Err(ReconcileError::Copy { error, at: snippet_of(manifest, copy.span.as_ref(), "copied here") });
        }
    }
    Ok(())
}

fn stays_inside(project: &RootedDirectory, home: &Path, path: &Path) -> Result<(), FileError> {
    let path = host_path(path, project.path(), home);
    let Some(inside) = project.entered_by(&path) else { return Ok(()) };
    match project.file(&inside) {
        Err(problem @ FileProblem::Leaves { .. }) => Err(FileError::read(&path, problem)),
        _ => Ok(()),
    }
}
