//! Who has a port that an environment is to get.

use std::fmt;

/// Who holds a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortHolder {
    /// A container, by its name.
    Container(String),
    /// A process of this host.
    Process {
        /// Its number.
        pid: u32,
        /// Its program.
        name: String,
    },
    /// Something whose owner this user may not see.
    Unknown,
}

impl fmt::Display for PortHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(name) => write!(f, "the container `{name}`"),
            Self::Process { pid, name } => write!(f, "the process `{name}` ({pid})"),
            Self::Unknown => f.write_str("another process"),
        }
    }
}
