//! `envctl add`: adds packages and frameworks to the manifest.
//!
//! It resolves nothing; `check` and `up` do.

use serde_json::json;

use crate::draft::{Edit, edited};
use crate::error::{Exit, Report, Result};
use crate::files;
use crate::manifest::Manifest;
use crate::settings;
use crate::version::VersionRequest;

use super::context::{Context, Outcome};
use super::init::identified;

/// A package that `[frameworks]` decides.
#[derive(Debug, thiserror::Error)]
#[error("`{package}` is the framework `{id}`, which is named in `[frameworks]`")]
struct FrameworkNamedAsPackage {
    package: String,
    id: String,
}

impl Report for FrameworkNamedAsPackage {
    fn kind(&self) -> &'static str {
        "framework-package"
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        vec![format!(
            "`envctl add --framework {}` adds it, `--framework {}=VERSION` with its release",
            self.id, self.id
        )]
    }
}

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Add) -> Outcome {
    let matrix = context.matrix()?;
    let mut edits = Vec::new();
    for named in &settings.frameworks {
        let (id, version) = identified(named, &matrix)?;
        edits.push(Edit::AddFramework(id, version.unwrap_or_else(VersionRequest::any)));
    }
    for requirement in &settings.packages {
        let package = requirement.package();
        if let Some(known) = matrix.frameworks().find(|known| known.package == package.as_str()) {
            return Err(FrameworkNamedAsPackage { package: package.to_string(), id: known.id.to_string() }.into());
        }
        edits.push(Edit::Add(requirement.clone()));
    }
    change(context, settings.manifest.as_deref(), &edits)?;
    Ok(Exit::Done.into())
}

/// Changes the manifest's text. A manifest that is broken, or would be, stays as it is.
pub(super) fn change(context: &Context, manifest: Option<&std::path::Path>, edits: &[Edit]) -> Result<()> {
    let environment = context.environment(manifest)?;
    let project = &environment.project;
    let text = project.deciding_text(&project.manifest, files::DOCUMENT)?.unwrap_or_default();
    let changed = edited(&project.manifest, &text, edits)?;
    let vocabulary = crate::matrix::site::vocabulary(&context.system);
    Manifest::parse(&project.manifest, &changed, environment.manifest.name.value.as_str(), &vocabulary)?;
    let name = project.manifest.file_name().unwrap_or_default();
    if changed != text {
        project.directory.replace(name, changed.as_bytes(), 0o644)?;
    }
    let printer = &context.printer;
    if printer.json() {
        let changed = changed != text;
        printer.document(&json!({"schema": 1, "ok": true, "manifest": project.manifest, "changed": changed}));
    }
    let said = if changed == text { "stays as it is" } else { "is changed" };
    printer.result(&format!("{} {said}\n", name.to_string_lossy()));
    Ok(())
}
