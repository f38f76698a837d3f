//! Tests of the checks: the embedded rows pass, and each damaged row gives its finding.

use super::findings::is_day;
use super::*;
use crate::matrix::RowFile;

fn found(file: &str, text: &str) -> Vec<String> {
    let rows = RowFile { path: file.into(), text: text.to_owned() };
    let embedded = Matrix::embedded().check();
    let matrix = Matrix::embedded().with_rows(&[rows]).unwrap();
    matrix.check().iter().filter(|finding| !embedded.contains(finding)).map(ToString::to_string).collect()
}

#[test]
fn nothing_is_wrong_with_the_embedded_rows() {
    let findings = Matrix::embedded().check().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn a_left_out_release_is_a_gap() {
    let row =
        "[[cuda]]\nversion = \"13.9\"\ndriver-minimum = \"580.65.06\"\nsource = \"us\"\nchecked = \"2026-11-21\"\n";
    assert_eq!(
        found("cuda.toml", row),
        ["cuda.toml: 13.9 no row for `13.6`; if there is no such release, say `after = \"13.5\"`"]
    );
}

#[test]
fn a_value_without_a_row_is_found() {
    let row = "[[cudnn]]\nversion = \"9.28\"\ncuda = [\"14\"]\nlowest-capability = \"6.6\"\nsource = \" \"\nchecked = \"2026-02-30\"\n";
    assert_eq!(
        found("cudnn.toml", row),
        [
            "cudnn.toml: 9.28 has no source",
            "cudnn.toml: 9.28 checked `2026-02-30` is not a day such as `2026-11-21`",
            "cudnn.toml: 9.28 CUDA `14` has no row in cuda.toml",
            "cudnn.toml: 9.28 capability `6.6` has no row in capabilities.toml",
        ]
    );
}

#[test]
fn one_name_is_one_gpu() {
    let row = "[[gpu]]\nname = \"My card\"\naliases = [\"GeForce rtx3090\"]\ncapability = \"8.6\"\nsegment = \"toy\"\nsource = \"us\"\nchecked = \"2026-11-21\"\n";
    let found = found("gpus.toml", row);
    assert!(found.contains(
        &"gpus.toml: My card segment `toy` is not one of data-center, workstation, geforce, jetson".to_owned()
    ));
    assert!(found.iter().any(|line| line.contains("is also")), "{found:?}");
}

#[test]
fn a_build_that_nothing_carries_is_found() {
    let file = "[framework]\nid = \"toy\"\npackage = \"toy\"\nverify = \"import toy\"\nsource = \"us\"\nchecked = \"2026-11-21\"\n\
                [[release]]\nversion = \"1.0\"\nsource = \"us\"\nchecked = \"2026-11-21\"\n\
                [[release.build]]\nvariant = \"gpu\"\npackage = \"toy\"\nindex = \"somewhere\"\nshared = { nvidia-x = \"9 or so\" }\ncuda = \"10.0\"\ncudnn = \"8.9\"\n\
                libraries = \"system\"\ncapabilities = [\"9.0\"]\n\
                wheels = [{ arch = \"ppc64le\", python = [\"3.6\"], glibc = \"2.99\" }]\n";
    assert_eq!(
        found("frameworks/toy.toml", file),
        [
            "frameworks/toy.toml: 1.0 gpu index `somewhere` is not one of `default` or a https URL",
            "frameworks/toy.toml: 1.0 gpu `9 or so` of `nvidia-x` is not a version range such as `>=9.1,<10`",
            "frameworks/toy.toml: 1.0 gpu cuDNN `8.9` is not built for CUDA `10`",
            "frameworks/toy.toml: 1.0 gpu CUDA `10.0` does not compile for capability `9.0`",
            "frameworks/toy.toml: 1.0 gpu no base image serves it (glibc 2.99 on ppc64le), and it does not say `unbuildable`",
            "frameworks/toy.toml: 1.0 gpu no base image serves it (an image with CUDA 10.0), and it does not say `unbuildable`",
        ]
    );
}

#[test]
fn a_day_is_one_the_calendar_has() {
    assert!(is_day("2024-02-29"));
    for wrong in ["2023-02-29", "2024-13-01", "2024-00-10", "2024-1-1", "24-01-01", "2024-01-01x", ""] {
        assert!(!is_day(wrong), "{wrong}");
    }
}
