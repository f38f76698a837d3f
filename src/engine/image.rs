//! Images as values: the state of an image, an image in a list, and an image to build.
//!
//! These types are envctl's own, so that no type of the engine's client library leaves this room.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Before the names of images that are only ever made here. The top-level domain `invalid` is reserved (RFC 2606): no
/// registry answers there, so a missing image of ours is never fetched from somebody who took the name.
pub const LOCAL_IMAGES: &str = "envctl.invalid";

/// An image by its content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageId(pub String);

/// What the engine says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageState {
    pub id: ImageId,
    /// `name@sha256:…`, where it came from a registry.
    pub repo_digests: Vec<String>,
    pub labels: BTreeMap<String, String>,
    /// `NAME=value` as in the image.
    pub env: Vec<String>,
    /// Instructions that the image gives to builds which start from it (`ONBUILD`).
    pub on_build: Vec<String>,
    /// Bytes.
    pub size: u64,
}

/// An image as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedImage {
    pub id: ImageId,
    /// `envctl/lab:1a2b3c4d5e6f`; none: another image has the name by now.
    pub tags: Vec<String>,
    /// Whether it was made from a container or by a step on another image, and not by a whole build.
    pub has_parent: bool,
}

/// An image to build.
#[derive(Clone, Debug, Default)]
pub struct ImageBuild {
    /// `envctl/NAME:HASH`
    pub tag: String,
    /// The build context, as a tar archive with the `Dockerfile` in it: sorted, no times, no owners.
    pub context: Vec<u8>,
    pub build_args: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    /// Secret mounts by id: files on this host.
    pub secret_files: BTreeMap<String, PathBuf>,
    /// Secret mounts by id: variables of this process.
    pub secret_env: BTreeMap<String, String>,
    /// `linux/amd64`; empty: the engine's own.
    pub platform: String,
    /// Use nothing from the build cache.
    pub no_cache: bool,
}
