//! Guesses packages from the imports of a project's code, where no file names any.

use std::collections::BTreeMap;

use super::frameworks::FrameworkLines;
use super::project_files::ProjectFiles;
use super::reference::copy;
use super::{Draft, DraftPlace, How, LeftReason};
use crate::foreign::{Lined, is_standard, own_modules, top_level_imports};
use crate::matrix::imported;

/// Takes the imports. Only modules with a row become packages: a free name can belong to anybody.
pub(super) fn take(draft: &mut Draft, files: &mut ProjectFiles<'_>, lines: &mut FrameworkLines<'_>) {
    for (module, place) in modules(draft, files) {
        match imported(&module) {
            Some(distribution) => copy(draft, lines, &[line(distribution, &place)], &place.file, How::Guessed),
            None => draft.leave(&format!("import {module}"), &place, LeftReason::Unknown),
        }
    }
    lines.settle(draft, How::Guessed);
}

/// Takes the frameworks among the imports alone, where files name packages and no framework.
pub(super) fn take_frameworks(draft: &mut Draft, files: &mut ProjectFiles<'_>, lines: &mut FrameworkLines<'_>) {
    for (module, place) in modules(draft, files) {
        if let Some(distribution) = imported(&module) {
            lines.take(&line(distribution, &place), &place.file);
        }
    }
    lines.settle(draft, How::Guessed);
}

fn line(distribution: &str, place: &DraftPlace) -> Lined<String> {
    Lined { value: distribution.to_owned(), line: place.line.unwrap_or(1) }
}

/// The modules that the code imports and that are neither its own nor Python's, each with its first place.
fn modules(draft: &mut Draft, files: &mut ProjectFiles<'_>) -> BTreeMap<String, DraftPlace> {
    let code = files.code();
    let own = own_modules(code.iter().map(String::as_str));
    let mut modules: BTreeMap<String, DraftPlace> = BTreeMap::new();
    for path in &code {
        let Some(text) = files.read(draft, path) else { continue };
        for (module, line) in top_level_imports(&text) {
            if !is_standard(&module) && !own.contains(&module) {
                modules.entry(module).or_insert_with(|| DraftPlace::line(path, line));
            }
        }
    }
    modules
}
