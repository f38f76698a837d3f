//! SIGTERM, SIGHUP and SIGKILL in the middle of a command, and the state that they leave.

use std::fs;
use std::io::Read;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sandbox::{Sandbox, ran};

/// Signals with their exit codes. `None`: the kernel ends the process.
const SIGNALS: [(&str, Option<i32>); 3] = [("TERM", Some(143)), ("HUP", Some(129)), ("KILL", None)];

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn wait_until(what: &str, true_now: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(2);
    while !true_now() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The command lines of the processes with this entry in their environment.
fn processes_with(entry: &str) -> Vec<String> {
    let mut found = Vec::new();
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let environment = fs::read(process.path().join("environ")).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|found| found == entry.as_bytes()) {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            found.push(String::from_utf8_lossy(&line).replace('\0', " "));
        }
    }
    found
}

/// The files below a directory that contain these bytes.
fn files_with(needle: &str, directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(meta) = path.symlink_metadata() else { continue };
        if meta.is_dir() {
            found.extend(files_with(needle, &path));
        } else if meta.is_file() && meta.len() < 1 << 20 {
            let bytes = fs::read(&path).unwrap_or_default();
            if bytes.windows(needle.len()).any(|window| window == needle.as_bytes()) {
                found.push(path);
            }
        }
    }
    found
}

fn runs(line: &[&str]) -> bool {
    let wanted: Vec<u8> = line.iter().flat_map(|word| word.bytes().chain([0])).collect();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.map(|process| process.path().join("cmdline")).any(|file| fs::read(file).is_ok_and(|line| line == wanted))
}

/// An engine or an index that accepts every connection and never answers.
struct Deaf {
    listener: UnixListener,
    held: Vec<UnixStream>,
}

impl Deaf {
    fn at(socket: &Path) -> Self {
        Self { listener: UnixListener::bind(socket).unwrap(), held: Vec::new() }
    }

    /// Waits for a request.
    fn asked(&mut self) {
        let (mut stream, _) = self.listener.accept().unwrap();
        assert!(stream.read(&mut [0; 16]).unwrap() > 0);
        self.held.push(stream);
    }
}

#[test]
fn each_signal_ends_a_command_with_its_own_code() {
    let sandbox = Sandbox::new("");
    let socket = sandbox.file("deaf.sock");
    let url = format!("unix://{}", socket.display());
    let mut engine = Deaf::at(&socket);
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let mut command = sandbox.command(&["--engine", &url, "ps", "--json"]);
        let ps = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        engine.asked();
        send(signal, &ps);
        let ended = ran(ps.wait_with_output());
        let document: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!((ended.code, &document["error"]["kind"]), (code, &json!("interrupted")), "{ended:#?}");
        assert!(ended.stderr.contains(&format!("SIG{signal}")), "{ended:#?}");
    }
    // `timeout` sends two signals at once, which count as one. The command does not wait for the engine, and the answer
    // is complete.
    let mut command = sandbox.command(&["--engine", &url, "up", "--bootstrap", "--yes", "--json"]);
    let up = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    engine.asked();
    send("TERM", &up);
    send("TERM", &up);
    let ended = ran(up.wait_with_output());
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((ended.code, &document["error"]["kind"]), (143, &json!("interrupted")), "{ended:#?}");
    // The command was cleaning up.
    engine.asked();
    // A second signal during the clean-up ends the process immediately and without output.
    let mut command = sandbox.command(&["--engine", &url, "up", "--bootstrap", "--yes", "--json"]);
    let mut up = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    engine.asked();
    while up.try_wait().unwrap().is_none() {
        send("TERM", &up);
        std::thread::sleep(Duration::from_millis(200));
    }
    let ended = ran(up.wait_with_output());
    assert_eq!((ended.code, ended.stdout.as_str()), (143, ""), "{ended:#?}");
    engine.asked();
    // A command under `nohup` survives its terminal.
    let plain = sandbox.command(&[]);
    let mut nohup = Command::new("sh");
    nohup.args(["-c", "trap '' HUP; exec \"$0\" --engine \"$1\" ps"]).arg(plain.get_program()).arg(&url);
    nohup.current_dir(sandbox.project()).envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut ps = nohup.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    engine.asked();
    send("HUP", &ps);
    send("TERM", &ps);
    assert_eq!(ps.wait().unwrap().code(), Some(143));
    fs::remove_file(&socket).unwrap();
}

/// Searches for the password of the caller's index in every file that the commands could write, while `uv` works with
/// it and after each end.
#[test]
fn a_password_is_on_no_disk_and_nothing_runs_on_when_packages_are_resolved() {
    let sandbox = Sandbox::new("");
    let index = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let secret = format!("s3cret-{}", std::process::id());
    let config = sandbox.home().join(".config/envctl");
    fs::create_dir_all(&config).unwrap();
    let url = format!("http://ada:{secret}@{}/simple", index.local_addr().unwrap());
    // Only the user's own file contains it.
    fs::write(config.join("config.toml"), format!("[network]\npip-index = \"{url}\"\n")).unwrap();
    let (cache, tmp) = (sandbox.home().join("cache"), sandbox.home().join("tmp"));
    fs::create_dir_all(&tmp).unwrap();
    let home = format!("HOME={}", sandbox.home().display());
    let command = || {
        let mut command = sandbox.command(&["lock"]);
        command.env("XDG_CACHE_HOME", &cache).env("TMPDIR", &tmp).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    // A connection can still belong to the uv that ended before.
    let uv_works = || processes_with(&home).iter().any(|line| line.contains("pip compile"));
    let places = [sandbox.home(), sandbox.project(), PathBuf::from("/dev/shm")];
    let on_disk = || -> Vec<PathBuf> {
        let found = places.iter().flat_map(|place| files_with(&secret, place));
        found.filter(|path| *path != config.join("config.toml")).collect()
    };
    for (signal, code) in SIGNALS {
        let mut lock = command().spawn().unwrap();
        let (stream, _) = index.accept().unwrap();
        wait_until("uv works", uv_works);
        assert_eq!(on_disk(), Vec::<PathBuf>::new(), "while uv works");
        send(signal, &lock);
        assert_eq!(lock.wait().unwrap().code(), code, "{signal}");
        wait_until("uv ends", || processes_with(&home).is_empty());
        assert_eq!(on_disk(), Vec::<PathBuf>::new(), "after SIG{signal}");
        assert_eq!(fs::read_dir(&tmp).unwrap().count(), 0, "after SIG{signal}");
        drop(stream);
    }
    // SIGKILL left a directory without the password. The next command removes it.
    let scratch = cache.join("envctl/tmp");
    assert_eq!(fs::read_dir(&scratch).unwrap().flatten().filter(|entry| entry.path().is_dir()).count(), 1);
    let mut lock = command().spawn().unwrap();
    wait_until("uv works", uv_works);
    send("TERM", &lock);
    lock.wait().unwrap();
    assert_eq!(fs::read_dir(&scratch).unwrap().flatten().filter(|entry| entry.path().is_dir()).count(), 0);
    fs::remove_file(config.join("config.toml")).unwrap();
}

#[test]
fn a_build_ends_with_the_command_however_that_ends() {
    let sandbox = Sandbox::new("");
    let state = sandbox.home().join(".local/state/envctl/environments");
    for (at, (signal, code)) in SIGNALS.into_iter().enumerate() {
        let marker = format!("4{at}{}", std::process::id());
        sandbox.write_manifest(&format!("[build]\nrun = [\"sleep {marker}\"]\n"));
        let mut build = sandbox.command(&["build", "--bootstrap"]);
        let mut build = build.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until("the step runs", || runs(&["sleep", &marker]));
        send(signal, &build);
        assert_eq!(build.wait().unwrap().code(), code, "{signal}");
        wait_until("the step ends in the engine", || !runs(&["sleep", &marker]));
        let certificate = files_with("-----BEGIN CERTIFICATE-----", &state);
        assert!(certificate.is_empty(), "SIG{signal} left {certificate:?}");
    }
}

/// The tool for base images mounts file systems and signals its process group. After any end of the command its
/// processes and mounts are gone, the caller gets no signal, and the next command removes its files.
#[test]
fn a_base_image_that_is_ended_in_the_making_leaves_no_process_mount_or_file() {
    let sandbox = Sandbox::new("");
    let (cache, temporary) = (sandbox.file("cache"), sandbox.file("temporary"));
    fs::create_dir(&temporary).unwrap();
    let mut left = Vec::new();
    for (signal, code) in SIGNALS.into_iter().chain([("TERM", Some(143))]) {
        let mut build = sandbox.command(&["build", "--bootstrap", "--json"]);
        build.env("XDG_CACHE_HOME", &cache).env("TMPDIR", &temporary);
        let build = build.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let roots = || directories_named("mmdebstrap.", &cache);
        wait_until("a root file system is made", || roots().iter().any(|root| !left.contains(root)));
        wait_until("file systems are mounted in it", || {
            roots().iter().any(|root| !left.contains(root) && root.join("usr/share").exists())
        });
        let now = roots();
        assert!(left.iter().all(|old| !now.contains(old)), "before SIG{signal}: {left:?} of the last one is there");
        send(signal, &build);
        let ended = ran(build.wait_with_output());
        assert_eq!(ended.code, code.unwrap_or(-1), "{ended:#?}");
        let own = format!("XDG_CACHE_HOME={}", cache.display());
        wait_until("the tool ends", || processes_with(&own).is_empty());
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        assert!(!mounts.contains("mmdebstrap."), "SIG{signal} left mounts:\n{mounts}");
        left = roots();
        assert!(left.is_empty() || signal == "KILL", "SIG{signal} left {left:?}");
    }
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "{temporary:?}");
}

/// The directories below another with a given prefix.
fn directories_named(beginning: &str, below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below).into_iter().flatten().flatten() {
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_directory && entry.file_name().to_string_lossy().starts_with(beginning) {
            found.push(entry.path());
        } else if is_directory {
            found.extend(directories_named(beginning, &entry.path()));
        }
    }
    found
}

/// After an `up` that ends at any moment, the next `up` reaches the same state as without the interruption.
#[test]
fn an_up_that_is_ended_leaves_nothing_half_made() {
    let sandbox = Sandbox::new("");
    let first = sandbox.is_up();
    let name = format!("envctl-{}", first["id"].as_str().unwrap());
    let home = format!("HOME={}", sandbox.home().display());
    let status = || {
        let seen = ran(Command::new("docker").args(["inspect", "-f", "{{.State.Status}}", &name]).output());
        seen.stdout.trim().to_owned()
    };
    let moments = [40, 90, 160, 250, 350, 500];
    for (milliseconds, (signal, _)) in moments.into_iter().zip(SIGNALS.into_iter().cycle()) {
        let mut up = sandbox.command(&["up", "--bootstrap", "--yes", "--recreate"]);
        let mut up = up.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        send(signal, &up);
        up.wait().unwrap();
        wait_until("its children end", || processes_with(&home).is_empty());
        if signal != "KILL" {
            assert_ne!(status(), "created", "after SIG{signal} at {milliseconds} ms");
        }
    }
    let last = sandbox.is_up();
    assert_eq!(last["endpoint"]["fingerprint"], first["endpoint"]["fingerprint"]);
    assert_eq!((status().as_str(), sandbox.ssh(&["echo", "in"]).as_str()), ("running", "in"));
    let state = sandbox.home().join(".local/state/envctl/environments");
    let state = fs::read_dir(state).unwrap().next().unwrap().unwrap().path().join(first["id"].as_str().unwrap());
    let names = fs::read_dir(state).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let half: Vec<_> = names.filter(|name| name.starts_with('.')).collect();
    assert!(half.is_empty(), "{half:?}");

    // A command inside the container gets the signal of its caller.
    let root = "--root";
    for (signal, code, option) in [("TERM", 143, "-T"), ("HUP", 129, "-T"), ("INT", 130, "-T"), ("TERM", 143, root)] {
        let marker = format!("7{code}{}", std::process::id());
        let mut exec = sandbox.command(&["exec", option, "--", "sh", "-c", &format!("sleep {marker}; true")]);
        let mut exec = exec.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until("the command starts", || runs(&["sleep", &marker]));
        send(signal, &exec);
        assert_eq!(exec.wait().unwrap().code(), Some(code));
        wait_until("the command ends", || !runs(&["sleep", &marker]));
    }
}
