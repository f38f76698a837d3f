//! The reasons why a container does not get a device.
//!
//! Each reason ends the sentence of the error that names the device.

/// What stands against a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceProblem {
    /// Nothing is there.
    #[error("it does not exist")]
    Missing,
    /// A file of another kind.
    #[error("it is no device, and no directory of devices")]
    NoDevice,
    /// A directory on the way to it is not root's, or others may write in it.
    #[error("others than root can exchange it")]
    Exchangeable,
}
