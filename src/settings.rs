//! Command line → one plain, typed struct per command. No clap type passes this file, and every struct of `cli` is
//! destructured in full, so that a new option breaks the build here until it is given a meaning.

use std::path::PathBuf;

use crate::cli;
use crate::error::{Exit, Report};
use crate::manifest::{Arch, Date};
use crate::system::System;
use crate::version::{ComputeCapability, DriverVersion, VersionError};

/// A value on the command line is not what its option takes.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A version.
    #[error("`{option}`: {error}")]
    Version {
        /// Which option.
        option: &'static str,
        /// Why not.
        error: VersionError,
    },
    /// Anything else.
    #[error("`{option}` can't be `{found}`: it takes {allowed}")]
    Value {
        /// Which option.
        option: &'static str,
        /// What was given.
        found: String,
        /// What it takes.
        allowed: &'static str,
    },
}

impl Report for SettingsError {
    fn kind(&self) -> &'static str {
        "bad-argument"
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// What every command knows.
#[derive(Clone, Debug)]
pub struct Global {
    /// The engine's address, when named.
    pub engine: Option<String>,
    /// One JSON document on standard output.
    pub json: bool,
    /// How progress is shown.
    pub progress: Progress,
    /// Whether standard error, and standard output, take colour.
    pub color: ColorChoice,
    /// How much is said.
    pub verbosity: Verbosity,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Moving bars.
    Bars,
    /// A line per change.
    Lines,
    /// A JSON event per line.
    Json,
    /// Nothing.
    Hidden,
}

/// Where colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColorChoice {
    pub stdout: bool,
    pub stderr: bool,
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Results and errors.
    Quiet,
    /// What a person waits for.
    Normal,
    /// Details.
    Verbose,
    /// Every line of a build.
    Trace,
}

impl Global {
    /// From the command line, `NO_COLOR` and the terminals at hand.
    #[must_use]
    pub fn new(global: cli::Global, system: &System) -> Self {
        // `directory` was applied to `System` before anything else was read.
        let cli::Global { directory: _, engine, json, progress, color, quiet, verbose } = global;
        let plain = system.variable("NO_COLOR").is_some() || system.variable("TERM") == Some("dumb");
        let color = match color {
            cli::Color::Always => ColorChoice { stdout: true, stderr: true },
            cli::Color::Never => ColorChoice { stdout: false, stderr: false },
            cli::Color::Auto => {
                ColorChoice { stdout: system.stdout_terminal && !plain, stderr: system.stderr_terminal && !plain }
            }
        };
        let verbosity = match (quiet, verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, 1) => Verbosity::Verbose,
            (false, _) => Verbosity::Trace,
        };
        let bars = system.stderr_terminal && system.variable("TERM") != Some("dumb");
        let progress = match progress {
            cli::Progress::Json => Progress::Json,
            _ if quiet => Progress::Hidden,
            cli::Progress::Auto if bars => Progress::Bars,
            cli::Progress::Plain | cli::Progress::Auto => Progress::Lines,
        };
        Self { engine, json, progress, color, verbosity }
    }
}

/// The machine to resolve for, when it is not simply this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    pub driver: Option<DriverVersion>,
    /// Product names.
    pub gpus: Vec<String>,
    pub capabilities: Vec<ComputeCapability>,
    pub arch: Option<Arch>,
    /// Do not look at this machine.
    pub no_host: bool,
    /// The host's facts were named by `--facts`: they stand before `[target]`.
    pub facts: bool,
    /// Resolve for the CPU alone.
    pub cpu: bool,
    /// Go on with a warning where the matrix knows nothing.
    pub allow_unknown: bool,
}

impl Overrides {
    fn new(target: cli::TargetArgs, cpu: bool) -> Result<Self, SettingsError> {
        let cli::TargetArgs { driver, gpu, compute_capability, arch, no_host } = target;
        let driver = driver.map(|text| version("--driver", text.trim_start_matches(">=").trim())).transpose()?;
        let capability = |text: &String| version("--compute-capability", text);
        let capabilities = compute_capability.iter().map(capability).collect::<Result<_, _>>()?;
        let arch = arch.map(|text| parse_arch(&text)).transpose()?;
        Ok(Self { driver, gpus: gpu, capabilities, arch, no_host, facts: false, cpu, allow_unknown: false })
    }
}

impl From<&Overrides> for crate::host::Overrides {
    fn from(overrides: &Overrides) -> Self {
        // Whether this machine is looked at, and whether GPUs matter, is for the caller to follow.
        let Overrides { driver, gpus, capabilities, arch, no_host: _, facts: _, cpu: _, allow_unknown: _ } = overrides;
        Self { driver: driver.clone(), gpus: gpus.clone(), capabilities: capabilities.clone(), arch: *arch }
    }
}

fn version<V: std::str::FromStr<Err = VersionError>>(option: &'static str, text: &str) -> Result<V, SettingsError> {
    text.parse().map_err(|error| SettingsError::Version { option, error })
}

fn parse_arch(text: &str) -> Result<Arch, SettingsError> {
    match text {
        "x86_64" | "amd64" => Ok(Arch::X86_64),
        "aarch64" | "arm64" => Ok(Arch::Aarch64),
        "ppc64le" => Ok(Arch::Ppc64le),
        _ => Err(SettingsError::Value {
            option: "--arch",
            found: text.to_owned(),
            allowed: "`x86_64`, `aarch64` or `ppc64le`",
        }),
    }
}

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
}

impl TryFrom<cli::Check> for Check {
    type Error = SettingsError;

    fn try_from(check: cli::Check) -> Result<Self, SettingsError> {
        // `offline` is how check always works; the option is there for scripts that say so to every tool.
        let cli::Check { paths, manifest, target, facts, cpu, offline: _, allow_unknown, why, all } = check;
        let overrides = Overrides { facts: !facts.is_empty(), allow_unknown, ..Overrides::new(target, cpu)? };
        Ok(Self { paths, manifest, overrides, facts, why, all })
    }
}

/// How the lock is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockUse {
    /// Use it where it answers the manifest, else write it anew.
    Normal,
    /// Refuse a stale one.
    Locked,
    /// Use it unseen.
    Frozen,
}

impl From<cli::LockArgs> for LockUse {
    fn from(lock: cli::LockArgs) -> Self {
        let cli::LockArgs { locked, frozen } = lock;
        match (locked, frozen) {
            (true, _) => Self::Locked,
            (_, true) => Self::Frozen,
            _ => Self::Normal,
        }
    }
}

/// What of the lock is moved to newer versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// Nothing.
    Nothing,
    /// Everything.
    All,
    /// This package or framework.
    Only(String),
}

/// `lock`
#[derive(Clone, Debug)]
pub struct Lock {
    pub manifest: Option<PathBuf>,
    pub lock: LockUse,
    pub upgrade: Upgrade,
    pub overrides: Overrides,
}

impl TryFrom<cli::Lock> for Lock {
    type Error = SettingsError;

    fn try_from(lock: cli::Lock) -> Result<Self, SettingsError> {
        let cli::Lock { project: cli::Project { manifest }, lock, upgrade, target, cpu } = lock;
        let upgrade = match upgrade {
            None => Upgrade::Nothing,
            Some(name) if name.is_empty() => Upgrade::All,
            Some(name) => Upgrade::Only(name),
        };
        Ok(Self { manifest, lock: lock.into(), upgrade, overrides: Overrides::new(target, cpu)? })
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
}

impl From<cli::Render> for Render {
    fn from(render: cli::Render) -> Self {
        let cli::Render { project: cli::Project { manifest }, lock, output, cpu, bootstrap } = render;
        Self { manifest, lock: lock.into(), output, cpu, bootstrap }
    }
}

/// What `build`, `plan` and `up` share.
#[derive(Clone, Debug)]
pub struct Build {
    pub manifest: Option<PathBuf>,
    pub lock: LockUse,
    pub cpu: bool,
    pub bootstrap: bool,
    pub pull: bool,
    pub no_cache: bool,
    /// Grants given on the command line.
    pub allow: Vec<String>,
}

impl From<cli::BuildArgs> for Build {
    fn from(build: cli::BuildArgs) -> Self {
        let cli::BuildArgs { project: cli::Project { manifest }, lock, cpu, bootstrap, pull, no_cache, allow } = build;
        Self { manifest, lock: lock.into(), cpu, bootstrap, pull, no_cache, allow }
    }
}

/// Whether something running may be ended, and whether questions are answered.
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
    pub build: Build,
    pub consent: Consent,
    pub recreate: bool,
}

impl From<cli::Up> for Up {
    fn from(up: cli::Up) -> Self {
        let cli::Up { build, force, yes, recreate } = up;
        Self { build: build.into(), consent: Consent { force, yes }, recreate }
    }
}

/// `down`
#[derive(Clone, Debug)]
pub struct Down {
    pub manifest: Option<PathBuf>,
    pub volumes: bool,
    pub image: bool,
    pub consent: Consent,
}

impl From<cli::Down> for Down {
    fn from(down: cli::Down) -> Self {
        let cli::Down { project: cli::Project { manifest }, volumes, image, force, yes } = down;
        Self { manifest, volumes, image, consent: Consent { force, yes } }
    }
}

/// `start`
#[derive(Clone, Debug)]
pub struct Start {
    pub manifest: Option<PathBuf>,
}

impl From<cli::Start> for Start {
    fn from(start: cli::Start) -> Self {
        let cli::Start { project: cli::Project { manifest } } = start;
        Self { manifest }
    }
}

/// `stop` and `restart`
#[derive(Clone, Debug)]
pub struct Stop {
    pub manifest: Option<PathBuf>,
    pub consent: Consent,
}

impl From<cli::Stop> for Stop {
    fn from(stop: cli::Stop) -> Self {
        let cli::Stop { project: cli::Project { manifest }, force, yes } = stop;
        Self { manifest, consent: Consent { force, yes } }
    }
}

/// `ssh`
#[derive(Clone, Debug)]
pub struct Ssh {
    pub manifest: Option<PathBuf>,
    /// For ssh itself.
    pub arguments: Vec<String>,
}

impl From<cli::Ssh> for Ssh {
    fn from(ssh: cli::Ssh) -> Self {
        let cli::Ssh { project: cli::Project { manifest }, arguments } = ssh;
        Self { manifest, arguments }
    }
}

/// `exec`
#[derive(Clone, Debug)]
pub struct Exec {
    pub manifest: Option<PathBuf>,
    pub root: bool,
    pub no_tty: bool,
    pub workdir: Option<String>,
    /// `NAME=VALUE`, names checked.
    pub env: Vec<String>,
    /// Empty: a login shell.
    pub command: Vec<String>,
}

impl TryFrom<cli::Exec> for Exec {
    type Error = SettingsError;

    fn try_from(exec: cli::Exec) -> Result<Self, SettingsError> {
        let cli::Exec { project: cli::Project { manifest }, root, no_tty, workdir, env, command } = exec;
        for pair in &env {
            let named = pair.split_once('=').is_some_and(|(name, _)| is_variable_name(name));
            if !named {
                let found = pair.clone();
                return Err(SettingsError::Value { option: "--env", found, allowed: "`NAME=VALUE`" });
            }
        }
        Ok(Self { manifest, root, no_tty, workdir, env, command })
    }
}

fn is_variable_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `logs`
#[derive(Clone, Debug)]
pub struct Logs {
    pub manifest: Option<PathBuf>,
    pub follow: bool,
    pub tail: Option<u64>,
    pub timestamps: bool,
}

impl From<cli::Logs> for Logs {
    fn from(logs: cli::Logs) -> Self {
        let cli::Logs { project: cli::Project { manifest }, follow, tail, timestamps } = logs;
        Self { manifest, follow, tail, timestamps }
    }
}

/// `ps`
#[derive(Clone, Copy, Debug)]
pub struct Ps {
    pub all: bool,
}

impl From<cli::Ps> for Ps {
    fn from(ps: cli::Ps) -> Self {
        let cli::Ps { all } = ps;
        Self { all }
    }
}

/// `status`
#[derive(Clone, Debug)]
pub struct Status {
    pub manifest: Option<PathBuf>,
    pub connect: bool,
}

impl From<cli::Status> for Status {
    fn from(status: cli::Status) -> Self {
        let cli::Status { project: cli::Project { manifest }, connect } = status;
        Self { manifest, connect }
    }
}

/// `host`
#[derive(Clone, Debug)]
pub struct Host {
    pub overrides: Overrides,
}

impl TryFrom<cli::Host> for Host {
    type Error = SettingsError;

    fn try_from(host: cli::Host) -> Result<Self, SettingsError> {
        let cli::Host { target } = host;
        Ok(Self { overrides: Overrides::new(target, false)? })
    }
}

/// `setup`
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub yes: bool,
    pub dry_run: bool,
}

impl From<cli::Setup> for Setup {
    fn from(setup: cli::Setup) -> Self {
        let cli::Setup { yes, dry_run } = setup;
        Self { yes, dry_run }
    }
}

/// `quickstart`
#[derive(Clone, Debug)]
pub struct Quickstart {
    pub yes: bool,
    /// Where the example project is written.
    pub path: PathBuf,
    pub bootstrap: bool,
}

impl From<cli::Quickstart> for Quickstart {
    fn from(quickstart: cli::Quickstart) -> Self {
        let cli::Quickstart { yes, path, bootstrap } = quickstart;
        Self { yes, path, bootstrap }
    }
}

/// `matrix`
#[derive(Clone, Debug)]
pub enum Matrix {
    List,
    Show { subject: String, version: Option<String> },
    Verify { online: bool, sample: usize, seed: Option<u64>, matrix: Option<PathBuf> },
    Fetch,
    Update(MatrixUpdate),
}

/// `matrix update`
#[derive(Clone, Debug)]
pub struct MatrixUpdate {
    /// The folder of rows; none: those in use here.
    pub matrix: Option<PathBuf>,
    /// All, where it is empty.
    pub frameworks: Vec<String>,
    /// Only what was uploaded before this day counts.
    pub exclude_newer: Option<Date>,
    pub dry_run: bool,
}

impl TryFrom<cli::Matrix> for Matrix {
    type Error = SettingsError;

    fn try_from(matrix: cli::Matrix) -> Result<Self, SettingsError> {
        let cli::Matrix { command } = matrix;
        Ok(match command {
            cli::MatrixCommand::List => Self::List,
            cli::MatrixCommand::Fetch => Self::Fetch,
            cli::MatrixCommand::Show { subject, version } => Self::Show { subject, version },
            cli::MatrixCommand::Verify { online, sample, seed, matrix } => {
                Self::Verify { online, sample, seed, matrix }
            }
            cli::MatrixCommand::Update { matrix, frameworks, exclude_newer, dry_run } => {
                let exclude_newer = exclude_newer.map(|text| day("--exclude-newer", text)).transpose()?;
                Self::Update(MatrixUpdate { matrix, frameworks, exclude_newer, dry_run })
            }
        })
    }
}

fn day(option: &'static str, text: String) -> Result<Date, SettingsError> {
    text.parse().map_err(|_| SettingsError::Value { option, found: text, allowed: "a day such as `2026-11-21`" })
}

/// `config`
#[derive(Clone, Debug)]
pub struct Config {
    pub manifest: Option<PathBuf>,
}

impl From<cli::Config> for Config {
    fn from(config: cli::Config) -> Self {
        let cli::Config { project: cli::Project { manifest } } = config;
        Self { manifest }
    }
}
