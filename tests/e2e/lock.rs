//! `lock` with the real matrix, the real uv and a real index.

use std::path::Path;

use envctl::error::{Exit, Result};
use envctl::event::Silent;
use envctl::lock::{Ensured, LockFile, LockSources, LockUse, OldFormat, Question, Upgrade, Written, ensure, to_text};
use envctl::manifest::{FrameworkRequest, Layer, LayerKind, Manifest};
use envctl::matrix::Matrix;
use envctl::packages::SourceBuilds;
use envctl::resolve::{Overrides, Request};
use envctl::system::System;

use crate::fixture::{self, located};
use crate::harness::{rooted, system};

fn manifest(packages: &[&str]) -> Manifest {
    let mut manifest = fixture::manifest();
    let version = "1.20".parse().unwrap();
    manifest
        .frameworks
        .insert("onnxruntime".parse().unwrap(), located(FrameworkRequest { version, with: Vec::new(), gpu: true }));
    manifest.system.base = Some(located("debian:12".parse().unwrap()));
    manifest.python.packages = packages.iter().map(|package| located(package.parse().unwrap())).collect();
    manifest.python.requirements = vec![located("requirements.txt".parse().unwrap())];
    manifest
}

async fn ask(project: &Path, packages: &[&str], usage: LockUse, upgrade: Upgrade) -> Result<Ensured> {
    ask_with(project, packages, usage, upgrade, OldFormat::Kept).await
}

async fn ask_with(
    project: &Path,
    packages: &[&str],
    usage: LockUse,
    upgrade: Upgrade,
    old_format: OldFormat,
) -> Result<Ensured> {
    let manifest = manifest(packages);
    let matrix = Matrix::embedded();
    let overrides = Overrides { no_host: true, ..Overrides::default() };
    let request = Request::new(&manifest, None, &overrides, &matrix).unwrap();
    let path = project.join("envctl.lock");
    let directory = rooted(project);
    let question = Question {
        agreed: &fixture::agreed(&manifest),
        request: &request,
        matrix: &matrix,
        system: &system(),
        project: &directory,
        file: LockFile::Own(&path, &directory),
        usage,
        upgrade: &upgrade,
        builds: SourceBuilds::Refused,
        runner: None,
        sources: LockSources::Known,
        writes: true,
        old_format,
    };
    ensure(question, async |_: &str| None, &Silent).await
}

fn kind(error: &envctl::error::Error) -> (&'static str, Exit) {
    (error.report().kind(), error.report().exit())
}

#[tokio::test(flavor = "current_thread")]
async fn a_lock_lives_as_long_as_it_answers() {
    let dir = tempfile::tempdir().unwrap();
    let project = dir.path();
    std::fs::write(project.join("requirements.txt"), "# nothing yet\n").unwrap();

    let missing = ask(project, &[], LockUse::Locked, Upgrade::Nothing).await.unwrap_err();
    assert_eq!(kind(&missing), ("no-lock", Exit::LockStale));

    let made = ask(project, &[], LockUse::Normal, Upgrade::Nothing).await.unwrap();
    assert_eq!(made.written, Written::New);
    let text = std::fs::read_to_string(project.join("envctl.lock")).unwrap();
    for usage in [LockUse::Normal, LockUse::Locked, LockUse::Frozen] {
        let again = ask(project, &[], usage, Upgrade::Nothing).await.unwrap();
        assert_eq!((again.written, &again.lock), (Written::Unchanged, &made.lock));
    }

    // A package more: the frameworks and every version stay.
    let stale = ask(project, &["rich<14"], LockUse::Locked, Upgrade::Nothing).await.unwrap_err();
    assert_eq!(kind(&stale), ("lock-stale", Exit::LockStale));
    assert_eq!(std::fs::read_to_string(project.join("envctl.lock")).unwrap(), text);
    let more = ask(project, &["rich<14"], LockUse::Normal, Upgrade::Nothing).await.unwrap();
    assert!(matches!(&more.written, Written::Renewed(reasons) if reasons.len() == 1), "{:?}", more.written);
    assert_eq!(more.lock.decision, made.lock.decision);
    assert!(made.lock.packages.iter().all(|package| more.lock.packages.contains(package)));

    // A requirements file that changed.
    std::fs::write(project.join("requirements.txt"), "rich==13.7.0\n").unwrap();
    let pinned = ask(project, &["rich<14"], LockUse::Normal, Upgrade::Nothing).await.unwrap();
    let rich = pinned.lock.packages.iter().find(|package| package.name == "rich").unwrap();
    assert_eq!(
        (rich.version.as_str(), &rich.via[..]),
        ("13.7.0", &["envctl.toml".to_owned(), "requirements.txt".to_owned()][..])
    );
    let read = LockFile::Own(&project.join("envctl.lock"), &rooted(project)).read().unwrap().unwrap();
    assert_eq!(read.to_text(), to_text(&pinned.lock));

    // Back again, and one package moved.
    std::fs::write(project.join("requirements.txt"), "").unwrap();
    let kept = ask(project, &["rich<14"], LockUse::Normal, Upgrade::Nothing).await.unwrap();
    let version = |ensured: &Ensured| {
        ensured.lock.packages.iter().find(|package| package.name == "rich").unwrap().version.clone()
    };
    assert_eq!(version(&kept), "13.7.0");
    let moved = ask(project, &["rich<14"], LockUse::Normal, Upgrade::Only("rich".parse().unwrap())).await.unwrap();
    assert_eq!(moved.written, Written::Upgraded);
    assert_ne!(version(&moved), "13.7.0");
    let unknown =
        ask(project, &["rich<14"], LockUse::Normal, Upgrade::Only("rihc".parse().unwrap())).await.unwrap_err();
    assert_eq!(kind(&unknown).0, "no-such-package");
}

/// What envctl 0.1.0 wrote for a manifest without requirements files, and the same as version 2.
#[tokio::test(flavor = "current_thread")]
async fn a_lock_of_version_1_lives_on_until_it_is_written_again() {
    let v1 = include_str!("../../src/lock/fixtures/v1.lock");
    let dir = tempfile::tempdir().unwrap();
    let (project, path) = (dir.path(), dir.path().join("envctl.lock"));
    std::fs::write(project.join("requirements.txt"), "").unwrap();
    let made = ask(project, &[], LockUse::Normal, Upgrade::Nothing).await.unwrap();
    let old = as_version_1(v1, &made);
    for usage in [LockUse::Normal, LockUse::Locked, LockUse::Frozen] {
        std::fs::write(&path, &old).unwrap();
        let used = ask(project, &[], usage, Upgrade::Nothing).await.unwrap();
        assert_eq!((used.written, used.lock.packages), (Written::Unchanged, made.lock.packages.clone()));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), old);
    }
    let locked = ask_with(project, &[], LockUse::Locked, Upgrade::Nothing, OldFormat::Rewritten).await.unwrap();
    assert_eq!(locked.written, Written::Unchanged);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), old);
    let renewed = ask_with(project, &[], LockUse::Normal, Upgrade::Nothing, OldFormat::Rewritten).await.unwrap();
    assert_eq!(renewed.written, Written::Rewritten);
    assert_eq!((&renewed.lock.decision, &renewed.lock.packages), (&made.lock.decision, &made.lock.packages));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), to_text(&renewed.lock));
}

/// The head of the fixture with the inputs and packages that were found.
fn as_version_1(fixture: &str, made: &Ensured) -> String {
    let head = fixture[..fixture.find("[inputs]").unwrap()].to_owned();
    let body = fixture[fixture.find("[target]").unwrap()..fixture.find("[[package]]").unwrap()].to_owned();
    let inputs: Vec<_> = made.lock.inputs.iter().map(|(key, value)| format!("{key:?} = \"{value}\"")).collect();
    let text = to_text(&made.lock);
    let packages = text[text.find("[[package]]").unwrap()..].replace("hashes = [", "index = \"default\"\nhashes = [");
    format!("{head}[inputs]\n{}\n\n{body}{packages}", inputs.join("\n"))
}

#[tokio::test(flavor = "current_thread")]
async fn a_question_without_an_answer_leaves_the_lock_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("requirements.txt"), "").unwrap();
    ask(dir.path(), &[], LockUse::Normal, Upgrade::Nothing).await.unwrap();
    let text = std::fs::read_to_string(dir.path().join("envctl.lock")).unwrap();
    let clash = ask(dir.path(), &["numpy<1.20"], LockUse::Normal, Upgrade::Nothing).await.unwrap_err();
    assert_eq!(kind(&clash), ("package-conflict", Exit::Conflict));
    assert_eq!(std::fs::read_to_string(dir.path().join("envctl.lock")).unwrap(), text);
    std::fs::write(dir.path().join("envctl.lock"), "version = 9\n").unwrap();
    let later = ask(dir.path(), &[], LockUse::Normal, Upgrade::Nothing).await.unwrap_err();
    assert_eq!(kind(&later), ("lock-too-new", Exit::Usage));
}

/// A lock of this manifest for any machine, by the real uv.
async fn decided(text: &str) -> Ensured {
    decided_with(text, &system()).await
}

async fn decided_with(text: &str, system: &System) -> Ensured {
    let layer =
        Layer { path: "envctl.toml".into(), text: format!("name = \"lab\"\n{text}\n"), kind: LayerKind::Project };
    let manifest = Manifest::parse_layers(vec![layer]).unwrap();
    let (matrix, dir) = (Matrix::embedded(), tempfile::tempdir().unwrap());
    let overrides = Overrides { no_host: true, ..Overrides::default() };
    let request = Request::new(&manifest, None, &overrides, &matrix).unwrap();
    let (path, directory) = (dir.path().join("envctl.lock"), rooted(dir.path()));
    let question = Question {
        agreed: &fixture::agreed(&manifest),
        request: &request,
        matrix: &matrix,
        system,
        project: &directory,
        file: LockFile::Own(&path, &directory),
        usage: LockUse::Normal,
        upgrade: &Upgrade::Nothing,
        builds: SourceBuilds::Refused,
        runner: None,
        sources: LockSources::Known,
        writes: true,
        old_format: OldFormat::Kept,
    };
    let made = Box::pin(ensure(question, async |_: &str| None, &Silent)).await.unwrap();
    // The lock answers its own question.
    let again = Question { usage: LockUse::Locked, ..question };
    assert_eq!(Box::pin(ensure(again, async |_: &str| None, &Silent)).await.unwrap().lock, made.lock);
    made
}

/// The Python of this host decides nothing, and is not even started.
#[tokio::test(flavor = "current_thread")]
async fn a_lock_does_not_depend_on_the_python_of_this_host() {
    let text = "[frameworks]\nonnxruntime = \"1.19\"\n[python]\nversion = \"3.9\"\npackages = [\"rich<14\"]\n[gpu]\ndevices = \"none\"";
    let here = decided(text).await;
    let dir = tempfile::tempdir().unwrap();
    let python = dir.path().join("python3");
    std::fs::write(&python, "#!/bin/sh\n: >\"${0%/*}/ran\"\nexit 1\n").unwrap();
    std::fs::set_permissions(&python, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut elsewhere = system();
    let path = elsewhere.variable("PATH").unwrap_or_default().to_owned();
    elsewhere.variables.insert("PATH".to_owned(), format!("{}:{path}", dir.path().display()));
    assert_eq!(to_text(&decided_with(text, &elsewhere).await.lock), to_text(&here.lock));
    assert!(!dir.path().join("ran").exists());
}

fn chosen(ensured: &Ensured) -> String {
    let decision = &ensured.lock.decision;
    format!("{} {}, Python {}", decision.frameworks[0].name, decision.frameworks[0].version, decision.python)
}

/// What only an older Python has wheels for, and what asks for another release of the framework.
#[tokio::test(flavor = "current_thread")]
async fn packages_decide_the_python_and_the_release() {
    let ask = |framework: &str, package: &str| {
        format!("[frameworks]\n{framework}\n[python]\npackages = [\"{package}\"]\n[gpu]\ndevices = \"none\"")
    };
    let old = decided(&ask("onnxruntime = \"*\"", "numpy==1.19.2")).await;
    assert_eq!(chosen(&old), "onnxruntime 1.10.0, Python 3.8");
    assert!(old.tried[0].refused.contains(&"numpy".to_owned()), "{:?}", old.tried);
    let pandas = decided(&ask("onnxruntime = \">=1.18,<1.24\"", "pandas==2.0.3")).await;
    assert_eq!(chosen(&pandas), "onnxruntime 1.23.2, Python 3.11");
    let learn = decided(&ask("jax = \"<0.8\"", "scikit-learn==1.3.2")).await;
    assert_eq!(chosen(&learn), "jax 0.7.1, Python 3.12");
}

/// The newest release that a manifest allows is not always the one that a package pins.
#[tokio::test(flavor = "current_thread")]
async fn a_package_that_pins_the_framework_gets_its_release() {
    let text =
        "[frameworks]\npytorch = \"2.4\"\n[python]\npackages = [\"xformers==0.0.27.post2\"]\n[gpu]\noptional = true";
    let pinned = decided(text).await;
    assert_eq!(chosen(&pinned), "pytorch 2.4.0, Python 3.12");
    assert_eq!((pinned.tried.len(), &pinned.tried[0].frameworks[0]), (1, &"pytorch 2.4.1".to_owned()));
}

/// `hydra-core` from 1.0 on needs a package without a wheel.
#[tokio::test(flavor = "current_thread")]
async fn a_package_that_is_old_because_nothing_is_built_is_named() {
    let text = "[frameworks]\nonnxruntime = \"1.20\"\n[python]\npackages = [\"hydra-core\", \"rich<14\"]\n[gpu]\ndevices = \"none\"";
    let made = decided(text).await;
    let hydra = made.lock.packages.iter().find(|package| package.name == "hydra-core").unwrap();
    let named: Vec<_> = made.older.iter().map(|older| (older.name.as_str(), older.locked.as_str())).collect();
    assert!(named.contains(&("hydra-core", hydra.version.as_str())), "{named:?}");
    assert!(!named.iter().any(|(name, _)| *name == "rich"), "{named:?}");
    let of_hydra = made.older.iter().find(|older| older.name == "hydra-core").unwrap();
    assert_eq!(of_hydra.without_wheel, ["antlr4-python3-runtime"]);
}
