//! Finds the modules that Python code imports, without running it.

use std::collections::{BTreeMap, BTreeSet};

use crate::matrix::is_standard_module;

/// The top-level modules that a file imports, with the line of the first import.
#[must_use]
pub fn top_level_imports(code: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let mut long_string = None;
    for (at, line) in code.lines().enumerate() {
        let quotes = ["\"\"\"", "'''"];
        if let Some(quote) = long_string {
            if line.matches(quote).count() % 2 == 1 {
                long_string = None;
            }
            continue;
        }
        long_string = quotes.into_iter().find(|quote| line.matches(quote).count() % 2 == 1);
        for name in imported_by(line.trim()) {
            found.entry(name).or_insert(at + 1);
        }
    }
    found
}

fn imported_by(line: &str) -> Vec<String> {
    let top = |module: &str| {
        let module = module.trim();
        let name = module.split(['.', ' ', '\t']).next().unwrap_or_default();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (is_name && !name.starts_with(|c: char| c.is_ascii_digit())).then(|| name.to_owned())
    };
    if let Some(rest) = line.strip_prefix("import ") {
        return rest.split(['#', ';']).next().unwrap_or_default().split(',').filter_map(top).collect();
    }
    let module = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import")).map(|(module, _)| module);
    module.filter(|module| !module.trim().starts_with('.')).and_then(top).into_iter().collect()
}

/// The modules that the project itself has: the names of its Python files and of the directories with such files.
#[must_use]
pub fn own_modules<'a>(paths: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    for path in paths {
        let parts = path.split('/').map(|part| part.strip_suffix(".py").unwrap_or(part));
        own.extend(parts.map(str::to_owned));
    }
    own
}

/// Whether a module belongs to Python itself.
#[must_use]
pub fn is_standard(module: &str) -> bool {
    module.starts_with('_') || is_standard_module(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_code() {
        let code = "\"\"\"Doc\nimport fake\n\"\"\"\nimport os, torch.nn as nn\ntry:\n    from cv2 import imread\nexcept ImportError:\n\
                    \x20   pass\nfrom . import own\nfrom .own import x\nimport a.b # c, d\nimportant = 1\nfrom x import (\n  y)\n";
        let found: Vec<_> = top_level_imports(code).into_iter().collect();
        let expected = [("a", 11), ("cv2", 6), ("os", 4), ("torch", 4), ("x", 13)];
        assert_eq!(found, expected.map(|(name, line)| (name.to_owned(), line)));
        assert_eq!(own_modules(["lab/net.py", "main.py"]), ["lab", "main", "net"].map(str::to_owned).into());
        assert!(is_standard("os") && is_standard("__future__") && !is_standard("torch"));
    }
}
