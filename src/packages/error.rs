//! The errors of Python packages. Each variant is one situation in which the user can do something different.

use std::path::{Path, PathBuf};

use super::bad_file::{BadFile, bad_lines, hints_of, snippet};
use super::explanation::{Refusal, lines};
use crate::error::{Exit, Report, Snippet};
use crate::files::FileError;

/// The reason why a closure cannot be resolved.
#[derive(Debug, thiserror::Error)]
pub enum PackagesError {
    /// A requirements file names an address that it did not name when the user agreed.
    #[error("`{path}` names a package on `{host}`, which was not agreed to")]
    HostNotAgreed {
        /// The file, relative to the project.
        path: String,
        /// The host of the address.
        host: String,
    },
    /// The requirements contradict each other, or no such package exists.
    #[error("no set of Python packages meets every requirement")]
    Conflict(Box<Refusal>),
    /// An index did not answer.
    #[error("can't reach the package index at {index}")]
    IndexUnreachable {
        /// Its address, without credentials.
        index: String,
        /// uv's message.
        output: Vec<String>,
        /// The framework of the publisher's index. `None`: the default index.
        framework: Option<String>,
    },
    /// A direct address in a requirement could not be downloaded.
    #[error("can't get the package from {address}")]
    AddressUnreachable {
        /// The address, without credentials.
        address: String,
        /// uv's message.
        output: Vec<String>,
    },
    /// This host does not trust the index's certificate.
    #[error("this machine does not trust the certificate of {index}")]
    Untrusted {
        /// Its address, without credentials.
        index: String,
        /// uv's message.
        output: Vec<String>,
    },
    /// The index requires a name and a password.
    #[error("the package index at {index} requires credentials")]
    Unauthorised {
        /// Its address, without credentials.
        index: String,
        /// uv's message.
        output: Vec<String>,
    },
    /// The code of a package would have to run to know what it needs.
    #[error("`{package}` has no wheel, and only its own code says what it needs")]
    NeedsCode {
        package: String,
        /// uv's message.
        output: Vec<String>,
    },
    /// The code of a package failed when it was asked what it needs.
    #[error("`{package}` has no wheel, and its code failed when it was asked what it needs")]
    SourceFailed {
        package: String,
        /// uv's message.
        output: Vec<String>,
    },
    /// There is no container in which code of packages can run.
    #[error("{error}")]
    InContainer { error: crate::error::Error },
    /// A source cannot be built.
    #[error("`{package}` can't be built from its source: {why}")]
    UnusableSource { package: String, why: String },
    /// What packages need while they are built cannot be had.
    #[error("what `{}` needs while it is built can't be had: {error}", packages.join("`, `"))]
    BuildRequirements { packages: Vec<String>, error: Box<PackagesError> },
    /// uv failed for another reason.
    #[error("uv could not resolve the Python packages")]
    UvFailed {
        /// uv's message.
        output: Vec<String>,
    },
    /// uv printed a line that envctl cannot parse.
    #[error("uv printed a line that envctl can't read: `{line}`")]
    Unparsable { line: String },
    /// Lines of requirements files that cannot be used: at least one, all of them.
    #[error("{}", bad_lines(bad))]
    BadRequirements {
        /// The files with such lines, in the order in which they were read.
        bad: Vec<BadFile>,
    },
    /// A requirements file is outside the project, because of `..` or a link.
    #[error("`{path}` leads out of the project")]
    OutsideProject {
        /// The path in the manifest or file.
        path: String,
    },
    /// An error of a file that another file includes.
    #[error("{error}")]
    Included {
        /// The including file, relative to the project.
        path: String,
        /// The including file's text.
        text: String,
        /// The line of the include, from 1.
        line: usize,
        /// The error of the included file.
        error: Box<PackagesError>,
    },
    /// Files that include each other.
    #[error("`{path}` includes itself")]
    Circular {
        /// One of the files.
        path: String,
    },
    /// The artefact has none of the hashes that a requirements file allows.
    #[error("no artefact of `{package}` has a hash that `{path}` allows")]
    HashMismatch {
        package: String,
        /// The file with the hashes.
        path: String,
    },
    /// A file of `[network] ca-certificates` contains no certificate.
    #[error("`{}` contains no certificate", path.display())]
    NoCertificates { path: PathBuf },
    /// A file of `[network] ca-certificates` changed after the user agreed to it.
    #[error("`{}` changed after it was agreed to", path.display())]
    CertificatesChanged { path: PathBuf },
    /// uv cannot resolve for this architecture.
    #[error("Python packages can't be resolved for {arch} yet")]
    NoPlatform { arch: String },
    /// No uv exists for this machine.
    #[error("there is no uv for {arch}")]
    NoToolFor {
        /// The architecture of this machine.
        arch: String,
    },
    /// `PATH` has no `python3`.
    #[error("this host has no `python3`, which is needed to fetch uv")]
    NoPython,
    /// The Python has no pip.
    #[error("this host's `python3` has no pip, which is needed to fetch uv")]
    NoPip,
    /// pip could not install uv.
    #[error("pip could not fetch uv {version}")]
    NoUv {
        version: &'static str,
        /// pip's message.
        output: Vec<String>,
        /// Whether the message is about certificates.
        certificates: bool,
    },
    /// `ENVCTL_UV` names a program that does not exist.
    #[error("`ENVCTL_UV` names `{}`, and there is no such program", program.display())]
    NoSuchUv {
        /// The value of the variable.
        program: PathBuf,
    },
    /// A program could not start.
    #[error("can't run `{program}`: {reason}")]
    NotRun {
        program: String,
        /// The system's message.
        reason: String,
    },
    /// A file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The requirements files include too many files, or are nested too deeply.
    #[error("`{path}`: {what} are not read")]
    TooManyIncludes {
        /// The file that exceeds the limit.
        path: String,
        /// The items that exceed the limit.
        what: String,
    },
    /// A directory is not writable.
    #[error("can't write in `{}`: {reason}", path.display())]
    Unwritable {
        path: PathBuf,
        /// The system's message.
        reason: String,
    },
    /// The certificates are larger than the builder's limit for a secret.
    #[error("the certificate bundle has {bytes} bytes, and the builder accepts at most {limit}")]
    CertificatesTooLarge {
        /// The size of all certificates together.
        bytes: usize,
        limit: usize,
    },
}

impl PackagesError {
    pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Self {
        Self::Unwritable { path: path.to_path_buf(), reason: error.to_string() }
    }

    pub(super) fn uv_not_run(program: &str, error: &std::io::Error) -> Self {
        Self::NotRun { program: program.to_owned(), reason: error.to_string() }
    }

    pub(super) fn no_uv(words: &str) -> Self {
        let certificates = words.contains("CERTIFICATE_VERIFY_FAILED") || words.contains("SSLError");
        Self::NoUv { version: super::pin::version(), output: lines(words), certificates }
    }
}

impl Report for PackagesError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Conflict(_)
            | Self::HashMismatch { .. }
            | Self::NeedsCode { .. }
            | Self::SourceFailed { .. }
            | Self::UnusableSource { .. }
            | Self::BuildRequirements { .. } => "package-conflict",
            Self::IndexUnreachable { .. } => "index-unreachable",
            Self::AddressUnreachable { .. } => "package-unreachable",
            Self::Untrusted { .. } => "certificate-untrusted",
            Self::Unauthorised { .. } => "index-unauthorised",
            Self::UvFailed { .. } | Self::Unparsable { .. } => "uv-failed",
            Self::BadRequirements { .. }
            | Self::OutsideProject { .. }
            | Self::Circular { .. }
            | Self::TooManyIncludes { .. } => "bad-requirements",
            Self::Included { error, .. } => error.kind(),
            Self::InContainer { error } => error.report().kind(),
            Self::HostNotAgreed { .. } | Self::CertificatesChanged { .. } => "not-granted",
            Self::NoPlatform { .. } => "not-yet",
            Self::NoToolFor { .. } | Self::NoUv { .. } | Self::NoSuchUv { .. } => "no-uv",
            Self::NoPython => "no-python",
            Self::NoPip => "no-pip",
            Self::NotRun { .. } => "not-run",
            Self::File(error) => error.kind(),
            Self::Unwritable { .. } => "unwritable",
            Self::CertificatesTooLarge { .. } => "certificates-too-large",
            Self::NoCertificates { .. } => "no-certificates",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Conflict(_)
            | Self::HashMismatch { .. }
            | Self::NeedsCode { .. }
            | Self::SourceFailed { .. }
            | Self::UnusableSource { .. }
            | Self::BuildRequirements { .. } => Exit::Conflict,
            Self::BadRequirements { .. }
            | Self::OutsideProject { .. }
            | Self::HostNotAgreed { .. }
            | Self::Circular { .. }
            | Self::NoCertificates { .. }
            | Self::CertificatesChanged { .. }
            | Self::TooManyIncludes { .. }
            | Self::CertificatesTooLarge { .. } => Exit::Usage,
            Self::UvFailed { .. } | Self::Unparsable { .. } | Self::NoPlatform { .. } | Self::Unwritable { .. } => {
                Exit::Failed
            }
            Self::Included { error, .. } => error.exit(),
            Self::InContainer { error } => error.report().exit(),
            Self::File(error) => error.exit(),
            _ => Exit::Unusable,
        }
    }

    fn hints(&self) -> Vec<String> {
        let one = |hint: &str| vec![hint.to_owned()];
        match self {
            Self::Conflict(refusal) if !refusal.needs_build.is_empty() => vec![format!(
                "`{}` has no wheel: to know what it needs, its own code would have to run in a container, which \
                     envctl does only with `--allow package-builds`",
                refusal.needs_build.join("`, `")
            )],
            Self::NeedsCode { .. } => one("`envctl lock --allow package-builds` runs it in a container of its own"),
            Self::SourceFailed { .. } => vec![
                "ask for a version that has a wheel for this Python".to_owned(),
                "name the distribution packages that its build needs in `[system] packages`".to_owned(),
            ],
            Self::Conflict(_) => one("loosen one of the requirements named above in `[python]` or in its file"),
            Self::IndexUnreachable { framework: Some(framework), .. } => vec![format!(
                "only its makers' own index has this build of {framework}: without `[cuda] version` and `--cpu`, envctl \
                 takes one that the default index has, if there is one for this machine"
            )],
            Self::IndexUnreachable { .. } => vec![
                "set a mirror as `[network] pip-index` in your own or the lab's configuration".to_owned(),
                "set `[network] proxy`, or `HTTPS_PROXY`, where a proxy is needed".to_owned(),
            ],
            Self::AddressUnreachable { .. } => vec![
                "check the address, and whether this machine can reach it".to_owned(),
                "set `[network] proxy`, or `HTTPS_PROXY`, where a proxy is needed".to_owned(),
            ],
            Self::Untrusted { .. } | Self::NoUv { certificates: true, .. } => {
                one("name your organisation's certificate in `[network] ca-certificates`, or by `SSL_CERT_FILE`")
            }
            Self::Unauthorised { .. } => one("put the credentials into the index's URL in your own configuration"),
            Self::HostNotAgreed { .. } | Self::CertificatesChanged { .. } => {
                one("run the command again: it shows what the project asks for now")
            }
            Self::BadRequirements { bad } => hints_of(bad),
            Self::Included { error, .. } | Self::BuildRequirements { error, .. } => error.hints(),
            Self::InContainer { error } => error.report().hints(),
            Self::OutsideProject { .. } => one("copy the file into the project"),
            Self::HashMismatch { .. } => one("compile the file again for this Python and platform"),
            Self::NoCertificates { .. } => {
                one("name a file in PEM form, with a line `-----BEGIN CERTIFICATE-----` before each certificate")
            }
            Self::File(error) => error.hints(),
            Self::NoPython | Self::NoPip => one("`envctl setup` installs what is missing"),
            Self::NoUv { .. } | Self::NoToolFor { .. } => one("set `ENVCTL_UV` to the path of an installed uv"),
            _ => Vec::new(),
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::BadRequirements { bad } => {
                bad.iter().flat_map(|file| file.lines.iter().map(|line| file.snippet(line))).collect()
            }
            Self::InContainer { error } => error.report().snippets(),
            Self::Included { path, text, line, error: _ } => vec![snippet(path, text, *line, "named here")],
            _ => Vec::new(),
        }
    }

    fn output(&self) -> Vec<String> {
        match self {
            Self::Conflict(refusal) => refusal.explanation.clone(),
            Self::BuildRequirements { error, .. } => error.output(),
            Self::InContainer { error } => error.report().output(),
            Self::IndexUnreachable { output, .. }
            | Self::NeedsCode { output, .. }
            | Self::SourceFailed { output, .. }
            | Self::AddressUnreachable { output, .. }
            | Self::Untrusted { output, .. }
            | Self::Unauthorised { output, .. }
            | Self::UvFailed { output }
            | Self::NoUv { output, .. } => output.clone(),
            _ => Vec::new(),
        }
    }
}
