//! Images as values: the state of an image, an image in a list, and an image to build.
//!
//! These types are envctl's own, so that no type of the engine's client library leaves this room.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The prefix of the names of images that exist only locally. The top-level domain `invalid` is reserved (RFC 2606):
/// no registry answers there, so a missing local image is never pulled from a stranger who took the name.
pub const LOCAL_IMAGES: &str = "envctl.invalid";

/// The ID of an image, a hash of its content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageId(pub String);

/// The state of an image, as the engine reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageState {
    pub id: ImageId,
    /// `name@sha256:…`, if the image is from a registry.
    pub repo_digests: Vec<String>,
    pub labels: BTreeMap<String, String>,
    /// The image's variables, `NAME=value`.
    pub env: Vec<String>,
    /// Instructions that run in builds which start from this image (`ONBUILD`).
    pub on_build: Vec<String>,
    /// The size in bytes.
    pub size: u64,
}

/// An image in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedImage {
    pub id: ImageId,
    /// `envctl/lab:1a2b3c4d5e6f`; empty if another image has the name now.
    pub tags: Vec<String>,
    /// Whether the image was made from a container or by a step on another image, and not by a whole build.
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
    /// Secret mounts by ID: files on this host.
    pub secret_files: BTreeMap<String, PathBuf>,
    /// Secret mounts by ID: variables of this process.
    pub secret_env: BTreeMap<String, String>,
    /// `linux/amd64`; empty: the engine's platform.
    pub platform: String,
    /// Whether to ignore the build cache.
    pub no_cache: bool,
}
