//! Guesses packages from the imports of a project's code, where no file names any.
//!
//! Files precede it, because imports name no release, and some names belong to several packages.

use std::collections::BTreeMap;

use super::drafter::Drafter;
use super::{DraftPlace, How, LeftReason};
use crate::foreign::{Lined, is_standard, own_modules, top_level_imports};
use crate::matrix::imported;

impl Drafter<'_> {
    /// Takes the imports. Only modules with a row become packages: a free name can belong to anybody.
    pub(super) fn take_imports(&mut self) {
        for (module, place) in self.find_modules() {
            match imported(&module) {
                Some(distribution) => {
                    self.copy_requirements(&[line_at(distribution, &place)], &place.file, How::Guessed);
                }
                None => self.draft.leave(&format!("import {module}"), &place, LeftReason::Unknown),
            }
        }
        self.add_frameworks(How::Guessed);
    }

    /// Takes the frameworks among the imports alone, where files name packages and no framework.
    pub(super) fn take_imported_frameworks(&mut self) {
        for (module, place) in self.find_modules() {
            if let Some(distribution) = imported(&module) {
                self.lines.take(&line_at(distribution, &place), &place.file);
            }
        }
        self.add_frameworks(How::Guessed);
    }

    /// Finds the modules that the code imports and that are neither its own nor Python's, each with its first place.
    fn find_modules(&mut self) -> BTreeMap<String, DraftPlace> {
        let code = self.files.find_code();
        let own = own_modules(code.iter().map(String::as_str));
        let mut modules: BTreeMap<String, DraftPlace> = BTreeMap::new();
        for path in &code {
            let Some(text) = self.read(path) else { continue };
            for (module, line) in top_level_imports(&text) {
                if !is_standard(&module) && !own.contains(&module) {
                    modules.entry(module).or_insert_with(|| DraftPlace::line(path, line));
                }
            }
        }
        modules
    }
}

fn line_at(distribution: &str, place: &DraftPlace) -> Lined<String> {
    Lined { value: distribution.to_owned(), line: place.line.unwrap_or(1) }
}
