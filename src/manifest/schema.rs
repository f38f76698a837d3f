//! The table of every key that a manifest can have.
//!
//! Three readers use it: the answer to an unknown key, `envctl config`, and the test of the documentation.

/// A key, its default and its other names.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key's table; empty for the top level.
    pub table: &'static str,
    pub name: &'static str,
    /// The default value, as TOML or in words; empty if the key has none.
    pub default: &'static str,
    /// The names that other people use for the key.
    pub other_names: &'static [&'static str],
}

const fn key(table: &'static str, name: &'static str, default: &'static str) -> Key {
    Key { table, name, default, other_names: &[] }
}

const fn also(table: &'static str, name: &'static str, default: &'static str, other: &'static [&'static str]) -> Key {
    Key { table, name, default, other_names: other }
}

/// The tables, in the order of the documentation. `frameworks` holds ids, not fixed keys. `[matrix]` and `[projects]`
/// are tables of a machine's or a user's configuration, not of a manifest.
pub const TABLES: [&str; 11] =
    ["frameworks", "python", "cuda", "system", "target", "gpu", "run", "ssh", "build", "network", "publish"];

/// The names that other people use for a table.
pub(super) const OTHER_TABLES: [(&str, &str); 9] = [
    ("framework", "frameworks"),
    ("dependencies", "frameworks"),
    ("gpus", "gpu"),
    ("os", "system"),
    ("apt", "system"),
    ("container", "run"),
    ("docker", "run"),
    ("sshd", "ssh"),
    ("image", "system"),
];

/// The keys of each table, in the order of the documentation.
pub const KEYS: &[Key] = &[
    key("", "name", "the directory's name, made DNS-safe"),
    also("", "envctl", "any version", &["envctl-version", "requires-envctl", "version"]),
    key("python", "version", "the best that all frameworks, packages and the base support"),
    also("python", "packages", "[]", &["dependencies", "pip"]),
    also("python", "requirements", "[]", &["requirements-file", "requirements-txt", "requirements-files"]),
    key("python", "exclude-newer", ""),
    key("cuda", "version", "the newest that the driver runs"),
    key("cuda", "cudnn", "what the framework is built for"),
    key("cuda", "toolkit", "\"none\""),
    also("system", "base", "the newest Ubuntu LTS that fits", &["os", "distribution", "distro"]),
    also("system", "image", "", &["base-image", "from"]),
    also("system", "packages", "[]", &["apt", "apt-packages", "apt-get"]),
    also("system", "libraries", "true", &["shared-libraries", "system-libraries"]),
    key("target", "driver", "this host's"),
    also("target", "gpus", "this host's", &["gpu", "compute-capability", "capabilities"]),
    also("target", "arch", "this host's", &["architecture", "platform"]),
    also("gpu", "devices", "\"all\"", &["device", "device-ids", "visible-devices"]),
    key("gpu", "optional", "false"),
    also("gpu", "driver-capabilities", "[\"compute\", \"utility\"]", &["capabilities"]),
    key("run", "project", "\"/workspace\""),
    also("run", "mounts", "[]", &["mount", "volumes", "volume", "binds"]),
    also("run", "ports", "[]", &["port", "publish", "expose"]),
    also("run", "persist-home", "true", &["home"]),
    also("run", "shm-size", "half of the memory", &["shm", "shared-memory"]),
    also(
        "run",
        "ulimits",
        "memlock unlimited, stack 64 MiB where the engine is permitted to set them",
        &["ulimit", "limits"],
    ),
    also("run", "env", "{}", &["environment", "envs", "variables"]),
    also("run", "env-file", "[]", &["env-files", "envfile"]),
    also("run", "workdir", "the project's directory", &["working-dir", "working-directory", "cwd"]),
    key("run", "user", "the caller"),
    also("run", "command", "", &["cmd", "entrypoint"]),
    also("run", "hostname", "the environment's name", &["host-name"]),
    key("run", "ipc", "\"private\""),
    key("run", "restart", "\"no\""),
    also("run", "cpus", "all", &["cpu"]),
    also("run", "memory", "all", &["mem", "mem-limit"]),
    key("run", "privileged", "false"),
    also("run", "cap-add", "[]", &["capabilities", "cap-adds"]),
    also("run", "devices", "[]", &["device"]),
    also("run", "network", "\"bridge\"", &["network-mode", "net"]),
    key("run", "tmpfs", "[]"),
    also("run", "extra-hosts", "[]", &["add-host", "hosts"]),
    key("run", "x11", "false"),
    key("run", "selinux", ""),
    key("run", "volumes-from", "[]"),
    also("ssh", "enabled", "true", &["enable"]),
    key("ssh", "port", "a free one, kept for this environment"),
    also("ssh", "listen", "\"127.0.0.1\"", &["address", "host", "bind"]),
    also("ssh", "authorized-keys", "the caller's public keys and own authorized_keys", &["keys", "authorized-key"]),
    also("build", "run", "[]", &["commands", "steps"]),
    also("build", "copy", "[]", &["files", "add"]),
    also("build", "secrets", "[]", &["secret"]),
    also("build", "args", "{}", &["arg", "build-args"]),
    also("build", "append", "", &["dockerfile"]),
    also("network", "apt-mirror", "the distribution's own", &["apt", "apt-index"]),
    also("network", "pip-index", "the default index", &["pip", "index-url", "pip-index-url", "index", "pip-mirror"]),
    also("network", "pip-extra-indexes", "[]", &["extra-index-url", "pip-extra-index", "extra-indexes"]),
    also("network", "image-mirror", "", &["registry-mirror", "registry", "mirror"]),
    also("network", "proxy", "the caller's", &["http-proxy", "https-proxy"]),
    key("network", "no-proxy", "[]"),
    key("network", "python-mirror", ""),
    also("network", "ca-certificates", "\"host\"", &["ca", "ca-certificate", "ca-bundle", "cert"]),
    also("network", "base-images", "\"registry\"", &["base-image", "bootstrap"]),
    also("publish", "image", "", &["name", "repository"]),
    also("matrix", "overlays", "[]", &["overlay", "sources", "rows"]),
    also("projects", "safe-directories", "[]", &["safe-directory", "safe", "trusted"]),
    key("frameworks.*", "version", "any"),
    key("frameworks.*", "with", "[]"),
    key("frameworks.*", "gpu", "true"),
    key("python.requirements.*", "file", ""),
    key("python.requirements.*", "extras", "[]"),
    also("python.requirements.*", "groups", "[]", &["group", "dependency-groups"]),
    also("python.requirements.*", "skip", "[]", &["exclude", "without"]),
    key("run.mounts.*", "from", ""),
    key("run.mounts.*", "to", ""),
    key("run.mounts.*", "read-only", "false"),
    key("run.ulimits.*", "soft", ""),
    key("run.ulimits.*", "hard", ""),
    key("gpu.devices", "count", ""),
];

/// The keys of one table.
pub(super) fn keys_of(table: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.table == table)
}

/// The advice about a key that a table does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The key is another name of this key.
    OtherName {
        /// The table of the right key.
        table: &'static str,
        /// The right key.
        key: &'static str,
    },
    /// The key belongs to these tables.
    Belongs(Vec<&'static str>),
    /// The key is spelled almost like this key of this table.
    Near {
        /// The table of the near key.
        table: &'static str,
        key: &'static str,
    },
    /// No key is similar.
    Nothing,
}

/// The longest text, in bytes, that can be a mistyped key.
const LONGEST_KEY: usize = 60;

/// The advice about `key` in `table`.
pub(super) fn answer(table: &str, key: &str) -> Answer {
    if key.len() > LONGEST_KEY {
        return Answer::Nothing;
    }
    let normal = key.to_lowercase().replace('_', "-");
    let named = |k: &&Key| k.name == normal;
    let called = |k: &&Key| k.other_names.contains(&normal.as_str());
    if let Some(own) = keys_of(table).find(named).or_else(|| keys_of(table).find(called)) {
        return Answer::OtherName { table: own.table, key: own.name };
    }
    let outer = || KEYS.iter().filter(|k| k.table != table && !k.table.contains('.'));
    let homes: Vec<&str> = outer().filter(named).map(|k| k.table).collect();
    if !homes.is_empty() {
        return Answer::Belongs(homes);
    }
    let near = |keys: &mut dyn Iterator<Item = &'static Key>, limit: usize| {
        let distance = |k: &&'static Key| (strsim::osa_distance(&normal, k.name), *k);
        keys.map(|k| distance(&k)).filter(|(d, k)| *d <= limit.min(k.name.len() / 2)).min_by_key(|(d, _)| *d)
    };
    if let Some((_, k)) = near(&mut keys_of(table), 1 + normal.len() / 4) {
        return Answer::Near { table: k.table, key: k.name };
    }
    if let Some(other) = outer().find(called) {
        return Answer::OtherName { table: other.table, key: other.name };
    }
    match near(&mut outer(), 1) {
        Some((_, k)) => Answer::Near { table: k.table, key: k.name },
        None => Answer::Nothing,
    }
}

/// The word among `words` that is most similar to `found`, if it is similar enough.
pub(super) fn nearest<'w>(found: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if found.len() > LONGEST_KEY {
        return None;
    }
    let normal = found.to_lowercase().replace('_', "-");
    let limit = 1 + normal.len() / 4;
    let distances = words.into_iter().map(|word| (strsim::osa_distance(&normal, word), word));
    distances.filter(|(d, word)| *d <= limit && *d < word.len()).min_by_key(|(d, _)| *d).map(|(_, word)| word)
}
