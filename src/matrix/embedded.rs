//! The rows inside the binary. `build.rs` turns each TOML file into compact JSON, because JSON is four times as fast to
//! read.
//!
//! Reading them cannot fail in a binary that passed its tests: `tests.rs` reads every row.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::rows::FrameworkFile;
use crate::manifest::FrameworkId;

mod generated {
    include!(concat!(env!("OUT_DIR"), "/matrix.rs"));
}

pub(super) use generated::{HASH, NEWEST_CHECK, RECIPES};

/// A framework: its names, and its rows after the first request.
#[derive(Clone, Debug)]
pub(super) struct FrameworkSlot {
    pub(super) package: String,
    pub(super) aliases: Vec<String>,
    text: &'static str,
    /// The rows from the last `matrix update`. They replace `text`.
    published: Option<String>,
    file: OnceLock<FrameworkFile>,
}

impl FrameworkSlot {
    /// A framework with its rows already read.
    pub(super) fn of(file: FrameworkFile) -> Self {
        let (package, aliases) = (file.framework.package.clone(), file.framework.aliases.clone());
        Self { package, aliases, text: "", published: None, file: OnceLock::from(file) }
    }

    /// Replaces the rows by those in `text`, which are read at the next request.
    pub(super) fn renew(&mut self, text: String) {
        self.published = Some(text);
        self.file = OnceLock::new();
    }

    pub(super) fn file(&self) -> &FrameworkFile {
        let published = || serde_json::from_str(self.published.as_deref()?).ok();
        // A file that this program wrote is valid. But another program can change it, and that must not end this one.
        let embedded = || serde_json::from_str(self.text).expect("the embedded rows were read by a test");
        self.file.get_or_init(|| published().unwrap_or_else(embedded))
    }
}

/// The rows of the embedded table `subject`.
pub(super) fn subject<T: DeserializeOwned>(subject: &str) -> Vec<T> {
    let (_, text) = generated::SUBJECTS.iter().find(|(name, _)| *name == subject).expect("build.rs embedded the file");
    let tables: BTreeMap<String, Vec<T>> = serde_json::from_str(text).expect("the embedded rows were read by a test");
    tables.into_values().next().expect("a subject's file holds one array of tables")
}

/// The names in the head of a framework's file.
#[derive(Deserialize)]
struct Names {
    id: FrameworkId,
    package: String,
    #[serde(default)]
    aliases: Vec<String>,
}

/// Every framework, without its releases, which are read later.
pub(super) fn frameworks() -> BTreeMap<FrameworkId, FrameworkSlot> {
    let index: Vec<Names> = serde_json::from_str(generated::INDEX).expect("the embedded index was read by a test");
    let slot = |Names { id, package, aliases }| {
        let text = generated::FRAMEWORKS.iter().find(|(name, _)| *name == FrameworkId::as_str(&id));
        let (_, text) = text.expect("a framework's file is named for its id, a test says");
        (id, FrameworkSlot { package, aliases, text, published: None, file: OnceLock::new() })
    };
    index.into_iter().map(slot).collect()
}
