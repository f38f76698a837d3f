//! The words that the manifest reader checks and that the matrix defines.
//!
//! The reader needs the framework names before any row is read, so the build script lists them separately.

use serde::Deserialize;

use super::FrameworkId;

/// The known frameworks, with the other names that people use for them.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    frameworks: Vec<FrameworkWords>,
}

/// The names of one framework.
#[derive(Clone, Debug)]
pub struct FrameworkWords {
    pub id: FrameworkId,
    /// Other names for it (`torch`), normalised: lower case, `-`.
    pub other_names: Vec<String>,
}

/// The heads of the framework files under `compat-matrix/`, which the build script lists.
const HEADS: &str = include_str!(concat!(env!("OUT_DIR"), "/index.json"));

/// The names in a framework's file.
#[derive(Deserialize)]
struct FrameworkNames {
    id: FrameworkId,
    package: String,
    #[serde(default)]
    aliases: Vec<String>,
}

impl FrameworkWords {
    /// A framework with this id. Its distribution on the package index and its aliases are the other names.
    #[must_use]
    pub fn new(id: FrameworkId, package: &str, aliases: &[String]) -> Self {
        let mut other_names = aliases.to_vec();
        other_names.push(package.to_owned());
        other_names.retain(|name| name != id.as_str());
        Self { id, other_names }
    }
}

/// The frameworks with rows in this binary. [`Vocabulary::with`] adds the frameworks of a larger matrix.
impl Default for Vocabulary {
    fn default() -> Self {
        let heads: Vec<FrameworkNames> = serde_json::from_str(HEADS).expect("the build script wrote it");
        let words = heads.iter().map(|head| FrameworkWords::new(head.id.clone(), &head.package, &head.aliases));
        Self { frameworks: words.collect() }
    }
}

impl Vocabulary {
    /// Adds these frameworks. An id that is already known keeps its names.
    #[must_use]
    pub fn with(mut self, words: impl IntoIterator<Item = FrameworkWords>) -> Self {
        for word in words {
            match self.frameworks.iter_mut().find(|known| known.id == word.id) {
                Some(known) => {
                    let more = word.other_names.into_iter().filter(|name| !known.other_names.contains(name));
                    known.other_names.extend(more.collect::<Vec<_>>());
                }
                None => self.frameworks.push(word),
            }
        }
        self
    }

    /// The framework with this id.
    pub(super) fn framework(&self, name: &str) -> Option<&FrameworkId> {
        self.frameworks.iter().map(|words| &words.id).find(|id| id.as_str() == name)
    }

    /// The framework with this name in any form: another case, `_` for `-`, extras, or one of its other names.
    pub(super) fn framework_called(&self, name: &str) -> Option<&FrameworkId> {
        let bare = name.split(['[', '=', '<', '>', '~', '!', ' ']).next().unwrap_or_default();
        let normal = bare.to_lowercase().replace(['_', '.'], "-");
        let called = |words: &&FrameworkWords| words.id.as_str() == normal || words.other_names.contains(&normal);
        self.frameworks.iter().find(called).map(|words| &words.id)
    }

    /// Every id, in order.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.frameworks.iter().map(|words| words.id.as_str()).collect();
        ids.sort_unstable();
        ids
    }
}
