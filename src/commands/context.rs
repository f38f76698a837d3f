//! The context of every verb: the process, the global options and the printer.
//!
//! It runs the asynchronous work of a verb and ends it when a signal comes.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use crate::error::{Exit, Report, Result};
use crate::event::{Event, Notice, Sink};
use crate::host::{self, HostFacts};
use crate::matrix::Matrix;
use crate::place::{self, ImageBuilder, Place};
use crate::project::Environment;
use crate::resolve::Overrides;
use crate::settings;
use crate::system::System;
use crate::system::signals::{EndSignal, EndSignals};
use crate::ui::Printer;

/// The context of every verb.
pub struct Context {
    pub system: System,
    /// The global options.
    pub global: settings::Global,
    /// The printer for results, messages and progress.
    pub printer: Printer,
}

impl Sink for Context {
    fn emit(&self, event: Event) {
        self.printer.emit(event);
    }
}

/// A signal dropped the running work and its resources.
#[derive(Debug, thiserror::Error)]
#[error("interrupted by SIG{}", signal.name())]
pub(super) struct Interrupted {
    pub(super) signal: EndSignal,
}

impl Report for Interrupted {
    fn kind(&self) -> &'static str {
        "interrupted"
    }

    fn exit(&self) -> Exit {
        match self.signal {
            EndSignal::Interrupt => Exit::Interrupted,
            EndSignal::Hangup => Exit::HungUp,
            EndSignal::Terminate => Exit::Terminated,
        }
    }
}

/// The time limit for cleaning up after a signal, in case the engine does not answer.
const CLEAN_UP: Duration = Duration::from_secs(10);

/// The runtime could not start: no file descriptors or no memory.
#[derive(Debug, thiserror::Error)]
#[error("can't start the event loop")]
struct NoRuntime(#[source] std::io::Error);

impl Report for NoRuntime {
    fn kind(&self) -> &'static str {
        "no-runtime"
    }

    fn hints(&self) -> Vec<String> {
        vec!["`ulimit -n` shows how many files this shell lets a program open".to_owned()]
    }
}

impl Context {
    /// Loads the compatibility rows for this machine.
    pub fn matrix(&self) -> Result<Matrix> {
        let matrix = Matrix::of_site(&self.system)?;
        for notice in matrix.notices() {
            self.emit(Notice::Overlay(notice.clone()).into());
        }
        Ok(matrix)
    }

    /// The project and its manifest.
    pub fn environment(&self, manifest: Option<&Path>) -> Result<Environment> {
        Environment::load(&self.system, manifest, &crate::matrix::site::vocabulary(&self.system))
    }

    /// Returns the facts of this machine; `None` if the command line forbids the look or gives all facts.
    pub fn this_host(&self, overrides: &Overrides) -> Option<HostFacts> {
        let Overrides { machine, no_host, facts: _, cpu: _, allow_unknown: _ } = overrides;
        (!no_host && !machine.names_every_fact()).then(|| host::probe(&self.system, Path::new("/"), None))
    }

    /// Opens the place where environments run. No request is sent yet.
    ///
    /// # Errors
    /// The address cannot be used, or nothing listens there.
    pub fn place(&self) -> Result<impl Place + ImageBuilder> {
        place::open(&self.system, self.global.engine.as_deref(), self)
    }

    /// Removes the remains of an interrupted command at the place, within a short time limit. A failure is dropped,
    /// because it must not hide the interruption.
    pub fn clean_up(&self, work: impl Future<Output = Result<()>>) {
        let _ = run_locally(async {
            let _ = tokio::time::timeout(CLEAN_UP, work).await;
            Ok(())
        });
    }

    /// Runs asynchronous work on this thread until it ends or a signal drops it.
    pub fn block_on<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        run_locally(async {
            let mut signals = EndSignals::listen().map_err(NoRuntime)?;
            tokio::select! {
                result = work => result,
                signal = signals.next() => Err(Interrupted { signal }.into()),
            }
        })
    }
}

fn run_locally<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(NoRuntime)?;
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

/// The exit code of a verb: envctl's, or its child's (`exec`, `ssh`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// envctl's exit code.
    Ours(Exit),
    /// The child's exit code.
    Child(u8),
}

impl From<Exit> for Ending {
    fn from(exit: Exit) -> Self {
        Self::Ours(exit)
    }
}

/// The result of a verb.
pub type Outcome = Result<Ending>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::shown_errors::{each_variant, shown_errors};

    #[test]
    fn errors_of_signals() {
        let errors = each_variant![EndSignal; Interrupt {}, Hangup {}, Terminate {},];
        insta::assert_snapshot!(shown_errors(&errors.map(|signal| Interrupted { signal })));
    }

    #[test]
    fn an_error_of_the_runtime() {
        insta::assert_snapshot!(shown_errors(&[NoRuntime(std::io::Error::from_raw_os_error(24))]));
    }
}
