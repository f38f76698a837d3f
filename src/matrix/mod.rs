//! The compatibility data: loads the rows under `compat-matrix/`, checks them, answers questions about them with their
//! source. It decides nothing; `resolve` does.

pub mod rows;
