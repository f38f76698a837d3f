//! What is wrong with this machine, and the command that mends it.
//!
//! [`look`] reads, [`examine`] judges: a pure function from what was seen to findings. Nothing is mended here, and nothing
//! that works otherwise than expected is called wrong.

mod examine;
mod finding;
mod look;
mod seen;

pub use examine::{OLDEST_ENGINE, examine};
pub use finding::{Diagnosis, DiskRoom, GpuReach, Severity};
pub use look::look;
pub use seen::{DiskSpace, EngineSeen, Seen, SshConfig};
