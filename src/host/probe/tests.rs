//! Tests of the probe on captured machines: one directory replaces `/`, another replaces `PATH`.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::probe;
use crate::host::HostFacts;
use crate::manifest::Arch;
use crate::system::System;

const UUID: &str = "GPU-22b2c6ac-2d49-4863-197c-9c469071178a";

/// A machine that consists of captured files.
struct Captured(tempfile::TempDir);

impl Captured {
    fn bare() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        machine
            .file("proc/sys/kernel/hostname", "lab-a\n")
            .file("proc/sys/kernel/osrelease", "6.1.0-28-amd64\n")
            .file("proc/sys/kernel/arch", "x86_64\n")
            .file("proc/meminfo", "MemTotal:       24564212 kB\nMemFree:        22041236 kB\n")
            .file("sys/devices/system/cpu/online", "0-15\n")
            .file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n")
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn program(self, name: &str, script: &str) -> Self {
        let machine = self.file(&format!("path/{name}"), &format!("#!/bin/sh\n{script}\n"));
        let path = machine.0.path().join("path").join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        machine
    }

    fn pci(self, address: &str, class: &str) -> Self {
        let device = format!("sys/bus/pci/devices/{address}");
        self.file(&format!("{device}/vendor"), "0x10de\n").file(&format!("{device}/class"), class)
    }

    fn driver(self, version: &str) -> Self {
        let text = format!("NVRM version: NVIDIA UNIX x86_64 Kernel Module  {version}  Thu Feb 22 01:44:30 UTC 2024\n");
        self.file("proc/driver/nvidia/version", &text)
    }

    fn probe(&self) -> HostFacts {
        let path = self.0.path().join("path");
        probe(&system(&path), self.0.path(), None)
    }
}

fn system(path: &Path) -> System {
    let variables = BTreeMap::from([("PATH".to_owned(), path.display().to_string())]);
    System { variables, ..System::for_tests() }
}

#[test]
fn a_machine_without_nvidia_is_a_normal_machine() {
    let facts = Captured::bare().program("getconf", "echo glibc 2.36").probe();
    assert_eq!(facts.problems, [""; 0]);
    assert_eq!((facts.driver, facts.gpus.len()), (None, 0));
    assert_eq!(facts.hostname.unwrap().value, "lab-a");
    assert_eq!(facts.arch.unwrap().value, Arch::X86_64);
    assert_eq!(facts.distribution.unwrap().value, "debian:12");
    assert_eq!(facts.kernel.unwrap().value, "6.1.0-28-amd64");
    assert_eq!(facts.memory.unwrap().value, 24_564_212 * 1024);
    assert_eq!(facts.cpus.unwrap().value, 16);
    let glibc = facts.glibc.unwrap();
    assert_eq!((glibc.value.to_string().as_str(), glibc.source.as_str()), ("2.36", "getconf GNU_LIBC_VERSION"));
}

#[test]
fn the_kernels_files_serve_where_nothing_else_does() {
    let information = format!("Model: \t\t NVIDIA GeForce RTX 3090\nGPU UUID: \t {UUID}\n");
    let facts = Captured::bare()
        .driver("550.54.14")
        .file("proc/driver/nvidia/gpus/0000:01:00.0/information", &information)
        .file("proc/driver/nvidia/gpus/0000:41:00.0/information", "Model: Tesla T4\nGPU Excluded:\t Yes\n")
        .probe();
    let driver = facts.driver.unwrap();
    assert_eq!(
        (driver.value.to_string().as_str(), driver.source.as_str()),
        ("550.54.14", "/proc/driver/nvidia/version")
    );
    assert_eq!(facts.gpus.len(), 1, "an excluded GPU is not there for anyone");
    let gpu = &facts.gpus[0];
    assert_eq!(gpu.source.as_str(), "/proc/driver/nvidia/gpus/0000:01:00.0/information");
    assert_eq!(gpu.value.name.as_deref(), Some("NVIDIA GeForce RTX 3090"));
    assert_eq!(gpu.value.uuid.as_deref(), Some(UUID));
    assert_eq!(facts.problems, ["the driver's library `libnvidia-ml.so.1` can't be loaded"]);
}

#[test]
fn nvidia_smi_fills_what_is_open() {
    let script = format!(
        r#"case "$*" in
        *compute_cap*) echo "0, {UUID}, 24576, 550.54.14, 8.6, NVIDIA GeForce RTX 3090";;
        "") echo "| NVIDIA-SMI 550.54.14   Driver Version: 550.54.14   CUDA Version: 12.4 |";;
        esac"#
    );
    let facts = Captured::bare().driver("550.54.14").program("nvidia-smi", &script).probe();
    assert_eq!(facts.driver.unwrap().source.as_str(), "/proc/driver/nvidia/version");
    let cuda = facts.driver_cuda.unwrap();
    assert_eq!((cuda.value.to_string().as_str(), cuda.source.as_str()), ("12.4", "nvidia-smi"));
    assert_eq!(facts.gpus[0].value.compute_capability, Some("8.6".parse().unwrap()));
}

#[test]
fn an_old_nvidia_smi_is_asked_again() {
    let script = r#"case "$*" in
        *compute_cap*) echo 'Field "compute_cap" is not a valid field to query.'; exit 2;;
        *query*) echo "0, GPU-1, 7979, 440.64, GeForce RTX 2080";;
        esac"#;
    let facts = Captured::bare().program("nvidia-smi", script).probe();
    assert_eq!(facts.driver.unwrap().value.to_string(), "440.64");
    assert_eq!(facts.gpus[0].value.name.as_deref(), Some("GeForce RTX 2080"));
    assert_eq!(facts.gpus[0].value.compute_capability, None);
    assert_eq!(facts.problems, [""; 0]);
}

#[test]
fn a_driver_that_does_not_answer_is_a_problem() {
    let words = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
    let facts = Captured::bare().program("nvidia-smi", &format!("echo \"{words}\"; exit 9")).probe();
    assert_eq!(facts.problems, [format!("`nvidia-smi` fails: {words}")]);
}

#[test]
fn a_gpu_without_a_driver_is_seen_and_said() {
    let facts = Captured::bare().pci("0000:01:00.0", "0x030000\n").pci("0000:01:00.1", "0x040300\n").probe();
    assert_eq!(facts.gpus.len(), 1);
    assert_eq!(facts.gpus[0].value.name, None);
    let place = "/sys/bus/pci/devices/0000:01:00.0";
    assert_eq!(facts.problems, [format!("{place} is an NVIDIA GPU, and no NVIDIA driver is loaded for it")]);
}

#[test]
fn a_jetson_has_no_driver_release() {
    let text = "NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  35.3.1  Release Build  (b@m)  Sun\n";
    let facts = Captured::bare().file("proc/driver/nvidia/version", text).probe();
    assert_eq!(facts.driver, None);
    assert!(facts.problems[0].contains("Jetson board support package 35.3.1"), "{:?}", facts.problems);
}

#[test]
fn a_limited_machine_has_the_memory_it_may_use() {
    let limited = Captured::bare().file("sys/fs/cgroup/memory.max", "8589934592\n").probe().memory.unwrap();
    assert_eq!((limited.value, limited.source.as_str()), (8 << 30, "/sys/fs/cgroup/memory.max"));
    let free = Captured::bare().file("sys/fs/cgroup/memory.max", "max\n").probe().memory.unwrap();
    assert_eq!(free.source.as_str(), "/proc/meminfo");
}

#[test]
fn garbage_everywhere_is_survived() {
    let files = [
        "proc/meminfo",
        "proc/sys/kernel/arch",
        "etc/os-release",
        "proc/driver/nvidia/version",
        "sys/fs/cgroup/memory.max",
    ];
    let machine =
        files.iter().fold(Captured(tempfile::tempdir().unwrap()), |machine, file| machine.file(file, "\u{1}\n::\n"));
    let facts =
        machine.program("getconf", "exit 1").program("ldd", "echo '???'").program("nvidia-smi", "echo '%%'").probe();
    assert_eq!((facts.memory, facts.distribution, facts.glibc, facts.driver), (None, None, None, None));
    assert_eq!(facts.problems, ["/proc/driver/nvidia/version names no driver version that is understood"]);
}
