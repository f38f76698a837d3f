//! The reason why one build does not fit, as the end of a sentence about it.
//!
//! Other files of this room put it into their sentences.

use super::pieces::{gpu, known, line};
use crate::resolve::Misfit;
use crate::version::CudaVersion;

/// `needs driver 525.60.13 for its CUDA 12.1 build`
pub(in crate::ui) fn misfit(misfit: &Misfit) -> String {
    match misfit {
        Misfit::Release => "is not among the releases asked for".to_owned(),
        Misfit::Line(asked) => format!("does not meet {}", line(asked)),
        Misfit::Published(Some(day)) => format!("was published on {day}"),
        Misfit::Published(None) => "has no known day of publication".to_owned(),
        Misfit::NoGpuBuild => "has no GPU build".to_owned(),
        Misfit::NoCpuBuild => "has no build for the CPU".to_owned(),
        Misfit::Arch { arch, gpu: true } => format!("has no GPU build for {arch}"),
        Misfit::Arch { arch, gpu: false } => format!("has no build for {arch}"),
        Misfit::Python(python) => format!("has no wheel for Python {python}"),
        Misfit::Cuda(made) => format!("is made for {}", made_for(made.as_ref())),
        Misfit::Cudnn(made) => format!("is made for cuDNN{}", known(made.as_ref())),
        Misfit::Glibc(needed) => format!("needs glibc{}", known(needed.as_ref())),
        Misfit::Code { gpu: card, cuda } => {
            format!("has no compiled code for {} in its {} build", gpu(card), made_for(cuda.as_ref()))
        }
        Misfit::Kernels { gpu: card, cudnn } => {
            format!("comes with cuDNN{}, which has no kernels for {}", known(cudnn.as_ref()), gpu(card))
        }
        Misfit::Driver { floor, cuda } => {
            format!("needs driver{} for its {} build", known(floor.as_ref()), made_for(cuda.as_ref()))
        }
        Misfit::DriverAndGpu => "the driver does not run the GPU".to_owned(),
        Misfit::Requirements => "has requirements that envctl does not know, so it can't be compared".to_owned(),
        Misfit::Combination => "does not go together with the rest".to_owned(),
        Misfit::Base => "has no base that serves it".to_owned(),
        Misfit::Undecided => "not decided: the search was given up".to_owned(),
    }
}

fn made_for(cuda: Option<&CudaVersion>) -> String {
    cuda.map_or_else(|| "the CPU".to_owned(), |cuda| format!("CUDA {cuda}"))
}
