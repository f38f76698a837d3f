//! The words that the manifest reader checks and that the matrix defines.

use serde::Deserialize;

use super::FrameworkId;

/// The frameworks there are, and what else people call them.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    frameworks: Vec<FrameworkWords>,
}

/// One framework's names.
#[derive(Clone, Debug)]
pub struct FrameworkWords {
    /// Its id.
    pub id: FrameworkId,
    /// Other names people use for it (`torch`), normalised: lower case, `-`.
    pub other_names: Vec<String>,
}

/// The heads of the framework files under `compat-matrix/`, which the build script lists.
const HEADS: &str = include_str!(concat!(env!("OUT_DIR"), "/index.json"));

/// What a framework's file says of its names.
#[derive(Deserialize)]
struct FrameworkNames {
    id: FrameworkId,
    package: String,
    #[serde(default)]
    aliases: Vec<String>,
}

impl FrameworkWords {
    /// The framework of this id, with its distribution on the package index and its aliases as other names.
    #[must_use]
    pub fn new(id: FrameworkId, package: &str, aliases: &[String]) -> Self {
        let mut other_names = aliases.to_vec();
        other_names.push(package.to_owned());
        other_names.retain(|name| name != id.as_str());
        Self { id, other_names }
    }
}

/// The frameworks that this binary carries rows of. A matrix with more adds its own by [`Vocabulary::with`].
impl Default for Vocabulary {
    fn default() -> Self {
        let heads: Vec<FrameworkNames> = serde_json::from_str(HEADS).expect("the build script wrote it");
        let words = heads.iter().map(|head| FrameworkWords::new(head.id.clone(), &head.package, &head.aliases));
        Self { frameworks: words.collect() }
    }
}

impl Vocabulary {
    /// These too. What is known of an id already stays.
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

    /// The framework of that id.
    pub(super) fn framework(&self, name: &str) -> Option<&FrameworkId> {
        self.frameworks.iter().map(|words| &words.id).find(|id| id.as_str() == name)
    }

    /// The framework that people call so: another case, `_` for `-`, extras, or one of its other names.
    pub(super) fn framework_called(&self, name: &str) -> Option<&FrameworkId> {
        let bare = name.split(['[', '=', '<', '>', '~', '!', ' ']).next().unwrap_or_default();
        let normal = bare.to_lowercase().replace(['_', '.'], "-");
        let called = |words: &&FrameworkWords| words.id.as_str() == normal || words.other_names.contains(&normal);
        self.frameworks.iter().find(called).map(|words| &words.id)
    }

    /// Every id, in order.
    pub(super) fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.frameworks.iter().map(|words| words.id.as_str()).collect();
        ids.sort_unstable();
        ids
    }
}
