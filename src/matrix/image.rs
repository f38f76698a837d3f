//! The flavours of CUDA images. The exact image tags are rows, because no rule can compute them: the tags use
//! `-cudnn8-`, `-cudnn9-` or `-cudnn-`, some patch releases have no image, and old images are deleted.

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
