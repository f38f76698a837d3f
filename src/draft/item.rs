//! One value of a draft, and one thing that is left out, each with its place.
//!
//! What is left out is a value, too, so that no line of a file disappears without a word to the user.

use std::collections::BTreeSet;
use std::fmt;

use crate::foreign::{KeyPart, KeySetting, WhyNotRead};
use crate::text::shown;
use crate::version::VersionRequest;

/// The place that a value comes from: a file with a line, or an option of the command line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftPlace {
    pub file: String,
    /// From 1. `None`: the whole file, or no file.
    pub line: Option<usize>,
}

impl DraftPlace {
    #[must_use]
    pub fn line(file: &str, line: usize) -> Self {
        Self { file: file.to_owned(), line: Some(line) }
    }

    #[must_use]
    pub fn whole(file: &str) -> Self {
        Self { file: file.to_owned(), line: None }
    }
}

/// `requirements.txt:12`, harmless wherever it is shown.
impl fmt::Display for DraftPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.file))?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}

/// How sure a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The caller named it.
    Asked,
    /// A file says it.
    Mapped,
    /// A file suggests it.
    Guessed,
}

/// One framework of a draft.
#[derive(Clone, Debug)]
pub struct DraftFramework {
    /// The releases that the manifest asks for.
    pub version: VersionRequest,
    /// The companion distributions.
    pub with: BTreeSet<String>,
    pub place: DraftPlace,
    pub how: How,
}

/// One value of a draft.
#[derive(Clone, Debug)]
pub struct DraftItem {
    pub setting: KeySetting,
    pub place: DraftPlace,
    pub how: How,
}

/// Something that a draft does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub text: String,
    pub place: DraftPlace,
    pub why: LeftReason,
}

/// The reason why something is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftReason {
    /// The reader of the file does not take it over.
    NotRead(WhyNotRead),
    /// The manifest's reader refuses it.
    Refused(String),
    /// The key has another value.
    Decided { value: String, by: DraftPlace },
    /// Another file describes the same environment.
    Instead { file: String },
    /// It is for work on the project, and not for running it: an extra, a group, a second list.
    Optional { add: String },
    /// The file can't be read or parsed.
    Unreadable(String),
    /// It describes a part of the repository.
    Part,
    /// No row knows the name.
    Unknown,
    /// The resolver finds no answer with it.
    Conflicts,
    /// The distribution has had no updates since this day.
    EndOfLife(String),
}

impl KeySetting {
    /// The value as TOML.
    #[must_use]
    pub fn value_text(&self) -> String {
        let (KeyPart::Whole(value) | KeyPart::Item(value) | KeyPart::Entry(_, value)) = &self.part;
        value.to_string().trim().to_owned()
    }
}

/// `[run] shm-size = "8g"`
impl fmt::Display for KeySetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value_text();
        match &self.part {
            KeyPart::Whole(_) => write!(f, "[{}] {} = {value}", self.table, self.key),
            KeyPart::Item(_) => write!(f, "[{}] {}: {value}", self.table, self.key),
            KeyPart::Entry(name, _) => write!(f, "[{}] {}: {name} = {value}", self.table, self.key),
        }
    }
}
