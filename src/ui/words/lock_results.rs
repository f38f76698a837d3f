//! Says what a `lock` made of the lock's file.

use super::stages::counted;
use crate::lock::{Lock, Written};

/// Describes the file `name` and the choices in it, as a line.
#[must_use]
pub fn lock_result(name: &str, written: &Written, lock: &Lock) -> String {
    let done = match written {
        Written::Unchanged => "is up to date",
        Written::New => "is written",
        Written::Renewed(_) => "is renewed",
        Written::Rewritten => "is written in the newest format",
        Written::Upgraded => "is upgraded",
    };
    let frameworks =
        lock.decision.frameworks.iter().map(|framework| format!("{} {}", framework.name, framework.version));
    let rest = [format!("Python {}", lock.decision.python), counted(lock.packages.len(), "package")];
    format!("{name} {done}: {}\n", frameworks.chain(rest).collect::<Vec<_>>().join(", "))
}
