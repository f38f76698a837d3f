//! Tests that every answer is the same without the memo, including the facts and ways out of conflicts.

use std::collections::BTreeSet;
use std::path::Path;

use crate::host::FactOverrides;
use crate::manifest::{Layer, LayerKind, Manifest};
use crate::matrix::Matrix;
use crate::resolve::rows::Rows;
use crate::resolve::{FactOrigin, FrameworkLine, LineDemand, Overrides, Request, answer_from};

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

/// A line about releases, with a marker for these Pythons.
fn line(framework: &str, versions: &str, label: &str, pythons: &[&str]) -> FrameworkLine {
    let label = Some(label.to_owned()).filter(|label| !label.is_empty());
    let pythons = pythons.iter().map(|python| python.parse().unwrap()).collect::<BTreeSet<_>>();
    FrameworkLine {
        framework: framework.parse().unwrap(),
        text: format!("{framework}{versions} {label:?} {pythons:?}"),
        origin: FactOrigin::File("requirements.txt:1".to_owned()),
        demand: LineDemand::Release { versions: versions.parse().unwrap(), label, package: None },
        asks: true,
        pythons: Some(pythons).filter(|pythons| !pythons.is_empty()),
    }
}

#[test]
fn without_a_memory_lines_decide_the_same() {
    let matrix = matrix();
    let many = Rows::for_many(&matrix);
    let sets = [
        vec![line("pytorch", "<2.7", "", &[])],
        vec![line("pytorch", ">=2.4", "cu121", &[]), line("jax", "<0.7", "", &[])],
        vec![line("pytorch", "<2.6", "", &["3.9", "3.10", "3.11"]), line("pytorch", ">=2.6", "", &["3.12", "3.13"])],
        vec![line("pytorch", "<2.6", "", &["3.10"]), line("tensorflow", "!=2.18.0", "", &["3.11", "3.12"])],
        vec![line("pytorch", "==2.4.0", "", &[]), line("pytorch", "==2.6.0", "", &[])],
    ];
    for frameworks in FRAMEWORKS {
        for lines in &sets {
            for (driver, gpu) in [MACHINES[1], MACHINES[3]] {
                let request = request(&matrix, &format!("[frameworks]\n{frameworks}"), driver, gpu);
                let known = |line: &FrameworkLine| matrix.framework(&line.framework).is_some();
                let request = request.steered(lines.iter().filter(|line| known(line)).cloned().collect());
                let plain = answer_from(&request, &Rows::without_memo(&matrix));
                assert_eq!(answer_from(&request, &Rows::of(&matrix)), plain, "{frameworks} {lines:?} {driver} {gpu}");
                assert_eq!(answer_from(&request, &many), plain, "{frameworks} {lines:?} {driver} {gpu}");
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
