//! Text to fact. Nothing here opens a file or runs a command, so every format can be tested with a capture.
//!
//! A parser answers `None` for a text it does not know: what is not understood is not known, and never guessed.

pub mod cpu;
pub mod driver;
pub mod gpu;
pub mod memory;
pub mod os;
pub mod smi;
