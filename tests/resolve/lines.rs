//! What lines of a project's files decide, with the rows in the binary. The lines are those of public repositories.

use envctl::host::FactOverrides;
use envctl::manifest::{Arch, Layer, LayerKind, Manifest};
use envctl::matrix::Matrix;
use envctl::packages::files::ReadFile;
use envctl::packages::{PackagesError, framework_lines, requirements_file};
use envctl::resolve::{Axis, Conflict, Overrides, Request, Resolution, resolve};
use envctl::ui;

const FILE: &str = "[python]\nrequirements = [\"requirements.txt\"]";
const ANY: &str = "[frameworks]\npytorch = \"*\"\n[python]\nrequirements = [\"requirements.txt\"]";
const GPU: &str = "RTX 3090";
const CPU: &str = "";

fn manifest(text: &str) -> Manifest {
    let layer =
        Layer { path: "envctl.toml".into(), text: format!("name = \"lab\"\n{text}\n"), kind: LayerKind::Project };
    Manifest::parse_layers(vec![layer]).unwrap()
}

fn file(path: &str, text: &str) -> ReadFile {
    let content = requirements_file::parse(text).unwrap();
    ReadFile { path: path.to_owned(), text: text.to_owned(), constraint: path.starts_with("constraints"), content }
}

/// The request on a machine with driver 570 and this GPU; without one, for the CPU.
fn request(text: &str, files: &[ReadFile], gpu: &str) -> Result<Request, PackagesError> {
    let (manifest, matrix) = (manifest(text), Matrix::embedded());
    let gpus = if gpu == CPU { Vec::new() } else { vec![gpu.to_owned()] };
    let machine = FactOverrides { driver: "570.26".parse().ok(), gpus, ..FactOverrides::default() };
    let overrides = Overrides { machine, cpu: gpu == CPU, no_host: true, ..Overrides::default() };
    let request = Request::new(&manifest, None, &overrides, &matrix).unwrap();
    Ok(request.steered(framework_lines(&manifest, files, &matrix, Arch::X86_64, Vec::new())?))
}

fn resolved(text: &str, files: &[ReadFile], gpu: &str) -> Result<Resolution, Conflict> {
    resolve(&request(text, files, gpu).unwrap(), &Matrix::embedded())
}

/// The frameworks of the answer, each with its build and what comes with it; else the message of the conflict.
fn answer(text: &str, lines: &str, gpu: &str) -> Result<String, String> {
    let resolution = resolved(text, &[file("requirements.txt", lines)], gpu);
    let resolution = resolution.map_err(|conflict| ui::conflict_message(&conflict))?;
    let shown = resolution.decision.frameworks.iter().map(|framework| {
        let with = framework.with.iter().map(|(name, version)| format!(" {name} {version}"));
        format!("{} {} {}{}", framework.name, framework.version, framework.variant, with.collect::<String>())
    });
    Ok(shown.collect::<Vec<_>>().join(", "))
}

fn fits(text: &str, lines: &str, gpu: &str) -> String {
    answer(text, lines, gpu).unwrap_or_else(|conflict| panic!("{lines}: {conflict}"))
}

fn clash(text: &str, lines: &str, gpu: &str) -> String {
    let conflict = resolved(text, &[file("requirements.txt", lines)], gpu).unwrap_err();
    ui::conflict_text(&conflict, None, ui::Paint(false))
}

/// What is asked, then the answer with a GPU and without.
const ANSWERS: [(&str, &str, &str); 15] = [
    ("torch==2.4.1", "pytorch 2.4.1 cu121", "pytorch 2.4.1 cpu"),
    // PEP 440: `<=2.3` is 2.3.0, not 2.3.1.
    ("torch<=2.3\ntorchaudio", "pytorch 2.3.0 cu121 torchaudio 2.3.0", "pytorch 2.3.0 cpu torchaudio 2.3.0"),
    (
        "torch==2.9.1\ntorchaudio==2.9.1\ntorchvision==0.24.1",
        "pytorch 2.9.1 cu128 torchaudio 2.9.1 torchvision 0.24.1",
        "pytorch 2.9.1 cpu torchaudio 2.9.1 torchvision 0.24.1",
    ),
    // No line names PyTorch itself.
    (
        "torchaudio==2.8.0\ntorchvision==0.23.0\nxformers==0.0.32.post2",
        "pytorch 2.8.0 cu128 torchaudio 2.8.0 torchvision 0.23.0 xformers 0.0.32.post2",
        "pytorch 2.8.0 cpu torchaudio 2.8.0 torchvision 0.23.0 xformers 0.0.32.post2",
    ),
    (
        "--extra-index-url https://download.pytorch.org/whl/cu118\ntorch==2.1.0+cu118\ntorchvision==0.16.0+cu118",
        "pytorch 2.1.0 cu118 torchvision 0.16.0",
        "pytorch 2.1.0 cpu torchvision 0.16.0",
    ),
    (
        "torch==2.2.0+cu118\nnvidia-cudnn-cu11==8.7.0.84\nnvidia-cublas-cu11==11.11.3.6\nnvidia-ml-py==12.570.86",
        "pytorch 2.2.0 cu118",
        "pytorch 2.2.0 cpu",
    ),
    // What `poetry export` writes.
    (
        "torch==2.1.0 ; python_version >= \"3.10\" and python_version < \"4.0\"\nxformers==0.0.22.post7",
        "pytorch 2.1.0 cu121 xformers 0.0.22.post7",
        "pytorch 2.1.0 cpu xformers 0.0.22.post7",
    ),
    (
        "torch==2.6.0 ; python_version<'3.11'\ntorch==2.7.1 ; python_version>='3.11'",
        "pytorch 2.7.1 cu126",
        "pytorch 2.7.1 cpu",
    ),
    ("torch==2.1.2 ; sys_platform == 'win32'\ntorch==2.4.1", "pytorch 2.4.1 cu121", "pytorch 2.4.1 cpu"),
    (
        "torch>=2.5.1\ntorchvision>=0.20.1,<0.25\ntorchao>=0.7.0",
        "pytorch 2.9.1 cu128 torchao 0.15.0 torchvision 0.24.1",
        "pytorch 2.9.1 cpu torchao 0.15.0 torchvision 0.24.1",
    ),
    ("-i https://download.pytorch.org/whl/cu118\ntorch", "pytorch 2.7.1 cu118", "pytorch 2.15.0 cpu"),
    ("tensorflow==2.4.0\ntensorflow-gpu==2.4.0", "tensorflow 2.4.0 cu110", "tensorflow 2.4.0 cpu"),
    ("jax[cuda12]==0.4.30\njaxlib==0.4.30", "jax 0.4.30 cuda12", "jax 0.4.30 cpu"),
    ("paddlepaddle-gpu==2.6.2.post120", "paddle 2.6.2 cu120", "paddle 2.6.2 cpu"),
    (
        "https://download.pytorch.org/whl/cu118/torch-2.1.0%2Bcu118-cp310-cp310-linux_x86_64.whl",
        "pytorch 2.1.0 cu118",
        "pytorch 2.1.0 cpu",
    ),
];

#[test]
fn lines_decide_the_release_and_the_machine_the_build() {
    for (lines, gpu, cpu) in ANSWERS {
        assert_eq!([fits(FILE, lines, GPU), fits(FILE, lines, CPU)], [gpu, cpu], "{lines}");
    }
}

#[test]
fn a_line_of_a_package_for_gpus_alone_has_no_answer_on_the_cpu() {
    assert_eq!(fits(FILE, "cupy-cuda11x", GPU), "cupy 13.6.0 cuda11x");
    let clash = clash(FILE, "cupy-cuda11x", CPU);
    assert!(clash.contains("no known release of cupy has a build for the CPU"), "{clash}");
    assert!(clash.contains("requirements.txt:1"), "{clash}");
}

/// The lines of public repositories, by name.
fn repositories() -> Vec<(String, String)> {
    let text = include_str!("lines/repositories.txt");
    let parts = text.split("\n[").skip(1).filter_map(|part| part.split_once("]\n"));
    parts.map(|(name, lines)| (name.to_owned(), lines.trim().to_owned())).collect()
}

#[test]
fn the_lines_of_public_repositories_decide_with_a_gpu_and_without() {
    let answers = repositories().into_iter().map(|(name, lines)| {
        let [gpu, cpu] = [GPU, CPU].map(|gpu| answer(FILE, &lines, gpu).unwrap_or_else(|conflict| conflict));
        format!("{name}\n  GPU: {gpu}\n  CPU: {cpu}\n")
    });
    insta::assert_snapshot!(answers.collect::<String>());
}

#[test]
fn every_fact_of_a_clash_is_needed() {
    let lines = ["torch==2.4.1", "torchvision==0.20.0", "rich", "torchaudio", "xformers", "nvidia-nccl-cu12"];
    let request = request(ANY, &[file("requirements.txt", &lines.join("\n"))], GPU).unwrap();
    let matrix = Matrix::embedded();
    let conflict = resolve(&request, &matrix).unwrap_err();
    let facts: Vec<_> = conflict.clashes[0].facts.iter().map(|fact| fact.axis).collect();
    let needed: Vec<_> = (0..request.lines.len()).filter(|at| facts.contains(&Axis::Line(*at))).collect();
    assert_eq!(needed.len(), 2, "{facts:?}");
    let only = |kept: &[usize]| {
        let lines = request.lines.iter().enumerate().filter(|(at, _)| kept.contains(at)).map(|(_, line)| line.clone());
        resolve(&Request { lines: lines.collect(), ..request.clone() }, &matrix).is_ok()
    };
    assert!(!only(&needed) && needed.iter().all(|one| only(&[*one])));
}

#[test]
fn a_line_narrows_what_the_manifest_asks_for() {
    assert_eq!(fits("[frameworks]\npytorch = \"2.4\"", "torch!=2.4.1", GPU), "pytorch 2.4.0 cu121");
    let packages = "[frameworks]\npytorch = \"*\"\n[python]\npackages = [\"torch==2.4.1\", \"torchvision\"]";
    assert_eq!(fits(packages, "", GPU), "pytorch 2.4.1 cu121 torchvision 0.19.1");
}

#[test]
fn the_makers_index_is_a_weaker_wish_than_a_label() {
    let index = "--extra-index-url https://download.pytorch.org/whl/cu118\n";
    assert_eq!(fits(FILE, &format!("{index}torch==2.4.1"), GPU), "pytorch 2.4.1 cu118");
    assert_eq!(fits(FILE, &format!("{index}torch==2.4.1+cu124"), GPU), "pytorch 2.4.1 cu124");
    // The page of all builds means none of them.
    let page = "-f https://download.pytorch.org/whl/torch_stable.html\n";
    assert_eq!(fits(FILE, &format!("{page}torch==2.4.1"), GPU), "pytorch 2.4.1 cu121");
}

#[test]
fn a_constraints_file_limits_and_asks_for_nothing() {
    let files = [file("constraints.txt", "torch==2.4.1\ntensorflow==2.16.1\n")];
    let decision = resolved(ANY, &files, GPU).unwrap().decision;
    let names: Vec<_> = decision.frameworks.iter().map(|one| format!("{} {}", one.name, one.version)).collect();
    assert_eq!(names, ["pytorch 2.4.1"]);
}

#[test]
fn lines_that_contradict_are_named_with_what_helps() {
    let two = clash(FILE, "torch==2.4.1\ntorchvision==0.20.0", GPU);
    let manifest = clash("[frameworks]\npytorch = \"2.6\"", "torch==2.4.1", GPU);
    let label = clash(FILE, "torch==2.4.1+cu117", GPU);
    insta::assert_snapshot!([two, manifest, label].join("\n"));
}

#[test]
fn what_helps_in_a_clash_resolves() {
    for lines in ["torch==2.4.1\ntorch==2.5.0", "torch==99", "torch==2.4.1+cu117", "torchaudio==2.0.1\ntorch==2.1"] {
        let text = format!(
            "[python]\npackages = [{}]",
            lines.split('\n').map(|line| format!("{line:?}")).collect::<Vec<_>>().join(", ")
        );
        let conflict = resolved(&text, &[], GPU).unwrap_err();
        assert!(!conflict.ways_out.is_empty(), "{lines}");
        for way in &conflict.ways_out {
            let again = way.manifest.trim_start_matches("name = \"lab\"\n");
            assert!(resolved(again, &[], GPU).is_ok(), "{lines}: {again}");
        }
    }
}

#[test]
fn other_indexes_and_nightly_builds_are_refused_with_their_lines() {
    let lines = "--find-links https://wheels.example/torch.html\ntorch\n-i https://mirror.example/simple\ntf-nightly\n";
    let PackagesError::BadRequirements { bad } = request(FILE, &[file("requirements.txt", lines)], GPU).unwrap_err()
    else {
        panic!("they are refused");
    };
    let lines: Vec<_> = bad[0].lines.iter().map(|bad| (bad.line, bad.hint.clone().unwrap_or_default())).collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines.iter().any(|(line, hint)| *line == 1 && hint.contains("`pip-extra-indexes = [\"https://wheels.example"))
    );
    assert!(
        lines.iter().any(|(line, hint)| *line == 3 && hint.contains("`pip-index = \"https://mirror.example/simple\"`"))
    );
    assert!(lines.iter().any(|(line, hint)| *line == 4 && hint.contains("write `tensorflow`")));
}

#[test]
fn an_index_of_the_caller_is_used_anyway() {
    let own = format!("{FILE}\n[network]\npip-extra-indexes = [\"https://wheels.example/simple\"]");
    let lines = "--extra-index-url https://wheels.example/simple/\ntorch==2.4.1";
    assert_eq!(fits(&own, lines, GPU), "pytorch 2.4.1 cu121");
}

#[test]
fn a_hostile_number_of_lines_is_refused() {
    let lines = (0..500).map(|at| format!("torch!=9.{at}")).collect::<Vec<_>>().join("\n");
    let error = request(FILE, &[file("requirements.txt", &lines)], GPU).unwrap_err().to_string();
    assert!(error.contains("more than 100 lines are about frameworks"), "{error}");
}
