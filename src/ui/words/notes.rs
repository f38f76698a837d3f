//! Describes the caveats that are printed with a successful answer.
//!
//! A caveat never stops a command.

use super::pieces::{gpu, listed, no_gpu};
use crate::resolve::{Note, UnknownGpu};

/// Describes a caveat as a sentence without its full stop.
pub(in crate::ui) fn note(note: &Note) -> String {
    match note {
        Note::NoGpu(found) => format!("no GPU here ({}): the GPU build will compute on the CPU", no_gpu(*found)),
        Note::UnknownRelease { framework, version } => {
            format!(
                "the matrix does not know {framework} {version}: it is taken to be like the newest release it knows"
            )
        }
        Note::UnknownGpu(unknown) => unknown_gpu(unknown),
        Note::MinorVersion { driver, cuda, toolkit } => format!(
            "driver {driver} is older than CUDA {cuda}'s own ({toolkit}): it runs by minor-version compatibility, where code \
             compiled on the fly (PTX) and features of a newer driver do not work"
        ),
        Note::DriverBranch { driver, from } => {
            format!("driver {driver} is read as a release of that branch from {from} on")
        }
        Note::UnknownDriver { driver, newest } => format!(
            "driver {driver} is newer than any that the matrix knows ({newest}): it is taken to run what that one runs"
        ),
        Note::FirstDriver { gpu: card, first } => format!("{} itself needs driver {first} or newer", gpu(card)),
        Note::LastDriver { gpu: card, last } => {
            format!("R{} is the last driver branch that runs {}", last.major(), gpu(card))
        }
        Note::CappedCudnn { requirement, gpu: card } => {
            format!("{requirement}: later cuDNN releases have no kernels for {}", gpu(card))
        }
        Note::PinnedCudnn { framework, cudnn, gpu: card } => format!(
            "{framework} brings cuDNN {cudnn}, which has no kernels for {}: what uses cuDNN may fail there",
            gpu(card)
        ),
        Note::UnpublishedCode(frameworks) => format!(
            "the makers of {} do not publish which GPUs they compile for: only what its CUDA can compile for was checked",
            listed(frameworks)
        ),
        Note::ExcludeNewer { framework, day } => {
            format!("later releases of what {framework} requires break it: packages published after {day} are left out")
        }
        Note::NotCompared(frameworks) => format!(
            "envctl does not know what {} requires of other packages: it was not compared with the other frameworks",
            listed(frameworks)
        ),
        Note::OutdatedBase { os, since } => format!("{os} has had no updates since {since}"),
        Note::UncheckedImage(image) => {
            format!("the C library and the Python of `{image}` are not known and were not checked")
        }
        Note::LineOfCuda { text, origin } => {
            format!(
                "`{text}` ({origin}) names a CUDA build, and this environment is for the CPU: its CPU build is taken"
            )
        }
        Note::Meaning { framework, asked } => format!("{framework} {asked} means {}", asked.meaning()),
    }
}

fn unknown_gpu(unknown: &UnknownGpu) -> String {
    match unknown {
        UnknownGpu::Product(name) => format!("the GPU `{name}` is not checked: the matrix does not know it"),
        UnknownGpu::NoCapability(name) => {
            format!("the GPU `{name}` is not checked: its compute capability is not known")
        }
        UnknownGpu::NoName(index) => format!("GPU {index} is not checked: its name is not known"),
    }
}
