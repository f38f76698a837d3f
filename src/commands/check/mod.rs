//! `envctl check`: resolves a manifest and explains the result.
//!
//! It needs no engine, and no network without `--packages`.

mod input;
mod json_document;
mod listing;
mod many;
mod packages;

use crate::error::{Exit, Report, Result};
use crate::event::{Notice, Sink};
use crate::host::HostFacts;
use crate::manifest::Manifest;
use crate::matrix::Matrix;
use crate::resolve::{ConflictKind, ManifestText, Request, Resolution, TargetFacts, combinations, instead, resolve};
use crate::{render, settings, ui};

use super::context::{Context, Ending, Outcome};
use packages::PackagesSeen;

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Check) -> Outcome {
    let matrix = context.matrix()?;
    let facts = listing::list_facts(context, &settings.facts)?;
    if !settings.paths.is_empty() {
        return many::check_manifests(context, settings, &matrix, facts);
    }
    let checked = input::CheckedManifest::read(context, settings.manifest.as_deref(), &matrix)?;
    let manifest = &checked.manifest;
    for key in manifest.not_yet() {
        context.emit(Notice::KeyWithoutEffect(key.key.to_string()).into());
    }
    if facts.len() > 1 {
        return Ok(many::check_hosts(context, settings, &matrix, &checked, &facts));
    }
    let named = facts.into_iter().next().map(|(_, facts)| facts);
    let is_here = named.is_none();
    let host = named.or_else(|| context.this_host(&settings.overrides));
    let request = checked.request(host.as_ref(), &settings.overrides, &matrix)?;
    if settings.all {
        return Ok(report_all(context, &request, &matrix));
    }
    match resolve(&request, &matrix) {
        Ok(resolution) => {
            if let Some(facts) = host.as_ref().filter(|_| is_here && manifest.target.is_named()) {
                look_here(context, settings, (manifest, &resolution), facts, &matrix)?;
            }
            if !settings.packages {
                return report_found(context, settings, &resolution, (&request, &matrix), &PackagesSeen::of(manifest));
            }
            let seen = PackagesSeen::resolve(context, settings, &matrix, host.as_ref())?;
            let narrowed = seen.decision().map(|decision| packages::narrowed(&request, decision));
            let resolution = narrowed.map_or(Ok(resolution), |narrowed| resolve(&narrowed, &matrix))?;
            report_found(context, settings, &resolution, (&request, &matrix), &seen)
        }
        Err(conflict) => {
            if conflict.kinds().contains(&ConflictKind::NoSuchVersion) {
                context.emit(Notice::DataAge { checked: matrix.newest_check().to_string() }.into());
            }
            Err(conflict.into())
        }
    }
}

/// Checks this machine for a manifest with a `[target]`. The answer is for the target's machines; this machine's
/// result is an extra note.
fn look_here(
    context: &Context,
    settings: &settings::Check,
    (manifest, resolution): (&Manifest, &Resolution),
    facts: &HostFacts,
    matrix: &Matrix,
) -> Result<()> {
    let target = TargetFacts::of_machine(Some(facts), &settings.overrides, matrix)?;
    let decision = &resolution.decision;
    let is_other = decision.other_arch(&target).is_some();
    if manifest.gpu.optional && facts.gpus.is_empty() && !is_other {
        return Ok(());
    }
    let here = Request::pinned(decision, "envctl.toml", ManifestText::of(manifest), target);
    if is_other || resolve(&here, matrix).is_err() {
        context.emit(Notice::RefusedHere.into());
    }
    Ok(())
}

fn report_found(
    context: &Context,
    settings: &settings::Check,
    resolution: &Resolution,
    (request, matrix): (&Request, &Matrix),
    packages: &PackagesSeen,
) -> Outcome {
    if let Err(error) = render::has_template(resolution.decision.os.as_deref(), &resolution.decision.python) {
        context.emit(Notice::NoTemplate { error: error.to_string() }.into());
    }
    let instead = if resolution.unbuildable.is_none() { Vec::new() } else { instead(request, matrix) };
    if context.printer.json() {
        let mut answer = ui::documents::resolution(resolution);
        if !instead.is_empty() {
            answer["buildable"]["suggestions"] = ui::documents::suggestions(&instead);
        }
        let mut document = json_document::document(matrix, true, "resolution", answer);
        document["packages"] = packages.document();
        context.printer.document(&document);
        return Ok(Exit::Done.into());
    }
    let paint = context.printer.paint();
    let text = match &settings.why {
        None => ui::answer(resolution, &instead, paint) + &ui::noted(packages.note().as_deref(), paint),
        Some(name) => ui::reasons(resolution, name, paint).ok_or_else(|| NothingCalled::new(name, resolution))?,
    };
    context.printer.result(&text);
    Ok(Exit::Done.into())
}

/// Lists every build of the requested releases. The exit code is 3 if none works.
fn report_all(context: &Context, request: &Request, matrix: &Matrix) -> Ending {
    let all = combinations(request, matrix);
    let works = all.iter().any(|one| one.outcome.is_ok());
    if context.printer.json() {
        context.printer.document(&json_document::document(
            matrix,
            works,
            "combinations",
            ui::documents::combinations(&all),
        ));
    }
    let table = ui::combinations(&all);
    context.printer.result(&table.text(context.printer.width(), context.printer.paint()));
    if works { Exit::Done } else { Exit::Conflict }.into()
}

/// `--why` names something that was not chosen.
#[derive(Debug, thiserror::Error)]
#[error("nothing called `{name}` was chosen")]
struct NothingCalled {
    name: String,
    chosen: Vec<String>,
}

impl NothingCalled {
    fn new(name: &str, resolution: &Resolution) -> Self {
        Self { name: name.to_owned(), chosen: ui::why_names(resolution) }
    }
}

impl Report for NothingCalled {
    fn kind(&self) -> &'static str {
        "nothing-called"
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        vec![format!("`--why` knows {}", self.chosen.join(", "))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::shown_errors::shown_errors;

    #[test]
    fn an_unknown_name_after_why() {
        let chosen = vec!["pytorch".to_owned(), "python".to_owned()];
        insta::assert_snapshot!(shown_errors(&[NothingCalled { name: "pyton".to_owned(), chosen }]));
    }
}
