//! Reads what a source needs while it is built: `[build-system]` of its `pyproject.toml` (PEP 518).

use crate::manifest::Requirement;
use crate::parser::{TomlFile, TomlValue};

/// What a source without `[build-system]` needs, as PEP 517 has it.
const LEGACY: [&str; 1] = ["setuptools>=40.8.0"];

/// What a backend of setuptools can ask for when it is run, which is too late.
const OF_SETUPTOOLS: [&str; 2] = ["setuptools", "wheel"];

/// The largest number of requirements.
const MOST: usize = 200;

/// The requirements of a build, sorted. `None` as the text: the source has no such file.
///
/// # Errors
///
/// The reason why they cannot be read, or are refused: an address would make this host ask it.
pub(super) fn build_requirements(text: Option<&str>) -> Result<Vec<String>, String> {
    let file = text.map(TomlFile::parse).transpose().map_err(|error| error.message)?;
    let value = |key| file.as_ref()?.value(&["build-system", key]);
    let mut found = match value("requires") {
        Some(list) => requirements(list)?,
        None => LEGACY.map(str::to_owned).into(),
    };
    let backend = value("build-backend").and_then(|backend| backend.get_ref().as_str());
    if backend.is_none_or(|backend| backend.starts_with("setuptools")) {
        for name in OF_SETUPTOOLS {
            let is_named = |line: &String| line.parse::<Requirement>().is_ok_and(|one| one.package().as_str() == name);
            if !found.iter().any(is_named) {
                found.push(name.to_owned());
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn requirements(list: &TomlValue<'_>) -> Result<Vec<String>, String> {
    let items = list.get_ref().as_array().ok_or("`requires` is no list")?;
    if items.len() > MOST {
        return Err(format!("`requires` has {} items, and {MOST} are allowed", items.len()));
    }
    let one = |item: &TomlValue<'_>| {
        let text = item.get_ref().as_str().ok_or("an item of `requires` is no text")?;
        let requirement = text.parse::<Requirement>().map_err(|error| error.why)?;
        match requirement.address() {
            Some(_) => Err(format!("`{}` has an address of its own", requirement.package())),
            None => Ok(requirement.to_string()),
        }
    };
    items.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_says_what_it_needs() {
        let legacy = ["setuptools>=40.8.0", "wheel"];
        assert_eq!(build_requirements(None).unwrap(), legacy);
        assert_eq!(build_requirements(Some("[project]\nname = \"a\"\n")).unwrap(), legacy);
        let hatch =
            "[build-system]\nrequires = [\"hatchling>=1\", \"hatch-vcs\"]\nbuild-backend = \"hatchling.build\"\n";
        assert_eq!(build_requirements(Some(hatch)).unwrap(), ["hatch-vcs", "hatchling>=1"]);
        let old = "[build-system]\nrequires = [\"setuptools<60\", \"numpy; python_version < '3.12'\"]\n";
        assert_eq!(
            build_requirements(Some(old)).unwrap(),
            ["numpy; python_version < '3.12'", "setuptools<60", "wheel"]
        );
    }

    #[test]
    fn a_source_sends_this_host_to_no_address() {
        let evil = "[build-system]\nrequires = [\"tool @ https://evil.example/tool.whl\"]\n";
        assert!(build_requirements(Some(evil)).unwrap_err().contains("an address"));
        assert!(build_requirements(Some("[build-system]\nrequires = \"a\"\n")).is_err());
        assert!(build_requirements(Some("[build-system")).is_err());
    }
}
