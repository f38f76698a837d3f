//! Adds packages and frameworks to a manifest's text and removes them. Comments and the order of keys stay.
//!
//! It changes the text and not a parsed value, because a user who wrote comments must find them again.

use std::ops::Range;
use std::path::PathBuf;

use toml_edit::{Array, DocumentMut, Item, Table, Value};

use crate::error::{Exit, Report, Snippet};
use crate::manifest::{FrameworkId, PackageName, Requirement};
use crate::parser;
use crate::version::VersionRequest;

/// A change of a manifest.
#[derive(Clone, Debug)]
pub enum Edit {
    Add(Requirement),
    Remove(PackageName),
    AddFramework(FrameworkId, VersionRequest),
    RemoveFramework(FrameworkId),
}

/// The reason why a text can't be changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The text is not TOML.
    #[error("{message}")]
    Syntax { path: PathBuf, text: String, message: String, span: Range<usize> },
    /// The key has another form.
    #[error("`{key}` is not {allowed}, so it can't be edited")]
    Form { key: String, allowed: &'static str },
    /// The manifest does not name the package.
    #[error("`packages` of `[python]` does not name `{name}`")]
    NoPackage { name: String },
    /// The manifest does not name the framework.
    #[error("`[frameworks]` does not name `{id}`")]
    NoFramework { id: String },
}

impl Report for EditError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Syntax { .. } | Self::Form { .. } => "bad-manifest",
            Self::NoPackage { .. } | Self::NoFramework { .. } => "not-named",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::NoPackage { .. } => {
                vec!["a package of a file of requirements is removed there".to_owned()]
            }
            Self::NoFramework { .. } => {
                vec!["a framework that only a file of requirements names is removed there".to_owned()]
            }
            Self::Form { key, allowed } => vec![format!("write `{key}` as {allowed}, or make this change by hand")],
            Self::Syntax { .. } => Vec::new(),
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::Syntax { path, text, span, .. } => {
                vec![Snippet { path: path.clone(), text: text.clone(), span: span.clone(), label: String::new() }]
            }
            _ => Vec::new(),
        }
    }
}

/// Returns the text after all edits.
pub fn apply_edits(path: &std::path::Path, text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let syntax = |message: String, span| EditError::Syntax { path: path.into(), text: text.to_owned(), message, span };
    let parsed = parser::contain(|| text.parse::<DocumentMut>());
    let mut document = match parsed {
        Ok(Ok(document)) => document,
        Ok(Err(error)) => return Err(syntax(error.message().to_owned(), error.span().unwrap_or(0..0))),
        Err(panicked) => return Err(syntax(panicked.to_string(), 0..0)),
    };
    for edit in edits {
        match edit {
            Edit::Add(requirement) => add_package(open_packages(&mut document)?, requirement),
            Edit::Remove(name) => remove_package(open_packages(&mut document)?, name)?,
            Edit::AddFramework(id, version) => add_framework(&mut document, id, version.text())?,
            Edit::RemoveFramework(id) => {
                let removed = open_table(&mut document, "frameworks")?.remove(id.as_str());
                removed.ok_or_else(|| EditError::NoFramework { id: id.to_string() })?;
            }
        }
    }
    Ok(document.to_string())
}

fn open_table<'d>(document: &'d mut DocumentMut, name: &str) -> Result<&'d mut dyn toml_edit::TableLike, EditError> {
    let item = document.entry(name).or_insert_with(|| Item::Table(Table::new()));
    let form = || EditError::Form { key: name.to_owned(), allowed: "a table" };
    item.as_table_like_mut().ok_or_else(form)
}

fn open_packages(document: &mut DocumentMut) -> Result<&mut Array, EditError> {
    let form = || EditError::Form { key: "python.packages".to_owned(), allowed: "a list" };
    let item = open_table(document, "python")?.entry("packages").or_insert(Item::Value(Value::Array(Array::new())));
    item.as_array_mut().ok_or_else(form)
}

fn package_of(value: &Value) -> Option<PackageName> {
    Some(value.as_str()?.parse::<Requirement>().ok()?.package())
}

/// Replaces the requirement of the same package, or adds one at the end in the style of the list.
fn add_package(list: &mut Array, requirement: &Requirement) {
    let name = requirement.package();
    if let Some(old) = list.iter_mut().find(|value| package_of(value).as_ref() == Some(&name)) {
        let decor = old.decor().clone();
        *old = Value::from(requirement.as_str());
        *old.decor_mut() = decor;
        return;
    }
    let mut value = Value::from(requirement.as_str());
    value.decor_mut().set_prefix(take_prefix_of_next(list));
    list.push_formatted(value);
}

/// Returns the text between the last item and a new one. A comment on the line of the last item stays there.
fn take_prefix_of_next(list: &mut Array) -> String {
    let Some(end) = list.iter().last() else { return String::new() };
    let raw = |text: Option<&toml_edit::RawString>| text.and_then(|text| text.as_str()).unwrap_or_default().to_owned();
    let (before, after) = (raw(end.decor().prefix()), raw(end.decor().suffix()));
    let Some(at) = before.rfind('\n') else { return " ".to_owned() };
    let indent = before[at..].to_owned();
    let ended = if list.trailing_comma() { raw(Some(list.trailing())) } else { after };
    let comment = ended.find('\n').map(|at| ended[..at].to_owned()).unwrap_or_default();
    if list.trailing_comma() {
        list.set_trailing(ended[comment.len()..].to_owned());
    } else if let Some(end) = list.iter_mut().last() {
        end.decor_mut().set_suffix("");
        list.set_trailing(if ended.contains('\n') {
            ended[comment.len()..].to_owned()
        } else {
            raw(Some(list.trailing()))
        });
    }
    list.set_trailing_comma(true);
    format!("{comment}{indent}")
}

/// Removes a package with the comment on its line.
fn remove_package(list: &mut Array, name: &PackageName) -> Result<(), EditError> {
    let at = list.iter().position(|value| package_of(value).as_ref() == Some(name));
    let at = at.ok_or_else(|| EditError::NoPackage { name: name.to_string() })?;
    let removed = list.remove(at);
    let raw = |text: Option<&toml_edit::RawString>| text.and_then(|text| text.as_str()).unwrap_or_default().to_owned();
    let before = raw(removed.decor().prefix());
    let before = before.split('\n').next().unwrap_or_default();
    // The comment on a line belongs to the text before the next item, or before the end of the list.
    let moved = |text: &str| text.find('\n').map(|line| format!("{before}{}", &text[line..]));
    if let Some(next) = list.iter_mut().nth(at) {
        let prefix = raw(next.decor().prefix());
        let prefix = moved(&prefix).unwrap_or_else(|| if at == 0 { String::new() } else { prefix });
        next.decor_mut().set_prefix(prefix);
        return Ok(());
    }
    if let Some(trailing) = moved(&raw(Some(list.trailing()))) {
        list.set_trailing(trailing);
    }
    Ok(())
}

fn add_framework(document: &mut DocumentMut, id: &FrameworkId, version: &str) -> Result<(), EditError> {
    let frameworks = open_table(document, "frameworks")?;
    let form = || EditError::Form { key: format!("frameworks.{id}"), allowed: "a version" };
    match frameworks.get_mut(id.as_str()) {
        None => {
            frameworks.insert(id.as_str(), toml_edit::value(version));
        }
        Some(item) => {
            if let Some(old) = item.as_value_mut().filter(|value| value.is_str()) {
                let decor = old.decor().clone();
                *old = Value::from(version);
                *old.decor_mut() = decor;
            } else {
                item.as_table_like_mut().ok_or_else(form)?.insert("version", toml_edit::value(version));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, edits: &[Edit]) -> String {
        apply_edits("envctl.toml".as_ref(), text, edits).unwrap()
    }

    fn added(text: &str) -> Edit {
        Edit::Add(text.parse().unwrap())
    }

    #[test]
    fn packages_are_added_in_the_style_of_the_list() {
        let one = "# head\n[python]\npackages = [\"rich\"]  # why\n";
        assert_eq!(after(one, &[added("tqdm>=4")]), "# head\n[python]\npackages = [\"rich\", \"tqdm>=4\"]  # why\n");
        let lines = "[python]\npackages = [\n    # shown\n    \"rich\",  # why\n]\n";
        let expected = "[python]\npackages = [\n    # shown\n    \"rich\",  # why\n    \"tqdm\",\n]\n";
        assert_eq!(after(lines, &[added("tqdm")]), expected);
        let open = "[python]\npackages = [\n    \"rich\"  # why\n]\n";
        assert_eq!(after(open, &[added("tqdm")]), expected.replace("    # shown\n", ""));
        assert_eq!(after(one, &[added("Rich>=13")]), one.replace("\"rich\"", "\"Rich>=13\""));
        assert_eq!(
            after("[frameworks]\npytorch = \"2.4\"\n", &[added("rich")]),
            "[frameworks]\npytorch = \"2.4\"\n\n[python]\npackages = [\"rich\"]\n"
        );
    }

    #[test]
    fn packages_are_removed_with_what_is_around_them_kept() {
        let text = "[python]\npackages = [\"a\", \"b-x\", \"c\"]\n";
        let removed = |name: &str| after(text, &[Edit::Remove(name.parse().unwrap())]);
        assert_eq!(removed("a"), "[python]\npackages = [\"b-x\", \"c\"]\n");
        assert_eq!(removed("B_X"), "[python]\npackages = [\"a\", \"c\"]\n");
        let lines = "[python]\npackages = [\n    \"a\",  # one\n    # two\n    \"b\",  # other\n]\n";
        let of_lines = |name: &str| after(lines, &[Edit::Remove(name.parse().unwrap())]);
        assert_eq!(of_lines("a"), "[python]\npackages = [\n    # two\n    \"b\",  # other\n]\n");
        assert_eq!(of_lines("b"), "[python]\npackages = [\n    \"a\",  # one\n]\n");
        let error = apply_edits("envctl.toml".as_ref(), text, &[Edit::Remove("d".parse().unwrap())]).unwrap_err();
        assert_eq!(error.to_string(), "`packages` of `[python]` does not name `d`");
    }

    #[test]
    fn frameworks_keep_their_companions() {
        let text = "[frameworks]\npytorch = { version = \"2.4\", with = [\"torchvision\"] } # why\n";
        let edit = |version: &str| [Edit::AddFramework("pytorch".parse().unwrap(), version.parse().unwrap())];
        assert_eq!(after(text, &edit("2.5")), text.replace("2.4", "2.5"));
        let plain = "[frameworks]\npytorch = \"2.4\" # why\n";
        assert_eq!(after(plain, &edit("2.5")), plain.replace("2.4", "2.5"));
        assert_eq!(after("", &edit("*")), "[frameworks]\npytorch = \"*\"\n");
        assert_eq!(after(plain, &[Edit::RemoveFramework("pytorch".parse().unwrap())]), "[frameworks]\n");
    }

    #[test]
    fn another_form_is_refused() {
        for (text, key) in [("python = 1\n", "python"), ("[python]\npackages = 1\n", "python.packages")] {
            let error = apply_edits("envctl.toml".as_ref(), text, &[added("rich")]).unwrap_err();
            assert!(error.to_string().contains(&format!("`{key}`")), "{error}");
        }
        assert!(matches!(apply_edits("x".as_ref(), "[python\n", &[]), Err(EditError::Syntax { .. })));
    }
}
