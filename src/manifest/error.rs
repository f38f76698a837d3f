//! What is wrong with a manifest: everything at once, each with its place.

use std::fmt;
use std::ops::Range;

use super::schema::Answer;
use super::sources::Sources;
use super::types::ValueError;
use crate::error::{Exit, Report, Snippet};

/// All problems of a manifest with its overlays, in the order of their places.
#[derive(Debug)]
pub struct ManifestError {
    pub(super) problems: Vec<Problem>,
    pub(super) sources: Sources,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// Its place among the layers.
    pub span: Range<usize>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// It is no TOML.
    Syntax {
        /// The parser's words.
        message: String,
    },
    /// A table that there is not.
    UnknownTable {
        /// Which.
        table: String,
        /// The nearest.
        near: Option<&'static str>,
    },
    /// A key that its table does not have.
    UnknownKey {
        /// Which.
        key: String,
        /// Where it stands; empty for the top level.
        table: &'static str,
        /// What can be said about it.
        answer: Answer,
    },
    /// A framework that the matrix does not know.
    UnknownFramework {
        /// As written.
        name: String,
        /// The id that was meant.
        meant: Option<String>,
        /// Those there are.
        known: Vec<String>,
    },
    /// A value of another type.
    WrongType {
        /// `run.mounts`
        key: String,
        /// `an integer`
        found: &'static str,
        /// `a list of strings`
        allowed: &'static str,
        /// The value in quotes, where that is all it lacks.
        quoted: Option<String>,
    },
    /// A text that is not what it should be.
    BadValue(ValueError),
    /// A table without a key that it needs.
    MissingKey {
        /// Which.
        key: &'static str,
        /// Of what.
        of: &'static str,
    },
    /// Two keys that exclude each other.
    Clash {
        /// This one.
        one: &'static str,
        /// And that one.
        other: &'static str,
    },
    /// Neither a framework nor a CUDA.
    NothingAsked,
    /// The team needs another envctl.
    OtherTool {
        /// What it needs.
        wanted: String,
        /// What this is.
        have: &'static str,
    },
    /// A key that only the project's own manifest may have.
    OnlyInProject {
        /// Which.
        key: &'static str,
    },
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { message } => write!(f, "this is not TOML: {message}"),
            Self::UnknownTable { table, .. } => write!(f, "there is no table `[{table}]`"),
            Self::UnknownKey { key, table: "", .. } => write!(f, "there is no key `{key}` at the top level"),
            Self::UnknownKey { key, table, .. } => write!(f, "`[{table}]` has no key `{key}`"),
            Self::UnknownFramework { name, .. } => write!(f, "there is no framework `{name}`"),
            Self::WrongType { key, found, allowed, .. } => write!(f, "`{key}` is {found}, and has to be {allowed}"),
            Self::BadValue(error) => error.fmt(f),
            Self::MissingKey { key, of } => write!(f, "{of} needs `{key}`"),
            Self::Clash { one, other } => write!(f, "`{one}` and `{other}` exclude each other"),
            Self::NothingAsked => f.write_str("the manifest asks for no framework"),
            Self::OtherTool { wanted, have } => write!(f, "the manifest needs envctl {wanted}, and this is {have}"),
            Self::OnlyInProject { key } => write!(f, "`{key}` belongs in a project's own manifest"),
        }
    }
}

impl ProblemKind {
    /// A few words beside the caret.
    fn label(&self) -> String {
        match self {
            Self::Syntax { .. } => "here".to_owned(),
            Self::UnknownTable { .. } => "unknown table".to_owned(),
            Self::UnknownKey { .. } | Self::OnlyInProject { .. } => "unknown key".to_owned(),
            Self::UnknownFramework { .. } => "unknown framework".to_owned(),
            Self::WrongType { found, .. } => (*found).to_owned(),
            Self::BadValue(error) => error.why.to_string(),
            Self::MissingKey { key, .. } => format!("`{key}` is missing"),
            Self::Clash { other, .. } => format!("excludes `{other}`"),
            Self::NothingAsked => String::new(),
            Self::OtherTool { .. } => "asked for here".to_owned(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Syntax { .. } | Self::MissingKey { .. } => None,
            Self::UnknownTable { near, .. } => Some(near.map_or_else(
                || format!("the tables are {}", listed(super::schema::TABLES)),
                |near| format!("did you mean `[{near}]`?"),
            )),
            Self::UnknownKey { table, answer, .. } => Some(key_hint(table, answer)),
            Self::UnknownFramework { meant: Some(meant), .. } => Some(format!("write `{meant}`")),
            Self::UnknownFramework { known, .. } => {
                Some(format!("the frameworks are {}", listed(known.iter().map(String::as_str))))
            }
            Self::WrongType { quoted, allowed, .. } => {
                Some(quoted.as_ref().map_or_else(|| format!("write {allowed}"), |quoted| format!("write {quoted}")))
            }
            Self::BadValue(error) => Some(format!("allowed: {}", error.allowed)),
            Self::Clash { one, other } => Some(format!("leave out `{one}` or `{other}`")),
            Self::NothingAsked => Some("name one: `[frameworks]`, then `pytorch = \"2.4\"`".to_owned()),
            Self::OtherTool { wanted, .. } => Some(format!("install envctl {wanted}")),
            Self::OnlyInProject { key } => Some(format!("move `{key}` to `envctl.toml`")),
        }
    }
}

fn key_hint(table: &str, answer: &Answer) -> String {
    match answer {
        Answer::OtherName { table: of, key } | Answer::Near { table: of, key } if *of == table => {
            format!("did you mean `{key}`?")
        }
        Answer::OtherName { table: "", key } | Answer::Near { table: "", key } => {
            format!("did you mean `{key}` at the top level?")
        }
        Answer::OtherName { table: of, key } | Answer::Near { table: of, key } => {
            format!("did you mean `{key}` in `[{of}]`?")
        }
        Answer::Belongs(tables) => {
            let place =
                |table: &&str| if table.is_empty() { "the top level".to_owned() } else { format!("`[{table}]`") };
            format!("it belongs in {}", tables.iter().map(place).collect::<Vec<_>>().join(" or "))
        }
        Answer::Nothing => {
            let keys = super::schema::keys_of(table).map(|key| key.name);
            format!("the keys are {}", listed(keys))
        }
    }
}

fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

impl ManifestError {
    /// Every problem, in the order of their places.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.problems.first() else { return f.write_str("the manifest is not valid") };
        first.kind.fmt(f)?;
        match self.problems.len() - 1 {
            0 => Ok(()),
            1 => f.write_str(" (and one more problem)"),
            more => write!(f, " (and {more} more problems)"),
        }
    }
}

impl std::error::Error for ManifestError {}

impl Report for ManifestError {
    fn kind(&self) -> &'static str {
        "bad-manifest"
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = Vec::new();
        for hint in self.problems.iter().filter_map(|problem| problem.kind.hint()) {
            if !hints.contains(&hint) {
                hints.push(hint);
            }
        }
        hints
    }

    fn snippets(&self) -> Vec<Snippet> {
        let snippet = |problem: &Problem| self.sources.snippet(&problem.span, problem.kind.label());
        self.problems.iter().filter_map(snippet).collect()
    }
}
