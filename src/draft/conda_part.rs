//! Takes what conda's files say: `environment.yml` and exported lists.
//!
//! Conda's packages are taken by their names on the Python index, because an environment has one installer. A package
//! without such a name is left out.

use super::drafter::Drafter;
use super::minor_version::cut_to_minor;
use super::{DraftPlace, How, LeftReason};
use crate::foreign::{CondaFile, KeySetting, Lined, read_conda_list, read_environment};

/// The names of the file.
pub(super) const NAMES: [&str; 4] = ["environment.yml", "environment.yaml", "conda.yml", "conda.yaml"];

/// The packages of conda whose version is the CUDA of the framework's build.
const CUDA: [&str; 3] = ["pytorch-cuda", "cudatoolkit", "cuda-version"];

impl Drafter<'_> {
    /// Takes the environment at the top. If another file has requirements, only its Python and its CUDA are taken.
    pub(super) fn take_conda_file(&mut self) {
        let Some(name) = NAMES.into_iter().find(|name| self.files.has(name)) else { return };
        if !self.has_requirements {
            return self.take_conda_environment(name);
        }
        let first = self.draft.items.iter().find(|item| item.setting.key == "requirements");
        let instead = first.map_or("setup.py", |item| item.place.file.as_str()).to_owned();
        if instead != name {
            self.take_conda_versions_of(name, instead);
        }
    }

    /// Takes an environment.
    pub(super) fn take_conda_environment(&mut self, name: &str) {
        if let Some(file) = self.parse(name, read_environment) {
            self.take_conda(name, &file);
        }
    }

    /// Takes an exported list.
    pub(super) fn take_conda_list(&mut self, name: &str, text: &str) {
        if let Some(file) = self.parse_text(name, text, read_conda_list) {
            self.take_conda(name, &file);
        }
    }

    /// Takes the Python and the CUDA of an environment that the file `instead` describes, too.
    fn take_conda_versions_of(&mut self, name: &str, instead: String) {
        let Some(text) = self.read(name) else { return };
        if let Ok(file) = read_environment(&text) {
            self.take_conda_versions(name, &file, How::Guessed);
        }
        self.draft.leave(name, &DraftPlace::whole(name), LeftReason::Instead { file: instead });
    }

    fn take_conda(&mut self, name: &str, file: &CondaFile) {
        let system = file.system.iter().map(|found| found.value.0.clone());
        let unknown = file.unknown.iter().map(|found| found.value.clone());
        let mut skip: Vec<String> = system.chain(unknown).collect();
        skip.sort();
        skip.dedup();
        self.refer_to(name, &skip);
        let packages: Vec<Lined<String>> =
            file.system.iter().map(|found| Lined { value: found.value.1.to_owned(), line: found.line }).collect();
        self.offer_items(("system", "packages"), &packages, name, How::Mapped);
        for found in &file.unknown {
            self.draft.leave(&found.value, &DraftPlace::line(name, found.line), LeftReason::Unknown);
        }
        for line in file.requirements.iter().chain(&file.pip) {
            self.lines.take(line, name);
        }
        self.add_frameworks(How::Mapped);
        self.take_conda_versions(name, file, How::Mapped);
        self.has_requirements |= !file.requirements.is_empty() || !file.pip.is_empty();
    }

    fn take_conda_versions(&mut self, name: &str, file: &CondaFile, how: How) {
        let python = file.pinned("python");
        let cuda = CUDA.iter().find_map(|package| file.pinned(package)).or_else(|| cuda_of_build(file));
        for (table, version) in [("python", python), ("cuda", cuda)] {
            if let Some(found) = version.filter(|found| found.value.contains('.')) {
                let setting = KeySetting::whole(table, "version", cut_to_minor(&found.value));
                self.draft.offer(setting, &DraftPlace::line(name, found.line), how);
            }
        }
    }
}

/// The CUDA in the label of a build: `pytorch=2.1.0=py3.10_cuda11.8_cudnn8.7.0_0`.
fn cuda_of_build(file: &CondaFile) -> Option<Lined<String>> {
    let spec = file.specs.iter().find(|spec| spec.value.build.contains("cuda"))?;
    let (_, after) = spec.value.build.split_once("cuda")?;
    let end = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
    Some(Lined { value: after[..end].to_owned(), line: spec.line })
}
