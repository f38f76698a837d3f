//! The statements about Python in the `pyproject.toml` beside a manifest.
//!
//! The file is another tool's, so a file that cannot be read as TOML states nothing here: that tool reports it.

use super::Project;
use crate::files;
use crate::manifest::RequiresPython;
use crate::parser::TomlFile;

/// The name of the file.
const FILE: &str = "pyproject.toml";

/// Returns the Pythons that the project accepts for its own code; `None` if it states none.
#[must_use]
pub fn requires_python(project: &Project) -> Option<RequiresPython> {
    let text = project.directory.read_text(FILE, files::DOCUMENT).ok()?;
    parse_requires_python(&text)
}

fn parse_requires_python(text: &str) -> Option<RequiresPython> {
    let stated = TomlFile::parse(text).ok()?.text(&["project", "requires-python"])?;
    Some(RequiresPython { request: stated.value.parse().ok()?, place: format!("{FILE}:{}", stated.line) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_read_with_its_line() {
        let text = "[build-system]\nrequires = []\n[project]\nname = \"lab\"\nrequires-python = \">=3.8.1,<3.12\"\n";
        let found = parse_requires_python(text).unwrap();
        assert_eq!((found.request.text(), found.place.as_str()), (">=3.8.1,<3.12", "pyproject.toml:5"));
        assert!(found.request.accepts(&"3.8".parse().unwrap()));
    }

    #[test]
    fn a_file_without_a_range_states_nothing() {
        let poetry = "[tool.poetry.dependencies]\npython = \"^3.8\"\n";
        for text in
            ["", "[project]\nname = \"x\"", poetry, "[project", "[project]\nrequires-python = \"^3.8\"", "project = 1"]
        {
            assert_eq!(parse_requires_python(text), None, "{text}");
        }
    }
}
