//! The streams of a command: where text goes, and where answers come from.
//!
//! They are this process's streams, or buffers that a test reads.

use std::cell::RefCell;
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::Duration;

use indicatif::ProgressDrawTarget;

use super::plain;

/// A stream of text.
pub(super) struct TextStream {
    writer: RefCell<Box<dyn Write>>,
    /// Returns the characters in a line; `None` without a terminal.
    columns: Box<dyn Fn() -> Option<usize>>,
    is_terminal: bool,
}

impl TextStream {
    fn of_process(stream: impl Write + AsFd + IsTerminal + 'static, columns: fn() -> Option<usize>) -> Self {
        let is_terminal = stream.is_terminal();
        Self { writer: RefCell::new(Box::new(stream)), columns: Box::new(columns), is_terminal }
    }

    pub(super) fn columns(&self) -> Option<usize> {
        (self.columns)()
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Writes text for people: only envctl's own colours act on a terminal.
    pub(super) fn text(&self, text: &str) {
        self.bytes(plain::output(text).as_bytes());
    }

    /// Writes bytes. A reader that closed the stream is not an error.
    pub(super) fn bytes(&self, bytes: &[u8]) {
        let mut writer = self.writer.borrow_mut();
        let _ = writer.write_all(bytes).and_then(|()| writer.flush());
    }
}

/// The stream for progress bars.
pub(super) struct BarStream {
    pub(super) target: ProgressDrawTarget,
    /// The pause between a bar's own updates; zero means no updates.
    pub(super) tick: Duration,
}

impl BarStream {
    fn of_process() -> Self {
        // The pause is short enough for a bar to look active and long enough to cost nothing.
        Self { target: ProgressDrawTarget::stderr(), tick: Duration::from_millis(100) }
    }
}

/// All streams of a command.
pub(super) struct Streams {
    pub(super) results: TextStream,
    /// The stream for everything else.
    pub(super) messages: Rc<TextStream>,
    pub(super) bars: BarStream,
    /// Reads the line of the user's answer.
    pub(super) answer: fn() -> io::Result<String>,
}

impl Streams {
    /// Returns standard input, output and error.
    pub(super) fn of_process() -> Self {
        Self {
            results: TextStream::of_process(io::stdout(), || columns(io::stdout())),
            messages: Rc::new(TextStream::of_process(io::stderr(), || columns(io::stderr()))),
            bars: BarStream::of_process(),
            answer: || {
                let mut answer = String::new();
                io::stdin().lock().read_line(&mut answer)?;
                Ok(answer)
            },
        }
    }
}

fn columns(stream: impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

#[cfg(test)]
pub(super) mod held {
    use indicatif::{InMemoryTerm, TermLike};

    use super::*;

    /// The written text, in order.
    #[derive(Clone, Default)]
    pub(in crate::ui) struct Held(Rc<RefCell<Vec<u8>>>);

    impl Held {
        pub(in crate::ui) fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    impl Write for Held {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Returns streams into one buffer, as a terminal with this number of columns; `answer` is the user's answer.
    pub(in crate::ui) fn streams(columns: usize, answer: fn() -> io::Result<String>) -> (Streams, Held) {
        let held = Held::default();
        let output = || TextStream {
            writer: RefCell::new(Box::new(held.clone())),
            columns: Box::new(move || Some(columns)),
            is_terminal: true,
        };
        let (results, messages) = (output(), Rc::new(output()));
        (Streams { results, messages, bars: still(ProgressDrawTarget::hidden()), answer }, held)
    }

    /// Bars that change only with an event.
    fn still(target: ProgressDrawTarget) -> BarStream {
        BarStream { target, tick: Duration::ZERO }
    }

    /// A writer to a terminal in memory.
    struct OntoTerminal(InMemoryTerm);

    impl Write for OntoTerminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write_str(&str::from_utf8(bytes).unwrap().replace('\n', "\r\n"))?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Returns streams to a terminal in memory without a user.
    pub(in crate::ui) fn terminal(columns: u16) -> (Streams, InMemoryTerm) {
        let terminal = InMemoryTerm::new(24, columns);
        let output = || TextStream {
            writer: RefCell::new(Box::new(OntoTerminal(terminal.clone()))),
            columns: Box::new(move || Some(columns.into())),
            is_terminal: true,
        };
        let bars = still(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        let answer = || Err(io::ErrorKind::UnexpectedEof.into());
        (Streams { results: output(), messages: Rc::new(output()), bars, answer }, terminal)
    }
}
