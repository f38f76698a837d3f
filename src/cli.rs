//! The command line, as clap types only; help text is their doc comments. `settings` turns them into plain structs.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Deep-learning environments that fit this driver and these GPUs.
///
/// A team checks in one `envctl.toml` that names a framework version. `envctl up` resolves it against CUDA, cuDNN, driver,
/// GPU and Python, builds an image, and starts a container that `ssh NAME` reaches.
#[derive(Debug, Parser)]
#[command(name = "envctl", version, propagate_version = false, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed, 2 usage or bad manifest, 3 conflict, 4 engine or host not usable,
5 build failed, 6 lock stale, 10 `plan` has work, 129 SIGHUP, 130 Ctrl-C, 143 SIGTERM.

First time here: envctl quickstart";

/// Options that every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Work as if started in DIR
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// The container engine: a socket or TCP address (default: `DOCKER_HOST`, the docker context, the default socket)
    #[arg(long, global = true, value_name = "URL", env = "ENVCTL_ENGINE", hide_env_values = true)]
    pub engine: Option<String>,
    /// Print one JSON document on standard output, on failure too
    #[arg(long, global = true)]
    pub json: bool,
    /// How progress is shown on standard error
    #[arg(long, global = true, value_name = "HOW", default_value = "auto")]
    pub progress: Progress,
    /// Use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Say less: only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more; twice: every line of a build
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Progress {
    /// Bars on a terminal, lines elsewhere
    Auto,
    /// Lines
    Plain,
    /// One JSON event per line
    Json,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether the manifest fits, with what, and if not, why and what would
    Check(Check),
    /// Write `envctl.lock`: the versions chosen and every package with its hashes
    Lock(Lock),
    /// Print the Dockerfile, or write it with its whole build context
    Render(Render),
    /// Say what `up` would do and why, changing nothing (exit code 10: something to do)
    Plan(Plan),
    /// Build the image
    Build(Build),
    /// Build what is missing and start the environment
    Up(Up),
    /// Remove the environment's container
    Down(Down),
    /// Start the environment's container again
    Start(Start),
    /// Stop the environment's container
    Stop(Stop),
    /// Stop and start the environment's container
    Restart(Stop),
    /// Open a shell in the environment over SSH, or run a command there
    Ssh(Ssh),
    /// Run a command in the environment through the engine
    Exec(Exec),
    /// Show what the environment's main process printed
    Logs(Logs),
    /// List the environments of all projects on this engine
    Ps(Ps),
    /// Show this project's environment
    Status(Status),
    /// Show what is known of this machine: driver, GPUs, engine, and how each was learned
    Host(Host),
    /// Find what is wrong with this machine, and the command that mends it
    Doctor(Doctor),
    /// Install and start a container engine, showing each command first
    Setup(Setup),
    /// Set up what is missing, bring up an example, and compute in it over SSH
    Quickstart(Quickstart),
    /// Look at the compatibility data, check it, renew it
    Matrix(Matrix),
    /// Show the merged configuration and where each value came from
    Config(Config),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// Which manifest.
#[derive(Args, Debug)]
pub struct Project {
    /// The manifest (default: the nearest envctl.toml, upwards from here)
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
}

/// The machine to resolve for, when it is not simply this one.
#[derive(Args, Debug)]
#[command(next_help_heading = "The machine to resolve for")]
pub struct TargetArgs {
    /// NVIDIA driver, such as 535 or 550.144.03
    #[arg(long, value_name = "VERSION")]
    pub driver: Option<String>,
    /// GPU product, such as "RTX 3090"; more than once: all of them
    #[arg(long, value_name = "NAME")]
    pub gpu: Vec<String>,
    /// GPU compute capability, such as 8.6; more than once: all of them
    #[arg(long, value_name = "X.Y")]
    pub compute_capability: Vec<String>,
    /// CPU architecture: `x86_64`, `aarch64` or `ppc64le`
    #[arg(long)]
    pub arch: Option<String>,
    /// Do not look at this machine
    #[arg(long)]
    pub no_host: bool,
}

#[derive(Args, Debug)]
pub struct Check {
    /// Manifests, locks or directories of them; with several, one table answers for all
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The manifest; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    #[command(flatten)]
    pub target: TargetArgs,
    /// Host facts as `envctl host --json` prints them, or a directory of such files; with several, one table answers for all
    #[arg(long, value_name = "FILE")]
    pub facts: Vec<PathBuf>,
    /// Resolve for the CPU alone
    #[arg(long)]
    pub cpu: bool,
    /// Use no network (check never needs one)
    #[arg(long)]
    pub offline: bool,
    /// Go on with a warning where the matrix knows nothing
    #[arg(long)]
    pub allow_unknown: bool,
    /// Tell why one thing was chosen: a framework, python, cuda, base
    #[arg(long, value_name = "NAME")]
    pub why: Option<String>,
    /// List every combination that works
    #[arg(long)]
    pub all: bool,
}

/// How the lock is used.
#[derive(Args, Debug)]
pub struct LockArgs {
    /// Fail if envctl.lock does not answer the manifest
    #[arg(long, conflicts_with = "frozen")]
    pub locked: bool,
    /// Use envctl.lock without looking whether it answers the manifest
    #[arg(long)]
    pub frozen: bool,
}

#[derive(Args, Debug)]
pub struct Lock {
    #[command(flatten)]
    pub project: Project,
    #[command(flatten)]
    pub lock: LockArgs,
    /// Move to the newest versions that fit; with a NAME, only that package
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    pub upgrade: Option<String>,
    #[command(flatten)]
    pub target: TargetArgs,
    /// Resolve for the CPU alone
    #[arg(long)]
    pub cpu: bool,
    #[command(flatten)]
    pub allow: AllowArgs,
}

#[derive(Args, Debug)]
pub struct Render {
    #[command(flatten)]
    pub project: Project,
    #[command(flatten)]
    pub lock: LockArgs,
    /// Write the whole build context into DIR instead of printing the Dockerfile
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// For the CPU alone
    #[arg(long)]
    pub cpu: bool,
    /// Make the base image from the distribution's own packages
    #[arg(long)]
    pub bootstrap: bool,
    #[command(flatten)]
    pub allow: AllowArgs,
}

/// What the image is built with.
#[derive(Args, Debug)]
pub struct BuildArgs {
    #[command(flatten)]
    pub project: Project,
    #[command(flatten)]
    pub lock: LockArgs,
    /// For the CPU alone
    #[arg(long)]
    pub cpu: bool,
    /// Make the base image from the distribution's own packages: no registry is asked
    #[arg(long)]
    pub bootstrap: bool,
    /// Ask for the base image again
    #[arg(long)]
    pub pull: bool,
    /// Use nothing from the build cache
    #[arg(long)]
    pub no_cache: bool,
    #[command(flatten)]
    pub allow: AllowArgs,
}

/// What is agreed to.
#[derive(Args, Debug)]
pub struct AllowArgs {
    /// Grant what the manifest asks for beyond its own directory and container: NAME or NAME=VALUE, as the message that
    /// asks for it says; more than once
    #[arg(long, value_name = "GRANT")]
    pub allow: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Plan {
    #[command(flatten)]
    pub build: BuildArgs,
}

#[derive(Args, Debug)]
pub struct Build {
    #[command(flatten)]
    pub build: BuildArgs,
}

#[derive(Args, Debug)]
pub struct Up {
    #[command(flatten)]
    pub build: BuildArgs,
    /// Go on even if that ends something running in the container
    #[arg(long)]
    pub force: bool,
    /// Answer yes to questions; grants still need --allow
    #[arg(short, long)]
    pub yes: bool,
    /// Make the container anew even if nothing changed
    #[arg(long)]
    pub recreate: bool,
}

#[derive(Args, Debug)]
pub struct Down {
    #[command(flatten)]
    pub project: Project,
    /// Remove its volumes too: the home directory and the SSH identity
    #[arg(long)]
    pub volumes: bool,
    /// Remove its image too
    #[arg(long)]
    pub image: bool,
    /// Go on even if that ends something running in the container
    #[arg(long)]
    pub force: bool,
    /// Answer yes to questions
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct Start {
    #[command(flatten)]
    pub project: Project,
}

#[derive(Args, Debug)]
pub struct Stop {
    #[command(flatten)]
    pub project: Project,
    /// Go on even if that ends something running in the container
    #[arg(long)]
    pub force: bool,
    /// Answer yes to questions
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct Ssh {
    #[command(flatten)]
    pub project: Project,
    /// Options and a command for ssh itself
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "SSH_ARGS")]
    pub arguments: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Exec {
    #[command(flatten)]
    pub project: Project,
    /// As root instead of the environment's user
    #[arg(long)]
    pub root: bool,
    /// No terminal, even when this is one
    #[arg(short = 'T', long)]
    pub no_tty: bool,
    /// Working directory inside
    #[arg(short, long, value_name = "DIR")]
    pub workdir: Option<String>,
    /// Environment variable for the command, NAME=VALUE; more than once
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// The command and its arguments (default: a login shell)
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Logs {
    #[command(flatten)]
    pub project: Project,
    /// Go on showing what comes
    #[arg(short, long)]
    pub follow: bool,
    /// Only the last N lines
    #[arg(short = 'n', long, value_name = "N")]
    pub tail: Option<u64>,
    /// With the time of each line
    #[arg(short, long)]
    pub timestamps: bool,
}

#[derive(Args, Debug)]
pub struct Ps {
    /// Stopped ones too
    #[arg(short, long)]
    pub all: bool,
}

#[derive(Args, Debug)]
pub struct Status {
    #[command(flatten)]
    pub project: Project,
    /// Show how to connect, from this and from another computer
    #[arg(long)]
    pub connect: bool,
}

#[derive(Args, Debug)]
pub struct Host {
    #[command(flatten)]
    pub target: TargetArgs,
}

#[derive(Args, Debug)]
pub struct Doctor {}

#[derive(Args, Debug)]
pub struct Setup {
    /// Run the commands without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Only show the commands
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

#[derive(Args, Debug)]
pub struct Quickstart {
    /// Run the commands without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Where the example project is written
    #[arg(value_name = "DIR", default_value = "envctl-quickstart")]
    pub path: PathBuf,
    /// Make the base image from the distribution's own packages: no registry is asked
    #[arg(long)]
    pub bootstrap: bool,
}

#[derive(Args, Debug)]
pub struct Matrix {
    #[command(subcommand)]
    pub command: MatrixCommand,
}

#[derive(Debug, Subcommand)]
pub enum MatrixCommand {
    /// List what the matrix knows
    List,
    /// Show one subject or framework: cuda, gpus, capabilities, cudnn, distributions, images, pytorch, …
    Show {
        /// Which
        subject: String,
        /// Only this release
        version: Option<String>,
    },
    /// Prove the data: closed references, ordering, gaps, a base image for every row
    Verify {
        /// Compare with what is published today, too
        #[arg(long)]
        online: bool,
        /// How many releases to draw for --online
        #[arg(long, default_value_t = 60, value_name = "N")]
        sample: usize,
        /// The seed they are drawn by (default: one that is printed)
        #[arg(long)]
        seed: Option<u64>,
        /// A directory of rows instead of those built in
        #[arg(long, value_name = "DIR")]
        matrix: Option<PathBuf>,
    },
    /// Fetch the rows that `[matrix] overlays` of this machine's or your configuration names by URL, and keep them
    Fetch,
    /// Derive the rows anew from what is published, and show what changed
    Update {
        /// Renew the rows of a folder like `compat-matrix` instead of those that envctl uses here
        #[arg(long, value_name = "DIR")]
        matrix: Option<PathBuf>,
        /// Only these frameworks
        frameworks: Vec<String>,
        /// Only what was uploaded before this day: the rows as they would have been then
        #[arg(long, value_name = "DAY")]
        exclude_newer: Option<String>,
        /// Show what would change, write nothing
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Args, Debug)]
pub struct Config {
    #[command(flatten)]
    pub project: Project,
}

#[derive(Args, Debug)]
pub struct Completions {
    /// For which shell
    pub shell: clap_complete::Shell,
}
