//! The complete text of answers.

use envctl::resolve::{Conflict, Resolution, instead, resolve};
use envctl::ui::{self, Paint};

use crate::ask::{ask, matrix};

/// The error as it is printed, and what its ways out assume of the machine.
fn refusal(conflict: &Conflict) -> String {
    let targets = conflict.ways_out.iter().map(|way| way.target.as_ref());
    let assumed = targets.enumerate().filter_map(|(index, target)| {
        let target = serde_json::to_string(target?).unwrap();
        Some(format!("(hint {} assumes {target})\n", index + 1))
    });
    ui::conflict_text(conflict, None, Paint(false)) + &assumed.collect::<String>()
}

fn reasons(resolution: &Resolution) -> String {
    let names = ui::why_names(resolution);
    // A framework's name stands for its release and its build.
    let names = names.iter().filter(|name| !name.ends_with(" build"));
    let text = names.map(|name| ui::reasons(resolution, name, Paint(false)).unwrap()).collect::<String>();
    text.lines().flat_map(|line| ["why ", line, "\n"]).collect()
}

fn read(questions: &[&str]) -> String {
    let matrix = matrix();
    let read = |question: &&str| {
        let request = ask(question).request(&matrix);
        let text = match resolve(&request, &matrix) {
            Ok(resolution) => {
                let instead = instead(&request, &matrix);
                format!("{}{}", ui::answer(&resolution, &instead, Paint(false)), reasons(&resolution))
            }
            Err(conflict) => refusal(&conflict),
        };
        format!("> {question}\n{text}\n")
    };
    questions.iter().map(read).collect()
}

#[test]
fn answers() {
    insta::assert_snapshot!(read(&[
        "pytorch=2.4 driver=535.104.05 gpu=RTX_3090",
        "pytorch gpu=V100 driver=470.82.01",
        "pytorch=2.8 gpu=RTX_5090 driver=570.26",
        "jax=0.6 pytorch=2.8 gpu=V100 driver=535",
        "tensorflow=1.15",
        "tensorflow=1.4",
        "mindspore=2.0 gpu=RTX_3090",
        "pytorch=2.6 base=ubuntu:18.04",
        "cuda=12.4 cudnn=9 toolkit=devel",
        "pytorch=2.4 cpu",
        "pytorch=2.4 tensorflow=2.18:cpu driver=900.10",
    ]));
}

#[test]
fn refusals_by_the_machine() {
    insta::assert_snapshot!(read(&[
        "pytorch=2.4 driver=440.33",
        "pytorch=2.8 driver=470.82.01",
        "pytorch=2.4 gpu=RTX_5090 driver=575.51.03",
        "pytorch=2.11 gpu=RTX_5090 driver=550.54.15",
        "pytorch=2.6 gpu=K80",
        "pytorch=2.6 gpu=K80 driver=535",
        "pytorch=2.6 gpu=V100 driver=590.44.01",
        "pytorch=2.8 gpu=GTX_1080 gpu=RTX_5090",
        "tensorflow=1.15 gpu=RTX_3090",
        "cuda=13.0 gpu=V100 driver=535",
        "mindspore=2.0 gpu=RTX_3090 driver=450.80.02",
        "pytorch=2.8 gpu=8.7",
        "mindspore=1.0 cpu",
    ]));
}

#[test]
fn refusals_by_the_manifest() {
    insta::assert_snapshot!(read(&[
        "pytorch=2.99",
        "pytorch=2.4 python=3.13",
        "pytorch=2.4 python=3.13 driver=440.33",
        "pytorch=2.4 cuda=12.6",
        "pytorch=2.1 cuda=12.4 driver=550.54.15",
        "pytorch=2.4 cudnn=8",
        "cuda=12.7",
        "cuda=11.8 cudnn=9.8",
        "pytorch=2.4 arch=aarch64",
        "pytorch arch=ppc64le",
        "pytorch=2.8 base=ubuntu:18.04",
        "pytorch=2.4 base=fedora:40",
        "pytorch=2.4 cuda=12.4 toolkit=devel base=ubuntu:24.04",
        "pytorch=2.4 jax=0.7",
        "pytorch=2.11 tensorflow=1.15",
        "pytorch=2.8 by=2025-08-05",
        "pytorch by=2020-01-01",
        "mindspore=1.0 tensorflow=1.15",
        "pytorch=2.6 tensorflow=2.15 cpu",
    ]));
}
