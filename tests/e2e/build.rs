//! Images built by the real `BuildKit`: progress, secrets, failures, interruption.

use std::time::Duration;

use envctl::engine::{BuildCause, BuildFailure, ContainerSpec, EngineError, ImageBuild};
use envctl::engine::{ContainerLife, ImageStore};
use envctl::event::{BuildStep, Event, StepState};

use crate::contract::tar_of;
use crate::harness::{self, Seen, docker, name};

impl Seen {
    fn steps(&self) -> Vec<(String, StepState)> {
        let step = |event: &Event| match event {
            Event::BuildStep(BuildStep { name, state, .. }) => Some((name.clone(), state.clone())),
            _ => None,
        };
        self.0.borrow().iter().filter_map(step).collect()
    }

    fn lines(&self) -> Vec<String> {
        let line = |event: &Event| match event {
            Event::BuildLog { line, .. } => Some(line.clone()),
            _ => None,
        };
        self.0.borrow().iter().filter_map(line).collect()
    }
}

fn image(test: &str, dockerfile: &str) -> ImageBuild {
    let dockerfile = dockerfile.replace("BASE", harness::base());
    ImageBuild { tag: format!("{}:1", name(test)), context: tar_of("Dockerfile", &dockerfile), ..ImageBuild::default() }
}

async fn fails(build: &ImageBuild) -> EngineError {
    docker().build(build, &Seen::default()).await.expect_err("the build fails")
}

async fn failure(build: &ImageBuild) -> BuildFailure {
    match fails(build).await {
        EngineError::BuildFailed(failure) => *failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_build_reports_its_steps_and_what_they_print() {
    let engine = docker();
    let mut build = image("steps", "FROM BASE\nARG WORD\nRUN echo said $WORD && sleep 0.2\nRUN true\n");
    // A word that no earlier run used: a process ID comes again, and the engine then has the step in its cache.
    let word = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos().to_string();
    build.build_args.insert("WORD".into(), word.clone());
    build.labels.insert("envctl.test".into(), "yes".into());
    let seen = Seen::default();
    let id = engine.build(&build, &seen).await.unwrap();
    let made = engine.image(&build.tag).await.unwrap().unwrap();
    assert_eq!((&made.id, made.labels["envctl.test"].as_str()), (&id, "yes"));
    assert!(seen.lines().contains(&format!("said {word}")), "{:?}", seen.lines());
    let steps = seen.steps();
    assert!(
        steps.iter().all(|(name, _)| !name.contains("[internal]") && !name.starts_with("copy /context")),
        "{steps:?}"
    );
    let run: Vec<_> = steps.iter().filter(|(name, _)| name.starts_with("[2/3] RUN echo said")).collect();
    assert!(matches!(run[0].1, StepState::Running), "{steps:?}");
    assert!(matches!(run[1].1, StepState::Done { milliseconds: 200.. }), "{steps:?}");
    assert_eq!(run.len(), 2, "{steps:?}");
    let again = Seen::default();
    assert_eq!(engine.build(&build, &again).await.unwrap(), id);
    let cached: Vec<_> = again.steps().into_iter().filter(|(name, _)| name.contains("RUN")).collect();
    assert!(cached.len() == 2 && cached.iter().all(|(_, state)| *state == StepState::Cached), "{cached:?}");
    engine.remove_image(&build.tag).await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_secret_is_there_in_its_step_and_nowhere_after() {
    let engine = docker();
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "hush").unwrap();
    let text = "FROM BASE\nRUN --mount=type=secret,id=word,target=/run/envctl/word,required test \"$(cat /run/envctl/word)\" = hush\nRUN test ! -s /run/envctl/word\n";
    let mut build = image("secret", text);
    build.no_cache = true;
    build.secret_files.insert("word".into(), secret.path().into());
    engine.build(&build, &Seen::default()).await.unwrap();
    build.secret_files.clear();
    let failed = failure(&build).await;
    assert_eq!((failed.cause.clone(), failed.line), (BuildCause::SecretMissing, Some(2)), "{failed:?}");
    engine.remove_image(&build.tag).await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_failed_step_is_named_with_its_line_and_last_words() {
    let text = "FROM BASE\n\nRUN true\n# why\nRUN for n in $(seq 50); do echo line $n; done; \\\n    echo last words >&2; exit 7\nRUN true\n";
    let failed = failure(&image("fails", text)).await;
    assert!(failed.step.starts_with("[3/4] RUN for n in"), "{failed:?}");
    assert_eq!((failed.line, failed.cause.clone()), (Some(5), BuildCause::Command { code: 7 }), "{failed:?}");
    assert_eq!(failed.log.len(), 30);
    assert!(failed.log.contains(&"last words".to_owned()), "{failed:?}");
    assert!(failed.log.contains(&"line 50".to_owned()), "{failed:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_wrong_dockerfile_is_told_by_its_line() {
    let failed = failure(&image("parse", "FROM BASE\nRUNN true\n")).await;
    assert_eq!(
        (failed.cause.clone(), failed.line, failed.step.as_str()),
        (BuildCause::Dockerfile, Some(2), "Dockerfile")
    );
    assert!(failed.reason.contains("unknown instruction: RUNN"), "{}", failed.reason);
}

#[tokio::test(flavor = "current_thread")]
async fn a_base_that_cannot_be_had_is_not_a_failed_step() {
    let build = image("base", "FROM registry.invalid/envctl-never:1\nRUN true\n");
    match fails(&build).await {
        EngineError::RegistryUnreachable { reference, .. } => assert_eq!(reference, "registry.invalid/envctl-never:1"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "current_thread")]
async fn words_of_tools_inside_are_understood() {
    let apt = image("apt", "FROM BASE\nRUN apt-get update -qq && apt-get install -y envctl-never\n");
    let failed = failure(&apt).await;
    assert_eq!(failed.cause, BuildCause::NoSuchPackage { package: "envctl-never".into() }, "{failed:?}");
    let full = image("full", "FROM BASE\nRUN head -c 200000000 /dev/zero > /dev/shm/x\n");
    let failed = failure(&full).await;
    assert_eq!(failed.cause, BuildCause::DiskFull, "{failed:?}");
    let killed = image("killed", "FROM BASE\nRUN sh -c 'kill -9 $$'; exit $?\n");
    assert_eq!(failure(&killed).await.cause, BuildCause::Killed);
}

/// The step's command must end with the build: a `sleep` of a length that nobody else uses shows whether it did.
#[tokio::test(flavor = "current_thread")]
async fn a_build_that_is_dropped_stops() {
    let marker = format!("4{}", std::process::id());
    let build = image("dropped", &format!("FROM BASE\nRUN sleep {marker}\n"));
    let engine = docker();
    let seen = Seen::default();
    {
        let building = engine.build(&build, &seen);
        let started = async {
            while !harness::runs(&["sleep", &marker]) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            ended = building => panic!("{ended:?}"),
            started = tokio::time::timeout(Duration::from_mins(1), started) => started.expect("the step starts"),
        }
    }
    for _ in 0..100 {
        if !harness::runs(&["sleep", &marker]) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the step still runs");
}

#[tokio::test(flavor = "current_thread")]
async fn an_archive_is_loaded_from_disk() {
    let engine = docker();
    let tag = format!("{}:1", name("loaded"));
    let build = ImageBuild { tag: tag.clone(), ..image("loaded", "FROM BASE\nRUN echo x > /x\n") };
    let id = engine.build(&build, &Seen::default()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let archive = directory.path().join("image.tar");
    let saved = std::process::Command::new("docker").args(["save", "-o"]).arg(&archive).arg(&tag).status().unwrap();
    assert!(saved.success());
    engine.remove_image(&tag).await.unwrap();
    assert!(engine.image(&tag).await.unwrap().is_none());
    let seen = Seen::default();
    engine.load(&archive, &seen).await.unwrap();
    assert_eq!(engine.image(&tag).await.unwrap().unwrap().id, id);
    let size = std::fs::metadata(&archive).unwrap().len();
    let last = seen.0.borrow().last().cloned();
    assert!(
        matches!(last, Some(Event::Transfer { current, total: Some(total), .. }) if current == size && total == size),
        "{last:?}"
    );
    engine.remove_image(&tag).await.unwrap();
    std::fs::write(&archive, "no archive").unwrap();
    let refused = engine.load(&archive, &seen).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_gpu_route_of_a_host_without_one_is_refused_and_leaves_nothing() {
    let engine = docker();
    let found = envctl::engine::gpu_route(&engine, harness::base(), &envctl::engine::GpuSelection::All, &[]).await;
    match found {
        Err(EngineError::NoGpu { reason }) => assert!(reason.contains("could not select device driver"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let left = ContainerSpec { name: format!("envctl-gpu-probe-{}", std::process::id()), ..ContainerSpec::default() };
    assert!(engine.inspect(&left.name).await.unwrap().is_none());
}
