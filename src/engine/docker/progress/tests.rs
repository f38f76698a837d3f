use super::*;

/// A step as the builder reports it, with its name as the key; times in seconds.
fn step(name: &str, started: Option<i64>, completed: Option<i64>) -> Vertex {
    let mut vertex = Vertex { digest: name.to_owned(), name: name.to_owned(), ..Vertex::default() };
    if let Some(seconds) = started {
        vertex.started.get_or_insert_default().seconds = seconds;
    }
    if let Some(seconds) = completed {
        vertex.completed.get_or_insert_default().seconds = seconds;
    }
    vertex
}

fn vertexes(vertexes: impl IntoIterator<Item = Vertex>) -> StatusResponse {
    StatusResponse { vertexes: vertexes.into_iter().collect(), ..StatusResponse::default() }
}

fn printed(step: &str, stream: i64, text: &str) -> StatusResponse {
    let log = VertexLog { vertex: step.to_owned(), stream, msg: text.into(), ..VertexLog::default() };
    StatusResponse { logs: vec![log], ..StatusResponse::default() }
}

fn states(events: Vec<Event>) -> Vec<StepState> {
    let state = |event| match event {
        Event::BuildStep(step) => Some(step.state),
        _ => None,
    };
    events.into_iter().filter_map(state).collect()
}

#[test]
fn only_a_change_is_an_event() {
    let mut progress = BuildProgress::default();
    let name = "[2/3] RUN true";
    assert!(progress.take(vertexes([step(name, None, None)])).is_empty(), "it waits");
    let running = progress.take(vertexes([step(name, Some(5), None), step(name, Some(5), None)]));
    assert_eq!(states(running), [StepState::Running]);
    let done = progress.take(vertexes([step(name, Some(5), Some(7)), step(name, Some(5), None)]));
    assert_eq!(states(done), [StepState::Done { milliseconds: 2000 }]);
}

#[test]
fn a_base_is_looked_up_and_then_fetched() {
    let mut progress = BuildProgress::default();
    let name = "[1/2] FROM x";
    assert_eq!(states(progress.take(vertexes([step(name, Some(5), Some(5))]))), [StepState::Done { milliseconds: 0 }]);
    assert_eq!(states(progress.take(vertexes([step(name, Some(6), None)]))), [StepState::Running]);
    let done = progress.take(vertexes([step(name, Some(6), Some(9)), step(name, Some(6), Some(10))]));
    assert_eq!(states(done), [StepState::Done { milliseconds: 3000 }]);
}

#[test]
fn a_cached_step_never_ran() {
    let mut progress = BuildProgress::default();
    let cached = Vertex { cached: true, ..step("[2/3] RUN true", Some(5), Some(5)) };
    assert_eq!(states(progress.take(vertexes([cached]))), [StepState::Cached]);
}

#[test]
fn the_builders_own_steps_are_hidden_unless_they_fail() {
    let mut progress = BuildProgress::default();
    let name = "[internal] load metadata for x:1";
    assert!(progress.take(vertexes([step(name, Some(5), None), step("copy /context /", Some(5), None)])).is_empty());
    let failed = Vertex { error: "no such host".into(), ..step(name, Some(5), Some(6)) };
    assert_eq!(states(progress.take(vertexes([failed]))), [StepState::Failed { error: "no such host".into() }]);
}

#[test]
fn lines_are_put_together_and_carriage_returns_written_over() {
    let mut progress = BuildProgress::default();
    assert!(progress.take(printed("s", 1, "Get: 10%\rGet: 5")).is_empty());
    let events = progress.take(printed("s", 1, "0%\rGet: done\r\n\nnext"));
    assert_eq!(events, [Event::BuildLog { step: "s".into(), line: "Get: done".into() }]);
}

#[test]
fn a_pull_reports_its_bytes() {
    let status = VertexStatus {
        id: "sha256:abc".into(),
        name: "downloading".into(),
        current: 57_671_680,
        total: 60_018_520,
        ..VertexStatus::default()
    };
    let events = BuildProgress::default().take(StatusResponse { statuses: vec![status], ..StatusResponse::default() });
    let expected = Event::Transfer {
        id: "sha256:abc".into(),
        action: TransferAction::Downloading,
        current: 57_671_680,
        total: Some(60_018_520),
    };
    assert_eq!(events, [expected]);
}

#[test]
fn the_step_that_failed_is_not_one_that_was_cancelled_with_it() {
    let mut progress = BuildProgress::default();
    let cancelled = Vertex { error: "context canceled".into(), ..step("[a 2/2] RUN sleep 9", Some(5), Some(6)) };
    let words = "executor failed running [/bin/sh -c false]: exit code: 1";
    let culprit = Vertex { error: words.into(), ..step("[b 2/2] RUN false", Some(5), Some(6)) };
    progress.take(vertexes([cancelled, culprit]));
    progress.take(printed("[b 2/2] RUN false", 2, "no line break"));
    let failed = progress.failed(&format!("rpc error: code = Unknown desc = {words}")).unwrap();
    assert_eq!((failed.name.as_str(), failed.error.as_str()), ("[b 2/2] RUN false", words));
    assert_eq!(failed.log, ["no line break"]);
}

#[test]
fn much_output_does_not_push_the_error_away() {
    let mut progress = BuildProgress::default();
    let failed = Vertex { error: "exit code: 1".into(), ..step("s", Some(5), Some(6)) };
    progress.take(vertexes([failed]));
    progress.take(printed("s", 2, "the reason\n"));
    for number in 0..100 {
        progress.take(printed("s", 1, &format!("line {number}\n")));
    }
    let log = progress.failed("exit code: 1").unwrap().log;
    assert_eq!((log.len(), log[0].as_str(), log[29].as_str()), (TAIL, "the reason", "line 99"));
}
