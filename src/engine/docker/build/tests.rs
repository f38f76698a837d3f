use super::*;

#[test]
fn the_builders_layers_are_taken_off() {
    let reason = "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 2: unknown instruction: RUNN";
    assert_eq!(builder_words(reason), "dockerfile parse error line 2: unknown instruction: RUNN");
    assert_eq!(line_named(reason), Some(2));
    // Docker 23 and newer.
    assert_eq!(line_named("failed to solve: dockerfile parse error on line 12: unknown instruction: RUNN"), Some(12));
    assert_eq!(line_named("exit code: 1"), None);
}

#[test]
fn the_dockerfile_is_found_in_its_context() {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, text) in [("a", "x"), ("Dockerfile", "FROM debian:12\n")] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    assert_eq!(find_dockerfile(&archive.into_inner().unwrap()), "FROM debian:12\n");
    assert_eq!(find_dockerfile(b"no archive"), "");
}

#[test]
fn without_a_step_the_dockerfile_is_at_fault() {
    let EngineError::BuildFailed(failure) =
        build_failure("dockerfile parse error line 1: x", &mut BuildProgress::default(), "x")
    else {
        panic!("a build failure");
    };
    assert_eq!((failure.step.as_str(), failure.line, failure.cause), ("Dockerfile", Some(1), BuildCause::Dockerfile));
}

#[test]
fn a_build_that_fell_in_with_one_whose_caller_is_gone_is_begun_again() {
    let failed = |reason| build_failure(reason, &mut BuildProgress::default(), "FROM debian:12");
    assert!(lost_its_caller(&failed("rpc error: code = Unknown desc = failed to solve: no active sessions")));
    assert!(!lost_its_caller(&failed("executor failed running [/bin/sh -c false]: exit code: 1")));
}
