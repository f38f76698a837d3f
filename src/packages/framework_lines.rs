//! Finds the lines of a project's files and of `[python] packages` that are about a framework, and says what each asks
//! of it. A line about a framework is a fact for the resolver; it never adds a second distribution beside it.

use std::collections::BTreeSet;

use super::bad_file::BadFile;
use super::requirements_file::{BadLine, FileIndex, IndexOption, ReadFile};
use super::{PackagesError, framework_name};
use crate::manifest::{Arch, FrameworkId, Manifest, PackageName, Requirement};
use crate::matrix::rows::FrameworkFile;
use crate::matrix::{self, Matrix, PackageKind};
use crate::resolve::{FactOrigin, FrameworkLine, LineDemand};
use crate::text::shown;
use crate::version::PythonVersion;

/// The largest number of lines about frameworks. No project has so many, and the time to explain a conflict grows with
/// them.
const MOST: usize = 100;

/// The lines about frameworks, for machines of this architecture. `bad` are the lines of the files that cannot be used
/// for another reason.
///
/// # Errors
///
/// Lines that cannot be used, all together: `bad`, an index of an unknown server, a nightly build, an address that does not
/// say which build it is.
pub fn framework_lines(
    manifest: &Manifest,
    files: &[ReadFile],
    matrix: &Matrix,
    arch: Arch,
    bad: Vec<BadFile>,
) -> Result<Vec<FrameworkLine>, PackagesError> {
    let mut found = LineFinder { matrix, arch, lines: Vec::new(), libraries: Vec::new(), bad, seen: 0 };
    for package in &manifest.python.packages {
        let place = package.span.as_ref().and_then(|span| manifest.sources.place(span));
        let line = place.as_deref().and_then(|place| place.rsplit_once(':')?.1.parse().ok()).unwrap_or(1);
        let origin = FactOrigin::Manifest { place, span: package.span.clone() };
        let path = manifest.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.take(&package.value, true, origin, LinePlace { path: &path, text: &manifest.text, line });
    }
    for file in files {
        for one in &file.content.requirements {
            let origin = FactOrigin::File(format!("{}:{}", file.path, one.line));
            let place = LinePlace { path: &file.path, text: &file.text, line: one.line };
            found.take(&one.requirement, !file.constraint, origin, place);
        }
    }
    let frameworks = found.frameworks(manifest);
    found.limit_libraries(&frameworks);
    for file in files {
        for index in &file.content.indexes {
            found.take_index(index, file, manifest, &frameworks);
        }
    }
    if found.bad.is_empty() {
        return Ok(found.lines);
    }
    found.bad.iter_mut().for_each(|file| file.lines.sort_by_key(|line| line.line));
    Err(PackagesError::BadRequirements { bad: found.bad })
}

/// The place of a line in the text of its file.
#[derive(Clone, Copy)]
struct LinePlace<'a> {
    path: &'a str,
    text: &'a str,
    line: usize,
}

struct LineFinder<'a> {
    matrix: &'a Matrix,
    arch: Arch,
    lines: Vec<FrameworkLine>,
    /// The lines about NVIDIA's libraries, for any framework.
    libraries: Vec<(Requirement, FactOrigin)>,
    bad: Vec<BadFile>,
    /// The number of lines about frameworks so far, also of those whose marker is never true.
    seen: usize,
}

impl LineFinder<'_> {
    fn take(&mut self, requirement: &Requirement, asks: bool, origin: FactOrigin, place: LinePlace<'_>) {
        let name = requirement.package();
        let known = framework_name::framework_package(&name, self.matrix);
        if known.is_none() && matrix::library(name.as_str()).is_none() {
            return;
        }
        self.seen += 1;
        if self.seen > MOST {
            return self.refuse(place, format!("more than {MOST} lines are about frameworks"), None);
        }
        let Some(known) = known else {
            self.libraries.push((requirement.clone(), origin));
            return;
        };
        let pythons = self.pythons_of(requirement, &known.framework);
        if pythons.as_ref().is_some_and(BTreeSet::is_empty) {
            return;
        }
        let (versions, label) = match demanded(requirement) {
            Ok(demanded) => demanded,
            Err((why, hint)) => return self.refuse(place, why, Some(hint)),
        };
        let demand = match known.kind {
            PackageKind::Build => LineDemand::Release { versions, label, package: known.build },
            PackageKind::Companion => {
                let file = self.matrix.framework(&known.framework);
                let in_rows = |name: &PackageName| {
                    let releases = file.map_or(&[][..], |file| &file.releases);
                    releases.iter().any(|release| release.companions.contains_key(name.as_str()))
                };
                LineDemand::Companion { in_rows: in_rows(&name), name, versions, label }
            }
            PackageKind::Part => return,
            PackageKind::Nightly => {
                let package = self.matrix.framework(&known.framework).map(|file| file.framework.package.as_str());
                let hint = format!("write `{}` with a version, or without one", package.unwrap_or_default());
                return self.refuse(place, "nightly builds are not chosen".to_owned(), Some(hint));
            }
        };
        let text = requirement.as_str().to_owned();
        self.lines.push(FrameworkLine { framework: known.framework, text, origin, demand, asks, pythons });
    }

    fn refuse(&mut self, LinePlace { path, text, line }: LinePlace<'_>, why: String, hint: Option<String>) {
        let written = text.lines().nth(line - 1).unwrap_or_default().trim();
        let bad = BadLine { line, text: shown(written), why, hint };
        match self.bad.iter_mut().find(|file| file.path == path) {
            // One more line about too many lines says nothing new.
            Some(file) if file.lines.last().is_some_and(|last| last.why == bad.why && last.hint.is_none()) => {}
            Some(file) => file.lines.push(bad),
            None => self.bad.push(BadFile { path: path.to_owned(), text: text.to_owned(), lines: vec![bad] }),
        }
    }

    /// The Pythons of the framework's wheels for which the marker is true. `None`: all.
    fn pythons_of(&self, requirement: &Requirement, framework: &FrameworkId) -> Option<BTreeSet<PythonVersion>> {
        if !requirement.as_str().contains(';') {
            return None;
        }
        let all = self.matrix.framework(framework).map(FrameworkFile::pythons).unwrap_or_default();
        let (held, others): (BTreeSet<_>, BTreeSet<_>) =
            all.into_iter().partition(|python| requirement.holds(python, self.arch));
        (!others.is_empty()).then_some(held)
    }

    /// The frameworks that the manifest or a line asks for.
    fn frameworks(&self, manifest: &Manifest) -> BTreeSet<FrameworkId> {
        let asked = self.lines.iter().filter(|line| line.asks).map(|line| &line.framework);
        manifest.frameworks.keys().chain(asked).cloned().collect()
    }

    /// A line about a library limits each framework that installs it.
    fn limit_libraries(&mut self, frameworks: &BTreeSet<FrameworkId>) {
        for (requirement, origin) in std::mem::take(&mut self.libraries) {
            for framework in frameworks {
                if self.lines.len() >= MOST {
                    return;
                }
                let pythons = self.pythons_of(&requirement, framework);
                if pythons.as_ref().is_some_and(BTreeSet::is_empty) {
                    continue;
                }
                let (text, name) = (requirement.as_str().to_owned(), requirement.package().to_string());
                let range = demanded(&requirement).map(|(versions, _)| versions.to_string()).unwrap_or_default();
                let origin = origin.clone();
                let demand = LineDemand::Library { name, range };
                let framework = framework.clone();
                self.lines.push(FrameworkLine { framework, text, origin, demand, asks: false, pythons });
            }
        }
    }

    /// An index of makers prefers their build; an index of the caller is used anyway; any other is refused.
    fn take_index(
        &mut self,
        index: &FileIndex,
        file: &ReadFile,
        manifest: &Manifest,
        frameworks: &BTreeSet<FrameworkId>,
    ) {
        let FileIndex { option, address, line } = index;
        let address = address.trim_end_matches('/');
        if let Some(framework) = self.served(address) {
            if frameworks.contains(&framework) && self.lines.len() < MOST && self.serves_a_build(&framework, address) {
                let only = *option == IndexOption::Index;
                self.lines.push(FrameworkLine {
                    framework,
                    text: format!("{} {address}", option_text(*option)),
                    origin: FactOrigin::File(format!("{}:{line}", file.path)),
                    demand: LineDemand::Index { address: address.to_owned(), only },
                    asks: false,
                    pythons: None,
                });
            }
            return;
        }
        let network = &manifest.network;
        let mut own = network.pip_index.iter().chain(&network.pip_extra_indexes);
        if own.any(|own| own.value.to_string().trim_end_matches('/') == address) || is_default(address) {
            return;
        }
        let (why, key) = match option {
            IndexOption::Index => ("it is another index than yours", "pip-index"),
            IndexOption::Extra | IndexOption::Links => {
                ("it is an index that envctl does not know", "pip-extra-indexes")
            }
        };
        let value = if key == "pip-index" { format!("\"{address}\"") } else { format!("[\"{address}\"]") };
        let hint = format!(
            "to use it for every package, add `{key} = {value}` to `[network]` in your own configuration \
             (`envctl config` shows its path); else remove the line"
        );
        let place = LinePlace { path: &file.path, text: &file.text, line: *line };
        self.refuse(place, why.to_owned(), Some(hint));
    }

    /// The framework that the makers at this address build.
    fn served(&self, address: &str) -> Option<FrameworkId> {
        if let Some(row) = matrix::makers_address(address) {
            return Some(row.framework.clone());
        }
        // A site's own rows can name a mirror of the makers.
        self.matrix.frameworks().map(|known| known.id).find(|id| self.has_index(id, address)).cloned()
    }

    /// Whether a row read so far has the address. Rows of frameworks that nobody asks for are not read for it.
    fn has_index(&self, id: &FrameworkId, address: &str) -> bool {
        let is_asked = self.lines.iter().any(|line| line.framework == *id);
        let file = self.matrix.framework(id).filter(|_| is_asked);
        let builds = file.into_iter().flat_map(|file| &file.releases).flat_map(|release| &release.builds);
        builds.into_iter().any(|build| build.index.trim_end_matches('/') == address)
    }

    /// Whether the address means one build, not all of them.
    fn serves_a_build(&self, id: &FrameworkId, address: &str) -> bool {
        let line = LineDemand::Index { address: address.to_owned(), only: true };
        let file = self.matrix.framework(id);
        let builds = file.into_iter().flat_map(|file| &file.releases).flat_map(|release| &release.builds);
        builds.into_iter().any(|build| line.names(build))
    }
}

fn option_text(option: IndexOption) -> &'static str {
    match option {
        IndexOption::Index => "--index-url",
        IndexOption::Extra => "--extra-index-url",
        IndexOption::Links => "--find-links",
    }
}

/// Whether an address is that of the public default index. Naming it asks for nothing.
fn is_default(address: &str) -> bool {
    let rest = address.strip_prefix("https://").unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    host.split('.').eq(["pypi", "org"]) && path == "simple"
}

/// The versions in a requirement without their label, and the label. The error is a reason and a hint.
fn demanded(requirement: &Requirement) -> Result<(crate::version::VersionRange, Option<String>), (String, String)> {
    let (range, label) = match requirement.address() {
        None => framework_name::versions(requirement),
        Some(address) => framework_name::of_wheel(&address).ok_or_else(|| {
            let hint = format!("write `{}==VERSION`", requirement.package());
            ("for a framework, only the address of a wheel is used".to_owned(), hint)
        })?,
    };
    let versions = if range.is_empty() { Ok(crate::version::VersionRange::default()) } else { range.parse() };
    let versions = versions.map_err(|_| ("its version can't be read".to_owned(), "write `==VERSION`".to_owned()))?;
    Ok((versions, label))
}
