//! The reasons why a container does not get a device.
//!
//! Each reason ends the sentence of the error that names the device.

/// The problem with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceProblem {
    /// The path does not exist.
    #[error("it does not exist")]
    Missing,
    /// The path is another kind of file.
    #[error("it is neither a device nor a directory of devices")]
    NoDevice,
    /// A directory on the way does not belong to root, or others can write in it.
    #[error("users other than root can replace it")]
    Exchangeable,
}
