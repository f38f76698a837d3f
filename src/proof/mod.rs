//! Proves that what is in an image works: every shared library finds what it needs, and the frameworks are imported and
//! compute.
//!
//! Three programs in Python do it, where the environment is: in the build of the image, and in its container. This room
//! holds them, writes their input, and reads what they print. It is pure.

mod finding;
mod proof_program;
mod report;

pub use finding::{
    AbsentModules, ComputeFinding, Finding, ImportFinding, LibraryFinding, MachineFinding, MachineLine, SeenGpu,
    finding,
};
pub use proof_program::{FrameworkCode, ProofFiles, ProofProgram, import_files, library_files, modules_command};
pub use report::{FrameworkProof, ImportsReport, MissingModule, Outlook, ProofReport};
