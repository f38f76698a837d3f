//! Translates `BuildKit`'s status messages into events, and stores the output of each step in case it fails.
//!
//! The builder reports a step many times, in any order, and several times in one state. So each step is keyed by its
//! digest, and only a change becomes an event.

use std::collections::{BTreeMap, VecDeque};

use bollard::grpc::build::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog, VertexStatus};

use crate::event::{BuildStep, Event, StepState, TransferAction};

/// The number of lines to show of a failed step.
const TAIL: usize = 30;

/// The number of them reserved for the last lines of standard error. The two streams arrive in no order, and the
/// cause is mostly on standard error.
const ERRORS: usize = 12;

/// The limit for a line in bytes: an endless line must not fill the memory.
const LONGEST: usize = 64 * 1024;

/// Steps of the builder itself, which no user wrote or waits for.
const NOISE: &[&str] =
    &["[internal]", "copy /context /", "[auth]", "resolve image config for ", "importing cache manifest"];

/// The progress of a running build.
#[derive(Debug, Default)]
pub(super) struct BuildProgress {
    steps: BTreeMap<String, TrackedStep>,
    /// The failed steps, in the order of their failures.
    failed: Vec<String>,
}

#[derive(Debug, Default)]
struct TrackedStep {
    name: String,
    error: String,
    state: Option<StepState>,
    /// The time of the last end: seconds and nanoseconds.
    completed: Option<(i64, i32)>,
    /// Standard output and standard error.
    printed: [BuildOutcome; 2],
    /// The number of lines so far, of both streams.
    lines: u64,
}

/// The output of one stream.
#[derive(Debug, Default)]
struct BuildOutcome {
    /// The last lines, each with its number among both streams' lines.
    tail: VecDeque<(u64, String)>,
    /// The line that has not ended yet.
    open: Vec<u8>,
}

/// A step that failed.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) name: String,
    pub(super) error: String,
    pub(super) log: Vec<String>,
}

impl BuildProgress {
    /// Adds one message and returns the new events.
    pub(super) fn take(&mut self, message: StatusResponse) -> Vec<Event> {
        let mut events = Vec::new();
        for vertex in message.vertexes {
            events.extend(self.vertex(vertex));
        }
        for status in message.statuses {
            events.extend(transfer_event(status));
        }
        for log in message.logs {
            events.extend(self.log(&log));
        }
        events
    }

    /// Returns the step that caused the failure, not a step that was only cancelled because of it.
    pub(super) fn failed(&mut self, reason: &str) -> Option<Failed> {
        let steps = &self.steps;
        let genuine = |digest: &&String| !steps[*digest].error.contains("context canceled");
        let named = self.failed.iter().filter(genuine).find(|digest| reason.contains(&steps[*digest].error));
        let digest = named.or_else(|| self.failed.iter().find(genuine)).or(self.failed.first())?.clone();
        let step = self.steps.get_mut(&digest)?;
        Some(Failed { name: step.name.clone(), error: step.error.clone(), log: step.last_lines() })
    }

    fn vertex(&mut self, vertex: Vertex) -> Option<Event> {
        let state = layer_state(&vertex);
        let step = self.steps.entry(vertex.digest.clone()).or_default();
        step.name.clone_from(&vertex.name);
        if !vertex.error.is_empty() && step.error.is_empty() {
            step.error.clone_from(&vertex.error);
            self.failed.push(vertex.digest.clone());
        }
        let started = vertex.started.map(|time| (time.seconds, time.nanos));
        if state.is_none() || state == step.state || !step.may_become(state.as_ref(), started) {
            return None;
        }
        step.state.clone_from(&state);
        step.completed = vertex.completed.map(|time| (time.seconds, time.nanos));
        let hidden = NOISE.iter().any(|noise| vertex.name.starts_with(noise)) && vertex.error.is_empty();
        let state = state.filter(|_| !hidden)?;
        Some(Event::BuildStep(BuildStep { digest: vertex.digest, name: vertex.name, state }))
    }

    fn log(&mut self, log: &VertexLog) -> Vec<Event> {
        let step = self.steps.entry(log.vertex.clone()).or_default();
        let mut events = Vec::new();
        let stream = usize::from(log.stream == 2);
        for &byte in &log.msg {
            let ends = byte == b'\n' || step.printed[stream].open.len() == LONGEST;
            if let Some(line) = ends.then(|| step.end_line(stream)).flatten() {
                events.push(Event::BuildLog { step: log.vertex.clone(), line });
            }
            if byte != b'\n' {
                step.printed[stream].open.push(byte);
            }
        }
        events
    }
}

impl TrackedStep {
    /// Ends the open line of a stream; an empty line gives `None`.
    fn end_line(&mut self, stream: usize) -> Option<String> {
        let printed = &mut self.printed[stream];
        let line = clean_line(&std::mem::take(&mut printed.open));
        if line.trim().is_empty() {
            return None;
        }
        if printed.tail.len() == TAIL {
            printed.tail.pop_front();
        }
        self.lines += 1;
        printed.tail.push_back((self.lines, line.clone()));
        Some(line)
    }

    fn last_lines(&mut self) -> Vec<String> {
        for stream in 0..2 {
            self.end_line(stream);
        }
        let [out, err] = &self.printed;
        let errors: Vec<_> = err.tail.iter().collect();
        let (older, kept) = errors.split_at(errors.len().saturating_sub(ERRORS));
        let mut rest: Vec<_> = out.tail.iter().chain(older.iter().copied()).collect();
        rest.sort();
        let mut lines = rest.split_off(rest.len().saturating_sub(TAIL - kept.len()));
        lines.extend(kept);
        lines.sort();
        lines.into_iter().map(|(_, line)| line.clone()).collect()
    }

    /// Whether a report may change the state. Reports come late and twice, so a step that ended stays ended. A base
    /// image is the exception: it is looked up and then pulled under the same digest, so it runs twice.
    fn may_become(&self, state: Option<&StepState>, started: Option<(i64, i32)>) -> bool {
        match (&self.state, state) {
            (None | Some(StepState::Running), _) | (_, Some(StepState::Failed { .. })) => true,
            (_, Some(StepState::Running)) => started > self.completed,
            _ => false,
        }
    }
}

fn layer_state(vertex: &Vertex) -> Option<StepState> {
    if !vertex.error.is_empty() {
        return Some(StepState::Failed { error: vertex.error.clone() });
    }
    if vertex.cached {
        return Some(StepState::Cached);
    }
    let started = vertex.started?;
    let Some(completed) = vertex.completed else { return Some(StepState::Running) };
    let nanoseconds = (i128::from(completed.seconds) - i128::from(started.seconds)) * 1_000_000_000
        + i128::from(completed.nanos - started.nanos);
    Some(StepState::Done { milliseconds: u64::try_from(nanoseconds / 1_000_000).unwrap_or(0) })
}

/// Only pulls and unpacking have an amount; other entries (`writing image sha256:…`) are separate steps.
fn transfer_event(status: VertexStatus) -> Option<Event> {
    let action = match status.name.as_str() {
        "" => status.id.split(' ').next().unwrap_or_default(),
        name => name,
    };
    let action = match action {
        "downloading" => TransferAction::Downloading,
        "extracting" => TransferAction::Extracting,
        "transferring" => TransferAction::Transferring,
        "done" => TransferAction::Done,
        _ => return None,
    };
    (status.total > 0 || status.current > 0).then(|| Event::Transfer {
        id: status.id,
        action,
        current: u64::try_from(status.current).unwrap_or(0),
        total: u64::try_from(status.total).ok().filter(|total| *total > 0),
    })
}

/// Returns the final text of a line on a terminal: a carriage return overwrites the text before it.
fn clean_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches('\r');
    text.rsplit('\r').next().unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests;
