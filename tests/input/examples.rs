//! Every manifest under `examples/` names its readers, resolves on the intended machines and has a golden Dockerfile.
//! The rendered bytes are the same on every machine and in every checkout.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use envctl::grants::{Phase, Surroundings, required};
use envctl::host::HostFacts;
use envctl::lock::{Lock, LockedPackage};
use envctl::manifest::{Layer, LayerKind, Manifest};
use envctl::matrix::Matrix;
use envctl::render::{BuildContext, ImageInputs, context};
use envctl::resolve::{Overrides, Request, Resolution, resolve};

#[allow(dead_code, reason = "the fixture is shared with the end-to-end tests, which use more of it")]
#[path = "../e2e/fixture.rs"]
mod fixture;

const EXAMPLES: [&str; 4] = ["jax-gpu", "pycharm-remote", "pytorch-gpu", "quickstart"];

#[test]
fn every_example_is_listed_here_and_says_whom_it_is_for() {
    let mut found: Vec<_> = fs::read_dir(root("examples"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, EXAMPLES);
    for name in EXAMPLES {
        let text = fs::read_to_string(root("examples").join(name).join("envctl.toml")).unwrap();
        assert!(text.starts_with("# For "), "{name}: the first comment says whom it is for");
    }
}

/// What an honest project needs is not asked about, whoever calls: the engine has none of its volumes yet.
#[test]
fn no_example_asks_for_a_grant() {
    let nothing = BTreeSet::new();
    for name in EXAMPLES {
        let manifest = manifest(&root("examples").join(name));
        let surroundings = Surroundings {
            project: Path::new("/srv/lab"),
            home: Path::new("/home/ada"),
            is_root: false,
            trusted: &[],
            socket: Some(Path::new("/var/run/docker.sock")),
            real: &Path::to_path_buf,
            volumes: &nothing,
            mounts: &BTreeMap::new(),
            variables: &[],
            package_hosts: &nothing,
            certificates: &BTreeMap::new(),
        };
        assert_eq!(required(&manifest, &surroundings, Phase::Run), [], "{name}");
    }
}

/// One table over all examples and machines: the answer, or the kind of the conflict.
#[test]
fn every_example_is_answered_for_every_recorded_host() {
    let matrix = Matrix::embedded();
    let mut table = String::new();
    for name in EXAMPLES {
        let manifest = manifest(&root("examples").join(name));
        for (host, facts) in hosts() {
            let overrides = Overrides { facts: true, ..Overrides::default() };
            let request = Request::new(&manifest, Some(&facts), &overrides, &matrix).unwrap();
            let answer = match resolve(&request, &matrix) {
                Ok(resolution) => summary(&resolution),
                Err(conflict) => format!("no: {}", conflict.kind().as_str()),
            };
            writeln!(table, "{name:15} {host:20} {answer}").unwrap();
        }
    }
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!("hosts", table) });
}

#[test]
fn every_example_has_its_dockerfile_as_a_golden_file() {
    for name in EXAMPLES {
        let manifest = manifest(&root("examples").join(name));
        let rendered = rendered(&manifest, "workstation-rtx3090");
        let dockerfile = String::from_utf8(rendered.files["Dockerfile"].bytes.clone()).unwrap();
        insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(name, dockerfile) });
    }
}

#[test]
fn the_same_manifest_gives_the_same_bytes_twice_and_in_two_checkouts() {
    for name in EXAMPLES {
        let here = root("examples").join(name);
        let elsewhere = tempfile::tempdir().unwrap();
        fs::copy(here.join("envctl.toml"), elsewhere.path().join("envctl.toml")).unwrap();
        let first = rendered(&manifest(&here), "server-a100").tar();
        assert_eq!(first, rendered(&manifest(&here), "server-a100").tar(), "{name}: twice");
        assert_eq!(first, rendered(&manifest(elsewhere.path()), "server-a100").tar(), "{name}: two checkouts");
    }
}

fn rendered(manifest: &Manifest, host: &str) -> BuildContext {
    let lock = lock(resolution(manifest, host));
    let inputs = ImageInputs {
        lock: &lock,
        manifest,
        proofs: &[],
        base: None,
        fetch_base: None,
        certificates: true,
        own_index: false,
        proxies: &BTreeMap::new(),
        copies: &[],
        environment: None,
    };
    context(&inputs).unwrap()
}

/// As `up` would decide on that machine: its `[target]` where the manifest has one, else the machine.
fn resolution(manifest: &Manifest, host: &str) -> Resolution {
    let matrix = Matrix::embedded();
    let facts = &hosts()[host];
    let request = Request::new(manifest, Some(facts), &Overrides::default(), &matrix).unwrap();
    resolve(&request, &matrix).unwrap()
}

/// A lock whose packages are the frameworks alone: the closure of the day is no golden file's business.
fn lock(resolution: Resolution) -> Lock {
    let package = |framework: &envctl::resolve::DecidedFramework| LockedPackage {
        name: framework.package.clone(),
        version: framework.version.to_string(),
        url: None,
        index: framework.index.clone(),
        hashes: vec![format!("sha256:{}", "0".repeat(64))],
        via: Vec::new(),
        built: None,
    };
    let packages = resolution.decision.frameworks.iter().map(package).collect();
    fixture::lock(resolution.decision, packages)
}

fn summary(resolution: &Resolution) -> String {
    let frameworks: Vec<_> =
        resolution.decision.frameworks.iter().map(|f| format!("{} {} {}", f.name, f.version, f.variant)).collect();
    format!("{}, python {}, {}", frameworks.join(", "), resolution.decision.python, resolution.decision.base_image)
}

fn manifest(directory: &Path) -> Manifest {
    let path = directory.join("envctl.toml");
    let text = fs::read_to_string(&path).unwrap();
    Manifest::parse_layers(vec![Layer { path, text, kind: LayerKind::Project }]).unwrap()
}

fn hosts() -> BTreeMap<String, HostFacts> {
    let files = fs::read_dir(root("tests/hosts")).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), HostFacts::read(&path).unwrap()))
        .collect()
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
