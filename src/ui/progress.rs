//! Shows events as progress bars on a terminal, as lines in a pipe, and as JSON for scripts.
//!
//! It only shows events; the rooms that emit them know no output.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::event::{BuildStep, Event, NoticeLevel, Stage, StepState, TransferAction};
use crate::settings::{Global, Progress, Verbosity};

use super::page::Page;
use super::paint::Paint;
use super::plain::{self, plain, without_colors};
use super::streams::{BarStream, TextStream};
use super::words::{self, shorten, step_place, step_words};

/// The display of progress.
pub(super) struct Display {
    mode: Progress,
    verbosity: Verbosity,
    paint: Paint,
    messages: Rc<TextStream>,
    bars: MultiProgress,
    /// The pause between a bar's own updates.
    tick: Duration,
    stage: Option<(Stage, ProgressBar)>,
    /// The bars, by step digest or transfer ID.
    running: HashMap<String, ProgressBar>,
    /// The name under which a step was shown, and the last printed state, by step digest.
    steps: HashMap<String, String>,
}

impl Display {
    pub(super) fn new(global: &Global, messages: Rc<TextStream>, bars: BarStream) -> Self {
        let hidden = global.progress != Progress::Bars;
        let target = if hidden { ProgressDrawTarget::hidden() } else { bars.target };
        Self {
            mode: global.progress,
            verbosity: global.verbosity,
            paint: Paint(global.color.stderr),
            messages,
            bars: MultiProgress::with_draw_target(target),
            tick: bars.tick,
            stage: None,
            running: HashMap::new(),
            steps: HashMap::new(),
        }
    }

    pub(super) fn show(&mut self, event: Event) {
        match self.mode {
            Progress::Json => self.document(&document(&event)),
            Progress::Hidden => self.show_when_hidden(event),
            Progress::Lines | Progress::Bars => self.show_to_person(event),
        }
    }

    /// Shows a sentence for the user. `--quiet` hides all but warnings.
    pub(super) fn say(&self, level: NoticeLevel, sentence: &str) {
        let is_said = match self.mode {
            Progress::Json => return self.document(&self::sentence(level, sentence)),
            Progress::Hidden => level == NoticeLevel::Warning,
            Progress::Lines | Progress::Bars => level != NoticeLevel::Debug || self.verbosity >= Verbosity::Verbose,
        };
        if is_said {
            let mark = format!("{}:", level_name(level));
            let painted = if level == NoticeLevel::Warning { self.paint.yellow(&mark) } else { self.paint.bold(&mark) };
            let text = self.page().item("", &mark, &painted, sentence);
            self.suspend(|| self.messages.text(&text));
        }
    }

    fn document(&self, document: &Value) {
        self.messages.bytes(format!("{}\n", plain::json(&document.to_string())).as_bytes());
    }

    pub(super) fn suspend<T>(&self, work: impl FnOnce() -> T) -> T {
        if self.mode == Progress::Bars { self.bars.suspend(work) } else { work() }
    }

    pub(super) fn finish(&mut self) {
        if let Some((_, bar)) = self.stage.take() {
            bar.finish_and_clear();
        }
        for (_, bar) in self.running.drain() {
            bar.finish_and_clear();
        }
    }

    /// Shows the events that `--quiet` does not hide: commands that run as root on the user's machine, and warnings.
    fn show_when_hidden(&self, event: Event) {
        match event {
            Event::Command { line } => self.line_as_is("Running", &plain(&line)),
            Event::Notice(notice) => self.say(notice.level(), &words::notice(&notice)),
            _ => {}
        }
    }

    fn show_to_person(&mut self, event: Event) {
        match event {
            Event::Stage { stage, subject } => self.begin(stage, &words::stage_subject(&subject)),
            Event::StageDone { stage, result } => self.end(stage, &words::stage_subject(&result)),
            Event::BuildStep(step) => self.step(&step),
            Event::BuildLog { step, line } => self.log(&step, &line),
            Event::Transfer { id, action, current, total } => self.transfer(&id, action, current, total),
            Event::Command { line } => self.line_as_is("Running", &plain(&line)),
            Event::Notice(notice) => self.say(notice.level(), &words::notice(&notice)),
        }
    }

    fn begin(&mut self, stage: Stage, subject: &str) {
        if self.mode == Progress::Bars {
            let bar = self.bars.add(ProgressBar::new_spinner());
            bar.set_style(spinner("{prefix} {msg} {spinner}"));
            bar.set_prefix(plain::output(&self.paint.cyan(&format!("{:>12}", words::doing(stage)))));
            bar.set_message(shorten(&plain(subject), self.bar_room()));
            bar.enable_steady_tick(self.tick);
            if let Some((_, old)) = self.stage.replace((stage, bar)) {
                old.finish_and_clear();
            }
        } else if announces_start(stage) {
            self.line(words::doing(stage), subject);
        }
    }

    fn end(&mut self, stage: Stage, result: &str) {
        if let Some((_, bar)) = self.stage.take_if(|(running, _)| *running == stage) {
            bar.finish_and_clear();
        }
        for (_, bar) in self.running.drain() {
            bar.finish_and_clear();
        }
        self.line(words::done(stage), result);
    }

    fn step(&mut self, step: &BuildStep) {
        let name = step_words(&step.name);
        let seen = self.steps.insert(step.digest.clone(), name.clone());
        match &step.state {
            StepState::Running => {
                if self.mode == Progress::Bars {
                    self.bar(&step.digest, &name);
                } else if seen.is_none() {
                    self.line("", &name);
                }
            }
            StepState::Cached => {
                self.clear(&step.digest);
                self.line_ending("", &name, "cached");
            }
            StepState::Done { milliseconds } => {
                self.clear(&step.digest);
                let took = format!("{:.1}s", Duration::from_millis(*milliseconds).as_secs_f64());
                let name = if self.mode == Progress::Lines { step_place(&name) } else { &name };
                self.line_ending("", name, &took);
            }
            StepState::Failed { error } => {
                self.clear(&step.digest);
                // The error that ends the command contains the full text.
                let error = plain(error);
                let error = shorten(error.strip_prefix("failed to do request: ").unwrap_or(&error), WIDEST);
                let text = format!("{:12} {} {}: {error}\n", "", step_place(&name), self.paint.red("failed"));
                self.suspend(|| self.messages.text(&text));
            }
        }
    }

    fn log(&mut self, step: &str, line: &str) {
        let line = without_colors(line);
        if self.verbosity >= Verbosity::Trace {
            self.line_as_is("|", &line);
        } else if let Some(bar) = self.running.get(step) {
            bar.set_message(plain::output(&self.paint.dim(&line)));
        }
    }

    fn transfer(&mut self, id: &str, action: TransferAction, current: u64, total: Option<u64>) {
        if self.mode != Progress::Bars {
            return;
        }
        if total == Some(current) {
            self.clear(id);
            return;
        }
        let name = format!("{} {}", words::transfer_action(action), plain(id));
        let bar = self.bar(id, &name);
        if let Some(total) = total {
            bar.set_length(total);
            bar.set_style(spinner("             {prefix} {bytes}/{total_bytes}"));
        } else {
            bar.set_style(spinner("             {prefix} {bytes}"));
        }
        bar.set_position(current);
    }

    fn bar(&mut self, key: &str, name: &str) -> &ProgressBar {
        let (bars, tick, room) = (&self.bars, self.tick, self.bar_room());
        self.running.entry(key.to_owned()).or_insert_with(|| {
            let bar = bars.add(ProgressBar::new_spinner());
            bar.set_style(spinner("             {prefix} {elapsed} {wide_msg}"));
            bar.set_prefix(shorten(&plain(name), room));
            bar.enable_steady_tick(tick);
            bar
        })
    }

    /// Returns the columns for a name in a bar. A bar is one row, with a verb before the name and an amount after it.
    fn bar_room(&self) -> usize {
        const VERB_AND_AMOUNT: usize = 36;
        const NARROWEST: usize = 20;
        let columns = self.messages.columns().unwrap_or(usize::MAX);
        columns.saturating_sub(VERB_AND_AMOUNT).clamp(NARROWEST, WIDEST)
    }

    fn clear(&mut self, key: &str) {
        if let Some(bar) = self.running.remove(key) {
            bar.finish_and_clear();
        }
    }

    /// Prints a line in two columns, as cargo does.
    fn line(&self, verb: &str, text: &str) {
        self.line_ending(verb, text, "");
    }

    /// As [`Self::line`], for text that is laid out already or that a user may copy into a shell.
    fn line_as_is(&self, verb: &str, text: &str) {
        let verb = self.paint.green(&format!("{verb:>12}"));
        self.suspend(|| self.messages.text(&format!("{verb} {text}\n")));
    }

    /// Prints a line with a dim word at its end.
    fn line_ending(&self, verb: &str, text: &str, end: &str) {
        let mark = format!("{verb:>12}");
        let text = self.page().item("", &mark, &self.paint.green(&mark), format!("{text} {end}").trim_end());
        let text = match text.strip_suffix(&format!("{end}\n")) {
            Some(before) if !end.is_empty() => format!("{before}{}\n", self.paint.dim(end)),
            _ => text,
        };
        self.suspend(|| self.messages.text(&text));
    }

    fn page(&self) -> Page {
        Page { width: self.messages.columns(), paint: self.paint }
    }
}

/// Returns an event as a document for scripts.
fn document(event: &Event) -> Value {
    match event {
        Event::Stage { stage, subject } => {
            json!({"event": "stage", "stage": stage, "subject": words::stage_subject(subject)})
        }
        Event::StageDone { stage, result } => {
            json!({"event": "stage-done", "stage": stage, "result": words::stage_subject(result)})
        }
        Event::Notice(notice) => sentence(notice.level(), &words::notice(notice)),
        Event::BuildStep(_) | Event::BuildLog { .. } | Event::Transfer { .. } | Event::Command { .. } => json!(event),
    }
}

fn sentence(level: NoticeLevel, words: &str) -> Value {
    json!({"event": level_name(level), "message": words})
}

fn level_name(level: NoticeLevel) -> &'static str {
    match level {
        NoticeLevel::Warning => "warning",
        NoticeLevel::Note => "note",
        NoticeLevel::Debug => "debug",
    }
}

/// The most columns for a name or an error in a line with more parts.
const WIDEST: usize = 56;

fn spinner(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// Whether the start of a stage is shown. Short stages are shown only at their end.
fn announces_start(stage: Stage) -> bool {
    matches!(stage, Stage::Packages | Stage::Bootstrap | Stage::Build | Stage::Setup | Stage::Compute)
}
