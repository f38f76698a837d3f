//! The settings of the verbs for the machine, the compatibility data and the configuration.
//!
//! Each conversion destructures clap's struct in full.

use std::path::PathBuf;

use super::build_verbs::{Consent, Up};
use super::{SettingsError, checked, overrides};
use crate::cli;
use crate::manifest::Date;
use crate::reconcile::work::BuildOptions;
use crate::resolve::Overrides;

/// `host`
#[derive(Clone, Debug)]
pub struct Host {
    pub overrides: Overrides,
}

impl TryFrom<cli::HostArgs> for Host {
    type Error = SettingsError;

    fn try_from(host: cli::HostArgs) -> Result<Self, SettingsError> {
        let cli::HostArgs { target } = host;
        Ok(Self { overrides: overrides(target, false)? })
    }
}

/// `setup`
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub yes: bool,
    pub dry_run: bool,
}

impl From<cli::SetupArgs> for Setup {
    fn from(setup: cli::SetupArgs) -> Self {
        let cli::SetupArgs { yes, dry_run } = setup;
        Self { yes, dry_run }
    }
}

/// `quickstart`
#[derive(Clone, Debug)]
pub struct Quickstart {
    pub yes: bool,
    /// The directory for the example project.
    pub path: PathBuf,
    pub bootstrap: bool,
}

impl Quickstart {
    /// The settings of the `up` that brings the example up.
    #[must_use]
    pub fn up(&self, manifest: PathBuf, bootstrap: bool) -> Up {
        let build = BuildOptions { bootstrap, ..BuildOptions::default() };
        Up { manifest: Some(manifest), build, consent: Consent { force: false, yes: self.yes }, recreate: false }
    }
}

impl From<cli::QuickstartArgs> for Quickstart {
    fn from(quickstart: cli::QuickstartArgs) -> Self {
        let cli::QuickstartArgs { yes, path, bootstrap } = quickstart;
        Self { yes, path, bootstrap }
    }
}

/// `matrix`
#[derive(Clone, Debug)]
pub enum MatrixSettings {
    List,
    Show { subject: String, version: Option<String> },
    Verify { matrix: Option<PathBuf> },
    VerifyOnline { matrix: Option<PathBuf>, sample: usize, seed: Option<u64> },
    Fetch,
    Update(MatrixUpdate),
}

/// `matrix update`
#[derive(Clone, Debug)]
pub struct MatrixUpdate {
    /// The directory of rows; `None`: the rows in use on this machine.
    pub matrix: Option<PathBuf>,
    /// The frameworks to update; empty: all.
    pub frameworks: Vec<String>,
    /// Only packages that were uploaded before this day count.
    pub exclude_newer: Option<Date>,
    pub dry_run: bool,
}

impl TryFrom<cli::MatrixArgs> for MatrixSettings {
    type Error = SettingsError;

    fn try_from(matrix: cli::MatrixArgs) -> Result<Self, SettingsError> {
        let cli::MatrixArgs { command } = matrix;
        Ok(match command {
            cli::MatrixCommand::List => Self::List,
            cli::MatrixCommand::Fetch => Self::Fetch,
            cli::MatrixCommand::Show { subject, version } => Self::Show { subject, version },
            cli::MatrixCommand::Verify { online: false, sample: _, seed: _, matrix } => Self::Verify { matrix },
            cli::MatrixCommand::Verify { online: true, sample, seed, matrix } => {
                Self::VerifyOnline { matrix, sample, seed }
            }
            cli::MatrixCommand::Update { matrix, frameworks, exclude_newer, dry_run } => {
                let exclude_newer = exclude_newer.map(|day| checked("--exclude-newer", &day)).transpose()?;
                Self::Update(MatrixUpdate { matrix, frameworks, exclude_newer, dry_run })
            }
        })
    }
}

/// `config`
#[derive(Clone, Debug)]
pub struct Config {
    pub manifest: Option<PathBuf>,
}

impl From<cli::ConfigArgs> for Config {
    fn from(config: cli::ConfigArgs) -> Self {
        let cli::ConfigArgs { project: cli::ProjectArgs { manifest } } = config;
        Self { manifest }
    }
}
