//! The words that a manifest's reader knows and the matrix owns.

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

/// The ids that every edition of the matrix has. A matrix with more adds its own by [`Vocabulary::with`].
const USUAL: [(&str, &[&str]); 8] = [
    ("cupy", &["cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x"]),
    ("jax", &["jaxlib", "flax"]),
    ("mindspore", &["mindspore-gpu", "ms"]),
    ("mxnet", &["apache-mxnet", "incubator-mxnet", "mx"]),
    ("onnxruntime", &["onnxruntime-gpu", "ort", "onnx-runtime", "onnx"]),
    ("paddle", &["paddlepaddle", "paddlepaddle-gpu", "paddle-paddle"]),
    ("pytorch", &["torch", "pytorch-cuda", "pytorch-gpu", "libtorch"]),
    ("tensorflow", &["tf", "tf2", "tensorflow-gpu", "tensorflow-cpu", "tensorflow2", "tf-gpu", "keras"]),
];

impl Default for Vocabulary {
    fn default() -> Self {
        let words = |(id, names): (&str, &[&str])| FrameworkWords {
            id: id.parse().expect("the usual ids are well-formed"),
            other_names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        Self { frameworks: USUAL.into_iter().map(words).collect() }
    }
}

impl Vocabulary {
    /// These too. What is known of an id already stays.
    #[must_use]
    pub fn with(mut self, words: impl IntoIterator<Item = FrameworkWords>) -> Self {
        for word in words {
            match self.frameworks.iter_mut().find(|known| known.id == word.id) {
                Some(known) => known.other_names.extend(word.other_names),
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
