//! An engine in memory, for tests of what stands on the seam. It passes the same contract tests as the real one
//! (`tests/contract`), so what a test learns from it holds there too.
//!
//! It refuses what an engine refuses (a taken port or name, a GPU it does not have, a mount source that is not there, a
//! command that is not in the image) and knows nothing of an engine's inside. A container's processes are a few
//! [`Program`]s, not code that runs.

mod container;
mod containers;
mod program;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub use self::container::{FIRST, FakeContainer};
pub use self::program::Program;
use super::{
    ContainerId, ContainerSpec, ContainerState, ContainerStatus, Engine, EngineError, EngineInfo, ExecIo, ExecOutput,
    ExecSpec, GpuRoute, ImageBuild, ImageId, ImageState, ListedImage, LogsIo, LogsSpec, MountKind, Process,
};
use crate::digest::hex;
use crate::event::{BuildStep, Event, Sink, StepState};

/// The engine. Its public parts are what a test arranges beforehand and looks at afterwards.
#[derive(Debug, Default)]
pub struct Fake {
    /// Images by reference; builds and loads add to them.
    pub images: RefCell<BTreeMap<String, ImageState>>,
    /// Containers by name.
    pub containers: RefCell<BTreeMap<String, FakeContainer>>,
    /// Volumes by name, each with its files by path.
    pub volumes: RefCell<BTreeMap<String, BTreeMap<String, Vec<u8>>>>,
    /// The labels of volumes that were made with a container.
    pub volume_labels: RefCell<BTreeMap<String, BTreeMap<String, String>>>,
    /// Networks by name, each with whether it keeps its containers apart.
    pub networks: RefCell<BTreeMap<String, bool>>,
    /// The ways in which this host offers GPUs; none at first.
    pub gpu: RefCell<Vec<GpuRoute>>,
    /// Host ports that something else holds.
    pub taken_ports: RefCell<BTreeSet<u16>>,
    /// What every image can run, by name.
    pub programs: RefCell<BTreeMap<String, Program>>,
    /// What runs in every container that runs, beside its first process.
    pub processes: RefCell<Vec<Process>>,
    /// What each call was: `create envctl-x`.
    pub calls: RefCell<Vec<String>>,
    /// Errors to give, each once, to the next call of that verb.
    pub faults: RefCell<Vec<(String, EngineError)>>,
    /// Digests that the registry serves; a reference it lacks can't be reached.
    pub registry: RefCell<BTreeMap<String, String>>,
    made: Cell<u64>,
}

impl Fake {
    /// An engine with one image, `debian:12`, on a host without a GPU.
    #[must_use]
    pub fn new() -> Self {
        let fake = Self::default();
        *fake.programs.borrow_mut() = program::usual();
        fake.add_image("debian:12");
        fake
    }

    /// Makes an image as if it had been loaded.
    pub fn add_image(&self, reference: &str) -> ImageId {
        let id = ImageId(format!("sha256:{}", sha256(reference.as_bytes())));
        let image = ImageState {
            id: id.clone(),
            repo_digests: Vec::new(),
            labels: BTreeMap::new(),
            env: vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into()],
            on_build: Vec::new(),
            size: 0,
        };
        self.images.borrow_mut().insert(reference.to_owned(), image);
        id
    }

    /// Makes the next call of `verb` fail.
    pub fn fail(&self, verb: &str, error: EngineError) {
        self.faults.borrow_mut().push((verb.to_owned(), error));
    }

    fn called(&self, verb: &str, subject: &str) -> Result<(), EngineError> {
        self.calls.borrow_mut().push(format!("{verb} {subject}").trim_end().to_owned());
        let mut faults = self.faults.borrow_mut();
        match faults.iter().position(|(of, _)| of == verb) {
            Some(index) => Err(faults.remove(index).1),
            None => Ok(()),
        }
    }

    fn find_image(&self, reference: &str) -> Option<ImageState> {
        let images = self.images.borrow();
        images.get(reference).or_else(|| images.values().find(|image| image.id.0 == reference)).cloned()
    }

    /// The name of a container given by name or ID.
    fn find(&self, container: &str) -> Result<String, EngineError> {
        let containers = self.containers.borrow();
        let found = containers.iter().find(|(name, found)| *name == container || found.id.0 == container);
        found.map(|(name, _)| name.clone()).ok_or_else(|| EngineError::NoContainer { name: container.to_owned() })
    }

    fn running(&self, container: &str) -> Result<String, EngineError> {
        let name = self.find(container)?;
        if self.containers.borrow()[&name].status == ContainerStatus::Running {
            return Ok(name);
        }
        Err(EngineError::NotRunning { name })
    }

    fn run(&self, container: &str, exec: &ExecSpec, stdin: &[u8]) -> Result<ExecOutput, EngineError> {
        let name = self.running(container)?;
        let command = exec.command.first().map_or("", String::as_str);
        let program = self.programs.borrow().get(command).cloned();
        let Some(program) = program else {
            return Err(EngineError::CommandNotRun {
                command: command.to_owned(),
                reason: format!("exec: \"{command}\": executable file not found in $PATH"),
                code: 127,
            });
        };
        Ok(program.run(exec, stdin, &|path| self.read(&name, path)))
    }
}

impl Engine for Fake {
    async fn describe(&self) -> Result<EngineInfo, EngineError> {
        self.called("describe", "")?;
        let nvidia = self.gpu.borrow().contains(&GpuRoute::Runtime).then(|| "nvidia".to_owned());
        Ok(EngineInfo {
            kind: "docker".into(),
            version: "20.10.24".into(),
            endpoint: self.endpoint().into(),
            architecture: "x86_64".into(),
            root_directory: "/var/lib/docker".into(),
            runtimes: nvidia.into_iter().chain(["runc".to_owned()]).collect(),
            cdi: Vec::new(),
            security_options: Vec::new(),
        })
    }

    fn endpoint(&self) -> &'static str {
        "fake://"
    }

    async fn list(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ContainerState>, EngineError> {
        self.called("list", "")?;
        let carries = |state: &ContainerState| {
            let has = |(name, value): &(&str, Option<&str>)| {
                state.labels.get(*name).is_some_and(|found| value.is_none_or(|value| value == found))
            };
            labels.iter().all(has)
        };
        Ok(self.containers.borrow().values().map(FakeContainer::listed).filter(carries).collect())
    }

    async fn inspect(&self, container: &str) -> Result<Option<ContainerState>, EngineError> {
        self.called("inspect", container)?;
        let Ok(name) = self.find(container) else { return Ok(None) };
        Ok(Some(self.containers.borrow()[&name].state()))
    }

    async fn image(&self, reference: &str) -> Result<Option<ImageState>, EngineError> {
        self.called("image", reference)?;
        Ok(self.find_image(reference))
    }

    async fn images(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ListedImage>, EngineError> {
        self.called("images", "")?;
        let carries = |image: &ImageState| {
            let has = |(name, value): &(&str, Option<&str>)| {
                image.labels.get(*name).is_some_and(|found| value.is_none_or(|value| value == found))
            };
            labels.iter().all(has)
        };
        let images = self.images.borrow();
        let found = images.iter().filter(|(_, image)| carries(image));
        let listed = |(tag, image): (&String, &ImageState)| ListedImage {
            id: image.id.clone(),
            tags: vec![tag.clone()],
            has_parent: false,
        };
        Ok(found.map(listed).collect())
    }

    async fn volume_labels(&self, volume: &str) -> Result<Option<BTreeMap<String, String>>, EngineError> {
        self.called("volume_labels", volume)?;
        let labels = self.volume_labels.borrow().get(volume).cloned().unwrap_or_default();
        Ok(self.volumes.borrow().contains_key(volume).then_some(labels))
    }

    async fn registry_digest(&self, reference: &str) -> Result<String, EngineError> {
        self.called("registry_digest", reference)?;
        self.registry.borrow().get(reference).cloned().ok_or_else(|| EngineError::RegistryUnreachable {
            reference: reference.to_owned(),
            reason: "no such host".into(),
        })
    }

    async fn pull(&self, reference: &str, _sink: &dyn Sink) -> Result<(), EngineError> {
        self.called("pull", reference)?;
        if !self.registry.borrow().contains_key(reference) {
            let (reference, reason) = (reference.to_owned(), "no such host".into());
            return Err(EngineError::RegistryUnreachable { reference, reason });
        }
        self.add_image(reference);
        Ok(())
    }

    async fn build(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError> {
        self.called("build", &build.tag)?;
        let digest = format!("sha256:{}", sha256(&build.context));
        let step =
            |state| Event::BuildStep(BuildStep { digest: digest.clone(), name: "[1/1] FROM debian:12".into(), state });
        sink.emit(step(StepState::Running));
        sink.emit(step(StepState::Done { milliseconds: 1 }));
        let image = ImageState {
            id: ImageId(digest.clone()),
            repo_digests: Vec::new(),
            labels: build.labels.clone(),
            env: Vec::new(),
            on_build: Vec::new(),
            size: build.context.len() as u64,
        };
        let id = image.id.clone();
        self.images.borrow_mut().insert(build.tag.clone(), image);
        Ok(id)
    }

    /// The name of the image is the archive's file name: nobody looks inside.
    async fn load(&self, archive: &Path, sink: &dyn Sink) -> Result<(), EngineError> {
        let name = archive.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.called("load", &name)?;
        let unreadable = |error: std::io::Error| EngineError::Local {
            action: format!("read `{}`", archive.display()),
            reason: error.to_string(),
        };
        let size = std::fs::metadata(archive).map_err(unreadable)?.len();
        sink.emit(Event::Transfer { id: name.clone(), action: "loading".into(), current: size, total: Some(size) });
        self.add_image(&name);
        Ok(())
    }

    async fn ensure_isolated_network(&self, name: &str) -> Result<(), EngineError> {
        self.called("ensure_isolated_network", name)?;
        if *self.networks.borrow_mut().entry(name.to_owned()).or_insert(true) {
            return Ok(());
        }
        Err(EngineError::NetworkOpen { name: name.to_owned() })
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, EngineError> {
        self.called("create", &spec.name)?;
        let image = self.find_image(&spec.image).ok_or_else(|| EngineError::NoImage {
            reference: spec.image.clone(),
            reason: format!("No such image: {}", spec.image),
        })?;
        if self.containers.borrow().contains_key(&spec.name) {
            return Err(EngineError::NameTaken { name: spec.name.clone() });
        }
        container::check_creatable(spec, &self.gpu.borrow())?;
        for volume in spec.mounts.iter().filter(|mount| mount.kind == MountKind::Volume) {
            if !self.volumes.borrow().contains_key(&volume.source) {
                self.volumes.borrow_mut().insert(volume.source.clone(), BTreeMap::new());
                self.volume_labels.borrow_mut().insert(volume.source.clone(), spec.labels.clone());
            }
        }
        self.made.set(self.made.get() + 1);
        let id = ContainerId(sha256(format!("{} {}", spec.name, self.made.get()).as_bytes()));
        self.containers.borrow_mut().insert(spec.name.clone(), FakeContainer::new(id.clone(), image, spec.clone()));
        Ok(id)
    }

    async fn upload(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError> {
        self.called("upload", container)?;
        let name = self.find(container)?;
        self.write_tar(&name, directory, &tar)
    }

    async fn download(&self, container: &str, file: &str, limit: u64) -> Result<Option<Vec<u8>>, EngineError> {
        self.called("download", container)?;
        let name = self.find(container)?;
        Ok(self.read(&name, file).filter(|bytes| bytes.len() as u64 <= limit))
    }

    async fn rename(&self, container: &str, name: &str) -> Result<(), EngineError> {
        self.called("rename", container)?;
        let old = self.find(container)?;
        let mut containers = self.containers.borrow_mut();
        if containers.contains_key(name) {
            return Err(EngineError::NameTaken { name: name.to_owned() });
        }
        if let Some(mut found) = containers.remove(&old) {
            name.clone_into(&mut found.spec.name);
            containers.insert(name.to_owned(), found);
        }
        Ok(())
    }

    async fn start(&self, container: &str) -> Result<(), EngineError> {
        self.called("start", container)?;
        let name = self.find(container)?;
        self.start_container(&name)
    }

    async fn stop(&self, container: &str, _grace: u32) -> Result<(), EngineError> {
        self.called("stop", container)?;
        let name = self.find(container)?;
        if let Some(found) = self.containers.borrow_mut().get_mut(&name)
            && found.status == ContainerStatus::Running
        {
            found.status = ContainerStatus::Exited { code: 143 };
        }
        Ok(())
    }

    async fn remove(&self, container: &str) -> Result<(), EngineError> {
        self.called("remove", container)?;
        if let Ok(name) = self.find(container) {
            self.containers.borrow_mut().remove(&name);
        }
        Ok(())
    }

    async fn remove_volume(&self, volume: &str) -> Result<(), EngineError> {
        self.called("remove_volume", volume)?;
        let users = self.containers.borrow();
        if users.values().any(|user| user.spec.mounts.iter().any(|mount| mount.source == volume)) {
            return Err(EngineError::InUse { what: volume.to_owned(), reason: "volume is in use".into() });
        }
        self.volumes.borrow_mut().remove(volume);
        Ok(())
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.called("remove_image", reference)?;
        let users = self.containers.borrow();
        if users.values().any(|user| user.spec.image == reference) {
            return Err(EngineError::InUse { what: reference.to_owned(), reason: "a container is using it".into() });
        }
        self.images.borrow_mut().remove(reference);
        Ok(())
    }

    async fn exec(&self, container: &str, exec: &ExecSpec, mut io: ExecIo) -> Result<i64, EngineError> {
        self.called("exec", &format!("{container} {}", exec.command.join(" ")))?;
        let broken = |error: std::io::Error| EngineError::Local { action: "copy".into(), reason: error.to_string() };
        let mut input = Vec::new();
        if let Some(stdin) = &mut io.stdin {
            stdin.read_to_end(&mut input).await.map_err(broken)?;
        }
        let output = self.run(container, exec, &input)?;
        io.stdout.write_all(&output.stdout).await.map_err(broken)?;
        io.stderr.write_all(&output.stderr).await.map_err(broken)?;
        Ok(output.code)
    }

    async fn exec_output(&self, container: &str, exec: &ExecSpec) -> Result<ExecOutput, EngineError> {
        self.called("exec_output", &format!("{container} {}", exec.command.join(" ")))?;
        self.run(container, exec, &[])
    }

    async fn logs(&self, container: &str, logs: &LogsSpec, mut io: LogsIo) -> Result<(), EngineError> {
        self.called("logs", container)?;
        let name = self.find(container)?;
        let text = self.containers.borrow()[&name].log.clone();
        let lines: Vec<&str> = text.lines().collect();
        let first = logs.tail.map_or(0, |tail| lines.len().saturating_sub(usize::try_from(tail).unwrap_or(usize::MAX)));
        for line in &lines[first..] {
            let written = io.stdout.write_all(format!("{line}\n").as_bytes()).await;
            written
                .map_err(|error| EngineError::Local { action: "write the output".into(), reason: error.to_string() })?;
        }
        Ok(())
    }

    async fn processes(&self, container: &str) -> Result<Vec<Process>, EngineError> {
        self.called("processes", container)?;
        let name = self.running(container)?;
        let command = self.containers.borrow()[&name].command().join(" ");
        let first = Process { pid: FIRST, parent: 1, session: FIRST, user: "root".into(), command };
        Ok([first].into_iter().chain(self.processes.borrow().iter().cloned()).collect())
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
