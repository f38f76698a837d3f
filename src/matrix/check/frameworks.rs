//! Checks the file of each framework.
//!
//! It checks each release and build against the curated tables and the distributions.

use std::collections::BTreeSet;

use super::RowProblem;
use super::findings::Findings;
use super::tables::{known_capability, known_cuda, known_cudnn};
use crate::manifest::FrameworkId;
use crate::matrix::Matrix;
use crate::matrix::rows::{BuildRow, CapabilityRow, Libraries, ReleaseRow, RequirementRow, WheelRow};
use crate::parser;

pub(super) fn framework(matrix: &Matrix, id: &FrameworkId, findings: &mut Findings) {
    let file = format!("frameworks/{id}.toml");
    let Some(rows) = matrix.framework(id) else { return };
    findings.provenance(&file, &"framework", &rows.framework.source, &rows.framework.checked);
    if rows.framework.verify.trim().is_empty() {
        findings.add(&file, &"framework", RowProblem::Missing { what: "verify" });
    }
    findings.order(&file, &rows.releases, |row| row.version.to_string());
    for row in &rows.releases {
        release(matrix, &file, id, row, findings);
    }
}

fn release(matrix: &Matrix, file: &str, id: &FrameworkId, row: &ReleaseRow, findings: &mut Findings) {
    findings.provenance(file, &row.version, &row.source, &row.checked);
    if row.version.is_prerelease() {
        findings.add(file, &row.version, RowProblem::Prerelease);
    }
    for (what, day) in [("released", &row.released), ("exclude-newer", &row.exclude_newer)] {
        if let Some(day) = day {
            findings.day(file, &row.version, what, day);
        }
    }
    requirements(file, &row.version, row.requires.as_deref(), findings);
    if row.builds.is_empty() {
        findings.add(file, &row.version, RowProblem::Missing { what: "build" });
    }
    let mut variants = BTreeSet::new();
    for build in &row.builds {
        let name = format!("{} {}", row.version, build.variant);
        // One variant can be on two indexes, and can differ between architectures.
        let arches: BTreeSet<_> = build.wheels.iter().map(|wheel| wheel.arch).collect();
        if !arches.into_iter().all(|arch| variants.insert((&build.variant, &build.package, &build.index, arch))) {
            let problem = RowProblem::SameName { name: build.variant.clone(), other: build.variant.clone() };
            findings.add(file, &name, problem);
        }
        self::build(matrix, file, &name, build, findings);
        if row.unbuildable.is_none() && build.unbuildable.is_none() {
            base(matrix, file, &name, id, build, findings);
        }
    }
}

fn build(matrix: &Matrix, file: &str, name: &String, row: &BuildRow, findings: &mut Findings) {
    if row.wheels.is_empty() {
        findings.add(file, name, RowProblem::Missing { what: "wheels" });
    }
    for wheel in &row.wheels {
        if wheel.python.is_empty() {
            findings.add(file, name, RowProblem::Missing { what: "python" });
        }
    }
    if row.index != "default" && !row.index.starts_with("https://") {
        let problem = RowProblem::Word { what: "index", value: row.index.clone(), known: "`default` or a https URL" };
        findings.add(file, name, problem);
    }
    if let Some(day) = &row.uploaded {
        findings.day(file, name, "uploaded", day);
    }
    ranges(file, name, row.shared.iter().flatten(), findings);
    requirements(file, name, row.requires.as_deref(), findings);
    for capability in &row.capabilities {
        known_capability(matrix, file, name, *capability, findings);
    }
    let Some(cuda) = &row.cuda else { return };
    known_cuda(matrix, file, name, cuda, findings);
    if let Some(cudnn) = &row.cudnn {
        // Publishers pair a cuDNN with a later minor release of its CUDA, and CUDA's own rule allows it.
        known_cudnn(matrix, file, name, cudnn, &cuda.prefix(1), findings);
    }
    for capability in &row.capabilities {
        // The minimum CUDA of a build can be older than the CUDA that compiled it. So any release of the same major is
        // enough.
        let compiles =
            |row: &CapabilityRow| matrix.cuda_within(&cuda.prefix(1)).any(|cuda| row.has_cuda(&cuda.version));
        if matrix.capability(*capability).is_some_and(|known| !compiles(known)) {
            findings.add(
                file,
                name,
                RowProblem::NotCompiled { cuda: cuda.to_string(), capability: capability.to_string() },
            );
        }
    }
}

fn requirements(file: &str, name: &impl ToString, rows: Option<&[RequirementRow]>, findings: &mut Findings) {
    for row in rows.into_iter().flatten() {
        ranges(file, name, row.packages.iter(), findings);
    }
}

fn ranges<'a>(
    file: &str,
    name: &impl ToString,
    packages: impl Iterator<Item = (&'a String, &'a String)>,
    findings: &mut Findings,
) {
    for (package, range) in packages.filter(|(_, range)| parser::specifiers(range).is_none()) {
        findings.add(file, name, RowProblem::NotARange { package: package.clone(), range: range.clone() });
    }
}

/// Checks that an available base can carry the build: a distribution with the C library for each architecture. If the
/// system must provide CUDA, it also needs an image with that CUDA: a plain one or one of the framework's own.
fn base(matrix: &Matrix, file: &str, name: &String, id: &FrameworkId, row: &BuildRow, findings: &mut Findings) {
    for wheel in &row.wheels {
        if !(matrix.distributions().iter()).any(|os| os.unbuildable.is_none() && carries(wheel, os)) {
            let need = format!("glibc {} on {}", wheel.glibc, arch(wheel));
            findings.add(file, name, RowProblem::NoBase { need });
        }
    }
    let (Libraries::System, Some(cuda)) = (row.libraries, &row.cuda) else { return };
    let brings = matrix.images().iter().any(|image| {
        let os = matrix.distribution(&image.os);
        let others = image.framework.as_ref().is_some_and(|held| held.split(' ').next() != Some(id.as_str()));
        image.unbuildable.is_none()
            && !others
            && image.cuda.within(&cuda.prefix(2))
            && os
                .is_some_and(|os| row.wheels.iter().any(|wheel| image.arch.contains(&wheel.arch) && carries(wheel, os)))
    });
    if !brings {
        findings.add(file, name, RowProblem::NoBase { need: format!("an image with CUDA {cuda}") });
    }
}

fn carries(wheel: &WheelRow, os: &crate::matrix::rows::DistributionRow) -> bool {
    os.arch.contains(&wheel.arch) && wheel.glibc <= os.glibc
}

fn arch(wheel: &WheelRow) -> String {
    format!("{:?}", wheel.arch).to_lowercase()
}
