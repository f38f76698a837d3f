//! Facts of primary sources as questions to the program: each case has a manifest, the flags of a machine, and the
//! expected parts of the JSON answer. Cases are data, with one file for each subject; none is a copy of the
//! compatibility rows.

use std::collections::BTreeMap;
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The rule or the fact that the case stands for.
    what: String,
    /// The primary source that decides it.
    source: String,
    manifest: String,
    /// Flags of `check`, such as `["--driver", "450.80.02"]`.
    #[serde(default)]
    arguments: Vec<String>,
    /// JSON pointers into the document, and what stands there.
    #[serde(default)]
    expect: BTreeMap<String, toml::Value>,
    /// JSON pointers to what is null or not there at all.
    #[serde(default)]
    absent: Vec<String>,
    /// The kinds of the conflict, in any order. Without it, an answer is expected.
    kinds: Option<Vec<String>>,
}

impl Case {
    /// What the program's answer lacks, one line each.
    fn differences(&self) -> Vec<String> {
        let document = match self.ask() {
            Ok(document) => document,
            Err(text) => return vec![text],
        };
        let mut wrong = Vec::new();
        match &self.kinds {
            None if document["ok"] != true => wrong.push(format!("no answer: {}", document["conflict"]["message"])),
            None => {}
            Some(kinds) => {
                let found = document["conflict"]["kinds"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let (mut found, mut kinds) = (found.collect::<Vec<_>>(), kinds.clone());
                found.sort_unstable();
                kinds.sort_unstable();
                if found != kinds {
                    wrong.push(format!(
                        "kinds: expected {kinds:?}, found {found:?}: {}",
                        document["conflict"]["message"]
                    ));
                }
            }
        }
        for (pointer, expected) in &self.expect {
            let expected = serde_json::to_value(expected).expect("TOML fits JSON");
            let found = document.pointer(pointer).unwrap_or(&Value::Null);
            if *found != expected {
                wrong.push(format!("{pointer}: expected {expected}, found {found}"));
            }
        }
        for pointer in &self.absent {
            if let Some(found) = document.pointer(pointer).filter(|found| !found.is_null()) {
                wrong.push(format!("{pointer}: expected nothing, found {found}"));
            }
        }
        wrong
    }

    fn ask(&self) -> Result<Value, String> {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_envctl"))
            .args(["check", "--json", "--manifest", "-"])
            .args(&self.arguments)
            .env_clear()
            .env("HOME", home.path())
            .current_dir(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("envctl starts");
        child.stdin.take().expect("piped").write_all(self.manifest.as_bytes()).expect("envctl reads its input");
        let output = child.wait_with_output().expect("envctl ends");
        serde_json::from_slice(&output.stdout)
            .ok()
            .filter(|document: &Value| document["resolution"].is_object() || document["conflict"].is_object())
            .ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/cases");
    let entries = std::fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("readable").path());
    let mut files = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect::<Vec<_>>();
    files.sort();
    files
}

#[test]
fn every_case_has_the_answer_its_source_gives() {
    let mut cases = Vec::new();
    for file in files() {
        let text = std::fs::read_to_string(&file).expect("readable");
        let read: Cases = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let subject = file.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        cases.extend(read.case.into_iter().map(|case| (subject.clone(), case)));
    }
    let wrong = wrong(&cases);
    let asked = cases.len();
    assert!(asked > 0 && wrong.is_empty(), "{} of {asked} cases differ\n{}", wrong.len(), wrong.join("\n"));
}

/// The cases that differ, in their order; asked side by side, because each is a process of its own.
fn wrong(cases: &[(String, Case)]) -> Vec<String> {
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        let parts = cases.chunks(cases.len().div_ceil(workers).max(1));
        let workers = parts.map(|part| scope.spawn(|| part.iter().filter_map(told).collect::<Vec<_>>()));
        let workers = workers.collect::<Vec<_>>();
        workers.into_iter().flat_map(|worker| worker.join().expect("a case does not panic")).collect()
    })
}

fn told((subject, case): &(String, Case)) -> Option<String> {
    let differences = case.differences();
    let Case { what, source, .. } = case;
    (!differences.is_empty())
        .then(|| format!("{subject}: {what}\n    {}\n    source: {source}", differences.join("\n    ")))
}
