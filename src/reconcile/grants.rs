//! What a manifest asks for beyond its own directory and a container's usual walls. A manifest may come from a fresh
//! clone: each of these is named and agreed to once. Pure but for the resolver of links that is handed in.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::desired::host_path;
use crate::manifest::{LayerKind, Manifest, MountSource, SecretSource};

/// One thing to agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub kind: GrantKind,
    /// Which: a path, a device, an address. Empty where the kind says all.
    pub what: String,
    /// Where the manifest asks for it.
    pub span: Option<Range<usize>>,
}

/// The kinds, by the names that `--allow` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GrantKind {
    Privileged,
    Capabilities,
    Devices,
    HostNetwork,
    EngineSocket,
    Mounts,
    EnvFile,
    Copy,
    BuildSecrets,
    SshBeyondLoopback,
}

impl GrantKind {
    /// What `--allow` calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Capabilities => "capabilities",
            Self::Devices => "devices",
            Self::HostNetwork => "host-network",
            Self::EngineSocket => "engine-socket",
            Self::Mounts => "mounts",
            Self::EnvFile => "env-file",
            Self::Copy => "copy",
            Self::BuildSecrets => "build-secrets",
            Self::SshBeyondLoopback => "ssh-beyond-loopback",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Privileged => "all of the host's devices and capabilities",
            Self::Capabilities => "the Linux capability",
            Self::Devices => "the device",
            Self::HostNetwork => "the host's network",
            Self::EngineSocket => "the container engine's socket, which is root on this host:",
            Self::Mounts => "a mount from outside the project:",
            Self::EnvFile => "variables from outside the project:",
            Self::Copy => "a copy from outside the project:",
            Self::BuildSecrets => "a secret for the build:",
            Self::SshBeyondLoopback => "an SSH server reachable from other machines at",
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.meaning())?;
        if self.what.is_empty() { Ok(()) } else { write!(f, " `{}`", self.what) }
    }
}

impl Grant {
    /// How the state remembers that it was agreed to.
    #[must_use]
    pub fn token(&self) -> String {
        format!("{} {}", self.kind.name(), self.what).trim_end().to_owned()
    }
}

/// Where things lie on this host.
pub struct Host<'a> {
    /// The manifest's directory, without links.
    pub project: &'a Path,
    /// The caller's home.
    pub home: &'a Path,
    /// The engine's socket, where it is one.
    pub socket: Option<&'a Path>,
    /// A path with its links followed, as far as it exists: a link in a clone may lead anywhere.
    pub real: &'a dyn Fn(&Path) -> PathBuf,
}

impl Host<'_> {
    /// Where a path of the manifest really leads, when that is outside the project.
    fn outside(&self, path: &Path) -> Option<PathBuf> {
        let real = (self.real)(&host_path(path, self.project, self.home));
        (!real.starts_with(self.project)).then_some(real)
    }
}

/// Everything there is to agree to, in a stable order.
#[must_use]
pub fn required(manifest: &Manifest, host: &Host<'_>) -> Vec<Grant> {
    let mut grants = Vec::new();
    let mut ask =
        |kind, what: String, span: &Option<Range<usize>>| grants.push(Grant { kind, what, span: span.clone() });
    let run = &manifest.run;
    if let Some(privileged) = run.privileged.as_ref().filter(|privileged| privileged.value) {
        ask(GrantKind::Privileged, String::new(), &privileged.span);
    }
    for capability in &run.cap_add {
        ask(GrantKind::Capabilities, capability.value.to_string(), &capability.span);
    }
    for device in &run.devices {
        ask(GrantKind::Devices, device.value.host.display().to_string(), &device.span);
    }
    if let Some(network) = run.network.as_ref().filter(|network| network.value.as_str() == "host") {
        ask(GrantKind::HostNetwork, String::new(), &network.span);
    }
    for mount in &run.mounts {
        let MountSource::Path(path) = &mount.value.source else { continue };
        let Some(real) = host.outside(path) else { continue };
        let holds_socket = host.socket.is_some_and(|socket| (host.real)(socket).starts_with(&real));
        let kind = if holds_socket { GrantKind::EngineSocket } else { GrantKind::Mounts };
        ask(kind, real.display().to_string(), &mount.span);
    }
    for file in &run.env_file {
        if let Some(real) = host.outside(&file.value) {
            ask(GrantKind::EnvFile, real.display().to_string(), &file.span);
        }
    }
    for copy in &manifest.build.copy {
        if let Some(real) = host.outside(Path::new(copy.value.from.as_str())) {
            ask(GrantKind::Copy, real.display().to_string(), &copy.span);
        }
    }
    for secret in &manifest.build.secrets {
        let what = match &secret.value.source {
            SecretSource::File(path) => host_path(path, host.project, host.home).display().to_string(),
            SecretSource::Env(name) => format!("${name}"),
        };
        ask(GrantKind::BuildSecrets, what, &secret.span);
    }
    if manifest.ssh.enabled && !manifest.ssh.listen.value.is_loopback() {
        ask(GrantKind::SshBeyondLoopback, manifest.ssh.listen.value.to_string(), &manifest.ssh.listen.span);
    }
    grants.retain(|grant| grant.span.as_ref().is_none_or(|span| is_strangers(manifest, span)));
    grants.sort_by(|a, b| (a.kind, &a.what).cmp(&(b.kind, &b.what)));
    grants
}

/// What a person's own configuration, their lab's, or their local overlay asks for, they asked for themselves.
fn is_strangers(manifest: &Manifest, span: &Range<usize>) -> bool {
    manifest.sources.layer_of(span).is_none_or(|(layer, _)| layer.kind == LayerKind::Project)
}

/// Those that neither the command line nor an earlier agreement covers.
#[must_use]
pub fn missing(required: Vec<Grant>, allowed: &[String], agreed: &BTreeSet<String>) -> Vec<Grant> {
    let covered =
        |grant: &Grant| allowed.iter().any(|name| name == grant.kind.name()) || agreed.contains(&grant.token());
    required.into_iter().filter(|grant| !covered(grant)).collect()
}

/// Consent that no manifest asks for and a build may turn out to need: packages without wheels run their own code on this
/// host while they are resolved.
pub const PACKAGE_BUILDS: &str = "package-builds";

/// The names that `--allow` takes.
#[must_use]
pub fn names() -> Vec<&'static str> {
    use GrantKind::{
        BuildSecrets, Capabilities, Copy, Devices, EngineSocket, EnvFile, HostNetwork, Mounts, Privileged,
        SshBeyondLoopback,
    };
    let kinds = [
        Privileged,
        Capabilities,
        Devices,
        HostNetwork,
        EngineSocket,
        Mounts,
        EnvFile,
        Copy,
        BuildSecrets,
        SshBeyondLoopback,
    ];
    kinds.map(GrantKind::name).into_iter().chain([PACKAGE_BUILDS]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Layer;

    fn tokens(layers: &[(LayerKind, &str)]) -> Vec<String> {
        let mut layers: Vec<_> = layers.iter().map(|(kind, text)| (*kind, (*text).to_owned())).collect();
        layers.push((LayerKind::Project, "[frameworks]\njax = \"0.7\"\n".to_owned()));
        if let [(LayerKind::Project, text), (LayerKind::Project, base)] = &layers[..] {
            layers = vec![(LayerKind::Project, format!("{base}{text}"))];
        }
        let layer = |(kind, text)| Layer { path: "/srv/lab/envctl.toml".into(), text, kind };
        let manifest = Manifest::parse_layers(layers.into_iter().map(layer).collect()).unwrap();
        let links = |path: &Path| {
            let text = path.display().to_string();
            PathBuf::from(text.replace("/srv/lab/link", "/etc").replace("/srv/lab/..", "/srv"))
        };
        let host = Host {
            project: Path::new("/srv/lab"),
            home: Path::new("/home/ada"),
            socket: Some(Path::new("/var/run/docker.sock")),
            real: &links,
        };
        required(&manifest, &host).iter().map(Grant::token).collect()
    }

    fn asked(more: &str) -> Vec<String> {
        tokens(&[(LayerKind::Project, more)])
    }

    #[test]
    fn a_manifest_that_stays_inside_asks_for_nothing() {
        let more =
            "[run]\nmounts = [\"./data:/data\", \"cache:/cache\"]\nenv-file = \".env\"\n[build]\ncopy = [\"a:/a\"]\n";
        assert!(asked(more).is_empty());
    }

    #[test]
    fn each_way_out_is_named() {
        let more = "[run]\nmounts = [\"/mnt/x:/x\", \"./link:/l\", \"../other:/o\", \"/var/run:/r\", \"~/s:/s\"]\n\
            env-file = \"~/.env\"\nprivileged = true\ncap-add = [\"SYS_ADMIN\"]\ndevices = [\"/dev/fuse\"]\nnetwork = \"host\"\n\
            [build]\ncopy = [\"link/passwd:/p\"]\nsecrets = [\"id=t,env=TOKEN\"]\n[ssh]\nlisten = \"0.0.0.0\"\n";
        insta::assert_snapshot!(asked(more).join("\n"), @r"
        privileged
        capabilities SYS_ADMIN
        devices /dev/fuse
        host-network
        engine-socket /var/run
        mounts /etc
        mounts /home/ada/s
        mounts /mnt/x
        mounts /srv/other
        env-file /home/ada/.env
        copy /etc/passwd
        build-secrets $TOKEN
        ssh-beyond-loopback 0.0.0.0
        ");
    }

    #[test]
    fn ones_own_configuration_is_not_a_strangers() {
        let text = "[run]\nmounts = [\"/mnt/sets:/sets:ro\"]\n";
        for kind in [LayerKind::Site, LayerKind::User, LayerKind::Local] {
            assert!(tokens(&[(kind, text)]).is_empty(), "{kind:?}");
        }
    }

    #[test]
    fn what_was_agreed_to_is_not_asked_again_and_yes_is_no_name() {
        let grant = |what: &str| Grant { kind: GrantKind::Mounts, what: what.to_owned(), span: None };
        let agreed = BTreeSet::from(["mounts /a".to_owned()]);
        let left = missing(vec![grant("/a"), grant("/b")], &[], &agreed);
        assert_eq!(left, [grant("/b")]);
        assert!(missing(left, &["mounts".to_owned()], &BTreeSet::new()).is_empty());
        assert!(!names().contains(&"yes"));
    }
}
