//! Tests of locks: fixtures of every format version, forged locks, and the reasons for a stale lock.

use std::path::Path;

use super::*;
use crate::manifest::{Arch, Located, Manifest};
use crate::matrix::Matrix;
use crate::packages::files::ReadFile;
use crate::packages::tests::{decision, manifest};
use crate::packages::{BuildRequirement, SourceMetadata};
use crate::resolve::{
    Asked, Base, DriverFloors, FactOrigin, GpuWish, ManifestText, Request, TargetDriver, TargetFacts, TargetGpu,
};

/// The file that envctl 0.1.0 wrote. It must never change.
const V1: &str = include_str!("fixtures/v1.lock");

/// The same lock in version 2. It must never change after its release.
const V2: &str = include_str!("fixtures/v2.lock");

/// The lock of both fixtures, from the manifest of [`asking`].
pub(crate) fn lock() -> Lock {
    let package = |name: &str, version: &str, via: &[&str]| LockedPackage {
        name: name.to_owned(),
        version: version.to_owned(),
        url: None,
        index: "default".to_owned(),
        hashes: vec![format!("sha256:{}", "ab".repeat(32)), format!("sha256:{}", "cd".repeat(32))],
        via: via.iter().map(|&name| name.to_owned()).collect(),
        built: None,
    };
    Lock {
        inputs: inputs(&asking(), &GpuWish::None, &[], &[]),
        target: LockedTarget { from: TargetOrigin::Host, driver: None, gpus: Vec::new() },
        decision: decision(),
        base_digest: Some(format!("sha256:{}", "ef".repeat(32))),
        packages: vec![
            package("numpy", "2.4.6", &["onnxruntime"]),
            package("onnxruntime", "1.20.1", &["onnxruntime"]),
            LockedPackage {
                url: Some("https://files.example/tool-1-py3-none-any.whl".to_owned()),
                version: String::new(),
                ..package("tool", "", &["envctl.toml"])
            },
        ],
        builds: Vec::new(),
        system_packages: Vec::new(),
    }
}

fn located<T>(value: T) -> Located<T> {
    Located::default_value(value)
}

fn asking() -> Manifest {
    let mut manifest = manifest();
    manifest.python.version = Some(located("3.11".parse().unwrap()));
    manifest.python.packages = vec![located("rich>=13".parse().unwrap()), located("lightning".parse().unwrap())];
    manifest
}

fn stale(lock: &Lock, asked: &BTreeMap<String, Input>, request: &Request) -> Vec<Stale> {
    staleness(lock, asked, request, &Matrix::embedded())
}

fn request(driver: TargetDriver, gpus: &[&str]) -> Request {
    let asked = |name: &&str| Asked {
        value: TargetGpu { name: (*name).to_owned(), capability: name.parse().unwrap(), first_driver: None },
        origin: FactOrigin::Envctl,
    };
    Request {
        manifest: ManifestText { path: "envctl.toml".into(), ..ManifestText::default() },
        frameworks: BTreeMap::new(),
        lines: Vec::new(),
        published: None,
        python: None,
        requires_python: None,
        cuda: None,
        cudnn: None,
        toolkit: None,
        base: Base::Open,
        gpu: GpuWish::Required(None),
        target: TargetFacts { driver, gpus: gpus.iter().map(asked).collect(), ..TargetFacts::default() },
        allow_unknown: false,
    }
}

fn driver(text: &str) -> TargetDriver {
    TargetDriver::Version(Asked { value: text.parse().unwrap(), origin: FactOrigin::Envctl })
}

fn gpu_lock() -> Lock {
    let mut lock = lock();
    lock.decision.driver = Some(DriverFloors { minimum: "525.60.13".parse().unwrap(), toolkit: None });
    lock.decision.compute_capability = vec!["8.0".parse().unwrap(), "9.0".parse().unwrap()];
    lock
}

/// The lock with the lists of its inputs in the form of version 1.
fn lock_of_v1() -> Lock {
    let joined = lock().inputs.into_iter().map(|(key, input)| (key, Input::One(input.to_string()))).collect();
    Lock { inputs: joined, ..lock() }
}

#[test]
fn the_text_is_the_fixtures() {
    assert_eq!(to_text(&lock()), V2);
}

#[test]
fn every_old_lock_is_read() {
    assert_eq!(parse(V1, Path::new("envctl.lock")).unwrap().lock, lock_of_v1());
    assert_eq!(parse(V2, Path::new("envctl.lock")).unwrap().lock, lock());
}

#[test]
fn a_lock_has_no_key_of_another_style_and_no_sentence() {
    let mut lock = gpu_lock();
    let framework = &mut lock.decision.frameworks[0];
    framework.index = "https://vendor.example/whl/cu121".to_owned();
    framework.index_packages = vec!["torch".to_owned()];
    framework.system_packages = vec!["libgomp1".to_owned()];
    framework.exclude_newer = Some("2026-01-01".to_owned());
    framework.with = [("companion".to_owned(), "1.0".to_owned())].into();
    let text = to_text(&lock);
    assert_eq!(parse(&text, Path::new("envctl.lock")).unwrap().lock, lock);
    let lines = text.lines().skip(1).filter_map(|line| line.split_once(" = "));
    for (key, value) in lines {
        assert!(!key.contains('_'), "{key}");
        assert!(!value.contains(' ') || value.starts_with('['), "{key} = {value}");
    }
}

#[test]
fn a_later_format_is_called_later_and_not_damaged() {
    let later = parse("version = 3\nanything = { else = 1 }\n", Path::new("envctl.lock"));
    assert!(matches!(later, Err(LockError::TooNew { version: 3, .. })));
    for text in ["version = 1\n", "version = 2\n", "envctl = \"0.1\"\n", "<<<<<<< HEAD\n"] {
        assert!(matches!(parse(text, Path::new("envctl.lock")), Err(LockError::Damaged { .. })), "{text}");
    }
}

#[test]
fn what_only_a_later_envctl_knows_is_refused_by_name() {
    for (from, to, unknown) in [
        ("[[package]]", "[[source-archive]]\nname = \"flash-attn\"\n\n[[package]]", "source-archive"),
        ("[[package]]", "[[tool]]\nname = \"uv\"\n\n[[package]]", "tool"),
        ("name = \"numpy\"", "name = \"numpy\"\npatched = true", "patched"),
        ("[target]", "[target]\nplace = \"here\"", "place"),
        ("[python]", "[python]\nabi = \"t\"", "abi"),
        ("toolkit = \"none\"", "toolkit = \"none\"\nlibc = \"musl\"", "libc"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nmpi = \"4\"", "mpi"),
    ] {
        let error = changed(from, to).unwrap_err();
        let words = format!("`envctl.lock` has `{unknown}`, which this envctl does not know");
        assert_eq!((crate::error::Report::kind(&error), error.to_string()), ("lock-too-new", words));
        let place = &crate::error::Report::snippets(&error)[0];
        assert_eq!(place.text[place.span.clone()], *unknown);
    }
}

/// A lock with a package that is built.
pub(crate) fn lock_with_a_source() -> Lock {
    let hash = |digits: &str| vec![format!("sha256:{}", digits.repeat(32))];
    let source = LockedPackage {
        name: "jieba".to_owned(),
        version: "0.42.1".to_owned(),
        hashes: hash("05"),
        via: vec!["envctl.toml".to_owned()],
        built: Some(SourceMetadata::Dynamic),
        ..lock().packages[0].clone()
    };
    let (name, version, hashes) = ("setuptools".to_owned(), "80.9.0".to_owned(), hash("06"));
    let requirements = vec![BuildRequirement { name, version, hashes }];
    let mut lock = lock();
    lock.packages.insert(0, source);
    lock.builds = vec![SourceBuild { packages: vec!["jieba".to_owned()], requirements }];
    lock
}

#[test]
fn how_a_package_is_built_is_written_and_read_back() {
    let text = to_text(&lock_with_a_source());
    insta::assert_snapshot!(text.split_once("[[source-build]]").unwrap().1, @r#"

    packages = ["jieba"]

    [[source-build.requirement]]
    name = "setuptools"
    version = "80.9.0"
    hashes = ["sha256:0606060606060606060606060606060606060606060606060606060606060606"]
    "#);
    assert_eq!(parse(&text, Path::new("envctl.lock")).unwrap().lock, lock_with_a_source());
    for (from, to, reason) in [
        ("packages = [\"jieba\"]", "packages = [\"jieba\", \"numpy\"]", "`numpy` is in a `source-build`"),
        ("packages = [\"jieba\"]", "packages = []", "`jieba` is built, and is not in one"),
        ("packages = [\"jieba\"]", "packages = [\"jieba\", \"jieba\"]", "`jieba` is built, and is not in one"),
        ("version = \"80.9.0\"", "version = \"\"", "needs a version"),
        ("sha256:0606", "sha256:x606", "allowed"),
    ] {
        let error = parse(&text.replacen(from, to, 1), Path::new("envctl.lock")).unwrap_err();
        assert!(matches!(error, LockError::Damaged { .. }) && error.to_string().contains(reason), "{to}: {error}");
    }
}

#[test]
fn written_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("envctl.lock");
    let directory = crate::files::RootedDirectory::open(dir.path()).unwrap();
    let file = LockFile::Own(&path, &directory);
    assert!(file.read().unwrap().is_none());
    file.write(&lock()).unwrap();
    assert_eq!(file.read().unwrap().unwrap().lock, lock());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), V2);
}

#[test]
fn the_same_question_finds_it_fresh() {
    let asked = inputs(&asking(), &GpuWish::None, &[], &[]);
    for lock in [lock(), lock_of_v1()] {
        assert_eq!(stale(&lock, &asked, &request(TargetDriver::Open, &[])), []);
    }
}

#[test]
fn the_order_of_packages_does_not_count() {
    let mut manifest = asking();
    manifest.python.packages.reverse();
    assert_eq!(inputs(&manifest, &GpuWish::None, &[], &[]), lock().inputs);
}

#[test]
fn a_changed_input_is_named_with_both_values() {
    let mut manifest = asking();
    manifest.python.version = Some(located("3.12".parse().unwrap()));
    manifest.python.packages.clear();
    manifest.cuda.version = Some(located("12.4".parse().unwrap()));
    let reasons = stale(&lock(), &inputs(&manifest, &GpuWish::Optional, &[], &[]), &request(TargetDriver::Open, &[]));
    let change = |key: &str, locked: Option<&str>, asked: Option<&str>| {
        let (locked, asked) = (locked.map(str::to_owned), asked.map(str::to_owned));
        Stale::InputChanged(Change { key: key.to_owned(), locked, asked })
    };
    let expected = [
        change("cuda.version", None, Some("12.4")),
        change("gpu", Some("none"), Some("optional")),
        change("python.packages", Some("lightning, rich>=13"), None),
        change("python.version", Some("3.11"), Some("3.12")),
    ];
    assert_eq!(reasons, expected);
    assert_eq!(reasons.iter().filter(|reason| reason.concerns_packages_only()).count(), 1);
}

#[test]
fn a_line_about_a_framework_concerns_more_than_packages() {
    let line = |text: &str, place: &str| crate::resolve::FrameworkLine {
        framework: "pytorch".parse().unwrap(),
        text: text.to_owned(),
        origin: FactOrigin::File(place.to_owned()),
        demand: crate::resolve::LineDemand::Library { name: "nvidia-nccl-cu12".to_owned(), range: String::new() },
        asks: false,
        pythons: None,
    };
    let of = |text: &str, place: &str| inputs(&asking(), &GpuWish::None, &[], &[line(text, place)]);
    let reasons = stale(&lock(), &of("torch==2.4", "r.txt:3"), &request(TargetDriver::Open, &[]));
    assert!(reasons.iter().any(|reason| !reason.concerns_packages_only()), "{reasons:?}");
    assert_eq!(of("torch==2.4", "r.txt:3"), of("torch==2.4", "r.txt:7"));
}

#[test]
fn a_requirements_file_counts_by_its_content() {
    let file = |text: &str| ReadFile {
        path: "requirements.txt".to_owned(),
        text: text.to_owned(),
        constraint: false,
        content: crate::packages::requirements_file::RequirementsFile::default(),
    };
    let of = |text: &str| inputs(&asking(), &GpuWish::None, &[file(text)], &[]);
    assert_eq!(of("rich\n"), of("rich  \r\n"));
    assert_ne!(of("rich\n"), of("rich<14\n"));
    let reasons = stale(&lock(), &of("rich\n"), &request(TargetDriver::Open, &[]));
    assert!(reasons[0].concerns_packages_only());
}

#[test]
fn build_steps_and_system_packages_do_not_count() {
    let mut manifest = asking();
    manifest.build.run = vec![located("true".to_owned())];
    manifest.system.packages = vec![located("git".parse().unwrap())];
    assert_eq!(inputs(&manifest, &GpuWish::None, &[], &[]), lock().inputs);
}

#[test]
fn a_machine_above_the_floors_makes_nothing_stale() {
    let lock = gpu_lock();
    for found in ["525.60.13", "550.54.15", "590.44.01"] {
        assert_eq!(stale(&lock, &lock.inputs, &request(driver(found), &["8.6", "9.0"])), []);
    }
    assert_eq!(stale(&lock, &lock.inputs, &request(TargetDriver::Open, &[])), []);
}

#[test]
fn a_machine_below_them_does() {
    let lock = gpu_lock();
    let mut request = request(driver("470.82.01"), &["7.5"]);
    request.target.arch = Some(Asked { value: Arch::Aarch64, origin: FactOrigin::Envctl });
    let gpu = request.target.gpus[0].value.clone();
    let expected = [
        Stale::OtherArch { locked: Arch::X86_64, found: Arch::Aarch64 },
        Stale::DriverTooOld { floor: "525.60.13".parse().unwrap(), found: "470.82.01".parse().unwrap() },
        Stale::GpuNotServed { gpu, compiled: lock.decision.compute_capability.clone() },
    ];
    assert_eq!(stale(&lock, &lock.inputs, &request), expected);
}

#[test]
fn no_gpu_is_a_reason_unless_it_is_optional() {
    let lock = gpu_lock();
    let mut request = request(TargetDriver::Missing, &[]);
    assert_eq!(stale(&lock, &lock.inputs, &request), [Stale::NoGpu]);
    request.gpu = GpuWish::Optional;
    assert_eq!(stale(&lock, &lock.inputs, &request), []);
}

#[test]
fn a_tegra_runs_only_code_of_its_own() {
    let mut lock = gpu_lock();
    let capability = |text: &str| text.parse().unwrap();
    lock.decision.arch = Arch::Aarch64;
    lock.decision.compute_capability = vec![capability("8.0"), capability("8.7")];
    let request = |gpu: &str| request(driver("590.44.01"), &[gpu]);
    let is_served = |lock: &Lock, gpu: &str| stale(lock, &lock.inputs, &request(gpu)).is_empty();
    assert!(is_served(&lock, "8.7") && is_served(&lock, "8.6"));
    lock.decision.compute_capability.pop();
    assert!(!is_served(&lock, "8.7") && is_served(&lock, "8.6"));
    lock.decision.compute_capability = vec![capability("8.7")];
    assert!(is_served(&lock, "8.7") && !is_served(&lock, "8.9"));
    lock.decision.arch = Arch::X86_64;
    assert!(!is_served(&lock, "8.7"));
}

/// Reads the fixture of version 2 with one text replaced.
fn changed(from: &str, to: &str) -> Result<WrittenLock, LockError> {
    assert!(V2.contains(from), "{from}");
    parse(&V2.replacen(from, to, 1), Path::new("envctl.lock"))
}

/// A manifest that the fixture's lock answers.
fn answered(more: &[&str]) -> Manifest {
    let mut manifest = manifest();
    let version = crate::version::VersionRequest::any();
    let wish = crate::manifest::FrameworkRequest { version, with: Vec::new(), gpu: true };
    manifest.frameworks.insert("onnxruntime".parse().unwrap(), located(wish));
    let lines = ["tool @ https://files.example/tool-1-py3-none-any.whl"].iter().chain(more);
    manifest.python.packages = lines.map(|line| located(line.parse().unwrap())).collect();
    manifest
}

/// The error for the fixture with one text replaced.
fn refused(from: &str, to: &str) -> String {
    refused_by(&answered(&[]), &[], from, to)
}

fn refused_by(manifest: &Manifest, files: &[ReadFile], from: &str, to: &str) -> String {
    let project = Some(ProjectGrounds { manifest, files });
    let matrix = crate::matrix::Matrix::embedded();
    let read = changed(from, to).and_then(|written| written.trusted(&Grounds { matrix: &matrix, project }));
    read.map_or_else(|error| format!("{}: {error}", crate::error::Report::kind(&error)), |_| "used".to_owned())
}

#[test]
fn a_field_that_is_not_well_formed_is_damage() {
    let long = "9".repeat(5000);
    for (from, to) in [
        ("name = \"numpy\"", "name = \"numpy\\n--index-url https://evil.example\""),
        ("name = \"numpy\"", "name = \"-r/etc/passwd\""),
        ("version = \"2.4.6\"", "version = \"2.4.6 --pre\""),
        ("version = \"2.4.6\"", "version = \"2.4.6\\n\""),
        ("version = \"2.4.6\"", &format!("version = \"{long}\"")),
        ("sha256:abab", "sha256:ab\\nab"),
        ("version = \"2.4.6\"", "version = \"\""),
        ("name = \"tool\"", "name = \"tool\"\nversion = \"1\""),
        ("python.version\" = \"3.11\"", "python.version\" = \"3.11\\n\""),
        ("    \"lightning\"", "    \"light\\nning\""),
        ("python.version\" = \"3.11\"", "python.version\" = 3.11"),
        ("from = \"host\"", "from = \"nowhere\""),
        ("sha256:abab", "md5:abab"),
        ("image = \"debian:12\"", "image = \"debian:12\\nRUN evil\""),
        ("image = \"debian:12\"", "image = \"--platform=x debian:12\""),
        ("digest = \"sha256:efef", "digest = \"sha256:ef ef"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nindex = \"https://ada:secret word@evil.example\""),
        ("name = \"numpy\"", "name = \"numpy\"\nindex = \"file:///etc\""),
        ("https://files.example/tool-1-py3-none-any.whl", "https://files.example/'; rm -rf /"),
        ("os = \"debian:12\"", "os = \"debian:12\\n\""),
        ("gpu = \"none\"", "gpu = \"\\u001b[2J\""),
        ("variant = \"cpu\"", "variant = \"cpu\", extra = \"\""),
        ("variant = \"cpu\"", "variant = \"c p u\""),
        ("variant = \"cpu\"", "variant = \"cpu\"\nsystem-packages = [\"-oAPT::Update::Pre-Invoke::=id\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nsystem-packages = [\"openssh-server-\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\npins = [\"-r x\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nextras = [\"a]==1\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nlocal = \"x; y\""),
        ("via = [\"onnxruntime\"]", "via = [\"a\\nb\"]"),
        ("version = 2", "version = 0"),
    ] {
        let said = refused(from, to);
        assert!(said.starts_with("lock-damaged: "), "{to}: {said}");
    }
}

#[test]
fn damage_is_pointed_at_with_what_is_allowed() {
    let error = changed("name = \"numpy\"", "name = \"num py\"").unwrap_err();
    let words = "`envctl.lock` is not a lock: `num py` is not a package name: it has characters that no package name has; \
                 allowed: a name alone, such as `torchvision`";
    assert_eq!(error.to_string(), words);
    let place = &crate::error::Report::snippets(&error)[0];
    assert_eq!(place.text[place.span.clone()], *"\"num py\"");
}

#[test]
fn what_nobody_gave_is_not_used() {
    for (from, to) in [
        ("image = \"debian:12\"", "image = \"evil.example/debian:12\""),
        (
            "image = \"debian:12\"",
            "image = \"debian:12@sha256:efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef\"",
        ),
        ("os = \"debian:12\"\n", ""),
        ("os = \"debian:12\"", "os = \"debian:99\""),
        (
            "name = \"onnxruntime\"\nversion = \"1.20.1\"\npackage",
            "name = \"evilruntime\"\nversion = \"1.20.1\"\npackage",
        ),
        ("package = \"onnxruntime\"", "package = \"evilruntime\""),
        ("variant = \"cpu\"", "variant = \"cpu\"\nindex = \"https://evil.example/simple\""),
        ("variant = \"cpu\"", "variant = \"cpu\"\nindex = \"https://download.pytorch.org/whl/cu121\""),
        ("name = \"numpy\"", "name = \"numpy\"\nindex = \"https://evil.example/simple\""),
        ("variant = \"cpu\"", "variant = \"cpu\"\nindex-packages = [\"evil\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nextras = [\"evil\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nsystem-packages = [\"netcat-openbsd\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\npins = [\"evil\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nwith = { evil = \"1\" }"),
        ("url = \"https://files.example/", "url = \"https://evil.example/"),
        ("name = \"tool\"", "name = \"other\""),
    ] {
        let said = refused(from, to);
        assert!(said.starts_with("lock-untrusted: "), "{to}: {said}");
    }
    assert_eq!(refused("[inputs]", "[inputs]"), "used");
}

/// Version 1 is read with the same checks, key by key.
#[test]
fn a_lock_of_version_1_brings_nothing_of_its_own_either() {
    let (matrix, manifest) = (crate::matrix::Matrix::embedded(), answered(&[]));
    let grounds = Grounds { matrix: &matrix, project: Some(ProjectGrounds { manifest: &manifest, files: &[] }) };
    let kind = |from: &str, to: &str| {
        assert!(V1.contains(from), "{from}");
        let read = parse(&V1.replacen(from, to, 1), Path::new("envctl.lock"));
        let read = read.and_then(|written| written.trusted(&grounds));
        read.map_or_else(|error| crate::error::Report::kind(&error), |_| "used")
    };
    assert_eq!(kind("version = 1", "version = 1"), "used");
    for (from, to) in [
        ("base_image = \"debian:12\"", "base_image = \"evil.example/debian:12\""),
        ("os = \"debian:12\"", "os = \"debian:99\""),
        ("package = \"onnxruntime\"", "package = \"evilruntime\""),
        ("index = \"default\"\ncapabilities", "index = \"https://evil.example/simple\"\ncapabilities"),
        ("index = \"default\"\nhashes", "index = \"https://evil.example/simple\"\nhashes"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nindex_packages = [\"evil\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nextras = [\"evil\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nsystem_packages = [\"netcat-openbsd\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\npins = [\"evil\"]"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nwith = { evil = \"1\" }"),
        ("url = \"https://files.example/", "url = \"https://evil.example/"),
    ] {
        assert_eq!(kind(from, to), "lock-untrusted", "{to}");
    }
    for (from, to) in [
        ("base_image = \"debian:12\"", "base_image = \"debian:12\\nRUN evil\""),
        ("base-digest = \"sha256:efef", "base-digest = \"sha256:ef ef"),
        ("variant = \"cpu\"", "variant = \"cpu\"\nsystem_packages = [\"openssh-server-\"]"),
        ("matrix = \"2026-11-21 00000000\"", "matrix = \"\\u001b[2J\""),
        ("name = \"numpy\"", "name = \"-r/etc/passwd\""),
    ] {
        assert_eq!(kind(from, to), "lock-damaged", "{to}");
    }
}

#[test]
fn packages_that_are_not_asked_for_are_not_used() {
    let numpy = "name = \"numpy\"\nversion = \"2.4.6\"";
    let more = |name: &str, via: &str| {
        let package = format!("name = \"{name}\"\nversion = \"1\"\nhashes = []\nvia = [\"{via}\"]");
        format!("{package}\n\n[[package]]\n{numpy}")
    };
    let file = |constraint: bool, text: &str| ReadFile {
        path: "r.txt".to_owned(),
        text: String::new(),
        constraint,
        content: crate::packages::requirements_file::parse(text).unwrap(),
    };
    let said = |asked: &[&str], files: &[ReadFile], to: &str| refused_by(&answered(asked), files, numpy, to);
    let same = |asked: &[&str], files: &[ReadFile]| said(asked, files, numpy);

    // The manifest, a file, a constraint and a framework each give a requirement.
    assert_eq!(
        said(&["NumPy>=2"], &[], "name = \"numpy-evil\"\nversion = \"2.4.6\""),
        "lock-untrusted: `envctl.lock` does not have `numpy`, and `NumPy>=2` is asked for"
    );
    assert_eq!(
        said(&["numpy>=2"], &[], "name = \"numpy\"\nversion = \"1.0\""),
        "lock-untrusted: `envctl.lock` has `numpy` as `1.0`, and `numpy>=2` is asked for"
    );
    assert!(same(&["numpy==2.4.*", "rich"], &[]).contains("does not have `rich`"));
    assert!(same(&[], &[file(false, "numpy<2\n")]).contains("`numpy<2` is asked for"));
    assert!(same(&[], &[file(true, "numpy<2\n")]).contains("`numpy<2` is asked for"));
    assert!(same(&["numpy @ https://files.example/numpy-2.4.6-py3-none-any.whl"], &[]).contains("as `2.4.6`"));
    let engine = "name = \"onnxruntime\"\nversion = \"1.20.1\"\nhashes";
    assert!(refused(engine, &engine.replace("1.20.1", "1.19.0")).contains("`onnxruntime==1.20.1` is asked for"));
    assert!(refused(engine, &engine.replace("runtime\"", "runtime-evil\"")).contains("does not have `onnxruntime`"));
    assert_eq!(
        said(&[], &[], &more("evil", "envctl.toml")),
        "lock-untrusted: `envctl.lock` has `evil`, and nothing asks for it"
    );
    assert!(said(&[], &[], &more("evil", "evil")).contains("nothing asks"));
    assert!(said(&[], &[], &more("numpy", "onnxruntime")).starts_with("lock-damaged: "));

    // A dependency that also has a direct request, and requests with a false marker for the target.
    for asked in [
        &["numpy>=2,<3"][..],
        &["numpy"],
        &["rich; python_version < '3'"],
        &["rich; extra == 'x' or platform_machine == 'aarch64'"],
        &["numpy<2; os_name == 'nt'", "numpy>2"],
    ] {
        assert_eq!(same(asked, &[]), "used", "{asked:?}");
    }
    assert_eq!(same(&["numpy<2; os_name == 'nt'"], &[]), "used");
    assert!(same(&["numpy<2; python_version >= '3.11'"], &[]).starts_with("lock-untrusted: "));
    assert_eq!(said(&[], &[], &more("pip", "envctl")), "used");
    assert_eq!(said(&[], &[], &more("dependency", "numpy")), "used");
    assert_eq!(same(&[], &[file(true, "rich<2\nnumpy<3\n")]), "used");
}

#[test]
fn frameworks_that_are_not_asked_for_are_not_used() {
    let mut manifest = answered(&[]);
    let mut ask = |version: &str| {
        let wish = crate::manifest::FrameworkRequest { version: version.parse().unwrap(), with: Vec::new(), gpu: true };
        manifest.frameworks.insert("onnxruntime".parse().unwrap(), located(wish));
        refused_by(&manifest, &[], "[inputs]", "[inputs]")
    };
    assert_eq!(ask("1.20"), "used");
    assert_eq!(
        ask(">=1.21"),
        "lock-untrusted: `envctl.lock` has `onnxruntime` as `1.20.1`, and `onnxruntime >=1.21` is asked for"
    );
    manifest.frameworks.clear();
    assert!(refused_by(&manifest, &[], "[inputs]", "[inputs]").contains("has `onnxruntime`, and nothing asks for it"));
    let mut manifest = answered(&[]);
    let wish = crate::manifest::FrameworkRequest {
        version: crate::version::VersionRequest::any(),
        with: Vec::new(),
        gpu: true,
    };
    manifest.frameworks.insert("jax".parse().unwrap(), located(wish));
    assert!(refused_by(&manifest, &[], "[inputs]", "[inputs]").contains("does not have `jax`"));
}

#[test]
fn what_the_project_names_itself_is_used() {
    let matrix = crate::matrix::Matrix::embedded();
    let trust = |text: &str, manifest: &Manifest, files: &[ReadFile]| {
        let project = Some(ProjectGrounds { manifest, files });
        parse(text, Path::new("envctl.lock")).unwrap().trusted(&Grounds { matrix: &matrix, project })
    };
    let line = "tool @ https://files.example/tool-1-py3-none-any.whl";
    let mut manifest = answered(&[]);
    manifest.python.packages.clear();
    assert!(trust(V1, &manifest, &[]).is_err());
    let content = crate::packages::requirements_file::parse(&format!("{line}#sha256=aa\n")).unwrap();
    let file = ReadFile { path: "r.txt".to_owned(), text: String::new(), constraint: false, content };
    assert_eq!(trust(V2, &manifest, &[file]).unwrap(), lock());
    manifest.python.packages.push(located(line.parse().unwrap()));
    assert_eq!(trust(V2, &manifest, &[]).unwrap(), lock());
    assert_eq!(trust(V1, &manifest, &[]).unwrap(), lock_of_v1());
    let own = V2.replace("os = \"debian:12\"\nimage = \"debian:12\"", "image = \"lab.example/base:1\"");
    assert!(trust(&own, &manifest, &[]).is_err());
    manifest.system.image = Some(located("lab.example/base:1".parse().unwrap()));
    assert!(trust(&own, &manifest, &[]).is_ok());
    let other = V2.replace("tool-1", "tool-2");
    assert!(trust(&other, &manifest, &[]).is_err());
}

#[test]
fn every_answer_of_the_data_here_is_a_choice_that_a_lock_may_make() {
    let matrix = crate::matrix::Matrix::embedded();
    let vocabulary = matrix.vocabulary();
    let mut seen = 0;
    for framework in matrix.frameworks() {
        for driver in ["450.80.02", "535.104.05", "590.44.01"] {
            let text = format!("[frameworks]\n{} = \"*\"\n[target]\ndriver = \"{driver}\"\n", framework.id);
            let manifest = Manifest::parse(Path::new("envctl.toml"), &text, "lab", &vocabulary).unwrap();
            let request = Request::new(&manifest, None, &crate::resolve::Overrides::default(), &matrix).unwrap();
            let Ok(resolution) = crate::resolve::resolve(&request, &matrix) else { continue };
            let decision = resolution.decision;
            let packages = packages_of(&decision);
            let lock = Lock { decision, packages, ..lock() };
            let project = Some(ProjectGrounds { manifest: &manifest, files: &[] });
            let written = parse(&to_text(&lock), Path::new("envctl.lock")).unwrap();
            assert_eq!(written.trusted(&Grounds { matrix: &matrix, project }).unwrap(), lock);
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen}");
}

/// Packages that satisfy the requests of the frameworks.
fn packages_of(decision: &Decision) -> Vec<LockedPackage> {
    let mut versions = BTreeMap::new();
    for framework in &decision.frameworks {
        for package in &framework.index_packages {
            versions.insert(package.clone(), "1".to_owned());
        }
        for pin in &framework.pins {
            let name = pin.parse::<crate::manifest::Requirement>().unwrap().package().to_string();
            let least = pin.split(">=").nth(1).or_else(|| pin.split("==").nth(1)).unwrap_or("0");
            versions.insert(name, least.split([',', ';']).next().unwrap().trim().replace(".*", ""));
        }
        versions.extend(framework.with.clone());
        let local = crate::matrix::rows::suffix(framework.local.as_deref());
        versions.insert(framework.package.clone(), format!("{}{local}", framework.version));
    }
    let template = lock().packages[0].clone();
    versions.into_iter().map(|(name, version)| LockedPackage { name, version, ..template.clone() }).collect()
}
