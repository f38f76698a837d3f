//! Parses GPUs from the driver's `/proc` files and from the PCI bus.
//!
//! The driver's files have names and identifiers. The PCI bus only shows that a GPU exists.

/// The content of `/proc/driver/nvidia/gpus/ADDRESS/information`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Information {
    /// The model, `NVIDIA GeForce RTX 3090`.
    pub model: Option<String>,
    /// The identifier, `GPU-…`.
    pub uuid: Option<String>,
    /// Whether the administrator excluded the GPU, so that the driver does not use it.
    pub excluded: bool,
}

/// Parses one `information` file. For a GPU that the driver could not start it holds `Unknown` and question marks.
#[must_use]
pub fn parse_information(text: &str) -> Option<Information> {
    let mut found = Information::default();
    let mut known = false;
    for (key, value) in text.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        match key.trim() {
            "Model" => found.model = (!matches!(value, "" | "Unknown")).then(|| value.to_owned()),
            "GPU UUID" => found.uuid = (value.starts_with("GPU-") && !value.contains('?')).then(|| value.to_owned()),
            "GPU Excluded" => found.excluded = value == "Yes",
            _ => continue,
        }
        known = true;
    }
    known.then_some(found)
}

/// Whether the `vendor` and `class` files of a PCI device mean an NVIDIA GPU: a display (`0x0300…`) or 3D (`0x0302…`)
/// controller. Audio and USB functions and `NVSwitch` bridges have the same vendor.
#[must_use]
pub fn is_nvidia_gpu(vendor: &str, class: &str) -> bool {
    let class = class.trim();
    vendor.trim() == "0x10de" && (class.starts_with("0x0300") || class.starts_with("0x0302"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTX_3090: &str = "Model: \t\t NVIDIA GeForce RTX 3090\nIRQ:   \t\t 130\n\
        GPU UUID: \t GPU-22b2c6ac-2d49-4863-197c-9c469071178a\nVideo BIOS: \t 94.02.26.08.1c\nBus Type: \t PCIe\n\
        DMA Size: \t 47 bits\nDMA Mask: \t 0x7fffffffffff\nBus Location: \t 0000:01:00.0\nDevice Minor: \t 0\n\
        GPU Firmware: \t 535.104.05\nGPU Excluded:\t No\n";

    #[test]
    fn a_working_gpu() {
        let found = parse_information(RTX_3090).unwrap();
        assert_eq!(found.model.as_deref(), Some("NVIDIA GeForce RTX 3090"));
        assert_eq!(found.uuid.as_deref(), Some("GPU-22b2c6ac-2d49-4863-197c-9c469071178a"));
        assert!(!found.excluded);
    }

    #[test]
    fn a_gpu_the_driver_could_not_start() {
        let text = "Model: \t\t Unknown\nIRQ:   \t\t 35\nGPU UUID: \t GPU-????????-????-????-????-????????????\n\
                    Video BIOS: \t ??.??.??.??.??\nBus Type: \t PCIe\n";
        assert_eq!(parse_information(text), Some(Information::default()));
    }

    #[test]
    fn an_excluded_gpu() {
        assert!(parse_information("Model: Tesla T4\nGPU Excluded:\t Yes\n").unwrap().excluded);
    }

    #[test]
    fn garbage_is_no_gpu() {
        assert_eq!(parse_information(""), None);
        assert_eq!(parse_information("<html>503</html>"), None);
    }

    #[test]
    fn only_display_and_3d_functions_are_gpus() {
        assert!(is_nvidia_gpu("0x10de\n", "0x030000\n"));
        assert!(is_nvidia_gpu("0x10de\n", "0x030200\n"));
        assert!(!is_nvidia_gpu("0x10de\n", "0x040300\n"), "the card's audio function");
        assert!(!is_nvidia_gpu("0x10de\n", "0x068000\n"), "an NVSwitch");
        assert!(!is_nvidia_gpu("0x8086\n", "0x030000\n"));
        assert!(!is_nvidia_gpu("", ""));
    }
}
