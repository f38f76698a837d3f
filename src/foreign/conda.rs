//! Reads conda's `environment.yml` and the lists that `conda list --export` prints.

use super::conda_spec::{CondaSpec, SpecMeaning};
use super::{Lined, MOST, UnreadFile, lined};
use crate::parser::{self, YamlNode};

/// What a file of conda says about an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CondaFile {
    pub name: Option<Lined<String>>,
    pub channels: Vec<Lined<String>>,
    /// Every package of conda, as written.
    pub specs: Vec<Lined<CondaSpec>>,
    /// The packages that the Python package index has, as PEP 508 requirements.
    pub requirements: Vec<Lined<String>>,
    /// The lines of the pip part. A line can be an option, as in a requirements file.
    pub pip: Vec<Lined<String>>,
    /// Programs and libraries: the name at conda, and the package of Debian and Ubuntu.
    pub system: Vec<Lined<(String, &'static str)>>,
    /// The names for which nothing is known.
    pub unknown: Vec<Lined<String>>,
}

/// Reads `environment.yml`.
pub fn read_environment(text: &str) -> Result<CondaFile, UnreadFile> {
    let root = parser::yaml(text)?;
    let texts = |node: &YamlNode| node.items().iter().filter_map(|item| Some(lined(item.text()?, item.line))).collect();
    let name = root.get("name").and_then(|name| Some(lined(name.text()?, name.line)));
    let channels = root.get("channels").map(texts).unwrap_or_default();
    let mut file = CondaFile { name, channels, ..CondaFile::default() };
    let Some(dependencies) = root.get("dependencies") else {
        return Err(UnreadFile { line: 1, why: "it has no list `dependencies`".to_owned() });
    };
    if dependencies.items().len() > MOST {
        return Err(UnreadFile::too_many(dependencies.line, MOST, "packages"));
    }
    for item in dependencies.items() {
        match item.text() {
            Some(text) => file.add(text, item.line)?,
            None => file.pip.extend(
                item.get("pip")
                    .into_iter()
                    .flat_map(|pip| pip.items().iter().filter_map(|line| Some(lined(line.text()?.trim(), line.line)))),
            ),
        }
    }
    Ok(file)
}

/// Whether a text is a list of `conda list --export` or of `conda list --explicit` with names: `name=version=build` lines.
#[must_use]
pub fn is_conda_list(text: &str) -> bool {
    let is_package = |line: &str| {
        let mut parts = line.split('=');
        let name = parts.next().is_some_and(|name| !name.is_empty() && !name.contains([' ', '<', '>', '~', '!']));
        name && parts.clone().count() == 2 && parts.all(|part| !part.is_empty() && !part.contains(' '))
    };
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).peekable();
    lines.peek().is_some() && lines.all(is_package)
}

/// Reads such a list.
pub fn read_conda_list(text: &str) -> Result<CondaFile, UnreadFile> {
    let mut file = CondaFile::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if file.specs.len() >= MOST {
            return Err(UnreadFile::too_many(at + 1, MOST, "packages"));
        }
        file.add(line, at + 1)?;
    }
    Ok(file)
}

impl CondaFile {
    fn add(&mut self, text: &str, line: usize) -> Result<(), UnreadFile> {
        let Some(spec) = CondaSpec::parse(text) else {
            return Err(UnreadFile { line, why: "it is not a package of conda".to_owned() });
        };
        match spec.meaning() {
            SpecMeaning::Requirement(requirement) => self.requirements.push(lined(requirement, line)),
            SpecMeaning::Provided => {}
            SpecMeaning::System(package) => self.system.push(Lined { value: (spec.name.clone(), package), line }),
            SpecMeaning::Unknown => self.unknown.push(lined(spec.name.clone(), line)),
        }
        self.specs.push(Lined { value: spec, line });
        Ok(())
    }

    /// The version of a package that the file pins, with its line.
    #[must_use]
    pub fn pinned(&self, name: &str) -> Option<Lined<String>> {
        let found = self.specs.iter().find(|spec| spec.value.name == name)?;
        Some(lined(found.value.pinned()?, found.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment() {
        let text = "name: lab\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.9\n  - pytorch=2.0.1\n  - ffmpeg\n\
                    \x20 - gnuradio\n  - pip:\n    - rich\n    - -r more.txt\n";
        let file = read_environment(text).unwrap();
        assert_eq!(file.pinned("python"), Some(lined("3.9", 5)));
        assert_eq!(file.requirements, [lined("torch==2.0.1.*", 6)]);
        assert_eq!(file.system, [Lined { value: ("ffmpeg".to_owned(), "ffmpeg"), line: 7 }]);
        assert_eq!(file.unknown, [lined("gnuradio", 8)]);
        assert_eq!(file.pip, [lined("rich", 10), lined("-r more.txt", 11)]);
        assert_eq!(read_environment("name: x\n").unwrap_err().why, "it has no list `dependencies`");
    }

    #[test]
    fn an_exported_list() {
        let text = "# This file may be used to create an environment\nnumpy=1.23.5=py39_0\nopenssl=1.1.1u=h7_0\n";
        assert!(is_conda_list(text) && !is_conda_list("numpy==1.23.5\n") && !is_conda_list("# nothing\n"));
        assert!(!is_conda_list("numpy=1.23.5=py39_0\nrich\n"));
        let file = read_conda_list(text).unwrap();
        assert_eq!(file.requirements, [lined("numpy==1.23.5.*", 2)]);
        assert_eq!(file.specs.len(), 2);
    }
}
