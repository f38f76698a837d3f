//! One grant: its text for people, its text for `--allow`, and the text that the state stores.
//!
//! The stored text holds everything of the grant that acts on the host, so a change needs new consent.

use std::collections::BTreeSet;
use std::ops::Range;

use super::GrantKind;
use crate::error::escaped;
use crate::manifest::Port;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What kind of thing.
    pub kind: GrantKind,
    /// Which one: a path, a device, an address. Empty where the kind says all.
    pub what: String,
    /// How far it goes, where there are degrees: [`READ_ONLY`], a device's `rwm`. Empty: as far as can be.
    pub extent: String,
    /// Lines that write the image ask for it, not the key that gives it outright.
    pub by_image: bool,
    /// A hash of what a file or some lines hold, where `what` is not enough to tell a change.
    pub content: Option<String>,
    /// Where `envctl.local.toml` asks for it: that file's name and a hash of its content.
    pub overlay: Option<(String, String)>,
    /// Where the manifest asks for it.
    pub span: Option<Range<usize>>,
    /// The same as a file and a line.
    pub place: Option<String>,
    /// Another content of it was agreed to before.
    pub changed: bool,
}

/// The extent of what can't be written.
pub(super) const READ_ONLY: &str = "ro";

impl Grant {
    /// How the state remembers that it was agreed to: everything of it that acts on the host.
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

    /// What `--allow` takes to agree to it and to nothing more; an overlay is agreed to as a whole.
    #[must_use]
    pub fn option(&self) -> String {
        let Self { kind, what, extent, .. } = self;
        match (&self.overlay, what.as_str(), extent.as_str()) {
            (Some(_), _, _) | (None, "", _) => self.name().to_owned(),
            (None, what, "") => format!("{}={what}", kind.name()),
            (None, what, extent) => format!("{}={what}:{extent}", kind.name()),
        }
    }

    /// The name that `--allow` takes for it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.overlay.is_some() { GrantKind::LocalOverlay.name() } else { self.kind.name() }
    }

    /// Whether it gives reading alone.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.extent == READ_ONLY
    }

    /// The port that other machines reach, where it is one with an address of the host.
    #[must_use]
    pub fn port(&self) -> Option<Port> {
        let is_port = matches!(self.kind, GrantKind::PortsBeyondLoopback | GrantKind::SshBeyondLoopback);
        Port::parse(&self.what).ok().filter(|_| is_port)?.pop().filter(|port| port.address.is_some())
    }

    /// Whether what is remembered covers it. What may be written may also be read, never the reverse.
    pub(super) fn is_remembered(&self, agreed: &BTreeSet<String>) -> bool {
        agreed.contains(&self.token()) || (self.is_read_only() && agreed.contains(&self.token_of("")))
    }

    /// Whether another content of the same thing is remembered.
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

    /// Whether `--allow NAME` or `--allow NAME=WHAT` covers it.
    pub(super) fn is_allowed(&self, allowed: &[String]) -> bool {
        let what = self.overlay.as_ref().map_or(&self.what, |(name, _)| name);
        allowed.iter().any(|given| match given.split_once('=') {
            None => given == self.name(),
            Some((kind, value)) => {
                // What can't be seen is shown, and so typed, as an escape; a text that looks like one is shown as another.
                let means = |given: &str, text: &str| {
                    if given.contains("\\u{") { given == escaped(text) } else { given == text }
                };
                let is_typed = means(value, what) || means(given, &self.option());
                kind == self.name() && (is_typed || self.is_port_of(value))
            }
        })
    }

    /// Whether a value of the form of `[run] ports` has this port: `0.0.0.0:8000-8010:8000-8010`.
    fn is_port_of(&self, value: &str) -> bool {
        let asked = self.port().filter(|_| self.overlay.is_none());
        asked.is_some_and(|asked| Port::parse(value).is_ok_and(|ports| ports.contains(&asked)))
    }
}

fn overlay_prefix(name: &str) -> String {
    format!("{} {name} ", GrantKind::LocalOverlay.name())
}
