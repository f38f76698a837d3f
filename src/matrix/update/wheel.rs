//! Reads wheel file names (PEP 427, 600, 656): the Python, the architecture and the glibc.
//!
//! `Requires-Python` only narrows the Pythons of the tags, because no publisher sets its upper bound. A free-threaded
//! build (`cp313t`) needs another interpreter than `cp313` and never counts as `cp313`.

use pep440_rs::Version;

use crate::manifest::Arch;
use crate::parser;

/// Minor versions of Python that a wheel for any of them may be used with.
pub(super) type PythonMinor = (u32, u32);
/// glibc 2.N
pub(super) type Glibc = (u32, u32);

/// The glibc that a platform tag without one (`linux_x86_64`, `any`) is taken to need.
const UNTAGGED: Glibc = (2, 17);

/// A wheel's file name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelName {
    /// The version, with its local label.
    pub version: Version,
    tags: Vec<Tag>,
}

/// One combination that the wheel is tagged for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tag {
    python: PythonTag,
    /// None: any machine.
    arch: Option<Arch>,
    glibc: Glibc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PythonTag {
    /// `cp312-cp312`
    Exactly(PythonMinor),
    /// `cp38-abi3`
    From(PythonMinor),
    /// `py3-none`, `py35-none`
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

/// Architecture and glibc of a platform tag; `None` for other systems.
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
    /// Takes a file name apart; `None` where it is no wheel of a PEP 440 version.
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

    /// Whether any tag is for Linux on a machine we know, or for any machine.
    #[must_use]
    pub fn runs_on_linux(&self) -> bool {
        !self.tags.is_empty()
    }

    /// Whether a tag names this architecture (a wheel for any machine names none).
    #[must_use]
    pub fn is_for(&self, arch: Arch) -> bool {
        self.tags.iter().any(|tag| tag.arch == Some(arch))
    }

    /// Whether it is for any machine.
    #[must_use]
    pub fn is_pure(&self) -> bool {
        self.tags.iter().any(|tag| tag.arch.is_none())
    }

    /// The lowest glibc it loads on there, for that Python.
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
