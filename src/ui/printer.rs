//! The printer: standard output for results, standard error for everything else.
//!
//! So a script can read the results without filtering messages.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use serde_json::Value;

use crate::draft::Draft;
use crate::error::Error;
use crate::event::{Event, NoticeLevel, Sink};
use crate::settings::{Global, Verbosity};
use crate::system::signals::while_asking;

use super::draft::draft_report;
use super::page::Page;
use super::paint::Paint;
use super::progress::Display;
use super::streams::{Streams, TextStream};
use super::{failure, plain, snippet, words};

/// The printer of a command, set by the global options. A broken pipe is not an error: its reader has read enough.
pub struct Printer {
    global: Global,
    /// Whether a question is possible: standard input and standard error are terminals.
    interactive: bool,
    display: RefCell<Display>,
    results: TextStream,
    messages: Rc<TextStream>,
    answer: fn() -> io::Result<String>,
}

impl Printer {
    /// Returns a printer for this process.
    #[must_use]
    pub fn new(global: Global, interactive: bool) -> Self {
        Self::into(global, interactive, Streams::of_process())
    }

    /// Returns a printer for these streams.
    pub(super) fn into(global: Global, interactive: bool, streams: Streams) -> Self {
        let Streams { results, messages, bars, answer } = streams;
        let display = RefCell::new(Display::new(&global, Rc::clone(&messages), bars));
        Self { global, interactive, display, results, messages, answer }
    }

    /// Whether `--json` was given.
    #[must_use]
    pub fn json(&self) -> bool {
        self.global.json
    }

    /// Returns the verbosity.
    #[must_use]
    pub fn verbosity(&self) -> Verbosity {
        self.global.verbosity
    }

    /// Returns the characters in a line of results; `None` without a terminal.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        self.results.columns()
    }

    /// Returns the characters in a line of messages; `None` without a terminal.
    #[must_use]
    pub fn message_width(&self) -> Option<usize> {
        self.messages.columns()
    }

    /// Returns the colours for standard output.
    #[must_use]
    pub fn paint(&self) -> Paint {
        Paint(self.global.color.stdout)
    }

    /// Returns the colours for standard error.
    #[must_use]
    pub fn paint_messages(&self) -> Paint {
        Paint(self.global.color.stderr)
    }

    /// Prints a result in words on standard output. With `--json` it prints nothing, because the document contains
    /// the result.
    pub fn result(&self, text: &str) {
        if !self.global.json {
            self.suspend(|| self.results.text(text));
        }
    }

    /// Prints a file's text as the result. A redirection gets the exact text; a terminal gets harmless text.
    pub fn file(&self, text: &str) {
        if self.results.is_terminal() { self.result(text) } else { self.raw(text.as_bytes()) }
    }

    /// Prints the one document of `--json`.
    pub fn document(&self, document: &Value) {
        let mut text = plain::json(&document.to_string());
        text.push('\n');
        self.suspend(|| self.results.bytes(text.as_bytes()));
    }

    /// Prints bytes that are the result themselves (a completion script) on standard output, unchanged.
    pub fn raw(&self, bytes: &[u8]) {
        self.suspend(|| self.results.bytes(bytes));
    }

    /// Prints text on standard error, unless quiet. The text ends with its own line break.
    pub fn message(&self, text: &str) {
        if self.global.verbosity > Verbosity::Quiet {
            self.suspend(|| self.messages.text(text));
        }
    }

    /// Prints what a draft takes and leaves out on standard error, unless quiet.
    pub fn draft(&self, draft: &Draft) {
        self.message(&draft_report(draft, self.page()));
    }

    /// Prints a hint on standard error, unless quiet.
    pub fn hint(&self, hint: &str) {
        self.message(&self.page().hint("", hint));
    }

    /// Prints an error on standard error; with `--json` also as the document.
    pub fn failure(&self, error: &Error) {
        self.finish();
        if self.global.json {
            self.document(&failure::document(error.report()));
        }
        let text = match failure::conflict_of(error.report()) {
            Some(conflict) => words::describe(conflict, self.messages.columns(), self.paint_messages()),
            None => snippet::describe_on(self.page(), error.report()),
        };
        self.messages.text(&text);
    }

    /// Prints an error that does not end the command.
    pub fn warning(&self, error: &Error) {
        let words = failure::words(error.report());
        self.display.borrow().say(NoticeLevel::Warning, &words.sentence);
    }

    /// Returns the page for messages.
    fn page(&self) -> Page {
        Page { width: self.messages.columns(), paint: self.paint_messages() }
    }

    /// Removes the progress bars.
    pub fn finish(&self) {
        self.display.borrow_mut().finish();
    }

    /// Whether [`Self::confirm`] can ask.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.interactive && !self.global.json
    }

    /// Shows what a question is about, even if quiet, and asks it with the default answer no. Returns `false` if no
    /// question is possible.
    #[must_use]
    pub fn confirm(&self, about: &str, question: &str) -> bool {
        if !self.can_ask() {
            return false;
        }
        self.suspend(|| {
            self.messages.text(&format!("{about}{question} [y/N] "));
            let answer = while_asking(self.answer);
            answer.is_ok_and(|answer| matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
        })
    }

    /// Asks a question with the default answer yes. Returns `true` if no question is possible.
    #[must_use]
    pub fn accept(&self, question: &str) -> bool {
        let answer = self.ask(&format!("{question} [Y/n]")).unwrap_or_default();
        !matches!(answer.to_lowercase().as_str(), "n" | "no")
    }

    /// Asks for a text. `None`: no question is possible, or nothing was answered.
    #[must_use]
    pub fn ask(&self, question: &str) -> Option<String> {
        if !self.can_ask() {
            return None;
        }
        self.suspend(|| {
            self.messages.text(&format!("{question} "));
            let answer = while_asking(self.answer).ok()?;
            Some(answer.trim().to_owned()).filter(|answer| !answer.is_empty())
        })
    }

    fn suspend<T>(&self, work: impl FnOnce() -> T) -> T {
        self.display.borrow().suspend(work)
    }
}

impl Sink for Printer {
    fn emit(&self, event: Event) {
        self.display.borrow_mut().show(event);
    }
}

/// Writes text. A reader that closed the stream is not an error.
pub(super) fn write_all(stream: &mut impl Write, text: &str) {
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
