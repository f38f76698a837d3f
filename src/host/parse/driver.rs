//! Parses the version that the NVIDIA kernel driver reports.
//!
//! A Jetson prints the release of its board support package in the same place, so the result names the kind of number.

use crate::version::DriverVersion;

/// The lowest branch number of a driver with CUDA. Jetson's board support packages up to release 35 print their own
/// release (`35.3.1`) in the same place.
const FIRST_DRIVER_BRANCH: u32 = 100;

/// The number that a driver prints as its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DriverText {
    /// A driver release: `550.144.03`.
    Driver(DriverVersion),
    /// A Jetson board support package. Its number is not comparable with driver releases.
    BoardSupport(DriverVersion),
}

impl DriverText {
    fn of(version: DriverVersion) -> Self {
        if version.major() < FIRST_DRIVER_BRANCH { Self::BoardSupport(version) } else { Self::Driver(version) }
    }
}

/// Parses `/proc/driver/nvidia/version`. The proprietary module writes `… x86_64 Kernel Module  550.54.14  Thu …`, the
/// open one `… Open Kernel Module for x86_64  565.57.01  Release Build …`.
#[must_use]
pub fn proc_version(text: &str) -> Option<DriverText> {
    let line = text.lines().find(|line| line.starts_with("NVRM version:"))?;
    let (_, tail) = line.split_once("Kernel Module")?;
    tail.split_whitespace().filter(|word| word.contains('.')).find_map(|word| word.parse().ok()).map(DriverText::of)
}

/// Parses `/sys/module/nvidia/version`, which holds only the version on one line.
#[must_use]
pub fn module_version(text: &str) -> Option<DriverText> {
    text.trim().parse().ok().map(DriverText::of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn driver(text: &str) -> DriverText {
        DriverText::Driver(text.parse().unwrap())
    }

    #[test]
    fn the_proprietary_module() {
        let text = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024\n\
                    GCC version:  gcc version 11.4.0 (Ubuntu 11.4.0-1ubuntu1~22.04) \n";
        assert_eq!(proc_version(text), Some(driver("550.54.14")));
    }

    #[test]
    fn the_open_module_names_the_architecture_first() {
        let text = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  565.57.01  Release Build  \
                    (dvs-builder@U16-A24-9-2)  Thu Oct 10 12:15:00 UTC 2024\n\
                    GCC version:  gcc version 13.3.0 (Ubuntu 13.3.0-6ubuntu2~24.04)\n";
        assert_eq!(proc_version(text), Some(driver("565.57.01")));
        let two_parts = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  555.58  Release Build  \
                         (portage@localhost)  Сб 29 июн 2024 14:36:22 MSK\n";
        assert_eq!(proc_version(two_parts), Some(driver("555.58")));
    }

    #[test]
    fn an_old_module() {
        let text = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  331.62  Wed Mar 19 18:20:03 PDT 2014\n";
        assert_eq!(proc_version(text), Some(driver("331.62")));
    }

    #[test]
    fn a_jetson_prints_its_board_support_package() {
        let text = "NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  35.3.1  Release Build  \
                    (buildbrain@mobile-u64-6289-d7000)  Sun Mar 19 08:09:33 PDT 2023\n\
                    GCC version:  gcc version 9.3.0 (Buildroot 2020.08) \n";
        assert_eq!(proc_version(text), Some(DriverText::BoardSupport("35.3.1".parse().unwrap())));
    }

    #[test]
    fn garbage_is_not_a_driver() {
        for text in
            ["", "\n", "NVRM version:", "NVRM version: NVIDIA UNIX x86_64 Kernel Module", "GCC version: gcc 12.2"]
        {
            assert_eq!(proc_version(text), None, "{text:?}");
        }
        assert_eq!(proc_version("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.x  Thu"), None);
    }

    #[test]
    fn the_module_file() {
        assert_eq!(module_version("580.159.03\n"), Some(driver("580.159.03")));
        assert_eq!(module_version("N/A\n"), None);
        assert_eq!(module_version(""), None);
    }
}
