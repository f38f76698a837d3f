//! What every verb works with: the process, the options that all verbs have, and the printer.

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

/// What every verb gets.
pub struct Context {
    /// The process.
    pub system: System,
    /// The global options.
    pub global: settings::Global,
    /// Where results, messages and progress go.
    pub printer: Printer,
}

impl Sink for Context {
    fn emit(&self, event: Event) {
        self.printer.emit(event);
    }
}

/// A signal came: whatever ran was dropped, and with it what it held.
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

/// How long cleaning up after a signal may take: an engine that does not answer is not waited for longer.
const CLEAN_UP: Duration = Duration::from_secs(10);

/// The runtime could not start: no file descriptors, no memory.
#[derive(Debug, thiserror::Error)]
#[error("can't start the event loop")]
struct NoRuntime(#[source] std::io::Error);

impl Report for NoRuntime {
    fn kind(&self) -> &'static str {
        "no-runtime"
    }
}

impl Context {
    /// The compatibility rows of this place.
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

    /// The facts of this machine, unless the command line forbids a look or gives all facts itself.
    pub fn this_host(&self, overrides: &Overrides) -> Option<HostFacts> {
        let Overrides { driver, gpus, capabilities, arch, no_host, .. } = overrides;
        let named = driver.is_some() && arch.is_some() && !(gpus.is_empty() && capabilities.is_empty());
        (!no_host && !named).then(|| host::probe(&self.system, Path::new("/"), None))
    }

    /// Where environments run. Nothing is sent yet.
    ///
    /// # Errors
    /// Where its address can't be used, or nothing listens there.
    pub fn place(&self) -> Result<impl Place + ImageBuilder> {
        place::open(&self.system, self.global.engine.as_deref(), self)
    }

    /// Removes what an interrupted command left at the place, for as long as a person waits for a command that they
    /// ended. That this fails must not hide that it was interrupted.
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

/// A verb's exit code is one of ours, or its child's own (`exec`, `ssh`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Ours.
    Ours(Exit),
    /// The child's.
    Child(u8),
}

impl From<Exit> for Ending {
    fn from(exit: Exit) -> Self {
        Self::Ours(exit)
    }
}

/// What verbs return.
pub type Outcome = Result<Ending>;
