//! A host with a GPU: a second Docker Engine in its own network namespace. Only NVIDIA's parts are stubs: the real
//! engine calls them, and a stub accepts only the expected request.
//!
//! The engine's ports are in its namespace: [`GpuHost::inside`] runs programs that connect to them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use envctl::engine::docker::Docker;

use crate::harness;

/// What the host offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offers {
    /// `--gpus`: the toolkit's hook is on the engine's `PATH`.
    Hook,
    /// `--gpus`, and the hook fails as it does without a driver.
    BrokenHook,
    /// `--runtime nvidia` alone.
    Runtime,
}

/// See the module. Gone with its engine and everything in it when it is dropped.
pub struct GpuHost {
    engine: Child,
    directory: tempfile::TempDir,
}

impl GpuHost {
    /// Starts the engine and gives it the base image. `visible` is what a container may ask for: `all`, `0,1`, an
    /// identifier.
    pub fn start(offers: Offers, visible: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the engine");
        let programs = directory.path().join("bin");
        std::fs::create_dir(&programs).expect("a directory for the stubs");
        stub(&programs, offers, visible);
        let engine = start(directory.path(), offers);
        let host = Self { engine, directory };
        host.await_socket();
        host.load(harness::base());
        host
    }

    /// `unix:///…`, for `--engine` and `DOCKER_HOST`.
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    pub fn docker(&self) -> Docker {
        Docker::connect(&harness::system(), Some(&self.url())).expect("the engine listens")
    }

    /// A command in the engine's network.
    pub fn inside(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.engine.id())).arg(program).env("DOCKER_HOST", self.url());
        command
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("docker.sock")
    }

    fn await_socket(&self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            let log = || std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "the engine does not start:\n{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn load(&self, image: &str) {
        let mut save =
            Command::new("docker").args(["save", image]).stdout(Stdio::piped()).spawn().expect("docker runs");
        let from = save.stdout.take().expect("a pipe was asked for");
        let loaded = self.inside("docker").arg("load").stdin(from).stdout(Stdio::null()).status().expect("docker runs");
        assert!(save.wait().expect("docker ends").success() && loaded.success(), "the base image moves over");
    }
}

impl Drop for GpuHost {
    fn drop(&mut self) {
        // A container that is left would keep the engine's directory busy.
        let script = "docker ps -aq | xargs -r docker rm -f";
        let _ = self.inside("sh").args(["-c", script]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let _ = Command::new("kill").arg(self.engine.id().to_string()).status();
        let _ = self.engine.wait();
        let mounts = format!("grep -o '{}/[^ ]*' /proc/self/mounts | xargs -r umount", self.directory.path().display());
        let _ = Command::new("sh").args(["-c", &mounts]).stderr(Stdio::null()).status();
    }
}

fn start(directory: &Path, offers: Offers) -> Child {
    let at = |name: &str| directory.join(name);
    let path = std::env::var("PATH").unwrap_or_default();
    let log = std::fs::File::create(at("log")).expect("a log");
    // A network of its own: two engines in one take each other's rules away.
    let mut command = Command::new("unshare");
    command.args(["--net", "--", "dockerd"]);
    command.arg("--data-root").arg(at("data")).arg("--exec-root").arg(at("exec")).arg("--pidfile").arg(at("pid"));
    command.arg("-H").arg(format!("unix://{}", at("docker.sock").display()));
    if offers == Offers::Runtime {
        command.arg("--add-runtime").arg(format!("nvidia={}", at("bin/nvidia-container-runtime").display()));
    }
    command.env("PATH", format!("{}:{path}", at("bin").display()));
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("a second handle")).stderr(log);
    command.spawn().expect("dockerd is installed")
}

/// What both stubs do to a container before its command starts: its device nodes and `nvidia-smi`, as the toolkit would,
/// seen from the container's mounts before it has moved into them.
const FURNISH: &str = r#"root=$(sed 's/.*"root":{"path":"\([^"]*\)".*/\1/' "$bundle/config.json")
nsenter -t "$pid" -m sh -c "
    mknod -m 666 $root/dev/nvidia0 c 195 0; mknod -m 666 $root/dev/nvidiactl c 195 255
    printf '#!/bin/sh\necho stub GPU\n' >$root/usr/bin/nvidia-smi; chmod 755 $root/usr/bin/nvidia-smi"
"#;

fn stub(programs: &Path, offers: Offers, visible: &str) {
    match offers {
        Offers::Hook => write(programs, "nvidia-container-runtime-hook", &hook(visible)),
        Offers::BrokenHook => {
            let words = "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory";
            let text = format!(
                "#!/bin/sh\ncat >/dev/null\necho \"Auto-detected mode as 'legacy'\" >&2\necho '{words}' >&2\nexit 1\n"
            );
            write(programs, "nvidia-container-runtime-hook", &text);
        }
        Offers::Runtime => {
            // The real runtime adds the hook to the bundle and hands over to runc.
            let hook_path = programs.join("envctl-test-hook");
            write(programs, "envctl-test-hook", &hook(visible));
            let text = format!(
                r#"#!/bin/sh
for word in "$@"; do
    if [ "$last" = --bundle ] && [ -f "$word/config.json" ]; then
        sed -i 's|"prestart":\[|"prestart":[{{"path":"{0}","args":["hook","prestart"]}},|; t
            s|"process":|"hooks":{{"prestart":[{{"path":"{0}","args":["hook","prestart"]}}]}},"process":|' "$word/config.json"
    fi
    last=$word
done
exec runc "$@"
"#,
                hook_path.display()
            );
            write(programs, "nvidia-container-runtime", &text);
        }
    }
}

/// Takes the state on standard input, looks for the one request that is expected, furnishes the container.
fn hook(visible: &str) -> String {
    format!(
        r#"#!/bin/sh
state=$(cat)
pid=$(printf %s "$state" | sed 's/.*"pid":\([0-9]*\).*/\1/')
bundle=$(printf %s "$state" | sed 's/.*"bundle":"\([^"]*\)".*/\1/')
if ! grep -q '"NVIDIA_VISIBLE_DEVICES={visible}"' "$bundle/config.json"; then
    echo "nvidia-container-cli: device error: not the devices this host has: $(grep -o 'NVIDIA_VISIBLE_DEVICES=[^"]*' "$bundle/config.json")" >&2
    exit 1
fi
{FURNISH}"#
    )
}

fn write(directory: &Path, name: &str, text: &str) {
    let path = directory.join(name);
    std::fs::write(&path, text).expect("a stub is written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a stub can be run");
}
