//! Lists, key by key, everything in a manifest that reaches outside the project and its container.
//!
//! Values of the caller and envctl's defaults need no grant; values of the project do.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::grant::READ_ONLY;
use super::{Grant, GrantKind, Phase};
use crate::address::without_password;
use crate::manifest::{
    BaseImages, Build, CaCertificates, Copy, Device, IpcMode, Located, Manifest, Mount, MountSource, Network, Origin,
    Port, Python, Run, SecretSource, Ssh, SystemTable, host_path, is_public_key_name,
};

/// The facts of the host that are needed to judge a manifest.
pub struct Surroundings<'a> {
    /// The manifest's directory, without links.
    pub project: &'a Path,
    /// The caller's home directory.
    pub home: &'a Path,
    /// Whether the caller is root; then the user inside is root too.
    pub is_root: bool,
    /// Directories of the caller that decide which servers and files envctl and ssh trust.
    pub trusted: &'a [PathBuf],
    /// The engine's socket, if it has one.
    pub socket: Option<&'a Path>,
    /// Resolves the links of a path as far as it exists: a link in a clone may lead anywhere.
    pub real: &'a dyn Fn(&Path) -> PathBuf,
    /// The resolved sources of mounts. They are looked up once, so that the user agrees to exactly the mounted paths.
    pub mounts: &'a BTreeMap<PathBuf, PathBuf>,
    /// The named volumes on the engine that this environment did not create.
    pub volumes: &'a BTreeSet<String>,
    /// The caller's variables that env files inside the project name without a value.
    pub variables: &'a [EnvFileName],
    /// The hosts that the project's requirements files name in package URLs.
    pub package_hosts: &'a BTreeSet<String>,
    /// The digests of the files of `[network] ca-certificates`, by the path in the manifest.
    pub certificates: &'a BTreeMap<PathBuf, String>,
}

/// A variable that an env file takes from the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFileName {
    /// The variable's name.
    pub name: String,
    /// The place in the manifest that names the file.
    pub span: Option<Range<usize>>,
}

/// Returns all grants that `phase` needs, in a stable order.
#[must_use]
pub fn required(manifest: &Manifest, surroundings: &Surroundings<'_>, phase: Phase) -> Vec<Grant> {
    let overlay = manifest.sources.overlay().map(|overlay| (overlay.short_name(), hash(&overlay.text)));
    let mut wishes = Wishes { surroundings, phase, overlay, grants: Vec::new() };
    wishes.take_manifest(manifest);
    let mut grants = wishes.grants;
    grants.sort_by(|a, b| (a.kind, &a.what, &a.extent, &a.overlay).cmp(&(b.kind, &b.what, &b.extent, &b.overlay)));
    grants.dedup_by(|a, b| a.token() == b.token());
    for grant in &mut grants {
        grant.place = grant.span.as_ref().and_then(|span| manifest.sources.place(span));
    }
    grants
}

/// Whether code of a manifest runs as root in its container; the grant `root-user` covers this.
#[must_use]
pub fn gives_root(manifest: &Manifest) -> bool {
    let Build { run, copy, append, secrets: _, args: _ } = &manifest.build;
    let is_root = manifest.run.user.as_ref().is_some_and(|user| user.value.as_str() == "root");
    is_root || !run.is_empty() || !copy.is_empty() || append.is_some()
}

fn hash(text: &str) -> String {
    crate::digest::hex(&Sha256::digest(text.as_bytes()))
}

struct Wishes<'a> {
    surroundings: &'a Surroundings<'a>,
    phase: Phase,
    /// The name of the overlay and the hash of its content.
    overlay: Option<(String, String)>,
    grants: Vec<Grant>,
}

/// The effect of a value.
struct Wish {
    kind: GrantKind,
    what: String,
    extent: String,
    by_image: bool,
    content: Option<String>,
}

impl Wishes<'_> {
    /// Adds the effect of a value. Values of the caller and envctl's defaults need no grant.
    fn ask<T>(&mut self, kind: GrantKind, what: String, value: &Located<T>) {
        self.ask_to_extent(kind, what, "", value);
    }

    /// As [`Self::ask`], for a grant with degrees.
    fn ask_to_extent<T>(&mut self, kind: GrantKind, what: String, extent: &str, value: &Located<T>) {
        let extent = extent.to_owned();
        self.note(Wish { kind, what, extent, by_image: false, content: None }, value.origin, value.span.clone());
    }

    /// As [`Self::ask`], for lines that write the image.
    fn ask_by_image<T>(&mut self, kind: GrantKind, value: &Located<T>) {
        let (what, extent) = (String::new(), String::new());
        self.note(Wish { kind, what, extent, by_image: true, content: None }, value.origin, value.span.clone());
    }

    /// As [`Self::ask`], for a grant that depends on content.
    fn ask_content<T>(&mut self, kind: GrantKind, what: String, content: Option<String>, value: &Located<T>) {
        let extent = String::new();
        self.note(Wish { kind, what, extent, by_image: false, content }, value.origin, value.span.clone());
    }

    fn note(&mut self, wish: Wish, origin: Origin, span: Option<Range<usize>>) {
        let Wish { kind, what, extent, by_image, content } = wish;
        let overlay = match origin {
            Origin::Default | Origin::Caller => return,
            Origin::Overlay => self.overlay.clone(),
            Origin::Project => None,
        };
        if kind.phase() <= self.phase {
            self.grants.push(Grant {
                kind,
                what,
                extent,
                by_image,
                content,
                overlay,
                span,
                place: None,
                changed: false,
            });
        }
    }

    /// Adds an effect of the project's files. It belongs to the project, whichever layer names the file.
    fn ask_of_project(&mut self, kind: GrantKind, what: String, span: Option<Range<usize>>) {
        self.ask(kind, what, &Located { value: (), span, origin: Origin::Project });
    }

    fn ask_if<T>(&mut self, kind: GrantKind, value: Option<&Located<T>>, asks: impl FnOnce(&T) -> bool) {
        if let Some(value) = value.filter(|value| asks(&value.value)) {
            self.ask(kind, String::new(), value);
        }
    }

    /// Returns the resolved path of a manifest's path if it is outside the project.
    fn outside(&self, path: &Path) -> Option<PathBuf> {
        let Surroundings { project, home, real, .. } = self.surroundings;
        let real = real(&host_path(path, project, home));
        (!real.starts_with(project)).then_some(real)
    }

    /// Adds a path outside the project. A link inside the project belongs to the project, in whichever layer it is
    /// named.
    fn ask_outside<T>(&mut self, kind: GrantKind, path: &Path, shown: (String, &str), value: &Located<T>) {
        let Surroundings { project, home, .. } = self.surroundings;
        let (what, extent) = (shown.0, shown.1.to_owned());
        let is_inside = host_path(path, project, home).starts_with(project);
        let origin = if is_inside { Origin::Project } else { value.origin };
        self.note(Wish { kind, what, extent, by_image: false, content: None }, origin, value.span.clone());
    }

    fn ask_file<T>(&mut self, kind: GrantKind, path: &Path, value: &Located<T>) {
        if let Some(real) = self.outside(path) {
            self.ask_outside(kind, path, (real.display().to_string(), ""), value);
        }
    }

    /// Destructures every table. Values that are not passed on only decide versions, or texts inside the container.
    fn take_manifest(&mut self, manifest: &Manifest) {
        let Manifest {
            path: _,
            text: _,
            sources: _,
            settings: _,
            // `connect` uses an alias for `ssh` only if it is free.
            name: _,
            envctl: _,
            frameworks: _,
            python,
            cuda: _,
            system,
            target: _,
            // Any container may use its machine's GPUs; a named device node is in `run.devices`.
            gpu: _,
            run,
            ssh,
            build,
            network,
            // No verb publishes an image yet.
            publish: _,
        } = manifest;
        self.take_python(python);
        self.take_system(system);
        self.take_run(run);
        self.take_ssh(ssh);
        self.take_build(build);
        self.take_network(network);
    }

    fn take_python(&mut self, python: &Python) {
        let Python { version: _, requires: _, packages, requirements: _, exclude_newer: _ } = python;
        for package in packages {
            if let Some(host) = package.value.url_host() {
                self.ask(GrantKind::PackageUrls, host, package);
            }
        }
        for host in self.surroundings.package_hosts {
            self.ask_of_project(GrantKind::PackageUrls, host.clone(), None);
        }
    }

    fn take_system(&mut self, system: &SystemTable) {
        let SystemTable { base: _, image, packages: _, libraries: _ } = system;
        if let Some(image) = image {
            self.ask(GrantKind::Image, image.value.to_string(), image);
        }
    }

    fn take_run(&mut self, run: &Run) {
        let Run {
            project,
            mounts,
            ports,
            // The environment's ID names the volume.
            persist_home: _,
            shm_size: _,
            ulimits: _,
            // Only the container sees these texts.
            env: _,
            env_file,
            workdir: _,
            user,
            command: _,
            ipc,
            restart: _,
            cpus: _,
            memory: _,
            privileged,
            cap_add,
            devices,
            network,
            // Refused, because it is not supported yet.
            x11: _,
            selinux: _,
            volumes_from: _,
            tmpfs: _,
            extra_hosts: _,
            hostname: _,
        } = run;
        if project.is_some() {
            self.take_project_mount();
        }
        for mount in mounts {
            self.take_mount(mount);
        }
        for port in ports {
            self.take_port(port);
        }
        for file in env_file {
            self.ask_file(GrantKind::EnvFile, &file.value, file);
        }
        for EnvFileName { name, span } in self.surroundings.variables {
            self.ask_of_project(GrantKind::Variables, name.clone(), span.clone());
        }
        let is_root = self.surroundings.is_root;
        self.ask_if(GrantKind::RootUser, user.as_ref(), |user| user.as_str() == "root" && !is_root);
        self.ask_if(GrantKind::HostIpc, ipc.as_ref(), |ipc| *ipc == IpcMode::Host);
        self.ask_if(GrantKind::Privileged, privileged.as_ref(), |privileged| *privileged);
        for capability in cap_add {
            self.ask(GrantKind::Capabilities, capability.value.to_string(), capability);
        }
        for device in devices {
            let Device { host, container: _, permissions } = &device.value;
            let real = (self.surroundings.real)(host);
            self.ask_to_extent(GrantKind::Devices, real.display().to_string(), permissions, device);
        }
        if let Some(network) = network {
            match network.value.as_str() {
                "bridge" | "none" => {}
                "host" => self.ask(GrantKind::HostNetwork, String::new(), network),
                name => self.ask(GrantKind::EngineNetwork, name.to_owned(), network),
            }
        }
    }

    /// The project's own directory needs no grant, unless it contains more than a project.
    fn take_project_mount(&mut self) {
        let Surroundings { project, home, trusted, socket, real, .. } = self.surroundings;
        let is_trusted = |directory: &PathBuf| {
            let directory = real(directory);
            directory.starts_with(project) || project.starts_with(&directory)
        };
        let shown = project.display().to_string();
        if socket.is_some_and(|socket| real(socket).starts_with(project)) {
            self.ask_of_project(GrantKind::EngineSocket, shown, None);
        } else if real(home).starts_with(project) || trusted.iter().any(is_trusted) {
            self.ask_of_project(GrantKind::Mounts, shown, None);
        }
    }

    /// Returns the source of a mount as it was resolved for the mount itself.
    fn outside_mount(&self, path: &Path) -> Option<PathBuf> {
        let Surroundings { project, home, mounts, .. } = self.surroundings;
        match mounts.get(&host_path(path, project, home)) {
            Some(real) => (!real.starts_with(project)).then(|| real.clone()),
            None => self.outside(path),
        }
    }

    fn take_mount(&mut self, mount: &Located<Mount>) {
        let Mount { source, target: _, read_only } = &mount.value;
        let extent = if *read_only { READ_ONLY } else { "" };
        match source {
            MountSource::Volume(name) if self.surroundings.volumes.contains(name) => {
                self.ask_to_extent(GrantKind::Volumes, name.clone(), extent, mount);
            }
            MountSource::Volume(_) => {}
            MountSource::Path(path) => {
                let Some(outside) = self.outside_mount(path) else { return };
                let Surroundings { socket, real, .. } = self.surroundings;
                let shown = outside.display().to_string();
                if socket.is_some_and(|socket| real(socket).starts_with(&outside)) {
                    self.ask_outside(GrantKind::EngineSocket, path, (shown, ""), mount);
                } else {
                    self.ask_outside(GrantKind::Mounts, path, (shown, extent), mount);
                }
            }
        }
    }

    /// A port without an address is published on loopback.
    fn take_port(&mut self, port: &Located<Port>) {
        let Port { address, host: _, host_last: _, container, protocol: _ } = &port.value;
        if address.is_none_or(|address| address.is_loopback()) {
            return;
        }
        let kind = if *container == 22 { GrantKind::SshBeyondLoopback } else { GrantKind::PortsBeyondLoopback };
        self.ask(kind, port.value.to_string().trim_end_matches("/tcp").to_owned(), port);
    }

    fn take_ssh(&mut self, ssh: &Ssh) {
        let Ssh { enabled, port, listen, authorized_keys } = ssh;
        if *enabled && !listen.value.is_loopback() {
            let address = listen.value;
            let asked = port.as_ref().map(|port| SocketAddr::new(address, port.value).to_string());
            self.ask(GrantKind::SshBeyondLoopback, asked.unwrap_or_else(|| address.to_string()), listen);
        }
        for file in authorized_keys.iter().flatten() {
            if !self.is_let_in_by_default(&file.value) {
                self.ask_file(GrantKind::AuthorizedKeys, &file.value, file);
            }
        }
    }

    /// Whether a path is one of the caller's own public keys, which may log in by default. The path is checked as it
    /// is written, so a link in the project never counts.
    fn is_let_in_by_default(&self, path: &Path) -> bool {
        let Surroundings { project, home, .. } = self.surroundings;
        let path = host_path(path, project, home);
        path.parent() == Some(&home.join(".ssh")) && path.file_name().is_some_and(is_public_key_name)
    }

    fn take_build(&mut self, build: &Build) {
        // Copied files are read only inside the project; arguments are texts.
        let Build { run, copy, secrets, args: _, append } = build;
        self.take_root_steps(run.first(), copy.first(), append.as_ref());
        if let Some(append) = append.as_ref().filter(|append| may_name_images(&append.value)) {
            self.ask_content(GrantKind::Image, "[build] append".to_owned(), Some(hash(&append.value)), append);
        }
        for secret in secrets {
            let Surroundings { project, home, real, .. } = self.surroundings;
            let what = match secret.value.source() {
                SecretSource::File(path) => real(&host_path(path, project, home)).display().to_string(),
                SecretSource::Env(name) => format!("${name}"),
            };
            self.ask(GrantKind::BuildSecrets, what, secret);
        }
    }

    /// Code that writes the image is root in its container: a build step can leave a program that runs as root at
    /// every start.
    fn take_root_steps(
        &mut self,
        run: Option<&Located<String>>,
        copy: Option<&Located<Copy>>,
        append: Option<&Located<String>>,
    ) {
        if self.surroundings.is_root {
            return;
        }
        if let Some(run) = run {
            self.ask_by_image(GrantKind::RootUser, run);
        }
        if let Some(copy) = copy {
            self.ask_by_image(GrantKind::RootUser, copy);
        }
        if let Some(append) = append {
            self.ask_by_image(GrantKind::RootUser, append);
        }
    }

    /// Each of these decides which servers this host and its builds ask and trust, with the caller's index password.
    fn take_network(&mut self, network: &Network) {
        let Network {
            apt_mirror,
            pip_index,
            pip_extra_indexes,
            image_mirror,
            proxy,
            no_proxy,
            python_mirror,
            ca_certificates,
            base_images,
        } = network;
        let urls =
            [("apt-mirror", apt_mirror), ("pip-index", pip_index), ("proxy", proxy), ("python-mirror", python_mirror)];
        for (key, url) in urls {
            if let Some(url) = url {
                self.take_setting(key, &without_password(url.value.as_str()), url);
            }
        }
        for url in pip_extra_indexes {
            self.take_setting("pip-extra-indexes", &without_password(url.value.as_str()), url);
        }
        if let Some(mirror) = image_mirror {
            self.take_setting("image-mirror", mirror.value.as_str(), mirror);
        }
        for host in no_proxy {
            self.take_setting("no-proxy", host.value.as_str(), host);
        }
        match &ca_certificates.value {
            CaCertificates::Host | CaCertificates::Image => {}
            CaCertificates::Files(files) => {
                for file in files {
                    self.take_certificates(file, ca_certificates);
                }
            }
        }
        match base_images.value {
            // In both cases the compatibility data names the base.
            BaseImages::Registry | BaseImages::Bootstrap => {}
        }
    }

    fn take_setting<T>(&mut self, key: &str, value: &str, located: &Located<T>) {
        self.ask(GrantKind::NetworkSettings, format!("{key} = {value}"), located);
    }

    /// A file may change after consent, so consent is for its content.
    fn take_certificates<T>(&mut self, file: &Path, located: &Located<T>) {
        let what = format!("ca-certificates = {}", file.display());
        let digest = self.surroundings.certificates.get(file);
        self.ask_content(GrantKind::NetworkSettings, what, digest.cloned(), located);
    }
}

/// Whether Dockerfile lines may take files from other images. A flag keeps the order of its letters, even across
/// lines. So a harmless text may match, but a flag is never missed.
fn may_name_images(lines: &str) -> bool {
    let code = lines.lines().filter(|line| !line.trim_start().starts_with('#'));
    let letters = code.flat_map(str::chars).filter(|c| !c.is_whitespace() && !"\\`\"'".contains(*c));
    letters.collect::<String>().to_ascii_lowercase().contains("from=")
}
