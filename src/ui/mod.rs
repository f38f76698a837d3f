//! Words things for people: results, progress, errors and hints, JSON. The only place that prints.

mod failure;
mod machine;
mod printer;
mod progress;
mod steps;
mod usage;

pub use machine::host;
pub use printer::{Paint, Printer};
pub use steps::steps;
pub use usage::usage;
