//! What a `pyproject.toml` says, and the part of it that a manifest takes.

use std::collections::{BTreeMap, BTreeSet};

use super::selection::{Selection, SelectionError, once};
use super::{Lined, NotRead, WhyNotRead, normal_name, requirement_name};

/// What a `pyproject.toml` says about an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PyProject {
    /// The distribution's name, normalised.
    pub name: Option<String>,
    /// The Pythons that the project supports, as specifiers.
    pub requires_python: Option<Lined<String>>,
    /// PEP 508 requirements.
    pub dependencies: Vec<Lined<String>>,
    /// The optional dependencies, by the normalised name of the extra.
    pub extras: BTreeMap<String, Vec<Lined<String>>>,
    /// The dependency groups, by their normalised name.
    pub groups: BTreeMap<String, Vec<GroupItem>>,
    /// The files of requirements that the dependencies are made of, if the project says so.
    pub dependency_files: Vec<Lined<String>>,
    /// Whether it describes a package, and not only settings of tools.
    pub is_package: bool,
    pub not_read: Vec<NotRead>,
}

/// One item of a dependency group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupItem {
    Requirement(Lined<String>),
    /// Another group, by its normalised name.
    Group(String),
}

/// A git address as pip writes it: `git+https://host/repo@ref#subdirectory=dir`.
pub(super) fn git_address(address: &str, at: Option<&str>, directory: Option<&str>) -> String {
    let at = at.map(|at| format!("@{at}")).unwrap_or_default();
    let directory = directory.map(|directory| format!("#subdirectory={directory}")).unwrap_or_default();
    let prefix = if address.starts_with("git+") { "" } else { "git+" };
    format!("{prefix}{address}{at}{directory}")
}

impl PyProject {
    pub(super) fn refuse(&mut self, text: &str, line: usize, why: WhyNotRead) {
        self.not_read.push(NotRead { text: text.to_owned(), line, why });
    }

    /// Replaces the version of each requirement for a package by the package's address, where it has one.
    pub(super) fn redirect(&mut self, addresses: &BTreeMap<String, String>) {
        let in_groups = self.groups.values_mut().flatten().filter_map(|item| match item {
            GroupItem::Requirement(line) => Some(line),
            GroupItem::Group(_) => None,
        });
        let all = self.dependencies.iter_mut().chain(self.extras.values_mut().flatten()).chain(in_groups);
        for line in all {
            let Some(address) = addresses.get(&requirement_name(&line.value)) else { continue };
            let (head, marker) = line.value.split_once(';').map_or((&*line.value, None), |(h, m)| (h, Some(m)));
            let end = head.find(['<', '>', '=', '!', '~', '@', '(']).unwrap_or(head.len());
            let marker = marker.map(|marker| format!(" ; {}", marker.trim())).unwrap_or_default();
            line.value = format!("{} @ {address}{marker}", head[..end].trim());
        }
    }

    /// The requirements of a selection: the dependencies with those of the extras and groups. An extra that names the
    /// project's own extras (`all = ["name[dev,test]"]`) includes them.
    pub fn select(&self, selection: Selection<'_>) -> Result<Vec<Lined<String>>, SelectionError> {
        let mut found = self.dependencies.clone();
        let mut seen = BTreeSet::new();
        for extra in selection.extras {
            let name = extra.as_str();
            if !self.extras.contains_key(name) {
                return Err(SelectionError::new("extra", name, self.extras.keys()));
            }
            self.add_extra(name, &mut found, &mut seen);
        }
        let mut seen = BTreeSet::new();
        for group in selection.groups {
            if !self.groups.contains_key(group.as_str()) {
                return Err(SelectionError::new("group", group.as_str(), self.groups.keys()));
            }
            self.add_group(group.as_str(), &mut found, &mut seen);
        }
        Ok(once(found))
    }

    fn add_extra(&self, name: &str, found: &mut Vec<Lined<String>>, seen: &mut BTreeSet<String>) {
        let mut waiting = vec![name.to_owned()];
        while let Some(name) = waiting.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            for line in self.extras.get(&name).into_iter().flatten() {
                let own = self.name.as_deref() == Some(&requirement_name(&line.value));
                let inner = line.value.split_once('[').and_then(|(_, rest)| rest.split_once(']')).filter(|_| own);
                match inner {
                    Some((extras, _)) => waiting.extend(extras.split(',').map(normal_name)),
                    None => found.push(line.clone()),
                }
            }
        }
    }

    fn add_group(&self, name: &str, found: &mut Vec<Lined<String>>, seen: &mut BTreeSet<String>) {
        let mut waiting = vec![name.to_owned()];
        while let Some(name) = waiting.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            for item in self.groups.get(&name).into_iter().flatten() {
                match item {
                    GroupItem::Requirement(line) => found.push(line.clone()),
                    GroupItem::Group(other) => waiting.push(other.clone()),
                }
            }
        }
    }
}
