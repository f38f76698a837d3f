//! The fuzz targets: one function for each text that a stranger writes. It panics unless the text is read or refused.
//! `tests/input/corpus.rs` runs the same functions on the corpora.

mod foreign;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use envctl::error::Report;
use envctl::host::HostFacts;
use envctl::lock::{self, Grounds, Lock, ProjectGrounds};
use envctl::manifest::{Manifest, Vocabulary};
use envctl::matrix::Matrix;
use envctl::packages::{file_text, requirements_file};
use envctl::render;
use envctl::resolve::{Overrides, TargetFacts};
use envctl::ui::snippet::describe;
use envctl::version::{ReleaseVersion, VersionRequest};

/// A manifest that is read asks for a Dockerfile without a line of its own making.
pub fn manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Manifest::parse(Path::new("envctl.toml"), text, "lab", vocabulary()) {
        Err(error) => is_shown(&error, text),
        Ok(manifest) => {
            let lock = plain_lock();
            if let Some(dockerfile) = dockerfile(&lock, &manifest) {
                let own = manifest.build.append.is_some();
                assert!(own || is_ours(&dockerfile), "{dockerfile}");
            }
        }
    }
}

/// A lock that is read is written again as it was, and one that is trusted brings nothing into the build.
pub fn lock(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let path = Path::new("envctl.lock");
    let written = match lock::parse(text, path) {
        Ok(written) => written,
        Err(error) => return is_shown(&error, text),
    };
    let again = written.to_text();
    let reread = lock::parse(&again, path).unwrap_or_else(|error| panic!("{error}\n{again}"));
    assert_eq!(reread.to_text(), again);
    let manifest = plain_manifest();
    let project = Some(ProjectGrounds { manifest: &manifest, files: &[] });
    match written.trusted(&Grounds { matrix: matrix(), project }) {
        Err(error) => is_shown(&error, text),
        Ok(lock) => {
            if let Some(dockerfile) = dockerfile(&lock, &manifest) {
                assert!(is_ours(&dockerfile), "{dockerfile}");
            }
        }
    }
}

/// Facts that are read are written again as they were.
pub fn facts(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match HostFacts::parse(Path::new("facts.json"), text) {
        Err(error) => is_shown(&error, text),
        Ok(facts) => {
            let again = serde_json::to_string(&facts).expect("facts are text and numbers");
            assert_eq!(HostFacts::parse(Path::new("facts.json"), &again).expect("what was written is read"), facts);
            let target = TargetFacts::of_machine(Some(&facts), &Overrides::default(), matrix());
            drop(target);
        }
    }
}

/// A requirement that is read is one to the package tools, too, and its line is where it says.
pub fn requirements(bytes: &[u8]) {
    let text = &file_text::decode(bytes);
    for line in text.lines().take(8) {
        versions(line);
    }
    let lines = text.lines().count();
    match requirements_file::parse(text) {
        Err(bad) => assert!(bad.iter().all(|bad| (1..=lines.max(1)).contains(&bad.line)), "{bad:?}"),
        Ok(file) => {
            for found in &file.requirements {
                let written = found.requirement.as_str();
                assert!(!written.contains(|c: char| c.is_control()), "{written:?}");
                let again = envctl::parser::requirement(written).unwrap_or_else(|error| panic!("{written}: {error}"));
                assert_eq!(again.name.to_string(), found.requirement.package().as_str());
                assert_eq!(found.requirement.address().is_some(), found.requirement.url_host().is_some());
                assert!((1..=lines).contains(&found.line));
                assert!(found.hashes.iter().all(|hash| hash.len() == "sha256:".len() + 64));
            }
            assert!(file.includes.iter().all(|include| (1..=lines).contains(&include.line)));
        }
    }
}

/// Files of other tools are read or refused, and the manifest that is drafted from them needs no consent.
pub fn foreign(bytes: &[u8]) {
    foreign::check(bytes, matrix());
}

fn versions(text: &str) {
    let release = text.parse::<ReleaseVersion>();
    if let Ok(release) = &release {
        let again: ReleaseVersion = release.to_string().parse().expect("a version prints as one");
        assert_eq!(again, *release);
    }
    if let Ok(request) = text.parse::<VersionRequest>() {
        assert!(!request.meaning().is_empty());
        for known in ["0", "2.4.1", "2.15.0.post1", "1.0rc1"] {
            std::hint::black_box(request.accepts(&known.parse().expect("a version")));
        }
        if let Ok(release) = &release {
            std::hint::black_box(request.accepts(release));
        }
    }
}

/// Each place that an error shows is in the text, and a person can be shown it.
fn is_shown(error: &dyn Report, text: &str) {
    let mut reports = error.parts();
    if reports.is_empty() {
        reports.push(error);
    }
    for snippet in reports.iter().flat_map(|report| report.snippets()) {
        let within = snippet.span.start <= snippet.span.end && snippet.span.end <= snippet.text.len();
        assert!(within || snippet.text.is_empty(), "{:?} of {}: {text:?}", snippet.span, snippet.text.len());
    }
    assert!(!error.kind().is_empty());
    let shown = describe(error, false);
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{shown:?}");
}

/// The Dockerfile and the files beside it, where there is a template; each line of a requirements file is one of ours.
fn dockerfile(lock: &Lock, manifest: &Manifest) -> Option<String> {
    let context = render::context(&render::ImageInputs {
        lock,
        manifest,
        proofs: &[],
        base: None,
        fetch_base: None,
        certificates: false,
        own_index: false,
        proxies: &BTreeMap::new(),
        copies: &[],
        environment: Some("lab-1a2b3c4d"),
    });
    let context = context.ok()?;
    for (name, file) in context.files.iter().filter(|(name, _)| name.starts_with("requirements/")) {
        let text = String::from_utf8_lossy(&file.bytes);
        assert!(text.lines().all(is_locked_line), "{name}: {text}");
    }
    Some(String::from_utf8_lossy(&context.files["Dockerfile"].bytes).into_owned())
}

/// `name==version \`, `name @ url \` or a hash.
fn is_locked_line(line: &str) -> bool {
    let line = line.trim_end_matches('\\').trim();
    let name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let one_word = |text: &str| !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let is_hash = |hash: &str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    line.strip_prefix("--hash=sha256:").is_some_and(is_hash)
        || line.split_once("==").is_some_and(|(package, version)| name(package) && one_word(version))
        || line
            .split_once(" @ ")
            .is_some_and(|(package, url)| name(package) && one_word(url) && url.starts_with("http"))
}

const INSTRUCTIONS: [&str; 12] =
    ["FROM", "RUN", "COPY", "ARG", "ENV", "SHELL", "LABEL", "WORKDIR", "USER", "ENTRYPOINT", "CMD", "EXPOSE"];

/// Every instruction is one that the template has; whatever a value brought stands in a word of it.
fn is_ours(dockerfile: &str) -> bool {
    let mut goes_on = false;
    let fine = |line: &str| {
        let first = line.split_whitespace().next().unwrap_or("#");
        let begins = goes_on || first.starts_with('#') || INSTRUCTIONS.contains(&first);
        goes_on = (goes_on || !line.starts_with('#')) && line.ends_with('\\');
        begins && !line.contains(|c: char| c.is_control() && c != '\t')
    };
    dockerfile.lines().all(fine)
}

fn matrix() -> &'static Matrix {
    static MATRIX: OnceLock<Matrix> = OnceLock::new();
    MATRIX.get_or_init(Matrix::embedded)
}

fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    VOCABULARY.get_or_init(|| matrix().vocabulary())
}

fn plain_manifest() -> Manifest {
    static MANIFEST: OnceLock<Manifest> = OnceLock::new();
    let text = "[frameworks]\nonnxruntime = \"1.20\"\n[python]\npackages = [\"tool @ https://files.example/tool-1-py3-none-any.whl\"]\n";
    let read = || Manifest::parse(Path::new("envctl.toml"), text, "lab", vocabulary()).expect("a manifest");
    MANIFEST.get_or_init(read).clone()
}

/// What envctl 0.1.0 wrote.
fn plain_lock() -> Lock {
    static LOCK: OnceLock<Lock> = OnceLock::new();
    let text = include_str!("../../src/lock/fixtures/v1.lock");
    let read = || {
        let manifest = plain_manifest();
        let project = Some(ProjectGrounds { manifest: &manifest, files: &[] });
        let written = lock::parse(text, Path::new("envctl.lock")).expect("a lock");
        written.trusted(&Grounds { matrix: matrix(), project }).expect("of the data here")
    };
    LOCK.get_or_init(read).clone()
}
