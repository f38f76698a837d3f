//! Which published image brings a CUDA: its exact tag, which no rule yields (`-cudnn8-`, `-cudnn9-`, `-cudnn-`; not every
//! patch release exists; old ones are deleted).

use super::Matrix;
use super::rows::ImageRow;
use crate::manifest::Arch;
use crate::version::{CudaVersion, CudnnVersion};

/// What an image brings of the toolkit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flavour {
    /// The CUDA runtime library alone.
    Base,
    /// All shared libraries.
    Runtime,
    /// The compiler and headers too.
    Devel,
}

impl Flavour {
    /// Its key in a row's `tags`.
    #[must_use]
    pub fn key(self, with_cudnn: bool) -> &'static str {
        match (self, with_cudnn) {
            (Self::Base, _) => "base",
            (Self::Runtime, false) => "runtime",
            (Self::Runtime, true) => "cudnn-runtime",
            (Self::Devel, false) => "devel",
            (Self::Devel, true) => "cudnn-devel",
        }
    }
}

/// An image that brings a CUDA.
#[derive(Clone, Copy, Debug)]
pub struct ImageTag<'a> {
    /// The row it comes from.
    pub row: &'a ImageRow,
    /// `12.4.1-cudnn-runtime-ubuntu22.04`
    pub tag: &'a str,
}

impl ImageTag<'_> {
    /// `nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04`
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}:{}", self.row.repository, self.tag)
    }
}

impl Matrix {
    /// The `nvidia/cuda` images that bring `cuda` in this flavour on `os`, the best first: those that can be had before
    /// those that are gone, then the newest patch release. With `cudnn`, the image brings one within it (`9`, `8.9`).
    pub fn cuda_images<'a>(
        &'a self,
        cuda: &'a CudaVersion,
        os: &'a str,
        arch: Arch,
        flavour: Flavour,
        cudnn: Option<&'a CudnnVersion>,
    ) -> impl Iterator<Item = ImageTag<'a>> {
        let fits = move |row: &&ImageRow| {
            row.framework.is_none() && row.os == os && row.cuda.within(cuda) && row.arch.contains(&arch)
        };
        let tag = move |row: &'a ImageRow| {
            let right_cudnn =
                cudnn.is_none_or(|wanted| row.cudnn.as_ref().is_some_and(|brought| brought.within(wanted)));
            let tag = row.tags.get(flavour.key(cudnn.is_some()))?;
            right_cudnn.then_some(ImageTag { row, tag })
        };
        let newest_first = || self.images().iter().rev().filter(fits).filter_map(tag);
        newest_first()
            .filter(|image| image.row.unbuildable.is_none())
            .chain(newest_first().filter(|image| image.row.unbuildable.is_some()))
    }

    /// Images made by a framework's own makers or by NVIDIA that hold that framework, newest CUDA first.
    pub fn framework_images<'a>(&'a self, framework: &'a str) -> impl Iterator<Item = &'a ImageRow> {
        let holds = move |row: &&ImageRow| {
            row.framework.as_deref().is_some_and(|held| held.split(' ').next() == Some(framework))
        };
        self.images().iter().rev().filter(holds)
    }
}
