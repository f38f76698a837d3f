//! The program as a script or a user runs it: arguments and files in, exit code, text and JSON out. No test needs an
//! engine.

#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]
#![expect(clippy::disallowed_methods, reason = "tests run the program as a shell does")]

mod cases;
mod check;
mod host;
mod init;
mod init_of_strangers;
mod lock;
mod overlay;
mod proof;
