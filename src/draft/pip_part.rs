//! Takes what pip's, uv's, Poetry's and Pipenv's files say: requirements files, `pyproject.toml`, `setup.py`, `Pipfile`.

use toml_edit::Value;

use super::frameworks::FrameworkLines;
use super::project_files::{ProjectFiles, has_extension};
use super::reference::{copy, refer, unreadable};
use super::{Draft, DraftPlace, How, LeftReason, pip_lines};
use crate::foreign::{
    self, KeySetting, Lined, PyProject, SetupFile, UnreadFile, WhyNotRead, read_pipfile, read_pyproject,
    read_setup_cfg, read_setup_py,
};

/// Parts of the names of files that are not needed to run a project.
const FOR_WORK_ON_IT: [&str; 16] = [
    "dev", "test", "tests", "doc", "docs", "lint", "ci", "build", "optional", "extra", "extras", "notebook", "colab",
    "mac", "macos", "windows",
];

/// Takes every file of this kind. Whether one of them has requirements.
pub(super) fn take(
    draft: &mut Draft,
    files: &mut ProjectFiles<'_>,
    lines: &mut FrameworkLines<'_>,
    named: &[String],
) -> bool {
    let mut any = false;
    let (chosen, others) = if named.is_empty() { requirements_files(files) } else { (named.to_vec(), Vec::new()) };
    for name in &chosen {
        any |= requirements_file(draft, files, lines, name);
    }
    for name in others {
        let add = format!("requirements = [\"{name}\"]");
        draft.leave(&name, &DraftPlace::whole(&name), LeftReason::Optional { add });
    }
    if named.is_empty() {
        any |= pyproject(draft, files, lines, "pyproject.toml");
        any |= setup(draft, files, lines);
        if any {
            leave_instead(draft, files, "Pipfile", &["requirements.txt", "pyproject.toml"]);
        } else {
            any = pipfile(draft, files, lines);
        }
    }
    any
}

fn leave_instead(draft: &mut Draft, files: &ProjectFiles<'_>, name: &str, by: &[&str]) {
    if files.has(name) {
        let file = by.iter().find(|by| files.has(by)).unwrap_or(&"setup.py");
        draft.leave(name, &DraftPlace::whole(name), LeftReason::Instead { file: (*file).to_owned() });
    }
}

/// The requirements files that a run of the project needs, and the others.
fn requirements_files(files: &ProjectFiles<'_>) -> (Vec<String>, Vec<String>) {
    let is_list = |name: &str| has_extension(name, &["txt"]) && name.to_lowercase().contains("requirement");
    let top =
        files.names.iter().filter(|(name, is_directory)| !is_directory && is_list(name)).map(|(name, _)| name.clone());
    let top: Vec<String> = top.collect();
    let inner = if files.names.iter().any(|(name, is)| name == "requirements" && *is) {
        let names = files.listed("requirements").into_iter().filter(|name| has_extension(name, &["txt"]));
        names.map(|name| format!("requirements/{name}")).collect()
    } else {
        Vec::new()
    };
    let all = || top.iter().chain(&inner).cloned();
    if top.iter().any(|name| name == "requirements.txt") {
        return all().partition(|name| name == "requirements.txt");
    }
    let is_for_run = |name: &String| {
        let words = name.trim_end_matches(".txt").split(['/', '-', '_', '.']);
        !words.map(str::to_lowercase).any(|word| FOR_WORK_ON_IT.contains(&word.as_str()))
    };
    all().partition(is_for_run)
}

fn requirements_file(
    draft: &mut Draft,
    files: &mut ProjectFiles<'_>,
    lines: &mut FrameworkLines<'_>,
    name: &str,
) -> bool {
    if has_extension(name, &["toml"]) {
        return pyproject(draft, files, lines, name);
    }
    if has_extension(name, &["yml", "yaml"]) {
        return super::conda_part::environment(draft, files, lines, name);
    }
    let Some(text) = files.read(draft, name) else { return false };
    if foreign::is_conda_list(&text) {
        return super::conda_part::list(draft, lines, name, &text);
    }
    let found = pip_lines::read(&text);
    let empty = found.requirements.is_empty() && found.includes.is_empty();
    if empty {
        return false;
    }
    refer(draft, name, &[]);
    look(draft, lines, &found, name);
    let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
    for include in found.includes {
        let path = if directory.is_empty() { include } else { format!("{directory}/{include}") };
        if let Some(text) = files.read(draft, &path) {
            look(draft, lines, &pip_lines::read(&text), &path);
        }
    }
    lines.settle(draft, How::Mapped);
    true
}

/// Looks at the lines for frameworks and for the indexes of their makers.
fn look(draft: &mut Draft, lines: &mut FrameworkLines<'_>, found: &pip_lines::PipLines, name: &str) {
    for line in &found.requirements {
        lines.take(line, name);
    }
    for index in &found.indexes {
        if let Some(cuda) = lines.cuda_of_index(&index.value) {
            draft.offer(KeySetting::whole("cuda", "version", cuda), &DraftPlace::line(name, index.line), How::Mapped);
        }
    }
}

fn pyproject(draft: &mut Draft, files: &mut ProjectFiles<'_>, lines: &mut FrameworkLines<'_>, name: &str) -> bool {
    let Some(text) = files.read(draft, name) else { return false };
    let project = match read_pyproject(&text) {
        Ok(project) => project,
        Err(bad) => {
            unreadable(draft, name, &bad);
            return false;
        }
    };
    let PyProject { requires_python, dependencies, extras, groups, dependency_files, is_package, not_read, .. } =
        project;
    draft.leave_unread(name, not_read);
    if !is_package {
        return false;
    }
    let has_lines = !dependencies.is_empty() || !dependency_files.is_empty();
    if has_lines {
        refer(draft, name, &[]);
        for line in &dependencies {
            lines.take(line, name);
        }
        for file in dependency_files {
            if let Some(text) = files.read(draft, &file.value) {
                look(draft, lines, &pip_lines::read(&text), &file.value);
            }
        }
        lines.settle(draft, How::Mapped);
    } else if let Some(python) = requires_python {
        limit_python(draft, &python, name);
    }
    let optional = [("extras", extras.keys().collect::<Vec<_>>()), ("groups", groups.keys().collect())];
    for (kind, names) in optional.into_iter().filter(|(_, names)| !names.is_empty()) {
        let first = &names[0];
        let all: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        let add = format!("{{ file = \"{name}\", {kind} = [\"{first}\"] }}");
        draft.leave(&format!("{kind} {}", all.join(", ")), &DraftPlace::whole(name), LeftReason::Optional { add });
    }
    has_lines
}

fn limit_python(draft: &mut Draft, python: &Lined<String>, file: &str) {
    let place = DraftPlace::line(file, python.line);
    draft.offer(KeySetting::whole("python", "version", python.value.as_str()), &place, How::Mapped);
}

fn setup(draft: &mut Draft, files: &mut ProjectFiles<'_>, lines: &mut FrameworkLines<'_>) -> bool {
    let mut any = false;
    for (name, read) in [
        ("setup.cfg", read_setup_cfg as fn(&str) -> Result<SetupFile, UnreadFile>),
        ("setup.py", read_setup_py as fn(&str) -> Result<SetupFile, UnreadFile>),
    ] {
        let Some(text) = files.read(draft, name) else { continue };
        let SetupFile { requires_python, dependencies, extras, not_read } = match read(&text) {
            Ok(setup) => setup,
            Err(bad) => {
                unreadable(draft, name, &bad);
                continue;
            }
        };
        draft.leave_unread(name, not_read);
        copy(draft, lines, &dependencies, name, How::Mapped);
        lines.settle(draft, How::Mapped);
        if let Some(python) = requires_python {
            limit_python(draft, &python, name);
        }
        for (extra, found) in extras {
            let line = found.first().map_or(1, |line| line.line);
            let texts: Vec<&str> = found.iter().map(|line| line.value.as_str()).collect();
            let add = format!("packages = {}", Value::Array(texts.into_iter().collect()));
            draft.leave(&format!("extras {extra}"), &DraftPlace::line(name, line), LeftReason::Optional { add });
        }
        any |= !dependencies.is_empty();
    }
    any
}

fn pipfile(draft: &mut Draft, files: &mut ProjectFiles<'_>, lines: &mut FrameworkLines<'_>) -> bool {
    const NAME: &str = "Pipfile";
    let Some(text) = files.read(draft, NAME) else { return false };
    let file = match read_pipfile(&text) {
        Ok(file) => file,
        Err(bad) => {
            unreadable(draft, NAME, &bad);
            return false;
        }
    };
    draft.leave_unread(NAME, file.not_read);
    copy(draft, lines, &file.packages, NAME, How::Mapped);
    lines.settle(draft, How::Mapped);
    if let Some(python) = &file.python {
        limit_python(draft, python, NAME);
    }
    if !file.dev_packages.is_empty() {
        let texts: Vec<&str> = file.dev_packages.iter().map(|line| line.value.as_str()).collect();
        let add = format!("packages = {}", Value::Array(texts.into_iter().collect()));
        let place = DraftPlace::line(NAME, file.dev_packages[0].line);
        draft.leave("dev-packages", &place, LeftReason::Optional { add });
    }
    for source in file.sources.iter().skip(1) {
        draft.leave(&source.value, &DraftPlace::line(NAME, source.line), LeftReason::NotRead(WhyNotRead::OfTheNetwork));
    }
    !file.packages.is_empty()
}
