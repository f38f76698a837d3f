//! The kinds of things that a project may request outside its own directory and container.
//!
//! Each kind has a name that `--allow` takes and a phase that needs it.

/// The phase that needs a grant. A verb needs the grants of its own phase and of the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Packages are resolved: `lock`, `render`.
    Resolve,
    /// An image is built: `build`, and `plan`, which reads the same files as `up`.
    Build,
    /// A container runs: `up`.
    Run,
}

/// A kind of grant. It has a name that `--allow` takes, and a phase that needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GrantKind {
    /// All of the host's devices and capabilities.
    Privileged,
    /// A Linux capability beyond the engine's default set.
    Capabilities,
    /// A device node of the host.
    Devices,
    /// The host's network namespace.
    HostNetwork,
    /// The host's IPC namespace: the shared memory of all its processes.
    HostIpc,
    /// A network of the engine that other containers use.
    EngineNetwork,
    /// A mount that contains the engine's socket.
    EngineSocket,
    /// A path of the host outside the project.
    Mounts,
    /// A named volume that this environment did not create.
    Volumes,
    /// Root inside the container for a caller who is not root: its files in the project belong to root on the host.
    RootUser,
    /// An SSH server that other machines reach.
    SshBeyondLoopback,
    /// A port that other machines reach.
    PortsBeyondLoopback,
    /// An env file outside the project.
    EnvFile,
    /// A variable of the caller that an env file of the project names.
    Variables,
    /// A file of public keys outside the project.
    AuthorizedKeys,
    /// A file or a variable of the caller for the build.
    BuildSecrets,
    /// A base image that the project chooses.
    Image,
    /// Mirrors, indexes, proxies and certificates that a project sets.
    NetworkSettings,
    /// A package from a URL instead of an index.
    PackageUrls,
    /// Everything that `envctl.local.toml` asks for.
    LocalOverlay,
    /// Packages without wheels, which run their own code in a container during resolution. No manifest asks for it; a
    /// resolution may need it.
    PackageBuilds,
    /// A base image, an index or an address that a lock names and neither the compatibility data nor the manifest
    /// does. No manifest asks for it; a lock that was made with other data may need it.
    LockSources,
}

/// The capabilities that each make a container's root the root of the host.
const ROOT_CAPABILITIES: [&str; 7] =
    ["ALL", "BPF", "DAC_READ_SEARCH", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO"];

impl GrantKind {
    /// All kinds, in the order of the documentation.
    pub const ALL: [Self; 22] = [
        Self::Privileged,
        Self::Capabilities,
        Self::Devices,
        Self::HostNetwork,
        Self::HostIpc,
        Self::EngineNetwork,
        Self::EngineSocket,
        Self::Mounts,
        Self::Volumes,
        Self::RootUser,
        Self::SshBeyondLoopback,
        Self::PortsBeyondLoopback,
        Self::EnvFile,
        Self::Variables,
        Self::AuthorizedKeys,
        Self::BuildSecrets,
        Self::Image,
        Self::NetworkSettings,
        Self::PackageUrls,
        Self::LocalOverlay,
        Self::PackageBuilds,
        Self::LockSources,
    ];

    /// Returns its name for `--allow`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Capabilities => "capabilities",
            Self::Devices => "devices",
            Self::HostNetwork => "host-network",
            Self::HostIpc => "host-ipc",
            Self::EngineNetwork => "network",
            Self::EngineSocket => "engine-socket",
            Self::Mounts => "mounts",
            Self::Volumes => "volumes",
            Self::RootUser => "root-user",
            Self::SshBeyondLoopback => "ssh-beyond-loopback",
            Self::PortsBeyondLoopback => "ports-beyond-loopback",
            Self::EnvFile => "env-file",
            Self::Variables => "variables",
            Self::AuthorizedKeys => "authorized-keys",
            Self::BuildSecrets => "build-secrets",
            Self::Image => "image",
            Self::NetworkSettings => "network-settings",
            Self::PackageUrls => "package-urls",
            Self::LocalOverlay => "local-overlay",
            Self::PackageBuilds => "package-builds",
            Self::LockSources => "lock-sources",
        }
    }

    /// Whether it is a capability that makes a container's root the root of the host. `what` is the capability's
    /// name.
    #[must_use]
    pub fn is_root_capability(self, what: &str) -> bool {
        self == Self::Capabilities && ROOT_CAPABILITIES.contains(&what)
    }

    /// Returns the first phase that needs it.
    #[must_use]
    pub fn phase(self) -> Phase {
        match self {
            Self::NetworkSettings | Self::PackageUrls | Self::PackageBuilds | Self::LockSources => Phase::Resolve,
            Self::EnvFile | Self::Variables | Self::AuthorizedKeys | Self::BuildSecrets | Self::Image => Phase::Build,
            Self::Privileged
            | Self::Capabilities
            | Self::Devices
            | Self::HostNetwork
            | Self::HostIpc
            | Self::EngineNetwork
            | Self::EngineSocket
            | Self::Mounts
            | Self::Volumes
            | Self::RootUser
            | Self::SshBeyondLoopback
            | Self::PortsBeyondLoopback
            | Self::LocalOverlay => Phase::Run,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own_and_yes_is_none() {
        let mut names = GrantKind::ALL.map(GrantKind::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), GrantKind::ALL.len());
        assert!(!names.contains(&"yes"));
    }
}
