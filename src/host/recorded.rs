//! Facts of another machine: `host --json` writes them there, `--facts FILE` reads them here.
//!
//! A file with another format version or a broken document is refused with the place of the error, never read in part.

use std::path::{Path, PathBuf};

use super::{FactSource, HostFacts, SCHEMA};
use crate::error::{Exit, Report, Snippet};
use crate::parser;

/// The reason why a facts file is refused.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// The file cannot be read.
    #[error("can't read the facts in `{}`: {reason}", path.display())]
    Unreadable {
        path: PathBuf,
        /// The system's message.
        reason: String,
    },
    /// The file is not a document of `host --json`.
    #[error("`{}` does not hold the facts of a machine: {reason}", path.display())]
    Malformed {
        path: PathBuf,
        /// The complete text.
        text: String,
        /// The byte offset of the error.
        offset: usize,
        reason: String,
    },
    /// Another version of envctl wrote it.
    #[error("`{}` holds facts in format {found}, and this is format {SCHEMA}", path.display())]
    OtherSchema {
        path: PathBuf,
        /// The format version in the file.
        found: u64,
    },
}

impl Report for FactsError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "facts-unreadable",
            Self::Malformed { .. } => "facts-malformed",
            Self::OtherSchema { .. } => "facts-other-schema",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Unreadable { .. } | Self::Malformed { .. } => {
                vec!["write it on that machine with `envctl host --json`".to_owned()]
            }
            Self::OtherSchema { .. } => {
                vec!["write it again on that machine with the envctl you use here: `envctl host --json`".to_owned()]
            }
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::Malformed { path, text, offset, .. } => {
                vec![Snippet {
                    path: path.clone(),
                    text: text.clone(),
                    span: *offset..*offset,
                    label: "here".to_owned(),
                }]
            }
            Self::Unreadable { .. } | Self::OtherSchema { .. } => Vec::new(),
        }
    }
}

/// The largest file that is read, bytes. A machine with sixteen GPUs has about six thousand.
const LARGEST: usize = 1024 * 1024;

impl HostFacts {
    /// Parses the facts in the text of the file `path`.
    pub fn parse(path: &Path, text: &str) -> Result<Self, FactsError> {
        let refused =
            |reason: String| FactsError::Malformed { path: path.to_owned(), text: String::new(), offset: 0, reason };
        if text.len() > LARGEST {
            return Err(refused(format!("it has {} bytes, and {LARGEST} are allowed", text.len())));
        }
        parser::contain(|| Self::parse_bounded(path, text)).unwrap_or_else(|error| Err(refused(error.to_string())))
    }

    fn parse_bounded(path: &Path, text: &str) -> Result<Self, FactsError> {
        let malformed = |error: &serde_json::Error| FactsError::Malformed {
            path: path.to_owned(),
            text: text.to_owned(),
            offset: offset(text, error.line(), error.column()),
            reason: sentence(error),
        };
        let document: RecordedHead = serde_json::from_str(text).map_err(|error| malformed(&error))?;
        if document.schema != u64::from(SCHEMA) {
            return Err(FactsError::OtherSchema { path: path.to_owned(), found: document.schema });
        }
        serde_json::from_str(text).or_else(|error| without_ok(text).ok_or_else(|| malformed(&error)))
    }

    /// Adds the file name to each source.
    pub(super) fn recorded_in(mut self, file: &str) -> Self {
        fn mark(source: &mut FactSource, file: &str) {
            *source = format!("{source}, recorded in {file}").into();
        }
        macro_rules! mark_all {
            ($($field:ident),*) => {$(
                if let Some(fact) = &mut self.$field {
                    mark(&mut fact.source, file);
                }
            )*};
        }
        mark_all!(hostname, arch, distribution, kernel, glibc, memory, cpus, driver, driver_cuda, engine);
        for gpu in &mut self.gpus {
            mark(&mut gpu.source, file);
        }
        self
    }
}

/// Parses `host --json` without its last field `"ok": true`, which every document has and facts do not need.
fn without_ok(text: &str) -> Option<HostFacts> {
    let mut document: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    document.remove("ok")?;
    serde_json::from_value(document.into()).ok()
}

/// The part of the document that decides how to read the rest.
#[derive(serde::Deserialize)]
struct RecordedHead {
    schema: u64,
}

/// The byte offset of a line and a column (in bytes), both counted from one.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (start + column.saturating_sub(1)).min(text.len());
    (0..=at).rev().find(|index| text.is_char_boundary(*index)).unwrap_or(0)
}

/// The parser's message without the position, which is shown beside the text.
fn sentence(error: &serde_json::Error) -> String {
    let words = error.to_string();
    words.rsplit_once(" at line ").map_or_else(|| words.clone(), |(reason, _)| reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Fact, GpuFacts};

    fn parse(text: &str) -> Result<HostFacts, FactsError> {
        HostFacts::parse(Path::new("lab-a.json"), text)
    }

    #[test]
    fn what_is_printed_is_read_back() {
        let mut facts = HostFacts::unknown();
        facts.driver = Some(Fact::new("535.104.05".parse().unwrap(), "NVML"));
        facts.gpus.push(Fact::new(
            GpuFacts {
                index: 0,
                name: Some("NVIDIA A100-SXM4-80GB".to_owned()),
                uuid: None,
                compute_capability: Some("8.0".parse().unwrap()),
                memory: Some(80 << 30),
            },
            "NVML",
        ));
        let text = serde_json::to_string_pretty(&facts).unwrap();
        assert_eq!(parse(&text).unwrap(), facts);
        let marked = parse(&text).unwrap().recorded_in("lab-a.json");
        assert_eq!(marked.driver.unwrap().source.as_str(), "NVML, recorded in lab-a.json");
    }

    #[test]
    fn the_document_of_a_verb_is_read_too() {
        assert_eq!(parse(r#"{"schema":1,"gpus":[],"ok":true}"#).unwrap(), HostFacts::unknown());
        let error = parse(r#"{"schema":1,"gpus":{},"ok":true}"#).unwrap_err();
        assert!(error.to_string().ends_with("invalid type: map, expected a sequence"), "{error}");
    }

    #[test]
    fn little_is_enough() {
        let facts = parse(r#"{"schema":1,"driver":{"value":"535.104.05","source":"asked around"},"gpus":[]}"#).unwrap();
        assert_eq!(facts.driver.unwrap().value.to_string(), "535.104.05");
        assert_eq!(facts.arch, None);
    }

    #[test]
    fn a_bad_file_is_pointed_at() {
        let text = "{\"schema\":1,\n \"gpus\":[],\n \"driver\":{\"value\":\"new\",\"source\":\"NVML\"}}";
        let error = parse(text).unwrap_err();
        assert_eq!(error.kind(), "facts-malformed");
        assert_eq!(error.exit(), Exit::Usage);
        let reason = "`lab-a.json` does not hold the facts of a machine: `new` is not an NVIDIA driver version, such as `550.144.03`";
        assert_eq!(error.to_string(), reason);
        assert!(text[..error.snippets()[0].span.start].ends_with("\"new"), "{:?}", error.snippets());
    }

    #[test]
    fn garbage_of_every_kind_is_an_error() {
        for text in ["", "null", "[]", "{}", "<html>", "{\"schema\":1}", "{\"schema\":1,\"gpus\":[],\"gpu\":1}", "é{"]
        {
            assert_eq!(parse(text).unwrap_err().kind(), "facts-malformed", "{text:?}");
        }
        let later = parse(r#"{"schema":2,"gpus":[],"accelerators":[]}"#).unwrap_err();
        assert_eq!(later.to_string(), "`lab-a.json` holds facts in format 2, and this is format 1");
    }
}
