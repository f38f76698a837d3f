//! Words things for people: results, progress, errors and hints, JSON. The only place that prints.

mod failure;
mod printer;
mod progress;
mod usage;

pub use printer::{Paint, Printer};
pub use usage::usage;
