//! Which places in a container are the system's: root's programs are there, or root's programs read or write there. Pure.
//!
//! The trees are listed whole, and what is left to data inside them is listed, too: a place that nobody thought of is the
//! system's.

use std::path::{Path, PathBuf};

/// Trees of the system.
const TREES: [&str; 16] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt/envctl",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var",
];

/// What the kernel, the engine and envctl itself put into a container.
const GIVEN: [&str; 5] = ["/dev", "/etc/envctl-ssh", "/opt/envctl", "/proc", "/sys"];

/// Left to data inside the trees, with all that lies below.
const DATA: [&str; 5] = ["/dev/hugepages", "/dev/shm", "/root/.cache", "/usr/local/src", "/usr/src"];

/// Directories of the system that others share: all names there but these are left to data. Inner ones first.
const SHARED: [(&str, &[&str]); 6] = [
    (
        "/var/lib",
        &[
            "apt",
            "dbus",
            "dpkg",
            "initramfs-tools",
            "misc",
            "pam",
            "polkit-1",
            "private",
            "python",
            "sudo",
            "systemd",
            "ucf",
        ],
    ),
    ("/var/log", &["apt", "btmp", "faillog", "journal", "lastlog", "private", "sudo-io", "wtmp"]),
    ("/var/cache", &["apt", "debconf", "ldconfig", "private"]),
    ("/var/spool", &["anacron", "cron"]),
    ("/var", &["backups", "cache", "lib", "log", "mail", "spool"]),
    (
        "/run",
        &[
            "credentials",
            "dbus",
            "envctl",
            "faillock",
            "initctl",
            "lock",
            "log",
            "motd.dynamic",
            "mount",
            "nologin",
            "sshd",
            "sshd.pid",
            "sudo",
            "systemd",
            "udev",
            "utmp",
        ],
    ),
];

/// Names that lead elsewhere in every distribution.
const ALIASES: [(&str, &str); 2] = [("/var/run", "/run"), ("/var/lock", "/run/lock")];

/// Whether a place is the system's, or holds one that is.
#[must_use]
pub fn is_systems(place: &Path) -> bool {
    let place = named(place);
    holds_system(&place) || TREES.iter().any(|tree| place.starts_with(tree)) && !is_data(&place)
}

/// Whether a whole tree of the system lies at a place or below it: without it no container works.
#[must_use]
pub fn holds_system(place: &Path) -> bool {
    let place = named(place);
    TREES.iter().any(|tree| Path::new(tree).starts_with(&place))
}

/// Whether a place holds something that the kernel, the engine or envctl itself put into a container, or lies in it.
#[must_use]
pub fn touches_given(place: &Path) -> bool {
    is_given(place) || GIVEN.iter().any(|tree| Path::new(tree).starts_with(named(place)))
}

/// Whether a place lies in what the kernel, the engine and envctl itself put into a container.
#[must_use]
pub fn is_given(place: &Path) -> bool {
    let place = named(place);
    GIVEN.iter().any(|tree| place.starts_with(tree)) && !is_data(&place)
}

fn named(place: &Path) -> PathBuf {
    let real = ALIASES.iter().find_map(|(alias, real)| Some(Path::new(real).join(place.strip_prefix(alias).ok()?)));
    // A `join` of nothing ends in a slash, which `components` drops.
    real.map_or_else(|| place.to_path_buf(), |real| real.components().collect())
}

fn is_data(place: &Path) -> bool {
    if DATA.iter().any(|data| place.starts_with(data)) {
        return true;
    }
    // What a shell, a program or the SSH server reads at root's home has a dot before its name.
    if let Some(name) = first_below(place, "/root") {
        return !name.starts_with('.');
    }
    let shared = SHARED.iter().find_map(|(directory, names)| Some((first_below(place, directory)?, names)));
    shared.is_some_and(|(name, names)| !names.contains(&name.as_str()))
}

/// The name in `directory` on the way to `place`.
fn first_below(place: &Path, directory: &str) -> Option<String> {
    let first = place.strip_prefix(directory).ok()?.components().next()?;
    Some(first.as_os_str().to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_root_depends_on_is_the_systems() {
        let places = [
            "/",
            "/opt",
            "/bin",
            "/etc",
            "/etc/pam.d",
            "/etc/app",
            "/lib64",
            "/usr",
            "/usr/lib/x",
            "/usr/local/bin",
            "/usr/local/cuda",
            "/usr/share/perl5",
            "/var",
            "/var/lib",
            "/var/lib/dpkg/info",
            "/var/log/wtmp",
            "/var/cache/apt",
            "/var/run",
            "/var/run/sshd",
            "/var/lock",
            "/root",
            "/root/.ssh",
            "/root/.bashrc",
            "/run",
            "/run/sshd",
            "/dev",
            "/dev/null",
            "/proc/1",
            "/sys/fs",
            "/opt/envctl/venv",
            "/boot",
        ];
        for place in places {
            assert!(is_systems(Path::new(place)), "{place}");
        }
    }

    #[test]
    fn what_people_keep_data_in_is_not() {
        let places = [
            "/data",
            "/mnt",
            "/mnt/x",
            "/home",
            "/home/ada/.cache",
            "/tmp",
            "/tmp/x",
            "/srv/x",
            "/opt/x",
            "/workspace",
            "/usr/src/app",
            "/var/lib/postgresql/data",
            "/var/www/html",
            "/var/tmp",
            "/var/log/app",
            "/var/cache/app",
            "/var/data",
            "/root/.cache",
            "/root/.cache/pip",
            "/root/data",
            "/run/docker.sock",
            "/var/run/docker.sock",
            "/run/user/1000",
            "/run/secrets/x",
            "/dev/shm",
            "/dev/hugepages",
            "/binary",
            "/variable",
        ];
        for place in places {
            assert!(!is_systems(Path::new(place)), "{place}");
        }
    }

    #[test]
    fn whole_trees_and_what_is_given() {
        for (place, holds, given) in [
            ("/etc", true, false),
            ("/etc/app", false, false),
            ("/opt", true, false),
            ("/var/run", true, false),
            ("/dev", true, true),
            ("/dev/fuse", false, true),
            ("/dev/shm", false, false),
            ("/etc/envctl-ssh/x", false, true),
            ("/data", false, false),
        ] {
            assert_eq!((holds_system(Path::new(place)), is_given(Path::new(place))), (holds, given), "{place}");
        }
    }
}
