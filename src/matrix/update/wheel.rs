//! Wheel file names (PEP 427, 600, 656): which Python, which architecture, which glibc.
//!
//! `Requires-Python` only ever narrows what the tags say: no maker sets its upper bound. A free-threaded build
//! (`cp313t`) is another interpreter than `cp313` and never counts as it.

use std::collections::BTreeMap;

use pep440_rs::Version;

use super::index::PublishedWheel;
use crate::manifest::Arch;
use crate::matrix::rows::WheelRow;
use crate::parser;
use crate::version::{GlibcVersion, PythonVersion};

/// Minor versions of Python that a wheel for any of them may be used with.
type PythonMinor = (u32, u32);
/// glibc 2.N
type Glibc = (u32, u32);

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
    fn glibc(&self, arch: Arch, python: PythonMinor) -> Option<Glibc> {
        let fitting = self.tags.iter().filter(|tag| tag.arch.is_none_or(|a| a == arch) && tag.python.accepts(python));
        fitting.map(|tag| tag.glibc).min()
    }

    fn pythons(&self) -> impl Iterator<Item = PythonMinor> {
        self.tags.iter().filter_map(|tag| match tag.python {
            PythonTag::Exactly(python) => Some(python),
            PythonTag::From(_) | PythonTag::Any { .. } => None,
        })
    }
}

impl PublishedWheel {
    fn glibc(&self, arch: Arch, python: PythonMinor) -> Option<Glibc> {
        let specifiers = self.published.requires_python.as_deref().and_then(parser::specifiers);
        // The newest patch release: `>=3.6.2` takes a current 3.6.
        let newest = Version::new([u64::from(python.0), u64::from(python.1), 99]);
        let asked_for = specifiers.is_none_or(|specifiers| specifiers.contains(&newest));
        self.name.glibc(arch, python).filter(|_| asked_for)
    }
}

/// What the wheels of several packages that are installed together run on: Pythons they all have, the highest of their
/// glibcs. `generic` are the Pythons tried where no wheel names one (`py3-none`).
#[must_use]
pub fn common_rows(packages: &[&[PublishedWheel]], arches: &[Arch], generic: &[PythonVersion]) -> Vec<WheelRow> {
    let generic = generic.iter().map(|python| (python.major(), python.minor().unwrap_or(0)));
    let named = packages.iter().flat_map(|wheels| wheels.iter()).flat_map(|wheel| wheel.name.pythons());
    let pythons: std::collections::BTreeSet<PythonMinor> = generic.chain(named).collect();
    let mut rows = Vec::new();
    for arch in arches {
        let mut by_glibc: BTreeMap<Glibc, Vec<PythonVersion>> = BTreeMap::new();
        for python in &pythons {
            let lowest =
                |wheels: &&[PublishedWheel]| wheels.iter().filter_map(|wheel| wheel.glibc(*arch, *python)).min();
            let each: Option<Vec<Glibc>> = packages.iter().map(lowest).collect();
            if let Some(glibc) = each.and_then(|all| all.into_iter().max()) {
                by_glibc.entry(glibc).or_default().push(python_version(*python));
            }
        }
        rows.extend(by_glibc.into_iter().map(|(glibc, python)| WheelRow {
            arch: *arch,
            python,
            glibc: version(glibc),
        }));
    }
    rows
}

fn version((major, minor): Glibc) -> GlibcVersion {
    format!("{major}.{minor}").parse().expect("two numbers are a glibc version")
}

fn python_version((major, minor): PythonMinor) -> PythonVersion {
    format!("{major}.{minor}").parse().expect("two numbers are a Python version")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::update::index::Published;

    fn wheel(file: &str, requires_python: Option<&str>) -> PublishedWheel {
        let published = Published {
            url: format!("https://index.example/{file}"),
            file: file.to_owned(),
            yanked: false,
            requires_python: requires_python.map(str::to_owned),
            uploaded: None,
            sidecar: false,
        };
        PublishedWheel { name: WheelName::parse(file).unwrap(), published }
    }

    fn rows(files: &[&str], generic: &[&str]) -> Vec<String> {
        let wheels: Vec<_> = files.iter().map(|file| wheel(file, None)).collect();
        let generic: Vec<PythonVersion> = generic.iter().map(|text| text.parse().unwrap()).collect();
        let rows = common_rows(&[&wheels], &[Arch::X86_64, Arch::Aarch64], &generic);
        rows.iter()
            .map(|row| {
                let python: Vec<_> = row.python.iter().map(ToString::to_string).collect();
                format!("{:?} {} {}", row.arch, python.join(" "), row.glibc)
            })
            .collect()
    }

    #[test]
    fn tags_tell_python_architecture_and_glibc() {
        let torch =
            ["torch-2.4.1-cp38-cp38-manylinux1_x86_64.whl", "torch-2.4.1-cp312-cp312-manylinux2014_aarch64.whl"];
        assert_eq!(rows(&torch, &[]), ["X86_64 3.8 2.5", "Aarch64 3.12 2.17"]);
    }

    #[test]
    fn a_compressed_tag_set_means_its_lowest_glibc() {
        let file = "onnxruntime_gpu-1.22.0-cp310-cp310-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl";
        assert_eq!(rows(&[file], &[]), ["X86_64 3.10 2.27"]);
    }

    #[test]
    fn free_threaded_and_foreign_wheels_do_not_count() {
        assert!(rows(&["torch-2.9.0-cp313-cp313t-manylinux_2_28_x86_64.whl"], &[]).is_empty());
        for other in ["torch-2.9.0-cp313-cp313-win_amd64.whl", "torch-2.9.0-cp313-none-macosx_11_0_arm64.whl"] {
            assert!(!WheelName::parse(other).unwrap().runs_on_linux());
        }
    }

    #[test]
    fn a_stable_abi_serves_later_pythons_and_a_pure_wheel_those_tried() {
        let both = ["a-1-cp38-abi3-manylinux2014_x86_64.whl"];
        assert_eq!(rows(&both, &["3.7", "3.8", "3.12"]), ["X86_64 3.8 3.12 2.17"]);
        assert_eq!(
            rows(&["mxnet_cu101-1.9.1-py3-none-manylinux2014_x86_64.whl"], &["2.7", "3.6"]),
            ["X86_64 3.6 2.17"]
        );
    }

    #[test]
    fn each_glibc_is_a_row_of_its_own() {
        let files = ["a-1-cp39-cp39-manylinux2014_x86_64.whl", "a-1-cp313-cp313-manylinux_2_28_x86_64.whl"];
        assert_eq!(rows(&files, &[]), ["X86_64 3.9 2.17", "X86_64 3.13 2.28"]);
    }

    #[test]
    fn requires_python_narrows_and_never_widens() {
        let wheels = [
            wheel("a-1-cp36-cp36m-manylinux1_x86_64.whl", Some(">=3.6.2")),
            wheel("a-1-cp38-cp38-manylinux1_x86_64.whl", Some(">=3.9")),
        ];
        let rows = common_rows(&[&wheels], &[Arch::X86_64], &[]);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].python, ["3.6".parse().unwrap()]);
    }

    #[test]
    fn packages_installed_together_meet_on_what_all_of_them_have() {
        let jaxlib = [
            wheel("jaxlib-0.9-cp311-cp311-manylinux2014_x86_64.whl", None),
            wheel("jaxlib-0.9-cp312-cp312-manylinux2014_x86_64.whl", None),
        ];
        let plugin = [wheel("jax_cuda12_plugin-0.9-cp312-cp312-manylinux_2_27_x86_64.whl", None)];
        let pure = [wheel("jax-0.9-py3-none-any.whl", None)];
        let rows = common_rows(&[&jaxlib, &plugin, &pure], &[Arch::X86_64, Arch::Aarch64], &[]);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].python[0].to_string(), rows[0].glibc.to_string()), ("3.12".into(), "2.27".into()));
    }
}
