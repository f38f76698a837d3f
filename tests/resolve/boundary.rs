//! Values just below and just above each limit.

use envctl::manifest::Arch;
use envctl::resolve::{
    Axis, BuildsLack, Cause, ConflictKind, Note, Overrides, Remedy, Resolution, SourceLack, Unbuildable, resolve,
};

use crate::ask::{ask, matrix, request};

/// What a test looks at: `pytorch 2.4.1 cu121, Python 3.12 of ubuntu:24.04`.
fn short(resolution: &Resolution) -> String {
    let frameworks = resolution
        .decision
        .frameworks
        .iter()
        .map(|f| format!("{} {} {}", f.name, f.version, f.variant))
        .collect::<Vec<_>>();
    let source = serde_json::to_value(resolution.decision.python_source).unwrap();
    let text = format!(
        "{} | {} {} | {}",
        frameworks.join(", "),
        resolution.decision.python,
        source.as_str().unwrap(),
        resolution.decision.base_image
    );
    text.trim().to_owned()
}

/// Each line: a question, `=>`, the answer or the kinds of the conflict.
fn table(lines: &str) {
    let matrix = matrix();
    let mut wrong = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (question, expected) = line.split_once(" => ").expect("a line is a question and an answer");
        let answer = match ask(question).resolve(&matrix) {
            Ok(resolution) => short(&resolution),
            Err(conflict) => conflict.kinds().iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" "),
        };
        if answer != expected.trim() {
            wrong.push(format!("{}\n  expected {}\n  found    {answer}", question.trim(), expected.trim()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_newest_that_fits() {
    table(
        "pytorch => pytorch 2.11.0 cu130 | 3.14 distribution | ubuntu:26.04
         pytorch=2.4 => pytorch 2.4.1 cu121 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4.0 => pytorch 2.4.0 cu121 | 3.12 distribution | ubuntu:24.04
         pytorch=2.1 => pytorch 2.1.2 cu121 | 3.10 distribution | ubuntu:22.04
         tensorflow=2.15.0 => tensorflow 2.15.0.post1 and-cuda | 3.10 distribution | ubuntu:22.04
         tensorflow=2.20 => no-such-version
         pytorch=2.5 => no-such-version
         pytorch=<2.4 => pytorch 2.1.2 cu121 | 3.10 distribution | ubuntu:22.04",
    );
}

#[test]
fn drivers_at_and_below_the_floor() {
    table(
        "pytorch=2.4 driver=525.60.13 => pytorch 2.4.1 cu121 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 driver=525.60.12 => pytorch 2.4.1 cu118 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 driver=450.80.02 => pytorch 2.4.1 cu118 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 driver=450.80.01 => driver-too-old
         pytorch=2.4 driver=525 => pytorch 2.4.1 cu121 | 3.12 distribution | ubuntu:24.04
         pytorch driver=580.65.05 => pytorch 2.11.0 cu128 | 3.14 distribution | ubuntu:26.04
         pytorch=2.8 driver=525.60.12 => driver-too-old
         pytorch=2.4 cuda=12.4 driver=470.82.01 => driver-too-old
         cuda=10.2 driver=440.33 => | 3.14 distribution | ubuntu:26.04
         cuda=10.2 driver=440.32 => driver-too-old",
    );
}

#[test]
fn gpus_too_old_and_too_new() {
    table(
        "pytorch gpu=7.0 => pytorch 2.11.0 cu126 | 3.14 distribution | ubuntu:26.04
         pytorch gpu=K80 => pytorch 2.4.1 cu118 | 3.12 distribution | ubuntu:24.04
         pytorch=2.6 gpu=K80 => gpu-arch-unsupported
         pytorch=2.6 gpu=RTX_5090 => gpu-arch-unsupported
         pytorch=2.8 gpu=RTX_5090 => pytorch 2.8.0 cu128 | 3.12 distribution | ubuntu:24.04
         pytorch=2.8 gpu=RTX_5090 driver=570.26 => pytorch 2.8.0 cu128 | 3.12 distribution | ubuntu:24.04
         pytorch=2.8 gpu=RTX_5090 driver=570.25 => driver-too-old
         pytorch=2.8 gpu=RTX_5090 gpu=V100 => gpu-arch-unsupported
         pytorch=2.4 gpu=8.9 => pytorch 2.4.1 cu121 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 gpu=K80 driver=470.256.02 => pytorch 2.4.1 cu118 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 gpu=K80 driver=495.44 => driver-too-new
         pytorch=2.6 gpu=V100 driver=590.44.01 => driver-too-new
         cuda=13.0 gpu=V100 => gpu-arch-unsupported
         pytorch=2.11 cuda=13.0 gpu=V100 => gpu-arch-unsupported
         pytorch=2.11 cuda=12.6 gpu=RTX_5090 => gpu-arch-unsupported
         tensorflow=1.15 gpu=RTX_3090 => gpu-arch-unsupported
         mindspore=2.0 gpu=RTX_3090 => mindspore 2.0.0 gpu | 3.8 distribution | nvidia/cuda:11.2.2-cudnn8-runtime-ubuntu20.04
         mindspore=2.0 gpu=H100 => gpu-arch-unsupported",
    );
}

#[test]
fn pythons() {
    table(
        "pytorch=2.4 python=3.8 => pytorch 2.4.1 cu121 | 3.8 managed | ubuntu:26.04
         pytorch=2.4 python=3.7 => python-unsupported
         pytorch=2.4 python=3.13 => python-unsupported
         pytorch=2.4 python=>=3.9,<3.11 => pytorch 2.4.1 cu121 | 3.10 distribution | ubuntu:22.04
         pytorch=2.4 python=>=3.13 => python-unsupported
         pytorch=2.4 requires=<3.10 => pytorch 2.4.1 cu121 | 3.9 managed | ubuntu:26.04
         pytorch=2.4 python=3.11 requires=<3.10 => python-unsupported
         cuda=12.4 python=3.11 requires=<3.10 => python-unsupported
         pytorch python=3.9 => pytorch 2.8.0 cu128 | 3.9 managed | ubuntu:26.04
         pytorch=2.4 base=debian:12 => pytorch 2.4.1 cu121 | 3.11 distribution | debian:12
         pytorch=2.4 base=ubuntu:26.04 => pytorch 2.4.1 cu121 | 3.12 managed | ubuntu:26.04
         pytorch tensorflow=2.6 => pytorch 2.8.0 cu128, tensorflow 2.6.0 gpu | 3.9 managed | nvidia/cuda:11.2.2-cudnn8-runtime-ubuntu20.04",
    );
}

#[test]
fn pinned_cuda_is_what_the_build_is_made_for() {
    table(
        "pytorch=2.4 cuda=11.8 => pytorch 2.4.1 cu118 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 cuda=12 => pytorch 2.4.1 cu121 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 cuda=12.4 => pytorch 2.4.1 cu124 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 cuda=12.6 => cuda-unsupported
         pytorch cuda=12.7 => cuda-unsupported
         cuda=12.7 => no-such-version
         pytorch=2.4 cudnn=9 => pytorch 2.4.1 cu121 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 cudnn=8 => cudnn-mismatch
         pytorch cudnn=8.9 => pytorch 2.1.2 cu121 | 3.10 distribution | ubuntu:22.04
         cuda=11.8 cudnn=9.8 => cudnn-mismatch
         cuda=12.4 cudnn=9.11 gpu=V100 => cudnn-mismatch
         cuda=12.4 cudnn=9 gpu=V100 => | 3.14 distribution | ubuntu:26.04",
    );
}

#[test]
fn architectures_and_glibc() {
    table(
        "pytorch=2.8 arch=aarch64 => pytorch 2.8.0 cu128 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 arch=aarch64 => arch-unsupported
         pytorch=2.4 arch=aarch64 cpu => pytorch 2.4.1 cpu | 3.12 distribution | ubuntu:24.04
         pytorch arch=ppc64le => arch-unsupported
         pytorch=2.8 base=ubuntu:18.04 => glibc-too-old
         pytorch=2.6 base=ubuntu:18.04 => pytorch 2.6.0 cu124 | 3.13 managed | ubuntu:18.04
         pytorch=2.8 base=fedora:40 => no-base-image",
    );
}

#[test]
fn images_by_their_exact_tags() {
    table(
        "cuda=12.4 toolkit=devel => | 3.10 distribution | nvidia/cuda:12.4.1-devel-ubuntu22.04
         cuda=12.4.0 toolkit=devel => | 3.10 distribution | nvidia/cuda:12.4.0-devel-ubuntu22.04
         cuda=12.4 cudnn=9 toolkit=runtime => | 3.10 distribution | nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04
         cuda=11.8 cudnn=8 toolkit=devel => | 3.10 distribution | nvidia/cuda:11.8.0-cudnn8-devel-ubuntu22.04
         pytorch=2.4 toolkit=devel cuda=12.4 => pytorch 2.4.1 cu124 | 3.10 distribution | nvidia/cuda:12.4.1-devel-ubuntu22.04
         pytorch=2.4 toolkit=devel cuda=12.4 base=ubuntu:24.04 => no-base-image
         tensorflow=2.6 => tensorflow 2.6.0 gpu | 3.8 distribution | nvidia/cuda:11.2.2-cudnn8-runtime-ubuntu20.04
         tensorflow=2.6 base=ubuntu:22.04 => no-base-image
         tensorflow=1.15 => tensorflow 1.15.0 gpu | 3.6 image | tensorflow/tensorflow:1.15.0-gpu-py3
         tensorflow=1.4 cpu python=3.6 => tensorflow 1.4.0 cpu | 3.6 distribution | ubuntu:18.04
         cuda=10.2 toolkit=devel => no-base-image",
    );
}

#[test]
fn several_frameworks_in_one_environment() {
    table(
        "pytorch=2.4 jax => jax 0.5.0 cuda12, pytorch 2.4.1 cu121 | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 jax=0.6 => package-conflict
         pytorch=2.10 jax=0.7 => jax 0.7.2 cuda12, pytorch 2.10.0 cu128 | 3.14 distribution | ubuntu:26.04
         pytorch=2.10 jax=0.7 gpu=V100 => jax 0.7.2 cuda12, pytorch 2.10.0 cu126 | 3.14 distribution | ubuntu:26.04
         pytorch=2.11 tensorflow=1.15 => python-unsupported",
    );
}

#[test]
fn independent_reasons_are_all_told() {
    table(
        "pytorch=2.4 python=3.13 driver=440.33 => python-unsupported driver-too-old
         pytorch=2.6 gpu=K80 driver=535 => driver-too-new gpu-arch-unsupported",
    );
}

#[test]
fn an_open_cudnn_requirement_is_capped_for_old_gpus() {
    let resolution = ask("jax=0.6 gpu=V100").resolve(&matrix()).unwrap();
    assert_eq!(resolution.decision.frameworks[0].pins, ["nvidia-cudnn-cu12<9.11"]);
    let resolution = ask("jax=0.6 gpu=A100").resolve(&matrix()).unwrap();
    assert!(resolution.decision.frameworks[0].pins.is_empty());
}

#[test]
fn floors_are_those_of_the_framework_that_asks_most() {
    let floors = |words: &str| {
        let resolution = ask(words).resolve(&matrix()).unwrap();
        let driver = resolution.decision.driver.unwrap();
        format!("{} {} {}", resolution.decision.cuda.unwrap(), driver.minimum, driver.toolkit.unwrap())
    };
    assert_eq!(floors("pytorch=2.4"), "12.1 525.60.13 530.30.02");
    assert_eq!(floors("cuda=12.4.1"), "12.4.1 525.60.13 550.54.15");
    assert_eq!(floors("mindspore=2.0"), "11.2 450.80.02 460.27.03");
    assert_eq!(floors("mindspore=1.0"), "10.0 418.39 410.48");
}

#[test]
fn the_day_of_publication_binds_the_framework() {
    table(
        "pytorch by=2026-03-23 => pytorch 2.11.0 cu130 | 3.14 distribution | ubuntu:26.04
         pytorch by=2026-03-22 => pytorch 2.10.0 cu128 | 3.14 distribution | ubuntu:26.04
         pytorch=2.11 cuda=12.6 by=2026-04-19 => cuda-unsupported
         pytorch=2.11 cuda=12.6 by=2026-04-20 => pytorch 2.11.0 cu126 | 3.14 distribution | ubuntu:26.04
         pytorch=2.8 by=2025-08-05 => published-later
         mindspore=1.0 by=2026-01-01 => published-later",
    );
    let conflict = ask("pytorch=2.8 by=2025-08-05").resolve(&matrix()).unwrap_err();
    let axes = conflict.clashes[0].facts.iter().map(|fact| fact.axis).collect::<Vec<_>>();
    assert_eq!(axes, [Axis::Framework(0), Axis::Release(0), Axis::Published]);
    assert!(
        conflict.ways_out.iter().any(|way| way.manifest.contains("exclude-newer = \"2025-08-06\"")),
        "{conflict:?}"
    );
}

#[test]
fn the_day_that_the_rows_set_is_shown() {
    let said = |words: &str| {
        let notes = ask(words).resolve(&matrix()).unwrap().notes;
        notes.into_iter().find(|note| matches!(note, Note::ExcludeNewer { .. }))
    };
    let day = Note::ExcludeNewer { framework: "tensorflow".parse().unwrap(), day: "2020-10-01".to_owned() };
    assert_eq!(said("tensorflow=1.15"), Some(day));
    assert_eq!(said("tensorflow=1.15 by=2021-01-01"), None);
    assert_eq!(said("pytorch=2.4"), None);
}

#[test]
fn several_frameworks_meet_on_all_packages_that_they_require() {
    table(
        "jax=0.5 tensorflow=2.18 => jax 0.5.0 cuda12, tensorflow 2.18.0 and-cuda | 3.10 distribution | ubuntu:22.04
         jax=0.5 tensorflow=2.18 python=3.12 => package-conflict
         jax=0.6 tensorflow=2.18 python=3.12 => jax 0.6.0 cuda12, tensorflow 2.18.0 and-cuda | 3.12 distribution | ubuntu:24.04
         pytorch=2.6 tensorflow=2.15 cpu => package-conflict
         pytorch=2.4 tensorflow=2.15 cpu => pytorch 2.4.1 cpu, tensorflow 2.15.0.post1 cpu | 3.10 distribution | ubuntu:22.04",
    );
}

#[test]
fn what_is_not_known_is_compared_with_nothing() {
    table(
        "mindspore=1.0 => mindspore 1.0.0 gpu | 3.7 managed | nvidia/cuda:10.0-cudnn7-runtime-ubuntu18.04
         mindspore=1.0 tensorflow=1.15 => package-conflict no-base-image",
    );
    let matrix = matrix();
    let question = ask("mindspore=1.0 tensorflow=1.15");
    let conflict = question.resolve(&matrix).unwrap_err();
    let lack = &conflict.clashes[0].cause;
    assert!(matches!(lack, Cause::Builds { lack: BuildsLack::Requirements, .. }), "{lack:?}");
    let overrides = Overrides { allow_unknown: true, ..question.overrides() };
    let allowed = resolve(&request(&question.manifest(), &overrides, &matrix), &matrix).unwrap();
    assert!(allowed.notes.contains(&Note::NotCompared(vec!["mindspore".parse().unwrap()])), "{:?}", allowed.notes);
}

#[test]
fn a_cpu_environment_takes_builds_for_the_cpu_alone() {
    table(
        "mindspore=1.0 cpu => gpu-missing
         mindspore cpu => mindspore 2.0.0 cpu | 3.9 managed | ubuntu:26.04
         tensorflow=2.6 cpu => gpu-missing",
    );
    let conflict = ask("mindspore=1.0 cpu").resolve(&matrix()).unwrap_err();
    assert!(conflict.ways_out.iter().any(|way| way.remedies == [Remedy::Gpu]), "{conflict:?}");
}

#[test]
fn one_of_several_frameworks_can_stay_on_the_cpu() {
    table(
        "pytorch=2.4 tensorflow=2.18:cpu driver=525.60.13 => pytorch 2.4.1 cu121, tensorflow 2.18.0 cpu | 3.12 distribution | ubuntu:24.04
         pytorch=2.4:cpu tensorflow=2.18:cpu driver=340.0 => pytorch 2.4.1 cpu, tensorflow 2.18.0 cpu | 3.12 distribution | ubuntu:24.04
         pytorch=2.4 tensorflow=2.18 => package-conflict
         mindspore=1.0:cpu => gpu-missing",
    );
}

#[test]
fn a_tegra_runs_only_code_of_its_own() {
    table(
        "pytorch=2.10 gpu=8.7 => pytorch 2.10.0 cu128 | 3.14 distribution | ubuntu:26.04
         pytorch=2.8 gpu=8.7 => gpu-arch-unsupported
         pytorch=2.10 gpu=8.7 arch=x86_64 => gpu-arch-unsupported
         pytorch=2.10 gpu=8.6 arch=aarch64 => pytorch 2.10.0 cu128 | 3.14 distribution | ubuntu:26.04",
    );
    let resolution = ask("pytorch=2.10 gpu=8.7").resolve(&matrix()).unwrap();
    assert_eq!(resolution.decision.arch, Arch::Aarch64);
}

#[test]
fn the_first_driver_of_a_product_counts() {
    table(
        "pytorch=2.4 gpu=RTX_3090 driver=525.60.13 => pytorch 2.4.1 cu121 | 3.12 distribution | ubuntu:24.04
         mindspore=2.0 gpu=RTX_3090 driver=450.80.02 => driver-too-old
         mindspore=2.0 gpu=8.6 driver=450.80.02 => mindspore 2.0.0 gpu | 3.8 distribution | nvidia/cuda:11.2.2-cudnn8-runtime-ubuntu20.04
         pytorch=2.1 cuda=11.8 gpu=9.0 driver=470.82.01 => driver-too-old",
    );
}

#[test]
fn a_driver_after_all_known_ones_is_no_silent_yes() {
    let said = |words: &str| {
        let notes = ask(words).resolve(&matrix()).unwrap().notes;
        notes.into_iter().any(|note| matches!(note, Note::UnknownDriver { .. }))
    };
    assert!(said("pytorch=2.4 driver=900.10"));
    assert!(!said("pytorch=2.4 driver=535.104.05"));
}

#[test]
fn a_cpu_environment_needs_no_driver() {
    let resolution = ask("pytorch=2.4 cpu driver=340.0 gpu=K80").resolve(&matrix()).unwrap();
    assert_eq!((resolution.decision.cuda, resolution.decision.driver), (None, None));
}

#[test]
fn what_cannot_be_built_any_more_fits_all_the_same() {
    let resolution = ask("mindspore=2.0").resolve(&matrix()).unwrap();
    let release = ("mindspore".parse().unwrap(), "2.0.0".parse().unwrap());
    let lack = SourceLack::Gone("its makers serve it no more".to_owned());
    assert_eq!(resolution.unbuildable, Some(Unbuildable { release: Some(release), lack }));
    let resolution = ask("tensorflow=1.4").resolve(&matrix()).unwrap();
    assert!(resolution.unbuildable.is_some());
}

#[test]
fn the_nvidia_smi_figure_is_recognised() {
    let conflict = ask("pytorch=2.1 cuda=12.4 driver=550.54.15").resolve(&matrix()).unwrap_err();
    assert_eq!(conflict.kind(), ConflictKind::CudaUnsupported);
    assert_eq!(conflict.clashes[0].ceiling, Some("12.4".parse().unwrap()));
}
