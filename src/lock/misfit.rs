//! Checks that a lock contains the frameworks and packages that the manifest asks for. Inputs are compared as text
//! only, so an edit could change a name or a version in the lock and leave its inputs unchanged.
//!
//! The lock itself says which package asks for a dependency, because only the index knows the dependencies of a
//! package.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use super::shape::{LockShape, PackageShape};
use super::trust::{Grounds, ProjectGrounds};
use crate::manifest::{FrameworkId, Requirement};
use crate::packages::{ClosureDemand, LockedPackage, framework_of};
use crate::resolve::Decision;

/// A framework or package of a lock that differs from the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockMisfit {
    pub kind: MisfitKind,
    pub(crate) span: Range<usize>,
}

/// The kind of difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MisfitKind {
    /// The project asks for it, and the lock does not have it.
    Missing { name: String, asked: String },
    /// The lock has another version, or another address.
    Other { name: String, found: String, asked: String },
    /// The lock has it, and nothing asks for it.
    Unasked { name: String },
}

impl fmt::Display for LockMisfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            MisfitKind::Missing { name, asked } => write!(f, "does not have `{name}`, and `{asked}` is asked for"),
            MisfitKind::Other { name, found, asked } => {
                write!(f, "has `{name}` as `{found}`, and `{asked}` is asked for")
            }
            MisfitKind::Unasked { name } => write!(f, "has `{name}`, and nothing asks for it"),
        }
    }
}

/// The first framework that differs from the manifest's request.
pub(super) fn framework(shape: &LockShape, grounds: &Grounds<'_>) -> Option<LockMisfit> {
    let wishes = &grounds.project?.manifest.frameworks;
    let frameworks = &shape.frameworks;
    let wrong = frameworks.iter().find_map(|one| {
        let (id, version) = (one.name.get_ref(), one.version.get_ref());
        let name = id.to_string();
        let Some(wish) = wishes.get(id) else {
            if asked_by_lines(id, grounds) {
                return None;
            }
            return Some(LockMisfit { kind: MisfitKind::Unasked { name }, span: one.name.span() });
        };
        let (found, asked) = (version.to_string(), format!("{id} {}", wish.value.version.text()));
        let kind = MisfitKind::Other { name, found, asked };
        (!wish.value.version.accepts(version)).then(|| LockMisfit { kind, span: one.version.span() })
    });
    let missing = wishes.iter().find(|(id, _)| frameworks.iter().all(|one| one.name.get_ref() != *id));
    wrong.or_else(|| {
        let (id, wish) = missing?;
        let asked = format!("{id} {}", wish.value.version.text());
        let span = frameworks.first().map_or(0..0, |one| one.name.span());
        Some(LockMisfit { kind: MisfitKind::Missing { name: id.to_string(), asked }, span })
    })
}

/// Whether a line of the project's files asks for a framework.
fn asked_by_lines(id: &FrameworkId, grounds: &Grounds<'_>) -> bool {
    let Some(ProjectGrounds { manifest, files }) = grounds.project else { return false };
    let own = manifest.python.packages.iter().map(|package| &package.value);
    let listed = files.iter().filter(|file| !file.constraint).flat_map(|file| &file.content.requirements);
    let mut names = own.chain(listed.map(|found| &found.requirement)).map(Requirement::package);
    names.any(|name| framework_of(&name, grounds.matrix).is_some_and(|framework| framework == *id))
}

/// The first package that differs from the requests.
pub(super) fn package(
    shape: &LockShape,
    decision: &Decision,
    packages: &[LockedPackage],
    project: Option<ProjectGrounds<'_>>,
) -> Option<LockMisfit> {
    let demand = match project {
        Some(ProjectGrounds { manifest, files }) => ClosureDemand::new(manifest, decision, files),
        None => ClosureDemand::of_frameworks(decision),
    };
    let locked = Locked { shapes: &shape.packages, packages };
    let unasked = || project.and_then(|_| locked.unasked(&demand));
    locked.unanswered(&demand).or_else(|| locked.beyond(&demand)).or_else(unasked)
}

/// The packages of a lock, each with its span.
struct Locked<'a> {
    shapes: &'a [PackageShape],
    packages: &'a [LockedPackage],
}

impl Locked<'_> {
    fn find(&self, name: &str) -> Option<(&PackageShape, &LockedPackage)> {
        self.shapes.iter().zip(self.packages).find(|(_, package)| package.name == name)
    }

    /// A requirement without a matching package.
    fn unanswered(&self, demand: &ClosureDemand) -> Option<LockMisfit> {
        demand.requirements.iter().find_map(|requirement| {
            let name = requirement.package().to_string();
            let Some((shape, package)) = self.find(&name) else { return Some(self.missing(name, requirement)) };
            (!package.answers(requirement)).then(|| other(shape, package, requirement))
        })
    }

    /// A package that violates a constraint.
    fn beyond(&self, demand: &ClosureDemand) -> Option<LockMisfit> {
        demand.constraints.iter().find_map(|constraint| {
            let (shape, package) = self.find(constraint.package().as_str())?;
            (!package.answers(constraint)).then(|| other(shape, package, constraint))
        })
    }

    /// A package that no requirement needs, directly or through other packages.
    fn unasked(&self, demand: &ClosureDemand) -> Option<LockMisfit> {
        let mut reached: BTreeSet<String> =
            demand.requirements.iter().map(|requirement| requirement.package().to_string()).collect();
        reached.extend(demand.ours.iter().cloned());
        loop {
            let before = reached.len();
            let next = self.packages.iter().filter(|package| package.via.iter().any(|via| reached.contains(via)));
            let next: Vec<_> = next.map(|package| package.name.clone()).collect();
            reached.extend(next);
            if reached.len() == before {
                break;
            }
        }
        let (shape, package) = self.shapes.iter().zip(self.packages).find(|(_, one)| !reached.contains(&one.name))?;
        Some(LockMisfit { kind: MisfitKind::Unasked { name: package.name.clone() }, span: shape.name.span() })
    }

    /// A missing package. Its span is the place where it would be.
    fn missing(&self, name: String, requirement: &Requirement) -> LockMisfit {
        let after = self.shapes.iter().find(|shape| shape.name.get_ref().as_str() > name.as_str());
        let span = after.or_else(|| self.shapes.last()).map_or(0..0, |shape| shape.name.span());
        LockMisfit { kind: MisfitKind::Missing { name, asked: requirement.to_string() }, span }
    }
}

fn other(shape: &PackageShape, package: &LockedPackage, requirement: &Requirement) -> LockMisfit {
    let name = package.name.clone();
    let found = package.url.clone().unwrap_or_else(|| package.version.clone());
    let span = shape.url.as_ref().map_or_else(|| shape.version.span(), toml::Spanned::span);
    LockMisfit { kind: MisfitKind::Other { name, found, asked: requirement.to_string() }, span }
}
