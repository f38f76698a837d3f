//! Tests of the answers that the embedded rows give.

use super::site::SiteError;
use super::*;
use crate::version::{ComputeCapability, CudaVersion, DriverVersion};

fn matrix() -> Matrix {
    Matrix::embedded()
}

fn driver(text: &str) -> DriverVersion {
    text.parse().unwrap()
}

#[test]
fn every_embedded_row_reads() {
    let matrix = matrix();
    assert!(!matrix.cuda().is_empty());
    assert!(!matrix.capabilities().is_empty());
    assert!(!matrix.gpus().is_empty());
    assert!(!matrix.cudnn().is_empty());
    assert!(!matrix.distributions().is_empty());
    assert!(!matrix.images().is_empty());
    for known in matrix.frameworks() {
        let file = matrix.framework(known.id).unwrap();
        assert_eq!(file.framework.id, *known.id);
        assert!(!file.releases.is_empty(), "{}", known.id);
    }
}

#[test]
fn every_build_has_a_name_and_an_address_that_files_can_use() {
    let matrix = matrix();
    let files = matrix.frameworks().filter_map(|known| matrix.framework(known.id));
    for file in files {
        for build in file.releases.iter().flat_map(|release| &release.builds) {
            let row = package(&build.package).unwrap_or_else(|| panic!("{} has no row", build.package));
            assert_eq!((&row.framework, row.kind), (&file.framework.id, PackageKind::Build));
            if build.index != "default" {
                let row = makers_address(&build.index).unwrap_or_else(|| panic!("{} has no row", build.index));
                assert_eq!(row.framework, file.framework.id);
            }
            for name in build.shared.iter().flat_map(|shared| shared.keys()).filter(|name| name.starts_with("nvidia-"))
            {
                assert!(library(name).is_some() || name.contains("nvcc") || name.contains("nvvm"), "{name}");
            }
        }
        for name in file.releases.iter().flat_map(|release| release.companions.keys()) {
            assert_eq!(package(name).map(|row| row.kind), Some(PackageKind::Companion), "{name}");
        }
    }
    assert!(library("nvidia-ml-py").is_none() && library("nvidia-cudnn").is_some());
    assert!(makers_address("https://pypi.ngc.nvidia.com.evil.example").is_none());
}

#[test]
fn the_day_that_a_release_sets_is_after_its_own_wheels() {
    let matrix = matrix();
    for file in matrix.frameworks().filter_map(|known| matrix.framework(known.id)) {
        for release in &file.releases {
            let days = release.builds.iter().filter_map(|build| build.uploaded.as_ref()).chain(&release.released);
            let later = release.exclude_newer.as_ref().and_then(|last| days.into_iter().find(|day| *day > last));
            assert_eq!(later, None, "{} {}", file.framework.id, release.version);
        }
    }
}

#[test]
fn a_gpu_is_found_as_people_and_as_drivers_write_it() {
    let matrix = matrix();
    let capability = |name: &str| matrix.gpu(name).map(|row| row.capability.to_string()).unwrap_or_default();
    for (name, expected) in [
        ("NVIDIA A100-SXM4-80GB", "8.0"),
        ("NVIDIA A100 80GB PCIe", "8.0"),
        ("NVIDIA A100-PCIE-40GB", "8.0"),
        ("Tesla V100-SXM2-16GB", "7.0"),
        ("NVIDIA GeForce RTX 3090", "8.6"),
        ("rtx3090", "8.6"),
        ("GTX 1080ti", "6.1"),
        ("NVIDIA H200", "9.0"),
        ("NVIDIA H100 80GB HBM3", "9.0"),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "8.0"),
        ("NVIDIA A40-48Q", "8.6"),
        ("NVIDIA RTX 6000 Ada Generation", "8.9"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "8.9"),
        ("NVIDIA GeForce RTX 3050Ti Laptop GPU", "8.6"),
        ("GeForce GTX 1070 with Max-Q Design", "6.1"),
        ("Quadro RTX 6000", "7.5"),
        ("RTX 8000", "7.5"),
        ("P2000", "6.1"),
        ("Quadro T600", "7.5"),
        ("NVIDIA H100 NVL", "9.0"),
        ("NVIDIA H200", "9.0"),
        ("NVIDIA GH200 480GB", "9.0"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "12.0"),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "12.0"),
        ("NVIDIA B200", "10.0"),
        ("NVIDIA GB10", "12.1"),
        ("NVIDIA TITAN X (Pascal)", "6.1"),
        ("GeForce GTX TITAN X", "5.2"),
        ("TITAN Xp", "6.1"),
        ("NVIDIA GeForce MX450", "7.5"),
        ("GeForce 940MX", "5.0"),
        ("Tesla K80", "3.7"),
        ("Tesla K40c", "3.5"),
        ("GeForce GTX 680", "3.0"),
        ("Jetson AGX Orin", "8.7"),
        ("Quadro RTX A6000", "8.6"),
        ("Orin (nvgpu)", "8.7"),
        ("GeForce 940A", "5.0"),
        ("3090", "8.6"),
        ("1080 Ti", "6.1"),
    ] {
        assert_eq!(capability(name), expected, "{name}");
    }
}

#[test]
fn an_unknown_or_ambiguous_gpu_has_near_misses() {
    let matrix = matrix();
    let near = |name: &str| {
        assert!(matrix.gpu(name).is_none(), "{name}");
        matrix.gpus_like(name).iter().map(|row| row.name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(near("RTX 3091").first(), Some(&"RTX 3090"));
    assert!(near("RTX 6000").contains(&"Quadro RTX 6000"));
    assert!(near("RTX 6000").contains(&"RTX 6000 Ada"));
    assert!(near("Radeon").is_empty());
}

#[test]
fn an_update_release_has_a_driver_of_its_own() {
    let matrix = matrix();
    assert_eq!(matrix.driver_ceiling(&driver("535.183.01")).unwrap().version.to_string(), "12.2");
    let row = matrix.cuda_release(&"12.4.1".parse().unwrap()).unwrap();
    assert_eq!(row.toolkit_driver(&"12.4.1".parse().unwrap()), Some(&driver("550.54.15")));
    assert_eq!(row.toolkit_driver(&"12.4".parse().unwrap()), Some(&driver("550.54.14")));
}

#[test]
fn a_toolkit_serves_a_range_of_capabilities() {
    let matrix = matrix();
    let row = |text: &str| matrix.capability(text.parse::<ComputeCapability>().unwrap()).unwrap();
    let cuda = |text: &str| text.parse::<CudaVersion>().unwrap();
    assert!(row("3.5").has_cuda(&cuda("11.8.0")));
    assert!(!row("3.5").has_cuda(&cuda("12.0")));
    assert!(!row("8.6").has_cuda(&cuda("11.0")));
    let last = cuda("10.2");
    let capabilities = matrix.capabilities_of(&last).map(|row| row.capability.to_string());
    assert_eq!(capabilities.last().as_deref(), Some("7.5"));
}

#[test]
fn a_cudnn_is_the_most_exact_row() {
    let matrix = matrix();
    let row = matrix.cudnn_release(&"9.1.0.70".parse().unwrap()).unwrap();
    assert!(row.is_for(&"12.4".parse().unwrap()));
    assert!(!row.is_for(&"10.2".parse().unwrap()));
    let row = |text: &str| matrix.cudnn_release(&text.parse().unwrap()).unwrap().version.to_string();
    assert_eq!((row("8.0.3.33"), row("8.0.4"), row("8.0.5.39")), ("8.0".into(), "8.0.4".into(), "8.0.4".into()));
    let meant = |text: &str| {
        let version = text.parse().unwrap();
        matrix.cudnn_within(&version).map(|row| row.version.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(meant("7.6"), ["7.6", "7.6.5"]);
    assert_eq!(meant("7.6.4"), ["7.6"]);
}

#[test]
fn a_base_is_known_by_number_and_by_name() {
    let matrix = matrix();
    assert_eq!(matrix.distribution("ubuntu:noble").unwrap().id, "ubuntu:24.04");
    assert_eq!(matrix.distribution("ubuntu:24.04").unwrap().python, Some("3.12".parse().unwrap()));
    assert!(matrix.distribution("debian:noble").is_none());
    assert_eq!(matrix.distributions_like("ubuntu:24.4").first().unwrap().id, "ubuntu:24.04");
}

#[test]
fn a_tag_is_exact() {
    let matrix = matrix();
    let tags = |cuda: &str, os: &str, flavour: Flavour| {
        let rows = matrix.images().iter().filter(|row| row.cuda.to_string() == cuda && row.os == os);
        let tags = rows.filter_map(|row| row.tags.get(flavour.key(true))).cloned().collect::<Vec<_>>();
        tags.join(" ")
    };
    assert_eq!(tags("11.8.0", "ubuntu:22.04", Flavour::Devel), "11.8.0-cudnn8-devel-ubuntu22.04");
    assert_eq!(tags("12.3.2", "ubuntu:22.04", Flavour::Runtime), "12.3.2-cudnn9-runtime-ubuntu22.04");
    assert_eq!(tags("12.4.1", "ubuntu:22.04", Flavour::Runtime), "12.4.1-cudnn-runtime-ubuntu22.04");
    assert_eq!(tags("12.5.1", "ubuntu:24.04", Flavour::Runtime), "");
    assert_eq!(
        tags("10.2", "ubuntu:18.04", Flavour::Devel),
        "10.2-cudnn7-devel-ubuntu18.04 10.2-cudnn8-devel-ubuntu18.04"
    );
    assert!(
        matrix
            .images()
            .iter()
            .filter(|row| row.cuda.major() == 10 && row.framework.is_none())
            .all(|row| row.unbuildable.is_some())
    );
}

#[test]
fn a_table_can_be_narrowed() {
    let matrix = matrix();
    let count = |subject: &str, only: &str| {
        let rows = Subject::find(&matrix, subject).unwrap().rows(&matrix, Some(only)).unwrap();
        rows.json().as_array().unwrap().len()
    };
    assert_eq!(count("cuda", "12.4.1"), 1);
    assert_eq!(count("cuda", "10"), 3);
    assert_eq!(count("gpu", "GeForce RTX 3090"), 1);
    assert_eq!(count("capability", "Volta"), 2);
    assert_eq!(count("distributions", "debian"), 6);
    assert_eq!(count("cudnn", "7.6.5"), 1);
    assert!(matches!(Subject::find(&matrix, "cudda"), Err(MatrixError::UnknownSubject { near, .. }) if near == "cuda"));
    let none = Subject::Gpus.rows(&matrix, Some("RTX 3091"));
    assert!(matches!(none, Err(MatrixError::NoRows { near, .. }) if near[0] == "RTX 3090"));
}

#[test]
fn a_folder_stands_alone() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("compat-matrix");
    let from_folder = Matrix::from_dir(&folder).unwrap();
    assert_eq!(from_folder.images().len(), matrix().images().len());
    assert_eq!(from_folder.frameworks().count(), matrix().frameworks().count());
    assert_eq!(from_folder.newest_check(), matrix().newest_check());
    assert!(matches!(Matrix::from_dir(&folder.join("nowhere")), Err(SiteError::Read { .. })));
}

#[test]
fn a_teams_rows_replace_and_add() {
    let row = |version: &str, driver: &str| {
        format!(
            "[[cuda]]\nversion = \"{version}\"\ndriver-minimum = \"{driver}\"\nsource = \"us\"\nchecked = \"2099-01-01\"\n"
        )
    };
    let file = RowFile { path: "cuda.toml".into(), text: row("12.4", "535") + &row("99.0", "999") };
    let before = matrix().cuda().len();
    let matrix = matrix().with_rows(&[file]).unwrap();
    assert_eq!(matrix.cuda().len(), before + 1);
    assert_eq!(matrix.cuda_release(&"12.4".parse().unwrap()).unwrap().driver_minimum, driver("535"));
    assert_eq!(matrix.newest_check(), "2099-01-01");
    let wrong = RowFile { path: "gpus.toml".into(), text: "[[gpu]]\nname = 1".into() };
    assert!(matches!(matrix.with_rows(&[wrong]), Err(MatrixError::Rows { .. })));
}

#[test]
fn the_documentation_shows_rows_that_read() {
    let page = include_str!("../../docs/compatibility.md");
    let shown = page.split("```toml\n# ").skip(1).map(|rest| {
        let (block, _) = rest.split_once("```").unwrap();
        let (path, text) = block.split_once('\n').unwrap();
        RowFile { path: path.into(), text: text.to_owned() }
    });
    let files = shown.collect::<Vec<_>>();
    assert!(!files.is_empty());
    let findings = matrix().with_rows(&files).unwrap().check();
    assert!(findings.is_empty(), "{findings:?}");
}
