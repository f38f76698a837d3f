//! Finds the modules that Python code imports, without running it.

use std::collections::{BTreeMap, BTreeSet};

use crate::matrix::is_standard_module;

/// The first import of a module in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportPlace {
    /// From 1.
    pub line: usize,
    /// Whether every import of the module in the file is under a condition: in a `try` or its `except`, or for a
    /// checker of types alone.
    pub is_conditional: bool,
}

/// The top-level modules that a file imports, with the line of the first import.
#[must_use]
pub fn top_level_imports(code: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for (name, place) in imports(code) {
        found.entry(name).or_insert(place.line);
    }
    found
}

/// The top-level modules that a file imports, each with its first import. One without a condition comes before one
/// with a condition.
#[must_use]
pub fn import_places(code: &str) -> BTreeMap<String, ImportPlace> {
    let mut found = BTreeMap::new();
    for (name, place) in imports(code) {
        let known = found.entry(name).or_insert(place);
        if known.is_conditional && !place.is_conditional {
            *known = place;
        }
    }
    found
}

/// Every import, in the order of the lines.
fn imports(code: &str) -> Vec<(String, ImportPlace)> {
    let mut found = Vec::new();
    let mut long_string = None;
    let mut guard = None;
    for (at, line) in code.lines().enumerate() {
        let quotes = ["\"\"\"", "'''"];
        if let Some(quote) = long_string {
            if line.matches(quote).count() % 2 == 1 {
                long_string = None;
            }
            continue;
        }
        let is_conditional = is_guarded(line, &mut guard);
        long_string = quotes.into_iter().find(|quote| line.matches(quote).count() % 2 == 1);
        let place = ImportPlace { line: at + 1, is_conditional };
        found.extend(imported_by(line.trim()).into_iter().map(|name| (name, place)));
    }
    found
}

/// Whether a line is inside a block that runs under a condition. `guard` is the indentation of that block's head.
fn is_guarded(line: &str, guard: &mut Option<usize>) -> bool {
    const HEADS: [&str; 5] = ["try:", "except:", "except ", "if TYPE_CHECKING", "if typing.TYPE_CHECKING"];
    let text = line.trim_start();
    if text.is_empty() || text.starts_with('#') {
        return guard.is_some();
    }
    let indentation = line.len() - text.len();
    if guard.is_some_and(|guard| indentation <= guard) {
        *guard = None;
    }
    if guard.is_none() && HEADS.iter().any(|head| text.starts_with(head)) {
        *guard = Some(indentation);
    }
    guard.is_some_and(|guard| indentation > guard)
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
        let conditional: Vec<_> = import_places(code).into_iter().filter(|(_, place)| place.is_conditional).collect();
        assert_eq!(conditional, [("cv2".to_owned(), ImportPlace { line: 6, is_conditional: true })]);
        let code = "if TYPE_CHECKING:\n    import a\n\n    import b\nimport b\ndef f():\n    try:\n        x()\n    finally:\n        import c\n";
        let places: Vec<_> =
            import_places(code).into_values().map(|place| (place.line, place.is_conditional)).collect();
        assert_eq!(places, [(2, true), (5, false), (10, false)]);
        assert_eq!(own_modules(["lab/net.py", "main.py"]), ["lab", "main", "net"].map(str::to_owned).into());
        assert!(is_standard("os") && is_standard("__future__") && !is_standard("torch"));
    }
}
