//! Tests of the rooms' errors as the user reads them: the message, the lines of other programs and the hints.
//!
//! There is one file for each room. The errors of a single command are tested beside the command.

use crate::error::Snippet;
use crate::ui::shown_errors::{each_variant, shown_errors as shown};

mod bootstrap;
mod connect;
mod download;
mod draft;
mod engine;
mod files;
mod grants;
mod host;
mod lock;
mod manifest;
mod matrix;
mod mounts;
mod packages;
mod project;
mod reconcile;
mod render;
mod resolve;
mod settings;
mod setup;

/// Returns a place in a manifest.
fn place(label: &str) -> Vec<Snippet> {
    let text = "[table]\nkey = \"value\"\n".to_owned();
    vec![Snippet { path: "envctl.toml".into(), text, span: 14..21, label: label.to_owned() }]
}
