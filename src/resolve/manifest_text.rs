//! The manifest text behind a request: the places of its values, and the start of each edit.

use std::ops::Range;
use std::path::PathBuf;

use super::origin::{Asked, FactOrigin};
use crate::manifest::{Located, Manifest, Sources};

/// The text of a manifest, with its sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ManifestText {
    /// The file, or `<stdin>`.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
    /// The manifest and the files over it, to find the line of a value.
    pub sources: Sources,
}

impl ManifestText {
    /// The text of `manifest`.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        Self { path: manifest.path.clone(), text: manifest.text.clone(), sources: manifest.sources.clone() }
    }

    /// A value of this manifest, with its origin.
    pub(super) fn asked<T: Clone>(&self, located: Option<&Located<T>>) -> Option<Asked<T>> {
        let Located { value, span, origin: _ } = located?;
        Some(Asked { value: value.clone(), origin: self.origin(span.as_ref()) })
    }

    /// The origin of the value at `span`.
    pub(super) fn origin(&self, span: Option<&Range<usize>>) -> FactOrigin {
        let place = span.and_then(|span| self.sources.place(span));
        FactOrigin::Manifest { place, span: span.cloned() }
    }
}
