//! Base images made from a distribution's own packages.

use std::path::Path;

use envctl::bootstrap::{self, BaseRequest, BootstrapError, BootstrappedBase};
use envctl::engine::ImageStore;
use envctl::error::Report;
use envctl::event::Event;
use envctl::matrix::Matrix;
use envctl::system::System;

use crate::harness::{self, Seen};

/// Another than the other tests work on: its image is removed here.
const DISTRIBUTION: &str = "debian:13";

impl Seen {
    /// Whether packages were unpacked since the last look.
    fn made(&self) -> bool {
        self.0.take().iter().any(|event| matches!(event, Event::BuildStep(_)))
    }
}

fn system(cache: &Path) -> System {
    let mut system = harness::system();
    system.variables.insert("XDG_CACHE_HOME".to_owned(), cache.display().to_string());
    system
}

async fn ensure(system: &System, seen: &Seen) -> Result<BootstrappedBase, BootstrapError> {
    let matrix = Matrix::embedded();
    let distribution = matrix.distribution(DISTRIBUTION).unwrap();
    let wanted = BaseRequest { distribution, refresh: false, mirror: None };
    bootstrap::ensure_base(&harness::docker(), system, wanted, seen).await
}

#[tokio::test]
async fn a_base_is_made_once_and_then_found() {
    let _alone = harness::TRIXIE.lock().await;
    let cache = tempfile::tempdir().unwrap();
    let (system, seen, engine) = (system(cache.path()), Seen::default(), harness::docker());
    let made = ensure(&system, &seen).await.unwrap();
    assert!(seen.made());
    assert!(made.reference.starts_with("envctl.invalid/debian-13:"), "{}", made.reference);
    let state = engine.image(&made.reference).await.unwrap().unwrap();
    assert_eq!(state.labels["envctl.base"], DISTRIBUTION);

    assert_eq!(ensure(&system, &seen).await.unwrap(), made);
    assert!(!seen.made(), "found in the engine");

    engine.remove_image(&made.reference).await.unwrap();
    assert_eq!(ensure(&system, &seen).await.unwrap(), made);
    assert!(!seen.made(), "loaded from the cache");

    let elsewhere = tempfile::tempdir().unwrap();
    let again = ensure(&self::system(elsewhere.path()), &seen).await.unwrap();
    assert!(seen.made());
    assert_eq!(again, made, "the same packages make the same image");
    engine.remove_image(&made.reference).await.unwrap();
}

#[tokio::test]
async fn without_the_tool_the_answer_is_how_to_get_it() {
    let cache = tempfile::tempdir().unwrap();
    let mut system = system(cache.path());
    system.variables.insert("PATH".to_owned(), "/nonexistent".to_owned());
    let error = ensure(&system, &Seen::default()).await.unwrap_err();
    assert_eq!(error.kind(), "bootstrap-tool-missing");
    assert_eq!(error.hints(), ["install it with `envctl setup`"]);
}
