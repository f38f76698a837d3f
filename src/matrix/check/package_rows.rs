//! Checks the names that belong to frameworks, and the addresses of makers.

use super::RowProblem;
use super::findings::Findings;
use crate::manifest::FrameworkId;
use crate::matrix::{self, Matrix, PackageKind};

pub(super) fn packages(matrix: &Matrix, findings: &mut Findings) {
    const FILE: &str = "packages.toml";
    let rows = matrix::packages();
    order(FILE, rows.iter().map(|row| row.name.as_str()), findings);
    for row in rows {
        findings.provenance(FILE, &row.name, &row.source, &row.checked);
        known_framework(matrix, FILE, &row.name, &row.framework, findings);
        let is_companion = row.kind == PackageKind::Companion;
        if !is_companion && (row.makers_index.is_some() || !row.goes_with.is_empty()) {
            let known = "companion, if it has makers-index or goes-with";
            findings.add(FILE, &row.name, RowProblem::Word { what: "kind", value: "build".to_owned(), known });
        }
        for (_, release) in &row.goes_with {
            let Some(file) = matrix.framework(&row.framework) else { continue };
            let release = release.trim_start_matches(">=");
            let covered = |known: &matrix::rows::ReleaseRow| {
                let text = known.version.to_string();
                text == release || text.starts_with(&format!("{release}."))
            };
            if !file.releases.iter().any(covered) {
                let problem = RowProblem::Unknown { what: "release", value: release.to_owned(), file: "frameworks/" };
                findings.add(FILE, &row.name, problem);
            }
        }
    }
}

pub(super) fn libraries(findings: &mut Findings) {
    const FILE: &str = "libraries.toml";
    order(FILE, matrix::libraries().iter().map(|row| row.name.as_str()), findings);
    for row in matrix::libraries() {
        findings.provenance(FILE, &row.name, &row.source, &row.checked);
    }
}

pub(super) fn indexes(matrix: &Matrix, findings: &mut Findings) {
    const FILE: &str = "indexes.toml";
    let rows = matrix::makers_addresses();
    order(FILE, rows.iter().map(|row| row.address.as_str()), findings);
    for row in rows {
        findings.provenance(FILE, &row.address, &row.source, &row.checked);
        known_framework(matrix, FILE, &row.address, &row.framework, findings);
    }
}

pub(super) fn order<'a>(file: &str, names: impl Iterator<Item = &'a str> + Clone, findings: &mut Findings) {
    for (before, name) in names.clone().zip(names.skip(1)) {
        if before >= name {
            findings.add(file, &name, RowProblem::Order { before: before.to_owned() });
        }
    }
}

fn known_framework(matrix: &Matrix, file: &str, row: &impl ToString, id: &FrameworkId, findings: &mut Findings) {
    if matrix.framework(id).is_none() {
        let problem = RowProblem::Unknown { what: "framework", value: id.to_string(), file: "frameworks/" };
        findings.add(file, row, problem);
    }
}
