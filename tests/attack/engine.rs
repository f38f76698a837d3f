//! Engines that never answer, and environments that try to reach each other.

use std::path::Path;
use std::time::Duration;

use envctl::engine::docker::{Docker, Patience};
use envctl::engine::{ContainerInside, ContainerLife, ImageStore, VolumeStore};
use envctl::engine::{ContainerSpec, Engine, EngineError, ExecIo, ExecSpec, ImageBuild, LogsIo, LogsSpec};
use envctl::event::Silent;
use envctl::system::System;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::sandbox::Sandbox;

/// Tries to reach a port inside and prints `reached` or the reason.
fn reach(host: &str, port: u16) -> String {
    format!(
        "python3 -c \"import socket\ntry:\n socket.create_connection(('{host}', {port}), 3); print('reached')\n\
         except OSError as e: print(e)\""
    )
}

#[test]
fn environments_do_not_reach_each_other_and_reach_everything_else() {
    let published = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let one = Sandbox::new(&format!("[run]\nports = [\"127.0.0.1:{published}:8000\"]\n"));
    let other = Sandbox::new("");
    let id = one.is_up()["id"].as_str().unwrap().to_owned();
    other.is_up();
    for port in [8000, 9000] {
        one.ssh(&[&format!("nohup python3 -m http.server --bind 0.0.0.0 {port} >/dev/null 2>&1 </dev/null &")]);
    }
    let address = one.ssh(&["hostname", "-i"]).split_whitespace().next().unwrap().to_owned();
    let listens = |sandbox: &Sandbox, port| {
        (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            sandbox.ssh(&[&reach("127.0.0.1", port)]) == "reached"
        })
    };
    assert!(listens(&one, 8000) && listens(&one, 9000), "the servers run");
    for host in [address.as_str(), &format!("envctl-{id}"), "e2e"] {
        for port in [22, 8000, 9000] {
            let reached = other.ssh(&[&reach(host, port)]);
            // The name of both is also the host name of the asking container, so it reaches itself.
            assert!(reached != "reached" || (host == "e2e" && port == 22), "{host}:{port}");
        }
    }
    let here = std::net::TcpStream::connect(("127.0.0.1", published));
    assert!(here.is_ok(), "what is published is reached from the host: {here:?}");
    // The container's own pip finds the index host by name and reaches it.
    let index = other.ssh(&["python -c 'from pip._internal.models.index import PyPI; print(PyPI.netloc)'"]);
    assert_eq!(other.ssh(&[&reach(&index, 443)]), "reached");
    one.ok(&["down", "--volumes", "--force", "--yes"]);
}

#[test]
fn root_inside_poses_as_no_neighbour_and_makes_no_device() {
    let sandbox = Sandbox::new("");
    sandbox.is_up();
    assert_eq!(sandbox.ssh(&["id", "-u"]), "0");
    let raw = "python -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)' 2>&1 || :";
    let node = "mknod /workspace/disk b 254 0 2>&1 || :";
    for script in [raw, node] {
        let said = sandbox.ssh(&[script]);
        assert!(said.contains("Operation not permitted"), "{script}: {said}");
    }
}

/// An engine that accepts every connection, sends `greeting` after the first request, and then nothing.
fn engine_that_says(greeting: &'static str, directory: &Path) -> Docker {
    let socket = directory.join("engine.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::task::spawn_local(async move {
        let mut held: Vec<UnixStream> = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            if !greeting.is_empty() {
                let _ = stream.read(&mut vec![0; 64 * 1024]).await;
                let _ = stream.write_all(greeting.as_bytes()).await;
            }
            held.push(stream);
        }
    });
    let short = Duration::from_millis(50);
    let patience = Patience { usual: short, work: short, load: short };
    let url = format!("unix://{}", socket.display());
    Docker::connect_with(&System::of_process(), Some(&url), patience).unwrap()
}

fn exec_io() -> ExecIo {
    ExecIo { stdin: None, stdout: Box::new(tokio::io::sink()), stderr: Box::new(tokio::io::sink()), resizes: None }
}

/// Every verb of the engine seam ends with this error.
async fn every_verb_says_so(engine: Docker) {
    let told = |verb: &str, result: Result<(), EngineError>| match result {
        Err(EngineError::Silent { endpoint, action, waited }) => {
            assert!(endpoint.starts_with("unix://") && !action.is_empty() && waited.as_millis() >= 50, "{verb}");
        }
        other => panic!("{verb}: {other:?}"),
    };
    let directory = tempfile::tempdir().unwrap();
    let archive = directory.path().join("image.tar");
    std::fs::write(&archive, vec![0; 1024]).unwrap();
    let (exec, logs) = (ExecSpec { command: vec!["true".to_owned()], ..ExecSpec::default() }, LogsSpec::default());
    let io = LogsIo { stdout: Box::new(tokio::io::sink()), stderr: Box::new(tokio::io::sink()) };
    told("describe", engine.describe().await.map(drop));
    told("list", engine.list(&[]).await.map(drop));
    told("inspect", engine.inspect("x").await.map(drop));
    told("image", engine.image("x").await.map(drop));
    told("images", engine.images(&[]).await.map(drop));
    told("volume_labels", engine.volume_labels("x").await.map(drop));
    told("registry_digest", engine.registry_digest("debian:12").await.map(drop));
    told("build", engine.build(&ImageBuild::default(), &Silent).await.map(drop));
    told("load", engine.load(&archive, &Silent).await);
    told("ensure_isolated_network", engine.ensure_isolated_network("x").await);
    told("create", engine.create(&ContainerSpec::default()).await.map(drop));
    told("rename", engine.rename("x", "y").await);
    told("upload", engine.upload("x", "/", Vec::new()).await);
    told("download", engine.download("x", "/y", 10).await.map(drop));
    told("start", engine.start("x").await);
    told("stop", engine.stop("x", 0).await);
    told("remove", engine.remove("x").await);
    told("remove_volume", engine.remove_volume("x").await);
    told("remove_image", engine.remove_image("x").await);
    told("exec", engine.exec("x", &exec, exec_io()).await.map(drop));
    told("exec_output", engine.exec_output("x", &exec).await.map(drop));
    told("logs", engine.logs("x", &logs, io).await);
    told("processes", engine.processes("x").await.map(drop));
}

/// Runs `work` with an engine that sends `greeting` and nothing more.
async fn with_engine_that_says(greeting: &'static str, work: impl AsyncFnOnce(Docker)) {
    let directory = tempfile::tempdir().unwrap();
    let work = Box::pin(async { work(engine_that_says(greeting, directory.path())).await });
    tokio::task::LocalSet::new().run_until(work).await;
}

#[tokio::test(flavor = "current_thread")]
async fn an_engine_that_never_replies_is_told_as_such_by_every_verb() {
    with_engine_that_says("", every_verb_says_so).await;
}

/// The engine sends the head of an answer and never its body.
#[tokio::test(flavor = "current_thread")]
async fn an_engine_that_begins_an_answer_and_never_ends_it_is_told_as_such() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    with_engine_that_says(HEAD, async |engine| {
        for silent in [
            engine.inspect("x").await.map(drop),
            engine.list(&[]).await.map(drop),
            engine.create(&ContainerSpec::default()).await.map(drop),
            engine.describe().await.map(drop),
        ] {
            assert!(matches!(silent, Err(EngineError::Silent { .. })), "{silent:?}");
        }
    })
    .await;
}

/// The channel of a build opens, but no message comes through it.
#[tokio::test(flavor = "current_thread")]
async fn a_builder_that_never_begins_is_told_as_such() {
    const UPGRADED: &str = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    with_engine_that_says(UPGRADED, async |engine| {
        let silent = engine.build(&ImageBuild::default(), &Silent).await;
        assert!(matches!(silent, Err(EngineError::Silent { .. })), "{silent:?}");
    })
    .await;
}
