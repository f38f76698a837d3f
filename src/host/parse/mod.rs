//! Turns text into facts. No parser opens a file or runs a command, so a capture can test every format.
//!
//! A parser returns `None` for a text that it does not understand. It never guesses.

pub mod cpu;
pub mod driver;
pub mod gpu;
pub mod memory;
pub mod os;
pub mod smi;
