//! Standard output for results, standard error for everything else.

use std::cell::RefCell;
use std::io::{BufRead, IsTerminal, Write};

use serde_json::Value;

use crate::error::Error;
use crate::event::{Event, Sink};
use crate::settings::{Global, Verbosity};
use crate::system::signals::while_asking;

use super::progress::Display;
use super::{failure, plain};

/// Prints, in the way the global options ask for. Broken pipes are no errors: who stopped reading has read enough.
pub struct Printer {
    global: Global,
    /// Whether a question can be asked: standard input and standard error are terminals.
    interactive: bool,
    display: RefCell<Display>,
}

impl Printer {
    /// A printer for this process.
    #[must_use]
    pub fn new(global: Global, interactive: bool) -> Self {
        let display = RefCell::new(Display::new(&global));
        Self { global, interactive, display }
    }

    /// Whether `--json` was given.
    #[must_use]
    pub fn json(&self) -> bool {
        self.global.json
    }

    /// How much is said.
    #[must_use]
    pub fn verbosity(&self) -> Verbosity {
        self.global.verbosity
    }

    /// How many characters a line of results may have; none where they do not go to a terminal.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        columns(std::io::stdout())
    }

    /// Colour for standard output.
    #[must_use]
    pub fn paint(&self) -> Paint {
        Paint(self.global.color.stdout)
    }

    /// Colour for standard error.
    #[must_use]
    pub fn paint_messages(&self) -> Paint {
        Paint(self.global.color.stderr)
    }

    /// A result in words, on standard output. With `--json` it is dropped: the document says it.
    pub fn result(&self, text: &str) {
        if !self.global.json {
            self.suspend(|| write_text(&mut std::io::stdout().lock(), text));
        }
    }

    /// A file's text as the result: as it is, so that it can be redirected; plain where a terminal shows it.
    pub fn file(&self, text: &str) {
        if std::io::stdout().is_terminal() { self.result(text) } else { self.raw(text.as_bytes()) }
    }

    /// The one document of `--json`.
    pub fn document(&self, document: &Value) {
        let mut text = plain::json(&document.to_string());
        text.push('\n');
        self.suspend(|| write_all(&mut std::io::stdout().lock(), &text));
    }

    /// Bytes that are the result themselves (a completion script), on standard output as they are.
    pub fn raw(&self, bytes: &[u8]) {
        self.suspend(|| {
            let _ = std::io::stdout().lock().write_all(bytes);
        });
    }

    /// Text on standard error, unless quiet. Ends with a line break of its own.
    pub fn message(&self, text: &str) {
        if self.global.verbosity > Verbosity::Quiet {
            self.suspend(|| write_text(&mut std::io::stderr().lock(), text));
        }
    }

    /// A hint on standard error, unless quiet.
    pub fn hint(&self, hint: &str) {
        self.message(&format!("{} {}\n", self.paint_messages().cyan("hint:"), plain::plain(hint)));
    }

    /// An error, on standard error; with `--json` also as the document.
    pub fn failure(&self, error: &Error) {
        self.finish();
        if self.global.json {
            self.document(&failure::document(error.report()));
        }
        let text = match failure::conflict_of(error.report()) {
            Some(conflict) => super::words::describe(conflict, message_width(), self.paint_messages()),
            None => super::snippet::describe(error.report(), self.global.color.stderr),
        };
        write_text(&mut std::io::stderr().lock(), &text);
    }

    /// Takes the bars away.
    pub fn finish(&self) {
        self.display.borrow_mut().finish();
    }

    /// Whether [`Self::confirm`] can ask.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.interactive && !self.global.json
    }

    /// Asks a question whose default is no. `false` where nobody can be asked.
    #[must_use]
    pub fn confirm(&self, question: &str) -> bool {
        if !self.can_ask() {
            return false;
        }
        self.suspend(|| {
            write_text(&mut std::io::stderr().lock(), &format!("{question} [y/N] "));
            let mut answer = String::new();
            let read = while_asking(|| std::io::stdin().lock().read_line(&mut answer));
            read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
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

/// How many characters a line of messages may have; none where they do not go to a terminal.
fn message_width() -> Option<usize> {
    columns(std::io::stderr())
}

fn columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Writes text for people: nothing in it acts on a terminal but our own colours.
pub(super) fn write_text(stream: &mut impl Write, text: &str) {
    write_all(stream, &plain::output(text));
}

/// Writes; a reader that went away is no error of ours.
pub(super) fn write_all(stream: &mut impl Write, text: &str) {
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// Colour, or none.
#[derive(Clone, Copy, Debug)]
pub struct Paint(pub bool);

impl Paint {
    fn code(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Errors.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.code("1;31", text)
    }

    /// Warnings.
    #[must_use]
    pub fn yellow(self, text: &str) -> String {
        self.code("1;33", text)
    }

    /// What went well.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.code("1;32", text)
    }

    /// Hints.
    #[must_use]
    pub fn cyan(self, text: &str) -> String {
        self.code("1;36", text)
    }

    /// Places.
    #[must_use]
    pub fn blue(self, text: &str) -> String {
        self.code("1;34", text)
    }

    /// Names and headings.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.code("1", text)
    }

    /// What may be skipped.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.code("2", text)
    }
}
