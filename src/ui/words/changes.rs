//! Describes the changes that would solve a conflict.
//!
//! Each change names the line or the command to change.

use super::pieces::listed;
use crate::resolve::{GpuSample, Remedy, WayOut};

/// Describes all changes of a way out.
pub(in crate::ui) fn way_out(way: &WayOut) -> String {
    way.remedies.iter().map(remedy).collect::<Vec<_>>().join("; and ")
}

fn remedy(remedy: &Remedy) -> String {
    match remedy {
        Remedy::Framework { id, version } => format!("use {id} {version}"),
        Remedy::Line { line, becomes: Some(new) } => {
            format!("write `{}` in place of `{}` ({})", new.text, line.text, line.origin)
        }
        Remedy::Line { line, becomes: None } => format!("remove `{}` ({})", line.text, line.origin),
        Remedy::Drop { id } => format!("give {id} an environment of its own"),
        Remedy::Cuda(Some(cuda)) => format!("use CUDA {cuda}: `[cuda] version = \"{cuda}\"`"),
        Remedy::Cuda(None) => "leave the choice of CUDA to envctl: remove `version` from `[cuda]`".to_owned(),
        Remedy::Cudnn(Some(cudnn)) => format!("use cuDNN {cudnn}: `[cuda] cudnn = \"{cudnn}\"`"),
        Remedy::Cudnn(None) => "leave the choice of cuDNN to envctl: remove `cudnn` from `[cuda]`".to_owned(),
        Remedy::Published(Some(day)) => {
            format!("take packages of later days too: `[python] exclude-newer = \"{day}\"`")
        }
        Remedy::Published(None) => "remove `exclude-newer` from `[python]`".to_owned(),
        Remedy::Python(python) => format!("use Python {python}"),
        Remedy::Base(id) => format!("use {id} as the base"),
        Remedy::Toolkit(toolkit) => format!("ask for `toolkit = \"{}\"`", toolkit.as_str()),
        Remedy::Cpu => "compute on the CPU: `[gpu] devices = \"none\"`, or `envctl up --cpu`".to_owned(),
        Remedy::Gpu => "compute on a GPU: without `devices = \"none\"` in `[gpu]`, and without `--cpu`".to_owned(),
        Remedy::Optional => "use a GPU only where there is one: `[gpu] optional = true`".to_owned(),
        Remedy::TargetDriver(driver) => format!("ask for driver {driver} or newer in `[target]`"),
        Remedy::TargetGpus(names) => format!("name other GPUs in `[target]`: {}", listed(names)),
        Remedy::NewerDriver(driver) => format!("upgrade the NVIDIA driver to {driver} or newer"),
        Remedy::DriverBranch(branch) => format!("install an NVIDIA driver of the {branch} branch"),
        Remedy::WithoutGpus(names) => format!("use a machine without the {}", listed(names)),
        Remedy::OtherGpu(gpu) => format!("use a GPU of {}", sample(gpu)),
        Remedy::OtherMachine { gpu, driver } => {
            format!("use a machine with NVIDIA driver {driver} or newer and a GPU of {}", sample(gpu))
        }
    }
}

/// `compute capability 8.6, such as A10 or RTX 3090`
fn sample(GpuSample { capability, products }: &GpuSample) -> String {
    match &products[..] {
        [] => format!("compute capability {capability}"),
        products => format!("compute capability {capability}, such as {}", products.join(" or ")),
    }
}
