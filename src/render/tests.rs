//! Tests of the rendered files, with snapshots of complete Dockerfiles.

use std::collections::BTreeMap;

use super::*;
use crate::lock::Lock;
use crate::lock::LockedPackage;
use crate::manifest::Manifest;
use crate::manifest::{Located, Secret};
use crate::packages::tests::manifest;

fn located<T>(value: T) -> Located<T> {
    Located::default_value(value)
}

fn package(name: &str, version: &str, index: &str, via: &[&str]) -> LockedPackage {
    LockedPackage {
        name: name.to_owned(),
        version: version.to_owned(),
        url: None,
        index: index.to_owned(),
        hashes: vec![format!("sha256:{}", "ab".repeat(32))],
        via: via.iter().map(|&name| name.to_owned()).collect(),
        built: None,
    }
}

fn lock() -> Lock {
    Lock {
        packages: vec![
            package("numpy", "2.4.6", "default", &["onnxruntime"]),
            package("onnxruntime", "1.20.1", "default", &["onnxruntime"]),
            package("pip", "26.3", "default", &["envctl"]),
        ],
        base_digest: None,
        ..crate::lock::tests::lock()
    }
}

fn code() -> crate::proof::FrameworkCode {
    crate::proof::FrameworkCode {
        name: "onnxruntime".to_owned(),
        code: "import onnxruntime".to_owned(),
        has_cuda: false,
    }
}

fn rendered(lock: &Lock, manifest: &Manifest) -> Result<BuildContext, RenderError> {
    let proxies = BTreeMap::new();
    context(&ImageInputs {
        lock,
        manifest,
        proofs: &[code()],
        base: None,
        fetch_base: None,
        certificates: true,
        own_index: false,
        proxies: &proxies,
        copies: &[],
        environment: None,
    })
}

fn dockerfile_of(lock: &Lock, manifest: &Manifest) -> String {
    let context = rendered(lock, manifest).unwrap();
    String::from_utf8(context.files["Dockerfile"].bytes.clone()).unwrap()
}

#[test]
fn the_smallest_environment() {
    insta::assert_snapshot!("smallest", dockerfile_of(&lock(), &manifest()));
}

fn torch() -> Lock {
    let mut lock = lock();
    let index = "https://download.pytorch.org/whl/cu118";
    let framework = &mut lock.decision.frameworks[0];
    framework.package = "torch".to_owned();
    framework.local = Some("cu118".to_owned());
    framework.with = BTreeMap::from([("torchvision".to_owned(), "0.19.1".to_owned())]);
    framework.system_packages = vec!["libgomp1".to_owned()];
    lock.base_digest = Some(format!("sha256:{}", "cd".repeat(32)));
    lock.decision.os = Some("ubuntu:24.04".to_owned());
    lock.decision.base_image = "ubuntu:24.04".to_owned();
    lock.decision.python_source = crate::resolve::PythonSource::Managed;
    lock.packages = vec![
        package("lightning", "2.4.0", "default", &["envctl.toml"]),
        package("numpy", "2.4.6", "default", &["lightning", "torchvision"]),
        package("torch", "2.4.1+cu118", index, &["envctl.toml", "lightning", "torchvision"]),
        package("torchvision", "0.19.1+cu118", index, &["envctl.toml"]),
    ];
    lock
}

#[test]
fn a_page_of_links_is_the_only_place_where_its_packages_are_looked_for() {
    let mut lock = lock();
    let page = "https://vendor.example/jax_cuda_releases.html";
    lock.packages = vec![package("jaxlib", "0.4.20+cuda12.cudnn89", page, &["onnxruntime"])];
    let text = dockerfile_of(&lock, &manifest());
    let flags = format!("--require-hashes --no-deps --no-index --find-links {page} --requirement");
    assert!(text.contains(&flags), "{text}");
}

fn everything() -> Manifest {
    let mut manifest = manifest();
    manifest.system.packages = vec![located("git".parse().unwrap()), located("libgomp1".parse().unwrap())];
    manifest.network.apt_mirror = Some(located("http://mirror.lab.example/ubuntu/".parse().unwrap()));
    manifest.network.image_mirror = Some(located("registry.lab.example:5000/library".parse().unwrap()));
    let build = &mut manifest.build;
    build.args = BTreeMap::from([("GREETING".parse().unwrap(), located("it's $HOME \"here\"".to_owned()))]);
    build.copy = vec![located("tools/*.sh:/opt/my tools".parse().unwrap())];
    build.secrets = vec![located("id=hf,env=HF_TOKEN".parse::<Secret>().unwrap())];
    build.run = vec![located("set -x\necho \"$GREETING\" 'don''t'".to_owned())];
    build.append = Some(located("LABEL lab=\"vision\"\n".to_owned()));
    manifest
}

#[test]
fn everything_at_once() {
    let (lock, manifest) = (torch(), everything());
    let proxies = BTreeMap::from([("HTTP_PROXY".to_owned(), "http://proxy.lab.example:3128".to_owned())]);
    let file = ContextFile { bytes: b"#!/bin/sh\n".to_vec(), executable: true };
    let copies = [BTreeMap::from([("a.sh".to_owned(), file)])];
    let inputs = ImageInputs {
        lock: &lock,
        manifest: &manifest,
        proofs: &[],
        base: None,
        fetch_base: None,
        certificates: true,
        own_index: true,
        proxies: &proxies,
        copies: &copies,
        environment: None,
    };
    let context = context(&inputs).unwrap();
    assert_eq!(
        context.files.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "Dockerfile",
            "copy/0/a.sh",
            "entrypoint",
            "proof/frameworks.json",
            "proof/frameworks.py",
            "proof/libraries.json",
            "proof/libraries.py",
            "requirements/frameworks/0.txt",
            "requirements/frameworks/1.txt",
            "requirements/packages/0.txt"
        ]
    );
    let ids: Vec<&str> = context.secrets.iter().map(ContextSecret::id).collect();
    assert_eq!(ids, ["envctl-ca", "envctl-index", "hf"]);
    let text = String::from_utf8(context.files["Dockerfile"].bytes.clone()).unwrap();
    assert!(!text.contains("proxy.lab.example"));
    insta::assert_snapshot!("everything", text);
}

#[test]
fn an_image_of_the_users_own() {
    let mut lock = lock();
    lock.decision.os = None;
    lock.decision.base_image = "registry.lab.example/team/base:1".to_owned();
    lock.decision.python_source = crate::resolve::PythonSource::Image;
    let mut manifest = manifest();
    manifest.ssh.enabled = false;
    let proxies = BTreeMap::new();
    let inputs = ImageInputs {
        lock: &lock,
        manifest: &manifest,
        proofs: &[],
        base: None,
        fetch_base: None,
        certificates: false,
        own_index: false,
        proxies: &proxies,
        copies: &[],
        environment: None,
    };
    let context = context(&inputs).unwrap();
    assert_eq!(context.secrets, []);
    insta::assert_snapshot!("own_image", String::from_utf8_lossy(&context.files["Dockerfile"].bytes));
}

#[test]
fn packages_that_are_built() {
    let mut lock = crate::lock::tests::lock_with_a_source();
    lock.packages.retain(|package| package.url.is_none());
    lock.base_digest = None;
    let inputs = ImageInputs {
        lock: &lock,
        manifest: &manifest(),
        base: None,
        fetch_base: None,
        certificates: true,
        own_index: true,
        proxies: &BTreeMap::new(),
        copies: &[],
        proofs: &[],
        environment: None,
    };
    let context = context(&inputs).unwrap();
    let text = |path: &str| String::from_utf8(context.files[path].bytes.clone()).unwrap();
    let names: Vec<&str> =
        context.files.keys().map(String::as_str).filter(|name| name.starts_with("sources")).collect();
    assert_eq!(
        names,
        [
            "sources/build",
            "sources/build-0/requirements.txt",
            "sources/build-0/source-jieba.txt",
            "sources/fetch",
            "sources/python",
            "sources/wheels.txt",
        ]
    );
    assert!(text("sources/build-0/source-jieba.txt").starts_with("jieba==0.42.1 \\\n    --hash=sha256:0505"));
    assert_eq!(text("sources/wheels.txt"), "jieba==0.42.1\n");
    assert!(!text("requirements/frameworks/0.txt").contains("jieba"));
    let ids: Vec<&str> = context.secrets.iter().map(ContextSecret::id).collect();
    assert_eq!(ids, ["envctl-ca", "envctl-index", "envctl-addresses"]);
    let dockerfile = text("Dockerfile");
    let (_, built) = dockerfile.split_once("AS envctl-built").unwrap();
    let (built, _) = built.split_once("\nFROM ").unwrap();
    assert!(!built.contains("type=secret") && !built.contains("type=cache"), "{built}");
    insta::assert_snapshot!("built", dockerfile);
}

#[test]
fn each_script_for_sources_is_a_shell_script() {
    let lock = crate::lock::tests::lock_with_a_source();
    let context = rendered(&lock, &manifest()).unwrap();
    for name in ["sources/fetch", "sources/build", "sources/python"] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("script");
        std::fs::write(&path, &context.files[name].bytes).unwrap();
        assert!(crate::system::command("/bin/sh").arg("-n").arg(&path).status().unwrap().success(), "{name}");
    }
}

#[test]
fn each_layer_and_index_has_its_file() {
    let context = rendered(&torch(), &manifest()).unwrap();
    let text = |path: &str| String::from_utf8(context.files[path].bytes.clone()).unwrap();
    assert!(text("requirements/frameworks/0.txt").starts_with("numpy==2.4.6 \\\n    --hash=sha256:abab"));
    assert!(text("requirements/frameworks/1.txt").starts_with("torch==2.4.1+cu118 \\\n"));
    assert!(text("requirements/packages/0.txt").starts_with("lightning==2.4.0 \\\n"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(rendered(&torch(), &everything()).unwrap(), rendered(&torch(), &everything()).unwrap());
    let once = rendered(&torch(), &everything()).unwrap().tar();
    assert_eq!(once, rendered(&torch(), &everything()).unwrap().tar());
    for entry in tar::Archive::new(&once[..]).entries().unwrap() {
        let entry = entry.unwrap();
        assert_eq!((entry.header().mtime().unwrap(), entry.header().uid().unwrap()), (0, 0));
    }
}

#[test]
fn what_has_no_template_is_refused() {
    let mut rpm = lock();
    rpm.decision.os = Some("rockylinux:9".to_owned());
    assert!(matches!(rendered(&rpm, &manifest()), Err(RenderError::DistributionNotYet { .. })));
    let mut old = lock();
    old.decision.python = "3.5".parse().unwrap();
    assert!(matches!(rendered(&old, &manifest()), Err(RenderError::PythonNotYet { .. })));
}

#[test]
fn own_lines_do_not_reach_our_secrets() {
    let mut manifest = manifest();
    let line = "RUN --mount=type=secret,id=envctl-index cat /run/secrets/envctl-index";
    manifest.build.append = Some(located(line.to_owned()));
    assert!(matches!(rendered(&lock(), &manifest), Err(RenderError::OwnLine { .. })));
}

/// The Dockerfile has no instruction that Docker 20.10's frontend lacks.
#[test]
fn only_what_the_oldest_frontend_takes() {
    let text = dockerfile_of(&torch(), &everything());
    assert!(!text.contains("# syntax") && !text.contains("<<") && !text.contains("--link"));
}

#[test]
fn the_entrypoint_is_a_shell_script() {
    let mut shell = crate::system::command("/bin/sh");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("entrypoint");
    std::fs::write(&path, entrypoint()).unwrap();
    assert!(shell.arg("-n").arg(&path).status().unwrap().success());
    assert!(!entrypoint().contains("{{"));
}
