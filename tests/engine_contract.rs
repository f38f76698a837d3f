//! The fake keeps the contract of an engine.

#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]

mod contract;

use contract::Bench;
use envctl::engine::fake::Fake;

fn bench(name: &str) -> Bench<Fake> {
    Bench { engine: Fake::new(), image: "debian:12".into(), prefix: format!("envctl-test-{name}") }
}

contract!(bench);
