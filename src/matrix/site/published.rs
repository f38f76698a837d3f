//! The frameworks as envctl last read them from the package index. `matrix update` without a folder of rows writes them
//! for this user. They go over the embedded rows until another version of envctl brings its own.
//!
//! Each framework is one text. Like the embedded rows, it is read at the first question about it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::SiteError;
use crate::digest::hex;
use crate::event::{OverlayNotice, OverlayState};
use crate::files;
use crate::matrix::Matrix;
use crate::matrix::embedded;
use crate::matrix::update::Update;
use crate::project::write::{private_directory, replace};
use crate::system::System;

/// The format version of the kept rows.
const VERSION: u32 = 1;

/// The name of this source in messages.
const SOURCE: &str = "envctl matrix update";

/// The kept rows.
#[derive(Debug, Serialize, Deserialize)]
struct CachedAnswer {
    version: u32,
    /// The revision of the embedded rows from which they were made. Another revision makes these rows obsolete.
    from: String,
    /// The newest day on which a row was checked.
    day: String,
    /// The digest of all the texts.
    digest: String,
    /// The complete rows of each framework, as JSON.
    frameworks: BTreeMap<String, String>,
}

/// Keeps `updates`, beside the kept rows of other frameworks.
pub fn keep(system: &System, updates: &[Update], day: &str) -> Result<(), SiteError> {
    let mut frameworks = read(system).map(|kept| kept.frameworks).unwrap_or_default();
    for update in updates {
        let text = serde_json::to_string(&update.file).expect("rows are JSON");
        frameworks.insert(update.id.to_string(), text);
    }
    let mut hash = Sha256::new();
    for text in frameworks.values() {
        hash.update(text);
    }
    let digest = hex(&hash.finalize()[..4]);
    let kept =
        CachedAnswer { version: VERSION, from: embedded::HASH.to_owned(), day: day.to_owned(), digest, frameworks };
    let text = serde_json::to_string(&kept).expect("texts are JSON");
    private_directory(&system.state_home()).map_err(SiteError::Layers)?;
    replace(&place(system), text.as_bytes(), 0o644).map_err(SiteError::Layers)
}

impl Matrix {
    /// Replaces the embedded frameworks by those last read from the index.
    #[must_use]
    pub fn with_published(mut self, system: &System) -> Self {
        let kept = match read(system) {
            Ok(kept) => kept,
            Err(None) => return self,
            Err(Some(state)) => {
                self.notices.push(OverlayNotice { source: SOURCE.to_owned(), state });
                return self;
            }
        };
        for (id, slot) in &mut self.frameworks {
            if let Some(text) = kept.frameworks.get(id.as_str()) {
                slot.renew(text.clone());
            }
        }
        self.newest_check = self.newest_check.max(kept.day);
        self.hash.push('+');
        self.hash.push_str(&kept.digest);
        self
    }
}

/// The kept rows, if they are valid. The error is the reason why existing ones are not used.
fn read(system: &System) -> Result<CachedAnswer, Option<OverlayState>> {
    let text = files::read_text(&place(system), files::DOCUMENT)
        .map_err(|error| (!error.problem.is_missing()).then_some(OverlayState::Unreadable))?;
    let kept: CachedAnswer = serde_json::from_str(&text).map_err(|_| Some(OverlayState::Unreadable))?;
    match kept {
        CachedAnswer { version: VERSION, from, .. } if from != embedded::HASH => Err(Some(OverlayState::OtherEnvctl)),
        CachedAnswer { version: VERSION, .. } => Ok(kept),
        CachedAnswer { .. } => Err(Some(OverlayState::OtherEnvctl)),
    }
}

fn place(system: &System) -> PathBuf {
    system.state_home().join("published.json")
}
