//! Installs and starts a container engine and what goes with it: a plan of commands, each shown before it runs.
//!
//! [`observe`] reads the machine, [`plan()`] decides, [`apply`] runs. Where everything is there already the plan is empty.
//! Nothing is ever removed but what a dead engine left in its own place, and nothing is set up on another machine than
//! this one. Only Debian, Ubuntu and what is made from them can be set up; elsewhere the answer names what is missing.

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
