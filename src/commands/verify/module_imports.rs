//! Compares what the project's code imports with what the environment has.

use super::inside;
use crate::commands::context::Context;
use crate::draft::{CodeImport, CodeImports, Edit, apply_edits, code_imports};
use crate::error::Result;
use crate::files;
use crate::manifest::{Manifest, Requirement};
use crate::matrix::{Matrix, imported, site};
use crate::place::Place;
use crate::project::Environment;
use crate::proof::{AbsentModules, Finding, ImportsReport, MissingModule, finding, modules_command};
use crate::version::VersionRequest;

/// The most modules of one question: a command has a limited length.
const AT_ONCE: usize = 500;

/// Reads the code on this host, and asks the environment for its modules.
pub(super) fn look(context: &Context, place: &impl Place, environment: &Environment) -> Result<ImportsReport> {
    let CodeImports { files, unread, modules } = code_imports(&environment.project.directory);
    let names: Vec<&str> = modules.keys().map(String::as_str).collect();
    let mut missing = Vec::new();
    let ways = WaysToAdd::new(context, environment)?;
    for names in names.chunks(AT_ONCE) {
        let printed = inside::output(context, place, environment, modules_command(names))?;
        for module in printed.lines().filter_map(finding).flat_map(absent) {
            let Some(CodeImport { file, line, is_conditional }) = modules.get(&module).cloned() else { continue };
            let add = ways.way(&module);
            missing.push(MissingModule { module, file, line, conditional: is_conditional, add });
        }
    }
    Ok(ImportsReport { files, unread, modules: modules.len(), missing })
}

fn absent(found: Finding) -> Vec<String> {
    match found {
        Finding::Modules(AbsentModules { absent }) => absent,
        _ => Vec::new(),
    }
}

/// Finds the commands that add modules. Each is tried on the manifest's text before it is named.
struct WaysToAdd<'a> {
    matrix: Matrix,
    environment: &'a Environment,
    text: String,
    vocabulary: crate::manifest::Vocabulary,
}

impl<'a> WaysToAdd<'a> {
    fn new(context: &Context, environment: &'a Environment) -> Result<Self> {
        let project = &environment.project;
        let text = project.deciding_text(&project.manifest, files::DOCUMENT)?.unwrap_or_default();
        let vocabulary = site::vocabulary(&context.system);
        Ok(Self { matrix: context.matrix()?, environment, text, vocabulary })
    }

    /// `envctl add scipy`. `None`: no row has the module, or the manifest can't take it.
    fn way(&self, module: &str) -> Option<String> {
        let distribution = imported(module)?;
        let framework = self.matrix.frameworks().find(|known| known.package == distribution);
        let (edit, command) = match framework {
            Some(known) => {
                let edit = Edit::AddFramework(known.id.clone(), "*".parse::<VersionRequest>().ok()?);
                (edit, format!("envctl add --framework {}", known.id))
            }
            None => (Edit::Add(distribution.parse::<Requirement>().ok()?), format!("envctl add {distribution}")),
        };
        let manifest = &self.environment.project.manifest;
        let changed = apply_edits(manifest, &self.text, &[edit]).ok()?;
        let name = self.environment.manifest.name.value.as_str();
        Manifest::parse(manifest, &changed, name, &self.vocabulary).ok().map(|_| command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::lab::Lab;

    #[test]
    fn a_way_is_named_where_the_manifest_takes_it() {
        let lab = Lab::new();
        let ways = WaysToAdd::new(&lab.context, &lab.environment).unwrap();
        assert_eq!(ways.way("cv2").as_deref(), Some("envctl add opencv-python"));
        assert_eq!(ways.way("torch").as_deref(), Some("envctl add --framework pytorch"));
        assert_eq!(ways.way("nobody_knows_this"), None);
        let ways = WaysToAdd { text: "[python]\npackages = 3\n".to_owned(), ..ways };
        assert_eq!(ways.way("cv2"), None);
    }
}
