//! Observes the machine for [`super::plan()`]: files, programs, and one short request to the engine's socket.
//!
//! It changes nothing.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::engine::{EngineAddress, EngineError};
use crate::host::parse::os;
use crate::system::{self, System};

use super::{Caller, ContainerToolkit, EngineState, InstalledParts, Need};

/// The log of an engine that envctl started in the background.
pub const LOG: &str = "/var/log/dockerd.log";

/// Directories with system programs. They are on the `PATH` of root, but not of every user.
const SYSTEM_DIRECTORIES: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The expected address of the engine: `unix:///var/run/docker.sock`.
///
/// # Errors
///
/// The address in the flag, the environment or the docker context is not usable.
pub fn address(system: &System, flag: Option<&str>) -> Result<String, EngineError> {
    Ok(EngineAddress::choose(system, flag)?.address.to_string())
}

/// Observes the machine. `root` replaces `/`; `endpoint` is the expected address of the engine.
#[must_use]
pub fn observe(system: &System, root: &Path, endpoint: &str) -> InstalledParts {
    let here = Here { system, root };
    let mut missing = BTreeSet::new();
    let mut need = |need, there: bool| {
        if !there {
            missing.insert(need);
        }
    };
    need(Need::Iptables, here.has_program("iptables"));
    need(Need::Ps, here.has_program("ps"));
    need(Need::SshClient, here.has_program("ssh"));
    need(Need::Mmdebstrap, here.has_program("mmdebstrap"));
    need(Need::UidMap, system.uid == 0 || here.has_program("newuidmap"));
    need(Need::Certificates, here.has_certificates());
    need(Need::Pip, here.has_pip());
    InstalledParts {
        distribution: here.read("etc/os-release").and_then(|text| os::parse_os_release(&text)),
        caller: here.caller(),
        endpoint: endpoint.to_owned(),
        engine: ping(endpoint),
        daemon: here.has_program("dockerd"),
        systemd: root.join("run/systemd/system").is_dir(),
        stale: here.stale_files(),
        missing,
        toolkit: here.toolkit(),
    }
}

struct Here<'a> {
    system: &'a System,
    root: &'a Path,
}

impl Here<'_> {
    fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.root.join(path)).ok()
    }

    fn has_program(&self, name: &str) -> bool {
        self.system.find_program(name).is_some()
            || SYSTEM_DIRECTORIES.iter().any(|dir| self.root.join(dir.trim_start_matches('/')).join(name).exists())
    }

    /// Whether pip works. A Python can be installed without it.
    fn has_pip(&self) -> bool {
        let Some(python) = self.system.find_program("python3") else { return false };
        let mut command = system::command(python);
        command.args(["-m", "pip", "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn has_certificates(&self) -> bool {
        let places = ["etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/ca-bundle.pem"];
        self.system.variable("SSL_CERT_FILE").is_some() || places.iter().any(|place| self.root.join(place).exists())
    }

    fn caller(&self) -> Caller {
        let user = self.system.user.clone();
        let group = self.read("etc/group").unwrap_or_default();
        Caller {
            is_root: self.system.is_root,
            in_docker_group: is_member(&group, "docker", &user, self.system.gid),
            user: if self.system.uid == 0 { "root".to_owned() } else { user },
            sudo: self.has_program("sudo"),
        }
    }

    /// The stale process ID files. An engine refuses to start if such a file names any living process.
    fn stale_files(&self) -> Vec<PathBuf> {
        let files = [("var/run/docker.pid", "dockerd"), ("var/run/docker/containerd/containerd.pid", "containerd")];
        let stale = files.iter().filter(|(file, program)| self.is_stale(file, program));
        stale.map(|(file, _)| Path::new("/").join(file)).collect()
    }

    fn is_stale(&self, file: &str, program: &str) -> bool {
        let Some(pid) = self.read(file).and_then(|text| text.trim().parse::<u32>().ok()) else { return false };
        let name = self.read(&format!("proc/{pid}/comm"));
        name.is_none_or(|name| name.trim() != program)
    }

    fn toolkit(&self) -> ContainerToolkit {
        let driver = ["proc/driver/nvidia/version", "dev/nvidiactl", "usr/lib/wsl/lib/libnvidia-ml.so.1"];
        if !driver.iter().any(|file| self.root.join(file).exists()) {
            return ContainerToolkit::NotNeeded;
        }
        let programs = ["nvidia-container-runtime-hook", "nvidia-ctk"];
        if programs.iter().any(|name| self.has_program(name)) {
            return ContainerToolkit::Installed;
        }
        ContainerToolkit::Missing { curl: !self.has_program("curl") }
    }
}

/// Whether `/etc/group` lists the user in the group, as a member or by the primary group.
fn is_member(groups: &str, group: &str, user: &str, gid: u32) -> bool {
    groups.lines().any(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, id, members] = fields[..] else { return false };
        name == group && (id.parse() == Ok(gid) || members.split(',').any(|member| member == user))
    })
}

const PATIENCE: Duration = Duration::from_secs(2);

const PING: &str = "GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n";
/// The first request of a build with `BuildKit`.
const BUILD_KIT: &str = "POST /grpc HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";

/// Checks whether an engine answers. It takes half a millisecond, and at most two seconds if the engine hangs.
#[must_use]
pub fn ping(endpoint: &str) -> EngineState {
    match status(endpoint, PING) {
        Ok(code) if code == *b"200" => EngineState::Answers,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => EngineState::Denied,
        _ => EngineState::Silent,
    }
}

/// Whether an engine accepts the protocol of `BuildKit`.
#[must_use]
pub fn offers_build_kit(endpoint: &str) -> bool {
    status(endpoint, BUILD_KIT).is_ok_and(|code| code == *b"101")
}

/// The status code of an engine's answer to a request.
fn status(endpoint: &str, request: &str) -> io::Result<[u8; 3]> {
    match endpoint.split_once("://") {
        Some(("unix", path)) => {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            exchange(stream, request)
        }
        Some((_, host)) => {
            let address = host.trim_end_matches('/').to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
            let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            exchange(stream, request)
        }
        None => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn exchange(mut stream: impl Read + Write, request: &str) -> io::Result<[u8; 3]> {
    stream.write_all(request.as_bytes())?;
    let mut line = [0; 12];
    stream.read_exact(&mut line)?;
    let [b'H', b'T', b'T', b'P', b'/', _, b'.', _, b' ', code @ ..] = line else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn membership_is_by_name_or_primary_group() {
        let groups = "root:x:0:\ndocker:x:998:ada,bob\nbroken\n";
        assert!(is_member(groups, "docker", "bob", 1000));
        assert!(is_member(groups, "docker", "eve", 998));
        assert!(!is_member(groups, "docker", "eve", 1000));
        assert!(!is_member(groups, "wheel", "ada", 0));
    }

    #[test]
    fn a_socket_without_an_engine_is_silent() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("engine.sock");
        let endpoint = format!("unix://{}", path.display());
        assert_eq!(ping(&endpoint), EngineState::Silent, "no socket");
        drop(UnixListener::bind(&path).unwrap());
        assert_eq!(ping(&endpoint), EngineState::Silent, "a socket that nobody listens on");
        assert_eq!(ping("nonsense"), EngineState::Silent);
    }

    #[test]
    fn an_engine_that_answers() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("engine.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let engine = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 64];
            let read = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nOK").unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        assert_eq!(ping(&format!("unix://{}", path.display())), EngineState::Answers);
        assert!(engine.join().unwrap().starts_with("GET /_ping "));
    }

    #[test]
    fn a_process_id_file_is_stale_when_its_process_is_no_engine() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let system = System::for_tests();
        let here = Here { system: &system, root: root.path() };
        assert!(here.stale_files().is_empty());
        write("var/run/docker.pid", "812\n");
        assert_eq!(here.stale_files(), [PathBuf::from("/var/run/docker.pid")]);
        write("proc/812/comm", "bash\n");
        assert_eq!(here.stale_files(), [PathBuf::from("/var/run/docker.pid")]);
        write("proc/812/comm", "dockerd\n");
        assert!(here.stale_files().is_empty());
    }
}
