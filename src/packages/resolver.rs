//! The runs of uv: the complete closure of a decision, and the questions that a search for a decision asks.

use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use super::compile::{Compile, CompileDepth, Preferences, SourceBuilds, failure};
use super::compile_input::{CompileInput, OpenFramework, ProjectAsks};
use super::output::{self, PrintedPackage};
use super::uv_run::UvRun;
use super::{
    Access, LockedPackage, PackageClosure, PackagesError, SourceMetadata, SourceNotes, SourceRunner, Uv, files, locked,
};
use crate::event::{Event, Sink, Stage, StageSubject};
use crate::files::RootedDirectory;
use crate::grants::Agreed;
use crate::resolve::Decision;
use crate::system::{Scratch, System};

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
    /// Where code of packages runs. `None`: nowhere.
    runner: Option<&'a dyn SourceRunner>,
    /// A cache of uv for sources, which this resolver alone uses.
    pub(super) cache: OnceCell<Scratch>,
}

/// The packages of a run of uv.
pub(super) struct CompiledPackages {
    pub(super) printed: Vec<PrintedPackage>,
    /// How the needs of the sources among them are known.
    pub(super) metadata: SourceMetadata,
    /// What was there while sources were asked.
    pub(super) notes: SourceNotes,
}

impl<'a> PackageResolver<'a> {
    /// Gets ready. It downloads uv if this host has none.
    pub async fn open(
        agreed: &Agreed<'_>,
        system: &'a System,
        project: &RootedDirectory,
        runner: Option<&'a dyn SourceRunner>,
        sink: &dyn Sink,
    ) -> Result<Self, PackagesError> {
        let access = Access::new(agreed, project, system)?;
        let uv = Uv::ensure(system, &access, sink).await?;
        Ok(Self { system, access, uv, runner, cache: OnceCell::new() })
    }

    /// Resolves the complete closure, sorted by name.
    pub async fn closure(&self, request: ClosureRequest<'_>, sink: &dyn Sink) -> Result<PackageClosure, PackagesError> {
        let mut asked = CompileInput::new(request.project(), request.decision);
        let declared = asked.clone();
        asked.take_undeclared(&frameworks(request.decision));
        begin(request.decision, sink);
        let mut compiled = match self.compiled(request, &asked, CompileDepth::Complete).await {
            // What the project asks for decides; a need that nobody declared gives way.
            Err(PackagesError::Conflict(_)) if asked != declared => {
                asked = declared;
                self.compiled(request, &asked, CompileDepth::Complete).await?
            }
            compiled => compiled?,
        };
        let names = compiled.printed.iter().map(|package| package.name.as_str());
        if asked.take_companions(names, request.decision) {
            compiled = self.compiled(request, &asked, CompileDepth::Complete).await?;
        }
        if let Some((more, found)) = self.undeclared(request, &asked, &compiled.printed).await? {
            (asked, compiled) = (more, found);
        }
        let CompiledPackages { printed, metadata, notes } = compiled;
        let packages = printed.into_iter().map(|package| locked(package, &asked)).collect::<Result<Vec<_>, _>>()?;
        let closure = match request.builds {
            SourceBuilds::Refused => PackageClosure { packages, builds: Vec::new() },
            SourceBuilds::Static | SourceBuilds::Allowed => {
                self.with_sources(request, &asked, packages, (metadata, &notes)).await?
            }
        };
        let count = closure.packages.len();
        sink.emit(Event::StageDone { stage: Stage::Packages, result: StageSubject::Packages(count) });
        Ok(closure)
    }

    /// The closure with what its packages need and do not declare. `None`: they declare all, or the project excludes it.
    async fn undeclared(
        &self,
        request: ClosureRequest<'_>,
        asked: &CompileInput,
        printed: &[PrintedPackage],
    ) -> Result<Option<(CompileInput, CompiledPackages)>, PackagesError> {
        let found = printed.iter().map(|PrintedPackage { name, version, url, .. }| LockedPackage {
            name: name.clone(),
            version: version.clone(),
            url: url.clone(),
            ..LockedPackage::default()
        });
        let mut more = asked.clone();
        if !more.take_undeclared(&found.collect::<Vec<_>>()) {
            return Ok(None);
        }
        match self.compiled(request, &more, CompileDepth::Complete).await {
            Ok(found) => Ok(Some((more, found))),
            Err(PackagesError::Conflict(_)) => Ok(None),
            Err(error) => Err(error),
        }
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
        let CompiledPackages { printed, .. } = self.compiled(request, &asked, CompileDepth::Versions).await?;
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
    ) -> Result<CompiledPackages, PackagesError> {
        let compile = self.compile(request, depth).await?;
        let mut notes = SourceNotes::default();
        let (text, metadata) = match compile.run(asked, request.decision).await {
            Err(error @ PackagesError::NeedsCode { .. }) => match self.runner {
                Some(runner) if request.builds == SourceBuilds::Allowed => {
                    let job = compile.job(asked, request.decision)?;
                    let answer = runner.compile(request.decision, &job).await;
                    let answer = answer.map_err(|error| PackagesError::InContainer { error })?;
                    notes = answer.notes;
                    (answer.output.ok_or_else(|| failure(&answer.words, asked))?, SourceMetadata::Dynamic)
                }
                _ => return Err(error),
            },
            run => (run?, SourceMetadata::Static),
        };
        let printed = output::parse(&text).map_err(|line| PackagesError::Unparsable { line })?;
        Ok(CompiledPackages { printed, metadata, notes })
    }

    /// A run of uv on this host.
    pub(super) async fn compile<'r>(
        &'r self,
        request: ClosureRequest<'r>,
        depth: CompileDepth,
    ) -> Result<Compile<'r>, PackagesError> {
        let ClosureRequest { preferences, builds, .. } = request;
        let takes_sources = builds != SourceBuilds::Refused && depth != CompileDepth::Newest;
        let sources = if takes_sources { Some(self.source_cache().await?) } else { None };
        Ok(Compile { run: self.uv_run(), preferences, builds, sources, depth })
    }

    pub(super) fn uv_run(&self) -> UvRun<'_> {
        UvRun { uv: &self.uv, system: self.system, access: &self.access }
    }
}

/// The distributions of the frameworks.
fn frameworks(decision: &Decision) -> Vec<LockedPackage> {
    let frameworks = decision.frameworks.iter().map(|framework| LockedPackage {
        name: framework.package.clone(),
        version: framework.version.to_string(),
        ..LockedPackage::default()
    });
    frameworks.collect()
}

fn begin(decision: &Decision, sink: &dyn Sink) {
    sink.emit(Event::Stage { stage: Stage::Packages, subject: StageSubject::Python(decision.python.to_string()) });
}
