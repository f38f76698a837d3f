//! `envctl remove`: removes packages and frameworks from the manifest.
//!
//! What a file of requirements names is removed there.

use crate::draft::Edit;
use crate::error::Exit;
use crate::settings::{self, NamedFramework};

use super::add::change;
use super::context::{Context, Outcome};
use super::init::find_framework;

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Remove) -> Outcome {
    let matrix = context.matrix()?;
    let mut edits: Vec<Edit> = settings.packages.iter().cloned().map(Edit::Remove).collect();
    for name in &settings.frameworks {
        let (id, _) = find_framework(&NamedFramework { name: name.clone(), version: None }, &matrix)?;
        edits.push(Edit::RemoveFramework(id));
    }
    change(context, settings.manifest.as_deref(), &edits)?;
    Ok(Exit::Done.into())
}
