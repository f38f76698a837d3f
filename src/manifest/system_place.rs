//! Decides which paths in a container belong to the system: root's programs are there, or they read or write there.
//!
//! The lists name every system tree and every exception for data inside it. A path in a system tree that is not an
//! exception belongs to the system. The functions are pure.

use std::path::{Path, PathBuf};

/// The trees that belong to the system.
const TREES: [&str; 23] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    // Package managers that keep programs at the top level, on root's PATH.
    "/gnu",
    "/nix",
    "/snap",
    // Links into `/boot` that packages of kernels make.
    "/initrd.img",
    "/initrd.img.old",
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
    "/vmlinuz",
    "/vmlinuz.old",
];

/// Paths that the kernel, the engine and envctl itself put into a container.
const GIVEN: [&str; 5] = ["/dev", "/etc/envctl-ssh", "/opt/envctl", "/proc", "/sys"];

/// Paths inside the trees that are free for data, with everything below them: the data of a user's own services. No
/// program of root, name resolver or system daemon reads any of them.
const DATA: [&str; 34] = [
    "/dev/hugepages",
    "/dev/shm",
    "/run/secrets",
    // Not all of `/usr/src`: packages build what they find there, as root.
    "/usr/src/app",
    "/var/cache/app",
    "/var/data",
    "/var/lib/cassandra",
    "/var/lib/clickhouse",
    "/var/lib/elasticsearch",
    "/var/lib/grafana",
    "/var/lib/influxdb",
    "/var/lib/influxdb2",
    "/var/lib/jupyter",
    "/var/lib/mariadb",
    "/var/lib/milvus",
    "/var/lib/minio",
    "/var/lib/mlflow",
    "/var/lib/mongodb",
    "/var/lib/mysql",
    "/var/lib/neo4j",
    "/var/lib/ollama",
    "/var/lib/opensearch",
    "/var/lib/postgres",
    "/var/lib/postgresql",
    "/var/lib/prometheus",
    "/var/lib/qdrant",
    "/var/lib/rabbitmq",
    "/var/lib/redis",
    "/var/lib/valkey",
    "/var/lib/weaviate",
    "/var/log/app",
    "/var/opt",
    "/var/tmp",
    "/var/www",
];

/// The data of an engine inside a container. The engine runs as root, so these are data only if the container's user is
/// root.
const OF_ENGINES: [&str; 2] = ["/var/lib/containerd", "/var/lib/docker"];

/// The sockets of the host's engine, at the paths where clients look for them.
const SOCKETS: [&str; 3] = ["/run/containerd/containerd.sock", "/run/docker.sock", "/run/podman/podman.sock"];

/// The parent of users' runtime directories by user ID: `/run/user/1000`.
const OF_USERS: &str = "/run/user";

/// Paths that are links in every distribution, with their targets.
const ALIASES: [(&str, &str); 2] = [("/var/run", "/run"), ("/var/lock", "/run/lock")];

/// Whether a path belongs to the system or contains a path that does.
#[must_use]
pub fn is_systems(place: &Path) -> bool {
    let place = named(place);
    holds_system(&place) || TREES.iter().any(|tree| place.starts_with(tree)) && !is_data(&place)
}

/// Whether a path is or contains a complete tree of the system. No container works without one.
#[must_use]
pub fn holds_system(place: &Path) -> bool {
    let place = named(place);
    TREES.iter().any(|tree| Path::new(tree).starts_with(&place))
}

/// Whether a path contains, or is inside, a path that the kernel, the engine or envctl itself put into a container.
#[must_use]
pub fn touches_given(place: &Path) -> bool {
    is_given(place) || GIVEN.iter().any(|tree| Path::new(tree).starts_with(named(place)))
}

/// Whether a path is inside a path that the kernel, the engine or envctl itself put into a container.
#[must_use]
pub fn is_given(place: &Path) -> bool {
    let place = named(place);
    GIVEN.iter().any(|tree| place.starts_with(tree)) && !is_data(&place)
}

/// Returns a place by its own name, where the distribution has a second one for it: `/run/x` for `/var/run/x`.
#[must_use]
pub fn named(place: &Path) -> PathBuf {
    let real = ALIASES.iter().find_map(|(alias, real)| Some(Path::new(real).join(place.strip_prefix(alias).ok()?)));
    // A `join` with an empty path adds a slash at the end; `components` removes it.
    real.map_or_else(|| place.to_path_buf(), |real| real.components().collect())
}

/// Whether clients look for the socket of the host's engine at this path.
#[must_use]
pub fn is_engine_socket(place: &Path) -> bool {
    SOCKETS.iter().any(|socket| named(place) == Path::new(socket))
}

/// Whether an engine inside a container keeps its images and containers at this path.
#[must_use]
pub fn is_of_engine(place: &Path) -> bool {
    OF_ENGINES.iter().any(|data| named(place).starts_with(data))
}

fn is_data(place: &Path) -> bool {
    DATA.iter().any(|data| place.starts_with(data)) || is_of_user(place)
}

/// Whether a path is a user's runtime directory. Root's own directory does not count.
fn is_of_user(place: &Path) -> bool {
    let Ok(below) = place.strip_prefix(OF_USERS) else { return false };
    let number = below.components().next().and_then(|first| first.as_os_str().to_str()?.parse::<u32>().ok());
    number.is_some_and(|number| number != 0)
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
            "/usr/src",
            "/usr/src/linux-1.0",
            "/usr/local/src",
            "/snap",
            "/snap/bin",
            "/nix/store",
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
            // Every program asks for the names of users and hosts there.
            "/run/nscd",
            "/run/nscd/socket",
            "/run/nslcd",
            "/run/samba/winbindd",
            "/run/avahi-daemon",
            "/var/run/nscd",
            "/var/./run//nscd",
            "/var/lib/sss",
            "/var/lib/sss/pipes",
            "/var/lib/extrausers",
            "/var/lib/samba",
            "/var/db",
            "/var/yp",
            "/var/log/dpkg.log",
            "/run/docker.sock",
            "/run/user",
            "/run/user/0",
            "/run/user/+0",
            "/root/bin",
            "/root/.cache",
            // A path that no list names.
            "/run/anything",
            "/var/anything",
            "/var/lib/anything",
            "/var/log/anything",
            "/var/cache/anything",
            "/usr/anything",
            "/root/anything",
            "/etc/anything",
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
            "/run/user/1000",
            "/var/run/user/1000/wayland-0",
            "/var/lib/mysql",
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
