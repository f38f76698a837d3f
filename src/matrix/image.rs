//! The flavours of CUDA images. The exact image tags are rows, because no rule can compute them: the tags use
//! `-cudnn8-`, `-cudnn9-` or `-cudnn-`, some patch releases have no image, and old images are deleted.

/// The part of the toolkit that an image contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flavour {
    /// Only the CUDA runtime library.
    Base,
    /// All shared libraries.
    Runtime,
    /// All shared libraries, the compiler and the headers.
    Devel,
}

impl Flavour {
    /// The key of the flavour in a row's `tags`.
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
