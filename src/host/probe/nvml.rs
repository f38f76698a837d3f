//! NVML, the driver's management library. Only this file loads it, and only on request.
//!
//! A missing library is a problem only if the machine shows other signs of a driver.

use nvml_wrapper::error::NvmlError;
use nvml_wrapper::{Nvml, cuda_driver_version_major, cuda_driver_version_minor};

use super::driver_facts::DriverFacts;
use super::machine::Machine;
use crate::host::{Fact, GpuFacts};
use crate::version::{ComputeCapability, CudaVersion};

const LIBRARY: &str = "libnvidia-ml.so.1";
const SOURCE: &str = "NVML";

/// Directories with the library that the dynamic linker does not search: WSL 2, container hosts that mount the driver,
/// and NixOS.
const DIRECTORIES: [&str; 4] =
    ["/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/home/kubernetes/bin/nvidia/lib64", "/run/opengl-driver/lib"];

/// Asks the library. `signs` means that a driver was seen; only then is a missing library a problem.
pub(super) fn ask_nvml(machine: &Machine<'_>, signs: bool, found: &mut DriverFacts) {
    match load_library(machine) {
        Ok(nvml) => read_facts(&nvml, found),
        // The library is absent, or has no driver, as in images and on build machines.
        Err(NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound | NvmlError::DriverNotLoaded) if !signs => {}
        Err(NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound) => {
            found.problems.push(format!("the driver's library `{LIBRARY}` can't be loaded"));
        }
        Err(error) => found.problems.push(word_error(&error)),
    }
}

fn load_library(machine: &Machine<'_>) -> Result<Nvml, NvmlError> {
    let mut result = if machine.is_this_one() { Nvml::init() } else { Err(NvmlError::LibraryNotFound) };
    for directory in DIRECTORIES {
        if !matches!(result, Err(NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound)) {
            break;
        }
        let library = machine.path(directory).join(LIBRARY);
        if library.exists() {
            result = Nvml::builder().lib_path(library.as_os_str()).init();
        }
    }
    result
}

fn read_facts(nvml: &Nvml, found: &mut DriverFacts) {
    match nvml.sys_driver_version().map(|text| text.parse()) {
        Ok(Ok(version)) if found.driver.is_none() => found.driver = Some(Fact::new(version, SOURCE)),
        Ok(Ok(_)) => {}
        Ok(Err(error)) => found.problems.push(format!("NVML names a driver that is not understood: {error}")),
        Err(error) => found.problems.push(word_error(&error)),
    }
    match nvml.sys_cuda_driver_version() {
        Ok(number) => found.driver_cuda = cuda_version(number).map(|version| Fact::new(version, SOURCE)),
        // Drivers before 410 do not have this function.
        Err(NvmlError::FailedToLoadSymbol(_)) => {}
        Err(error) => found.problems.push(word_error(&error)),
    }
    match nvml.device_count() {
        Ok(count) => (0..count).for_each(|index| read_device(nvml, index, found)),
        Err(error) => found.problems.push(word_error(&error)),
    }
}

/// Reads one GPU. A fact that the library does not give remains unknown.
fn read_device(nvml: &Nvml, index: u32, found: &mut DriverFacts) {
    let device = match nvml.device_by_index(index) {
        Ok(device) => device,
        Err(error) => return found.problems.push(format!("GPU {index}: {}", word_error(&error))),
    };
    let capability = device.cuda_compute_capability().ok().and_then(|capability| {
        Some(ComputeCapability {
            major: u32::try_from(capability.major).ok()?,
            minor: u32::try_from(capability.minor).ok()?,
        })
    });
    let facts = GpuFacts {
        index,
        name: device.name().ok(),
        uuid: device.uuid().ok(),
        compute_capability: capability,
        memory: device.memory_info().ok().map(|memory| memory.total),
    };
    found.gpus.push(Fact::new(facts, SOURCE));
}

/// Converts the library's number: `12040` is 12.4.
fn cuda_version(number: i32) -> Option<CudaVersion> {
    format!("{}.{}", cuda_driver_version_major(number), cuda_driver_version_minor(number)).parse().ok()
}

/// The meaning of a library error for the owner of the machine.
fn word_error(error: &NvmlError) -> String {
    match error {
        NvmlError::LibRmVersionMismatch => {
            "the driver's libraries and the driver in the kernel are of different releases (after an upgrade, a reboot \
             loads the new one)"
                .to_owned()
        }
        NvmlError::DriverNotLoaded => "the NVIDIA driver is installed and not loaded".to_owned(),
        NvmlError::NoPermission | NvmlError::OperatingSystem => {
            "this user is not permitted to open the GPU's device files".to_owned()
        }
        NvmlError::GpuLost => "the GPU fell off the bus".to_owned(),
        NvmlError::ResetRequired => "the GPU needs a reset before it can be used".to_owned(),
        other => format!("NVML: {other}"),
    }
}
