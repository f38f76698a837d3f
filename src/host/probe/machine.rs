//! The machine apart from its GPUs.

use super::Machine;
use crate::host::Fact;
use crate::host::parse::{cpu, memory, os};
use crate::manifest::Arch;
use crate::version::GlibcVersion;

impl Machine<'_> {
    pub(super) fn hostname(&self) -> Option<Fact<String>> {
        self.file_fact("/proc/sys/kernel/hostname", line)
    }

    pub(super) fn kernel(&self) -> Option<Fact<String>> {
        self.file_fact("/proc/sys/kernel/osrelease", line)
    }

    /// Kernels before 6.1 have no file for it.
    pub(super) fn arch(&self) -> Option<Fact<Arch>> {
        self.file_fact("/proc/sys/kernel/arch", os::arch).or_else(|| {
            let name = rustix::system::uname();
            Some(Fact::new(os::arch(name.machine().to_str().ok()?)?, "uname"))
        })
    }

    pub(super) fn distribution(&self) -> Option<Fact<String>> {
        let parse = |text: &str| os::release(text).map(|release| release.tag());
        let places = ["/etc/os-release", "/usr/lib/os-release"];
        places.iter().find_map(|place| self.file_fact(place, parse))
    }

    /// The C library that commands of this machine run on. `getconf` is a program, quicker than `ldd`, a script.
    pub(super) fn glibc(&self) -> Option<Fact<GlibcVersion>> {
        let asked = [("getconf", "GNU_LIBC_VERSION"), ("ldd", "--version")];
        asked.iter().find_map(|(name, argument)| {
            let program = self.system.find_program(name)?;
            let (_, text) = Self::ask(&program, &[argument])?;
            Some(Fact::new(os::glibc(&text)?, format!("{name} {argument}")))
        })
    }

    /// Physical memory, or less where the whole machine lives in a limited control group, as a container does. The group
    /// of the calling process is not asked: the engine's containers are no part of it.
    pub(super) fn memory(&self) -> Option<Fact<u64>> {
        let physical = self.file_fact("/proc/meminfo", memory::total)?;
        let places = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
        let limit = places.iter().find_map(|place| self.file_fact(place, memory::group_limit));
        Some(limit.filter(|limit| limit.value < physical.value).unwrap_or(physical))
    }

    pub(super) fn cpus(&self) -> Option<Fact<u32>> {
        self.file_fact("/sys/devices/system/cpu/online", cpu::list)
            .or_else(|| self.file_fact("/proc/cpuinfo", cpu::cpuinfo))
    }
}

fn line(text: &str) -> Option<String> {
    let line = text.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
