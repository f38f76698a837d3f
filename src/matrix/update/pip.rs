//! Reads the index through the caller's own pip, with pip's own settings.
//!
//! A child process in pip's Python reads the settings with documented pip commands, and downloads with them. So
//! mirrors, proxies, credentials, private certificates and retries are the user's own, and this program contains no
//! address except the vendors'. The child starts at the first question. METADATA never changes under its file name, so
//! it is kept on disk.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::index::{IndexError, PackageIndex, Published, WheelMember};
use crate::system::{System, command};

const SCRIPT: &str = include_str!("fetch.py");

/// Reads an index with `python3 -m pip`.
#[derive(Debug)]
pub struct PipIndex {
    python: String,
    options: Vec<String>,
    cache: Option<PathBuf>,
}

/// The answer of the child.
#[derive(Deserialize)]
struct Reply {
    id: usize,
    answer: Option<serde_json::Value>,
    error: Option<String>,
}

impl PipIndex {
    /// The pip of the `python3` on `PATH`. uv's variables apply where pip's own are not set.
    #[must_use]
    pub fn of(system: &System) -> Self {
        let variables = ["PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"];
        let set = variables.iter().find_map(|name| Some((*name, system.variable(name)?)));
        let options = match set {
            Some((name, index)) if name != "PIP_INDEX_URL" => vec!["--index-url".to_owned(), index.to_owned()],
            _ => Vec::new(),
        };
        let cache = Some(system.cache_home().join("matrix"));
        Self { python: "python3".to_owned(), options, cache }
    }

    /// Asks all the questions of one child process.
    fn ask(&self, questions: &[serde_json::Value]) -> Result<Vec<Result<serde_json::Value, String>>, IndexError> {
        let fail = |message: String| IndexError::NoPip { program: self.python.clone(), message };
        let mut child = command(&self.python)
            .args(["-c", SCRIPT])
            .args(&self.options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| fail(error.to_string()))?;
        let mut input = child.stdin.take().expect("standard input was piped");
        let output = BufReader::new(child.stdout.take().expect("standard output was piped"));
        let errors = BufReader::new(child.stderr.take().expect("standard error was piped"));
        // A pipe cannot hold all the questions. So they are written, and standard error is drained, while the answers
        // are read.
        let (answers, words) = std::thread::scope(|scope| {
            scope.spawn(move || {
                for (id, question) in questions.iter().enumerate() {
                    let mut line = question.clone();
                    line["id"] = json!(id);
                    // A child that ended early gives the reason on standard error.
                    if writeln!(input, "{line}").is_err() {
                        break;
                    }
                }
            });
            let words = scope.spawn(move || errors.lines().map_while(Result::ok).last().unwrap_or_default());
            (replies(output), words.join().unwrap_or_default())
        });
        let status = child.wait().map_err(|error| fail(error.to_string()))?;
        if !status.success() {
            return Err(fail(words));
        }
        let missing = |id: usize| Err(format!("no answer to question {id}"));
        let mut answers = answers;
        Ok((0..questions.len()).map(|id| answers.remove(&id).unwrap_or_else(|| missing(id))).collect())
    }

    fn cached(&self, member: &WheelMember) -> Option<PathBuf> {
        let hash = Sha256::digest(format!("{} {}", member.url, member.suffix));
        let name = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        self.cache.as_deref().map(|cache: &Path| cache.join(name))
    }
}

fn replies(output: impl BufRead) -> BTreeMap<usize, Result<serde_json::Value, String>> {
    let parsed = output.lines().map_while(Result::ok).filter_map(|line| serde_json::from_str::<Reply>(&line).ok());
    parsed.map(|reply| (reply.id, reply.error.map_or(Ok(reply.answer.unwrap_or_default()), Err))).collect()
}

/// Reports a failure of the whole child for each question.
fn each<T>(what: &[String], answers: Result<Vec<Result<T, String>>, IndexError>) -> Vec<Result<T, IndexError>> {
    match answers {
        Err(error) => what.iter().map(|_| Err(error.clone())).collect(),
        Ok(answers) => {
            let named = answers.into_iter().zip(what);
            named
                .map(|(answer, what)| answer.map_err(|message| IndexError::Unreachable { what: what.clone(), message }))
                .collect()
        }
    }
}

impl PackageIndex for PipIndex {
    fn pages(&mut self, index: Option<&str>, packages: &[String]) -> Vec<Result<Vec<Published>, IndexError>> {
        let questions: Vec<_> = packages.iter().map(|package| json!({ "package": package, "index": index })).collect();
        let answers = self.ask(&questions).map(|answers| {
            let files = |value| serde_json::from_value(value).map_err(|error| error.to_string());
            answers.into_iter().map(|answer| answer.and_then(files)).collect()
        });
        each(packages, answers)
    }

    fn members(&mut self, members: &[WheelMember]) -> Vec<Result<Option<String>, IndexError>> {
        let kept = |member: &WheelMember| std::fs::read_to_string(self.cached(member)?).ok();
        let mut texts: Vec<Option<String>> = members.iter().map(kept).collect();
        let missing: Vec<&WheelMember> =
            members.iter().zip(&texts).filter(|(_, text)| text.is_none()).map(|(m, _)| m).collect();
        let questions: Vec<_> =
            missing.iter().map(|m| json!({ "url": m.url, "suffix": m.suffix, "sidecar": m.sidecar })).collect();
        let what: Vec<String> = missing.iter().map(|member| member.url.clone()).collect();
        let answers = if questions.is_empty() { Ok(Vec::new()) } else { self.ask(&questions) };
        let fetched = each(&what, answers);
        for (member, answer) in missing.iter().zip(&fetched) {
            if let (Some(path), Ok(serde_json::Value::String(text))) = (self.cached(member), answer) {
                keep(&path, text);
            }
        }
        let mut fetched = fetched.into_iter();
        texts
            .iter_mut()
            .map(|text| match text.take() {
                Some(text) => Ok(Some(text)),
                None => fetched.next().expect("each missing text was asked for").map(|value| match value {
                    serde_json::Value::String(text) => Some(text),
                    _ => None,
                }),
            })
            .collect()
    }
}

/// Keeps a text for the next run. If the cache is not writable, the next run is only slower.
fn keep(path: &Path, text: &str) {
    let written = path.parent().map(std::fs::create_dir_all).transpose().and_then(|_| {
        let temporary = path.with_extension("part");
        std::fs::write(&temporary, text)?;
        std::fs::rename(&temporary, path)
    });
    drop(written);
}
