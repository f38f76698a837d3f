//! The inputs of an image.
//!
//! Equal inputs give equal bytes, so everything that changes the image must be in this struct.

use std::collections::BTreeMap;

use super::ContextFile;
use crate::lock::Lock;
use crate::manifest::Manifest;
use crate::proof::FrameworkCode;

/// The inputs of an image.
#[derive(Clone, Copy, Debug)]
pub struct ImageInputs<'a> {
    pub lock: &'a Lock,
    pub manifest: &'a Manifest,
    /// The frameworks that the build imports.
    pub proofs: &'a [FrameworkCode],
    /// The base's name on this engine, if it was made here. `None`: the name in the lock.
    pub base: Option<&'a str>,
    /// The name on this engine of the fetch stage's base. `None`: [`FETCH_BASE`](super::FETCH_BASE).
    pub fetch_base: Option<&'a str>,
    /// Whether this host has certificates that the build steps must trust ([`crate::packages::trust`]).
    pub certificates: bool,
    /// Whether this host has its own Python indexes. They reach the build as a secret, so that the Dockerfile is the
    /// same on all hosts.
    pub own_index: bool,
    /// The builder's predefined arguments for a proxy. They reach every step and no layer.
    pub proxies: &'a BTreeMap<String, String>,
    /// The files of `[build] copy`, in the manifest's order. Each key is the path below the copied directory; for a
    /// single file it is empty.
    pub copies: &'a [BTreeMap<String, ContextFile>],
    /// The ID of the environment, which gives its caches their names. `None`: the lines of `[build] append` stay
    /// unchanged and are the same on every machine.
    pub environment: Option<&'a str>,
}
