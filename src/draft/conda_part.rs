//! Takes what conda's files say: `environment.yml` and exported lists.

use super::frameworks::FrameworkLines;
use super::project_files::ProjectFiles;
use super::reference::{refer, unreadable};
use super::{Draft, DraftPlace, How, LeftReason};
use crate::foreign::{CondaFile, KeySetting, read_conda_list, read_environment};

/// The names of the file.
pub(super) const NAMES: [&str; 4] = ["environment.yml", "environment.yaml", "conda.yml", "conda.yaml"];

/// The packages of conda whose version is the CUDA of the framework's build.
const CUDA: [&str; 3] = ["pytorch-cuda", "cudatoolkit", "cuda-version"];

/// Takes an environment. Whether it has requirements.
pub(super) fn environment(
    draft: &mut Draft,
    files: &mut ProjectFiles<'_>,
    lines: &mut FrameworkLines<'_>,
    name: &str,
) -> bool {
    let Some(text) = files.read(draft, name) else { return false };
    match read_environment(&text) {
        Ok(file) => take(draft, lines, name, &file),
        Err(bad) => {
            unreadable(draft, name, &bad);
            false
        }
    }
}

/// Takes an exported list. Whether it has requirements.
pub(super) fn list(draft: &mut Draft, lines: &mut FrameworkLines<'_>, name: &str, text: &str) -> bool {
    match read_conda_list(text) {
        Ok(file) => take(draft, lines, name, &file),
        Err(bad) => {
            unreadable(draft, name, &bad);
            false
        }
    }
}

/// Takes the Python and the CUDA of an environment that another file describes too.
pub(super) fn look(draft: &mut Draft, files: &mut ProjectFiles<'_>, name: &str, instead: &str) {
    let Some(text) = files.read(draft, name) else { return };
    if let Ok(file) = read_environment(&text) {
        versions(draft, name, &file, How::Guessed);
    }
    draft.leave(name, &DraftPlace::whole(name), LeftReason::Instead { file: instead.to_owned() });
}

fn take(draft: &mut Draft, lines: &mut FrameworkLines<'_>, name: &str, file: &CondaFile) -> bool {
    let system = file.system.iter().map(|found| found.value.0.clone());
    let unknown = file.unknown.iter().map(|found| found.value.clone());
    let mut skip: Vec<String> = system.chain(unknown).collect();
    skip.sort();
    skip.dedup();
    refer(draft, name, &skip);
    for found in &file.system {
        let place = DraftPlace::line(name, found.line);
        draft.offer(KeySetting::item("system", "packages", found.value.1), &place, How::Mapped);
    }
    for found in &file.unknown {
        draft.leave(&found.value, &DraftPlace::line(name, found.line), LeftReason::Unknown);
    }
    for line in file.requirements.iter().chain(&file.pip) {
        lines.take(line, name);
    }
    lines.settle(draft, How::Mapped);
    versions(draft, name, file, How::Mapped);
    !file.requirements.is_empty() || !file.pip.is_empty()
}

fn versions(draft: &mut Draft, name: &str, file: &CondaFile, how: How) {
    let minor = |version: &str| version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
    if let Some(python) = file.pinned("python").filter(|python| python.value.contains('.')) {
        let setting = KeySetting::whole("python", "version", minor(&python.value));
        draft.offer(setting, &DraftPlace::line(name, python.line), how);
    }
    let cuda = CUDA.iter().find_map(|package| file.pinned(package));
    let of_build = || {
        let spec = file.specs.iter().find(|spec| spec.value.build.contains("cuda"))?;
        let (_, after) = spec.value.build.split_once("cuda")?;
        let end = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
        Some(crate::foreign::Lined { value: after[..end].to_owned(), line: spec.line })
    };
    if let Some(cuda) = cuda.or_else(of_build).filter(|cuda| cuda.value.contains('.')) {
        let setting = KeySetting::whole("cuda", "version", minor(&cuda.value));
        draft.offer(setting, &DraftPlace::line(name, cuda.line), how);
    }
}
