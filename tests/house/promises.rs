//! What a document promises, a test keeps: each is named beside its promise, and is there.

use std::fs;

use crate::text::package;

/// Each promise of `docs/security.md` is a list item that ends in `file: test`.
#[test]
fn every_promise_of_security_names_a_test_that_exists() {
    let text = fs::read_to_string(package().join("docs/security.md")).unwrap();
    let promises = text.split("\n## What is out of reach").nth(1).unwrap();
    let promises = promises.split("\n## What is not held").next().unwrap();
    let mut wrong = Vec::new();
    for promise in promises.lines().filter(|line| line.starts_with("- ")) {
        let reference = promise.rsplit_once(" — `").map(|(_, reference)| reference.trim_end_matches('`'));
        match reference.and_then(|reference| reference.split_once(": ")) {
            Some((file, name)) if has_test(file, name) => {}
            Some((file, name)) => wrong.push(format!("no test `{name}` in `{file}`")),
            None => wrong.push(format!("no test: {promise}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn has_test(file: &str, name: &str) -> bool {
    let code = fs::read_to_string(package().join(file)).unwrap_or_default();
    code.contains(&format!("fn {name}("))
}
