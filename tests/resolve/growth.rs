//! The enlarged matrix of the benchmark is valid and gives the same answers.

use envctl::matrix::rows::{FrameworkFile, GpuRow};
use envctl::matrix::{Matrix, Tables};
use envctl::resolve::{Answers, Cause, Conflict, OpenQuestion, Request, Resolution, resolve};

use crate::ask::{Ask, matrix};
use crate::questions::{QUESTIONS, Question, lab};
use crate::scale::{scaled, with_patch};

/// What must not change with the size: everything but the number of the patch release.
fn essence(outcome: &Result<Resolution, Conflict>, times: u64) -> String {
    match outcome {
        Ok(found) => {
            let framework = |framework: &envctl::resolve::DecidedFramework| {
                let version = with_patch(&framework.version, |patch| patch / times);
                let (variant, cuda, cudnn) = (&framework.variant, &framework.cuda, &framework.cudnn);
                format!("{} {version} {variant} {cuda:?} {cudnn:?}", framework.package)
            };
            let frameworks = found.decision.frameworks.iter().map(framework).collect::<Vec<_>>();
            format!(
                "{frameworks:?} {} {} {:?} {:?}",
                found.decision.python, found.decision.base_image, found.decision.driver, found.unbuildable
            )
        }
        Err(conflict) => {
            let facts = conflict.clashes.iter().flat_map(|clash| &clash.facts);
            let facts = facts.map(|fact| (fact.axis, &fact.value)).collect::<Vec<_>>();
            format!("{:?} {facts:?} {} ways out", conflict.kinds(), conflict.ways_out.len())
        }
    }
}

#[test]
fn a_larger_matrix_is_valid() {
    assert_eq!(scaled(&Matrix::embedded(), 3).check(), []);
}

#[test]
fn a_larger_matrix_gives_the_same_answers() {
    const TIMES: u64 = 10;
    let (small, large) = (Matrix::embedded(), scaled(&Matrix::embedded(), TIMES));
    for question @ Question { name, fits, .. } in &QUESTIONS {
        let before = resolve(&question.request(&small), &small);
        let after = resolve(&question.request(&large), &large);
        assert_eq!(before.is_ok(), *fits, "{name}: {before:?}");
        assert_eq!(essence(&before, 1), essence(&after, TIMES), "{name}");
    }
    for (before, after) in lab(&small, 16, true).iter().zip(lab(&large, 16, true)) {
        assert_eq!(essence(&resolve(before, &small), 1), essence(&resolve(&after, &large), TIMES));
    }
}

/// The answer to a question about releases of any number, and the steps that it took.
fn counted(matrix: &Matrix, frameworks: &[&str], driver: &str, gpus: &[&str]) -> (Result<Resolution, Conflict>, u64) {
    let frameworks = frameworks.iter().map(|id| ((*id).to_owned(), "*".to_owned())).collect();
    let gpus = gpus.iter().map(|gpu| (*gpu).to_owned()).collect();
    let ask = Ask { frameworks, driver: driver.to_owned(), gpus, ..Ask::default() };
    answered(matrix, &ask.request(matrix))
}

fn answered(matrix: &Matrix, request: &Request) -> (Result<Resolution, Conflict>, u64) {
    let answers = Answers::of(matrix);
    let answer = answers.answer(request);
    (answer, answers.steps())
}

/// Any release of every framework of the matrix, also of those that no manifest can name.
fn everything(matrix: &Matrix, driver: &str) -> Request {
    let frameworks = vec![("pytorch".to_owned(), "*".to_owned())];
    let mut request = Ask { frameworks, driver: driver.to_owned(), ..Ask::default() }.request(matrix);
    let wish = request.frameworks.values().next().unwrap().clone();
    request.frameworks = matrix.frameworks().map(|framework| (framework.id.clone(), wish.clone())).collect();
    request
}

const EIGHT: [&str; 8] = ["pytorch", "tensorflow", "jax", "paddle", "mindspore", "mxnet", "onnxruntime", "cupy"];

#[test]
fn eight_open_frameworks_take_at_most_ten_times_the_steps_of_five_of_them() {
    let matrix = Matrix::embedded();
    let fives = (0..8).map(|first| [0, 1, 2, 3, 4].map(|place| EIGHT[(first + place) % 8])).collect::<Vec<_>>();
    for gpus in
        [&["K80", "V100", "A100", "H100"][..], &["P100", "V100", "T4", "A100"], &["V100", "A100", "H100", "B200"], &[]]
    {
        for driver in ["", "450.80.02", "535"] {
            let (_, eight) = counted(&matrix, &EIGHT, driver, gpus);
            let five = fives.iter().map(|five| counted(&matrix, five, driver, gpus).1).max().unwrap();
            assert!(eight <= 10 * five, "{five} steps for five, {eight} for eight: driver {driver:?}, {gpus:?}");
        }
    }
}

#[test]
fn four_hundred_gpus_take_a_few_times_the_steps_of_four() {
    let mut tables = Tables::from(&Matrix::embedded());
    let known = tables.gpus.clone();
    let names = (0..400).map(|place| format!("card {place}")).collect::<Vec<_>>();
    tables.gpus.extend(names.iter().enumerate().map(|(place, name)| GpuRow {
        name: name.clone(),
        aliases: Vec::new(),
        ..known[place % known.len()].clone()
    }));
    let matrix = Matrix::from(tables);
    let names = names.iter().map(String::as_str).collect::<Vec<_>>();
    for frameworks in [&["pytorch"][..], &["jax", "pytorch", "tensorflow"]] {
        let (_, few) = counted(&matrix, frameworks, "535", &["K80", "V100", "H100", "B200"]);
        let (answer, many) = counted(&matrix, frameworks, "535", &names);
        assert!(!answer.unwrap_err().clashes[0].facts.is_empty());
        assert!(many <= 20 * few, "{few} steps for four, {many} for 400: {frameworks:?}");
    }
}

#[test]
fn sixty_four_frameworks_are_answered_in_the_steps_of_a_few_searches() {
    let mut tables = Tables::from(&Matrix::embedded());
    let namesake = |file: &FrameworkFile, copy: u32| {
        let mut file = file.clone();
        file.framework.id = format!("{}-{copy}", file.framework.id).parse().unwrap();
        file.framework.aliases.clear();
        file
    };
    let copies = tables.frameworks.iter().flat_map(|file| (2..=8).map(|copy| namesake(file, copy))).collect::<Vec<_>>();
    tables.frameworks.extend(copies);
    let matrix = Matrix::from(tables);
    for driver in ["450.80.02", "535"] {
        let request = everything(&matrix, driver);
        assert_eq!(request.frameworks.len(), 64);
        let (answer, steps) = answered(&matrix, &request);
        if let Err(conflict) = answer {
            assert_ne!(conflict.kind().as_str(), "search-budget", "{conflict}");
        }
        assert!(steps <= 6_500_000, "{steps} steps: driver {driver}");
    }
}

/// More frameworks than there are releases of a package, each of which wants one of them for itself: nothing fits, and nothing
/// shorter than trying tells so.
#[test]
fn a_search_that_does_not_end_is_given_up_and_says_so() {
    const PLACES: usize = 10;
    let mut tables = Tables::from(&matrix());
    let model = tables.frameworks.iter().find(|file| file.framework.id.as_str() == "pytorch").unwrap().clone();
    let release = |framework: usize, place: usize| {
        let mut release = model.releases.last().unwrap().clone();
        release.version = format!("1.{place}").parse().unwrap();
        release.builds.truncate(1);
        release.builds[0].shared = Some([(format!("nvidia-place-{place}"), format!("=={framework}"))].into());
        release
    };
    let guest = |framework: usize| {
        let mut file = model.clone();
        if framework > 0 {
            file.framework.id = format!("guest-{framework}").parse().unwrap();
            file.framework.aliases.clear();
        }
        file.releases = (0..PLACES).map(|place| release(framework, place)).collect();
        file
    };
    tables.frameworks = (0..=PLACES).map(guest).collect();
    let matrix = Matrix::from(tables);
    let mut request = everything(&matrix, "");
    let (answer, steps) = answered(&matrix, &request);
    let conflict = answer.unwrap_err();
    assert_eq!(conflict.kind().as_str(), "search-budget");
    let [clash] = &conflict.clashes[..] else { panic!("{conflict:?}") };
    assert!(clash.facts.is_empty() && conflict.ways_out.is_empty(), "nothing is claimed: {conflict:?}");
    assert!(matches!(clash.cause, Cause::Undecided { question: OpenQuestion::WhetherItFits, .. }), "{clash:?}");
    assert!(steps < 2_100_000, "{steps}");
    // Room for all.
    request.frameworks.pop_last();
    assert!(resolve(&request, &matrix).is_ok());
}
