//! The settings of the verbs that decide and build: `check`, `lock`, `render`, `build`, `up`.
//!
//! Each conversion destructures clap's struct in full.

use std::path::PathBuf;

use super::{SettingsError, checked, overrides};
use crate::cli;
use crate::grants::{Allowance, GrantError};
use crate::lock::{LockUse, Upgrade};
use crate::reconcile::work::BuildOptions;
use crate::resolve::Overrides;

/// `check`
#[derive(Clone, Debug)]
pub struct Check {
    /// Manifests, locks or directories of them.
    pub paths: Vec<PathBuf>,
    /// `-` is standard input.
    pub manifest: Option<PathBuf>,
    pub overrides: Overrides,
    /// Files of host facts, or directories of them.
    pub facts: Vec<PathBuf>,
    pub why: Option<String>,
    pub all: bool,
    /// Whether the Python packages are resolved too.
    pub packages: bool,
    /// The grants on the command line.
    pub allow: Vec<Allowance>,
}

impl TryFrom<cli::CheckArgs> for Check {
    type Error = SettingsError;

    fn try_from(check: cli::CheckArgs) -> Result<Self, SettingsError> {
        // `check` works offline unless it resolves packages; the option exists for scripts that pass it to every tool.
        let cli::CheckArgs {
            paths,
            manifest,
            target,
            facts,
            cpu,
            offline: _,
            allow_unknown,
            why,
            all,
            packages,
            allow,
        } = check;
        let overrides = Overrides { facts: !facts.is_empty(), allow_unknown, ..overrides(target, cpu)? };
        Ok(Self { paths, manifest, overrides, facts, why, all, packages, allow: allowances(&allow)? })
    }
}

/// Returns the use of the lock that `--locked` and `--frozen` ask for.
fn lock_use(lock: &cli::LockUseArgs) -> LockUse {
    let cli::LockUseArgs { locked, frozen } = lock;
    match (locked, frozen) {
        (true, _) => LockUse::Locked,
        (_, true) => LockUse::Frozen,
        _ => LockUse::Normal,
    }
}

fn allowances(allow: &cli::AllowArgs) -> Result<Vec<Allowance>, GrantError> {
    let cli::AllowArgs { allow } = allow;
    allow.iter().map(|given| given.parse()).collect()
}

/// `lock`
#[derive(Clone, Debug)]
pub struct LockSettings {
    pub manifest: Option<PathBuf>,
    pub lock: LockUse,
    pub upgrade: Upgrade,
    pub overrides: Overrides,
    pub bootstrap: bool,
    /// The grants on the command line.
    pub allow: Vec<Allowance>,
}

impl TryFrom<cli::LockArgs> for LockSettings {
    type Error = SettingsError;

    fn try_from(lock: cli::LockArgs) -> Result<Self, SettingsError> {
        let cli::LockArgs { project: cli::ProjectArgs { manifest }, lock, upgrade, target, cpu, bootstrap, allow } =
            lock;
        let upgrade = match upgrade {
            None => Upgrade::Nothing,
            Some(name) if name.is_empty() => Upgrade::All,
            Some(name) => Upgrade::Only(checked("--upgrade", &name)?),
        };
        let overrides = overrides(target, cpu)?;
        Ok(Self { manifest, lock: lock_use(&lock), upgrade, overrides, bootstrap, allow: allowances(&allow)? })
    }
}

/// `render`
#[derive(Clone, Debug)]
pub struct Render {
    pub manifest: Option<PathBuf>,
    pub lock: LockUse,
    pub output: Option<PathBuf>,
    pub cpu: bool,
    pub bootstrap: bool,
    /// The grants on the command line.
    pub allow: Vec<Allowance>,
}

impl TryFrom<cli::RenderArgs> for Render {
    type Error = SettingsError;

    fn try_from(render: cli::RenderArgs) -> Result<Self, SettingsError> {
        let cli::RenderArgs { project: cli::ProjectArgs { manifest }, lock, output, cpu, bootstrap, allow } = render;
        Ok(Self { manifest, lock: lock_use(&lock), output, cpu, bootstrap, allow: allowances(&allow)? })
    }
}

/// `build` and `plan`
#[derive(Clone, Debug)]
pub struct ImageSettings {
    pub manifest: Option<PathBuf>,
    pub build: BuildOptions,
}

impl From<&Render> for BuildOptions {
    fn from(render: &Render) -> Self {
        let Render { manifest: _, lock, output: _, cpu, bootstrap, allow } = render.clone();
        Self { lock, cpu, bootstrap, pull: false, no_cache: false, allow }
    }
}

impl TryFrom<cli::ImageArgs> for ImageSettings {
    type Error = SettingsError;

    fn try_from(image: cli::ImageArgs) -> Result<Self, SettingsError> {
        let cli::ImageArgs { project: cli::ProjectArgs { manifest }, lock, cpu, bootstrap, pull, no_cache, allow } =
            image;
        let (lock, allow) = (lock_use(&lock), allowances(&allow)?);
        Ok(Self { manifest, build: BuildOptions { lock, cpu, bootstrap, pull, no_cache, allow } })
    }
}

/// Whether running work may be ended, and whether questions are answered with yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// `--force`
    pub force: bool,
    /// `--yes`
    pub yes: bool,
}

/// `up`
#[derive(Clone, Debug)]
pub struct Up {
    pub manifest: Option<PathBuf>,
    pub build: BuildOptions,
    pub consent: Consent,
    pub recreate: bool,
}

impl TryFrom<cli::UpArgs> for Up {
    type Error = SettingsError;

    fn try_from(up: cli::UpArgs) -> Result<Self, SettingsError> {
        let cli::UpArgs { build, force, yes, recreate } = up;
        let ImageSettings { manifest, build } = build.try_into()?;
        Ok(Self { manifest, build, consent: Consent { force, yes }, recreate })
    }
}
