//! Docker keeps the engine's contract.

use envctl::engine::docker::Docker;

use crate::contract::{self, Bench};
use crate::harness;

async fn bench(name: &str) -> Bench<Docker> {
    Bench { engine: harness::docker(), image: harness::base().to_owned(), prefix: harness::name(name) }
}

crate::contract!(bench);
