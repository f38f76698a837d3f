//! `TensorFlow`: releases, the package that holds CUDA, its CUDA and cuDNN, Pythons.

use envctl::manifest::Arch;
use envctl::matrix::Matrix;
use envctl::matrix::rows::{BuildRow, ReleaseRow};
use serde::Deserialize;

use super::table::{Table, listed, read};
use super::{Compared, Comparison};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    release: String,
    package: String,
    /// Without one, a CPU build.
    #[serde(default)]
    cuda: String,
    #[serde(default)]
    cudnn: String,
    python: String,
}

/// cog's table.
pub fn cog(matrix: &Matrix) -> Compared {
    compare(matrix, "cog-tensorflow")
}

/// The tables of tested builds on `TensorFlow`'s install pages.
pub fn install_page(matrix: &Matrix) -> Compared {
    compare(matrix, "tensorflow-install")
}

fn compare(matrix: &Matrix, name: &'static str) -> Compared {
    let table: Table<Row> = read(name);
    let mut comparison = Comparison::of(name, table.row.len());
    for row in &table.row {
        let kind = if row.cuda.is_empty() { "cpu" } else { "gpu" };
        let key = format!("{} {kind}", row.release);
        let Some(release) = release(matrix, &row.release) else {
            comparison.same(&key, "release", &row.release, "");
            continue;
        };
        let builds = builds(release, !row.cuda.is_empty());
        comparison.same(&key, "python", &row.python, &pythons(&builds));
        let Some(gpu) = builds.first().filter(|_| !row.cuda.is_empty()) else { continue };
        comparison.same(&key, "package", &row.package, &gpu.package);
        comparison.same(&key, "cuda", &row.cuda, &as_exact_as(&row.cuda, gpu.cuda.as_ref()));
        comparison.same(&key, "cudnn", &row.cudnn, &as_exact_as(&row.cudnn, gpu.cudnn.as_ref()));
    }
    comparison.compared
}

fn release<'a>(matrix: &'a Matrix, version: &str) -> Option<&'a ReleaseRow> {
    let id = matrix.framework_called("tensorflow").expect("it is known");
    let file = matrix.framework(id).expect("it has rows");
    file.releases.iter().find(|row| row.version.to_string() == version)
}

/// `TensorFlow`'s own builds for `x86_64` Linux with CUDA, or those without.
fn builds(release: &ReleaseRow, gpu: bool) -> Vec<&BuildRow> {
    let own = |build: &&BuildRow| build.cuda.is_some() == gpu && build.package.starts_with("tensorflow");
    let here = |build: &&BuildRow| build.wheels.iter().any(|wheel| wheel.arch == Arch::X86_64);
    release.builds.iter().filter(own).filter(here).collect()
}

fn pythons(builds: &[&BuildRow]) -> String {
    let wheels = builds.iter().flat_map(|build| &build.wheels).filter(|wheel| wheel.arch == Arch::X86_64);
    listed(wheels.flat_map(|wheel| &wheel.python))
}

/// Our figure to as many numbers as theirs has.
fn as_exact_as(theirs: &str, ours: Option<&impl ToString>) -> String {
    let ours = ours.map(ToString::to_string).unwrap_or_default();
    ours.split('.').take(theirs.split('.').count()).collect::<Vec<_>>().join(".")
}
