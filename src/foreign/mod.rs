//! The files in which other tools describe an environment: pure parsers, from a text to values with their lines.
//!
//! A project's file is as untrusted as its manifest: sizes, counts and nesting are limited, and no file is ever run. What a
//! file says and no value can hold is named ([`NotRead`]) and never dropped without a word.

mod cog;
mod conda;
mod conda_spec;
mod devcontainer;
mod docker_run;
mod dockerfile;
mod imports;
mod key_setting;
mod literal;
mod not_read;
mod pipfile;
mod poetry;
mod pyproject_reader;
mod python_project;
mod selection;
mod setup_cfg;
mod setup_py;
mod shell_lines;
mod shell_words;

pub use cog::{CogFile, read_cog};
pub use conda::{CondaFile, is_conda_list, read_conda_list, read_environment};
pub use conda_spec::CondaSpec;
pub use devcontainer::{Devcontainer, read_devcontainer};
pub use docker_run::{DockerRun, read_docker_run};
pub use dockerfile::{Dockerfile, read_dockerfile};
pub use imports::{ImportPlace, import_places, is_standard, own_modules, top_level_imports};
pub use key_setting::{KeyPart, KeySetting};
pub use not_read::{NotRead, UnreadFile, WhyNotRead};
pub use pipfile::{Pipfile, read_pipfile};
pub use pyproject_reader::read_pyproject;
pub use python_project::PyProject;
pub use selection::{Selection, SelectionError};
pub use setup_cfg::read_setup_cfg;
pub use setup_py::{SetupFile, read_setup_py};
pub use shell_lines::ShellInstalls;
pub use shell_words::shell_words;

pub use crate::parser::Lined;

/// The largest number of requirements in one file.
const MOST: usize = 10_000;

fn lined(text: impl Into<String>, line: usize) -> Lined<String> {
    Lined { value: text.into(), line }
}

/// A distribution's name, normalised as indexes do.
fn normal_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.trim().chars() {
        match character {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.push(other.to_ascii_lowercase()),
        }
    }
    normal
}

/// The name at the start of a requirement, normalised.
#[must_use]
pub fn requirement_name(text: &str) -> String {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(text.len());
    normal_name(&text[..end])
}
