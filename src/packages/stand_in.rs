//! A Python that runs nothing, in place of the environment's.
//!
//! uv asks a Python about itself, and starts it for each build of a package. This one is a script. It answers the
//! question with facts of the environment's Python, so that nothing depends on a Python of this host, and it refuses
//! the rest. So uv reads static metadata and downloads sources, and no code of a package runs.

use serde_json::json;

use crate::manifest::Arch;
use crate::resolve::Decision;
use crate::version::GlibcVersion;

/// The words of the script when it refuses a build. uv repeats them.
pub(super) const REFUSAL: &str = "envctl runs no code of a package here";

/// The variable with a directory for the project file of a source whose build was refused, and a mark that a source was
/// there.
pub(super) const SEEN_VARIABLE: &str = "ENVCTL_SOURCE_SEEN";

/// The mark in that directory.
pub(super) const SEEN_MARK: &str = "seen";

/// The project file in that directory.
pub(super) const SEEN_PROJECT: &str = "pyproject.toml";

/// The largest project file that is copied, in bytes.
pub(super) const LARGEST_PROJECT: u64 = 256 * 1024;

/// The text of the script. `path` is its own path: uv links a build's Python to it.
///
/// Only a regular file is copied, because a source can contain a link to a file of this host.
#[must_use]
pub fn stand_in_python(decision: &Decision, path: &str) -> String {
    let facts = facts(decision, path);
    format!(
        r#"#!/bin/sh
case "$*" in
*"from python.get_interpreter_info import main; main()"*)
cat <<'FACTS'
{facts}
FACTS
exit 0
;;
esac
if [ -d "${{{SEEN_VARIABLE}}}" ]; then
    : > "${{{SEEN_VARIABLE}}}/{SEEN_MARK}"
    if [ -f pyproject.toml ] && [ ! -L pyproject.toml ]; then
        head -c {LARGEST_PROJECT} pyproject.toml > "${{{SEEN_VARIABLE}}}/{SEEN_PROJECT}"
    fi
fi
echo '{REFUSAL}' >&2
exit 9
"#
    )
}

/// What uv's own query prints, in one line. The places of a Python do not exist: nothing is installed for it.
fn facts(decision: &Decision, path: &str) -> String {
    let python = decision.python.to_string();
    let full = format!("{python}.0");
    let arch = match decision.arch {
        Arch::X86_64 => "x86_64",
        Arch::Aarch64 => "aarch64",
        Arch::Ppc64le => "powerpc64le",
    };
    let machine = decision.arch.to_string();
    let minor = decision.glibc.as_ref().and_then(GlibcVersion::minor).unwrap_or(28);
    let nowhere = "/nonexistent";
    let packages = format!("lib/python{python}/site-packages");
    json!({
        "result": "success",
        "markers": {
            "implementation_name": "cpython",
            "implementation_version": full,
            "os_name": "posix",
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": full,
            "python_version": python,
            "sys_platform": "linux",
        },
        "sys_base_prefix": nowhere,
        "sys_base_exec_prefix": nowhere,
        "sys_prefix": nowhere,
        "sys_base_executable": path,
        "sys_executable": path,
        "sys_path": [],
        "site_packages": [],
        "stdlib": nowhere,
        "extension_suffixes": [],
        "standalone": false,
        "scheme": {
            "platlib": nowhere,
            "purelib": nowhere,
            "include": nowhere,
            "scripts": nowhere,
            "data": nowhere,
        },
        "virtualenv": {
            "purelib": packages,
            "platlib": packages,
            "include": format!("include/site/python{python}"),
            "scripts": "bin",
            "data": "",
        },
        "os": {"name": "manylinux", "major": 2, "minor": minor},
        "arch": arch,
        "cpu_info": {"detected": {"kind": "flags", "flags": ""}},
        "manylinux_compatible": true,
        "gil_disabled": false,
        "debug_enabled": false,
        "pointer_size": "64",
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;
    use std::process::Output;

    use super::*;
    use crate::packages::tests::decision;

    fn run(directory: &Path, arguments: &[&str]) -> Output {
        let script = directory.join("python");
        std::fs::write(&script, stand_in_python(&decision(), &script.display().to_string())).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = crate::system::command(&script);
        command.args(arguments).current_dir(directory).env(SEEN_VARIABLE, directory.join("record"));
        command.output().unwrap()
    }

    #[test]
    fn it_knows_the_environments_python_and_runs_nothing() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("record")).unwrap();
        let query = "import sys; from python.get_interpreter_info import main; main()";
        let answer = run(directory.path(), &["-I", "-B", "-c", query]);
        let facts: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
        assert_eq!(facts["markers"]["python_version"], "3.11");
        assert_eq!(facts["os"]["minor"], 36);

        std::fs::write(directory.path().join("pyproject.toml"), "[build-system]\n").unwrap();
        let refused = run(directory.path(), &["-c", "open('/tmp/owned', 'w')"]);
        assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains(REFUSAL));
        let record = directory.path().join("record");
        assert!(record.join(SEEN_MARK).exists());
        assert_eq!(std::fs::read_to_string(record.join(SEEN_PROJECT)).unwrap(), "[build-system]\n");
    }

    #[test]
    fn a_project_file_that_is_a_link_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("record")).unwrap();
        std::fs::write(directory.path().join("secret"), "key").unwrap();
        symlink("secret", directory.path().join("pyproject.toml")).unwrap();
        run(directory.path(), &["-c", "pass"]);
        assert!(!directory.path().join("record").join(SEEN_PROJECT).exists());
    }
}
