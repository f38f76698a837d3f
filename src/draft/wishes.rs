//! What the caller says about the manifest. It precedes every file.
//!
//! A caller knows the purpose of the draft, and a file knows only the machine of its author.

use super::drafter::Drafter;
use super::{DraftFramework, DraftPlace, How};
use crate::foreign::{DockerRun, KeySetting};
use crate::manifest::{Date, EnvironmentName, FrameworkId, ProjectPath, PythonRequest};
use crate::version::VersionRequest;

/// The source of a value that the caller names.
const COMMAND_LINE: &str = "command line";

/// What the caller says about the manifest.
#[derive(Clone, Debug, Default)]
pub struct DraftWishes {
    pub name: Option<EnvironmentName>,
    /// Frameworks with the releases, if some are named.
    pub frameworks: Vec<(FrameworkId, Option<VersionRequest>)>,
    pub python: Option<PythonRequest>,
    /// Whether no GPU is wanted.
    pub cpu: bool,
    pub docker_run: Option<DockerRun>,
    /// The only files of requirements to take.
    pub requirements: Vec<ProjectPath>,
    /// The last day of publication for packages.
    pub exclude_newer: Option<Date>,
}

impl Drafter<'_> {
    /// Takes the values of the manifest. The files and the `docker run` line have steps of their own.
    pub(super) fn take_wishes(&mut self, wishes: &DraftWishes) {
        let DraftWishes { name: _, frameworks, python, cpu, docker_run: _, requirements: _, exclude_newer } = wishes;
        let place = DraftPlace::whole(COMMAND_LINE);
        for (id, version) in frameworks {
            let version = version.clone().unwrap_or_else(VersionRequest::any);
            let found = DraftFramework { version, with: [].into(), place: place.clone(), how: How::Asked };
            self.draft.add_framework(id, found);
        }
        if let Some(python) = python {
            self.draft.offer(KeySetting::whole("python", "version", python.text()), &place, How::Asked);
        }
        if let Some(day) = exclude_newer {
            self.draft.offer(KeySetting::whole("python", "exclude-newer", day.as_str()), &place, How::Asked);
        }
        if *cpu {
            self.draft.offer(KeySetting::whole("gpu", "devices", "none"), &place, How::Asked);
        }
    }
}
