//! Base images made from the distribution's own packages, where no registry can be reached.

pub mod archive;
