//! One grant: its text for people, its text for `--allow`, and the text that the state stores.
//!
//! The stored text holds everything of the grant that acts on the host, so a change needs new consent.

use std::collections::BTreeSet;
use std::ops::Range;

use super::GrantKind;
use crate::manifest::Port;

/// A grant that a project needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub kind: GrantKind,
    /// The object: a path, a device, an address. Empty if the kind has only one.
    pub what: String,
    /// The degree, if the kind has degrees: [`READ_ONLY`], a device's `rwm`. Empty: no limit.
    pub extent: String,
    /// Whether lines that write the image ask for it, and not the key that requests it directly.
    pub by_image: bool,
    /// A hash of the content of a file or of lines, if a change of the content needs new consent.
    pub content: Option<String>,
    /// The name of `envctl.local.toml` and a hash of its content, if that file asks for the grant.
    pub overlay: Option<(String, String)>,
    /// The place in the manifest.
    pub span: Option<Range<usize>>,
    /// The same place as a file and a line.
    pub place: Option<String>,
    /// Whether the user agreed to other content before.
    pub changed: bool,
}

/// The extent of a read-only object.
pub(super) const READ_ONLY: &str = "ro";

impl Grant {
    /// Returns a grant of a project, for tests.
    #[cfg(test)]
    #[must_use]
    pub fn for_tests(kind: GrantKind, what: &str) -> Self {
        Self {
            kind,
            what: what.to_owned(),
            extent: String::new(),
            by_image: false,
            content: None,
            overlay: None,
            span: None,
            place: None,
            changed: false,
        }
    }

    /// Returns the text that the state stores after consent: everything of the grant that acts on the host.
    #[must_use]
    pub fn token(&self) -> String {
        self.token_of(&self.extent)
    }

    fn token_of(&self, extent: &str) -> String {
        let Self { kind, what, content, .. } = self;
        let extent = if extent.is_empty() { String::new() } else { format!(":{extent}") };
        let kind = kind.name();
        // A blank at the end of a path is part of it.
        let token = match (what.as_str(), content) {
            ("", None) => format!("{kind}{extent}"),
            (what, None) => format!("{kind}{extent} {what}"),
            (what, Some(content)) => format!("{kind}{extent} {what} {content}"),
        };
        match &self.overlay {
            Some((name, hash)) => format!("{}{hash} {token}", overlay_prefix(name)),
            None => token,
        }
    }

    /// Returns the value of `--allow` that agrees to exactly this grant; an overlay is agreed to as a whole.
    #[must_use]
    pub fn option(&self) -> String {
        let Self { kind, what, extent, .. } = self;
        match (&self.overlay, what.as_str(), extent.as_str()) {
            (Some(_), _, _) | (None, "", _) => self.name().to_owned(),
            (None, what, "") => format!("{}={what}", kind.name()),
            (None, what, extent) => format!("{}={what}:{extent}", kind.name()),
        }
    }

    /// Returns its name for `--allow`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.overlay.is_some() { GrantKind::LocalOverlay.name() } else { self.kind.name() }
    }

    /// Whether it permits only reading.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.extent == READ_ONLY
    }

    /// Returns the port that other machines reach, if it is one with an address of the host.
    #[must_use]
    pub fn port(&self) -> Option<Port> {
        let is_port = matches!(self.kind, GrantKind::PortsBeyondLoopback | GrantKind::SshBeyondLoopback);
        Port::parse(&self.what).ok().filter(|_| is_port)?.pop().filter(|port| port.address.is_some())
    }

    /// Whether a stored consent covers it. Consent to writing includes reading, never the reverse.
    pub(super) fn is_remembered(&self, agreed: &BTreeSet<String>) -> bool {
        agreed.contains(&self.token()) || (self.is_read_only() && agreed.contains(&self.token_of("")))
    }

    /// Whether consent to other content of the same object is stored.
    pub(super) fn replaces_one_of(&self, agreed: &BTreeSet<String>) -> bool {
        let begins = |start: &str| agreed.iter().any(|token| token.starts_with(start));
        match (&self.overlay, &self.content) {
            (Some((name, hash)), _) => {
                let prefix = overlay_prefix(name);
                begins(&prefix) && !begins(&format!("{prefix}{hash} "))
            }
            (None, Some(_)) => begins(&format!("{} {} ", self.kind.name(), self.what)),
            (None, None) => false,
        }
    }
}

fn overlay_prefix(name: &str) -> String {
    format!("{} {name} ", GrantKind::LocalOverlay.name())
}
