//! `PyTorch`: releases, builds, Pythons, companions, compiled capabilities.

use envctl::manifest::Arch;
use envctl::matrix::Matrix;
use envctl::matrix::rows::{BuildRow, ReleaseRow};
use serde::Deserialize;

use super::table::{Table, listed, number, read};
use super::{Compared, Comparison};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cog {
    release: String,
    #[serde(default)]
    cuda: String,
    torchvision: String,
    #[serde(default)]
    torchaudio: String,
    python: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Architectures {
    release: String,
    cuda: String,
    lowest: String,
    highest: String,
    #[serde(default)]
    all: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    release: String,
    build: String,
    arch: Arch,
    #[serde(default)]
    label: String,
    #[serde(default)]
    glibc: String,
    python: String,
}

fn release<'a>(matrix: &'a Matrix, version: &str) -> Option<&'a ReleaseRow> {
    let id = matrix.framework_called("torch").expect("it is known");
    let file = matrix.framework(id).expect("it has rows");
    file.releases.iter().find(|row| row.version.to_string() == version)
}

/// A build's name as `PyTorch`'s index has it: `cu121`, `cpu`.
fn folder(cuda: Option<impl ToString>) -> String {
    cuda.map_or_else(|| "cpu".to_owned(), |cuda| format!("cu{}", cuda.to_string().replace('.', "")))
}

fn builds<'a>(release: &'a ReleaseRow, folder: &str, arch: Arch) -> Vec<&'a BuildRow> {
    let has_wheel = |build: &BuildRow| build.wheels.iter().any(|wheel| wheel.arch == arch);
    let is_it = |build: &&BuildRow| self::folder(build.cuda.as_ref()) == folder && has_wheel(build);
    release.builds.iter().filter(is_it).collect()
}

fn pythons(builds: &[&BuildRow], arch: Arch, from: &str) -> String {
    let wheels = builds.iter().flat_map(|build| &build.wheels).filter(|wheel| wheel.arch == arch);
    let pythons = wheels.flat_map(|wheel| &wheel.python).map(ToString::to_string);
    listed(pythons.filter(|python| from.is_empty() || number(python) >= number(from)))
}

/// cog's table of torch, under either of its names.
pub fn cog(matrix: &Matrix, name: &'static str) -> Compared {
    let table: Table<Cog> = read(name);
    let mut comparison = Comparison::of(name, table.row.len());
    for row in &table.row {
        let build = folder(Some(&row.cuda).filter(|cuda| !cuda.is_empty()));
        let key = format!("{} {build}", row.release);
        let Some(ours) = release(matrix, &row.release) else {
            comparison.same(&key, "release", &row.release, "");
            continue;
        };
        let builds = builds(ours, &build, Arch::X86_64);
        if builds.is_empty() {
            comparison.same(&key, "build", &build, "");
            continue;
        }
        comparison.same(&key, "python", &row.python, &pythons(&builds, Arch::X86_64, &table.python_from));
        let companion = |name: &str| ours.companions.get(name).cloned().unwrap_or_default();
        comparison.same(&key, "torchvision", &row.torchvision, &companion("torchvision"));
        if !row.torchaudio.is_empty() {
            comparison.same(&key, "torchaudio", &row.torchaudio, &companion("torchaudio"));
        }
    }
    comparison.compared
}

/// Capabilities that the makers of cog read from installed wheels.
pub fn architectures(matrix: &Matrix) -> Compared {
    let table: Table<Architectures> = read("cog-architectures");
    let mut comparison = Comparison::of("cog-architectures", table.row.len());
    for row in &table.row {
        let build = folder(Some(&row.cuda));
        let key = format!("{} {build}", row.release);
        let builds = release(matrix, &row.release).map(|ours| builds(ours, &build, Arch::X86_64)).unwrap_or_default();
        let ours = builds.iter().flat_map(|build| &build.capabilities).copied().collect::<Vec<_>>();
        let text = |capability: Option<&envctl::version::ComputeCapability>| {
            capability.map(ToString::to_string).unwrap_or_default()
        };
        comparison.same(&key, "lowest", &row.lowest, &text(ours.iter().min()));
        comparison.same(&key, "highest", &row.highest, &text(ours.iter().max()));
        if !row.all.is_empty() {
            comparison.same(&key, "all", &row.all, &listed(&ours));
        }
    }
    comparison.compared
}

/// The wheels that `PyTorch`'s own list names.
pub fn list(matrix: &Matrix) -> Compared {
    let table: Table<Listed> = read("pytorch-list");
    let mut comparison = Comparison::of("pytorch-list", table.row.len());
    for row in &table.row {
        let key = format!("{} {} {}", row.release, row.build, row.arch);
        let builds = release(matrix, &row.release).map(|ours| builds(ours, &row.build, row.arch)).unwrap_or_default();
        if builds.is_empty() {
            comparison.same(&key, "build", &row.build, "");
            continue;
        }
        comparison.same(&key, "python", &row.python, &pythons(&builds, row.arch, ""));
        // The default index has the same build without a label, and with a tag of its own.
        for build in builds.iter().filter(|build| build.index != "default") {
            comparison.same(&key, "label", &row.label, build.local.as_deref().unwrap_or_default());
            if !row.glibc.is_empty() {
                let wheels = build.wheels.iter().filter(|wheel| wheel.arch == row.arch);
                comparison.same(&key, "glibc", &row.glibc, &listed(wheels.map(|wheel| &wheel.glibc)));
            }
        }
    }
    comparison.compared
}
