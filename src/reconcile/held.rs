//! Checks, just before the engine starts a container, that the mount sources are still the ones the user agreed to.
//!
//! The engine looks the sources up by name, so another process can replace them after the user's consent.

use std::path::{Path, PathBuf};

use super::mount_error::{MountError, MountProblem};
use super::mounts::Mounts;
use crate::manifest::Manifest;
use crate::project::MANIFEST;

/// Checks that every source which the engine will look up by name exists and has no links. The sources were written
/// without links, so a link now leads to another place than the user agreed to.
pub fn check<'a>(binds: impl IntoIterator<Item = &'a str>) -> Result<(), MountError> {
    for path in binds.into_iter().map(PathBuf::from) {
        match std::fs::canonicalize(&path) {
            Ok(now) if now == path => {}
            Ok(now) => return Err(MountProblem::Moved { path, now }.into()),
            Err(_) => return Err(MountProblem::Missing { path }.into()),
        }
    }
    Ok(())
}

/// Nobody checks before the engine restarts a container automatically. So no source may then be in another project's
/// directory, because that project's environment could replace it.
pub fn check_restarts(manifest: &Manifest, mounts: &Mounts) -> Result<(), MountError> {
    for path in mounts.binds().map(Path::new) {
        let mut above = path.ancestors().skip(1);
        if let Some(outer) = above.find(|directory| directory.join(MANIFEST).symlink_metadata().is_ok()) {
            let problem = MountProblem::UnheldWithin { path: path.to_path_buf(), outer: outer.to_path_buf() };
            return Err(MountError::new(problem, manifest, None));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Report;

    #[test]
    fn a_link_in_the_place_of_a_source_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let data = root.join("data");
        std::fs::create_dir(&data).unwrap();
        let kind = || check([data.to_str().unwrap()]).map_err(|error| error.kind());
        assert_eq!(kind(), Ok(()));
        std::fs::remove_dir(&data).unwrap();
        assert_eq!(kind(), Err("mount-missing"));
        std::os::unix::fs::symlink("/", &data).unwrap();
        assert_eq!(kind(), Err("mount-moved"));
    }
}
