//! Reads wheel file names (PEP 427, 600, 656): the Python, the architecture and the glibc.
//!
//! `Requires-Python` only narrows the Pythons of the tags, because no publisher sets its upper bound. A free-threaded
//! build (`cp313t`) needs another interpreter than `cp313` and never counts as `cp313`.

use pep440_rs::Version;

use crate::manifest::Arch;
use crate::parser;

/// A minor version of Python, such as `(3, 12)`.
pub(super) type PythonMinor = (u32, u32);
/// A version of glibc, such as `(2, 17)`.
pub(super) type Glibc = (u32, u32);

/// The glibc that is assumed for a platform tag without one (`linux_x86_64`, `any`).
const UNTAGGED: Glibc = (2, 17);

/// The parts of a wheel's file name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelName {
    /// The version, with its local label.
    pub version: Version,
    tags: Vec<Tag>,
}

/// One combination of tags of the wheel.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tag {
    python: PythonTag,
    /// The architecture. `None`: any machine.
    arch: Option<Arch>,
    glibc: Glibc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PythonTag {
    /// Exactly this Python: `cp312-cp312`.
    Exactly(PythonMinor),
    /// This Python or a newer one: `cp38-abi3`.
    From(PythonMinor),
    /// Any Python of this major from this minor: `py3-none`, `py35-none`.
    Any { major: u32, from: u32 },
}

impl PythonTag {
    fn parse(interpreter: &str, abi: &str) -> Option<Self> {
        let (kind, digits) = interpreter.split_at_checked(2)?;
        let (major, minor) = (digits.get(..1)?.parse().ok()?, digits.get(1..)?);
        match kind {
            "cp" if abi.ends_with('t') => None,
            "cp" if abi == "abi3" => Some(Self::From((major, minor.parse().ok()?))),
            "cp" => Some(Self::Exactly((major, minor.parse().ok()?))),
            "py" => Some(Self::Any { major, from: if minor.is_empty() { 0 } else { minor.parse().ok()? } }),
            _ => None,
        }
    }

    fn accepts(self, python: PythonMinor) -> bool {
        match self {
            Self::Exactly(this) => this == python,
            Self::From(least) => python.0 == least.0 && python >= least,
            Self::Any { major, from } => python.0 == major && python.1 >= from,
        }
    }
}

/// The architecture and glibc of a platform tag. `None`: another system.
fn platform(tag: &str) -> Option<(Option<Arch>, Glibc)> {
    if tag == "any" {
        return Some((None, UNTAGGED));
    }
    let known = [("_x86_64", Arch::X86_64), ("_aarch64", Arch::Aarch64), ("_ppc64le", Arch::Ppc64le)];
    let (rest, arch) = known.iter().find_map(|(suffix, arch)| Some((tag.strip_suffix(suffix)?, *arch)))?;
    let glibc = match rest {
        "linux" => UNTAGGED,
        "manylinux1" => (2, 5),
        "manylinux2010" => (2, 12),
        "manylinux2014" => (2, 17),
        _ => {
            let (major, minor) = rest.strip_prefix("manylinux_")?.split_once('_')?;
            (major.parse().ok()?, minor.parse().ok()?)
        }
    };
    Some((Some(arch), glibc))
}

impl WheelName {
    /// Parses a file name. `None`: it is not a wheel of a PEP 440 version.
    #[must_use]
    pub fn parse(file: &str) -> Option<Self> {
        let parts: Vec<&str> = file.strip_suffix(".whl")?.split('-').collect();
        let [_, version, .., interpreters, abis, platforms] = parts.as_slice() else { return None };
        let mut tags = Vec::new();
        for (interpreter, abi) in interpreters.split('.').flat_map(|i| abis.split('.').map(move |a| (i, a))) {
            let Some(python) = PythonTag::parse(interpreter, abi) else { continue };
            let places = platforms.split('.').filter_map(platform);
            tags.extend(places.map(|(arch, glibc)| Tag { python, arch, glibc }));
        }
        Some(Self { version: parser::version(version)?, tags })
    }

    /// Whether any tag is for Linux on a known architecture, or for any machine.
    #[must_use]
    pub fn runs_on_linux(&self) -> bool {
        !self.tags.is_empty()
    }

    /// Whether a tag names this architecture. A wheel for any machine names none.
    #[must_use]
    pub fn is_for(&self, arch: Arch) -> bool {
        self.tags.iter().any(|tag| tag.arch == Some(arch))
    }

    /// Whether the wheel is for any machine.
    #[must_use]
    pub fn is_pure(&self) -> bool {
        self.tags.iter().any(|tag| tag.arch.is_none())
    }

    /// The lowest glibc that can load it, for that architecture and Python.
    pub(super) fn glibc(&self, arch: Arch, python: PythonMinor) -> Option<Glibc> {
        let fitting = self.tags.iter().filter(|tag| tag.arch.is_none_or(|a| a == arch) && tag.python.accepts(python));
        fitting.map(|tag| tag.glibc).min()
    }

    pub(super) fn pythons(&self) -> impl Iterator<Item = PythonMinor> {
        self.tags.iter().filter_map(|tag| match tag.python {
            PythonTag::Exactly(python) => Some(python),
            PythonTag::From(_) | PythonTag::Any { .. } => None,
        })
    }
}
