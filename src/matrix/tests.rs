use super::*;
use crate::version::{ComputeCapability, DriverVersion};

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
    ] {
        assert_eq!(capability(name), expected, "{name}");
    }
    assert!(matrix.gpu("RTX 9999").is_none());
    assert_eq!(matrix.gpus_like("RTX 3091").first().unwrap().name, "RTX 3090");
}

#[test]
fn a_driver_runs_the_cuda_that_its_floor_says() {
    let matrix = matrix();
    let newest = |text: &str| matrix.newest_cuda(&driver(text)).map(|row| row.version.to_string());
    assert_eq!(newest("525.60.13").as_deref(), Some("12.9"));
    assert_eq!(newest("525.60.12").as_deref(), Some("11.8"));
    assert_eq!(newest("340.0"), None);
    assert_eq!(matrix.driver_ceiling(&driver("535.183.01")).unwrap().version.to_string(), "12.2");
    let row = matrix.cuda_release(&"12.4.1".parse().unwrap()).unwrap();
    assert_eq!(row.toolkit_driver(&"12.4.1".parse().unwrap()), Some(&driver("550.54.15")));
    assert_eq!(row.toolkit_driver(&"12.4".parse().unwrap()), Some(&driver("550.54.14")));
}

#[test]
fn a_driver_can_be_too_new_for_a_gpu() {
    let matrix = matrix();
    let row = |text: &str| matrix.capability(text.parse::<ComputeCapability>().unwrap()).unwrap();
    assert!(row("7.0").is_driver_too_new(&driver("590.44.01")));
    assert!(!row("7.0").is_driver_too_new(&driver("580.95.05")));
    assert!(row("12.0").is_driver_too_old(&driver("565.57.01")));
    assert!(!row("3.5").has_cuda(&"12.0".parse().unwrap()));
}

#[test]
fn a_cudnn_is_the_most_exact_row() {
    let matrix = matrix();
    let row = matrix.cudnn_release(&"9.1.0.70".parse().unwrap()).unwrap();
    assert!(row.is_for(&"12.4".parse().unwrap()));
    assert!(!row.is_for(&"10.2".parse().unwrap()));
}

#[test]
fn the_newest_lts_with_a_python() {
    let matrix = matrix();
    let lts = matrix.lts_with_python(&"3.10".parse().unwrap(), "2026-11-21").unwrap();
    assert_eq!(lts.id, "ubuntu:22.04");
    assert_eq!(matrix.current_lts("2026-11-21").next().unwrap().id, "ubuntu:26.04");
    assert_eq!(matrix.distribution("ubuntu:noble").unwrap().id, "ubuntu:24.04");
}

#[test]
fn a_tag_is_exact() {
    let matrix = matrix();
    let (cuda, cudnn) = ("12.4".parse().unwrap(), "9".parse().unwrap());
    let mut images =
        matrix.cuda_images(&cuda, "ubuntu:22.04", crate::manifest::Arch::X86_64, Flavour::Runtime, Some(&cudnn));
    assert_eq!(images.next().unwrap().reference(), "nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04");
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
