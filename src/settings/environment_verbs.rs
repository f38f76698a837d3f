//! The settings of the verbs that run and use an environment.
//!
//! Each conversion destructures clap's struct in full.

use std::path::PathBuf;

use super::{Consent, SettingsError};
use crate::cli;
use crate::manifest::EnvName;

/// `down`
#[derive(Clone, Debug)]
pub struct Down {
    pub manifest: Option<PathBuf>,
    pub volumes: bool,
    pub image: bool,
    pub consent: Consent,
}

impl From<cli::DownArgs> for Down {
    fn from(down: cli::DownArgs) -> Self {
        let cli::DownArgs { project: cli::ProjectArgs { manifest }, volumes, image, force, yes } = down;
        Self { manifest, volumes, image, consent: Consent { force, yes } }
    }
}

/// `start`
#[derive(Clone, Debug)]
pub struct Start {
    pub manifest: Option<PathBuf>,
}

impl From<cli::StartArgs> for Start {
    fn from(start: cli::StartArgs) -> Self {
        let cli::StartArgs { project: cli::ProjectArgs { manifest } } = start;
        Self { manifest }
    }
}

/// `stop` and `restart`
#[derive(Clone, Debug)]
pub struct Stop {
    pub manifest: Option<PathBuf>,
    pub consent: Consent,
}

impl From<cli::StopArgs> for Stop {
    fn from(stop: cli::StopArgs) -> Self {
        let cli::StopArgs { project: cli::ProjectArgs { manifest }, force, yes } = stop;
        Self { manifest, consent: Consent { force, yes } }
    }
}

/// `ssh`
#[derive(Clone, Debug)]
pub struct SshSettings {
    pub manifest: Option<PathBuf>,
    /// The arguments for ssh itself.
    pub arguments: Vec<String>,
}

impl From<cli::SshArgs> for SshSettings {
    fn from(ssh: cli::SshArgs) -> Self {
        let cli::SshArgs { project: cli::ProjectArgs { manifest }, arguments } = ssh;
        Self { manifest, arguments }
    }
}

/// `verify`
#[derive(Clone, Debug)]
pub struct Verify {
    pub manifest: Option<PathBuf>,
    /// Whether the project's code is looked over.
    pub imports: bool,
}

impl From<cli::VerifyArgs> for Verify {
    fn from(verify: cli::VerifyArgs) -> Self {
        let cli::VerifyArgs { project: cli::ProjectArgs { manifest }, imports } = verify;
        Self { manifest, imports }
    }
}

/// `exec`
#[derive(Clone, Debug)]
pub struct Exec {
    pub manifest: Option<PathBuf>,
    pub root: bool,
    pub no_tty: bool,
    pub workdir: Option<String>,
    /// More variables for the command, in this order.
    pub env: Vec<(EnvName, String)>,
    /// The command; empty: a login shell.
    pub command: Vec<String>,
}

impl TryFrom<cli::ExecArgs> for Exec {
    type Error = SettingsError;

    fn try_from(exec: cli::ExecArgs) -> Result<Self, SettingsError> {
        let cli::ExecArgs { project: cli::ProjectArgs { manifest }, root, no_tty, workdir, env, command } = exec;
        let env = env.iter().map(|pair| variable(pair)).collect::<Result<_, _>>()?;
        Ok(Self { manifest, root, no_tty, workdir, env, command })
    }
}

fn variable(pair: &str) -> Result<(EnvName, String), SettingsError> {
    let parsed = pair.split_once('=').and_then(|(name, value)| Some((name.parse().ok()?, value.to_owned())));
    let found = pair.to_owned();
    parsed.ok_or(SettingsError::Value { option: "--env", found, allowed: "`NAME=VALUE`" })
}

/// `logs`
#[derive(Clone, Debug)]
pub struct Logs {
    pub manifest: Option<PathBuf>,
    pub follow: bool,
    pub tail: Option<u64>,
    pub timestamps: bool,
}

impl From<cli::LogsArgs> for Logs {
    fn from(logs: cli::LogsArgs) -> Self {
        let cli::LogsArgs { project: cli::ProjectArgs { manifest }, follow, tail, timestamps } = logs;
        Self { manifest, follow, tail, timestamps }
    }
}

/// `ps`
#[derive(Clone, Copy, Debug)]
pub struct Ps {
    pub all: bool,
}

impl From<cli::PsArgs> for Ps {
    fn from(ps: cli::PsArgs) -> Self {
        let cli::PsArgs { all } = ps;
        Self { all }
    }
}

/// `status`
#[derive(Clone, Debug)]
pub struct Status {
    pub manifest: Option<PathBuf>,
    pub connect: bool,
}

impl From<cli::StatusArgs> for Status {
    fn from(status: cli::StatusArgs) -> Self {
        let cli::StatusArgs { project: cli::ProjectArgs { manifest }, connect } = status;
        Self { manifest, connect }
    }
}
