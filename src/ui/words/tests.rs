//! Tests of every sentence about the resolver's values, and of a conflict's layout.
//!
//! They compare each text as the user reads it.

use super::{describe, misfit, note, notice, reason, sentence, way_out};
use crate::event::{
    NameHolder, NeededLibrary, Notice, OlderPackage, OverlayNotice, OverlayState, PackagesTry, PortHolder, SetAside,
};
use crate::manifest::{Arch, Toolkit};
use crate::matrix::Flavour;
use crate::resolve::{
    Asked, Axis, BaseChoice, BuildChoice, BuildsAsked, BuildsLack, Cause, ChoiceReason, Clash, Conflict, ConflictFact,
    ConflictKind, CudaLack, CudaNeed, FactOrigin, FactValue, FrameworkAsked, GpuSample, Misfit, NoGpu, Note,
    OpenQuestion, PackageNeed, PythonSource, Remedy, TargetGpu, UnknownGpu, WayOut,
};
use crate::ui::Paint;
use crate::ui::shown_errors::each_variant;

fn v<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn card() -> TargetGpu {
    TargetGpu { name: "NVIDIA GeForce RTX 5090".to_owned(), capability: v("12.0"), first_driver: None }
}

fn fact(axis: Axis, value: FactValue, origin: FactOrigin) -> ConflictFact {
    ConflictFact { axis, value, origin }
}

fn in_manifest(line: u32) -> FactOrigin {
    FactOrigin::Manifest { place: Some(format!("envctl.toml:{line}")), span: None }
}

fn driver() -> ConflictFact {
    fact(Axis::Driver, FactValue::Driver(v("440.33")), FactOrigin::CommandLine("--driver"))
}

fn clash(cause: Cause, facts: Vec<ConflictFact>) -> Clash {
    Clash { kinds: vec![ConflictKind::PythonUnsupported], facts, cause, ceiling: None, ways_out: Vec::new() }
}

fn change(remedies: Vec<Remedy>) -> WayOut {
    WayOut { remedies, manifest: String::new(), target: None }
}

fn builds(any: bool) -> BuildsAsked {
    let (framework, asked) = (v("pytorch"), v("2.4"));
    BuildsAsked { framework, asked, any, met: Vec::new() }
}

fn framework(id: &str, releases: Option<&str>) -> FrameworkAsked {
    FrameworkAsked { id: v(id), releases: releases.map(v) }
}

fn lines(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().map(|text| text + "\n").collect()
}

#[test]
fn causes_about_builds() {
    let narrowed = BuildsAsked {
        met: vec![FactValue::Python(v("3.11")), FactValue::Cuda(v("12.4")), FactValue::Cudnn(v("9"))],
        ..builds(false)
    };
    let lacks = [
        (builds(false), BuildsLack::Release),
        (builds(true), BuildsLack::GpuBuild { newest: Some(v("2.11.0")) }),
        (builds(false), BuildsLack::Arch { arch: Arch::Aarch64, gpu: true, known: vec![Arch::X86_64] }),
        (builds(false), BuildsLack::Arch { arch: Arch::Ppc64le, gpu: false, known: vec![Arch::X86_64, Arch::Aarch64] }),
        (builds(false), BuildsLack::Python { python: v("3.13"), known: ["3.8", "3.9", "3.10"].map(v).into() }),
        (builds(true), BuildsLack::Python { python: v("3.13"), known: ["3.8", "3.10"].map(v).into() }),
        (builds(false), BuildsLack::Cuda { cuda: v("12.6"), known: ["11.8", "12.1"].map(v).into() }),
        (builds(false), BuildsLack::Cudnn { cudnn: v("8"), known: vec![v("9.1.0.70")] }),
        (builds(false), BuildsLack::Glibc { needed: Some(v("2.28")), base: Some(("ubuntu:18.04".into(), v("2.27"))) }),
        (builds(true), BuildsLack::Glibc { needed: Some(v("2.28")), base: None }),
        (narrowed, BuildsLack::Code { gpus: vec![card()], compiled: vec![v("8.0"), v("9.0")], driver: None }),
        (builds(false), BuildsLack::Code { gpus: vec![card()], compiled: vec![], driver: Some(v("570.26")) }),
        (
            builds(true),
            BuildsLack::Code {
                gpus: vec![card(), TargetGpu { name: "7.0".to_owned(), capability: v("7.0"), first_driver: None }],
                compiled: vec![],
                driver: None,
            },
        ),
        (builds(false), BuildsLack::Kernels(card())),
        (builds(true), BuildsLack::Driver { floor: Some(v("450.80.02")), gpu: None }),
        (builds(false), BuildsLack::Driver { floor: None, gpu: Some(card()) }),
    ];
    let causes = lacks.map(|(of, lack)| sentence(&clash(Cause::Builds { of, lack }, vec![driver()])));
    insta::assert_snapshot!(lines(causes));
}

#[test]
fn other_causes() {
    let cuda = |cuda: Option<&str>, lack| Cause::Cuda { cuda: cuda.map(v), cudnn: Some(v("9.8")), lack };
    let both = || vec![framework("jax", None), framework("pytorch", Some("2.4"))];
    let base = |id: &str| Some(id.to_owned());
    let image = |framework, cuda_asked| Cause::NoImage {
        need: CudaNeed { cuda: v("12.4"), flavour: Flavour::Devel, cudnn: Some(v("9")), asked: true },
        base: base("debian:12"),
        framework,
        cuda_asked,
    };
    let two = vec![v("11.8"), v("12.4")];
    let need = |framework: &str, requirement: &str| PackageNeed {
        framework: v(framework),
        version: v("2.4.1"),
        requirement: requirement.to_owned(),
    };
    let causes = [
        Cause::NoGpu(NoGpu::Nothing),
        Cause::NoGpu(NoGpu::NoDriver),
        Cause::NoGpu(NoGpu::NotShown),
        Cause::DriverTooNew { gpu: card(), last: 470 },
        Cause::DriverTooOld { gpu: card(), first: v("570.26") },
        Cause::UnknownCuda { asked: Some(v("12.7")), newest: Some(v("13.0")) },
        Cause::UnknownRelease { framework: v("pytorch"), asked: v("2.99"), newest: Some(v("2.11.0")) },
        Cause::UnknownRelease { framework: v("pytorch"), asked: v(">=3"), newest: None },
        cuda(Some("13.0"), CudaLack::Driver(Some(v("580.65.06")))),
        cuda(Some("13.0"), CudaLack::Code(card())),
        cuda(Some("13.0"), CudaLack::Arch { arch: Arch::Ppc64le, last: Some(v("12.4")) }),
        cuda(Some("13.0"), CudaLack::Kernels(card())),
        cuda(Some("13.0"), CudaLack::Cudnn { newest: None }),
        cuda(None, CudaLack::Driver(Some(v("450.80.02")))),
        cuda(None, CudaLack::Code(card())),
        cuda(None, CudaLack::Arch { arch: Arch::Ppc64le, last: None }),
        cuda(None, CudaLack::Kernels(card())),
        cuda(None, CudaLack::Cudnn { newest: Some(v("9.13")) }),
        Cause::NoCommonPython(vec![
            (framework("pytorch", None), vec![v("3.8"), v("3.9"), v("3.10")]),
            (framework("tensorflow", Some("1.15")), vec![v("3.7")]),
        ]),
        Cause::Packages {
            frameworks: vec![framework("jax", Some("0.7")), framework("pytorch", Some("2.4"))],
            needs: vec![need("jax", "nvidia-cudnn-cu12>=9.8,<10"), need("pytorch", "nvidia-cudnn-cu12==9.1.0.70")],
        },
        Cause::NoPython(both()),
        Cause::UnknownBase { base: base("fedora:40"), near: Vec::new() },
        Cause::UnknownBase { base: base("ubuntu:22.4"), near: vec!["ubuntu:22.04".to_owned()] },
        image(None, true),
        image(Some((framework("pytorch", Some("2.4")), two.clone())), true),
        image(Some((framework("pytorch", Some("2.4")), two)), false),
        Cause::BaseWithoutArch { base: base("debian:12"), arch: Arch::Ppc64le },
        Cause::GlibcTooOld { frameworks: both(), base: None },
        Cause::Undecided { steps: 2_000_000, question: OpenQuestion::WhetherItFits },
        Cause::Undecided { steps: 2_000_000, question: OpenQuestion::WhichFactsClash },
    ];
    insta::assert_snapshot!(lines(causes.map(|cause| sentence(&clash(cause, vec![driver()])))));
}

#[test]
fn changes() {
    let sample = |products: &[&str]| GpuSample {
        capability: v("8.6"),
        products: products.iter().map(|name| (*name).to_owned()).collect(),
    };
    let remedies = [
        Remedy::Framework { id: v("pytorch"), version: v("2.7") },
        Remedy::Drop { id: v("jax") },
        Remedy::Cuda(Some(v("12.1"))),
        Remedy::Cuda(None),
        Remedy::Cudnn(Some(v("9.1"))),
        Remedy::Cudnn(None),
        Remedy::Python(v("3.12")),
        Remedy::Base("ubuntu:24.04".to_owned()),
        Remedy::Toolkit(Toolkit::None),
        Remedy::Cpu,
        Remedy::Optional,
        Remedy::TargetDriver(v("525.60.13")),
        Remedy::TargetGpus(vec!["A100".to_owned(), "H100".to_owned()]),
        Remedy::NewerDriver(v("525.60.13")),
        Remedy::DriverBranch(470),
        Remedy::WithoutGpus(vec!["K80".to_owned()]),
        Remedy::OtherGpu(sample(&[])),
        Remedy::OtherGpu(sample(&["A10", "RTX 3090"])),
        Remedy::OtherMachine { gpu: sample(&["A10"]), driver: v("525.60.13") },
    ];
    let both = change(vec![Remedy::Python(v("3.12")), Remedy::NewerDriver(v("525.60.13"))]);
    let each = remedies.map(|remedy| way_out(&change(vec![remedy])));
    insta::assert_snapshot!(lines(each.into_iter().chain([way_out(&both)])));
}

#[test]
fn notes() {
    let notes = [
        Note::NoGpu(NoGpu::NoDriver),
        Note::UnknownRelease { framework: v("pytorch"), version: v("2.99.0") },
        Note::UnknownGpu(UnknownGpu::Product("RTX 9999".to_owned())),
        Note::UnknownGpu(UnknownGpu::NoCapability("NVIDIA Graphics Device".to_owned())),
        Note::UnknownGpu(UnknownGpu::NoName(3)),
        Note::MinorVersion { driver: v("470.82.01"), cuda: v("11.8"), toolkit: v("520.61.05") },
        Note::DriverBranch { driver: v("535"), from: v("535.54.03") },
        Note::FirstDriver { gpu: card(), first: v("570.26") },
        Note::LastDriver { gpu: card(), last: v("580.65.06") },
        Note::CappedCudnn { requirement: "nvidia-cudnn-cu12<9.11".to_owned(), gpu: card() },
        Note::PinnedCudnn { framework: v("jax"), cudnn: v("9.13.0.50"), gpu: card() },
        Note::UnpublishedCode(vec![v("mindspore"), v("mxnet")]),
        Note::OutdatedBase { os: "ubuntu:18.04".to_owned(), since: "2023-05-31".to_owned() },
        Note::UncheckedImage("lab/base:1".to_owned()),
        Note::Meaning { framework: v("pytorch"), asked: v("2.4") },
    ];
    insta::assert_snapshot!(lines(notes.iter().map(note)));
}

#[test]
fn misfits() {
    let misfits = [
        Misfit::Release,
        Misfit::NoGpuBuild,
        Misfit::Arch { arch: Arch::Aarch64, gpu: true },
        Misfit::Arch { arch: Arch::Aarch64, gpu: false },
        Misfit::Python(v("3.13")),
        Misfit::Cuda(Some(v("12.1"))),
        Misfit::Cuda(None),
        Misfit::Cudnn(Some(v("8.9"))),
        Misfit::Glibc(Some(v("2.28"))),
        Misfit::Code { gpu: card(), cuda: Some(v("12.1")) },
        Misfit::Kernels { gpu: card(), cudnn: Some(v("9.13")) },
        Misfit::Driver { floor: Some(v("525.60.13")), cuda: Some(v("12.1")) },
        Misfit::DriverAndGpu,
        Misfit::Combination,
        Misfit::Base,
        Misfit::Undecided,
    ];
    insta::assert_snapshot!(lines(misfits.iter().map(misfit)));
}

#[test]
fn reasons() {
    let build = |why| ChoiceReason::Build { framework: v("pytorch"), variant: "cu121".to_owned(), why };
    let release = |asked: Option<&str>, newer| ChoiceReason::Release {
        framework: v("pytorch"),
        version: v("2.4.1"),
        asked: asked.map(v),
        newer,
    };
    let python = |source, asked, common| ChoiceReason::Python {
        version: v("3.11"),
        source,
        os: Some("ubuntu:24.04".to_owned()),
        image: "lab/base:1".to_owned(),
        asked,
        common,
    };
    let base = |why| ChoiceReason::Base { image: "ubuntu:24.04".to_owned(), why };
    let reasons = [
        release(None, None),
        release(Some("2.4"), Some((v("2.4.2"), Misfit::Python(v("3.8"))))),
        build(BuildChoice::Only),
        build(BuildChoice::Default),
        build(BuildChoice::NewestCuda { default: "cu124".to_owned(), misfit: Misfit::Combination }),
        ChoiceReason::Cuda { version: v("12.4"), asked: Some(v("12")) },
        ChoiceReason::Cuda { version: v("12.4"), asked: None },
        python(PythonSource::Distribution, false, vec![v("3.10"), v("3.11"), v("3.12")]),
        python(PythonSource::Managed, true, Vec::new()),
        python(PythonSource::Image, false, Vec::new()),
        base(BaseChoice::Image),
        base(BaseChoice::Distribution),
        base(BaseChoice::DistributionWithCuda),
        base(BaseChoice::WithCuda),
        base(BaseChoice::ShipsPython),
        base(BaseChoice::Newest),
    ];
    let line = |one: &ChoiceReason| {
        let words = reason(one);
        format!("{} {}: {}", words.what, words.value, words.why)
    };
    insta::assert_snapshot!(lines(reasons.iter().map(line)));
}

/// A conflict with two reasons, as for `pytorch = "2.4"` on Python 3.13 with an old driver, and a third with names in
/// wide characters.
fn conflict() -> Conflict {
    let version: Asked<crate::version::VersionRequest> = Asked { value: v("2.4"), origin: in_manifest(2) };
    let of_framework = |index: Option<usize>| {
        let framework = fact(Axis::Framework(0), FactValue::Framework(v("pytorch")), in_manifest(2));
        let release =
            index.map(|at| fact(Axis::Release(at), FactValue::Release(version.value.clone()), in_manifest(2)));
        [framework].into_iter().chain(release).collect::<Vec<_>>()
    };
    let python = fact(Axis::Python, FactValue::Python(v("3.13")), in_manifest(5));
    let known = ["3.8", "3.9", "3.10"].map(v).into();
    let lack = BuildsLack::Python { python: v("3.13"), known };
    let mut first =
        clash(Cause::Builds { of: builds(false), lack }, of_framework(Some(0)).into_iter().chain([python]).collect());
    first.ways_out = vec![change(vec![Remedy::Python(v("3.10"))])];
    let lack = BuildsLack::Driver { floor: Some(v("450.80.02")), gpu: None };
    let facts = of_framework(None).into_iter().chain([driver()]).collect();
    let mut second = clash(Cause::Builds { of: builds(true), lack }, facts);
    second.kinds = vec![ConflictKind::DriverTooOld];
    let base =
        fact(Axis::Base, FactValue::Base("研究室/基盤:最新".to_owned()), FactOrigin::Host("研究室の設定".to_owned()));
    let third = clash(Cause::UnknownBase { base: Some("研究室/基盤:最新".to_owned()), near: Vec::new() }, vec![base]);
    let ways_out = vec![change(vec![Remedy::Python(v("3.10")), Remedy::NewerDriver(v("450.80.02"))])];
    Conflict { clashes: vec![first, second, third], ways_out }
}

#[test]
fn an_error_in_one_line_says_each_reason() {
    let words = super::ErrorWords::of(&conflict()).sentence;
    for clash in &conflict().clashes {
        assert!(words.contains(&super::sentence(clash)), "{words}");
    }
}

#[test]
fn several_reasons_are_a_list_that_wraps_at_words() {
    for width in [60, 80, 120] {
        insta::assert_snapshot!(format!("conflict_{width}"), describe(&conflict(), Some(width), Paint(false)));
    }
}

#[test]
fn colour_changes_no_layout() {
    let (plain, colored) =
        (describe(&conflict(), Some(80), Paint(false)), describe(&conflict(), Some(80), Paint(true)));
    assert_ne!(plain, colored);
    assert_eq!(colored.lines().map(crate::ui::plain::without_colors).collect::<Vec<_>>().join("\n") + "\n", plain);
}

#[test]
fn one_reason_is_no_list() {
    let mut conflict = conflict();
    conflict.clashes.truncate(1);
    conflict.clashes[0].ceiling = Some(v("12.4"));
    insta::assert_snapshot!(describe(&conflict, Some(80), Paint(false)));
}

#[test]
fn notices() {
    let name = || "lab".to_owned();
    let damaged = || SetAside { path: "/s/host_ed25519".into(), aside: "/s/host_ed25519.damaged".into() };
    let id = || "lab-1f2e3d".to_owned();
    let overlay = |state| OverlayNotice { source: "https://lab.example/rows".to_owned(), state };
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (refused, image) = (|| "Connection refused".to_owned(), || "envctl/lab:1".to_owned());
    let needed = |library: &str, package: Option<&str>, owner: Option<&str>| NeededLibrary {
        library: library.to_owned(),
        package: package.map(str::to_owned),
        file: "lib/python3.11/site-packages/x/_x.so".to_owned(),
        owner: owner.map(str::to_owned),
    };
    let notices = each_variant![Notice;
        Overlay (overlay(OverlayState::NeverFetched)),
        Overlay (overlay(OverlayState::OtherDigest)),
        Overlay (overlay(OverlayState::Damaged)),
        Overlay (overlay(OverlayState::NoFolder)),
        Overlay (overlay(OverlayState::Unreadable)),
        Overlay (overlay(OverlayState::OtherEnvctl)),
        Overlay (overlay(OverlayState::Old { days: 45 })),
        KeyWithoutEffect ("run.restart".to_owned()),
        FileNotRead ("requirements.txt".to_owned()),
        NoTemplate { error: "there is no template for `alpine:3.20`".to_owned() },
        DataAge { checked: "2026-01-31".to_owned() },
        ReadingPublished { framework: "jax".to_owned() },
        ComparingReleases { count: 12, framework: "jax".to_owned() },
        FetchingUv { version: "0.9.1".to_owned() },
        AskingSources {},
        OlderWithoutBuilds (vec![OlderPackage {
            name: "hydra-core".to_owned(),
            locked: "0.11.3".to_owned(),
            newest: "1.3.2".to_owned(),
            without_wheel: vec!["antlr4-python3-runtime".to_owned()],
        }]),
        WentBack {
            tried: vec![PackagesTry {
                python: "3.14".to_owned(),
                frameworks: vec!["jax 0.12.0".to_owned()],
                refused: vec!["scikit-learn".to_owned()],
                reason: "scikit-learn==1.3.2 has no usable wheels".to_owned(),
            }],
            found: vec!["jax 0.7.1".to_owned(), "Python 3.12".to_owned()],
        },
        LibrariesAdded (vec![
            needed("libGL.so.1", Some("libgl1"), Some("opencv-python")),
            needed("libSM.so.6", Some("libsm6"), Some("opencv-python")),
            needed("libpq.so.5", Some("libpq5"), None),
        ]),
        LibrariesMissing (vec![
            needed("libodd.so.1", None, Some("odd")),
            needed("libSM.so.6", Some("libsm6"), None),
        ]),
        NotImported { framework: "cupy".to_owned(), library: "libcuda.so.1".to_owned() },
        Waiting {},
        WaitingForStart {},
        StateDamaged (SetAside { path: "/s/state.json".into(), aside: "/s/state.json.damaged".into() }),
        ContainerRenamed { from: "mine".to_owned(), to: "envctl-lab".to_owned() },
        HostKeyFound { damaged: None },
        HostKeyFound { damaged: Some(damaged()) },
        HostKeyReplaced { damaged: damaged() },
        ClientKeyMade { path: "/s/id_ed25519".into() },
        PortMoved { from: 2222, to: 2223, holder: PortHolder::Container("other".to_owned()) },
        PortMoved { from: 2222, to: 2223, holder: PortHolder::Process { pid: 812, name: "sshd".to_owned() } },
        PortMoved { from: 2222, to: 2223, holder: PortHolder::Unknown },
        PortLost { from: 2222, to: 2223 },
        LimitRefused { limit: "memlock".to_owned(), reason: "operation not permitted".to_owned() },
        RefusedHere {},
        NoGpu {},
        GpuRoute { route: "cdi" },
        NameHeld { name: name(), holder: NameHolder::Configuration, id: id() },
        NameHeld { name: name(), holder: NameHolder::Environment, id: id() },
        NameHeld { name: name(), holder: NameHolder::Machine("/etc/hosts".into()), id: id() },
        NameHeld { name: name(), holder: NameHolder::ThisMachine, id: id() },
        PassphraseNeeded { name: name() },
        NotAuthorized { name: name() },
        LoginShellEnds { name: name(), code: 3 },
        SshFails { name: name(), reason: refused(), unheeded: texts(&[]) },
        SshFails { name: name(), reason: refused(), unheeded: texts(&["port", "user"]) },
        VolumeStays { volume: "data".to_owned() },
        ImageStays { image: image(), users: texts(&[]) },
        ImageStays { image: image(), users: texts(&["other", "third"]) },
        CommandFailed { line: "sudo usermod -aG docker me".to_owned(), status: "exit code 1".to_owned() },
        LoginTooOld {},
        Wrote ("quickstart/envctl.toml".into()),
        NoRegistry {},
    ];
    insta::assert_snapshot!(lines(notices.iter().map(|said| format!("{:?}: {}", said.level(), notice(said)))));
}
