//! The command line as clap types. Their doc comments are the help text. `settings` converts them into plain structs
//! for the verbs.
//!
//! It is one long file on purpose: the file is the manual. A reader compares the wording and the order of all options
//! here, and no function is here that a smaller file would make easier to test.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Deep-learning environments that fit this driver and these GPUs.
///
/// A team checks in one `envctl.toml` that names a framework version. `envctl up` resolves it against CUDA, cuDNN,
/// driver, GPU and Python, builds an image, and starts a container that `ssh NAME` reaches.
#[derive(Debug, Parser)]
#[command(name = "envctl", version, propagate_version = false, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed, 2 usage or bad manifest, 3 conflict, 4 engine or host not usable,
5 build failed, 6 lock stale, 10 `plan` has work, 129 SIGHUP, 130 Ctrl-C, 143 SIGTERM.
`exec` and `ssh` end with the command's own code; `exec`: 125 envctl failed, 126 not executable, 127 not found.

First time here: envctl quickstart; in a project of your own: envctl init";

/// Options that every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
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
    pub progress: ProgressArg,
    /// Use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorArg,
    /// Say less: only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more; twice: every line of a build
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ColorArg {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ProgressArg {
    /// Bars on a terminal, lines elsewhere
    Auto,
    /// Lines
    Plain,
    /// One JSON event per line
    Json,
}

/// The verbs, with their help texts.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write envctl.toml from what the directory holds: requirements files, pyproject.toml, environment.yml, a Dockerfile
    Init(InitArgs),
    /// Add Python packages or frameworks to envctl.toml; its comments stay
    Add(AddArgs),
    /// Remove Python packages or frameworks from envctl.toml; its comments stay
    Remove(RemoveArgs),
    /// Check whether the manifest can run here; if not, explain why and suggest changes that work
    Check(CheckArgs),
    /// Write `envctl.lock`: the versions chosen and every package with its hashes
    Lock(LockArgs),
    /// Print the Dockerfile, or write it with its whole build context
    Render(RenderArgs),
    /// Show what `up` would do and why, and change nothing (exit code 10: something to do)
    Plan(PlanArgs),
    /// Build the image
    Build(BuildArgs),
    /// Build what is missing and start the environment
    Up(UpArgs),
    /// Remove the environment's container
    Down(DownArgs),
    /// Start the environment's container again
    Start(StartArgs),
    /// Stop the environment's container
    Stop(StopArgs),
    /// Stop and start the environment's container
    Restart(StopArgs),
    /// Open a shell in the environment over SSH, or run a command there
    Ssh(SshArgs),
    /// Run a command in the environment through the engine
    Exec(ExecArgs),
    /// Prove inside the environment that its frameworks are imported and compute, on each GPU
    Verify(VerifyArgs),
    /// Show what the environment's main process printed
    Logs(LogsArgs),
    /// List the environments of all projects on this engine
    Ps(PsArgs),
    /// Show this project's environment
    Status(StatusArgs),
    /// Show the facts of this machine (driver, GPUs, engine) and where each comes from
    Host(HostArgs),
    /// Diagnose this machine and print the command that fixes each problem
    Doctor(DoctorArgs),
    /// Install and start a container engine, showing each command first
    Setup(SetupArgs),
    /// Set up what is missing, bring up an example, and compute in it over SSH
    Quickstart(QuickstartArgs),
    /// Show, verify or update the compatibility data
    Matrix(MatrixArgs),
    /// Show the merged configuration and where each value came from
    Config(ConfigArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// The option that names the manifest.
#[derive(Args, Debug)]
pub struct ProjectArgs {
    /// The manifest (default: the nearest envctl.toml, upwards from here)
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
}

/// The machine to resolve for, where it is not this one.
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
    /// Ignore the facts of this machine
    #[arg(long)]
    pub no_host: bool,
}

#[derive(Args, Debug)]
pub struct InitArgs {
    /// A framework, with its release; more than once: several
    #[arg(long, value_name = "NAME[=VERSION]")]
    pub framework: Vec<String>,
    /// The Python, such as 3.11
    #[arg(long, value_name = "VERSION")]
    pub python: Option<String>,
    /// The environment's name (default: the directory's)
    #[arg(long)]
    pub name: Option<String>,
    /// Use no GPU: CPU builds
    #[arg(long)]
    pub cpu: bool,
    /// Take what a `docker run` line says: its options and its image
    #[arg(long, value_name = "LINE")]
    pub from_docker: Option<String>,
    /// Take the requirements of this file alone; more than once: of several
    #[arg(long, value_name = "FILE")]
    pub requirements: Vec<String>,
    /// Install nothing that was published after this day (default for an old, pinned framework: the day of the last commit)
    #[arg(long, value_name = "DAY")]
    pub exclude_newer: Option<String>,
    /// Replace an existing envctl.toml, which is kept under another name
    #[arg(long)]
    pub force: bool,
    /// Print the manifest, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Ask nothing
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct AddArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// PEP 508 requirements, such as "lightning>=2.3"; one of the same package is replaced
    #[arg(value_name = "PACKAGE", required_unless_present = "framework")]
    pub packages: Vec<String>,
    /// A framework, with its release; more than once: several
    #[arg(long, value_name = "NAME[=VERSION]")]
    pub framework: Vec<String>,
}

#[derive(Args, Debug)]
pub struct RemoveArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The names of packages
    #[arg(value_name = "PACKAGE", required_unless_present = "framework")]
    pub packages: Vec<String>,
    /// A framework; more than once: several
    #[arg(long, value_name = "NAME")]
    pub framework: Vec<String>,
}

#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Manifests, locks or directories of them; with several, one table answers for all
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The manifest; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    #[command(flatten)]
    pub target: TargetArgs,
    /// Host facts as `envctl host --json` prints them, or a directory of such files; with several, one table answers
    /// for all
    #[arg(long, value_name = "FILE")]
    pub facts: Vec<PathBuf>,
    /// Resolve without CUDA
    #[arg(long)]
    pub cpu: bool,
    /// Use no network; `check` uses one only for `--packages`
    #[arg(long)]
    pub offline: bool,
    /// Continue with a warning where the compatibility data has no row
    #[arg(long)]
    pub allow_unknown: bool,
    /// Explain one choice: a framework, python, cuda, base
    #[arg(long, value_name = "NAME")]
    pub why: Option<String>,
    /// List every build of the release, with the reason for each that does not work
    #[arg(long)]
    pub all: bool,
    /// Resolve the Python packages too, as `lock` does, and write nothing; uses the package index
    #[arg(long, conflicts_with_all = ["paths", "all", "offline"])]
    pub packages: bool,
    #[command(flatten)]
    pub allow: AllowArgs,
}

/// The options that say how the lock is used.
#[derive(Args, Debug)]
pub struct LockUseArgs {
    /// Fail if envctl.lock does not answer the manifest
    #[arg(long, conflicts_with = "frozen")]
    pub locked: bool,
    /// Use envctl.lock without checking that it is up to date
    #[arg(long)]
    pub frozen: bool,
}

#[derive(Args, Debug)]
pub struct LockArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    #[command(flatten)]
    pub lock: LockUseArgs,
    /// Move to the newest versions that fit; with a NAME, only that package
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    pub upgrade: Option<String>,
    #[command(flatten)]
    pub target: TargetArgs,
    /// Resolve without CUDA
    #[arg(long)]
    pub cpu: bool,
    /// Where packages have to be asked what they need: make the base image from the distribution's own packages
    #[arg(long)]
    pub bootstrap: bool,
    #[command(flatten)]
    pub allow: AllowArgs,
}

#[derive(Args, Debug)]
pub struct RenderArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    #[command(flatten)]
    pub lock: LockUseArgs,
    /// Write the whole build context into DIR instead of printing the Dockerfile
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Build without CUDA
    #[arg(long)]
    pub cpu: bool,
    /// Make the base image from the distribution's own packages
    #[arg(long)]
    pub bootstrap: bool,
    #[command(flatten)]
    pub allow: AllowArgs,
}

/// The options of an image's build.
#[derive(Args, Debug)]
pub struct ImageArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    #[command(flatten)]
    pub lock: LockUseArgs,
    /// Build without CUDA
    #[arg(long)]
    pub cpu: bool,
    /// Make the base image from the distribution's own packages: no registry is asked
    #[arg(long)]
    pub bootstrap: bool,
    /// Pull the base image again
    #[arg(long)]
    pub pull: bool,
    /// Ignore the build cache
    #[arg(long)]
    pub no_cache: bool,
    #[command(flatten)]
    pub allow: AllowArgs,
}

/// The option that agrees to what a manifest asks for.
#[derive(Args, Debug)]
pub struct AllowArgs {
    /// Grant what the manifest asks for beyond its own directory and container: NAME or NAME=VALUE, as the message that
    /// asks for it says; more than once
    #[arg(long, value_name = "GRANT")]
    pub allow: Vec<String>,
}

#[derive(Args, Debug)]
pub struct PlanArgs {
    #[command(flatten)]
    pub build: ImageArgs,
}

#[derive(Args, Debug)]
pub struct BuildArgs {
    #[command(flatten)]
    pub build: ImageArgs,
}

#[derive(Args, Debug)]
pub struct UpArgs {
    #[command(flatten)]
    pub build: ImageArgs,
    /// Continue even if this ends processes that run in the container
    #[arg(long)]
    pub force: bool,
    /// Answer yes to questions, but not about grants (--allow) or processes that run inside (--force)
    #[arg(short, long)]
    pub yes: bool,
    /// Recreate the container even if nothing changed
    #[arg(long)]
    pub recreate: bool,
}

#[derive(Args, Debug)]
pub struct DownArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Remove its volumes too (the home directory and the SSH identity), and forget which grants were agreed to
    #[arg(long)]
    pub volumes: bool,
    /// Remove its image too
    #[arg(long)]
    pub image: bool,
    /// Continue even if this ends processes that run in the container
    #[arg(long)]
    pub force: bool,
    /// Answer yes to questions, but not about processes that run inside (--force)
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct StartArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
}

#[derive(Args, Debug)]
pub struct StopArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Continue even if this ends processes that run in the container
    #[arg(long)]
    pub force: bool,
    /// Answer yes to questions, but not about processes that run inside (--force)
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct SshArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Options and a command for ssh itself
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "SSH_ARGS")]
    pub arguments: Vec<String>,
}

#[derive(Args, Debug)]
pub struct ExecArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Run as root instead of the environment's user
    #[arg(long)]
    pub root: bool,
    /// Allocate no terminal, even if this is one
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
pub struct VerifyArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Look over the project's code too, for imports of modules that nothing provides
    #[arg(long)]
    pub imports: bool,
}

#[derive(Args, Debug)]
pub struct LogsArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Follow the output
    #[arg(short, long)]
    pub follow: bool,
    /// Show only the last N lines
    #[arg(short = 'n', long, value_name = "N")]
    pub tail: Option<u64>,
    /// Show the time of each line
    #[arg(short, long)]
    pub timestamps: bool,
}

#[derive(Args, Debug)]
pub struct PsArgs {
    /// List stopped environments too
    #[arg(short, long)]
    pub all: bool,
}

#[derive(Args, Debug)]
pub struct StatusArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Show how to connect, from this and from another computer
    #[arg(long)]
    pub connect: bool,
}

#[derive(Args, Debug)]
pub struct HostArgs {
    #[command(flatten)]
    pub target: TargetArgs,
}

#[derive(Args, Debug)]
pub struct DoctorArgs {}

#[derive(Args, Debug)]
pub struct SetupArgs {
    /// Run the commands without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Only show the commands
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

#[derive(Args, Debug)]
pub struct QuickstartArgs {
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
pub struct MatrixArgs {
    #[command(subcommand)]
    pub command: MatrixCommand,
}

#[derive(Debug, Subcommand)]
pub enum MatrixCommand {
    /// List the subjects of the compatibility data
    List,
    /// Show one subject or framework: cuda, gpus, capabilities, cudnn, distributions, images, pytorch, …
    Show {
        /// The subject or framework
        subject: String,
        /// Show only this release
        version: Option<String>,
    },
    /// Verify the data: references, order, gaps, a base image for every row
    Verify {
        /// Compare with what is published today too
        #[arg(long)]
        online: bool,
        /// The number of releases that --online compares
        #[arg(long, default_value_t = 60, value_name = "N")]
        sample: usize,
        /// The seed that chooses these releases (default: a random one, printed)
        #[arg(long)]
        seed: Option<u64>,
        /// A directory of rows instead of those built in
        #[arg(long, value_name = "DIR")]
        matrix: Option<PathBuf>,
    },
    /// Fetch the rows that `[matrix] overlays` of this machine's or your configuration names by URL, and keep them
    Fetch,
    /// Derive the rows again from what is published, and show what changed
    Update {
        /// Update the rows of a folder like `compat-matrix` instead of those that envctl uses here
        #[arg(long, value_name = "DIR")]
        matrix: Option<PathBuf>,
        /// Update only these frameworks
        frameworks: Vec<String>,
        /// Ignore what was uploaded on or after this day: the rows as of that day
        #[arg(long, value_name = "DAY")]
        exclude_newer: Option<String>,
        /// Show what would change, write nothing
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Args, Debug)]
pub struct ConfigArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
}

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}
