//! One value of a draft, and one thing that is left out, each with its place.
//!
//! What is left out is a value, too, so that no line of a file disappears without a word to the user.

use std::collections::BTreeSet;
use std::fmt;

use crate::foreign::{KeyPart, KeySetting, WhyNotRead};
use crate::grants::GrantKind;
use crate::text::{redacted, shown};
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

    pub(super) fn redacted(&self) -> Self {
        Self { file: kept(&self.file), line: self.line }
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
    /// It reaches outside the project and its container, and only a person decides about that.
    NeedsGrant(GrantKind),
    /// It has an address with a name or a password.
    HasPassword,
    /// The draft has too many values.
    TooMany,
    /// It names a file that is not there.
    NoFile,
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

/// A text without the passwords of addresses, cut if it is very long.
pub(super) fn kept(text: &str) -> String {
    const LONGEST: usize = 2_000;
    let mut kept = redacted(text);
    if let Some((end, _)) = kept.char_indices().nth(LONGEST) {
        kept.truncate(end);
        kept.push('…');
    }
    kept
}

impl LeftReason {
    /// The reason without the passwords of addresses.
    pub(super) fn redacted(self) -> Self {
        match self {
            Self::Refused(problem) => Self::Refused(kept(&problem)),
            Self::Decided { value, by } => Self::Decided { value: kept(&value), by: by.redacted() },
            Self::Instead { file } => Self::Instead { file: kept(&file) },
            Self::Optional { add } => Self::Optional { add: kept(&add) },
            Self::Unreadable(why) => Self::Unreadable(kept(&why)),
            Self::NotRead(_)
            | Self::NeedsGrant(_)
            | Self::HasPassword
            | Self::TooMany
            | Self::NoFile
            | Self::Part
            | Self::Unknown
            | Self::Conflicts
            | Self::EndOfLife(_) => self,
        }
    }
}

/// What decides whether two values are for the same place: table, key, and the name or the item.
pub(super) type ValuePlace = (&'static str, &'static str, String);

/// Returns the place of a value.
pub(super) fn value_place(setting: &KeySetting) -> ValuePlace {
    let inner = match &setting.part {
        KeyPart::Whole(_) => String::new(),
        KeyPart::Item(_) => setting.value_text(),
        KeyPart::Entry(name, _) => name.clone(),
    };
    (setting.table, setting.key, inner)
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
