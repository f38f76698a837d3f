//! Explains why a lock no longer matches the manifest.
//!
//! Each reason names the locked value and the present one.

use crate::lock::{Change, Stale};

/// Describes the reason as a part of a sentence about the lock.
#[must_use]
pub fn stale(reason: &Stale) -> String {
    match reason {
        Stale::InputChanged(change) => changed(change),
        Stale::DriverTooOld { floor, found } => format!("it needs driver {floor}, and the target has {found}"),
        Stale::NoGpu => "it needs a GPU, and there is none here (no NVIDIA driver was found)".to_owned(),
        Stale::GpuNotServed { gpu, compiled } => {
            let compiled = compiled.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("the target has {} ({}), and its frameworks are compiled for {compiled}", gpu.name, gpu.capability)
        }
        Stale::PythonNotAccepted { locked, accepted, place } => {
            format!("it has Python {locked}, and the project accepts `{accepted}` ({place})")
        }
        Stale::OtherArch { locked, found } => format!("it is for {locked}, and the target is {found}"),
    }
}

fn changed(Change { key, locked, asked }: &Change) -> String {
    match (locked, asked) {
        (Some(locked), Some(asked)) => format!("`{key}` was `{locked}` and is `{asked}`"),
        (None, asked) => format!("`{key}` is new: `{}`", asked.as_deref().unwrap_or_default()),
        (Some(locked), None) => format!("`{key}` is gone: it was `{locked}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Arch;
    use crate::resolve::TargetGpu;

    #[test]
    fn every_reason_names_both_values() {
        let change = |locked: Option<&str>, asked: Option<&str>| {
            let key = "python.version".to_owned();
            Stale::InputChanged(Change { key, locked: locked.map(str::to_owned), asked: asked.map(str::to_owned) })
        };
        let gpu = TargetGpu { name: "Tesla T4".to_owned(), capability: "7.5".parse().unwrap(), first_driver: None };
        let reasons = [
            change(None, Some("3.12")),
            change(Some("3.11"), None),
            change(Some("3.11"), Some("3.12")),
            Stale::OtherArch { locked: Arch::X86_64, found: Arch::Aarch64 },
            Stale::DriverTooOld { floor: "525.60.13".parse().unwrap(), found: "470.82.01".parse().unwrap() },
            Stale::PythonNotAccepted {
                locked: "3.13".parse().unwrap(),
                accepted: ">=3.9,<3.12".parse().unwrap(),
                place: "pyproject.toml:4".to_owned(),
            },
            Stale::NoGpu,
            Stale::GpuNotServed { gpu, compiled: vec!["8.0".parse().unwrap(), "9.0".parse().unwrap()] },
        ];
        insta::assert_snapshot!(reasons.iter().map(stale).collect::<Vec<_>>().join("\n"), @r"
        `python.version` is new: `3.12`
        `python.version` is gone: it was `3.11`
        `python.version` was `3.11` and is `3.12`
        it is for x86_64, and the target is aarch64
        it needs driver 525.60.13, and the target has 470.82.01
        it has Python 3.13, and the project accepts `>=3.9,<3.12` (pyproject.toml:4)
        it needs a GPU, and there is none here (no NVIDIA driver was found)
        the target has Tesla T4 (7.5), and its frameworks are compiled for 8.0, 9.0
        ");
    }
}
