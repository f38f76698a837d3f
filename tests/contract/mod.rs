//! The contract of an engine. The same tests run against the fake (`tests/engine_contract.rs`) and against a real
//! engine (`tests/e2e`), so that a test with the fake is valid.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use envctl::engine::{
    ContainerSpec, ContainerStatus, Engine, EngineError, ExecIo, ExecOutput, ExecSpec, GpuRoute, GpuSelection, GpuSpec,
    LogsIo, LogsSpec, MountKind, MountSpec, PublishedPort,
};
use tokio::io::AsyncWrite;

/// An engine with an image to make containers from. The image has `sleep`, `true`, `false`, `echo` and `cat`.
pub struct Bench<E> {
    pub engine: E,
    pub image: String,
    /// Stands before every name, so that runs don't meet.
    pub prefix: String,
}

impl<E: Engine> Bench<E> {
    fn spec(&self, name: &str, command: &[&str]) -> ContainerSpec {
        ContainerSpec {
            name: format!("{}-{name}", self.prefix),
            image: self.image.clone(),
            labels: BTreeMap::from([("envctl.test".into(), format!("{}-{name}", self.prefix))]),
            command: command.iter().map(|&word| word.to_owned()).collect(),
            init: true,
            ..ContainerSpec::default()
        }
    }

    /// A container that runs until it is stopped.
    async fn running(&self, name: &str) -> String {
        let spec = self.spec(name, &["sleep", "600"]);
        self.engine.remove(&spec.name).await.unwrap();
        self.engine.create(&spec).await.unwrap();
        self.engine.start(&spec.name).await.unwrap();
        spec.name
    }

    async fn status(&self, name: &str) -> Option<ContainerStatus> {
        self.engine.inspect(name).await.unwrap().map(|state| state.status)
    }

    /// A command that ends by itself ends a moment after its start.
    async fn ended(&self, name: &str) -> ContainerStatus {
        for _ in 0..500 {
            match self.status(name).await.unwrap() {
                ContainerStatus::Running => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
                status => return status,
            }
        }
        panic!("`{name}` did not end");
    }
}

/// Makes a test of every function of the contract.
#[macro_export]
macro_rules! contract {
    ($bench:expr) => {
        $crate::contract!($bench;
            a_life_from_creation_to_removal, doing_it_twice_is_no_error, absent_things_are_an_answer,
            a_list_goes_by_labels, a_taken_name_is_refused, a_missing_image_is_refused,
            what_no_registry_serves_is_not_pulled,
            a_missing_mount_source_is_refused, a_taken_port_is_refused_at_the_start, published_ports_are_told,
            a_gpu_that_is_not_there_is_refused, a_command_that_is_not_there_is_refused_at_the_start,
            the_exit_code_of_the_command_is_kept, files_go_into_a_container_that_never_started,
            files_in_a_volume_outlive_their_container, a_volume_in_use_stays, exec_passes_codes_and_streams,
            exec_reads_what_it_is_given, exec_of_a_missing_command_is_an_error_and_no_code,
            exec_needs_a_running_container, privileges_that_can_not_grow_are_so_in_an_exec_too, processes_are_listed, logs_end_where_the_container_ended,
            a_container_runs_on_the_network_that_was_made_for_it,
            a_network_that_is_not_there_is_refused_at_the_start, a_container_gets_another_name,
            a_file_comes_out_of_a_container_that_never_started
        );
    };
    ($bench:expr; $($name:ident),*) => {$(
        #[tokio::test(flavor = "current_thread")]
        async fn $name() {
            contract::$name(&$bench(stringify!($name))).await;
        }
    )*};
}

pub async fn a_life_from_creation_to_removal<E: Engine>(bench: &Bench<E>) {
    let spec = ContainerSpec { env: vec!["A=1".into()], ..bench.spec("life", &["sleep", "600"]) };
    let id = bench.engine.create(&spec).await.unwrap();
    let made = bench.engine.inspect(&spec.name).await.unwrap().unwrap();
    assert_eq!((&made.id, &made.name, made.status), (&id, &spec.name, ContainerStatus::Created));
    assert_eq!(made.image_reference, bench.image);
    assert_eq!(made.started_at, None);
    assert!(made.env.contains(&"A=1".to_owned()), "{:?}", made.env);
    bench.engine.start(&id.0).await.unwrap();
    let running = bench.engine.inspect(&id.0).await.unwrap().unwrap();
    assert_eq!(running.status, ContainerStatus::Running);
    assert_ne!(running.started_at, None);
    bench.engine.stop(&spec.name, 1).await.unwrap();
    assert!(matches!(bench.status(&spec.name).await, Some(ContainerStatus::Exited { .. })));
    bench.engine.remove(&spec.name).await.unwrap();
    assert_eq!(bench.status(&spec.name).await, None);
}

pub async fn doing_it_twice_is_no_error<E: Engine>(bench: &Bench<E>) {
    let name = bench.running("twice").await;
    bench.engine.start(&name).await.unwrap();
    bench.engine.stop(&name, 1).await.unwrap();
    bench.engine.stop(&name, 1).await.unwrap();
    bench.engine.remove(&name).await.unwrap();
    bench.engine.remove(&name).await.unwrap();
    bench.engine.remove_volume(&format!("{name}-never")).await.unwrap();
    bench.engine.remove_image(&format!("{name}:never")).await.unwrap();
}

pub async fn absent_things_are_an_answer<E: Engine>(bench: &Bench<E>) {
    let name = format!("{}-absent", bench.prefix);
    assert!(bench.engine.inspect(&name).await.unwrap().is_none());
    assert!(bench.engine.image(&format!("{name}:1")).await.unwrap().is_none());
    assert_eq!(bench.engine.images(&[("envctl.test", Some(&name))]).await.unwrap(), []);
    assert_eq!(bench.engine.volume_labels(&name).await.unwrap(), None);
    let started = bench.engine.start(&name).await;
    assert!(matches!(&started, Err(EngineError::NoContainer { name: n }) if *n == name), "{started:?}");
    let image = bench.engine.image(&bench.image).await.unwrap().unwrap();
    assert_eq!(bench.engine.image(&image.id.0).await.unwrap().unwrap().id, image.id);
}

pub async fn a_list_goes_by_labels<E: Engine>(bench: &Bench<E>) {
    let spec = bench.spec("list", &["sleep", "600"]);
    bench.engine.create(&spec).await.unwrap();
    let value = spec.labels["envctl.test"].clone();
    let found = bench.engine.list(&[("envctl.test", Some(&value))]).await.unwrap();
    assert_eq!(found.iter().map(|state| &state.name).collect::<Vec<_>>(), [&spec.name]);
    assert_eq!((found[0].status, &found[0].labels["envctl.test"]), (ContainerStatus::Created, &value));
    let any = bench.engine.list(&[("envctl.test", None)]).await.unwrap();
    assert!(any.iter().any(|state| state.name == spec.name));
    let other = bench.engine.list(&[("envctl.test", Some(&value)), ("envctl.other", None)]).await.unwrap();
    assert!(other.is_empty());
    bench.engine.remove(&spec.name).await.unwrap();
}

pub async fn a_taken_name_is_refused<E: Engine>(bench: &Bench<E>) {
    let spec = bench.spec("name", &["true"]);
    bench.engine.create(&spec).await.unwrap();
    let again = bench.engine.create(&spec).await;
    assert!(matches!(&again, Err(EngineError::NameTaken { name }) if *name == spec.name), "{again:?}");
    bench.engine.remove(&spec.name).await.unwrap();
}

pub async fn a_missing_image_is_refused<E: Engine>(bench: &Bench<E>) {
    let spec = ContainerSpec { image: "envctl-test/never:1".into(), ..bench.spec("image", &["true"]) };
    let made = bench.engine.create(&spec).await;
    assert!(matches!(&made, Err(EngineError::NoImage { reference, .. }) if *reference == spec.image), "{made:?}");
}

pub async fn what_no_registry_serves_is_not_pulled<E: Engine>(bench: &Bench<E>) {
    let pulled = bench.engine.pull("envctl.invalid/never:1", &envctl::event::Silent).await;
    assert!(matches!(pulled, Err(EngineError::RegistryUnreachable { .. })), "{pulled:?}");
    assert_eq!(bench.engine.image("envctl.invalid/never:1").await.unwrap(), None);
}

pub async fn a_missing_mount_source_is_refused<E: Engine>(bench: &Bench<E>) {
    let mount = MountSpec {
        kind: MountKind::Bind,
        source: "/nonexistent/data".into(),
        target: "/data".into(),
        read_only: false,
    };
    let spec = ContainerSpec { mounts: vec![mount], ..bench.spec("mount", &["true"]) };
    let made = bench.engine.create(&spec).await;
    assert!(matches!(&made, Err(EngineError::MountMissing { path }) if path == "/nonexistent/data"), "{made:?}");
    assert_eq!(bench.status(&spec.name).await, None);
}

fn port(host: u16) -> PublishedPort {
    PublishedPort { address: [127, 0, 0, 1].into(), host, container: 80, protocol: envctl::manifest::Protocol::Tcp }
}

/// A port that nobody holds at this moment.
fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

pub async fn a_taken_port_is_refused_at_the_start<E: Engine>(bench: &Bench<E>) {
    let ports = vec![port(free_port())];
    let holder = ContainerSpec { ports: ports.clone(), ..bench.spec("holder", &["sleep", "600"]) };
    let second = ContainerSpec { ports, ..bench.spec("second", &["sleep", "600"]) };
    bench.engine.create(&holder).await.unwrap();
    bench.engine.start(&holder.name).await.unwrap();
    bench.engine.create(&second).await.unwrap();
    let started = bench.engine.start(&second.name).await;
    let expected = format!("127.0.0.1:{}", holder.ports[0].host);
    assert!(matches!(&started, Err(EngineError::PortTaken { port, .. }) if *port == expected), "{started:?}");
    let left = bench.engine.inspect(&second.name).await.unwrap().unwrap();
    assert_eq!(left.status, ContainerStatus::Created);
    bench.engine.remove(&holder.name).await.unwrap();
    bench.engine.start(&second.name).await.unwrap();
    bench.engine.remove(&second.name).await.unwrap();
}

pub async fn published_ports_are_told<E: Engine>(bench: &Bench<E>) {
    let ports = vec![port(free_port())];
    let spec = ContainerSpec { ports: ports.clone(), ..bench.spec("ports", &["sleep", "600"]) };
    bench.engine.create(&spec).await.unwrap();
    bench.engine.start(&spec.name).await.unwrap();
    assert_eq!(bench.engine.inspect(&spec.name).await.unwrap().unwrap().ports, ports);
    let listed = bench.engine.list(&[("envctl.test", Some(&spec.labels["envctl.test"]))]).await.unwrap();
    assert_eq!(listed[0].ports, ports);
    bench.engine.stop(&spec.name, 0).await.unwrap();
    assert_eq!(bench.engine.inspect(&spec.name).await.unwrap().unwrap().ports, []);
    bench.engine.remove(&spec.name).await.unwrap();
}

pub async fn a_gpu_that_is_not_there_is_refused<E: Engine>(bench: &Bench<E>) {
    for via in [GpuRoute::Cdi, GpuRoute::DeviceRequest, GpuRoute::Runtime] {
        let gpu = GpuSpec { via, devices: GpuSelection::All, driver_capabilities: vec!["compute".into()] };
        let spec = ContainerSpec { gpu: Some(gpu), ..bench.spec("gpu", &["true"]) };
        let started = match bench.engine.create(&spec).await {
            Ok(_) => bench.engine.start(&spec.name).await,
            Err(error) => Err(error),
        };
        assert!(matches!(started, Err(EngineError::NoGpu { .. })), "{via:?}: {started:?}");
        bench.engine.remove(&spec.name).await.unwrap();
    }
}

pub async fn a_command_that_is_not_there_is_refused_at_the_start<E: Engine>(bench: &Bench<E>) {
    let spec = ContainerSpec { init: false, ..bench.spec("nocommand", &["envctl-never"]) };
    bench.engine.create(&spec).await.unwrap();
    let started = bench.engine.start(&spec.name).await;
    assert!(
        matches!(&started, Err(EngineError::CommandNotRun { command, code: 127, .. }) if command == "envctl-never"),
        "{started:?}"
    );
    assert_eq!(bench.status(&spec.name).await, Some(ContainerStatus::Created));
    bench.engine.remove(&spec.name).await.unwrap();
    // Under an init the container starts, and the init ends with the shell's code.
    let spec = bench.spec("nocommand", &["envctl-never"]);
    bench.engine.create(&spec).await.unwrap();
    bench.engine.start(&spec.name).await.unwrap();
    assert_eq!(bench.ended(&spec.name).await, ContainerStatus::Exited { code: 127 });
    bench.engine.remove(&spec.name).await.unwrap();
}

pub async fn the_exit_code_of_the_command_is_kept<E: Engine>(bench: &Bench<E>) {
    let spec = bench.spec("code", &["false"]);
    bench.engine.create(&spec).await.unwrap();
    bench.engine.start(&spec.name).await.unwrap();
    assert_eq!(bench.ended(&spec.name).await, ContainerStatus::Exited { code: 1 });
    let listed = bench.engine.list(&[("envctl.test", Some(&spec.labels["envctl.test"]))]).await.unwrap();
    assert_eq!(listed[0].status, ContainerStatus::Exited { code: 1 });
    bench.engine.remove(&spec.name).await.unwrap();
}

/// A tar with one file.
pub fn tar_of(path: &str, text: &str) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o600);
    header.set_cksum();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    archive.into_inner().unwrap()
}

fn cat(path: &str) -> ExecSpec {
    ExecSpec { command: vec!["cat".into(), path.into()], ..ExecSpec::default() }
}

pub async fn files_go_into_a_container_that_never_started<E: Engine>(bench: &Bench<E>) {
    let spec = bench.spec("upload", &["sleep", "600"]);
    bench.engine.create(&spec).await.unwrap();
    bench.engine.upload(&spec.name, "/etc", tar_of("envctl-test", "here")).await.unwrap();
    bench.engine.start(&spec.name).await.unwrap();
    let read = bench.engine.exec_output(&spec.name, &cat("/etc/envctl-test")).await.unwrap();
    assert_eq!(read, ExecOutput { code: 0, stdout: b"here".to_vec(), stderr: Vec::new() });
    let nowhere = bench.engine.upload(&spec.name, "/nonexistent", tar_of("x", "x")).await;
    assert!(matches!(nowhere, Err(EngineError::Refused { .. })), "{nowhere:?}");
    bench.engine.remove(&spec.name).await.unwrap();
}

pub async fn a_container_runs_on_the_network_that_was_made_for_it<E: Engine>(bench: &Bench<E>) {
    for _ in 0..2 {
        bench.engine.ensure_isolated_network("envctl").await.unwrap();
    }
    let spec = ContainerSpec { network: Some("envctl".into()), ..bench.spec("network", &["sleep", "600"]) };
    bench.engine.create(&spec).await.unwrap();
    bench.engine.start(&spec.name).await.unwrap();
    assert_eq!(bench.status(&spec.name).await, Some(ContainerStatus::Running));
    bench.engine.remove(&spec.name).await.unwrap();
}

pub async fn a_network_that_is_not_there_is_refused_at_the_start<E: Engine>(bench: &Bench<E>) {
    let network = Some(format!("{}-nowhere", bench.prefix));
    let spec = ContainerSpec { network, ..bench.spec("nowhere", &["true"]) };
    bench.engine.create(&spec).await.unwrap();
    let started = bench.engine.start(&spec.name).await;
    assert!(matches!(&started, Err(EngineError::NetworkMissing { .. })), "{started:?}");
    bench.engine.remove(&spec.name).await.unwrap();
}

pub async fn a_container_gets_another_name<E: Engine>(bench: &Bench<E>) {
    let spec = with_volume(bench, "rename");
    let id = bench.engine.create(&spec).await.unwrap();
    bench.engine.start(&spec.name).await.unwrap();
    let other = format!("{}-other", spec.name);
    bench.engine.rename(&spec.name, &other).await.unwrap();
    assert_eq!(bench.status(&spec.name).await, None);
    let renamed = bench.engine.inspect(&other).await.unwrap().unwrap();
    assert_eq!((renamed.id, renamed.status, renamed.name), (id, ContainerStatus::Running, other.clone()));
    assert_eq!(renamed.volumes, [spec.mounts[0].source.clone()]);
    let listed = bench.engine.list(&[("envctl.test", Some(&spec.labels["envctl.test"]))]).await.unwrap();
    assert_eq!(listed[0].volumes, renamed.volumes);
    bench.engine.create(&spec).await.unwrap();
    let taken = bench.engine.rename(&other, &spec.name).await;
    assert!(matches!(&taken, Err(EngineError::NameTaken { name }) if *name == spec.name), "{taken:?}");
    bench.engine.remove(&spec.name).await.unwrap();
    bench.engine.remove(&other).await.unwrap();
    bench.engine.remove_volume(&spec.mounts[0].source).await.unwrap();
}

pub async fn a_file_comes_out_of_a_container_that_never_started<E: Engine>(bench: &Bench<E>) {
    let spec = with_volume(bench, "download");
    bench.engine.create(&spec).await.unwrap();
    bench.engine.upload(&spec.name, "/etc/envctl-kept", tar_of("key", "kept")).await.unwrap();
    let download = async |file: &str, limit| bench.engine.download(&spec.name, file, limit).await.unwrap();
    assert_eq!(download("/etc/envctl-kept/key", 4).await, Some(b"kept".to_vec()));
    assert_eq!(download("/etc/envctl-kept/key", 3).await, None);
    assert_eq!(download("/etc/envctl-kept/never", 4).await, None);
    assert_eq!(download("/etc/envctl-kept", 1 << 20).await, None);
    bench.engine.remove(&spec.name).await.unwrap();
    bench.engine.remove_volume(&spec.mounts[0].source).await.unwrap();
}

fn with_volume<E: Engine>(bench: &Bench<E>, name: &str) -> ContainerSpec {
    let source = format!("{}-volume-{name}", bench.prefix);
    let mount = MountSpec { kind: MountKind::Volume, source, target: "/etc/envctl-kept".into(), read_only: false };
    ContainerSpec { mounts: vec![mount], ..bench.spec(name, &["sleep", "600"]) }
}

pub async fn files_in_a_volume_outlive_their_container<E: Engine>(bench: &Bench<E>) {
    let spec = with_volume(bench, "outlive");
    bench.engine.create(&spec).await.unwrap();
    bench.engine.upload(&spec.name, "/etc/envctl-kept", tar_of("key", "kept")).await.unwrap();
    bench.engine.remove(&spec.name).await.unwrap();
    bench.engine.create(&spec).await.unwrap();
    bench.engine.start(&spec.name).await.unwrap();
    let read = bench.engine.exec_output(&spec.name, &cat("/etc/envctl-kept/key")).await.unwrap();
    assert_eq!((read.code, read.stdout), (0, b"kept".to_vec()));
    bench.engine.remove(&spec.name).await.unwrap();
    bench.engine.remove_volume(&spec.mounts[0].source).await.unwrap();
    bench.engine.create(&spec).await.unwrap();
    bench.engine.start(&spec.name).await.unwrap();
    assert_eq!(bench.engine.exec_output(&spec.name, &cat("/etc/envctl-kept/key")).await.unwrap().code, 1);
    bench.engine.remove(&spec.name).await.unwrap();
    assert_eq!(bench.engine.volume_labels(&spec.mounts[0].source).await.unwrap(), Some(spec.labels.clone()));
    bench.engine.remove_volume(&spec.mounts[0].source).await.unwrap();
    assert_eq!(bench.engine.volume_labels(&spec.mounts[0].source).await.unwrap(), None);
}

pub async fn a_volume_in_use_stays<E: Engine>(bench: &Bench<E>) {
    let spec = with_volume(bench, "inuse");
    bench.engine.create(&spec).await.unwrap();
    let removed = bench.engine.remove_volume(&spec.mounts[0].source).await;
    assert!(matches!(&removed, Err(EngineError::InUse { what, .. }) if *what == spec.mounts[0].source), "{removed:?}");
    bench.engine.remove(&spec.name).await.unwrap();
    bench.engine.remove_volume(&spec.mounts[0].source).await.unwrap();
}

fn command(words: &[&str]) -> ExecSpec {
    ExecSpec { command: words.iter().map(|&word| word.to_owned()).collect(), ..ExecSpec::default() }
}

pub async fn exec_passes_codes_and_streams<E: Engine>(bench: &Bench<E>) {
    let name = bench.running("exec").await;
    let said = bench.engine.exec_output(&name, &command(&["echo", "a", "b"])).await.unwrap();
    assert_eq!((said.code, said.stdout), (0, b"a b\n".to_vec()));
    assert_eq!(bench.engine.exec_output(&name, &command(&["false"])).await.unwrap().code, 1);
    let failed = bench.engine.exec_output(&name, &cat("/nonexistent")).await.unwrap();
    assert_eq!((failed.code, failed.stdout), (1, Vec::new()));
    assert!(String::from_utf8(failed.stderr).unwrap().contains("No such file"));
    bench.engine.remove(&name).await.unwrap();
}

pub async fn exec_reads_what_it_is_given<E: Engine>(bench: &Bench<E>) {
    let name = bench.running("stdin").await;
    // More than any buffer on the way holds, and bytes that are no text.
    let input: Vec<u8> = (0..300_000_u32).map(|number| (number % 251) as u8).collect();
    let output = Kept::default();
    let io = ExecIo {
        stdin: Some(Box::new(std::io::Cursor::new(input.clone()))),
        stdout: Box::new(output.clone()),
        stderr: Box::new(Kept::default()),
        resizes: None,
    };
    let exec = ExecSpec { stdin: true, ..command(&["cat"]) };
    assert_eq!(bench.engine.exec(&name, &exec, io).await.unwrap(), 0);
    assert!(output.0.take() == input, "what went in came out");
    bench.engine.remove(&name).await.unwrap();
}

pub async fn privileges_that_can_not_grow_are_so_in_an_exec_too<E: Engine>(bench: &Bench<E>) {
    for no_new_privileges in [false, true] {
        let spec = ContainerSpec { no_new_privileges, ..bench.spec("privileges", &["sleep", "600"]) };
        bench.engine.create(&spec).await.unwrap();
        bench.engine.start(&spec.name).await.unwrap();
        let status = bench.engine.exec_output(&spec.name, &command(&["cat", "/proc/self/status"])).await.unwrap();
        let expected = format!("NoNewPrivs:\t{}", u8::from(no_new_privileges));
        let status = String::from_utf8(status.stdout).unwrap();
        assert!(status.lines().any(|line| line == expected), "{expected}: {status}");
        bench.engine.remove(&spec.name).await.unwrap();
    }
}

pub async fn exec_of_a_missing_command_is_an_error_and_no_code<E: Engine>(bench: &Bench<E>) {
    let name = bench.running("missing").await;
    let answer = bench.engine.exec_output(&name, &command(&["envctl-never"])).await;
    assert!(
        matches!(&answer, Err(EngineError::CommandNotRun { command, code: 127, .. }) if command == "envctl-never"),
        "{answer:?}"
    );
    bench.engine.remove(&name).await.unwrap();
}

pub async fn exec_needs_a_running_container<E: Engine>(bench: &Bench<E>) {
    let name = bench.running("stopped").await;
    bench.engine.stop(&name, 0).await.unwrap();
    let stopped = bench.engine.exec_output(&name, &command(&["true"])).await;
    assert!(matches!(&stopped, Err(EngineError::NotRunning { name: n }) if *n == name), "{stopped:?}");
    let processes = bench.engine.processes(&name).await;
    assert!(matches!(processes, Err(EngineError::NotRunning { .. })), "{processes:?}");
    bench.engine.remove(&name).await.unwrap();
    let gone = bench.engine.exec_output(&name, &command(&["true"])).await;
    assert!(matches!(&gone, Err(EngineError::NoContainer { name: n }) if *n == name), "{gone:?}");
}

pub async fn processes_are_listed<E: Engine>(bench: &Bench<E>) {
    let name = bench.running("processes").await;
    let found = bench.engine.processes(&name).await.unwrap();
    assert!(found.iter().any(|process| process.command.contains("sleep 600") && process.pid > 1), "{found:?}");
    bench.engine.remove(&name).await.unwrap();
}

pub async fn logs_end_where_the_container_ended<E: Engine>(bench: &Bench<E>) {
    let spec = bench.spec("logs", &["echo", "one", "two"]);
    bench.engine.create(&spec).await.unwrap();
    bench.engine.start(&spec.name).await.unwrap();
    bench.ended(&spec.name).await;
    let (stdout, stderr) = (Kept::default(), Kept::default());
    let io = LogsIo { stdout: Box::new(stdout.clone()), stderr: Box::new(stderr.clone()) };
    let asked = LogsSpec { follow: true, tail: Some(10), timestamps: false };
    bench.engine.logs(&spec.name, &asked, io).await.unwrap();
    assert_eq!(String::from_utf8(stdout.0.take()).unwrap(), "one two\n");
    assert!(stderr.0.take().is_empty());
    bench.engine.remove(&spec.name).await.unwrap();
}

/// A stream that is kept.
#[derive(Clone, Default)]
pub struct Kept(pub Rc<RefCell<Vec<u8>>>);

impl AsyncWrite for Kept {
    fn poll_write(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        self.0.borrow_mut().extend_from_slice(bytes);
        std::task::Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }
}
