//! A lock as its file holds it: well formed, but not yet trusted.
//!
//! envctl uses its decisions only when they are choices among the compatibility data and the manifest
//! ([`WrittenLock::trusted`]), or when the caller agreed to everything that the lock names.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::misfit::{self, LockMisfit};
use super::shape::{LockShape, PackageShape};
use super::shape_v1::LockShapeV1;
use super::trust::{self, Grounds};
use super::{Lock, LockError};
use crate::error::Snippet;
use crate::parser;

/// A well-formed lock that is not yet trusted. The module's head describes it.
#[derive(Clone, Debug)]
pub struct WrittenLock {
    path: PathBuf,
    text: String,
    shape: LockShape,
    /// The content, for comparisons.
    pub(super) lock: Lock,
}

/// Whether a lock can name values that are in neither the compatibility data nor the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockSources {
    /// It cannot.
    Known,
    /// It can, because the caller agreed.
    Any,
}

/// The largest file that is read, bytes: enough for a thousand packages with a hundred hashes each.
const LARGEST: usize = 8 * 1024 * 1024;

/// The largest number of packages in one lock.
const MOST_PACKAGES: usize = 10_000;

/// The largest number of frameworks, and of items in each of their lists.
const MOST_OF_A_FRAMEWORK: usize = 200;

impl WrittenLock {
    /// Reads a lock's text as the shape of its version.
    fn parse<Shape: DeserializeOwned + Into<LockShape>>(text: &str, path: &Path) -> Result<Self, LockError> {
        let damaged = |reason: String, span| damaged(path, text, reason, span);
        let shape: LockShape = match parser::contain(|| toml::from_str::<Shape>(text)) {
            Ok(shape) => shape.map_err(|error| not_toml(path, text, &error))?.into(),
            Err(panicked) => return Err(damaged(panicked.to_string(), None)),
        };
        if shape.longest_list() > MOST_OF_A_FRAMEWORK {
            let reason = format!(
                "a list of its frameworks or of the distribution's packages has more than {MOST_OF_A_FRAMEWORK} items"
            );
            return Err(damaged(reason, None));
        }
        if let Some((error, span)) = shape.packages.iter().find_map(PackageShape::wrong_hash) {
            return Err(damaged(format!("{error}; allowed: {}", error.allowed), Some(span)));
        }
        if shape.packages.len() > MOST_PACKAGES {
            let reason = format!("there are {} packages, and {MOST_PACKAGES} are allowed", shape.packages.len());
            return Err(damaged(reason, None));
        }
        if let Some(package) = shape.packages.iter().find(|package| package.lacks_a_source()) {
            let reason = format!("`{}` has neither a version nor a URL, or both", package.name.get_ref());
            return Err(damaged(reason, Some(package.name.span())));
        }
        if let Some(package) = shape.repeated_package() {
            let reason = format!("`{}` is there more than once", package.name.get_ref());
            return Err(damaged(reason, Some(package.name.span())));
        }
        if let Some((reason, span)) = shape.wrong_build() {
            return Err(damaged(reason, span));
        }
        let lock = shape.lock();
        Ok(Self { path: path.to_path_buf(), text: text.to_owned(), shape, lock })
    }

    /// The lock, after a check that every value has a known source, and that its frameworks and packages are those that
    /// the project asks for. The error names the first exception.
    pub fn trusted(self, grounds: &Grounds<'_>) -> Result<Lock, LockError> {
        self.look_at_choices(grounds)?;
        match misfit::package(&self.shape, &self.lock.decision, &self.lock.packages, grounds.project) {
            None => Ok(self.lock),
            Some(misfit) => Err(self.misfit(misfit)),
        }
    }

    /// The lock of [`Self::trusted`] for a new resolution of the closure. Of its packages, only their indexes are used
    /// and checked.
    pub(super) fn trusted_choices(self, grounds: &Grounds<'_>) -> Result<Lock, LockError> {
        self.look_at_choices(grounds)?;
        Ok(self.lock)
    }

    fn look_at_choices(&self, grounds: &Grounds<'_>) -> Result<(), LockError> {
        if let Some(foreign) = trust::foreign(&self.shape, grounds) {
            let at = Box::new(snippet(&self.path, &self.text, foreign.span.clone(), foreign.key));
            return Err(LockError::Untrusted { path: self.path.clone(), foreign, at });
        }
        misfit::framework(&self.shape, grounds).map_or(Ok(()), |misfit| Err(self.misfit(misfit)))
    }

    fn misfit(&self, misfit: LockMisfit) -> LockError {
        let at = Box::new(snippet(&self.path, &self.text, misfit.span.clone(), ""));
        LockError::Unasked { path: self.path.clone(), misfit, at }
    }

    /// Whether the file has an older format than the current one.
    pub(super) fn is_old(&self) -> bool {
        self.shape.version < super::FORMAT
    }

    /// The text of the lock in the current format.
    #[must_use]
    pub fn to_text(&self) -> String {
        super::to_text(&self.lock)
    }
}

/// Reads a lock's text. It checks the version first, so that a later format is not reported as damaged.
///
/// # Errors
///
/// A later format, a table or key that only a later envctl knows, and a text that is not a lock.
pub fn parse(text: &str, path: &Path) -> Result<WrittenLock, LockError> {
    #[derive(serde::Deserialize)]
    struct Head {
        version: Option<Spanned<i64>>,
    }
    if let Some(error) = too_long(path, text) {
        return Err(error);
    }
    let head = match parser::contain(|| toml::from_str::<Head>(text)) {
        Ok(head) => head.map_err(|error| not_toml(path, text, &error))?,
        Err(panicked) => return Err(damaged(path, text, panicked.to_string(), None)),
    };
    let Some(version) = head.version else {
        return Err(damaged(path, text, "it has no `version`".to_owned(), None));
    };
    match version.get_ref() {
        1 => WrittenLock::parse::<LockShapeV1>(text, path),
        2 => WrittenLock::parse::<LockShape>(text, path),
        3.. => Err(LockError::TooNew { path: path.to_path_buf(), version: version.into_inner() }),
        none => Err(damaged(path, text, format!("there is no version {none}"), Some(version.span()))),
    }
}

/// The error for invalid TOML, for an invalid field, and for a field that only a later envctl knows.
fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> LockError {
    let (message, span) = parser::toml_error(text, error);
    match parser::unknown_key(error) {
        Some(key) => {
            let at = Box::new(snippet(path, text, span, "not known here"));
            LockError::UnknownKey { path: path.to_path_buf(), key, at }
        }
        None => damaged(path, text, message, Some(span)),
    }
}

/// The error for a text that is not a lock, with its place.
fn damaged(path: &Path, text: &str, reason: String, span: Option<Range<usize>>) -> LockError {
    let at = snippet(path, text, span.unwrap_or(0..0), "");
    LockError::Damaged { path: path.to_path_buf(), reason, at: Box::new(at) }
}

/// The error for a text that is too long. `None`: the length is allowed.
fn too_long(path: &Path, text: &str) -> Option<LockError> {
    let reason = || format!("it has {} bytes, and {LARGEST} are allowed", text.len());
    (text.len() > LARGEST).then(|| damaged(path, "", reason(), None))
}

fn snippet(path: &Path, text: &str, span: Range<usize>, label: &str) -> Snippet {
    Snippet { path: path.to_path_buf(), text: text.to_owned(), span, label: label.to_owned() }
}
