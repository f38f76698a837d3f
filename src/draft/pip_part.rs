//! Takes what pip's, uv's, Poetry's and Pipenv's files say: requirements files, `pyproject.toml`, `setup.py`,
//! `Pipfile`.
//!
//! Files for tests and documentation are not taken, because a run does not need their packages and they can conflict.

use toml_edit::Value;

use super::drafter::Drafter;
use super::pip_lines::PipLines;
use super::project_files::{ProjectFiles, has_extension};
use super::{DraftPlace, How, LeftReason};
use crate::foreign::{
    KeySetting, Lined, Pipfile, PyProject, SetupFile, UnreadFile, WhyNotRead, is_conda_list, read_pipfile,
    read_pyproject, read_setup_cfg, read_setup_py,
};

/// Parts of the names of files that are not needed to run a project.
const DEVELOPMENT_FILE_WORDS: [&str; 16] = [
    "dev", "test", "tests", "doc", "docs", "lint", "ci", "build", "optional", "extra", "extras", "notebook", "colab",
    "mac", "macos", "windows",
];

impl Drafter<'_> {
    /// Takes the named files, or every file of this kind at the top.
    pub(super) fn take_pip_files(&mut self, named: &[String]) {
        let (needed, others) =
            if named.is_empty() { find_requirements_files(&self.files) } else { (named.to_vec(), Vec::new()) };
        for name in &needed {
            self.take_requirements_file(name);
        }
        for name in others {
            let add = format!("requirements = [\"{name}\"]");
            self.draft.leave(&name, &DraftPlace::whole(&name), LeftReason::Optional { add });
        }
        if !named.is_empty() {
            return;
        }
        self.take_pyproject("pyproject.toml");
        self.take_setup_file("setup.cfg", read_setup_cfg);
        self.take_setup_file("setup.py", read_setup_py);
        if self.has_requirements { self.leave_pipfile() } else { self.take_pipfile() }
    }

    /// Takes a file of requirements of any kind.
    fn take_requirements_file(&mut self, name: &str) {
        if has_extension(name, &["toml"]) {
            return self.take_pyproject(name);
        }
        if has_extension(name, &["yml", "yaml"]) {
            return self.take_conda_environment(name);
        }
        let Some(text) = self.read(name) else { return };
        if is_conda_list(&text) {
            return self.take_conda_list(name, &text);
        }
        let found = PipLines::read(&text);
        if found.requirements.is_empty() && found.includes.is_empty() {
            return;
        }
        self.refer_to(name, &[]);
        self.look_at_lines(&found, name);
        let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
        for include in found.includes {
            if include.contains("://") {
                let why = LeftReason::NotRead(WhyNotRead::FileAddress);
                self.draft.leave(&include, &DraftPlace::whole(name), why);
                continue;
            }
            let path = if directory.is_empty() { include } else { format!("{directory}/{include}") };
            self.look_into(&path);
        }
        self.add_frameworks(How::Mapped);
        self.has_requirements = true;
    }

    /// Looks at the lines of a file that another one names.
    fn look_into(&mut self, path: &str) {
        if let Some(text) = self.read(path) {
            self.look_at_lines(&PipLines::read(&text), path);
        }
    }

    /// Looks at the lines for frameworks and for the indexes of their makers.
    fn look_at_lines(&mut self, found: &PipLines, name: &str) {
        for line in &found.requirements {
            self.lines.take(line, name);
        }
        for index in &found.indexes {
            if let Some(cuda) = self.lines.cuda_of_index(&index.value) {
                let setting = KeySetting::whole("cuda", "version", cuda);
                self.draft.offer(setting, &DraftPlace::line(name, index.line), How::Mapped);
            }
        }
    }

    fn take_pyproject(&mut self, name: &str) {
        let Some(project) = self.parse(name, read_pyproject) else { return };
        let PyProject { requires_python, dependencies, extras, groups, dependency_files, is_package, not_read, .. } =
            project;
        self.draft.leave_unread(name, not_read);
        if !is_package {
            return;
        }
        if !dependencies.is_empty() || !dependency_files.is_empty() {
            self.refer_to(name, &[]);
            for line in &dependencies {
                self.lines.take(line, name);
            }
            for file in &dependency_files {
                self.look_into(&file.value);
            }
            self.add_frameworks(How::Mapped);
            self.has_requirements = true;
        } else if let Some(python) = requires_python {
            self.limit_python(&python, name);
        }
        self.leave_parts(name, "extras", &extras.keys().map(String::as_str).collect::<Vec<_>>());
        self.leave_parts(name, "groups", &groups.keys().map(String::as_str).collect::<Vec<_>>());
    }

    /// Names the extras or groups of a `pyproject.toml`.
    fn leave_parts(&mut self, file: &str, kind: &str, names: &[&str]) {
        let Some(first) = names.first() else { return };
        let add = format!("{{ file = \"{file}\", {kind} = [\"{first}\"] }}");
        let text = format!("{kind} {}", names.join(", "));
        self.draft.leave(&text, &DraftPlace::whole(file), LeftReason::Optional { add });
    }

    fn limit_python(&mut self, python: &Lined<String>, file: &str) {
        let setting = KeySetting::whole("python", "version", python.value.as_str());
        self.draft.offer(setting, &DraftPlace::line(file, python.line), How::Mapped);
    }

    fn take_setup_file(&mut self, name: &str, read: fn(&str) -> Result<SetupFile, UnreadFile>) {
        let Some(SetupFile { requires_python, dependencies, extras, not_read }) = self.parse(name, read) else {
            return;
        };
        self.draft.leave_unread(name, not_read);
        self.copy_requirements(&dependencies, name, How::Mapped);
        self.add_frameworks(How::Mapped);
        if let Some(python) = requires_python {
            self.limit_python(&python, name);
        }
        for (extra, found) in extras {
            self.leave_packages(&format!("extras {extra}"), &found, name);
        }
        self.has_requirements |= !dependencies.is_empty();
    }

    fn take_pipfile(&mut self) {
        let Some(file) = self.parse(PIPFILE, read_pipfile) else { return };
        let Pipfile { python, packages, dev_packages, sources, not_read } = file;
        self.draft.leave_unread(PIPFILE, not_read);
        self.copy_requirements(&packages, PIPFILE, How::Mapped);
        self.add_frameworks(How::Mapped);
        if let Some(python) = &python {
            self.limit_python(python, PIPFILE);
        }
        if !dev_packages.is_empty() {
            self.leave_packages("dev-packages", &dev_packages, PIPFILE);
        }
        for source in sources.iter().skip(1) {
            let why = LeftReason::NotRead(WhyNotRead::OfTheNetwork);
            self.draft.leave(&source.value, &DraftPlace::line(PIPFILE, source.line), why);
        }
        self.has_requirements |= !packages.is_empty();
    }

    /// Names the `Pipfile` beside another file with requirements.
    fn leave_pipfile(&mut self) {
        if self.files.has(PIPFILE) {
            let others = ["requirements.txt", "pyproject.toml"];
            let file = others.into_iter().find(|name| self.files.has(name)).unwrap_or("setup.py").to_owned();
            self.draft.leave(PIPFILE, &DraftPlace::whole(PIPFILE), LeftReason::Instead { file });
        }
    }

    /// Names packages that are not needed to run the project.
    fn leave_packages(&mut self, text: &str, found: &[Lined<String>], file: &str) {
        let line = found.first().map_or(1, |line| line.line);
        let add = format!("packages = {}", Value::Array(found.iter().map(|line| line.value.as_str()).collect()));
        self.draft.leave(text, &DraftPlace::line(file, line), LeftReason::Optional { add });
    }
}

const PIPFILE: &str = "Pipfile";

/// Finds the requirements files that a run of the project needs, and the others.
fn find_requirements_files(files: &ProjectFiles<'_>) -> (Vec<String>, Vec<String>) {
    let top = files.names.iter().filter(|(name, is_directory)| !is_directory && is_requirements_file(name));
    let mut all: Vec<String> = top.map(|(name, _)| name.clone()).collect();
    let has_main = all.iter().any(|name| name == "requirements.txt");
    if files.names.iter().any(|(name, is_directory)| name == "requirements" && *is_directory) {
        let inner = files.list("requirements").into_iter().filter(|name| has_extension(name, &["txt"]));
        all.extend(inner.map(|name| format!("requirements/{name}")));
    }
    all.into_iter().partition(|name| if has_main { name == "requirements.txt" } else { is_for_run(name) })
}

fn is_requirements_file(name: &str) -> bool {
    has_extension(name, &["txt"]) && name.to_lowercase().contains("requirement")
}

fn is_for_run(name: &str) -> bool {
    let words = name.trim_end_matches(".txt").split(['/', '-', '_', '.']);
    !words.map(str::to_lowercase).any(|word| DEVELOPMENT_FILE_WORDS.contains(&word.as_str()))
}
