//! The description that an engine gives of itself, and what follows from its version.

use serde::Serialize;

/// The first release of Docker with read-only mounts that have no writable part.
const RECURSIVE_SINCE: u32 = 25;

/// The engine's description of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EngineInfo {
    /// `docker` or `podman`.
    pub kind: String,
    /// `20.10.24`
    pub version: String,
    /// The engine's address: `unix:///var/run/docker.sock`.
    pub endpoint: String,
    /// `x86_64`
    pub architecture: String,
    /// The directory that stores images.
    pub root_directory: String,
    /// The registered OCI runtimes (`runc`, `nvidia`).
    pub runtimes: Vec<String>,
    /// The known CDI devices and specification directories, if the engine reports them.
    pub cdi: Vec<String>,
    /// The security options: rootless, user namespaces and others.
    pub security_options: Vec<String>,
}

impl EngineInfo {
    /// Returns whether a read-only mount of this engine is read-only in the file systems below it, too.
    #[must_use]
    pub fn mounts_read_only_recursively(&self) -> bool {
        let major = self.version.split('.').next().and_then(|number| number.parse::<u32>().ok());
        self.kind == "docker" && major.is_some_and(|major| major >= RECURSIVE_SINCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_only_mounts_depend_on_the_engine_and_its_version() {
        let is_recursive = |kind: &str, version: &str| {
            let info = EngineInfo { kind: kind.to_owned(), version: version.to_owned(), ..EngineInfo::default() };
            info.mounts_read_only_recursively()
        };
        assert!(is_recursive("docker", "25.0.0") && is_recursive("docker", "28.5.2+dfsg3"));
        assert!(!is_recursive("docker", "20.10.24+dfsg1") && !is_recursive("podman", "5.4.2"));
    }
}
