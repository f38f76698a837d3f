//! The kinds of things that a project may ask for beyond its own directory and its own container.

/// When a grant is needed: a verb needs those of its own phase and of the phases before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Packages are resolved: `lock`, `render`.
    Resolve,
    /// An image is built: `build`, and `plan`, which reads what an `up` would read.
    Build,
    /// A container runs: `up`.
    Run,
}

/// A kind of grant. Each has a name that `--allow` takes, words for a person, and the phase that needs it.
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
    /// A mount that holds the engine's socket.
    EngineSocket,
    /// A path of the host outside the project.
    Mounts,
    /// A named volume that this environment did not make.
    Volumes,
    /// Root inside the container for a caller who is not root: files it makes in the project are root's on the host.
    RootUser,
    /// An SSH server that other machines reach.
    SshBeyondLoopback,
    /// A port that other machines reach.
    PortsBeyondLoopback,
    /// A file of variables outside the project.
    EnvFile,
    /// A variable of the caller's that an env file of the project names.
    Variables,
    /// A file of public keys outside the project.
    AuthorizedKeys,
    /// A file or a variable of the caller's for the build.
    BuildSecrets,
    /// An image of the project's own choice as the base.
    Image,
    /// Mirrors, indexes, proxies and certificates that a project sets.
    NetworkSettings,
    /// A package from an address instead of an index.
    PackageUrls,
    /// What `envctl.local.toml` asks for.
    LocalOverlay,
    /// Packages without wheels run their own code on this host while they are resolved. No manifest asks for it; a
    /// resolution may turn out to need it.
    PackageBuilds,
    /// A base image, an index or an address that a lock names, and neither the compatibility data here nor the manifest.
    /// No manifest asks for it; a lock that was made with other data may need it.
    LockSources,
}

/// With each of these a container's root becomes the host's.
const ROOT_CAPABILITIES: [&str; 7] =
    ["ALL", "BPF", "DAC_READ_SEARCH", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO"];

impl GrantKind {
    /// All of them, in the order of the documentation.
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

    /// What `--allow` calls it.
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

    /// What it gives, in words that a value may follow.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Privileged => "all of the host's devices and capabilities",
            Self::Capabilities => "the Linux capability",
            Self::Devices => "the device",
            Self::HostNetwork => "the host's network",
            Self::HostIpc => "the shared memory of the host's processes",
            Self::EngineNetwork => "a network that other containers use:",
            Self::EngineSocket => "the container engine's socket, which is root on this host:",
            Self::Mounts => "a mount from outside the project:",
            Self::Volumes => "a volume that this environment did not make:",
            Self::RootUser => "root inside the container; what it writes in the project belongs to root on this host",
            Self::SshBeyondLoopback => "an SSH server reachable from other machines:",
            Self::PortsBeyondLoopback => "a port reachable from other machines:",
            Self::EnvFile => "variables from outside the project:",
            Self::Variables => "your environment variable",
            Self::AuthorizedKeys => "public keys from outside the project:",
            Self::BuildSecrets => "a secret for the build:",
            Self::Image => "an image of its own choice:",
            Self::NetworkSettings => "a network setting that downloads use:",
            Self::PackageUrls => "a Python package from the address",
            Self::LocalOverlay => "everything beyond the project that is asked for by",
            Self::PackageBuilds => {
                "code of packages without wheels, run on this host and in the build step that downloads"
            }
            Self::LockSources => "images, indexes and packages that only the lock names",
        }
    }

    /// What the project's code can do with it, in a few words.
    #[must_use]
    pub fn consequence(self, what: &str) -> &'static str {
        match self {
            Self::Privileged | Self::EngineSocket => "root on this host",
            Self::Capabilities if ROOT_CAPABILITIES.contains(&what) => "root on this host",
            Self::Capabilities => "what this capability allows, beyond a container's usual rights",
            Self::Devices => "use of the device itself; with a disk, root on this host",
            Self::HostNetwork => "reaches every service of this host and can listen in its place",
            Self::HostIpc => "reads and changes the shared memory of every process here",
            Self::EngineNetwork => "reaches every container on that network",
            Self::Mounts | Self::Volumes => "reads and changes what is in it",
            Self::RootUser => "leaves files in the project that belong to root here",
            Self::SshBeyondLoopback | Self::PortsBeyondLoopback => "other machines reach it",
            Self::EnvFile | Self::Variables | Self::AuthorizedKeys | Self::BuildSecrets => {
                "reads it and can send it anywhere"
            }
            Self::Image => "reads that image, and may run its programs in a build",
            Self::NetworkSettings => "decides whom downloads ask and trust",
            Self::PackageUrls => "this host asks that address, and installs what it answers",
            Self::LocalOverlay => "everything that the file asks for now",
            Self::PackageBuilds => "runs code on this host as you",
            Self::LockSources => "packages and images come from where the lock says",
        }
    }

    /// The first phase that needs it.
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
