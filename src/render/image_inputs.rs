//! The inputs of an image.

use std::collections::BTreeMap;

use super::ContextFile;
use crate::lock::Lock;
use crate::manifest::Manifest;

/// What an image is made of.
#[derive(Clone, Copy, Debug)]
pub struct ImageInputs<'a> {
    pub lock: &'a Lock,
    pub manifest: &'a Manifest,
    /// The base's name on this engine, where it was made here; none: as the lock says.
    pub base: Option<&'a str>,
    /// The same for the base of the stage that fetches for an image of the user's own; none: [`FETCH_BASE`](super::FETCH_BASE).
    pub fetch_base: Option<&'a str>,
    /// This host has a bundle of certificates that the build steps are to trust ([`crate::packages::trust`]).
    pub certificates: bool,
    /// This host has Python indexes of its own: they reach the build as a secret, so that no two hosts' files differ.
    pub own_index: bool,
    /// The builder's predefined arguments for a proxy: they reach every step and no layer.
    pub proxies: &'a BTreeMap<String, String>,
    /// The files of `[build] copy`, in the manifest's order; each by its path below what was copied, which for a single
    /// file is empty.
    pub copies: &'a [BTreeMap<String, ContextFile>],
    /// Whether packages without wheels may run their own code in the step that holds the index's password. It has no cache
    /// that other environments trust then.
    pub package_builds: bool,
    /// The environment that the image is built for, by its ID: its caches are its own. None: the lines of `[build] append`
    /// stand as the manifest has them, the same on every machine.
    pub environment: Option<&'a str>,
}
