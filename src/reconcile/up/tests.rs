use std::path::PathBuf;

use super::*;
use crate::engine::fake::{FIRST, Fake};
use crate::engine::{ContainerLife, Process};
use crate::event::Silent;
use crate::files::{self, RootedDirectory};
use crate::grants::Grant;
use crate::lock::{Lock, LockFile, LockedTarget, inputs};
use crate::manifest::Vocabulary;
use crate::matrix::Matrix;
use crate::packages::{files as requirements, tool};
use crate::project::{Environment, EnvironmentId};
use crate::reconcile::occupants::Occupant;
use crate::reconcile::plan::Reason;
use crate::reconcile::preview::preview;
use crate::reconcile::work::BuildOptions;
use crate::resolve::{Overrides, Request, resolve};
use crate::system::System;

/// A manifest that needs no SSH server, no GPU and no package.
const MANIFEST: &str = "name = \"lab\"\n[frameworks]\nonnxruntime = \"1.20\"\n[gpu]\ndevices = \"none\"\n\
                        [ssh]\nenabled = false\n";

/// A user who agrees to nothing and lets nobody be ended.
struct Unasked;

impl Ask for Unasked {
    fn grant(&self, _: &[Grant]) -> bool {
        false
    }

    fn end(&self, inside: Vec<Occupant>) -> Result<(), Error> {
        assert!(inside.is_empty(), "somebody would be ended: {inside:?}");
        Ok(())
    }

    fn lose_home(&self, _: &EnvironmentId) -> Result<(), Error> {
        panic!("no `up` removes a home directory")
    }
}

/// A project on its own host, with an engine in memory.
struct Lab {
    home: tempfile::TempDir,
    engine: Fake,
    system: System,
    options: BuildOptions,
}

impl Lab {
    fn new(manifest: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut system = System::for_tests();
        system.variables.clear();
        system.variables.insert("HOME".to_owned(), home.path().display().to_string());
        system.directory = home.path().join("project");
        std::fs::create_dir(&system.directory).unwrap();
        let options = BuildOptions {
            allow: ["lock-sources", "root-user"].map(|given| given.parse().unwrap()).to_vec(),
            ..BuildOptions::default()
        };
        let lab = Self { home, engine: Fake::new(), system, options };
        lab.write("envctl.toml", manifest);
        let uv = lab.engine.add_image(&tool::image_reference());
        let tools = lab.system.data_home().join("tools");
        std::fs::create_dir_all(&tools).unwrap();
        std::fs::write(tools.join(format!("uv-{}.image", tool::version())), uv.0).unwrap();
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join("project").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn environment(&self) -> Environment {
        Environment::load(&self.system, None, &Vocabulary::default()).unwrap()
    }

    /// Writes a lock for the manifest, without packages.
    fn lock(&self) {
        let environment = self.environment();
        let (manifest, matrix) = (&environment.manifest, Matrix::embedded());
        let facts = crate::host::probe(&self.system, std::path::Path::new("/"), None);
        let request = Request::new(manifest, Some(&facts), &Overrides::default(), &matrix).unwrap();
        let paths = manifest.python.requirements.iter().map(|file| &file.value);
        let read = requirements::read(&RootedDirectory::open(&environment.project.root).unwrap(), paths).unwrap();
        let lock = Lock {
            base_digest: None,
            inputs: inputs(manifest, &request.gpu, &read, &request.lines),
            target: LockedTarget::from(&request.target),
            decision: resolve(&request, &matrix).unwrap().decision,
            packages: Vec::new(),
            builds: Vec::new(),
            system_packages: Vec::new(),
        };
        LockFile::Team(&environment.project).write(&lock).unwrap();
    }

    /// Returns the steps of an `up`.
    async fn up(&self) -> Plan {
        let environment = self.environment();
        up(&self.work(&environment), PlanOptions::default(), &Unasked).await.unwrap().plan
    }

    fn work<'a>(&'a self, environment: &'a Environment) -> Work<'a, Fake> {
        Work { engine: &self.engine, system: &self.system, environment, options: &self.options, sink: &Silent }
    }

    /// Whether the next `up` only looks at the container.
    async fn is_unchanged(&self) -> bool {
        let environment = self.environment();
        let state = environment.state().unwrap();
        quick::find_unchanged(&self.work(&environment), &state).await.unwrap().is_some()
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_up_after_which_nothing_changed_asks_one_question() {
    let lab = Lab::new(MANIFEST);
    lab.lock();
    assert!(lab.up().await.has(Action::Start));
    lab.engine.calls.borrow_mut().clear();
    assert!(lab.up().await.is_empty());
    assert_eq!(lab.engine.calls.borrow().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn an_up_that_tries_again_reports_the_steps_of_every_try() {
    let lab = Lab::new(MANIFEST);
    lab.lock();
    lab.up().await;
    lab.write("envctl.toml", &format!("{MANIFEST}[run]\nshm-size = \"256m\"\n"));
    lab.engine.fail("create", EngineError::NameTaken { name: "envctl-lab".to_owned() });
    let plan = lab.up().await;
    let actions: Vec<_> = plan.steps.iter().map(|step| step.action).collect();
    assert_eq!(actions.first(), Some(&Action::Remove), "{plan:?}");
    assert_eq!(actions.iter().filter(|action| **action == Action::Create).count(), 1, "{plan:?}");
    assert!(matches!(plan.steps[0].reason, Reason::SettingsChanged { .. }), "{plan:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn an_edited_file_behind_an_include_is_noticed() {
    let lab = Lab::new(&format!("{MANIFEST}[python]\nrequirements = [\"requirements.txt\"]\n"));
    lab.write("requirements.txt", "-r base.txt\n");
    lab.write("base.txt", "# none\n");
    lab.lock();
    lab.up().await;
    assert!(lab.is_unchanged().await);
    lab.write("base.txt", "six\n");
    assert!(!lab.is_unchanged().await);
}

#[tokio::test(flavor = "current_thread")]
async fn what_else_an_up_reads_is_noticed() {
    let lab = Lab::new(&format!("{MANIFEST}[run]\nenv-file = [\"run.env\"]\n[build]\ncopy = [\"tools:/opt/tools\"]\n"));
    lab.write("run.env", "A=1\n");
    std::fs::create_dir(lab.path("tools")).unwrap();
    lab.write("tools/a", "1");
    lab.lock();
    lab.up().await;
    let lock = files::read_text(&lab.path("envctl.lock"), files::DOCUMENT).unwrap();
    let own = lab.system.config_home();
    std::fs::create_dir_all(&own).unwrap();
    for (path, text) in [
        (lab.path("run.env"), "A=2\n"),
        (lab.path("tools/b"), "1"),
        (lab.path("envctl.lock"), &format!("{lock}\n")),
        (lab.path("envctl.local.toml"), "[run]\nshm-size = \"2g\"\n"),
        (own.join("config.toml"), "[run]\nshm-size = \"1g\"\n"),
    ] {
        assert!(lab.is_unchanged().await, "nothing changed before {}", path.display());
        std::fs::write(&path, text).unwrap();
        assert!(!lab.is_unchanged().await, "{}", path.display());
        lab.up().await;
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_variable_that_an_env_file_takes_from_the_caller_is_noticed() {
    let mut lab = Lab::new(&format!("{MANIFEST}[run]\nenv-file = [\"run.env\"]\n"));
    lab.write("run.env", "TOKEN\n");
    lab.options.allow.push("variables".parse().unwrap());
    lab.lock();
    lab.up().await;
    assert!(lab.is_unchanged().await);
    lab.system.variables.insert("TOKEN".to_owned(), "1".to_owned());
    assert!(!lab.is_unchanged().await);
}

#[tokio::test(flavor = "current_thread")]
async fn what_the_entrypoint_started_does_not_keep_a_container_from_being_replaced() {
    let lab = Lab::new(MANIFEST);
    lab.lock();
    lab.up().await;
    let idle =
        Process { pid: 1001, parent: FIRST, session: FIRST, user: "root".into(), command: "sleep infinity".into() };
    lab.engine.processes.borrow_mut().push(idle);
    lab.write("envctl.toml", &format!("{MANIFEST}[run]\nshm-size = \"2g\"\n"));
    assert!(lab.up().await.has(Action::Remove));
}

#[tokio::test(flavor = "current_thread")]
async fn an_environment_for_another_architecture_is_refused_before_anything_is_built() {
    let other = if cfg!(target_arch = "x86_64") { "aarch64" } else { "x86_64" };
    let lab = Lab::new(&format!("{MANIFEST}[target]\narch = \"{other}\"\n"));
    lab.lock();
    let environment = lab.environment();
    let refused = up(&lab.work(&environment), PlanOptions::default(), &Unasked).await.map(drop).unwrap_err();
    assert_eq!(refused.report().kind(), "other-arch");
    assert!(!lab.engine.calls.borrow().iter().any(|call| call.starts_with("build")));
}

/// Returns all files below a directory with their bytes.
fn contents(directory: &std::path::Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        if path.is_dir() {
            contents(&path)
        } else {
            [(path.clone(), files::read(&path, files::DOCUMENT).unwrap())].into()
        }
    };
    entries.flat_map(read).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn looking_ahead_changes_nothing() {
    let lab = Lab::new(&MANIFEST.replace("enabled = false", "enabled = true"));
    lab.lock();
    let before = contents(lab.home.path());
    lab.engine.calls.borrow_mut().clear();
    let environment = lab.environment();
    let found = preview(&lab.work(&environment), PlanOptions::default()).await.unwrap();
    assert!(found.plan.has(Action::Build) && found.plan.has(Action::Upload));
    assert_eq!(contents(lab.home.path()), before);
    let looks =
        ["describe", "endpoint", "list", "inspect", "image", "images", "volume_labels", "registry_digest", "processes"];
    let calls = lab.engine.calls.borrow();
    let verbs = calls.iter().map(|call| call.split(' ').next().unwrap_or_default());
    assert_eq!(verbs.filter(|verb| !looks.contains(verb)).collect::<Vec<_>>(), Vec::<&str>::new());
}

/// Returns the ports that the engine publishes for a manifest with these lines.
async fn published(more: &str, ranges: &[(&str, u16)]) -> Vec<String> {
    let lab = Lab::new(&format!("name = \"lab\"\n[frameworks]\njax = \"0.7\"\n{more}"));
    let environment = lab.environment();
    let mut state = State { ssh_port: Some(23456), ..environment.state().unwrap() };
    state.ports = ranges.iter().map(|(range, port)| ((*range).to_owned(), *port)).collect();
    let assigned = ports::assign_ports(&lab.work(&environment), &state, None).await.unwrap();
    let shown = |port: crate::engine::PublishedPort| {
        format!("{}:{}:{}/{}", port.address, port.host, port.container, port.protocol)
    };
    assigned.published.into_iter().map(shown).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn every_port_is_published_where_the_manifest_says() {
    let more = "[run]\nports = [\"28888:8888\", \"0.0.0.0:20053:53/udp\", \"29000-29005:80\", \"127.0.0.1::6006\"]\n";
    let found = published(more, &[("loopback 29000-29005 80/tcp", 29003)]).await;
    let expected = [
        "127.0.0.1:23456:22/tcp",
        "127.0.0.1:28888:8888/tcp",
        "0.0.0.0:20053:53/udp",
        "127.0.0.1:29003:80/tcp",
        "127.0.0.1:0:6006/tcp",
    ];
    assert_eq!(found, expected);
}

/// Returns the port for SSH after an `up` with this line of `[ssh]`; `state` contains the stored result.
async fn ssh_port(lab: &Lab, state: &mut State, line: &str) -> u16 {
    lab.write("envctl.toml", &format!("name = \"lab\"\n[frameworks]\njax = \"0.7\"\n[ssh]\n{line}\n"));
    let environment = lab.environment();
    let assigned = ports::assign_ports(&lab.work(&environment), state, None).await.unwrap();
    assert_eq!(assigned.moved, None);
    assigned.remember(&environment.manifest, state);
    assigned.ssh.unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn without_a_named_port_the_one_that_was_chosen_before_counts_again() {
    let lab = Lab::new(MANIFEST);
    let free = || std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let named = free();
    let line = format!("port = {named}");
    let mut state = State { ssh_port: Some(23456), ..State::default() };
    assert_eq!(ssh_port(&lab, &mut state, "").await, 23456);
    assert_eq!(ssh_port(&lab, &mut state, &line).await, named);
    assert_eq!(ssh_port(&lab, &mut state, "").await, 23456);
    let earlier = State { ssh_port: Some(named), ..State::default() };
    for mut state in [State::default(), earlier] {
        assert_eq!(ssh_port(&lab, &mut state, &line).await, named);
        let chosen = ssh_port(&lab, &mut state, "").await;
        assert!((20_000..30_000).contains(&chosen), "{chosen}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_value_that_nothing_asks_for_is_refused_where_there_is_nothing_to_do() {
    let mut lab = Lab::new(MANIFEST);
    lab.lock();
    lab.up().await;
    assert!(lab.is_unchanged().await);
    lab.options.allow.push("mounts=/srv:ro".parse().unwrap());
    let environment = lab.environment();
    let refused = up(&lab.work(&environment), PlanOptions::default(), &Unasked).await.unwrap_err();
    assert_eq!(refused.report().kind(), "grant-not-asked");
    let refused = preview(&lab.work(&environment), PlanOptions::default()).await.unwrap_err();
    assert_eq!(refused.report().kind(), "grant-not-asked");
}

#[tokio::test(flavor = "current_thread")]
async fn without_a_network_of_its_own_nothing_is_published() {
    assert!(published("[run]\nnetwork = \"host\"\n", &[]).await.is_empty());
    assert!(published("[run]\nnetwork = \"none\"\n[ssh]\nenabled = false\n", &[]).await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn a_volume_of_the_environments_own_is_not_asked_about_again() {
    let lab = Lab::new(&format!("{MANIFEST}[run]\nmounts = [\"lab-data:/data\"]\n"));
    lab.lock();
    lab.up().await;
    let environment = lab.environment();
    lab.engine.remove(&environment.id.container()).await.unwrap();
    environment.forget().unwrap();
    assert!(lab.up().await.has(Action::Create));
    // A volume that was made in another way belongs to somebody else.
    lab.engine.volumes.borrow_mut().insert("other".to_owned(), std::collections::BTreeMap::new());
    lab.write("envctl.toml", &format!("{MANIFEST}[run]\nmounts = [\"other:/data\"]\n"));
    let environment = lab.environment();
    let refused = up(&lab.work(&environment), PlanOptions::default(), &Unasked).await.unwrap_err();
    assert_eq!(refused.report().kind(), "not-granted");
}

#[tokio::test(flavor = "current_thread")]
async fn a_mount_whose_source_went_or_became_a_link_is_noticed_while_the_container_runs() {
    let outside = tempfile::tempdir().unwrap();
    let source = outside.path().canonicalize().unwrap().join("data");
    std::fs::create_dir(&source).unwrap();
    let mut lab = Lab::new(&format!("{MANIFEST}[run]\nmounts = [\"{}:/data\"]\n", source.display()));
    lab.options.allow.push("mounts".parse().unwrap());
    lab.lock();
    lab.up().await;
    assert!(lab.is_unchanged().await);
    std::fs::remove_dir(&source).unwrap();
    assert!(!lab.is_unchanged().await);
    let environment = lab.environment();
    let gone = up(&lab.work(&environment), PlanOptions::default(), &Unasked).await.unwrap_err();
    assert_eq!(gone.report().kind(), "mount-missing");
    std::os::unix::fs::symlink("/usr/share", &source).unwrap();
    assert!(lab.up().await.has(Action::Remove), "what is there now is mounted");
}
