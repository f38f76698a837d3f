//! A value of `--allow`: consent to a kind of grant, or to one object of that kind.
//!
//! It is parsed once, where the command line ends.

use std::fmt;
use std::str::FromStr;

use super::{Grant, GrantError, GrantKind};
use crate::manifest::Port;
use crate::text::escaped;

/// A value of `--allow`: `mounts`, or `mounts=/srv/data`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The kind of the grants that it agrees to.
    pub kind: GrantKind,
    /// The object that it agrees to. `None`: all objects of the kind.
    pub object: Option<String>,
}

impl FromStr for Allowance {
    type Err = GrantError;

    fn from_str(given: &str) -> Result<Self, GrantError> {
        let (name, object) = given.split_once('=').map_or((given, None), |(name, object)| (name, Some(object)));
        let kind = GrantKind::ALL.into_iter().find(|kind| kind.name() == name);
        let kind = kind.ok_or_else(|| GrantError::NoSuchGrant { name: given.to_owned() })?;
        Ok(Self { kind, object: object.map(str::to_owned) })
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.object {
            None => f.write_str(self.kind.name()),
            Some(object) => write!(f, "{}={object}", self.kind.name()),
        }
    }
}

impl Allowance {
    /// Whether it agrees to a grant.
    pub(super) fn covers(&self, grant: &Grant) -> bool {
        if self.kind.name() != grant.name() {
            return false;
        }
        let Some(object) = &self.object else { return true };
        let what = grant.overlay.as_ref().map_or(&grant.what, |(name, _)| name);
        means(object, what) || means(&self.to_string(), &grant.option()) || includes_port(object, grant)
    }
}

/// Whether a typed text means this text. Invisible characters are shown and typed as escapes. A literal text that
/// looks like an escape is shown differently.
fn means(given: &str, text: &str) -> bool {
    if given.contains("\\u{") { given == escaped(text) } else { given == text }
}

/// Whether a value in the form of `[run] ports` includes the port of a grant: `0.0.0.0:8000-8010:8000-8010`.
fn includes_port(value: &str, grant: &Grant) -> bool {
    let asked = grant.port().filter(|_| grant.overlay.is_none());
    asked.is_some_and(|asked| Port::parse(value).is_ok_and(|ports| ports.contains(&asked)))
}
