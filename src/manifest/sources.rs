//! The source texts of a manifest, placed in one common range of byte positions.
//!
//! A span is a plain range. The manifest's own text starts at 0, so its spans index [`Manifest::text`]; the other
//! layers follow it one after the other. [`Sources`] turns a span back into a file, a line and a snippet.
//!
//! [`Manifest::text`]: super::Manifest::text

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::Snippet;

/// Where a layer stands among the others: later ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerKind {
    /// `/etc/envctl/config.toml`
    Site,
    /// `$XDG_CONFIG_HOME/envctl/config.toml`
    User,
    /// `envctl.toml`
    Project,
    /// `envctl.local.toml`, not checked in.
    Local,
    /// What the command line sets, as TOML.
    CommandLine,
}

/// Whose a value is. This decides what it may do to the host: see [`crate::grants`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    /// envctl's own default.
    #[default]
    Default,
    /// The caller's: the configuration of the machine or the person, or the command line.
    Caller,
    /// A stranger's: what a clone may bring along.
    Project,
    /// `envctl.local.toml`: meant to be the caller's, and a clone may bring it along as well. It counts as the project's
    /// until the caller adopts its content.
    Overlay,
}

impl LayerKind {
    /// Whose the values of such a layer are.
    #[must_use]
    pub fn origin(self) -> Origin {
        match self {
            Self::Site | Self::User | Self::CommandLine => Origin::Caller,
            Self::Project => Origin::Project,
            Self::Local => Origin::Overlay,
        }
    }
}

/// One text to read, lowest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The file it came from; `<stdin>` or `<command line>` for what is none.
    pub path: PathBuf,
    /// Its whole text.
    pub text: String,
    /// Its rank, and what may stand in it.
    pub kind: LayerKind,
}

/// The layers with their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    layers: Vec<(usize, Layer)>,
}

impl Sources {
    pub(super) fn new(mut layers: Vec<Layer>) -> Self {
        layers.sort_by_key(|layer| layer.kind);
        let main = layers.iter().position(|layer| layer.kind == LayerKind::Project);
        // One byte between the texts, so that the end of one is not the start of the next.
        let mut next = main.map_or(0, |main| layers[main].text.len() + 1);
        let place = |(at, layer): (usize, Layer)| {
            if Some(at) == main {
                return (0, layer);
            }
            let start = next;
            next += layer.text.len() + 1;
            (start, layer)
        };
        Self { layers: layers.into_iter().enumerate().map(place).collect() }
    }

    /// The layers with the position where each begins, lowest first.
    pub(super) fn layers(&self) -> impl Iterator<Item = (usize, &Layer)> {
        self.layers.iter().map(|(start, layer)| (*start, layer))
    }

    /// The manifest's own layer.
    #[must_use]
    pub fn main(&self) -> Option<&Layer> {
        self.layers.iter().map(|(_, layer)| layer).find(|layer| layer.kind == LayerKind::Project)
    }

    /// The text of the overlay beside the manifest; none where there is no such file.
    #[must_use]
    pub fn overlay(&self) -> Option<&Layer> {
        self.layers.iter().map(|(_, layer)| layer).find(|layer| layer.kind == LayerKind::Local)
    }

    /// The layer that a span lies in, and where in its text.
    #[must_use]
    pub fn layer_of(&self, span: &Range<usize>) -> Option<(&Layer, Range<usize>)> {
        let (start, layer) =
            self.layers.iter().find(|(start, layer)| (*start..=start + layer.text.len()).contains(&span.start))?;
        let end = (span.end - start).min(layer.text.len());
        Some((layer, span.start - start..end))
    }

    /// The rank of the layer a span lies in.
    pub(super) fn kind_of(&self, span: &Range<usize>) -> Option<LayerKind> {
        self.layer_of(span).map(|(layer, _)| layer.kind)
    }

    /// The place to show in an error.
    #[must_use]
    pub fn snippet(&self, span: &Range<usize>, label: impl Into<String>) -> Option<Snippet> {
        let (layer, span) = self.layer_of(span)?;
        Some(Snippet { path: layer.path.clone(), text: layer.text.clone(), span, label: label.into() })
    }

    /// File and line in a few characters: `envctl.toml:4`, `/etc/envctl/config.toml:2`.
    #[must_use]
    pub fn place(&self, span: &Range<usize>) -> Option<String> {
        let (layer, span) = self.layer_of(span)?;
        let line = layer.text[..span.start].matches('\n').count() + 1;
        Some(format!("{}:{line}", layer.short_name()))
    }
}

impl Layer {
    /// The file's name where the project's directory is understood, the whole path elsewhere.
    #[must_use]
    pub fn short_name(&self) -> String {
        let short = match self.kind {
            LayerKind::Project | LayerKind::Local => self.path.file_name().map(Path::new),
            _ => None,
        };
        short.unwrap_or(&self.path).display().to_string()
    }
}
