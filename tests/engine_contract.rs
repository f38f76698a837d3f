//! The fake keeps the engine's contract.

mod contract;

use contract::Bench;
use envctl::engine::fake::Fake;

async fn bench(name: &str) -> Bench<Fake> {
    Bench { engine: Fake::new(), image: "debian:12".into(), prefix: format!("envctl-test-{name}") }
}

contract!(bench);
