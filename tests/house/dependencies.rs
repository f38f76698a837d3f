//! Every dependency has a licence that `deny.toml` allows and comes from the default registry.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::text::files_with_extension;

#[test]
fn every_dependency_has_an_allowed_licence_and_comes_from_the_registry() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules: toml::Table = std::fs::read_to_string(root.join("deny.toml")).unwrap().parse().unwrap();
    let allowed: BTreeSet<&str> =
        rules["licenses"]["allow"].as_array().unwrap().iter().map(|licence| licence.as_str().unwrap()).collect();
    let mut wrong = Vec::new();
    for package in dependencies(root) {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_default();
        if !satisfied(licence, &allowed) {
            wrong.push(format!("{name}: {licence:?}"));
        }
        if !package["source"].as_str().unwrap_or_default().starts_with("registry+") {
            wrong.push(format!("{name} comes from {}", package["source"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_allowed_licence_does_not_excuse_another_that_is_required() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0"]);
    for expression in ["MIT", "MIT OR GPL-3.0", "MIT/GPL-3.0", "MIT AND Apache-2.0"] {
        assert!(satisfied(expression, &allowed), "{expression}");
    }
    for expression in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0) AND Proprietary", ""] {
        assert!(!satisfied(expression, &allowed), "{expression}");
    }
}

/// A module with an underscore at the start of its name is private and can change in any release.
#[test]
fn no_python_of_ours_imports_a_private_module() {
    let scripts = files_with_extension(&["src", "scripts", "tests/renew"], "py");
    assert!(scripts.iter().any(|(path, _)| path.ends_with("fetch.py")));
    for (path, text) in scripts {
        let imports =
            text.lines().map(str::trim).filter(|line| line.starts_with("import ") || line.starts_with("from "));
        let private: Vec<_> = imports.filter(|line| line.contains("._") || line.contains(" _")).collect();
        assert!(private.is_empty(), "{}: {private:?}", path.display());
    }
}

/// Packages other than our own, as cargo resolved them for Linux on `x86_64`.
fn dependencies(root: &Path) -> Vec<Value> {
    #[expect(clippy::disallowed_methods, reason = "a test asks cargo")]
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform=x86_64-unknown-linux-gnu"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().filter(|package| package["name"] != "envctl").cloned().collect()
}

/// Expressions with parentheses that a person has read: each of their parts is allowed.
const READ: [&str; 1] = ["(MIT OR Apache-2.0) AND Unicode-3.0"];

/// Whether a licence expression is satisfied: one alternative of `OR` (older crates write `/`) whose parts, joined by
/// `AND`, are all allowed. Parentheses change which parts belong together, so such an expression has to be listed.
fn satisfied(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    if expression.contains(['(', ')']) {
        return READ.contains(&expression);
    }
    let plain = expression.replace('/', " OR ");
    plain.split(" OR ").any(|choice| choice.split(" AND ").all(|licence| allowed.contains(licence.trim())))
}
