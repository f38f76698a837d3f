//! Describes the findings of `doctor` for people.
//!
//! Each finding is printed with its repairs.

use crate::doctor::{Diagnosis, Severity};

use super::Paint;
use super::page::Page;
use super::plain::plain;
use super::words::DiagnosisWords;

/// Describes the findings: one line for each, its repairs below. `width` is the terminal's; `None` without one.
#[must_use]
pub fn findings(findings: &[Diagnosis], width: Option<usize>, paint: Paint) -> String {
    let page = Page { width, paint };
    findings.iter().map(|found| finding(page, &DiagnosisWords::from(found))).collect()
}

fn finding(page: Page, words: &DiagnosisWords) -> String {
    let (level, painted) = match words.level {
        Severity::Good => ("     ok", page.paint.green("     ok")),
        Severity::Warning => ("warning", page.paint.yellow("warning")),
        Severity::Broken => (" broken", page.paint.red(" broken")),
    };
    let subject = format!("{:<16}", words.subject);
    let mark = format!("{level}  {subject}");
    let line = page.item("", &mark, &format!("{painted}  {}", page.paint.bold(&subject)), &words.message);
    let indent = " ".repeat(mark.len() + 1);
    // A command may be copied from here, so it is not wrapped.
    let repair = |repair: &String| format!("{indent}{} {}\n", page.paint.cyan("fix:"), plain(repair));
    let repairs = words.repairs.iter().map(repair);
    std::iter::once(line).chain(repairs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{DiskRoom, DiskSpace, GpuReach};
    use crate::engine::EngineInfo;

    fn every_finding() -> Vec<Diagnosis> {
        let info = EngineInfo {
            kind: "docker".to_owned(),
            version: "20.10.24+dfsg1".to_owned(),
            endpoint: "unix:///var/run/docker.sock".to_owned(),
            architecture: "x86_64".to_owned(),
            root_directory: "/var/lib/docker".to_owned(),
            runtimes: Vec::new(),
            cdi: Vec::new(),
            security_options: Vec::new(),
        };
        let disk = |free: u64, room| {
            let space = DiskSpace { path: "/var/lib/docker".into(), free: free << 30 };
            Diagnosis::Disk { space, room }
        };
        let gpu = |count, reach| Diagnosis::Gpu { driver: "550.54.14".to_owned(), count, reach };
        let keys = |count, agent| Diagnosis::SshKeys { count, agent };
        vec![
            Diagnosis::EngineFails { message: "nothing listens there".to_owned(), hints: vec!["start it".to_owned()] },
            Diagnosis::OtherEngine(EngineInfo { kind: "podman".to_owned(), ..info.clone() }),
            Diagnosis::OldEngine(EngineInfo { version: "19.03.13".to_owned(), ..info.clone() }),
            Diagnosis::Engine(info),
            Diagnosis::NoPs,
            Diagnosis::BuildKit { offered: true },
            Diagnosis::BuildKit { offered: false },
            disk(100, DiskRoom::Enough),
            disk(19, DiskRoom::Little),
            disk(1, DiskRoom::None),
            Diagnosis::HostProblem("the NVIDIA driver is installed and not loaded".to_owned()),
            Diagnosis::NoGpu,
            gpu(1, GpuReach::Unknown),
            gpu(2, GpuReach::Cdi),
            gpu(2, GpuReach::Runtime),
            gpu(2, GpuReach::UnusedToolkit),
            gpu(2, GpuReach::NoToolkit),
            Diagnosis::Pip { found: true },
            Diagnosis::Pip { found: false },
            Diagnosis::NoBootstrap,
            Diagnosis::NoSshClient,
            Diagnosis::SshConfigUnreadable { reason: "permission denied".to_owned() },
            Diagnosis::SshConfigExposed,
            Diagnosis::SshConfigFixed,
            Diagnosis::SshConfig { included: true },
            Diagnosis::SshConfig { included: false },
            keys(0, false),
            keys(0, true),
            keys(1, false),
            keys(2, true),
            Diagnosis::NoCertificates,
            Diagnosis::Certificates("/etc/ssl/certs/ca-certificates.crt".into()),
            Diagnosis::Proxy(vec!["http_proxy".to_owned(), "no_proxy".to_owned()]),
        ]
    }

    #[test]
    fn what_repairs_it_is_below_what_is_wrong() {
        insta::assert_snapshot!(findings(&every_finding(), None, Paint(false)));
    }

    #[test]
    fn findings_wrap_at_words() {
        let narrow = findings(&every_finding(), Some(60), Paint(false));
        let messages = narrow.lines().filter(|line| !line.contains("fix:"));
        assert!(messages.clone().count() > 50 && messages.clone().all(|line| line.len() <= 60), "{narrow}");
        let coloured = findings(&every_finding(), Some(60), Paint(true));
        assert_eq!(
            coloured.lines().map(crate::ui::plain::without_colors).collect::<Vec<_>>().join("\n") + "\n",
            narrow
        );
    }
}
