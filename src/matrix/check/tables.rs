//! Checks the curated tables: CUDA, capabilities, GPUs, cuDNN, distributions, images, uv and families.

use std::collections::BTreeMap;

use super::RowProblem;
use super::findings::Findings;
use crate::matrix::rows::{CudaRow, ImageRow};
use crate::matrix::twins::{conda_rows, import_rows};
use crate::matrix::{self, Matrix, ProductName};
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion};

const SEGMENTS: [&str; 4] = ["data-center", "workstation", "geforce", "jetson"];
const FLAVOURS: [&str; 5] = ["base", "runtime", "devel", "cudnn-runtime", "cudnn-devel"];

pub(super) fn cuda(matrix: &Matrix, findings: &mut Findings) {
    const FILE: &str = "cuda.toml";
    let rows = matrix.cuda();
    findings.order(FILE, rows, |row| row.version.to_string());
    for row in rows {
        findings.provenance(FILE, &row.version, &row.source, &row.checked);
        cuda_drivers(row, findings);
    }
    let ends = |what: &'static str, is: fn(&CudaRow) -> bool, findings: &mut Findings| {
        for pair in rows.windows(2).filter(|pair| is(&pair[1]) && !is(&pair[0])) {
            findings.add(FILE, &pair[1].version, RowProblem::Returns { what, before: pair[0].version.to_string() });
        }
    };
    ends("own-floors", |row| row.own_floors, findings);
    ends("own-names", |row| row.own_names, findings);
    for pair in rows.windows(2) {
        let (before, row) = (&pair[0], &pair[1]);
        let follows = row.after.as_ref() == Some(&before.version) || !is_gap(&before.version, &row.version);
        if !follows {
            let missing = format!("{}.{}", before.version.major(), before.version.minor().unwrap_or_default() + 1);
            findings.add(FILE, &row.version, RowProblem::Gap { missing, before: before.version.to_string() });
        }
        if before.driver_minimum > row.driver_minimum {
            findings.add(
                FILE,
                &row.version,
                RowProblem::Above {
                    low: "the driver-minimum of the release before",
                    low_value: before.driver_minimum.to_string(),
                    high: "its own",
                    high_value: row.driver_minimum.to_string(),
                },
            );
        }
    }
}

/// Whether a minor release of one major is missing between the two.
fn is_gap(before: &CudaVersion, after: &CudaVersion) -> bool {
    before.major() == after.major() && before.minor().map(|minor| minor + 1) != after.minor()
}

fn cuda_drivers(row: &CudaRow, findings: &mut Findings) {
    let newer = row.updates.values().map(|driver| ("an update's driver", driver));
    for (high, driver) in row.driver_toolkit.iter().map(|driver| ("the toolkit's driver", driver)).chain(newer) {
        if row.driver_minimum > *driver {
            findings.add(
                "cuda.toml",
                &row.version,
                RowProblem::Above {
                    low: "driver-minimum",
                    low_value: row.driver_minimum.to_string(),
                    high,
                    high_value: driver.to_string(),
                },
            );
        }
    }
    for update in row.updates.keys() {
        if !update.parse::<CudaVersion>().is_ok_and(|update| update.within(&row.version)) {
            let problem = RowProblem::Unknown { what: "update", value: update.clone(), file: "cuda.toml" };
            findings.add("cuda.toml", &row.version, problem);
        }
    }
}

pub(super) fn capabilities(matrix: &Matrix, findings: &mut Findings) {
    const FILE: &str = "capabilities.toml";
    findings.order(FILE, matrix.capabilities(), |row| row.capability.to_string());
    let oldest = matrix.cuda().first().map(|row| &row.version);
    for row in matrix.capabilities() {
        findings.provenance(FILE, &row.capability, &row.source, &row.checked);
        for version in [Some(&row.first_cuda), row.last_cuda.as_ref()].into_iter().flatten() {
            // Toolkits older than the table have the names of the generations that began with them.
            if oldest.is_some_and(|oldest| oldest <= version) {
                known_cuda(matrix, FILE, &row.capability, version, findings);
            }
        }
        if let Some(last) = row.last_cuda.as_ref().filter(|last| **last < row.first_cuda) {
            findings.add(
                FILE,
                &row.capability,
                RowProblem::Above {
                    low: "first-cuda",
                    low_value: row.first_cuda.to_string(),
                    high: "last-cuda",
                    high_value: last.to_string(),
                },
            );
        }
    }
}

pub(super) fn gpus(matrix: &Matrix, findings: &mut Findings) {
    const FILE: &str = "gpus.toml";
    let mut names = BTreeMap::new();
    for row in matrix.gpus() {
        findings.provenance(FILE, &row.name, &row.source, &row.checked);
        known_capability(matrix, FILE, &row.name, row.capability, findings);
        if !SEGMENTS.contains(&row.segment.as_str()) {
            let known = "data-center, workstation, geforce, jetson";
            findings.add(FILE, &row.name, RowProblem::Word { what: "segment", value: row.segment.clone(), known });
        }
        for name in std::iter::once(&row.name).chain(&row.aliases) {
            if let Some(other) = names.insert(ProductName::of(name), &row.name) {
                findings.add(FILE, &row.name, RowProblem::SameName { name: name.clone(), other: other.clone() });
            }
        }
    }
}

pub(super) fn cudnn(matrix: &Matrix, findings: &mut Findings) {
    const FILE: &str = "cudnn.toml";
    let rows = matrix.cudnn();
    findings.order(FILE, rows, |row| row.version.to_string());
    for row in rows {
        findings.provenance(FILE, &row.version, &row.source, &row.checked);
        if row.cuda.is_empty() {
            findings.add(FILE, &row.version, RowProblem::Missing { what: "cuda" });
        }
        for version in &row.cuda {
            known_cuda(matrix, FILE, &row.version, version, findings);
        }
        if let Some(lowest) = row.lowest_capability {
            known_capability(matrix, FILE, &row.version, lowest, findings);
        }
    }
    for pair in rows.windows(2) {
        let (before, row) = (&pair[0].version.prefix(2), &pair[1].version.prefix(2));
        let minor = |version: &CudnnVersion| version.minor().unwrap_or_default();
        if before.major() == row.major() && before != row && minor(before) + 1 != minor(row) {
            let missing = format!("{}.{}", before.major(), minor(before) + 1);
            findings.add(FILE, row, RowProblem::Gap { missing, before: before.to_string() });
        }
    }
}

pub(super) fn distributions(matrix: &Matrix, findings: &mut Findings) {
    const FILE: &str = "distributions.toml";
    findings.order(FILE, matrix.distributions(), |row| row.id.clone());
    for row in matrix.distributions() {
        findings.provenance(FILE, &row.id, &row.source, &row.checked);
        findings.day(FILE, &row.id, "released", &row.released);
        if let Some(day) = &row.end_of_life {
            findings.day(FILE, &row.id, "end-of-life", day);
        }
        for (what, empty) in [("image", row.image.is_empty()), ("arch", row.arch.is_empty())] {
            if empty {
                findings.add(FILE, &row.id, RowProblem::Missing { what });
            }
        }
    }
}

pub(super) fn images(matrix: &Matrix, findings: &mut Findings) {
    const FILE: &str = "images.toml";
    let name = |row: &ImageRow| {
        let tag = row.tags.values().next().map_or("", String::as_str);
        format!("{}:{tag}", row.repository)
    };
    findings.order(FILE, matrix.images(), name);
    for row in matrix.images() {
        let name = name(row);
        findings.provenance(FILE, &name, &row.source, &row.checked);
        known_cuda(matrix, FILE, &name, &row.cuda, findings);
        if matrix.distribution(&row.os).is_none() {
            let problem = RowProblem::Unknown { what: "OS", value: row.os.clone(), file: "distributions.toml" };
            findings.add(FILE, &name, problem);
        }
        if let Some(cudnn) = &row.cudnn {
            known_cudnn(matrix, FILE, &name, cudnn, &row.cuda, findings);
        }
        if let Some(held) = row.framework.as_ref().filter(|held| !is_release(matrix, held)) {
            let problem = RowProblem::Unknown { what: "release", value: held.clone(), file: "frameworks/" };
            findings.add(FILE, &name, problem);
        }
        for flavour in row.tags.keys().filter(|flavour| !FLAVOURS.contains(&flavour.as_str())) {
            let known = "base, runtime, devel, cudnn-runtime, cudnn-devel";
            findings.add(FILE, &name, RowProblem::Word { what: "flavour", value: flavour.clone(), known });
        }
        for (what, empty) in [("tags", row.tags.is_empty()), ("arch", row.arch.is_empty())] {
            if empty {
                findings.add(FILE, &name, RowProblem::Missing { what });
            }
        }
    }
}

pub(super) fn uv(findings: &mut Findings) {
    const FILE: &str = "tools.toml";
    let tool = matrix::uv();
    findings.provenance(FILE, &tool.name, &tool.source, &tool.checked);
    for wheel in &tool.wheel {
        if wheel.sha256.len() != 64 || !wheel.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let known = "64 hexadecimal digits";
            findings.add(FILE, &tool.name, RowProblem::Word { what: "sha256", value: wheel.sha256.clone(), known });
        }
    }
}

pub(super) fn families(matrix: &Matrix, findings: &mut Findings) {
    const FILE: &str = "families.toml";
    for row in matrix::families() {
        findings.provenance(FILE, &row.id, &row.source, &row.checked);
        if !matrix.distributions().iter().any(|release| release.id.split(':').next() == Some(&row.id)) {
            findings.add(FILE, &row.id, RowProblem::Missing { what: "distribution" });
        }
    }
}

pub(super) fn twins(findings: &mut Findings) {
    for (at, row) in conda_rows().iter().enumerate() {
        findings.provenance("conda.toml", &(at + 1), &row.source, &row.checked);
    }
    for (at, row) in import_rows().iter().enumerate() {
        findings.provenance("imports.toml", &(at + 1), &row.source, &row.checked);
    }
}

/// Whether the text names a framework and a release with a row: `tensorflow 1.15.5`.
fn is_release(matrix: &Matrix, held: &str) -> bool {
    let Some((id, version)) = held.split_once(' ') else { return false };
    let file = matrix.framework_called(id).and_then(|id| matrix.framework(id));
    file.is_some_and(|file| file.releases.iter().any(|row| row.version.to_string() == version))
}

pub(super) fn known_cuda(
    matrix: &Matrix,
    file: &str,
    row: &impl ToString,
    version: &CudaVersion,
    findings: &mut Findings,
) {
    if matrix.cuda_within(version).next().is_none() {
        findings.add(file, row, RowProblem::Unknown { what: "CUDA", value: version.to_string(), file: "cuda.toml" });
    }
}

pub(super) fn known_capability(
    matrix: &Matrix,
    file: &str,
    row: &impl ToString,
    capability: ComputeCapability,
    findings: &mut Findings,
) {
    if matrix.capability(capability).is_none() {
        findings.add(
            file,
            row,
            RowProblem::Unknown { what: "capability", value: capability.to_string(), file: "capabilities.toml" },
        );
    }
}

/// Checks that a cuDNN has a row, and that the row is for this CUDA. A bare major matches any of its releases.
pub(super) fn known_cudnn(
    matrix: &Matrix,
    file: &str,
    row: &impl ToString,
    cudnn: &CudnnVersion,
    cuda: &CudaVersion,
    findings: &mut Findings,
) {
    let mut rows = matrix.cudnn_within(cudnn).peekable();
    if rows.peek().is_none() {
        let problem = RowProblem::Unknown { what: "cuDNN", value: cudnn.to_string(), file: "cudnn.toml" };
        return findings.add(file, row, problem);
    }
    if !rows.any(|row| row.is_for(cuda) || row.cuda.iter().any(|built| built.within(cuda))) {
        let problem = RowProblem::CudnnMismatch { cudnn: cudnn.to_string(), cuda: cuda.to_string() };
        findings.add(file, row, problem);
    }
}
