//! Laws for any request, on thousands of random ones.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use envctl::matrix::Matrix;
use envctl::resolve::{Axis, Base, Clash, Conflict, Request, Resolution, TargetDriver, WayOut, instead, resolve};
use envctl::ui::documents;
use envctl::version::VersionRequest;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed};

use crate::ask::{Ask, matrix, request};
use crate::twin::{Answer, twin};

thread_local! {
    static MATRIX: LazyCell<Matrix> = LazyCell::new(matrix);
}

/// Random, and the same in every run: a failure that comes and goes helps nobody.
fn config(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(20_261_121), failure_persistence: None, ..Config::default() }
}

/// A value or, more often, nothing.
fn maybe(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![2 => Just(String::new()), 1 => select(values).prop_map(str::to_owned)]
}

const VERSIONS: [(&str, &[&str]); 4] = [
    ("pytorch", &["", "2.0", "2.1", "2.4", "2.4.0", "2.6", "2.8", "2.10", "2.11", ">=2.4,<2.9", "2.99"]),
    ("jax", &["", "0.4", "0.5", "0.6", "0.7", "<0.6"]),
    ("tensorflow", &["", "1.4", "1.15", "2.6", "2.15", "2.18", "2.20", "<2"]),
    ("mindspore", &["", "1.0", "2.0"]),
];
const DRIVERS: &[&str] = &[
    "384.81",
    "410.47",
    "410.48",
    "418.39",
    "440.33",
    "450.80.01",
    "450.80.02",
    "470.82.01",
    "520.61.05",
    "525.60.12",
    "525.60.13",
    "535",
    "550.54.14",
    "560.28.03",
    "570.25",
    "570.26",
    "580.65.05",
    "580.65.06",
    "580",
    "590.44.01",
];
const GPUS: &[&str] = &["3.7", "5.2", "6.0", "6.1", "7.0", "7.5", "8.0", "8.6", "8.7", "8.9", "9.0", "12.0"];
const DAYS: &[&str] = &["2018-01-01", "2023-06-19", "2024-07-30", "2025-08-06", "2026-03-30"];
const CUDAS: &[&str] =
    &["9.0", "10.0", "11", "11.2", "11.8", "12", "12.1", "12.4", "12.4.1", "12.6", "12.7", "12.8", "13", "13.0"];
const CUDNNS: &[&str] = &["7", "8", "8.1", "8.9", "9", "9.1", "9.8", "9.10", "9.11", "9.13"];
const BASES: &[&str] =
    &["debian:12", "ubuntu:18.04", "ubuntu:20.04", "ubuntu:22.04", "ubuntu:24.04", "ubuntu:26.04", "fedora:40"];

fn frameworks() -> impl Strategy<Value = Vec<(String, String)>> {
    let one = select(&VERSIONS[..])
        .prop_flat_map(|(id, versions)| (Just(id), select(versions), prop::bool::weighted(0.1)))
        .prop_map(|(id, version, cpu)| (id.to_owned(), format!("{version}{}", if cpu { ":cpu" } else { "" })));
    let several = prop_oneof![1 => 0..=0usize, 12 => 1..=1usize, 6 => 2..=2usize, 1 => 3..=3usize];
    several
        .prop_flat_map(move |count| prop::collection::vec(one.clone(), count))
        .prop_map(|chosen| chosen.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect())
}

prop_compose! {
    fn any_ask()(
        frameworks in frameworks(),
        published in prop_oneof![3 => Just(String::new()), 1 => select(DAYS).prop_map(str::to_owned)],
        python in maybe(&[
            "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", ">=3.9,<3.12", ">=3.11", "<3.8",
        ]),
        requires in prop_oneof![4 => Just(""), 1 => select(&[">=3.8", "<3.10", ">=3.9.1,<3.11", ">=3.12", ">=3.99"][..])],
        cuda in maybe(CUDAS),
        cudnn in prop_oneof![3 => Just(String::new()), 1 => select(CUDNNS).prop_map(str::to_owned)],
        toolkit in prop_oneof![6 => Just(""), 1 => Just("runtime"), 1 => Just("devel")],
        base in maybe(BASES),
        driver in prop_oneof![1 => Just(String::new()), 2 => select(DRIVERS).prop_map(str::to_owned)],
        gpus in prop::collection::btree_set(select(GPUS), 0..3),
        arch in prop_oneof![5 => Just(""), 1 => Just("x86_64"), 2 => Just("aarch64"), 1 => Just("ppc64le")],
        cpu in prop::bool::weighted(0.1),
    ) -> Ask {
        // A manifest asks for a framework or for CUDA.
        let cuda = if frameworks.is_empty() && cuda.is_empty() { "12".to_owned() } else { cuda };
        let gpus = gpus.into_iter().map(str::to_owned).collect();
        let (toolkit, arch, requires) = (toolkit.to_owned(), arch.to_owned(), requires.to_owned());
        Ask { frameworks, published, python, requires, cuda, cudnn, toolkit, base, driver, gpus, arch, cpu }
    }
}

fn answer(resolution: &Resolution) -> Answer {
    let frameworks =
        resolution.decision.frameworks.iter().map(|f| format!("{} {} {}", f.name, f.version, f.variant)).collect();
    Answer { frameworks, python: resolution.decision.python.to_string(), image: resolution.decision.base_image.clone() }
}

/// The request with these facts alone.
fn only(request: &Request, axes: &[Axis]) -> Request {
    let has = |axis: Axis| axes.contains(&axis);
    let mut only = request.clone();
    let wishes = request.frameworks.iter().enumerate().filter(|(index, _)| has(Axis::Framework(*index)));
    only.frameworks = wishes
        .map(|(index, (id, wish))| {
            let mut wish = wish.clone();
            if !has(Axis::Release(index)) {
                wish.version.value = VersionRequest::any();
            }
            (id.clone(), wish)
        })
        .collect();
    only.published = only.published.filter(|_| has(Axis::Published));
    only.python = only.python.filter(|_| has(Axis::Python));
    only.requires_python = only.requires_python.filter(|_| has(Axis::RequiresPython));
    only.cuda = only.cuda.filter(|_| has(Axis::Cuda));
    only.cudnn = only.cudnn.filter(|_| has(Axis::Cudnn));
    only.toolkit = only.toolkit.filter(|_| has(Axis::Toolkit));
    only.target.arch = only.target.arch.filter(|_| has(Axis::Arch));
    if !has(Axis::Base) {
        only.base = Base::Open;
    }
    if !has(Axis::Driver) {
        only.target.driver = TargetDriver::Open;
    }
    let gpus = request.target.gpus.iter().enumerate().filter(|(index, _)| has(Axis::Gpu(*index)));
    only.target.gpus = gpus.map(|(_, gpu)| gpu.clone()).collect();
    only
}

fn axes(clash: &Clash) -> Vec<Axis> {
    clash.facts.iter().map(|fact| fact.axis).collect()
}

/// What is asked after a way out.
fn changed(ask: &Ask, way: &WayOut, matrix: &Matrix) -> Request {
    let mut overrides = ask.overrides();
    if let Some(target) = &way.target {
        overrides.machine.driver.clone_from(&target.driver);
        overrides.machine.capabilities.clone_from(&target.compute_capability);
    }
    ask.beside(request(&way.manifest, &overrides, matrix))
}

/// The axes without one. Without a framework, nothing is asked of its release.
fn without(axes: &[Axis], gone: Axis) -> Vec<Axis> {
    let stays = |axis: &&Axis| match (gone, **axis) {
        (Axis::Framework(a), Axis::Release(b)) => a != b,
        (_, kept) => kept != gone,
    };
    axes.iter().filter(stays).copied().collect()
}

fn is_minimal(request: &Request, axes: &[Axis], matrix: &Matrix) -> Result<(), TestCaseError> {
    prop_assert!(resolve(&only(request, axes), matrix).is_err(), "its facts alone resolve: {:?}", axes);
    for gone in axes {
        let rest = without(axes, *gone);
        prop_assert!(resolve(&only(request, &rest), matrix).is_ok(), "not needed: {:?} of {:?}", gone, axes);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn every_further_reason_is_minimal(ask in any_ask()) {
        MATRIX.with(|matrix| {
            let request = ask.request(matrix);
            let Err(Conflict { clashes, .. }) = resolve(&request, matrix) else { return Ok(()) };
            clashes.iter().skip(1).try_for_each(|clash| is_minimal(&request, &axes(clash), matrix))
        })?;
    }
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn it_agrees_with_its_brute_force_twin(ask in any_ask().prop_filter("CUDA alone has no twin", |ask| !ask.frameworks.is_empty())) {
        MATRIX.with(|matrix| {
            let request = ask.request(matrix);
            let found = resolve(&request, matrix).ok().map(|resolution| answer(&resolution));
            prop_assert_eq!(found, twin(&request, matrix));
            Ok(())
        })?;
    }

    #[test]
    fn every_conflict_is_minimal(ask in any_ask()) {
        MATRIX.with(|matrix| {
            let request = ask.request(matrix);
            let Err(Conflict { clashes, .. }) = resolve(&request, matrix) else { return Ok(()) };
            is_minimal(&request, &axes(&clashes[0]), matrix)
        })?;
    }

    #[test]
    fn every_way_out_resolves(ask in any_ask()) {
        MATRIX.with(|matrix| {
            let Err(conflict) = ask.resolve(matrix) else { return Ok(()) };
            for way in conflict.ways_out {
                let again = resolve(&changed(&ask, &way, matrix), matrix);
                prop_assert!(again.is_ok(), "{:?}: {}", way.remedies, again.unwrap_err());
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_meets_one_reason_alone_resolves_without_the_others(ask in any_ask()) {
        MATRIX.with(|matrix| {
            let Err(conflict) = ask.resolve(matrix) else { return Ok(()) };
            for clash in &conflict.clashes {
                for way in &clash.ways_out {
                    let changed = changed(&ask, way, matrix);
                    let again = resolve(&only(&changed, &axes(clash)), matrix);
                    prop_assert!(again.is_ok(), "{:?} of {:?}: {}", way.remedies, clash.facts, again.unwrap_err());
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_is_named_instead_can_be_built(ask in any_ask()) {
        MATRIX.with(|matrix| {
            for way in instead(&ask.request(matrix), matrix) {
                let again = resolve(&ask.beside(request(&way.manifest, &ask.overrides(), matrix)), matrix);
                prop_assert!(again.is_ok_and(|resolution| resolution.unbuildable.is_none()), "{:?}", way.remedies);
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_same_input_gives_the_same_bytes(ask in any_ask()) {
        MATRIX.with(|matrix| {
            let bytes = |request: &Request| match resolve(request, matrix) {
                Ok(resolution) => documents::resolution(&resolution).to_string(),
                Err(conflict) => documents::conflict(&conflict).to_string(),
            };
            let request = ask.request(matrix);
            prop_assert_eq!(bytes(&request), bytes(&request.clone()));
            Ok(())
        })?;
    }

    #[test]
    fn a_newer_driver_never_makes_it_worse(ask in any_ask(), newer in select(DRIVERS)) {
        MATRIX.with(|matrix| {
            let Ok(before) = ask.resolve(matrix) else { return Ok(()) };
            let newer = Ask { driver: newer.to_owned(), ..ask.clone() };
            let rank = |driver: &str| DRIVERS.iter().position(|known| *known == driver);
            let is_newer = !ask.driver.is_empty() && rank(&ask.driver) < rank(&newer.driver);
            match newer.resolve(matrix) {
                Ok(after) if is_newer => {
                    let first = |resolution: &Resolution| resolution.decision.frameworks.first().map(|f| f.version.clone());
                    prop_assert!(first(&after) >= first(&before));
                }
                Err(conflict) if is_newer => prop_assert_eq!(conflict.kind().as_str(), "driver-too-new"),
                _ => {}
            }
            Ok(())
        })?;
    }
}
