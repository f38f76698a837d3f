//! Finds the files that a `check` of many inputs reads.
//!
//! A directory is searched to a fixed depth, and directories of build tools are skipped.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::{Exit, Report, Result};
use crate::files;
use crate::host::HostFacts;
use crate::project;

use crate::commands::context::Context;

/// Directories without environments that would take long to search.
const PASSED_OVER: [&str; 4] = ["target", "node_modules", "site-packages", "__pycache__"];

/// The depth of the search in a directory of projects.
const DEPTH: usize = 4;

/// A path on the command line cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListingError {
    /// A file, a directory or standard input cannot be read.
    #[error("can't read `{}`: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    /// A directory contains no machine.
    #[error("there is no file of host facts (`*.json`) in `{}`", path.display())]
    NoFacts { path: PathBuf },
    /// A directory contains no project.
    #[error("there is no manifest or lock in `{}`", path.display())]
    NoManifest { path: PathBuf },
}

impl Report for ListingError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::NoFacts { .. } | Self::NoManifest { .. } => "nothing-there",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Unreadable { .. } => Vec::new(),
            Self::NoFacts { .. } => vec!["on the machine, `envctl host --json` writes them".to_owned()],
            Self::NoManifest { .. } => vec!["`envctl init` writes a manifest".to_owned()],
        }
    }
}

/// Returns every machine that the named files and directories describe, with its name.
pub(super) fn list_facts(context: &Context, named: &[PathBuf]) -> Result<Vec<(String, HostFacts)>> {
    let mut all = Vec::new();
    for path in named {
        let path = context.system.directory.join(path);
        let files = if path.is_dir() { with_extension(&path, "json")? } else { vec![path.clone()] };
        if files.is_empty() {
            return Err(ListingError::NoFacts { path }.into());
        }
        for file in files {
            let facts = HostFacts::read(&file)?;
            let stem = || file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let name = facts.hostname.as_ref().map_or_else(stem, |name| name.value.clone());
            all.push((name, facts));
        }
    }
    Ok(all)
}

/// Returns every manifest and lock in the named files and directories.
pub(super) fn list_manifests(context: &Context, named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in named {
        let path = context.system.directory.join(path);
        let found = if path.is_dir() { list_manifests_within(&path, DEPTH)? } else { vec![path.clone()] };
        if found.is_empty() {
            return Err(ListingError::NoManifest { path }.into());
        }
        all.extend(found);
    }
    all.dedup();
    Ok(all)
}

/// Returns the manifests and locks of a directory, then those of its subdirectories.
fn list_manifests_within(folder: &Path, depth: usize) -> Result<Vec<PathBuf>> {
    let mut found = with_extension(folder, "toml")?;
    found.retain(|file| is_manifest(file));
    found.extend(with_extension(folder, "lock")?.into_iter().filter(|file| is_lock(file)));
    found.sort();
    if depth > 0 {
        for inner in list_entries(folder)?.into_iter().filter(|path| is_searched(path)) {
            found.extend(list_manifests_within(&inner, depth - 1)?);
        }
    }
    Ok(found)
}

/// Whether a file is `envctl.toml` or has one of the tables that every manifest has.
fn is_manifest(file: &Path) -> bool {
    if file.file_name() == Some(OsStr::new(project::MANIFEST)) {
        return true;
    }
    let overlay = file.to_string_lossy().ends_with(".local.toml");
    let text = files::read_text(file, files::TEXT).unwrap_or_default();
    !overlay && text.lines().any(|line| matches!(line.trim(), "[frameworks]" | "[cuda]"))
}

/// Whether a file is a lock of envctl: each version has a table that no other tool's lock has.
pub(super) fn is_lock(file: &Path) -> bool {
    let text = files::read_text(file, files::DOCUMENT).unwrap_or_default();
    let ours = |line: &str| matches!(line.trim(), "[base]" | "[resolution]");
    file.extension() == Some(OsStr::new("lock")) && text.lines().any(ours)
}

fn is_searched(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    path.is_dir() && !path.is_symlink() && !name.starts_with('.') && !PASSED_OVER.contains(&name)
}

fn with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut files = list_entries(folder)?;
    files.retain(|path| path.is_file() && path.extension() == Some(OsStr::new(extension)));
    Ok(files)
}

/// Returns the entries sorted by name, so that the same directory gives the same table.
fn list_entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let error = |error| ListingError::Unreadable { path: folder.to_owned(), error };
    let entries = std::fs::read_dir(folder).map_err(error)?;
    let mut paths = entries.map(|entry| Ok(entry.map_err(error)?.path())).collect::<Result<Vec<_>, ListingError>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::shown_errors::{each_variant, shown_errors};

    #[test]
    fn errors_of_named_paths() {
        let errors = each_variant![ListingError;
            Unreadable { path: "/srv/labs".into(), error: std::io::Error::from_raw_os_error(13) },
            NoFacts { path: "/srv/machines".into() },
            NoManifest { path: "/srv/labs".into() },
        ];
        insta::assert_snapshot!(shown_errors(&errors));
    }
}
