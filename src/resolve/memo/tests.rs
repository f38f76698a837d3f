//! Tests that every answer is the same without the memo, including the facts and ways out of conflicts.

use std::path::Path;

use crate::host::FactOverrides;
use crate::manifest::{Layer, LayerKind, Manifest};
use crate::matrix::Matrix;
use crate::resolve::rows::Rows;
use crate::resolve::{Overrides, Request, answer_from};

/// The rows of the resolver's own tests.
fn matrix() -> Matrix {
    Matrix::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resolve/matrix")).unwrap()
}

fn request(matrix: &Matrix, manifest: &str, driver: &str, gpu: &str) -> Request {
    let text = format!("name = \"lab\"\n{manifest}\n");
    let layer = Layer { path: "envctl.toml".into(), text, kind: LayerKind::Project };
    let manifest = Manifest::parse_layers(vec![layer]).unwrap();
    let capabilities = gpu.parse().into_iter().collect();
    let machine = FactOverrides { driver: driver.parse().ok(), capabilities, ..FactOverrides::default() };
    let overrides = Overrides { machine, no_host: true, ..Overrides::default() };
    Request::new(&manifest, None, &overrides, matrix).unwrap()
}

const FRAMEWORKS: [&str; 9] = [
    "pytorch = \"2.4\"",
    "pytorch = \"*\"",
    "tensorflow = \"1.15\"",
    "pytorch = \"2.8\"\njax = \"0.6\"",
    "pytorch = \"2.4\"\njax = \"0.7\"",
    "pytorch = \"*\"\ntensorflow = \"1.15\"",
    "pytorch = \"*\"\nmindspore = \"2.0\"",
    "jax = \"*\"\ntensorflow = \"*\"",
    "jax = \"0.5\"\npytorch = \"2.6\"\ntensorflow = \"2.18\"",
];
const PINS: [&str; 6] = [
    "",
    "[python]\nversion = \"3.13\"",
    "[cuda]\nversion = \"12.4\"",
    "[cuda]\ncudnn = \"9\"",
    "[cuda]\ntoolkit = \"devel\"\n[system]\nbase = \"ubuntu:22.04\"",
    "[gpu]\ndevices = \"none\"",
];
const MACHINES: [(&str, &str); 4] = [("", ""), ("470.82.01", "7.0"), ("535", "8.6"), ("570.26", "12.0")];

#[test]
fn without_a_memory_every_answer_is_the_same() {
    let matrix = matrix();
    for frameworks in FRAMEWORKS {
        for pins in PINS {
            for (driver, gpu) in MACHINES {
                let request = request(&matrix, &format!("[frameworks]\n{frameworks}\n{pins}"), driver, gpu);
                let remembered = answer_from(&request, &Rows::of(&matrix));
                let plain = answer_from(&request, &Rows::without_memo(&matrix));
                assert_eq!(remembered, plain, "{frameworks} {pins} {driver} {gpu}");
            }
        }
    }
}

#[test]
fn what_earlier_questions_left_changes_no_answer() {
    let matrix = matrix();
    let many = Rows::for_many(&matrix);
    for frameworks in FRAMEWORKS {
        for (driver, gpu) in MACHINES {
            let request = request(&matrix, &format!("[frameworks]\n{frameworks}"), driver, gpu);
            assert_eq!(
                answer_from(&request, &many),
                answer_from(&request, &Rows::of(&matrix)),
                "{frameworks} {driver}"
            );
        }
    }
}
