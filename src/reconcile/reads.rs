//! Detects whether anything that the last `up` read has changed. If nothing did and its container runs, an `up` has
//! nothing to do.
//!
//! The project's directory records what its readers read ([`Reads`](crate::files::Reads)); this file stores the
//! record in the state and compares it. Only a full `up` asks the SSH agent, because a forwarded agent is slow: here
//! the name of its socket represents it.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::base::bootstraps;
use super::work::Work;
use crate::digest::hex;
use crate::engine::Engine;
use crate::files::ReadSummary;
use crate::project::State;

/// Stores the record of all reads of this command. A record that matches no single state of the files is not stored,
/// so that the next `up` checks everything.
pub fn remember_reads(work: &Work<'_, impl Engine>, state: &mut State) {
    let summary = work.environment.project.directory.reads().summary();
    state.inputs = summary.as_ref().map(|summary| fingerprint_inputs(work, state, summary));
    state.reads = summary.map(|summary| summary.items).unwrap_or_default();
}

/// Whether everything that the last complete `up` read is unchanged, and this command would read the same files.
#[must_use]
pub fn are_unchanged(work: &Work<'_, impl Engine>, state: &State) -> bool {
    let Some(remembered) = &state.inputs else { return false };
    let now = work
        .environment
        .project
        .directory
        .read_again(&state.reads, |name| work.system.variables.get(name).map(String::as_str));
    now.is_some_and(|summary| fingerprint_inputs(work, state, &summary) == *remembered)
}

/// Returns sixteen hex digits for the data that was read and for inputs that come from no file.
fn fingerprint_inputs(work: &Work<'_, impl Engine>, state: &State, read: &ReadSummary) -> String {
    let Work { engine, system, environment, options, sink: _ } = work;
    let values = [
        env!("CARGO_PKG_VERSION").to_owned(),
        format!("{} {} {}", system.uid, system.gid, system.user),
        format!("{} {}", options.cpu, bootstraps(&environment.manifest, options.bootstrap, state)),
        crate::host::fingerprint(Path::new("/"), engine.endpoint()),
        system.variable("SSH_AUTH_SOCK").unwrap_or_default().to_owned(),
    ];
    let mut hash = Sha256::new_with_prefix(read.fingerprint);
    for value in values {
        // The lengths keep two adjacent values apart.
        hash.update(value.len().to_le_bytes());
        hash.update(value);
    }
    hex(&hash.finalize()[..8])
}
