//! Reads the driver and the GPUs: the driver's version from the kernel, then the facts of the driver's library, then
//! those of `nvidia-smi`, then the GPUs of the kernel's files and of the PCI bus.
//!
//! Each source fills only the facts that the sources before it left open.

use super::driver_facts::DriverFacts;
use super::machine::Machine;
use super::{nvml, smi};
use crate::host::parse::driver::{self, DriverText};
use crate::host::parse::gpu;
use crate::host::{Fact, GpuFacts};

const PROC_VERSION: &str = "/proc/driver/nvidia/version";
const MODULE_VERSION: &str = "/sys/module/nvidia/version";
const PROC_GPUS: &str = "/proc/driver/nvidia/gpus";
const PCI_DEVICES: &str = "/sys/bus/pci/devices";

pub(super) fn probe_nvidia(machine: &Machine<'_>) -> DriverFacts {
    let mut found = DriverFacts::default();
    kernel_driver(machine, &mut found);
    let signs = found.driver.is_some() || has_device_nodes(machine);
    nvml::ask_nvml(machine, signs, &mut found);
    if found.gpus.is_empty() || found.driver.is_none() {
        smi::ask_smi(machine, &mut found);
    }
    if found.gpus.is_empty() {
        found.gpus = proc_gpus(machine);
    }
    if found.gpus.is_empty() {
        found.gpus = pci_gpus(machine);
        if let Some(first) = found.gpus.first().filter(|_| found.driver.is_none()) {
            found.problems.push(format!("{} is an NVIDIA GPU, and no NVIDIA driver is loaded for it", first.source));
        }
    }
    found
}

/// The driver in the kernel. Its version decides, because libraries of another release cannot use it.
fn kernel_driver(machine: &Machine<'_>, found: &mut DriverFacts) {
    let printed = machine
        .file_fact(PROC_VERSION, driver::proc_version)
        .or_else(|| machine.file_fact(MODULE_VERSION, driver::module_version));
    match printed {
        Some(Fact { value: DriverText::Driver(version), source }) => {
            found.driver = Some(Fact { value: version, source });
        }
        Some(Fact { value: DriverText::BoardSupport(version), source }) => found.problems.push(format!(
            "{source} names the Jetson board support package {version}, which says nothing of a driver release"
        )),
        None if machine.exists(PROC_VERSION) => {
            found.problems.push(format!("{PROC_VERSION} names no driver version that is understood"));
        }
        None => {}
    }
}

/// Whether the device nodes exist. On WSL 2, `/dev/dxg` is the path to the GPU of the Windows host.
fn has_device_nodes(machine: &Machine<'_>) -> bool {
    machine.exists("/dev/nvidiactl")
        || (machine.exists("/dev/dxg") && machine.exists("/usr/lib/wsl/lib/libnvidia-ml.so.1"))
}

/// The GPUs of the loaded driver, in the order of their addresses, which is the driver's numbering.
fn proc_gpus(machine: &Machine<'_>) -> Vec<Fact<GpuFacts>> {
    let entries = machine.names(PROC_GPUS).into_iter().filter_map(|address| {
        let place = format!("{PROC_GPUS}/{address}/information");
        machine.file_fact(&place, gpu::parse_information)
    });
    let usable = entries.filter(|entry| !entry.value.excluded);
    (0..)
        .zip(usable)
        .map(|(index, Fact { value, source })| {
            let facts = GpuFacts { index, name: value.model, uuid: value.uuid, compute_capability: None, memory: None };
            Fact::new(facts, source)
        })
        .collect()
}

/// The GPUs that only the PCI bus reports.
fn pci_gpus(machine: &Machine<'_>) -> Vec<Fact<GpuFacts>> {
    let places = machine.names(PCI_DEVICES).into_iter().map(|address| format!("{PCI_DEVICES}/{address}"));
    let text = |place: &str, file: &str| machine.read(&format!("{place}/{file}")).unwrap_or_default();
    let gpus = places.filter(|place| gpu::is_nvidia_gpu(&text(place, "vendor"), &text(place, "class")));
    let bare = |index| GpuFacts { index, name: None, uuid: None, compute_capability: None, memory: None };
    (0..).zip(gpus).map(|(index, place)| Fact::new(bare(index), place)).collect()
}
