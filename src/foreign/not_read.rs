//! What a reader does not take over, and why. The words for it are in `ui`.

use crate::parser::{TomlError, YamlError};

/// Something in a file that is not taken over, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRead {
    /// The text as written.
    pub text: String,
    pub line: usize,
    pub why: WhyNotRead,
}

/// The reason why something in a file is not taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNotRead {
    /// No key of a manifest has its meaning.
    NoKey,
    /// An option of a command is not known.
    UnknownOption,
    /// An option has no value.
    NoValue,
    /// A pair such as `memlock=-1` has no `=`.
    NoEqualSign,
    /// `-e NAME` takes the value of the caller's variable.
    CallersVariable,
    /// A variable of a shell: `$DATA`.
    ShellVariable,
    /// Another form of `--gpus`.
    GpuForm,
    /// A command that the container starts.
    Command,
    BuildStep,
    /// `RUN <<EOF`
    HereDocument,
    /// An instruction of a Dockerfile is not known.
    UnknownInstruction,
    /// A setting of Cog's own server.
    CogServer,
    /// An index or another setting of the network.
    OfTheNetwork,
    PackageIndex,
    /// Python code computes it.
    Computed,
    /// The build backend computes it.
    ComputedByBackend,
    /// `file: requirements.txt`
    InOtherFile,
    /// A version in no known form.
    UnreadableVersion,
    /// A range of Pythons in no known form.
    UnreadablePythons,
    /// A file of requirements at an address.
    FileAddress,
    /// A value beyond a limit of length.
    TooLong,
    /// A line that no shell reads: a quote has no end, or it is too long.
    NoShellLine,
    /// A distribution at a path.
    LocalPath,
    /// A distribution in a directory of the project, or of its workspace.
    ProjectDirectory,
    /// A source of a package in no known form.
    UnknownSource,
    /// An address without the name of its package.
    NoPackageName,
    /// A package of conda that no row knows.
    UnknownCondaPackage,
    /// A Python of the distribution.
    SystemPython,
}

/// A file that its parser refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadFile {
    pub line: usize,
    pub why: String,
}

impl From<TomlError> for UnreadFile {
    fn from(error: TomlError) -> Self {
        let TomlError { line, message } = error;
        Self { line, why: message }
    }
}

impl From<YamlError> for UnreadFile {
    fn from(error: YamlError) -> Self {
        let YamlError { line, message } = error;
        Self { line, why: message }
    }
}

impl UnreadFile {
    /// Refuses a file that is larger than `largest` bytes.
    pub(super) fn check_size(text: &str, largest: usize) -> Result<(), Self> {
        if text.len() <= largest {
            return Ok(());
        }
        Err(Self { line: 1, why: format!("it has {} bytes, and {largest} are allowed", text.len()) })
    }

    /// A text that is not JSON.
    pub(super) fn not_json(line: usize) -> Self {
        Self { line, why: "it is not JSON".to_owned() }
    }

    /// A file with more than `most` items of a kind: `requirements`.
    pub(super) fn too_many(line: usize, most: usize, items: &str) -> Self {
        Self { line, why: format!("it has more than {most} {items}") }
    }
}
