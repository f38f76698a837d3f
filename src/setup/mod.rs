//! Installs and starts a container engine and the tools around it, as a plan of commands that are shown before they
//! run.
//!
//! [`observe`] reads the machine, [`plan()`] decides, and [`apply`] runs. The plan of a complete machine is empty.
//! Setup removes nothing except the files that a dead engine left in its own directories, and changes only this
//! machine. It supports Debian, Ubuntu and their derivatives; on other systems it names the missing parts.

mod apply;
mod error;
mod observed;
mod plan;
mod probe;
mod step;

pub use self::apply::apply;
pub use self::error::{MissingPart, SetupError};
pub use self::observed::{Caller, ContainerToolkit, EngineState, InstalledParts, Need};
pub use self::plan::plan;
pub use self::probe::{LOG, address, observe, offers_build_kit, ping};
pub use self::step::{SetupAction, SetupPackage, SetupStep, StepProof, StepReason};
