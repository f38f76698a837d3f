//! `envctl add`: adds packages and frameworks to the manifest.
//!
//! It resolves nothing; `check` and `up` do.

use serde_json::json;

use crate::draft::{Edit, apply_edits};
use crate::error::{Exit, Report, Result};
use crate::files;
use crate::manifest::{FrameworkId, Manifest, PackageName};
use crate::matrix::{Matrix, PackageKind};
use crate::packages::{FrameworkPackage, framework_package};
use crate::settings;
use crate::ui;
use crate::version::VersionRequest;

use super::context::{Context, Outcome};
use super::init::find_framework;

/// A package that `[frameworks]` decides.
#[derive(Debug, thiserror::Error)]
enum FrameworkNamedAsPackage {
    #[error("`{package}` is the framework `{id}`, which is named in `[frameworks]`")]
    Release { package: PackageName, id: FrameworkId },
    #[error("`{package}` is a nightly build of the framework `{id}`, and nightly builds are not chosen")]
    Nightly { package: PackageName, id: FrameworkId },
}

impl Report for FrameworkNamedAsPackage {
    fn kind(&self) -> &'static str {
        match self {
            Self::Release { .. } => "framework-package",
            Self::Nightly { .. } => "nightly-package",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        let (Self::Release { id, .. } | Self::Nightly { id, .. }) = self;
        vec![format!("`envctl add --framework {id}` adds it, `--framework {id}=VERSION` with its release")]
    }
}

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Add) -> Outcome {
    let matrix = context.matrix()?;
    let mut edits = Vec::new();
    for named in &settings.frameworks {
        let (id, version) = find_framework(named, &matrix)?;
        edits.push(Edit::AddFramework(id, version.unwrap_or_else(VersionRequest::any)));
    }
    for requirement in &settings.packages {
        refuse_framework(requirement.package(), &matrix)?;
        edits.push(Edit::Add(requirement.clone()));
    }
    change(context, settings.manifest.as_deref(), &edits)?;
    Ok(Exit::Done.into())
}

/// Refuses the distribution of a framework, under any of its names: as in the manifest, they all mean the framework.
fn refuse_framework(package: PackageName, matrix: &Matrix) -> Result<(), FrameworkNamedAsPackage> {
    let Some(FrameworkPackage { framework: id, kind, .. }) = framework_package(&package, matrix) else { return Ok(()) };
    match kind {
        PackageKind::Build => Err(FrameworkNamedAsPackage::Release { package, id }),
        PackageKind::Nightly => Err(FrameworkNamedAsPackage::Nightly { package, id }),
        PackageKind::Companion | PackageKind::Part => Ok(()),
    }
}

/// Changes the manifest's text. A manifest that is broken, or would be, stays as it is.
pub(super) fn change(context: &Context, manifest: Option<&std::path::Path>, edits: &[Edit]) -> Result<()> {
    let environment = context.environment(manifest)?;
    let project = &environment.project;
    let text = project.deciding_text(&project.manifest, files::DOCUMENT)?.unwrap_or_default();
    let changed = apply_edits(&project.manifest, &text, edits)?;
    let vocabulary = crate::matrix::site::vocabulary(&context.system);
    Manifest::parse(&project.manifest, &changed, environment.manifest.name.value.as_str(), &vocabulary)?;
    let name = project.manifest.file_name().unwrap_or_default();
    if changed != text {
        project.directory.replace_read(name, text.as_bytes(), changed.as_bytes(), 0o644)?;
    }
    let printer = &context.printer;
    if printer.json() {
        let changed = changed != text;
        printer.document(&json!({"schema": 1, "ok": true, "manifest": project.manifest, "changed": changed}));
    }
    printer.result(&ui::manifest_changed(&name.to_string_lossy(), changed != text));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::shown_errors::{each_variant, shown_errors};

    #[test]
    fn errors_of_a_package_that_is_a_framework() {
        let id = || "pytorch".parse().unwrap();
        let errors = each_variant![FrameworkNamedAsPackage;
            Release { package: "torch".parse().unwrap(), id: id() },
            Nightly { package: "torch-nightly".parse().unwrap(), id: id() },
        ];
        insta::assert_snapshot!(shown_errors(&errors));
    }
}
