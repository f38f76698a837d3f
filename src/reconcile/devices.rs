//! Finds the device nodes that a manifest asks for, under names that only root can replace.
//!
//! The engine looks up a device by its name at every start, including its own restarts, and follows links. So it gets
//! the path of the node itself, with every link resolved. A node is accepted only in directories that only root can
//! change.

use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use super::ReconcileError;
use super::device_problem::DeviceProblem;
use super::error::snippet_of;
use crate::engine::DeviceSpec;
use crate::files::real_path;
use crate::manifest::Manifest;

/// The write bits for a directory's group and for others.
const OTHERS_WRITE: u32 = 0o022;

/// Returns the devices for the engine's request.
///
/// # Errors
/// A path that does not exist, is not a device, or can be replaced by somebody else.
pub(super) fn check_devices(manifest: &Manifest) -> Result<Vec<DeviceSpec>, ReconcileError> {
    let asked = manifest.run.devices.iter();
    asked
        .map(|asked| {
            let host = real_path(&asked.value.host);
            judge_device(&host).map_err(|problem| ReconcileError::Device {
                path: host.clone(),
                problem,
                at: snippet_of(manifest, asked.span.as_ref(), "asked for here"),
            })?;
            Ok(DeviceSpec {
                host: host.display().to_string(),
                container: asked.value.container.display().to_string(),
                permissions: asked.value.permissions.clone(),
            })
        })
        .collect()
}

/// Checks a path without links, and every directory on the way to it.
fn judge_device(path: &Path) -> Result<(), DeviceProblem> {
    let found = path.symlink_metadata().map_err(|_| DeviceProblem::Missing)?;
    let kind = found.file_type();
    if !(kind.is_char_device() || kind.is_block_device() || kind.is_dir()) {
        return Err(DeviceProblem::NoDevice);
    }
    let is_roots = |directory: &Path| {
        let metadata = directory.symlink_metadata();
        metadata.is_ok_and(|found| found.uid() == 0 && found.mode() & OTHERS_WRITE == 0)
    };
    let mut directories = path.ancestors().skip(usize::from(!kind.is_dir()));
    if directories.all(is_roots) { Ok(()) } else { Err(DeviceProblem::Exchangeable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_root_alone_names_is_a_device() {
        assert_eq!(judge_device(Path::new("/dev/null")), Ok(()));
        assert_eq!(judge_device(Path::new("/dev/nothing-of-this-name")), Err(DeviceProblem::Missing));
        assert_eq!(judge_device(Path::new("/etc/passwd")), Err(DeviceProblem::NoDevice));
        assert_eq!(judge_device(Path::new("/dev/shm")), Err(DeviceProblem::Exchangeable));
    }
}
