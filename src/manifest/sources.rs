//! The source texts of a manifest, placed in one common range of byte positions.
//!
//! A span is a plain range. The manifest's own text starts at 0, so its spans index [`Manifest::text`]; the other
//! layers follow it one after the other. [`Sources`] turns a span back into a file, a line and a snippet.
//!
//! [`Manifest::text`]: super::Manifest::text

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::Snippet;

/// The rank of a layer. A later layer wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerKind {
    /// `/etc/envctl/config.toml`
    Site,
    /// `$XDG_CONFIG_HOME/envctl/config.toml`
    User,
    /// `envctl.toml`
    Project,
    /// `envctl.local.toml`, which is not checked in.
    Local,
    /// The settings of the command line, as TOML.
    CommandLine,
}

/// The author of a value. It decides which effects on the host the value can have: see [`crate::grants`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    /// envctl's own default.
    #[default]
    Default,
    /// The caller: the configuration of the machine or the user, or the command line.
    Caller,
    /// A possible stranger: a clone can contain this value.
    Project,
    /// `envctl.local.toml`. It is meant for the caller, but a clone can contain it. It counts as the project's until
    /// the caller adopts its content.
    Overlay,
}

impl LayerKind {
    /// The author of the values in this layer.
    #[must_use]
    pub fn origin(self) -> Origin {
        match self {
            Self::Site | Self::User | Self::CommandLine => Origin::Caller,
            Self::Project => Origin::Project,
            Self::Local => Origin::Overlay,
        }
    }
}

/// One text to read. Layers are ordered lowest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The file of the text; `<stdin>` or `<command line>` for a text without a file.
    pub path: PathBuf,
    /// The complete text.
    pub text: String,
    /// The rank of the layer, which also decides the tables that it can contain.
    pub kind: LayerKind,
}

/// The layers and their positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    layers: Vec<(usize, Layer)>,
}

impl Sources {
    pub(super) fn new(mut layers: Vec<Layer>) -> Self {
        layers.sort_by_key(|layer| layer.kind);
        let main = layers.iter().position(|layer| layer.kind == LayerKind::Project);
        // One byte separates the texts, so that the end of one is not the start of the next.
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

    /// The layers with their start positions, lowest first.
    pub(super) fn layers(&self) -> impl Iterator<Item = (usize, &Layer)> {
        self.layers.iter().map(|(start, layer)| (*start, layer))
    }

    /// The manifest's own layer.
    #[must_use]
    pub fn main(&self) -> Option<&Layer> {
        self.layers.iter().map(|(_, layer)| layer).find(|layer| layer.kind == LayerKind::Project)
    }

    /// The text of the overlay beside the manifest. `None`: no such file.
    #[must_use]
    pub fn overlay(&self) -> Option<&Layer> {
        self.layers.iter().map(|(_, layer)| layer).find(|layer| layer.kind == LayerKind::Local)
    }

    /// The layer that contains a span, and the position inside its text.
    #[must_use]
    pub fn layer_of(&self, span: &Range<usize>) -> Option<(&Layer, Range<usize>)> {
        let (start, layer) =
            self.layers.iter().find(|(start, layer)| (*start..=start + layer.text.len()).contains(&span.start))?;
        let end = (span.end - start).min(layer.text.len());
        Some((layer, span.start - start..end))
    }

    /// The rank of the layer that contains a span.
    pub(super) fn kind_of(&self, span: &Range<usize>) -> Option<LayerKind> {
        self.layer_of(span).map(|(layer, _)| layer.kind)
    }

    /// The place to show in an error.
    #[must_use]
    pub fn snippet(&self, span: &Range<usize>, label: impl Into<String>) -> Option<Snippet> {
        let (layer, span) = self.layer_of(span)?;
        Some(Snippet { path: layer.path.clone(), text: layer.text.clone(), span, label: label.into() })
    }

    /// A short file and line: `envctl.toml:4`, `/etc/envctl/config.toml:2`.
    #[must_use]
    pub fn place(&self, span: &Range<usize>) -> Option<String> {
        let (layer, span) = self.layer_of(span)?;
        let line = layer.text[..span.start].matches('\n').count() + 1;
        Some(format!("{}:{line}", layer.short_name()))
    }
}

impl Layer {
    /// The file name for a file in the project's directory, the complete path for any other file.
    #[must_use]
    pub fn short_name(&self) -> String {
        let short = match self.kind {
            LayerKind::Project | LayerKind::Local => self.path.file_name().map(Path::new),
            _ => None,
        };
        short.unwrap_or(&self.path).display().to_string()
    }
}
