//! Docker keeps the contract of an engine.

use envctl::engine::docker::Docker;
use envctl::engine::{ContainerInside, ContainerLife, ImageStore};
use envctl::engine::{ContainerSpec, Engine, EngineError, ExecIo, ExecSpec};

use crate::contract::{self, Bench, Kept};
use crate::harness;

fn bench(name: &str) -> Bench<Docker> {
    Bench { engine: harness::docker(), image: harness::base().to_owned(), prefix: harness::name(name) }
}

crate::contract!(bench);

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

async fn running(bench: &Bench<Docker>) -> String {
    let spec = ContainerSpec {
        name: format!("{}-running", bench.prefix),
        image: bench.image.clone(),
        command: words(&["sleep", "600"]),
        init: true,
        ..ContainerSpec::default()
    };
    bench.engine.create(&spec).await.unwrap();
    bench.engine.start(&spec.name).await.unwrap();
    spec.name
}

#[tokio::test(flavor = "current_thread")]
async fn a_terminal_has_the_callers_size_and_takes_control_bytes() {
    let bench = bench("terminal");
    let name = running(&bench).await;
    let (sender, resizes) = tokio::sync::mpsc::unbounded_channel();
    sender.send((123, 45)).unwrap();
    let output = Kept::default();
    let io = ExecIo {
        stdin: None,
        stdout: Box::new(output.clone()),
        stderr: Box::new(Kept::default()),
        resizes: Some(resizes),
    };
    // Bytes 1 and 2 begin the frames of a stream that is no terminal's: they must come through as they are.
    let script = "sleep 0.3; stty size; printf '\\001\\002\\003x'; test -t 0 && exit 9";
    let exec = ExecSpec { command: words(&["sh", "-c", script]), tty: true, stdin: true, ..ExecSpec::default() };
    assert_eq!(bench.engine.exec(&name, &exec, io).await.unwrap(), 9);
    assert_eq!(output.0.take(), b"45 123\r\n\x01\x02\x03x");
    drop(sender);
    bench.engine.remove(&name).await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn an_exec_runs_as_whom_and_where_it_is_told() {
    let bench = bench("whom");
    let name = running(&bench).await;
    let exec = ExecSpec {
        command: words(&["sh", "-c", "id -u; id -g; pwd; echo $WORD; echo bad >&2; exit 3"]),
        env: words(&["WORD=said"]),
        user: "1200345:1200346".into(),
        workdir: "/usr/share".into(),
        ..ExecSpec::default()
    };
    let output = bench.engine.exec_output(&name, &exec).await.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1200345\n1200346\n/usr/share\nsaid\n");
    assert_eq!((output.code, output.stderr), (3, b"bad\n".to_vec()));
    let nobody = ExecSpec { user: "envctl-never".into(), ..exec };
    let refused = bench.engine.exec_output(&name, &nobody).await;
    assert!(matches!(refused, Err(EngineError::CommandNotRun { code: 126, .. })), "{refused:?}");
    bench.engine.remove(&name).await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn output_that_is_collected_has_an_end() {
    let bench = bench("endless");
    let name = running(&bench).await;
    let exec = ExecSpec { command: words(&["cat", "/dev/zero"]), ..ExecSpec::default() };
    let ended = bench.engine.exec_output(&name, &exec).await;
    assert!(
        matches!(&ended, Err(EngineError::Local { reason, .. }) if reason.contains("more than 1024 KiB")),
        "{ended:?}"
    );
    bench.engine.remove(&name).await.unwrap();
}

/// A command's own words that read like the engine's refusal, and its own code 126, stay the command's.
#[tokio::test(flavor = "current_thread")]
async fn a_command_may_say_what_it_likes() {
    let bench = bench("says");
    let name = running(&bench).await;
    let script = "echo OCI runtime exec failed; exit 0";
    let exec = ExecSpec { command: words(&["sh", "-c", script]), ..ExecSpec::default() };
    let output = bench.engine.exec_output(&name, &exec).await.unwrap();
    assert_eq!((output.code, output.stdout), (0, b"OCI runtime exec failed\n".to_vec()));
    let exec = ExecSpec { command: words(&["sh", "-c", "echo x; exit 126"]), ..ExecSpec::default() };
    assert_eq!(bench.engine.exec_output(&name, &exec).await.unwrap().code, 126);
    bench.engine.remove(&name).await.unwrap();
}

/// An output that nobody reads ends the command's stream and not this process.
#[tokio::test(flavor = "current_thread")]
async fn an_output_that_closes_is_told() {
    let bench = bench("closed");
    let name = running(&bench).await;
    let (reader, writer) = tokio::io::duplex(16);
    drop(reader);
    let io = ExecIo { stdin: None, stdout: Box::new(writer), stderr: Box::new(Kept::default()), resizes: None };
    let exec = ExecSpec { command: words(&["yes"]), ..ExecSpec::default() };
    let ended = bench.engine.exec(&name, &exec, io).await;
    assert!(matches!(ended, Err(EngineError::OutputClosed)), "{ended:?}");
    bench.engine.remove(&name).await.unwrap();
}

/// The same engine over TCP: inspecting, running and building all go the other way.
#[tokio::test(flavor = "current_thread")]
async fn an_engine_over_tcp_is_as_good() {
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("tcp://{}", listener.local_addr().unwrap());
            tokio::task::spawn_local(async move {
                while let Ok((mut client, _)) = listener.accept().await {
                    let mut engine = tokio::net::UnixStream::connect("/var/run/docker.sock").await.unwrap();
                    tokio::task::spawn_local(async move {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut engine).await;
                    });
                }
            });
            let engine = Docker::connect(&harness::system(), Some(&url)).unwrap();
            let bench = Bench { engine, image: harness::base().to_owned(), prefix: harness::name("tcp") };
            contract::a_life_from_creation_to_removal(&bench).await;
            contract::exec_reads_what_it_is_given(&bench).await;
            let info = bench.engine.describe().await.unwrap();
            assert_eq!((info.kind.as_str(), info.endpoint.as_str()), ("docker", url.as_str()));
        })
        .await;
}

#[tokio::test(flavor = "current_thread")]
async fn an_engine_that_is_not_there_is_unreachable() {
    let gone = Docker::connect(&harness::system(), Some("unix:///nonexistent/docker.sock"));
    assert!(matches!(&gone, Err(EngineError::Unreachable { denied: false, .. })), "{gone:?}");
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("docker.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let deaf = Docker::connect(&harness::system(), Some(&format!("unix://{}", socket.display()))).unwrap();
    let answer = deaf.inspect("x").await;
    assert!(
        matches!(&answer, Err(EngineError::Unreachable { denied: false, reason, .. }) if reason.contains("refused")),
        "{answer:?}"
    );
    let nobody = Docker::connect(&harness::system(), Some("tcp://127.0.0.1:1")).unwrap();
    let answer = nobody.build(&envctl::engine::ImageBuild::default(), &envctl::event::Silent).await;
    assert!(matches!(&answer, Err(EngineError::Unreachable { .. })), "{answer:?}");
}
