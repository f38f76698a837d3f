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
    assert!(matches!(Matrix::from_dir(&folder.join("nowhere")), Err(MatrixError::Read { .. })));
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
