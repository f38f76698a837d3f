//! The error of a lock whose packages refuse every choice that the request allows.

use crate::error::{Exit, Report};
use crate::event::PackagesTry;
use crate::resolve::WayOut;

/// The packages refuse every choice. `ui` has the words for the tries and the ways out.
#[derive(Debug, thiserror::Error)]
#[error("no set of Python packages meets every requirement")]
pub struct PackagesRefused {
    /// The explanation of the first try, line by line.
    pub explanation: Vec<String>,
    /// Packages of the first try that exist only as source.
    pub needs_build: Vec<String>,
    /// Every try, in order.
    pub tried: Vec<PackagesTry>,
    /// Whether every choice was tried. If not, the allowed number of tries was used up.
    pub is_complete: bool,
    /// The changes with which it locks. Each was tried.
    pub ways_out: Vec<PackagesWayOut>,
}

/// A change with which the packages lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackagesWayOut {
    /// The frameworks and the Python of the existing lock are chosen again.
    Upgrade {
        python: String,
        /// `pytorch 2.4.1`
        frameworks: Vec<String>,
    },
    /// The manifest asks for another value.
    Manifest(WayOut),
    /// The limits on one package are left out.
    Loosen {
        package: String,
        /// The requirements with the limits, as written.
        asked: Vec<String>,
        /// The version that is locked without them.
        version: String,
    },
}

impl Report for PackagesRefused {
    fn kind(&self) -> &'static str {
        "package-conflict"
    }

    fn exit(&self) -> Exit {
        Exit::Conflict
    }

    fn output(&self) -> Vec<String> {
        self.explanation.clone()
    }
}
