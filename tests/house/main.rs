//! The house rules: the rules of code, documents and dependencies that no compiler checks.

#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]

mod axes;
mod circles;
mod commands;
mod dependencies;
mod errors;
mod fuzz;
mod habits;
mod labels;
mod names;
mod promises;
mod readme;
mod rooms;
mod sentences;
mod source;
mod text;
mod tokens;
mod uses;
mod wall;
