//! The uv that envctl installs. Its version is pinned, so that every copy of one envctl version resolves the same
//! packages.
//!
//! It is a wheel with known hashes. The host's pip downloads it, so it uses the index, proxy and certificates of that
//! pip.

use std::path::{Path, PathBuf};

pub use super::pin::{image_reference, version};
use super::{Access, PackagesError};
use crate::event::{Notice, Sink};
use crate::manifest::Arch;
use crate::matrix::{ToolWheelRow, uv};
use crate::system::{self, Scratch, System};

/// A uv that can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uv {
    pub program: PathBuf,
}

impl Uv {
    /// The uv of `ENVCTL_UV`, else an earlier download, else a new download.
    pub async fn ensure(system: &System, access: &Access, sink: &dyn Sink) -> Result<Self, PackagesError> {
        if let Some(program) = system.variable("ENVCTL_UV").map(PathBuf::from) {
            return if program.is_file() { Ok(Self { program }) } else { Err(PackagesError::NoSuchUv { program }) };
        }
        let home = system.data_home().join("tools").join(format!("uv-{}", version()));
        let program = home.join("uv");
        if !program.is_file() {
            sink.emit(Notice::FetchingUv { version: version().to_string() }.into());
            fetch(system, access, &home).await?;
        }
        Ok(Self { program })
    }
}

/// Downloads into a directory beside `home` and moves it to `home` as a whole. So two processes do not disturb each
/// other, and a kill leaves no partial result.
async fn fetch(system: &System, access: &Access, home: &Path) -> Result<(), PackagesError> {
    let parent = home.parent().unwrap_or(home);
    let unwritable = |error: std::io::Error| PackagesError::unwritable(parent, &error);
    std::fs::create_dir_all(parent).map_err(unwritable)?;
    let staging = Scratch::beneath(&parent.join(".staging")).map_err(unwritable)?;
    let installed = pip_install(system, access, staging.path()).await?;
    let ready = staging.path().join("ready");
    std::fs::create_dir(&ready).map_err(unwritable)?;
    std::fs::rename(installed, ready.join("uv")).map_err(unwritable)?;
    match std::fs::rename(&ready, home) {
        Err(error) if !home.join("uv").is_file() => Err(unwritable(error)),
        _ => Ok(()),
    }
}

async fn pip_install(system: &System, access: &Access, staging: &Path) -> Result<PathBuf, PackagesError> {
    let python = system.find_program("python3").ok_or(PackagesError::NoPython)?;
    let wheel = wheel_for_this_machine()?;
    let target = staging.join("target");
    let requirements = staging.join("requirements.txt");
    std::fs::write(&requirements, format!("uv=={} --hash=sha256:{}\n", version(), wheel.sha256))
        .map_err(|error| PackagesError::unwritable(staging, &error))?;
    let mut pip = system.bound_command(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"])
        .args(["--only-binary", ":all:", "--require-hashes", "--platform", &wheel.platform, "--target"])
        .arg(&target)
        .arg("--requirement")
        .arg(&requirements)
        .envs(access.proxies())
        // A signal leaves pip's own directories, and the staging directory is removed.
        .env("TMPDIR", staging)
        .current_dir(staging);
    if let Some(index) = access.indexes().default_url() {
        pip.env("PIP_INDEX_URL", index);
    }
    if let Some(bundle) = access.bundle() {
        pip.env("PIP_CERT", bundle);
    }
    let output = system::output(pip).await.map_err(|error| PackagesError::uv_not_run("python3", &error))?;
    if output.status.success() {
        return Ok(target.join("bin/uv"));
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    if words.contains("No module named pip") { Err(PackagesError::NoPip) } else { Err(PackagesError::no_uv(&words)) }
}

fn wheel_for_this_machine() -> Result<&'static ToolWheelRow, PackagesError> {
    let machine = rustix::system::uname().machine().to_string_lossy().into_owned();
    let arch = match machine.as_str() {
        "x86_64" => Some(Arch::X86_64),
        "aarch64" => Some(Arch::Aarch64),
        "ppc64le" => Some(Arch::Ppc64le),
        _ => None,
    };
    let wheel = uv().wheel.iter().find(|wheel| Some(wheel.arch) == arch);
    wheel.ok_or(PackagesError::NoToolFor { arch: machine })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        let manifest = crate::packages::tests::manifest();
        let agreed = crate::grants::Agreed::without_wishes(&manifest).unwrap();
        let root = crate::files::RootedDirectory::open(Path::new("/")).unwrap();
        Access::new(&agreed, &root, &System::for_tests()).unwrap()
    }

    #[test]
    fn the_table_is_whole() {
        assert!(image_reference().ends_with(version()));
        for arch in [Arch::X86_64, Arch::Aarch64, Arch::Ppc64le] {
            let wheel = uv().wheel.iter().find(|wheel| wheel.arch == arch).unwrap();
            assert!(wheel.sha256.len() == 64 && wheel.sha256.bytes().all(|b| b.is_ascii_hexdigit()));
        }
    }

    #[tokio::test]
    async fn a_named_uv_must_be_there() {
        let mut system = System::for_tests();
        system.variables.insert("ENVCTL_UV".to_owned(), "/nonexistent/uv".to_owned());
        let found = Uv::ensure(&system, &access(), &crate::event::Silent).await;
        assert!(matches!(found, Err(PackagesError::NoSuchUv { .. })));
    }

    #[tokio::test]
    async fn pips_temporary_files_are_where_they_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let python = dir.path().join("python3");
        std::fs::write(&python, "#!/bin/sh\necho \"$TMPDIR\" >\"${0%/*}/seen\"\nexit 1\n").unwrap();
        std::fs::set_permissions(&python, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let mut system = System::for_tests();
        let home = dir.path().display().to_string();
        system.variables = [("PATH", format!("{home}:/usr/bin:/bin")), ("HOME", home)]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        assert!(Uv::ensure(&system, &access(), &crate::event::Silent).await.is_err());
        let seen = std::fs::read_to_string(dir.path().join("seen")).unwrap();
        let staging = Path::new(seen.trim_end());
        assert!(staging.starts_with(dir.path()) && !staging.exists(), "{seen}");
    }

    #[tokio::test]
    async fn a_machine_without_python_is_told_so() {
        let dir = tempfile::tempdir().unwrap();
        let mut system = System::for_tests();
        system.variables.clear();
        system.variables.insert("PATH".to_owned(), dir.path().display().to_string());
        system.variables.insert("HOME".to_owned(), dir.path().display().to_string());
        let found = Uv::ensure(&system, &access(), &crate::event::Silent).await;
        assert!(matches!(found, Err(PackagesError::NoPython)));
    }
}
