//! The matrix that the benchmark makes larger stays a valid one, and says the same.

use envctl::matrix::Matrix;
use envctl::resolve::{Conflict, ConflictFact, Resolution, resolve};

use crate::questions::{QUESTIONS, Question, lab};
use crate::scale::{scaled, with_patch};

/// What must not change with the size: everything but the number of the patch release.
fn essence(outcome: &Result<Resolution, Conflict>, times: u64) -> String {
    match outcome {
        Ok(found) => {
            let framework = |framework: &envctl::resolve::ResolvedFramework| {
                let version = with_patch(&framework.version, |patch| patch / times);
                let (variant, cuda, cudnn) = (&framework.variant, &framework.cuda, &framework.cudnn);
                format!("{} {version} {variant} {cuda:?} {cudnn:?}", framework.package)
            };
            let frameworks = found.frameworks.iter().map(framework).collect::<Vec<_>>();
            format!("{frameworks:?} {} {} {:?} {:?}", found.python, found.base_image, found.driver, found.buildable)
        }
        Err(conflict) => {
            let fact = |fact: &ConflictFact| format!("{} {}", fact.what, fact.value);
            let facts = conflict.facts.iter().map(fact).collect::<Vec<_>>();
            format!("{:?} {facts:?} {} ways out", conflict.kinds, conflict.suggestions.len())
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
