//! `exec` and `logs` as a user runs them, in a container that the test makes. Other tests bring environments up.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use envctl::engine::ContainerLife;
use envctl::engine::ContainerSpec;
use envctl::engine::docker::Docker;
use envctl::project::Project;

use crate::harness;

/// A project whose environment runs.
struct Running {
    project: tempfile::TempDir,
    container: String,
}

impl Running {
    async fn start(command: &str) -> Self {
        let project = tempfile::tempdir().unwrap();
        let manifest = project.path().join("envctl.toml");
        std::fs::write(&manifest, "name = \"exec-test\"\n\n[frameworks]\nonnxruntime = \"1.20\"\n").unwrap();
        let id = Project::find(&harness::system(), Some(&manifest)).unwrap().id(&"exec-test".parse().unwrap());
        let spec = ContainerSpec {
            name: id.container(),
            image: harness::base().to_owned(),
            labels: [("envctl.id".to_owned(), id.to_string())].into(),
            env: ["ENVCTL_USER=daemon", "ENVCTL_HOME=/usr/sbin", "FROM_CONTAINER=yes"].map(String::from).to_vec(),
            command: ["sh", "-c", command].map(String::from).to_vec(),
            workdir: "/srv".into(),
            init: true,
            ..ContainerSpec::default()
        };
        let engine = harness::docker();
        engine.create(&spec).await.unwrap();
        engine.start(&spec.name).await.unwrap();
        Self { project, container: spec.name }
    }

    fn envctl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_envctl"));
        command.args(arguments).current_dir(self.project.path()).env("HOME", self.project.path());
        for variable in ["XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
            command.env_remove(variable);
        }
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.envctl(arguments).stdin(Stdio::null()).output().unwrap()
    }

    async fn remove(self, engine: &Docker) {
        engine.remove(&self.container).await.unwrap();
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn exec_is_the_environments_user_and_passes_codes_on() {
    let running = Running::start("sleep 600").await;
    let asked =
        running.output(&["exec", "--", "sh", "-c", "id -un; pwd; echo $HOME $FROM_CONTAINER; echo e >&2; exit 42"]);
    assert_eq!(text(&asked.stdout), "daemon\n/srv\n/usr/sbin yes\n");
    assert_eq!((text(&asked.stderr), asked.status.code()), ("e\n", Some(42)));
    let root = running.output(&["exec", "--root", "-w", "/", "-e", "A=b", "--", "sh", "-c", "id -un; pwd; echo $A"]);
    assert_eq!(text(&root.stdout), "root\n/\nb\n");
    for (command, code) in [("envctl-never", 127), ("/etc/passwd", 126)] {
        let failed = running.output(&["exec", "--", command]);
        assert_eq!((failed.status.code(), text(&failed.stdout)), (Some(code), ""), "{command}");
        assert!(text(&failed.stderr).contains(&format!("can't run `{command}` in the container")), "{failed:?}");
    }
    running.remove(&harness::docker()).await;
}

#[tokio::test(flavor = "current_thread")]
async fn exec_reads_standard_input_to_its_end() {
    let running = Running::start("sleep 600").await;
    let mut cat = running.envctl(&["exec", "--", "cat"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    cat.stdin.take().unwrap().write_all(b"said\n").unwrap();
    assert_eq!(text(&cat.wait_with_output().unwrap().stdout), "said\n");
    running.remove(&harness::docker()).await;
}

/// Ctrl-C without a terminal inside, and a reader that leaves: the command must not run on where nobody sees it.
#[tokio::test(flavor = "current_thread")]
async fn exec_leaves_no_command_behind() {
    let running = Running::start("sleep 600").await;
    let marker = format!("5{}", std::process::id());
    let sleep = ["exec", "--", "sh", "-c", &format!("sleep {marker}; true")];
    let mut exec =
        running.envctl(&sleep).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the command starts", || harness::runs(&["sleep", &marker]));
    assert!(Command::new("kill").args(["-INT", &exec.id().to_string()]).status().unwrap().success());
    assert_eq!(exec.wait().unwrap().code(), Some(130));
    wait_until("the command ends", || !harness::runs(&["sleep", &marker]));
    let mut yes =
        running.envctl(&["exec", "--", "yes", &marker]).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    wait_until("the command starts", || harness::runs(&["yes", &marker]));
    drop(yes.stdout.take());
    assert_eq!(yes.wait().unwrap().code(), Some(141));
    wait_until("the command ends", || !harness::runs(&["yes", &marker]));
    running.remove(&harness::docker()).await;
}

fn wait_until(what: &str, true_now: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !true_now() {
        assert!(std::time::Instant::now() < deadline, "{what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// `script` gives envctl a terminal.
#[tokio::test(flavor = "current_thread")]
async fn exec_has_a_terminal_where_the_caller_has_one() {
    let running = Running::start("sleep 600").await;
    let envctl = env!("CARGO_BIN_EXE_envctl");
    let tested = |options: &str| {
        let line = format!("{envctl} exec {options} -- sh -c 'test -t 0 && test -t 1 && echo $TERM'");
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).current_dir(running.project.path());
        script.env("HOME", running.project.path()).env("TERM", "vt100").stdin(Stdio::null()).output().unwrap()
    };
    let terminal = tested("");
    assert_eq!((terminal.status.code(), text(&terminal.stdout).contains("vt100")), (Some(0), true), "{terminal:?}");
    assert_eq!(tested("-T").status.code(), Some(1));
    running.remove(&harness::docker()).await;
}

#[tokio::test(flavor = "current_thread")]
async fn own_failures_have_docker_s_code() {
    let running = Running::start("sleep 600").await;
    let engine = harness::docker();
    engine.stop(&running.container, 0).await.unwrap();
    let stopped = running.output(&["exec", "--", "true"]);
    assert_eq!(stopped.status.code(), Some(125), "{stopped:?}");
    engine.remove(&running.container).await.unwrap();
    let absent = running.output(&["exec", "--", "true"]);
    assert_eq!(absent.status.code(), Some(125), "{absent:?}");
    assert!(text(&absent.stderr).contains("envctl up"), "{absent:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn logs_are_shown_while_it_runs_and_after() {
    let running = Running::start("echo one; echo two; echo bad >&2; sleep 1; echo three").await;
    let followed = running.output(&["logs", "--follow"]);
    assert_eq!((text(&followed.stdout), text(&followed.stderr)), ("one\ntwo\nthree\n", "bad\n"));
    let last = running.output(&["logs", "--tail", "1"]);
    assert_eq!((text(&last.stdout), last.status.code()), ("three\n", Some(0)));
    running.remove(&harness::docker()).await;
}
