//! Reads Poetry's table of `pyproject.toml`, and the versions of Poetry and Pipenv as PEP 440.

use std::collections::{BTreeMap, BTreeSet};

use super::python_project::{GroupItem, PyProject, git_address};
use super::{Lined, MOST, WhyNotRead, lined, normal_name};
use crate::parser::{TomlFile, TomlValue, entries, items, key_of, key_text};

/// One requirement, or the reason why it can't be one.
pub(super) type Converted = Result<String, WhyNotRead>;

/// Adds what Poetry's table says. A `[project]` table with the same list precedes it.
pub(super) fn read(file: &TomlFile<'_>, project: &mut PyProject) {
    let all = file.entries(&["tool", "poetry", "dependencies"]);
    project.is_package |= file.value(&["tool", "poetry"]).is_some();
    if project.name.is_none() {
        project.name = file.text(&["tool", "poetry", "name"]).map(|name| normal_name(&name.value));
    }
    let has_own = file.value(&["project", "dependencies"]).is_some();
    let mut optional: BTreeMap<String, Vec<Lined<String>>> = BTreeMap::new();
    for (name, value) in all {
        let line = file.line(value);
        if name == "python" {
            let version = value.get_ref().as_str().and_then(specifiers);
            project.requires_python = project.requires_python.take().or(version.map(|version| lined(version, line)));
            continue;
        }
        if has_own {
            continue;
        }
        for converted in requirements(name, value) {
            match converted {
                Ok(text) if is_optional(value) => {
                    optional.entry(normal_name(name)).or_default().push(lined(text, line));
                }
                Ok(text) => project.dependencies.push(lined(text, line)),
                Err(why) => project.refuse(name, line, why),
            }
        }
    }
    for (extra, list) in file.entries(&["tool", "poetry", "extras"]) {
        let names: BTreeSet<_> =
            file.texts_of(list).into_iter().map(|name| super::requirement_name(&name.value)).collect();
        let lines = names.iter().filter_map(|name| optional.get(name)).flatten().cloned();
        project.extras.entry(normal_name(extra)).or_default().extend(lines.take(MOST));
    }
    groups(file, project);
}

fn groups(file: &TomlFile<'_>, project: &mut PyProject) {
    let mut add = |name: &str, entries: Vec<(&str, &TomlValue<'_>)>| {
        let mut refused = Vec::new();
        let items = project.groups.entry(normal_name(name)).or_default();
        for (package, value) in entries {
            for converted in requirements(package, value) {
                match converted {
                    Ok(text) => items.push(GroupItem::Requirement(lined(text, file.line(value)))),
                    Err(why) => refused.push((package.to_owned(), file.line(value), why)),
                }
            }
        }
        for (package, line, why) in refused {
            project.refuse(&package, line, why);
        }
    };
    for (name, group) in file.entries(&["tool", "poetry", "group"]) {
        let dependencies = group.get_ref().as_table().and_then(|group| key_of(group, "dependencies"));
        add(name, dependencies.and_then(|list| list.get_ref().as_table()).map(entries).unwrap_or_default());
    }
    let old = file.entries(&["tool", "poetry", "dev-dependencies"]);
    if !old.is_empty() {
        add("dev", old);
    }
}

fn is_optional(value: &TomlValue<'_>) -> bool {
    let flag = value.get_ref().as_table().and_then(|table| key_of(table, "optional"));
    flag.and_then(|flag| flag.get_ref().as_bool()).unwrap_or_default()
}

/// The requirements of one entry: `^1.2`, `{ version = "^1.2", extras = ["x"] }`, or a list of such tables.
pub(super) fn requirements(name: &str, value: &TomlValue<'_>) -> Vec<Converted> {
    let several = items(value);
    if several.is_empty() {
        vec![requirement(name, value)]
    } else {
        several.iter().map(|one| requirement(name, one)).collect()
    }
}

fn requirement(name: &str, value: &TomlValue<'_>) -> Converted {
    if let Some(version) = value.get_ref().as_str() {
        return Ok(format!("{name}{}", specifiers(version).ok_or(WhyNotRead::UnreadableVersion)?));
    }
    let Some(table) = value.get_ref().as_table() else { return Err(WhyNotRead::UnreadableVersion) };
    if ["path", "file", "editable"].iter().any(|key| key_of(table, key).is_some()) {
        return Err(WhyNotRead::LocalPath);
    }
    let extras = key_of(table, "extras").map(|list| items(list).iter().filter_map(|item| item.get_ref().as_str()));
    let extras = extras.map(|extras| format!("[{}]", extras.collect::<Vec<_>>().join(","))).unwrap_or_default();
    let version = key_text(value, "version").unwrap_or("*");
    let address = key_text(value, "git").map(|git| {
        let at = ["rev", "tag", "branch", "ref"].into_iter().find_map(|key| key_text(value, key));
        git_address(git, at, key_text(value, "subdirectory"))
    });
    let address = address.or_else(|| key_text(value, "url").map(str::to_owned));
    let what = match address {
        Some(address) => format!(" @ {address} "),
        None => specifiers(version).ok_or(WhyNotRead::UnreadableVersion)?,
    };
    let marker = markers(value)?.map(|marker| format!("; {marker}")).unwrap_or_default();
    Ok(format!("{name}{extras}{what}{marker}").trim_end().to_owned())
}

/// `markers`, `python` and `platform` of an entry as one marker.
fn markers(value: &TomlValue<'_>) -> Result<Option<String>, WhyNotRead> {
    let mut parts: Vec<String> = key_text(value, "markers").map(|marker| format!("({marker})")).into_iter().collect();
    if let Some(python) = key_text(value, "python") {
        let range = specifiers(python).ok_or(WhyNotRead::UnreadablePythons)?;
        parts.extend(range.split(',').filter(|part| !part.is_empty()).map(|part| {
            let end = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
            format!("python_version {} '{}'", &part[..end], &part[end..])
        }));
    }
    parts.extend(key_text(value, "platform").map(|platform| format!("sys_platform == '{platform}'")));
    Ok((!parts.is_empty()).then(|| parts.join(" and ")))
}

/// A version of Poetry or Pipenv as PEP 440: `^1.2` is `>=1.2,<2`, `~1.2` is `>=1.2,<1.3`, `1.2` is `==1.2`. `None`: it
/// is not readable as one range.
pub(super) fn specifiers(version: &str) -> Option<String> {
    let parts = version.split(',').map(|part| specifier(part.trim())).collect::<Option<Vec<_>>>()?;
    Some(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(","))
}

fn specifier(part: &str) -> Option<String> {
    let is_bare =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".+!-*".contains(c));
    match part {
        "" | "*" => Some(String::new()),
        _ if part.starts_with('^') => bounded(part[1..].trim(), |numbers| {
            numbers.iter().position(|number| *number > 0).unwrap_or(numbers.len() - 1)
        }),
        _ if part.starts_with("~=") => Some(part.replace(' ', "")),
        _ if part.starts_with('~') => bounded(part[1..].trim(), |numbers| usize::from(numbers.len() > 1)),
        _ if part.starts_with(['<', '>', '=', '!']) => {
            let end = part.find(|c| !"<>=!".contains(c))?;
            let version = part[end..].trim();
            let operator = if &part[..end] == "=" { "==" } else { &part[..end] };
            is_bare(version).then(|| format!("{operator}{version}"))
        }
        _ => is_bare(part).then(|| format!("=={part}")),
    }
}

/// `>=version` and below the next number at the place that `grows` names.
fn bounded(version: &str, grows: impl Fn(&[u64]) -> usize) -> Option<String> {
    let numbers = version.split('.').map(|part| part.parse::<u64>().ok()).collect::<Option<Vec<_>>>()?;
    let place = grows(&numbers);
    let mut next = numbers[..=place].to_vec();
    next[place] = next[place].saturating_add(1);
    let next = next.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
    Some(format!(">={version},<{next}"))
}

#[cfg(test)]
mod tests {
    use super::super::pyproject_reader::read_pyproject;
    use super::*;

    #[test]
    fn versions_become_pep_440() {
        for (text, expected) in [
            ("^1.2.3", ">=1.2.3,<2"),
            ("^0.2.3", ">=0.2.3,<0.3"),
            ("^0.0.3", ">=0.0.3,<0.0.4"),
            ("^0", ">=0,<1"),
            ("~1.2.3", ">=1.2.3,<1.3"),
            ("~1", ">=1,<2"),
            ("~=1.4", "~=1.4"),
            ("*", ""),
            ("1.2.*", "==1.2.*"),
            ("1.2", "==1.2"),
            (">= 1.2, <2.0", ">=1.2,<2.0"),
            ("=1.0", "==1.0"),
        ] {
            assert_eq!(specifiers(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["^1.2 || ^2.0", "^x", "a b", "^1.2rc1"] {
            assert_eq!(specifiers(text), None, "{text}");
        }
    }

    #[test]
    fn the_table_of_poetry() {
        let text = "[tool.poetry]\nname = \"x\"\n[tool.poetry.dependencies]\npython = \"^3.8\"\ntorch = \"^2.0\"\n\
                    rich = { version = \"*\", optional = true }\nlocal = { path = \"../x\" }\n\
                    tool = { git = \"https://git.example/t\", branch = \"main\", extras = [\"a\"] }\n\
                    old = { version = \"1.0\", python = \"<3.9\", platform = \"linux\" }\n\
                    [tool.poetry.extras]\nui = [\"rich\"]\n[tool.poetry.group.dev.dependencies]\npytest = \">=7\"\n";
        let read = read_pyproject(text).unwrap();
        assert_eq!(read.requires_python, Some(lined(">=3.8,<4", 4)));
        let lines: Vec<_> = read.dependencies.iter().map(|line| line.value.as_str()).collect();
        assert_eq!(
            lines,
            [
                "old==1.0; python_version < '3.9' and sys_platform == 'linux'",
                "tool[a] @ git+https://git.example/t@main",
                "torch>=2.0,<3",
            ]
        );
        assert_eq!(read.extras["ui"][0].value, "rich");
        assert_eq!(read.groups["dev"], [GroupItem::Requirement(lined("pytest>=7", 13))]);
        assert_eq!(read.not_read[0].text, "local");
    }
}
