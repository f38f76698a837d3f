//! Checks the rows about libraries of the system, about libraries that are loaded first, and about undeclared needs.

use super::RowProblem;
use super::findings::Findings;
use super::package_rows::order;
use crate::manifest::{Requirement, SystemPackage};
use crate::matrix::{LibrarySource, Matrix, preloads, system_libraries, undeclared_needs};

pub(super) fn system_libraries_of(matrix: &Matrix, findings: &mut Findings) {
    const FILE: &str = "system-libraries.toml";
    let rows = system_libraries();
    order(FILE, rows.iter().map(|row| row.name.as_str()), findings);
    for row in rows {
        findings.provenance(FILE, &row.name, &row.source, &row.checked);
        let is_open = row.name.ends_with('*');
        if (row.from == LibrarySource::Distribution) == row.packages.is_empty() || is_open && !row.packages.is_empty() {
            findings.add(FILE, &row.name, RowProblem::Missing { what: "packages" });
        }
        for (package, distributions) in &row.packages {
            if package.parse::<SystemPackage>().is_err() {
                let known = "names of a distribution's packages";
                findings.add(FILE, &row.name, RowProblem::Word { what: "package", value: package.clone(), known });
            }
            for id in distributions.iter().filter(|id| matrix.distribution(id).is_none_or(|known| known.id != **id)) {
                let problem =
                    RowProblem::Unknown { what: "distribution", value: id.clone(), file: "distributions.toml" };
                findings.add(FILE, &row.name, problem);
            }
        }
        for text in &row.needed_by {
            requirement(FILE, &row.name, text, findings);
        }
    }
}

pub(super) fn preload_rows(findings: &mut Findings) {
    const FILE: &str = "preloads.toml";
    for row in preloads() {
        findings.provenance(FILE, &row.package, &row.source, &row.checked);
        requirement(FILE, &row.package, &row.package, findings);
        if row.file.is_none() && row.libraries.is_empty() {
            findings.add(FILE, &row.package, RowProblem::Missing { what: "libraries" });
        }
    }
}

pub(super) fn undeclared(findings: &mut Findings) {
    const FILE: &str = "undeclared.toml";
    for row in undeclared_needs() {
        findings.provenance(FILE, &row.package, &row.source, &row.checked);
        requirement(FILE, &row.package, &row.package, findings);
        requirement(FILE, &row.package, &row.requires, findings);
    }
}

fn requirement(file: &str, row: &str, text: &str, findings: &mut Findings) {
    if text.parse::<Requirement>().is_err() {
        let known = "requirements such as `soundfile<0.11`";
        findings.add(file, &row, RowProblem::Word { what: "requirement", value: text.to_owned(), known });
    }
}
