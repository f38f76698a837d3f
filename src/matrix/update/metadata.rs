//! The requirements in a wheel's METADATA that concern CUDA.
//!
//! Lines that are not valid requirements are ignored, as in pip.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use pep440_rs::VersionSpecifiers;
use pep508_rs::{ExtraName, MarkerEnvironment, MarkerEnvironmentBuilder, VersionOrUrl};

use crate::manifest::Arch;
use crate::parser;
use crate::version::{CudaVersion, CudnnVersion, PythonVersion};

/// One requirement that applies to a machine with the given extras.
#[derive(Clone, Debug)]
pub struct Needed {
    /// The normalised name.
    pub name: String,
    /// The allowed versions.
    pub specifiers: VersionSpecifiers,
    /// The required extras.
    pub extras: Vec<String>,
}

/// The requirements that apply to Linux on `arch` with `extras`, on the Python that decides about CUDA.
#[must_use]
pub fn needed(metadata: &str, arch: Arch, extras: &[String]) -> Vec<Needed> {
    needed_on(metadata, arch, "3.12", extras)
}

/// The requirements that apply to Linux on `arch` and a Python with `extras`. Some old wheels have lines that are not PEP 508
/// requirements. These are ignored, as pip ignores extras that it cannot read.
#[must_use]
fn needed_on(metadata: &str, arch: Arch, python: &str, extras: &[String]) -> Vec<Needed> {
    let environment = environment(arch, python);
    let extras: Vec<ExtraName> = extras.iter().filter_map(|name| ExtraName::from_str(name).ok()).collect();
    let head = metadata.split("\n\n").next().unwrap_or_default();
    let lines = head.lines().filter_map(|line| line.strip_prefix("Requires-Dist:"));
    lines
        .filter_map(|line| parser::requirement(line.trim()).ok())
        .filter(|requirement| requirement.evaluate_markers(&environment, &extras))
        .map(|requirement| Needed {
            name: requirement.name.to_string(),
            extras: requirement.extras.iter().map(ToString::to_string).collect(),
            specifiers: match requirement.version_or_url {
                Some(VersionOrUrl::VersionSpecifier(specifiers)) => specifiers,
                _ => VersionSpecifiers::empty(),
            },
        })
        .collect()
}

fn environment(arch: Arch, python: &str) -> MarkerEnvironment {
    let full = format!("{python}.0");
    let machine = match arch {
        Arch::X86_64 => "x86_64",
        Arch::Aarch64 => "aarch64",
        Arch::Ppc64le => "ppc64le",
    };
    MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: &full,
        os_name: "posix",
        platform_machine: machine,
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: "Linux",
        platform_version: "",
        python_full_version: &full,
        python_version: python,
        sys_platform: "linux",
    }
    .try_into()
    .expect("the versions above are versions")
}

/// The ranges that METADATA sets for some packages on a Python. Packages in any version are left out.
#[must_use]
pub fn ranges_on(
    metadata: &str,
    arch: Arch,
    python: &PythonVersion,
    extras: &[String],
    packages: &[String],
) -> BTreeMap<String, BTreeSet<String>> {
    let mut ranges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for needed in needed_on(metadata, arch, &python.to_string(), extras) {
        if packages.contains(&needed.name) && !needed.specifiers.is_empty() {
            let known = ranges.entry(needed.name).or_default();
            known.extend(needed.specifiers.iter().map(ToString::to_string));
        }
    }
    ranges
}

/// The shared `nvidia-*` distributions with their ranges, and `cuda-toolkit`, which represents a set of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared(pub BTreeMap<String, BTreeSet<String>>);

impl Shared {
    /// Adds the requirement if it names a shared distribution.
    pub fn add(&mut self, needed: &Needed) {
        if needed.name.starts_with("nvidia-") || needed.name == "cuda-toolkit" {
            let ranges = self.0.entry(needed.name.clone()).or_default();
            ranges.extend(needed.specifiers.iter().map(ToString::to_string));
        }
    }

    /// The CUDA minor release in the range of the runtime.
    #[must_use]
    pub fn cuda(&self) -> Option<CudaVersion> {
        let names = self.0.keys().filter(|name| is_one_of(name, &["cuda-toolkit", "nvidia-cuda-runtime"]));
        let lowest = names.filter_map(|name| self.lowest(name)).max()?;
        lowest.parse::<CudaVersion>().ok().map(|version| version.prefix(2)).filter(|version| version.minor().is_some())
    }

    /// The cuDNN: exact if it is pinned, else the lowest.
    #[must_use]
    pub fn cudnn(&self) -> Option<CudnnVersion> {
        let name = self.0.keys().find(|name| is_one_of(name, &["nvidia-cudnn"]))?;
        self.lowest(name)?.parse().ok()
    }

    /// The version of a `==` or `>=`, or the fixed part of a `~=`: `~=9.0` is any 9.
    fn lowest(&self, name: &str) -> Option<String> {
        self.0[name].iter().find_map(|range| {
            let exact = ["==", ">="].iter().find_map(|operator| range.strip_prefix(operator));
            let fixed = || range.strip_prefix("~=")?.rsplit_once('.').map(|(fixed, _)| fixed);
            Some(exact.or_else(fixed)?.trim().trim_end_matches(".*").to_owned())
        })
    }

    /// The ranges in the form of the rows: name → one list of specifiers.
    #[must_use]
    pub fn rows(&self) -> BTreeMap<String, String> {
        joined(&self.0)
    }
}

/// The ranges in the form of the rows: name → one list of specifiers.
#[must_use]
pub fn joined(ranges: &BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, String> {
    let one = |ranges: &BTreeSet<String>| ranges.iter().cloned().collect::<Vec<_>>().join(",");
    ranges.iter().map(|(name, ranges)| (name.clone(), one(ranges))).collect()
}

/// Whether `name` is one of `stems`, with or without a CUDA major (`nvidia-cudnn-cu12`).
fn is_one_of(name: &str, stems: &[&str]) -> bool {
    stems.iter().any(|stem| name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with("-cu")))
}

/// The first number of the form `12.1` or `8` after `word` on the same line.
#[must_use]
pub fn number_after(text: &str, word: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let rest = after_word(line, word)?;
        let start = rest.find(|c: char| c.is_ascii_digit())?;
        let number = &rest[start..];
        let end = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
        Some(number[..end].trim_end_matches('.').to_owned())
    })
}

/// The compute capabilities with compiled code (`sm_70`) in the list after `word`. PTX alone (`compute_80`) counts as
/// code that is compiled with it, as in the build files of TensorFlow and XLA.
#[must_use]
pub fn capabilities_after(text: &str, word: &str) -> Vec<String> {
    let Some(list) = text.lines().find_map(|line| after_word(line, word)) else { return Vec::new() };
    let list = list.split_once('[').map_or(list, |(_, rest)| rest.split_once(']').map_or(rest, |(list, _)| list));
    let items = list.split(',').map(|item| item.trim_matches(|c: char| !c.is_ascii_alphanumeric()));
    let digits = items.filter_map(|item| item.strip_prefix("sm_").or_else(|| item.strip_prefix("compute_")));
    let split = digits.filter_map(|digits| digits.split_at_checked(digits.len().checked_sub(1)?));
    split.map(|(major, minor)| format!("{major}.{minor}")).collect()
}

/// The text after a whole word in a line.
fn after_word<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(word).find_map(|(start, _)| {
        let rest = &line[start + word.len()..];
        let whole = !line[..start].ends_with(is_part) && !rest.starts_with(is_part);
        whole.then_some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TORCH: &str = "Metadata-Version: 2.1\nName: torch\nRequires-Dist: filelock\n\
        Requires-Dist: nvidia-cuda-runtime-cu12 (==12.1.105) ; platform_system == \"Linux\" and platform_machine == \"x86_64\"\n\
        Requires-Dist: nvidia-cudnn-cu12 (==9.1.0.70) ; platform_system == \"Linux\" and platform_machine == \"x86_64\"\n\n\
        Requires-Dist: nvidia-cuda-runtime-cu12 (==11.0) in the description\n";

    fn shared(metadata: &str, arch: Arch, extras: &[&str]) -> Shared {
        let extras: Vec<String> = extras.iter().map(ToString::to_string).collect();
        let mut shared = Shared::default();
        for needed in &needed(metadata, arch, &extras) {
            shared.add(needed);
        }
        shared
    }

    #[test]
    fn pins_tell_cuda_and_cudnn_where_their_markers_hold() {
        let on_x86 = shared(TORCH, Arch::X86_64, &[]);
        assert_eq!(on_x86.cuda().unwrap().to_string(), "12.1");
        assert_eq!(on_x86.cudnn().unwrap().to_string(), "9.1.0.70");
        assert_eq!(on_x86.rows()["nvidia-cudnn-cu12"], "==9.1.0.70");
        assert!(shared(TORCH, Arch::Aarch64, &[]).0.is_empty());
    }

    #[test]
    fn the_toolkit_distribution_tells_cuda_too() {
        let text = "Requires-Dist: cuda-toolkit[cublas,cudart]==13.0.2; platform_system == \"Linux\"\n\
            Requires-Dist: nvidia-cudnn-cu13==9.20.0.48; platform_system == \"Linux\"\n";
        let shared = shared(text, Arch::Aarch64, &[]);
        assert_eq!(
            (shared.cuda().unwrap().to_string(), shared.cudnn().unwrap().to_string()),
            ("13.0".into(), "9.20.0.48".into())
        );
    }

    #[test]
    fn ranges_stand_behind_extras_in_either_spelling() {
        let text = "Requires-Dist: nvidia-cuda-runtime-cu12 >=12.1.105 ; extra == 'with_cuda'\n\
            Requires-Dist: nvidia-cudnn-cu12 <10.0,>=9.1 ; extra == 'with_cuda'\n";
        assert!(shared(text, Arch::X86_64, &[]).0.is_empty());
        let with = shared(text, Arch::X86_64, &["with-cuda"]);
        assert_eq!(with.cuda().unwrap().to_string(), "12.1");
        assert_eq!(with.rows()["nvidia-cudnn-cu12"], "<10.0,>=9.1");
    }

    #[test]
    fn a_compatible_release_fixes_all_but_its_last_number() {
        let text = "Requires-Dist: nvidia-cuda-runtime~=13.0; extra == \"cuda\"\nRequires-Dist: nvidia-cudnn-cu13~=9.0; extra == \"cuda\"\n";
        let shared = shared(text, Arch::X86_64, &["cuda"]);
        assert_eq!(shared.cuda(), None);
        assert_eq!(shared.cudnn().unwrap().to_string(), "9");
    }

    #[test]
    fn a_file_of_the_wheel_tells_what_metadata_does_not() {
        assert_eq!(number_after("debug = False\ncuda: Optional[str] = '11.3'\n", "cuda").unwrap(), "11.3");
        assert_eq!(number_after("cuda = None", "cuda"), None);
        let tensorflow = r#"build_info = {"cpu_compiler": "/usr/bin/gcc", "cuda_compute_capabilities": ["sm_35", "sm_50", "compute_80"], "cuda_version": "11.2", "cudnn_version": "8"}"#;
        assert_eq!(number_after(tensorflow, "cuda_version").unwrap(), "11.2");
        assert_eq!(number_after(tensorflow, "cudnn_version").unwrap(), "8");
        assert_eq!(capabilities_after(tensorflow, "cuda_compute_capabilities"), ["3.5", "5.0", "8.0"]);
    }
}
