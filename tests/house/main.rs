//! The house rules: what no compiler keeps, of code, documents and what they say of each other.

#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]

mod commands;
mod fuzz;
mod readme;
mod text;
