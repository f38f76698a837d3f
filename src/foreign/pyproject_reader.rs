//! Reads `pyproject.toml`: dependencies, extras, groups (PEP 621, PEP 735), Poetry's table and uv's sources.

use std::collections::BTreeMap;

use super::python_project::{GroupItem, PyProject, git_address};
use super::{MOST, UnreadFile, WhyNotRead, lined, normal_name, poetry};
use crate::parser::{TomlFile, TomlValue, items, key_of, key_text};

/// Reads the file's text.
pub fn read_pyproject(text: &str) -> Result<PyProject, UnreadFile> {
    let file = TomlFile::parse(text)?;
    let mut project = PyProject {
        name: file.text(&["project", "name"]).map(|name| normal_name(&name.value)),
        requires_python: file.text(&["project", "requires-python"]),
        is_package: file.value(&["project"]).is_some(),
        ..PyProject::default()
    };
    if let Some(list) = file.value(&["project", "dependencies"]) {
        project.dependencies = file.texts_of(list);
    }
    for (name, list) in file.entries(&["project", "optional-dependencies"]) {
        project.extras.insert(normal_name(name), file.texts_of(list));
    }
    for (name, list) in file.entries(&["dependency-groups"]) {
        project.groups.insert(normal_name(name), group(&file, list));
    }
    if let Some(list) = file.value(&["tool", "uv", "dev-dependencies"]) {
        let items = file.texts_of(list).into_iter().map(GroupItem::Requirement);
        project.groups.entry("dev".to_owned()).or_default().extend(items);
    }
    dynamic(&file, &mut project);
    poetry::read(&file, &mut project);
    sources(&file, &mut project);
    let count = project.dependencies.len() + project.extras.values().map(Vec::len).sum::<usize>();
    if count > MOST {
        return Err(UnreadFile::too_many(1, MOST, "requirements"));
    }
    Ok(project)
}

fn group(file: &TomlFile<'_>, list: &TomlValue<'_>) -> Vec<GroupItem> {
    let item = |item: &TomlValue<'_>| match item.get_ref().as_str() {
        Some(text) => Some(GroupItem::Requirement(lined(text, file.line(item)))),
        None => key_text(item, "include-group").map(|name| GroupItem::Group(normal_name(name))),
    };
    items(list).iter().filter_map(item).collect()
}

/// Dependencies that the build backend finds: setuptools' own files are read, anything else is named.
fn dynamic(file: &TomlFile<'_>, project: &mut PyProject) {
    let Some(list) = file.value(&["project", "dynamic"]) else { return };
    for name in file.texts_of(list) {
        match name.value.as_str() {
            "dependencies" => {
                let path = ["tool", "setuptools", "dynamic", "dependencies"];
                let files = file.value(&path).and_then(|value| key_of(value.get_ref().as_table()?, "file"));
                let found = files.map(|files| match file.text_of(files) {
                    Some(one) => vec![one],
                    None => file.texts_of(files),
                });
                match found {
                    Some(found) => project.dependency_files = found,
                    None => project.refuse("dependencies", name.line, WhyNotRead::ComputedByBackend),
                }
            }
            "optional-dependencies" => {
                project.refuse("optional-dependencies", name.line, WhyNotRead::ComputedByBackend);
            }
            _ => {}
        }
    }
}

/// uv's own sources of packages. One in git takes the place of the version; others are named.
fn sources(file: &TomlFile<'_>, project: &mut PyProject) {
    let mut addresses = BTreeMap::new();
    for (name, source) in file.entries(&["tool", "uv", "sources"]) {
        let line = file.line(source);
        let several = items(source);
        let one = if several.is_empty() { Some(source) } else { several.first().filter(|_| several.len() == 1) };
        let git = one.and_then(|source| Some((source, key_text(source, "git")?)));
        if let Some((source, address)) = git {
            let at = ["rev", "tag", "branch"].into_iter().find_map(|key| key_text(source, key));
            let address = git_address(address, at, key_text(source, "subdirectory"));
            addresses.insert(normal_name(name), address);
            continue;
        }
        let is = |key| one.is_some_and(|source| source.get_ref().as_table().is_some_and(|t| key_of(t, key).is_some()));
        let why = match () {
            () if is("path") || is("workspace") => WhyNotRead::ProjectDirectory,
            () if is("index") || !several.is_empty() => WhyNotRead::PackageIndex,
            () => WhyNotRead::UnknownSource,
        };
        project.refuse(&format!("tool.uv.sources.{name}"), line, why);
    }
    if !addresses.is_empty() {
        project.redirect(&addresses);
    }
}

#[cfg(test)]
mod tests {
    use super::super::selection::Selection;
    use super::*;

    fn selected(text: &str, extras: &[&str], groups: &[&str]) -> Vec<(String, usize)> {
        let names = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<_>>();
        let (extras, groups) = (names(extras), names(groups));
        let lines = read_pyproject(text).unwrap().select(Selection { extras: &extras, groups: &groups }).unwrap();
        lines.into_iter().map(|line| (line.value, line.line)).collect()
    }

    #[test]
    fn dependencies_extras_and_groups_with_their_lines() {
        let text = "[project]\nname = \"My.Lab\"\nrequires-python = \">=3.9\"\ndependencies = [\n  \"numpy<2\",\n]\n\
                    [project.optional-dependencies]\ndev = [\"pytest\"]\nall = [\"my_lab[dev]\", \"rich\"]\n\
                    [dependency-groups]\ntest = [\"coverage\", { include-group = \"lint\" }]\nlint = [\"ruff\"]\n";
        let read = read_pyproject(text).unwrap();
        assert_eq!(read.requires_python, Some(lined(">=3.9", 3)));
        assert_eq!(selected(text, &[], &[]), [("numpy<2".to_owned(), 5)]);
        let all: Vec<_> = selected(text, &["all"], &["test"]).into_iter().map(|(text, _)| text).collect();
        assert_eq!(all, ["numpy<2", "rich", "pytest", "coverage", "ruff"]);
        let wrong = ["docs".parse().unwrap()];
        let error = read.select(Selection { extras: &wrong, groups: &[] }).unwrap_err();
        assert_eq!((error.kind, error.known), ("extra", vec!["all".to_owned(), "dev".to_owned()]));
    }

    #[test]
    fn groups_that_include_each_other_end() {
        let text =
            "[dependency-groups]\na = [{ include-group = \"b\" }, \"x\"]\nb = [{ include-group = \"a\" }, \"y\"]\n";
        assert_eq!(selected(text, &[], &["a"]).len(), 2);
    }

    #[test]
    fn sources_of_uv_are_addresses_or_named() {
        let text = "[project]\ndependencies = [\"a[x]>=1 ; python_version > '3'\", \"b\", \"c\"]\n[tool.uv.sources]\n\
                    a = { git = \"https://git.example/a\", rev = \"v1\" }\nb = { path = \"libs/b\" }\nc = [{ index = \"i\" }]\n";
        let read = read_pyproject(text).unwrap();
        assert_eq!(read.dependencies[0].value, "a[x] @ git+https://git.example/a@v1 ; python_version > '3'");
        let named: Vec<_> = read.not_read.iter().map(|left| (left.text.as_str(), left.line)).collect();
        assert_eq!(named, [("tool.uv.sources.b", 5), ("tool.uv.sources.c", 6)]);
    }

    #[test]
    fn what_a_backend_computes_is_named_or_read_from_its_file() {
        let text = "[project]\ndynamic = [\"version\", \"dependencies\"]\n";
        assert_eq!(read_pyproject(text).unwrap().not_read[0].text, "dependencies");
        let file = "[tool.setuptools.dynamic]\ndependencies = { file = [\"requirements.txt\"] }\n";
        let read = read_pyproject(&format!("{text}{file}")).unwrap();
        assert_eq!(read.dependency_files[0].value, "requirements.txt");
        assert!(read.not_read.is_empty());
    }

    #[test]
    fn a_broken_file_has_a_line() {
        assert_eq!(read_pyproject("[project]\nname = \n").unwrap_err().line, 2);
        assert!(!read_pyproject("[tool.black]\nline-length = 100\n").unwrap().is_package);
    }
}
