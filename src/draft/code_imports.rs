//! The modules that a project's code imports and that are neither its own nor Python's.

use std::collections::BTreeMap;

use super::project_files::ProjectFiles;
use crate::files::RootedDirectory;
use crate::foreign::{import_places, is_standard, own_modules};

/// The imports of a project's code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeImports {
    /// The number of files that were read.
    pub files: usize,
    /// The files that can't be read.
    pub unread: Vec<String>,
    /// The top-level modules, each with its first import.
    pub modules: BTreeMap<String, CodeImport>,
}

/// The first import of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeImport {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// Whether every import of it is under a condition: in a `try`, or for a checker of types.
    pub is_conditional: bool,
}

/// Reads the code of a project, within the limits of a draft.
#[must_use]
pub fn code_imports(project: &RootedDirectory) -> CodeImports {
    let mut files = ProjectFiles::new(project);
    let code = files.find_code();
    let own = own_modules(code.iter().map(String::as_str));
    let mut found = CodeImports::default();
    for file in code {
        let Ok(text) = files.read_text(&file) else {
            found.unread.push(file);
            continue;
        };
        found.files += 1;
        for (module, place) in import_places(&text) {
            if is_standard(&module) || own.contains(&module) {
                continue;
            }
            let import = CodeImport { file: file.clone(), line: place.line, is_conditional: place.is_conditional };
            let known = found.modules.entry(module).or_insert_with(|| import.clone());
            if known.is_conditional && !import.is_conditional {
                *known = import;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_import_of_each_module() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("lab")).unwrap();
        let code = "import os, lab\ntry:\n    import apex\nexcept ImportError:\n    apex = None\nimport scipy\n";
        std::fs::write(directory.path().join("lab/net.py"), code).unwrap();
        std::fs::write(directory.path().join("train.py"), "import apex.amp\nfrom lab import net\n").unwrap();
        let found = code_imports(&RootedDirectory::open(directory.path()).unwrap());
        let import = |file: &str, line| CodeImport { file: file.to_owned(), line, is_conditional: false };
        let expected = [("apex", import("train.py", 1)), ("scipy", import("lab/net.py", 6))];
        assert_eq!(found.modules, expected.map(|(name, import)| (name.to_owned(), import)).into());
        assert_eq!(found.files, 2);
    }
}
