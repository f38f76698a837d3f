//! The statements about Python in the `pyproject.toml` beside a manifest.
//!
//! The file is another tool's, so a file that cannot be read as TOML states nothing here: that tool reports it.

use serde::Deserialize;
use toml::Spanned;

use super::Project;
use crate::files;
use crate::manifest::RequiresPython;
use crate::parser;

/// The name of the file.
const FILE: &str = "pyproject.toml";

#[derive(Deserialize)]
struct PyprojectShape {
    project: Option<ProjectShape>,
}

#[derive(Deserialize)]
struct ProjectShape {
    #[serde(rename = "requires-python")]
    requires_python: Option<Spanned<String>>,
}

/// Returns the Pythons that the project accepts for its own code; `None` if it states none.
#[must_use]
pub fn requires_python(project: &Project) -> Option<RequiresPython> {
    let text = project.directory.read_text(FILE, files::DOCUMENT).ok()?;
    stated(&text)
}

fn stated(text: &str) -> Option<RequiresPython> {
    let read = parser::contain(|| toml::from_str::<PyprojectShape>(text).ok()).ok().flatten()?;
    let stated = read.project?.requires_python?;
    let line = text[..stated.span().start].matches('\n').count() + 1;
    let request = stated.get_ref().parse().ok()?;
    Some(RequiresPython { request, place: format!("{FILE}:{line}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_read_with_its_line() {
        let text = "[build-system]\nrequires = []\n[project]\nname = \"lab\"\nrequires-python = \">=3.8.1,<3.12\"\n";
        let found = stated(text).unwrap();
        assert_eq!((found.request.text(), found.place.as_str()), (">=3.8.1,<3.12", "pyproject.toml:5"));
        assert!(found.request.accepts(&"3.8".parse().unwrap()));
    }

    #[test]
    fn a_file_without_a_range_states_nothing() {
        let poetry = "[tool.poetry.dependencies]\npython = \"^3.8\"\n";
        for text in
            ["", "[project]\nname = \"x\"", poetry, "[project", "[project]\nrequires-python = \"^3.8\"", "project = 1"]
        {
            assert_eq!(stated(text), None, "{text}");
        }
    }
}
