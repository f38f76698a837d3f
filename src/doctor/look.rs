//! Observes the machine for [`super::examine()`]. The caller asks the engine and supplies its answer.
//!
//! It reads files and variables and changes nothing.

use std::path::{Path, PathBuf};

use crate::files;
use crate::host::HostFacts;
use crate::setup::InstalledParts;
use crate::system::System;

use super::{DiskSpace, EngineSeen, Seen, SshConfig};

/// The paths of the bundle of certificate authorities in common distributions.
const BUNDLES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"];

const PROXIES: [&str; 3] = ["http_proxy", "https_proxy", "all_proxy"];

/// The file name in the line that `up` adds to `~/.ssh/config`, with any directory before it.
const INCLUDED: &str = "envctl_config";

/// Collects the observations.
#[must_use]
pub fn look(system: &System, host: HostFacts, engine: EngineSeen, observed: InstalledParts) -> Seen {
    let ssh = system.home().join(".ssh");
    let InstalledParts { missing, toolkit, endpoint, .. } = observed;
    let engine_disk = match &engine {
        EngineSeen::Answers { info, .. } if endpoint.starts_with("unix://") => {
            look_at_disk(Path::new(&info.root_directory))
        }
        _ => None,
    };
    Seen {
        host,
        engine,
        engine_disk,
        missing,
        toolkit,
        ssh_config: ssh_config(&ssh.join("config"), system.uid),
        ssh_keys: public_keys(&ssh),
        ssh_agent: system.variable("SSH_AUTH_SOCK").is_some_and(|socket| Path::new(socket).exists()),
        certificates: look_at_certificates(system),
        proxy: look_at_proxies(system),
    }
}

/// The file system of a directory, or of the nearest readable one above it.
fn look_at_disk(path: &Path) -> Option<DiskSpace> {
    let (path, state) = path.ancestors().find_map(|path| Some((path, rustix::fs::statvfs(path).ok()?)))?;
    Some(DiskSpace { path: path.to_owned(), free: state.f_bavail.saturating_mul(state.f_frsize) })
}

fn ssh_config(path: &Path, uid: u32) -> SshConfig {
    let read = files::open(path).and_then(|file| Ok((file.owner(), file.mode(), file.text(files::DOCUMENT)?)));
    match read {
        Ok((owner, mode, text)) => {
            let includes = |line: &str| line.trim_start().starts_with("Include") && line.contains(INCLUDED);
            SshConfig::Readable {
                included: text.lines().any(includes),
                writable: rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok(),
                exposed: mode & 0o022 != 0 || (owner != uid && owner != 0),
            }
        }
        Err(problem) if problem.is_missing() => SshConfig::Absent,
        Err(problem) => SshConfig::Unreadable { reason: problem.to_string() },
    }
}

fn public_keys(ssh: &Path) -> usize {
    let entries = std::fs::read_dir(ssh).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "pub")).count()
}

fn look_at_certificates(system: &System) -> Option<PathBuf> {
    let named = system.variable("SSL_CERT_FILE").map(PathBuf::from);
    named.into_iter().chain(BUNDLES.map(PathBuf::from)).find(|path| path.exists())
}

fn look_at_proxies(system: &System) -> Vec<String> {
    let names = PROXIES.iter().flat_map(|name| [(*name).to_owned(), name.to_uppercase()]);
    names.filter(|name| system.variable(name).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_ssh_configuration_is_seen_as_ssh_sees_it() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        let uid = std::os::unix::fs::MetadataExt::uid(&home.path().metadata().unwrap());
        assert_eq!(ssh_config(&config, uid), SshConfig::Absent);
        std::fs::write(&config, "Include /home/ada/.ssh/envctl_config\nHost lab\n").unwrap();
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(ssh_config(&config, uid), SshConfig::Readable { included: true, writable: true, exposed: false });
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o664)).unwrap();
        assert_eq!(ssh_config(&config, uid), SshConfig::Readable { included: true, writable: true, exposed: true });
        std::fs::remove_file(&config).unwrap();
        std::fs::create_dir(&config).unwrap();
        assert!(matches!(ssh_config(&config, uid), SshConfig::Unreadable { .. }));
    }

    #[test]
    fn the_disk_of_a_directory_that_is_not_there_is_that_of_its_parent() {
        let home = tempfile::tempdir().unwrap();
        let found = look_at_disk(&home.path().join("var/lib/docker")).unwrap();
        assert_eq!(found.path, home.path());
    }
}
