//! Diagnoses this machine and names the command that repairs each problem.
//!
//! [`look`] reads the machine, and [`examine`] turns the observations into findings as a pure function. This room
//! repairs nothing, and it reports no problem for a part that works in an unusual way.

mod examine;
mod finding;
mod look;
mod seen;

pub use examine::{OLDEST_ENGINE, examine};
pub use finding::{Diagnosis, DiskRoom, GpuReach, Severity};
pub use look::look;
pub use seen::{DiskSpace, EngineSeen, Seen, SshConfig};
