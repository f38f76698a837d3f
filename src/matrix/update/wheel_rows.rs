//! The rows of wheels: the platforms that several packages support when they are installed together.
//!
//! A platform counts only if every package has a wheel for it.

use std::collections::BTreeMap;

use pep440_rs::Version;

use super::index::PublishedWheel;
use super::wheel::{Glibc, PythonMinor};
use crate::manifest::Arch;
use crate::matrix::rows::WheelRow;
use crate::parser;
use crate::version::{GlibcVersion, PythonVersion};

impl PublishedWheel {
    fn glibc(&self, arch: Arch, python: PythonMinor) -> Option<Glibc> {
        let specifiers = self.published.requires_python.as_deref().and_then(parser::specifiers);
        // The newest patch release, because `>=3.6.2` includes a current 3.6.
        let newest = Version::new([u64::from(python.0), u64::from(python.1), 99]);
        let asked_for = specifiers.is_none_or(|specifiers| specifiers.contains(&newest));
        self.name.glibc(arch, python).filter(|_| asked_for)
    }
}

/// The platforms of several packages that are installed together: the Pythons that all have, and the highest of their
/// glibcs. `generic` gives the Pythons to try if no wheel names one (`py3-none`).
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

/// The day from which every package had a wheel for each platform of `rows`. `None`: the index does not give it.
#[must_use]
pub fn complete_on(packages: &[&[PublishedWheel]], rows: &[WheelRow]) -> Option<String> {
    let platforms = || rows.iter().flat_map(|row| row.python.iter().map(|python| (row.arch, python)));
    let each = platforms().flat_map(|(arch, python)| {
        let python = (python.major(), python.minor().unwrap_or(0));
        packages.iter().map(move |wheels| {
            let fitting = wheels.iter().filter(|wheel| wheel.glibc(arch, python).is_some());
            fitting.filter_map(|wheel| wheel.published.uploaded.as_deref()?.get(..10)).min()
        })
    });
    each.collect::<Option<Vec<_>>>()?.into_iter().max().map(str::to_owned)
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
    use crate::matrix::update::wheel::WheelName;

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
    fn a_build_is_complete_with_its_last_wheel() {
        let on = |file: &str, day: &str| {
            let mut wheel = wheel(file, None);
            wheel.published.uploaded = Some(format!("{day}T01:02:03Z"));
            wheel
        };
        let jax = [on("jax-0.5.0-py3-none-any.whl", "2025-01-17")];
        let plugin = [
            on("jax_plugin-0.5.0-cp312-cp312-manylinux2014_x86_64.whl", "2025-01-18"),
            on("jax_plugin-0.5.0-1-cp312-cp312-manylinux2014_x86_64.whl", "2025-03-01"),
            on("jax_plugin-0.5.0-cp312-cp312-manylinux2014_aarch64.whl", "2025-01-23"),
        ];
        let packages: [&[PublishedWheel]; 2] = [&jax, &plugin];
        let day = |arch| complete_on(&packages, &common_rows(&packages, &[arch], &[])).unwrap();
        assert_eq!([day(Arch::X86_64), day(Arch::Aarch64)], ["2025-01-18", "2025-01-23"]);
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
