//! Reads the files that a draft looks at, each inside the project and all together within one limit.
//!
//! The limit is on the sum, because a stranger's project can have many files that are each small enough.

use std::path::Path;

use super::project_tree::ProjectTree;
use super::{Draft, DraftPlace, LeftReason};
use crate::files::{DOCUMENT, FileError, TextBudget};
use crate::packages::file_text::decode;

/// The most names that are looked at in one directory.
const MOST_NAMES: usize = 10_000;

/// The most Python files that are looked at.
const MOST_CODE: usize = 5_000;

/// The most directories that are looked at for code.
const MOST_DIRECTORIES: usize = 5_000;

/// How deep directories of code may be nested.
const DEEPEST: usize = 8;

/// Directories without code of the project.
const PASSED_OVER: [&str; 9] =
    ["node_modules", "venv", "env", "build", "dist", "site-packages", "__pycache__", "third_party", "wandb"];

/// Whether a file's name ends in one of these extensions.
pub(super) fn has_extension(name: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| extensions.contains(&extension))
}

pub(super) struct ProjectFiles<'a> {
    tree: &'a dyn ProjectTree,
    budget: TextBudget,
    /// The names at the top, and whether each is a directory.
    pub(super) names: Vec<(String, bool)>,
}

impl<'a> ProjectFiles<'a> {
    pub(super) fn new(tree: &'a dyn ProjectTree) -> Self {
        let names = tree.names("", MOST_NAMES);
        Self { tree, budget: TextBudget::new(DOCUMENT), names }
    }

    /// The directory's name.
    pub(super) fn name(&self) -> String {
        self.tree.name()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|(found, _)| found == name)
    }

    /// Whether a file is at a path.
    pub(super) fn exists(&self, path: &str) -> bool {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.list(directory).iter().any(|found| found == name)
    }

    /// The files in a directory inside the project.
    pub(super) fn list(&self, directory: &str) -> Vec<String> {
        let names = self.tree.names(directory, MOST_NAMES);
        names.into_iter().filter(|(_, is_directory)| !is_directory).map(|(name, _)| name).collect()
    }

    /// The text of a file. A file that can't be read is named in the draft; a missing one is not.
    pub(super) fn read(&mut self, draft: &mut Draft, name: &str) -> Option<String> {
        match self.read_text(name) {
            Ok(text) => Some(text),
            Err(error) if error.problem.is_missing() => None,
            Err(error) => {
                draft.leave(name, &DraftPlace::whole(name), LeftReason::Unreadable(error.problem.to_string()));
                None
            }
        }
    }

    /// The text of a file, in any encoding that common tools write, without its byte order mark.
    pub(super) fn read_text(&mut self, name: &str) -> Result<String, FileError> {
        let Self { tree, budget, .. } = self;
        budget.read(|limit| Ok(decode(&tree.bytes(name, limit)?)))
    }

    /// The paths of the project's Python files, within limits.
    pub(super) fn find_code(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut waiting = vec![(String::new(), 0)];
        let mut directories = 0;
        while let Some((directory, depth)) = waiting.pop().filter(|_| directories < MOST_DIRECTORIES) {
            directories += 1;
            for (name, is_directory) in self.tree.names(&directory, MOST_NAMES) {
                let path = if directory.is_empty() { name.clone() } else { format!("{directory}/{name}") };
                if is_directory {
                    let is_code = !name.starts_with('.') && !PASSED_OVER.contains(&name.as_str());
                    if is_code && depth < DEEPEST {
                        waiting.push((path, depth + 1));
                    }
                } else if name.strip_suffix(".py").is_some_and(|stem| !stem.is_empty()) {
                    found.push(path);
                }
                if found.len() >= MOST_CODE {
                    return found;
                }
            }
        }
        found.sort();
        found
    }
}
