//! Drafts a manifest from what a directory holds, and edits the packages of one.
//!
//! A draft refers to files rather than copying them. Each value has the place it comes from, and is taken only if the
//! manifest's own reader accepts it. What is not taken is kept with the reason. Nothing of the directory is run, and
//! nothing is asked on the network.

mod base_image;
mod code_imports;
mod commit_day;
mod conda_part;
mod container_part;
mod directory_draft;
mod draft_host;
mod draft_text;
mod drafter;
mod edit;
mod fitting;
mod frameworks;
mod imports_part;
mod item;
mod minor_version;
mod nested_files;
mod offers;
mod pip_lines;
mod pip_part;
mod project_files;
mod project_tree;
mod wishes;

pub use code_imports::{CodeImport, CodeImports, code_imports};
pub use directory_draft::{draft_files, draft_manifest};
pub use draft_host::DraftHost;
pub use edit::{Edit, EditError, apply_edits};
pub use fitting::{DraftFit, fit_draft};
pub use item::{DraftFramework, DraftItem, DraftPlace, How, LeftOut, LeftReason};
pub use project_tree::{FilesInMemory, ProjectTree};
pub use wishes::DraftWishes;

use item::{ValuePlace, kept, value_place};

use std::collections::BTreeMap;

use crate::foreign::NotRead;
use crate::manifest::{EnvironmentName, FrameworkId, Manifest, ManifestError, ProblemKind, Vocabulary};

/// The most things that are left out and listed.
const MOST_LEFT: usize = 1_000;

/// A manifest that is not written yet.
#[derive(Clone, Debug)]
pub struct Draft {
    pub name: EnvironmentName,
    pub frameworks: BTreeMap<FrameworkId, DraftFramework>,
    pub items: Vec<DraftItem>,
    /// What is left out. It has an end, and [`Self::unlisted`] counts the rest.
    pub left: Vec<LeftOut>,
    /// The number of things that are left out and not in [`Self::left`].
    pub unlisted: usize,
    /// The items by the place of their value.
    held: BTreeMap<ValuePlace, DraftItem>,
    /// The number of values that were looked at.
    looked_at: usize,
    vocabulary: Vocabulary,
    host: DraftHost,
}

impl Draft {
    /// A draft that holds nothing.
    #[must_use]
    pub fn new(name: EnvironmentName, vocabulary: Vocabulary, host: DraftHost) -> Self {
        Self {
            name,
            frameworks: BTreeMap::new(),
            items: Vec::new(),
            left: Vec::new(),
            unlisted: 0,
            held: BTreeMap::new(),
            looked_at: 0,
            vocabulary,
            host,
        }
    }

    /// The manifest's text.
    #[must_use]
    pub fn text(&self) -> String {
        draft_text::write_manifest(&self.name, &self.frameworks, &self.items)
    }

    /// Reads the text as the manifest that it is.
    pub fn manifest(&self) -> Result<Manifest, ManifestError> {
        self.parse(&self.text())
    }

    fn parse(&self, text: &str) -> Result<Manifest, ManifestError> {
        Manifest::parse("envctl.toml".as_ref(), text, self.name.as_str(), &self.vocabulary)
    }

    /// Adds a framework, or what else is known of one.
    pub fn add_framework(&mut self, id: &FrameworkId, found: DraftFramework) {
        match self.frameworks.get_mut(id) {
            None => {
                let (place, shown) = (found.place.clone(), framework_setting(id, found.version.text()));
                self.frameworks.insert(id.clone(), found);
                if let Some(problem) = self.manifest().err().as_ref().and_then(first_problem) {
                    self.frameworks.remove(id);
                    self.leave(&shown, &place, LeftReason::Refused(problem));
                }
            }
            Some(known) => {
                known.with.extend(found.with);
                if known.version.is_any() {
                    (known.version, known.place, known.how) = (found.version, found.place, found.how);
                } else if !found.version.is_any() && found.version != known.version {
                    let why = LeftReason::Decided { value: known.version.to_string(), by: known.place.clone() };
                    self.leave(&framework_setting(id, found.version.text()), &found.place, why);
                }
            }
        }
    }

    /// Records what is not taken, without the passwords of its addresses.
    pub fn leave(&mut self, text: &str, place: &DraftPlace, why: LeftReason) {
        if self.left.len() >= MOST_LEFT {
            self.unlisted += 1;
            return;
        }
        let left = LeftOut { text: kept(text), place: place.redacted(), why: why.redacted() };
        if !self.left.contains(&left) {
            self.left.push(left);
        }
    }

    fn leave_unread(&mut self, file: &str, unread: Vec<NotRead>) {
        for NotRead { text, line, why } in unread {
            self.leave(&text, &DraftPlace::line(file, line), LeftReason::NotRead(why));
        }
    }

    /// Whether a key of a table has a value.
    #[must_use]
    pub fn has(&self, table: &str, key: &str) -> bool {
        self.items.iter().any(|item| item.setting.table == table && item.setting.key == key)
    }

    /// Takes the guesses for a key back, with the reason. Returns whether there were any.
    pub fn withdraw(&mut self, table: &str, key: &str, why: &LeftReason) -> bool {
        let is_it =
            |item: &DraftItem| item.setting.table == table && item.setting.key == key && item.how == How::Guessed;
        let (out, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.items).into_iter().partition(is_it);
        self.items = kept;
        for item in &out {
            self.held.remove(&value_place(&item.setting));
            self.leave(&item.setting.to_string(), &item.place, why.clone());
        }
        !out.is_empty()
    }
}

/// Returns the reader's first problem. A draft without a framework is not one.
fn first_problem(error: &ManifestError) -> Option<String> {
    let mut problems = error.problems().iter().filter(|problem| !matches!(problem.kind, ProblemKind::NothingAsked));
    problems.next().map(ToString::to_string)
}

/// `pytorch = "2.4"`
fn framework_setting(id: &FrameworkId, version: &str) -> String {
    format!("{id} = {version:?}")
}
