//! Reads `setup.py` without running it: the literals of its call.

use std::collections::BTreeMap;

use super::literal::{LARGEST, Literal, PythonCode};
use super::{Lined, MOST, NotRead, UnreadFile, WhyNotRead, lined, normal_name};

/// What a `setup.py` or `setup.cfg` says about an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetupFile {
    pub requires_python: Option<Lined<String>>,
    /// PEP 508 requirements.
    pub dependencies: Vec<Lined<String>>,
    /// The optional dependencies, by the normalised name of the extra.
    pub extras: BTreeMap<String, Vec<Lined<String>>>,
    pub not_read: Vec<NotRead>,
}

/// Reads the file's text.
pub fn read_setup_py(text: &str) -> Result<SetupFile, UnreadFile> {
    UnreadFile::check_size(text, LARGEST)?;
    let code = PythonCode::new(text);
    let mut file = SetupFile::default();
    for name in ["install_requires", "python_requires", "extras_require"] {
        let Some(line) = code.line_of(name) else { continue };
        let is_read = match (name, code.literal(name)) {
            ("install_requires", Some(literal)) => file.take_dependencies(literal),
            ("python_requires", Some(Literal::Text(version, line))) => {
                file.requires_python = Some(lined(version, line));
                true
            }
            ("extras_require", Some(Literal::Map(extras))) => file.take_extras(extras),
            _ => false,
        };
        if !is_read {
            file.not_read.push(NotRead { text: name.to_owned(), line, why: WhyNotRead::Computed });
        }
    }
    if file.dependencies.len() > MOST {
        return Err(UnreadFile::too_many(1, MOST, "requirements"));
    }
    Ok(file)
}

impl SetupFile {
    fn take_dependencies(&mut self, literal: Literal) -> bool {
        let lines = texts(literal);
        let is_read = lines.is_some();
        self.dependencies.extend(lines.unwrap_or_default());
        is_read
    }

    fn take_extras(&mut self, extras: Vec<(String, Literal)>) -> bool {
        let mut is_read = true;
        for (name, literal) in extras {
            match texts(literal) {
                Some(lines) => _ = self.extras.insert(normal_name(&name), lines),
                None => is_read = false,
            }
        }
        is_read
    }
}

/// The texts of a list, or the lines of one text. `None`: something in it is computed.
fn texts(literal: Literal) -> Option<Vec<Lined<String>>> {
    match literal {
        Literal::Text(text, line) => {
            let lines = text.lines().map(str::trim).filter(|text| !text.is_empty());
            Some(lines.map(|text| lined(text, line)).collect())
        }
        Literal::List(items) => {
            let one = |item| match item {
                Literal::Text(text, line) => Some(lined(text.trim(), line)),
                _ => None,
            };
            items.into_iter().map(one).collect()
        }
        Literal::Map(_) | Literal::Name(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read() {
        let text = "from setuptools import setup\nextras = {'dev': ['pytest']}\nsetup(\n    name='x',\n    python_requires='>=3.7',\n\
                    \x20   install_requires=[\n        'torch>=1.8',  # the framework\n        \"numpy\",\n    ],\n    extras_require=extras,\n)\n";
        let file = read_setup_py(text).unwrap();
        assert_eq!(file.requires_python, Some(lined(">=3.7", 5)));
        assert_eq!(file.dependencies, [lined("torch>=1.8", 7), lined("numpy", 8)]);
        assert_eq!(file.extras["dev"], [lined("pytest", 2)]);
        assert!(file.not_read.is_empty());
    }

    #[test]
    fn what_is_computed_is_named() {
        let text =
            "reqs = open('requirements.txt').read().split()\nsetup(install_requires=reqs, extras_require={'a': f()})\n";
        let file = read_setup_py(text).unwrap();
        assert!(file.dependencies.is_empty());
        let named: Vec<_> = file.not_read.iter().map(|left| (left.text.as_str(), left.line)).collect();
        assert_eq!(named, [("install_requires", 2), ("extras_require", 2)]);
    }
}
