//! The signals that ask this process to end.
//!
//! The first one drops the work, and the work's resources are cleaned up; a later one ends the process at once.
//! Signals that arrive together with the first belong to it: `timeout` and a closed terminal send two.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals within this time count as one request to end.
const ONE_WISH: Duration = Duration::from_secs(1);

/// A signal that asks the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSignal {
    /// Ctrl-C.
    Interrupt,
    /// The terminal was closed.
    Hangup,
    /// `kill`, a service manager or a batch system.
    Terminate,
}

impl EndSignal {
    /// Returns the name without `SIG`, as `kill -s` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Hangup => "HUP",
            Self::Terminate => "TERM",
        }
    }
}

/// Receives the signals. It must be created inside a runtime.
#[derive(Debug)]
pub struct EndSignals {
    interrupt: Signal,
    terminate: Signal,
    /// `None` if the process was started to ignore it, as with `nohup`.
    hangup: Option<Signal>,
}

impl EndSignals {
    /// Starts to listen. From now on the signals do not end the process themselves.
    pub fn listen() -> io::Result<Self> {
        let hangup = !ignored(SIGHUP);
        arm(hangup)?;
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: if hangup { Some(signal(SignalKind::hangup())?) } else { None },
        })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> EndSignal {
        let received = self.receive().await;
        std::thread::spawn(|| {
            std::thread::sleep(ONE_WISH);
            at_once().store(true, Ordering::SeqCst);
        });
        received
    }

    async fn receive(&mut self) -> EndSignal {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => EndSignal::Interrupt,
            _ = self.terminate.recv() => EndSignal::Terminate,
            _ = hangup => EndSignal::Hangup,
        }
    }
}

/// Lets the first signal end the process while the user is asked, because nothing polls the work then. No work is
/// incomplete during a question.
pub fn while_asking<T>(ask: impl FnOnce() -> T) -> T {
    let before = at_once().swap(true, Ordering::SeqCst);
    let answer = ask();
    at_once().store(before, Ordering::SeqCst);
    answer
}

/// Whether a signal ends the process at once.
fn at_once() -> &'static Arc<AtomicBool> {
    static AT_ONCE: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    AT_ONCE.get_or_init(Arc::default)
}

/// Lets a signal end the process at once while [`at_once`] is true.
fn arm(hangup: bool) -> io::Result<()> {
    static ARMED: AtomicBool = AtomicBool::new(false);
    if ARMED.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    let signals = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| hangup || *signal != SIGHUP);
    for number in signals {
        flag::register_conditional_shutdown(number, 128 + number, Arc::clone(at_once()))?;
    }
    Ok(())
}

/// Whether the process ignores a signal, as the kernel reports it.
fn ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & (1 << (number - 1)) != 0)
}
