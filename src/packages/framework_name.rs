//! What the name of a distribution is to a framework, and the version of a requirement without the label of a build.

use crate::manifest::{FrameworkId, PackageName, Requirement};
use crate::matrix::{self, Matrix, PackageKind};
use crate::parser;

/// A name that belongs to a framework.
#[derive(Clone, Debug)]
pub struct FrameworkPackage {
    pub framework: FrameworkId,
    pub kind: PackageKind,
    /// The only distribution that the name means.
    pub build: Option<String>,
}

/// The framework of a name. A site's own frameworks have the name in their head.
#[must_use]
pub fn framework_package(name: &PackageName, matrix: &Matrix) -> Option<FrameworkPackage> {
    if let Some(row) = matrix::package(name.as_str()) {
        return Some(FrameworkPackage { framework: row.framework.clone(), kind: row.kind, build: row.build.clone() });
    }
    let known = matrix.frameworks().find(|known| known.package == name.as_str())?;
    Some(FrameworkPackage { framework: known.id.clone(), kind: PackageKind::Build, build: None })
}

/// The id of the framework that a name asks for, itself or with a companion.
#[must_use]
pub fn framework_of(name: &PackageName, matrix: &Matrix) -> Option<FrameworkId> {
    let known = framework_package(name, matrix)?;
    matches!(known.kind, PackageKind::Build | PackageKind::Companion).then_some(known.framework)
}

/// The range of a requirement, without the label of a build, and the label: `==2.1.0` and `cu118`.
pub(super) fn versions(requirement: &Requirement) -> (String, Option<String>) {
    let Ok(read) = parser::requirement(requirement.as_str()) else { return (String::new(), None) };
    let Some(pep508_rs::VersionOrUrl::VersionSpecifier(limits)) = read.version_or_url else {
        return (String::new(), None);
    };
    let (mut range, mut label) = (Vec::new(), None);
    for limit in limits.iter().map(ToString::to_string) {
        match limit.split_once('+') {
            Some((bare, local)) => {
                range.push(bare.to_owned());
                label = Some(local.to_owned());
            }
            None => range.push(limit),
        }
    }
    (range.join(","), label)
}

/// The same of the address of a wheel: its version, and the label of its build.
pub(super) fn of_wheel(address: &str) -> Option<(String, Option<String>)> {
    let file = address.split(['?', '#']).next()?.rsplit('/').next()?.strip_suffix(".whl")?;
    let version = file.split('-').nth(1)?.replace("%2B", "+").replace("%2b", "+");
    let (bare, label) = version.split_once('+').map_or((version.as_str(), None), |(bare, label)| (bare, Some(label)));
    parser::version(bare)?;
    Some((format!("=={bare}"), label.map(str::to_owned)))
}

/// The text of a requirement without the label of a build, for the package tools. Only the index of the build itself
/// knows the label.
pub(super) fn without_label(requirement: &Requirement) -> String {
    let text = requirement.as_str();
    let (head, marker) = text.split_once(';').map_or((text, None), |(head, marker)| (head, Some(marker)));
    let end = head.find(|c: char| "=<>!~@( ".contains(c)).unwrap_or(head.len());
    let (range, _) = versions(requirement);
    let marker = marker.map(|marker| format!(" ; {}", marker.trim())).unwrap_or_default();
    format!("{}{range}{marker}", head[..end].trim())
}

/// The extras of a requirement.
pub(super) fn extras(requirement: &Requirement) -> Vec<String> {
    let read = parser::requirement(requirement.as_str());
    read.map(|read| read.extras.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirement(text: &str) -> Requirement {
        text.parse().unwrap()
    }

    #[test]
    fn a_label_is_apart_from_the_version() {
        for (text, range, label, bare) in [
            ("torch==2.1.0+cu118", "==2.1.0", Some("cu118"), "torch==2.1.0"),
            ("torch[opt] >=2,<3 ; python_version<'3.9'", ">=2, <3", None, "torch[opt]>=2, <3 ; python_version<'3.9'"),
            ("torch", "", None, "torch"),
        ] {
            let read = requirement(text);
            let (found, found_label) = versions(&read);
            assert_eq!(found.replace(' ', ""), range.replace(' ', ""), "{text}");
            assert_eq!(found_label.as_deref(), label, "{text}");
            assert_eq!(without_label(&read).replace(' ', ""), bare.replace(' ', ""), "{text}");
        }
    }

    #[test]
    fn a_wheel_says_its_version_and_its_build() {
        let wheel = "https://h.example/whl/cu118/torch-2.1.0%2Bcu118-cp310-cp310-linux_x86_64.whl";
        assert_eq!(of_wheel(wheel), Some(("==2.1.0".to_owned(), Some("cu118".to_owned()))));
        assert_eq!(of_wheel("https://h.example/torch.tar.gz"), None);
    }
}
