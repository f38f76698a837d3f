//! An engine in memory, for tests of the code that uses an engine. It passes the same contract tests as the real one
//! (`tests/contract`), so a test's result here is also true there.
//!
//! It refuses the same requests as an engine: a taken port or name, a missing GPU, a missing mount source, a command
//! that is not in the image. It does not model the engine's internals. A container's processes are a few
//! [`Program`]s, not code that runs.

mod container;
mod container_inside;
mod container_life;
mod containers;
mod image_store;
mod program;
mod volume_store;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

pub use self::container::{FIRST, FakeContainer};
pub use self::program::Program;
use super::{
    ContainerStatus, Engine, EngineError, EngineInfo, ExecOutput, ExecSpec, GpuRoute, ImageId, ImageState, Process,
};
use crate::digest::hex;

/// The fake engine. A test sets its public fields before a call and reads them after it.
#[derive(Debug, Default)]
pub struct Fake {
    /// Images by reference; builds and loads add to them.
    pub images: RefCell<BTreeMap<String, ImageState>>,
    /// Containers by name.
    pub containers: RefCell<BTreeMap<String, FakeContainer>>,
    /// Volumes by name, each with its files by path.
    pub volumes: RefCell<BTreeMap<String, BTreeMap<String, Vec<u8>>>>,
    /// The labels of volumes that were created with a container.
    pub volume_labels: RefCell<BTreeMap<String, BTreeMap<String, String>>>,
    /// Networks by name, each with whether it isolates its containers.
    pub networks: RefCell<BTreeMap<String, bool>>,
    /// The ways in which this host offers GPUs; none by default.
    pub gpu: RefCell<Vec<GpuRoute>>,
    /// Host ports that another process holds.
    pub taken_ports: RefCell<BTreeSet<u16>>,
    /// The programs of every image, by name.
    pub programs: RefCell<BTreeMap<String, Program>>,
    /// The processes of every running container, in addition to its first one.
    pub processes: RefCell<Vec<Process>>,
    /// All calls, in order: `create envctl-x`.
    pub calls: RefCell<Vec<String>>,
    /// Errors for the next call of a verb, each used once.
    pub faults: RefCell<Vec<(String, EngineError)>>,
    /// The digests that the registry has; a reference that it lacks is unreachable.
    pub registry: RefCell<BTreeMap<String, String>>,
    made: Cell<u64>,
}

impl Fake {
    /// Returns an engine with one image, `debian:12`, on a host without a GPU.
    #[must_use]
    pub fn new() -> Self {
        let fake = Self::default();
        *fake.programs.borrow_mut() = program::usual();
        fake.add_image("debian:12");
        fake
    }

    /// Adds an image as if it had been loaded.
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

    /// Returns the name of the container with this name or ID.
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

    async fn ensure_isolated_network(&self, name: &str) -> Result<(), EngineError> {
        self.called("ensure_isolated_network", name)?;
        if *self.networks.borrow_mut().entry(name.to_owned()).or_insert(true) {
            return Ok(());
        }
        Err(EngineError::NetworkOpen { name: name.to_owned() })
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
