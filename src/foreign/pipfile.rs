//! Reads `Pipfile`.

use super::poetry::requirements;
use super::{Lined, NotRead, UnreadFile, lined};
use crate::parser::{TomlFile, items, key_text};

/// What a `Pipfile` says about an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pipfile {
    pub python: Option<Lined<String>>,
    /// PEP 508 requirements.
    pub packages: Vec<Lined<String>>,
    /// The requirements for development.
    pub dev_packages: Vec<Lined<String>>,
    /// The addresses of its indexes.
    pub sources: Vec<Lined<String>>,
    pub not_read: Vec<NotRead>,
}

/// Reads the file's text.
pub fn read_pipfile(text: &str) -> Result<Pipfile, UnreadFile> {
    let file = TomlFile::parse(text)?;
    let python = ["python_version", "python_full_version"].iter().find_map(|key| file.text(&["requires", key]));
    let mut pipfile = Pipfile { python, ..Pipfile::default() };
    for (table, is_dev) in [("packages", false), ("dev-packages", true)] {
        for (name, value) in file.entries(&[table]) {
            let line = file.line(value);
            for converted in requirements(name, value) {
                match converted {
                    Ok(text) if is_dev => pipfile.dev_packages.push(lined(text, line)),
                    Ok(text) => pipfile.packages.push(lined(text, line)),
                    Err(why) => pipfile.not_read.push(NotRead { text: name.to_owned(), line, why }),
                }
            }
        }
    }
    let sources = file.value(&["source"]).map(items).unwrap_or_default();
    pipfile.sources =
        sources.iter().filter_map(|source| Some(lined(key_text(source, "url")?, file.line(source)))).collect();
    Ok(pipfile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_python_and_sources() {
        let text = "[[source]]\nurl = \"https://index.example/simple\"\n[packages]\ntorch = \"==2.1.0\"\nrich = \"*\"\n\
                    x = {path = \".\", editable = true}\n[dev-packages]\npytest = \">=7\"\n[requires]\npython_version = \"3.9\"\n";
        let file = read_pipfile(text).unwrap();
        assert_eq!(file.python, Some(lined("3.9", 10)));
        let names: Vec<_> = file.packages.iter().map(|line| line.value.as_str()).collect();
        assert_eq!(names, ["rich", "torch==2.1.0"]);
        assert_eq!(file.dev_packages, [lined("pytest>=7", 8)]);
        assert_eq!(file.not_read[0].text, "x");
        assert_eq!(file.sources[0].value, "https://index.example/simple");
    }
}
