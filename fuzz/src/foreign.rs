//! The readers of other tools' files, and the draft of a manifest made from them, in memory.

use std::collections::BTreeMap;

use envctl::draft::{DraftHost, DraftWishes, FilesInMemory, draft_files};
use envctl::foreign;
use envctl::matrix::Matrix;
use envctl::packages::file_text::decode;
use envctl::text::is_invisible;
use envctl::ui::left_comments;

/// The time of the drafts, and of the last commit a year before.
const NOW: u64 = 1_790_000_000;
const COMMIT: u64 = NOW - 365 * 86_400;

/// Reads the files of an input, each after a line `=== NAME`, and drafts a manifest from them.
pub(super) fn check(bytes: &[u8], matrix: &Matrix) {
    let files = split(bytes);
    for (name, bytes) in &files {
        read(name, &decode(bytes));
    }
    let run = files.get("docker run").and_then(|line| foreign::read_docker_run(&decode(line)));
    is_harmless(files, run, matrix);
}

fn split(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    let parts = text.split("=== ").skip(1).filter_map(|part| part.split_once('\n'));
    let is_path = |name: &&str| !name.is_empty() && !name.contains("..") && !name.starts_with('/');
    let named = parts.filter(|(name, _)| is_path(name));
    named.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).take(16).collect()
}

/// Every line that a reader names is one of the text.
fn read(name: &str, text: &str) {
    let lines = text.matches('\n').count() + 1;
    let within = |line: usize| assert!((1..=lines).contains(&line), "line {line} of {lines}: {text:?}");
    match name.rsplit('/').next().unwrap_or(name) {
        "pyproject.toml" => match foreign::read_pyproject(text) {
            Ok(file) => file.dependencies.iter().for_each(|line| within(line.line)),
            Err(bad) => within(bad.line),
        },
        "setup.py" | "setup.cfg" => {
            for read in [foreign::read_setup_py, foreign::read_setup_cfg] {
                match read(text) {
                    Ok(file) => file.dependencies.iter().for_each(|line| within(line.line)),
                    Err(bad) => within(bad.line),
                }
            }
        }
        "environment.yml" => match foreign::read_environment(text) {
            Ok(file) => file.specs.iter().for_each(|spec| within(spec.line)),
            Err(bad) => within(bad.line),
        },
        "Dockerfile" => match foreign::read_dockerfile(text) {
            Ok(file) => file.not_read.iter().for_each(|left| within(left.line)),
            Err(bad) => within(bad.line),
        },
        "devcontainer.json" => match foreign::read_devcontainer(text) {
            Ok(file) => file.not_read.iter().for_each(|left| within(left.line)),
            Err(bad) => within(bad.line),
        },
        "Pipfile" => match foreign::read_pipfile(text) {
            Ok(file) => file.packages.iter().for_each(|line| within(line.line)),
            Err(bad) => within(bad.line),
        },
        "cog.yaml" => match foreign::read_cog(text) {
            Ok(file) => file.packages.iter().for_each(|line| within(line.line)),
            Err(bad) => within(bad.line),
        },
        _ => foreign::top_level_imports(text).values().for_each(|line| within(*line)),
    }
}

/// The draft is a manifest that needs no consent and has no character that can't be seen.
fn is_harmless(files: BTreeMap<String, Vec<u8>>, run: Option<foreign::DockerRun>, matrix: &Matrix) {
    let host = DraftHost { project: "/nonexistent/project".into(), ..DraftHost::default() };
    let asks = run.is_some();
    let wishes = DraftWishes {
        frameworks: vec![("jax".parse().expect("an id"), None)],
        docker_run: run,
        ..DraftWishes::default()
    };
    let draft = draft_files(&FilesInMemory(files), Some(COMMIT), &wishes, matrix, (&host, NOW));
    let manifest = draft.manifest().unwrap_or_else(|error| panic!("{error}\n{}", draft.text()));
    assert!(asks || host.first_grant(&manifest).is_none(), "{:?}\n{}", host.first_grant(&manifest), draft.text());
    let text = draft.text() + &left_comments(&draft);
    assert!(!text.contains(|c: char| c != '\n' && c.is_control() || is_invisible(c)), "{text:?}");
}
