//! The runs of uv: the complete closure of a decision, and the questions that a search for a decision asks.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::compile::{Compile, CompileDepth, CompileOutput, Preferences, SourceBuilds};
use super::compile_input::{CompileInput, OpenFramework, ProjectAsks};
use super::output::{self, PrintedPackage};
use super::{Access, LockedPackage, PackagesError, Uv, files, locked, tool};
use crate::event::{Event, Notice, Sink, Stage, StageSubject};
use crate::files::RootedDirectory;
use crate::grants::Agreed;
use crate::resolve::Decision;
use crate::system::System;

/// The input of a resolution.
#[derive(Clone, Copy, Debug)]
pub struct ClosureRequest<'a> {
    pub agreed: &'a Agreed<'a>,
    pub decision: &'a Decision,
    /// The requirements files, already read.
    pub files: &'a [files::ReadFile],
    pub preferences: Preferences<'a>,
    pub builds: SourceBuilds,
    /// A package whose limits are left out, to find out whether they are the reason of a conflict.
    pub loosened: Option<&'a str>,
}

impl ClosureRequest<'_> {
    pub(super) fn project(&self) -> ProjectAsks<'_> {
        ProjectAsks { manifest: self.agreed.manifest(), files: self.files, loosened: self.loosened }
    }
}

/// uv with its way to the indexes, ready for several runs.
#[derive(Debug)]
pub struct PackageResolver<'a> {
    system: &'a System,
    access: Access,
    uv: Uv,
    /// The host's Python. uv needs one to start, and takes no fact from it.
    python: Option<PathBuf>,
}

impl<'a> PackageResolver<'a> {
    /// Gets ready. It downloads uv if this host has none.
    pub async fn open(
        agreed: &Agreed<'_>,
        system: &'a System,
        project: &RootedDirectory,
        sink: &dyn Sink,
    ) -> Result<Self, PackagesError> {
        let access = Access::new(agreed, project, system)?;
        let uv = Uv::ensure(system, &access, sink).await?;
        let python = tool::host_python(system).await;
        Ok(Self { system, access, uv, python })
    }

    /// Resolves the complete closure, sorted by name.
    pub async fn closure(
        &self,
        request: ClosureRequest<'_>,
        sink: &dyn Sink,
    ) -> Result<Vec<LockedPackage>, PackagesError> {
        let mut asked = CompileInput::new(request.project(), request.decision);
        begin(request.decision, sink);
        let (mut printed, mut other_python) = self.compiled(request, &asked, CompileDepth::Complete).await?;
        if asked.take_companions(printed.iter().map(|package| package.name.as_str()), request.decision) {
            (printed, other_python) = self.compiled(request, &asked, CompileDepth::Complete).await?;
        }
        if let Some(host) = other_python {
            let environment = request.decision.python.to_string();
            sink.emit(Notice::OtherPythonBuilds { host, environment }.into());
        }
        let packages = printed.into_iter().map(|package| locked(package, &asked)).collect::<Result<Vec<_>, _>>()?;
        sink.emit(Event::StageDone { stage: Stage::Packages, result: StageSubject::Packages(packages.len()) });
        Ok(packages)
    }

    /// Lets uv choose the releases of the frameworks, on the Python and the machine of the decision. Returns the version
    /// of each framework's distribution.
    pub async fn choose(
        &self,
        request: ClosureRequest<'_>,
        frameworks: &[OpenFramework],
        sink: &dyn Sink,
    ) -> Result<BTreeMap<String, String>, PackagesError> {
        let asked = CompileInput::open(request.project(), frameworks);
        begin(request.decision, sink);
        let (printed, _) = self.compiled(request, &asked, CompileDepth::Versions).await?;
        let version = |open: &OpenFramework| {
            let package = printed.iter().find(|package| package.name == open.package)?;
            Some((open.id.clone(), package.version.clone()))
        };
        Ok(frameworks.iter().filter_map(version).collect())
    }

    /// Checks whether the project's own requirements can be met on the Python and the machine of the decision, without
    /// frameworks and without what the packages need. If not, no release of a framework changes that.
    pub async fn check_direct(&self, request: ClosureRequest<'_>) -> Result<(), PackagesError> {
        let asked = CompileInput::direct(request.project(), request.decision);
        if asked.requirements.is_empty() {
            return Ok(());
        }
        self.compiled(request, &asked, CompileDepth::Direct).await.map(drop)
    }

    pub(super) async fn compiled(
        &self,
        request: ClosureRequest<'_>,
        asked: &CompileInput,
        depth: CompileDepth,
    ) -> Result<(Vec<PrintedPackage>, Option<String>), PackagesError> {
        let ClosureRequest { decision, preferences, builds, .. } = request;
        let Self { system, access, uv, python } = self;
        let compile = Compile { uv, system, access, python: python.as_deref(), preferences, builds, depth };
        let CompileOutput { text, other_python } = compile.run(asked, decision).await?;
        let printed = output::parse(&text).map_err(|line| PackagesError::Unparsable { line })?;
        Ok((printed, other_python))
    }
}

fn begin(decision: &Decision, sink: &dyn Sink) {
    sink.emit(Event::Stage { stage: Stage::Packages, subject: StageSubject::Python(decision.python.to_string()) });
}
