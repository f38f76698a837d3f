//! Runs `mmdebstrap`, which makes a Debian or Ubuntu root file system from packages alone.
//!
//! It chooses the arguments and turns the tool's last lines into an error with a hint. It never installs the tool.

use std::path::Path;
use std::process::ExitStatus;
use std::time::Instant;

use tempfile::NamedTempFile;

use crate::event::{BuildStep, Event, Sink, StepState};
use crate::manifest::Arch;
use crate::matrix::rows::DistributionRow;
use crate::system::{self, System};

use super::BootstrapError;

/// The number of lines that are kept from a failed run.
const LAST_LINES: usize = 15;

/// Prevents packages from starting services during the build, as the distributions' own images do. The tool runs it
/// with the new root as its first argument.
const NO_SERVICES: &str =
    r#"printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d" && chmod 755 "$1/usr/sbin/policy-rc.d""#;

/// The two families that the tool supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Debian,
    Ubuntu,
}

impl Family {
    pub(super) fn of(distribution: &DistributionRow) -> Result<Self, BootstrapError> {
        if let Some(reason) = distribution.unbuildable.clone() {
            return Err(BootstrapError::Gone { distribution: distribution.id.clone(), reason });
        }
        match distribution.id.split(':').next() {
            Some("debian") => Ok(Self::Debian),
            Some("ubuntu") => Ok(Self::Ubuntu),
            _ => Err(BootstrapError::OtherFamily { distribution: distribution.id.clone() }),
        }
    }

    /// The package with the signing keys of the family's packages.
    fn keys(self) -> &'static str {
        match self {
            Self::Debian => "debian-archive-keyring",
            Self::Ubuntu => "ubuntu-keyring",
        }
    }
}

/// The root file system to make.
pub(super) struct Order<'a> {
    pub(super) family: Family,
    pub(super) distribution: &'a DistributionRow,
    pub(super) arch: Arch,
    pub(super) mirror: Option<&'a str>,
}

impl Order<'_> {
    /// Every argument that decides the content of the layer. The mode and the file's name do not.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            "--variant=minbase".to_owned(),
            "--format=tar".to_owned(),
            format!("--architectures={}", debian_arch(self.arch)),
            format!("--customize-hook={NO_SERVICES}"),
            self.distribution.codename.clone(),
        ];
        arguments.extend(self.mirror.map(str::to_owned));
        arguments
    }

    /// The command for `docker history`.
    pub(super) fn shown(&self) -> String {
        format!("mmdebstrap --variant=minbase {}", self.distribution.codename)
    }
}

fn debian_arch(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "amd64",
        Arch::Aarch64 => "arm64",
        Arch::Ppc64le => "ppc64el",
    }
}

/// Makes the layer, as a file in `directory`.
pub(super) async fn run(
    system: &System,
    order: &Order<'_>,
    directory: &Path,
    sink: &dyn Sink,
) -> Result<NamedTempFile, BootstrapError> {
    let distribution = || order.distribution.id.clone();
    let program = system
        .find_program("mmdebstrap")
        .ok_or_else(|| BootstrapError::ToolMissing { distribution: distribution() })?;
    let cache = |error: std::io::Error| BootstrapError::Cache {
        action: "write in",
        path: directory.to_owned(),
        reason: error.to_string(),
    };
    let layer = NamedTempFile::with_prefix_in("layer-", directory).map_err(cache)?;
    let mut arguments = order.arguments();
    arguments.insert(0, format!("--mode={}", if system.is_root { "root" } else { "unshare" }));
    arguments.insert(arguments.len() - usize::from(order.mirror.is_some()), layer.path().display().to_string());
    let line = format!("mmdebstrap {}", order.distribution.codename);

    let mut command = system.contained_command(&program);
    if system.is_root {
        // A kill leaves files in this directory, which is removed later. Without root, the tool's other user IDs cannot
        // enter it.
        command.env("TMPDIR", directory);
    }
    command
        .args(&arguments)
        .env("SOURCE_DATE_EPOCH", start_of_day(&order.distribution.released).to_string())
        .env("LC_ALL", "C");
    let mut output = Vec::new();
    let started = Instant::now();
    let step = |state| Event::BuildStep(BuildStep { digest: line.clone(), name: line.clone(), state });
    sink.emit(step(StepState::Running));
    let ended = system::run_lines(command, None, |text| {
        sink.emit(Event::BuildLog { step: line.clone(), line: text.clone() });
        if output.len() == LAST_LINES {
            output.remove(0);
        }
        output.push(text);
    });
    let status = ended.await.map_err(cache)?;
    if !status.success() {
        sink.emit(step(StepState::Failed { error: word_status(status) }));
        return Err(failed_order(order, line, status, output));
    }
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    sink.emit(step(StepState::Done { milliseconds }));
    Ok(layer)
}

/// The error for a failed run, from the tool's last lines.
fn failed_order(order: &Order<'_>, command: String, status: ExitStatus, output: Vec<String>) -> BootstrapError {
    let says = |words: &[&str]| output.iter().any(|line| words.iter().any(|word| line.contains(word)));
    let distribution = order.distribution.id.clone();
    if says(&["No space left on device"]) {
        return BootstrapError::DiskFull { place: "the directory for temporary files".to_owned(), output };
    }
    if says(&["NO_PUBKEY", "is not signed", "couldn't be verified", "public key is not available"]) {
        return BootstrapError::KeysMissing { distribution, package: order.family.keys(), output };
    }
    if says(&["newuidmap", "/etc/subuid", "unshare syscall failed", "unshare failed"]) {
        return BootstrapError::NoUserNamespaces { distribution, output };
    }
    if says(&["Could not resolve", "Failed to fetch", "Unable to connect", "Could not connect"]) {
        return BootstrapError::ArchiveUnreachable { distribution, output };
    }
    BootstrapError::ToolFailed { command, status: word_status(status), output }
}

fn word_status(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

/// Seconds from 1970 to a day (`2023-06-10`). No file in the layer has a later time.
fn start_of_day(day: &str) -> i64 {
    let mut parts = day.split('-').map(|part| part.parse::<i64>().unwrap_or(1));
    let mut next = || parts.next().unwrap_or(1);
    let (year, month, day) = (next(), next(), next());
    // The year starts in March, so that the leap day is its last day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    (days - 719_468) * 86_400
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    fn row(id: &str) -> DistributionRow {
        let text = format!(
            "id = \"{id}\"\nimage = \"{id}\"\ncodename = \"bookworm\"\nglibc = \"2.36\"\nreleased = \"2023-06-10\"\n\
             arch = [\"x86_64\"]\nsource = \"test\"\nchecked = \"2026-01-01\"\n"
        );
        toml::from_str(&text).unwrap()
    }

    fn order(distribution: &DistributionRow) -> Order<'_> {
        Order { family: Family::of(distribution).unwrap(), distribution, arch: Arch::X86_64, mirror: None }
    }

    #[test]
    fn days_become_seconds() {
        assert_eq!(start_of_day("1970-01-01"), 0);
        assert_eq!(start_of_day("2000-02-29"), 951_782_400);
        assert_eq!(start_of_day("2023-06-10"), 1_686_355_200);
    }

    #[test]
    fn only_debian_and_ubuntu_are_made() {
        assert_eq!(Family::of(&row("ubuntu:24.04")).unwrap(), Family::Ubuntu);
        let error = Family::of(&row("rockylinux:9")).unwrap_err();
        assert_eq!(error.to_string(), "`rockylinux:9` can't be made from its own packages");
        let gone = DistributionRow { unbuildable: Some("its archive is gone".to_owned()), ..row("debian:7") };
        assert_eq!(
            Family::of(&gone).unwrap_err().to_string(),
            "`debian:7` can't be made any more: its archive is gone"
        );
    }

    #[test]
    fn what_goes_wrong_is_told_apart() {
        let debian = row("debian:12");
        let kind = |line: &str| {
            use crate::error::Report;
            failed_order(&order(&debian), String::new(), ExitStatus::from_raw(25 << 8), vec![line.to_owned()]).kind()
        };
        assert_eq!(kind("dpkg: error: write error: No space left on device"), "disk-full");
        assert_eq!(kind("W: GPG error: InRelease: NO_PUBKEY 871920D1991BC93C"), "bootstrap-keys-missing");
        assert_eq!(kind("E: cannot find newuidmap"), "bootstrap-no-user-namespaces");
        assert_eq!(kind("E: Could not resolve 'mirror.example'"), "bootstrap-archive-unreachable");
        assert_eq!(kind("E: mmdebstrap failed to run"), "bootstrap-tool-failed");
    }

    #[test]
    fn the_mirror_comes_last() {
        let debian = row("debian:12");
        let mut order = order(&debian);
        order.mirror = Some("http://mirror.example/debian");
        assert_eq!(order.arguments().last().unwrap(), "http://mirror.example/debian");
    }
}
