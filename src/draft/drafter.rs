//! A draft in the making, and how its steps read files and write into it.
//!
//! All steps write through it, so that the rules of what is taken are not repeated for each kind of file.

use toml_edit::{InlineTable, Value};

use super::frameworks::FrameworkLines;
use super::project_files::ProjectFiles;
use super::project_tree::ProjectTree;
use super::{Draft, DraftHost, DraftItem, DraftPlace, How, LeftReason};
use crate::foreign::{KeySetting, Lined, UnreadFile, WhyNotRead};
use crate::manifest::EnvironmentName;
use crate::matrix::Matrix;
use crate::text::shown;

/// A draft, and what its steps share.
pub(super) struct Drafter<'a> {
    pub(super) draft: Draft,
    pub(super) files: ProjectFiles<'a>,
    pub(super) lines: FrameworkLines<'a>,
    pub(super) matrix: &'a Matrix,
    /// Whether a file so far names requirements. Then later files, which are less exact, only add to them.
    pub(super) has_requirements: bool,
}

impl<'a> Drafter<'a> {
    /// A drafter whose draft holds only the directory's name.
    pub(super) fn new(tree: &'a dyn ProjectTree, matrix: &'a Matrix, host: DraftHost) -> Self {
        let name = tree.name();
        Self {
            draft: Draft::new(EnvironmentName::from_directory(&name), matrix.vocabulary(), host),
            files: ProjectFiles::new(tree),
            lines: FrameworkLines::new(matrix),
            matrix,
            has_requirements: false,
        }
    }

    /// Returns the text of a file. A file that can't be read is named in the draft; a missing one is not.
    pub(super) fn read(&mut self, name: &str) -> Option<String> {
        self.files.read(&mut self.draft, name)
    }

    /// Reads and parses a file. One that can't be read or parsed is named in the draft.
    pub(super) fn parse<T>(&mut self, name: &str, parse: fn(&str) -> Result<T, UnreadFile>) -> Option<T> {
        let text = self.read(name)?;
        self.parse_text(name, &text, parse)
    }

    /// Parses the text of a file. One that can't be parsed is named in the draft.
    pub(super) fn parse_text<T>(
        &mut self,
        name: &str,
        text: &str,
        parse: fn(&str) -> Result<T, UnreadFile>,
    ) -> Option<T> {
        let unread = match parse(text) {
            Ok(file) => return Some(file),
            Err(unread) => unread,
        };
        let why = LeftReason::Unreadable(shown(&unread.why));
        self.draft.leave(name, &DraftPlace::line(name, unread.line), why);
        None
    }

    /// Names a file in `requirements`, without the packages of `skip`. Returns whether the file is there.
    pub(super) fn refer_to(&mut self, name: &str, skip: &[String]) -> bool {
        if name.contains("://") {
            self.draft.leave(name, &DraftPlace::whole(name), LeftReason::NotRead(WhyNotRead::FileAddress));
            return false;
        }
        if !self.files.exists(name) {
            self.draft.leave(name, &DraftPlace::whole(name), LeftReason::NoFile);
            return false;
        }
        let mut value = Value::from(name);
        if !skip.is_empty() {
            let mut table = InlineTable::new();
            table.insert("file", value);
            table.insert("skip", Value::Array(skip.iter().map(String::as_str).collect()));
            value = Value::InlineTable(table);
        }
        let setting = KeySetting::item("python", "requirements", value);
        self.draft.offer(setting, &DraftPlace::whole(name), How::Mapped);
        true
    }

    /// Writes requirements into `packages`. The lines of frameworks are kept for [`Self::add_frameworks`].
    pub(super) fn copy_requirements(&mut self, found: &[Lined<String>], file: &str, how: How) {
        let mut packages = Vec::new();
        for line in found {
            if !self.lines.take(line, file) {
                packages.push(line);
            }
        }
        self.offer_items(("python", "packages"), packages, file, how);
    }

    /// Offers the lines as items of a list.
    pub(super) fn offer_items<'l>(
        &mut self,
        (table, key): (&'static str, &'static str),
        lines: impl IntoIterator<Item = &'l Lined<String>>,
        file: &str,
        how: How,
    ) {
        let item = |line: &Lined<String>| DraftItem {
            setting: KeySetting::item(table, key, line.value.as_str()),
            place: DraftPlace::line(file, line.line),
            how,
        };
        self.draft.offer_all(lines.into_iter().map(item).collect());
    }

    /// Adds the frameworks of the lines so far to the draft.
    pub(super) fn add_frameworks(&mut self, how: How) {
        self.lines.add_to(&mut self.draft, how);
    }
}
