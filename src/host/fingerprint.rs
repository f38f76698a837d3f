//! The fingerprint that an `up` without changes compares. A driver upgrade or another GPU changes it.
//!
//! It reads a few small files and never calls the driver, because every `up` pays for it.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::parse::gpu;

/// Sixteen hex digits over the loaded driver's version text, its GPUs and the address of the engine. `root` replaces
/// `/`. Values that change at each boot, such as interrupt numbers, are not included.
#[must_use]
pub fn fingerprint(root: &Path, engine_endpoint: &str) -> String {
    let read = |path: &Path| std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let driver = root.join("proc/driver/nvidia");
    let mut lines = vec![format!("engine {engine_endpoint}")];
    lines.extend(read(&driver.join("version")).ok().and_then(|text| text.lines().next().map(str::to_owned)));
    let mut gpus: Vec<String> = std::fs::read_dir(driver.join("gpus"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let found = gpu::parse_information(&read(&entry.path().join("information")).ok()?)?;
            Some(format!("{} {found:?}", entry.file_name().to_string_lossy()))
        })
        .collect();
    gpus.sort();
    lines.extend(gpus);
    let hash = Sha256::digest(lines.join("\n"));
    format!("{:016x}", hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_driver_gpus_and_engine_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let of = |endpoint| fingerprint(root.path(), endpoint);
        let bare = of("unix:///a");
        assert_eq!(bare, of("unix:///a"));
        assert_ne!(bare, of("unix:///b"));

        let driver = root.path().join("proc/driver/nvidia");
        let card = driver.join("gpus/0000:01:00.0");
        std::fs::create_dir_all(&card).unwrap();
        let version =
            |number| format!("NVRM version: NVIDIA UNIX x86_64 Kernel Module  {number}  Thu\nGCC version: 12\n");
        std::fs::write(driver.join("version"), version("550.54.14")).unwrap();
        std::fs::write(card.join("information"), "Model: \t\t Tesla T4\nIRQ:   \t\t 130\n").unwrap();
        let loaded = of("unix:///a");
        assert_ne!(bare, loaded);

        std::fs::write(card.join("information"), "Model: \t\t Tesla T4\nIRQ:   \t\t 131\n").unwrap();
        assert_eq!(loaded, of("unix:///a"), "an interrupt number changes from boot to boot");
        std::fs::write(card.join("information"), "Model: \t\t Tesla P4\nIRQ:   \t\t 131\n").unwrap();
        assert_ne!(loaded, of("unix:///a"));
        std::fs::write(card.join("information"), "Model: \t\t Tesla T4\n").unwrap();
        std::fs::write(driver.join("version"), version("550.54.15")).unwrap();
        assert_ne!(loaded, of("unix:///a"));
    }
}
