//! Each promise of a document names a test beside it, and the test exists.

use std::fs;

use crate::text::package;

#[test]
fn every_promise_of_security_names_a_test_that_exists() {
    let text = fs::read_to_string(package().join("docs/security.md")).unwrap();
    let promises = text.split("\n## What is out of reach").nth(1).unwrap();
    let wrong = without_a_test(promises.split("\n## What is not held").next().unwrap());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_invariant_of_the_architecture_names_a_test_that_exists() {
    let text = fs::read_to_string(package().join("ARCHITECTURE.md")).unwrap();
    let wrong = without_a_test(text.split("\n## Invariants").nth(1).unwrap());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The list items of a text that do not end in `file: test`, or that name a test which does not exist.
fn without_a_test(text: &str) -> Vec<String> {
    let promises: Vec<_> = text.lines().filter(|line| line.starts_with("- ")).collect();
    assert!(promises.len() > 5, "the text has no list of promises");
    let mut wrong = Vec::new();
    for promise in promises {
        let reference = promise.rsplit_once(" — `").map(|(_, reference)| reference.trim_end_matches('`'));
        match reference.and_then(|reference| reference.split_once(": ")) {
            Some((file, name)) if has_test(file, name) => {}
            Some((file, name)) => wrong.push(format!("no test `{name}` in `{file}`")),
            None => wrong.push(format!("no test: {promise}")),
        }
    }
    wrong
}

fn has_test(file: &str, name: &str) -> bool {
    let code = fs::read_to_string(package().join(file)).unwrap_or_default();
    code.contains(&format!("fn {name}("))
}
