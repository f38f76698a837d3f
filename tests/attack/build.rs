//! Hostile build steps, build lines and base images: each test tries to reach secrets or caches that other builds
//! trust.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use envctl::bootstrap;
use envctl::engine::ImageStore;
use envctl::engine::docker::Docker;
use envctl::engine::{EngineError, ImageBuild, ImageId};
use envctl::event::Silent;
use envctl::matrix::Matrix;
use envctl::system::System;

use crate::sandbox::ran;

mod append;
mod image;
mod names;

/// The password that no build step may read.
const PASSWORD: &str = "hush-hush-hush";

fn system() -> System {
    let mut system = System::of_process();
    let shared = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    system.variables.insert("XDG_CACHE_HOME".to_owned(), shared.join("cache").display().to_string());
    system
}

fn engine() -> Docker {
    Docker::connect(&system(), None).unwrap()
}

/// A Debian 12 base image, made on this machine.
fn base() -> &'static str {
    static MADE: OnceLock<String> = OnceLock::new();
    // A separate thread, because the caller can already be inside a runtime.
    MADE.get_or_init(|| std::thread::spawn(bootstrapped).join().expect("the base image was made"))
}

fn bootstrapped() -> String {
    let matrix = Matrix::embedded();
    let distribution = matrix.distribution("debian:12").unwrap();
    let wanted = bootstrap::BaseRequest { distribution, refresh: false, mirror: None };
    block_on(bootstrap::ensure_base(&engine(), &system(), wanted, &Silent)).unwrap().reference
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Builds `dockerfile`, in which `BASE` is the base image, with `files` beside it.
async fn build(tag: &str, dockerfile: &str, files: &[(&str, &[u8])]) -> Result<ImageId, EngineError> {
    let dockerfile = dockerfile.replace("BASE", base());
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in [("Dockerfile", dockerfile.as_bytes())].iter().chain(files) {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    let mut build = ImageBuild { tag: tag.to_owned(), context: archive.into_inner().unwrap(), ..ImageBuild::default() };
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), PASSWORD).unwrap();
    for id in ["envctl-index", "hf"] {
        build.secret_files.insert(id.to_owned(), secret.path().to_path_buf());
    }
    engine().build(&build, &Silent).await
}

/// The output of a program in the image. `shell` is a shell that the image cannot have changed.
fn says(image: &str, shell: &str, script: &str) -> String {
    let run = ["run", "--rm", "--network=none", "--env=LD_PRELOAD=", "--env=BASH_ENV=", "--entrypoint", shell];
    let said = ran(Command::new("docker").args(run).args([image, "-c", script]).output());
    assert_eq!(said.code, 0, "{script}: {said:#?}");
    said.stdout.trim_end().to_owned()
}

fn remove_image(tag: &str) {
    let removed = Command::new("docker").args(["image", "rm", "--force", tag]).stdout(Stdio::null()).status();
    assert!(removed.unwrap().success());
}

/// The content of the cache from which every environment installs.
fn shared_cache(tag: &str) -> String {
    let look = format!(
        "FROM BASE\nARG NOW\nRUN --mount=type=cache,id=envctl-uv,target=/c : {} && find /c -name 'poison*' > /found\n",
        std::process::id()
    );
    block_on(build(tag, &look, &[])).unwrap();
    let found = says(tag, "/bin/sh", "cat /found");
    remove_image(tag);
    found
}

/// A package index with a password. This host and the build steps can reach it.
struct Index {
    server: Child,
    url: String,
    directory: tempfile::TempDir,
}

impl Index {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/attack/build/index.py");
        let mut python = Command::new("python3");
        python.args([script, PASSWORD]).arg(directory.path().join("built"));
        let mut server = python.stdout(Stdio::piped()).spawn().expect("python3 runs");
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        // The first address of the default bridge is this host's.
        let subnet = "{{(index .IPAM.Config 0).Subnet}}";
        let subnet = ran(Command::new("docker").args(["network", "inspect", "bridge", "--format", subnet]).output());
        let (network, _) = subnet.stdout.split_once(".0/").expect("the bridge has a subnet");
        let url = format!("http://ada:{PASSWORD}@{network}.1:{}/simple", port.trim());
        Self { server, url, directory }
    }

    /// Whether the code of the source package ran on this host.
    fn ran_code_here(&self) -> bool {
        self.directory.path().join("built").exists()
    }

    /// A user's configuration with this index.
    fn configuration(&self) -> String {
        format!("[network]\npip-extra-indexes = [\"{}\"]\n", self.url)
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
