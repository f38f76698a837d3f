//! Files of requirements one level below the top, of a repository whose parts have their own.
//!
//! Of several such directories none is taken: the files do not say which part a user wants to run.

use super::project_files::{ProjectFiles, has_extension};
use super::{Draft, DraftPlace, LeftReason, conda_part};
use crate::manifest::EnvironmentName;

/// The most directories that are looked at.
const MOST_DIRECTORIES: usize = 100;

/// The files of requirements one level below.
pub(super) enum NestedFiles {
    /// Those of the only directory with such files, or of the one with the project's name.
    Of(Vec<String>),
    /// Several directories have them: the caller has to choose.
    InSeveral,
    None,
}

impl NestedFiles {
    /// Looks into each directory, and names in the draft what is not chosen.
    pub(super) fn find(draft: &mut Draft, files: &ProjectFiles<'_>) -> Self {
        let directories = files.names.iter().filter(|(name, is_directory)| *is_directory && !name.starts_with('.'));
        let mut found: Vec<(&str, Vec<String>)> = directories
            .take(MOST_DIRECTORIES)
            .map(|(directory, _)| (directory.as_str(), find_lists(files, directory)))
            .filter(|(_, lists)| !lists.is_empty())
            .collect();
        let own = EnvironmentName::from_directory(&files.name());
        let at = found.iter().position(|(directory, _)| EnvironmentName::from_directory(directory) == own);
        let chosen = at.or((found.len() == 1).then_some(0)).map(|at| found.remove(at).1);
        for path in found.iter().flat_map(|(_, lists)| lists) {
            draft.leave(path, &DraftPlace::whole(path), LeftReason::Part);
        }
        match chosen {
            Some(lists) => Self::Of(lists),
            None if found.is_empty() => Self::None,
            None => Self::InSeveral,
        }
    }
}

/// Finds the files of requirements in a directory. One of conda counts where there is no other.
fn find_lists(files: &ProjectFiles<'_>, directory: &str) -> Vec<String> {
    let names = files.list(directory);
    let mut lists: Vec<&String> = names.iter().filter(|name| is_pip_list(name)).collect();
    if lists.is_empty() {
        lists.extend(names.iter().find(|name| conda_part::NAMES.contains(&name.as_str())));
    }
    lists.into_iter().map(|name| format!("{directory}/{name}")).collect()
}

fn is_pip_list(name: &str) -> bool {
    has_extension(name, &["txt"]) && name.contains("requirement") || name == "pyproject.toml"
}
