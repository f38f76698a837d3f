//! Deep-learning environments that fit this driver and these GPUs.
//!
//! `ARCHITECTURE.md` tells the data's way through the rooms below.

pub mod bootstrap;
pub mod cli;
pub mod commands;
pub mod connect;
pub mod engine;
pub mod error;
pub mod event;
pub mod host;
pub mod lock;
pub mod manifest;
pub mod matrix;
pub mod packages;
pub mod project;
pub mod reconcile;
pub mod registry;
pub mod render;
pub mod resolve;
pub mod settings;
pub mod setup;
pub mod system;
pub mod ui;
pub mod version;
