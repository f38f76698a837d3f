//! `check`: resolves and explains. It needs no engine and no network.

mod many;
mod places;

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::{Exit, Report, Result};
use crate::event::{Notice, Sink};
use crate::files;
use crate::host::{self, HostFacts};
use crate::manifest::{Layer, LayerKind, Manifest};
use crate::matrix::Matrix;
use crate::project::{Project, is_standard_input};
use crate::project::{config_layers, layers};
use crate::resolve::{
    ConflictKind, ManifestText, Overrides, Request, Resolution, TargetFacts, combinations, instead, resolve,
};
use crate::{render, settings, ui};

use super::{Context, Ending, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Check) -> Outcome {
    let matrix = context.matrix()?;
    let facts = places::facts(context, &settings.facts)?;
    if !settings.paths.is_empty() {
        return many::manifests(context, settings, &matrix, facts);
    }
    let manifest = load(context, settings.manifest.as_deref(), &matrix)?;
    for key in manifest.not_yet() {
        context.emit(Notice::KeyWithoutEffect(key.key.to_string()).into());
    }
    if facts.len() > 1 {
        return Ok(many::hosts(context, settings, &matrix, &manifest, &facts));
    }
    let named = facts.into_iter().next().map(|(_, facts)| facts);
    let is_here = named.is_none();
    let host = named.or_else(|| this_host(context, &settings.overrides));
    let request = Request::new(&manifest, host.as_ref(), &settings.overrides, &matrix)?;
    if settings.all {
        return Ok(all(context, &request, &matrix));
    }
    match resolve(&request, &matrix) {
        Ok(resolution) => {
            if let Some(facts) = host.as_ref().filter(|_| is_here && manifest.target.is_named()) {
                look_here(context, settings, (&manifest, &resolution), facts, &matrix)?;
            }
            found(context, settings, &resolution, (&request, &matrix))
        }
        Err(conflict) => {
            if conflict.kinds().contains(&ConflictKind::NoSuchVersion) {
                context.emit(Notice::DataAge { checked: matrix.newest_check().to_string() }.into());
            }
            Err(conflict.into())
        }
    }
}

/// The manifest with its overlays. `-` is standard input, which has none beside it but the site's and the person's.
fn load(context: &Context, manifest: Option<&Path>, matrix: &Matrix) -> Result<Manifest> {
    if manifest.is_some_and(is_standard_input) {
        return standard_input(context, matrix);
    }
    let project = Project::find(&context.system, manifest)?;
    Ok(Manifest::parse_with(layers(&context.system, &project)?, &matrix.vocabulary())?)
}

fn standard_input(context: &Context, matrix: &Matrix) -> Result<Manifest> {
    let path = PathBuf::from("<stdin>");
    let mut text = String::new();
    let read = std::io::stdin().lock().take(files::TEXT).read_to_string(&mut text);
    read.map_err(|error| places::PlaceError::Unreadable { path: path.clone(), error })?;
    let mut all = config_layers(&context.system)?;
    all.push(Layer { path, text, kind: LayerKind::Project });
    Ok(Manifest::parse_with(all, &matrix.vocabulary())?)
}

/// This machine, unless the command line says not to look, or says all there is to know.
fn this_host(context: &Context, overrides: &Overrides) -> Option<HostFacts> {
    let Overrides { driver, gpus, capabilities, arch, no_host, .. } = overrides;
    let named = driver.is_some() && arch.is_some() && !(gpus.is_empty() && capabilities.is_empty());
    (!no_host && !named).then(|| host::probe(&context.system, Path::new("/"), None))
}

/// With a `[target]` the answer is for the machines that it names: whether this one is among them is told beside it.
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

fn found(
    context: &Context,
    settings: &settings::Check,
    resolution: &Resolution,
    (request, matrix): (&Request, &Matrix),
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
        context.printer.document(&document(matrix, true, "resolution", answer));
        return Ok(Exit::Done.into());
    }
    let paint = context.printer.paint();
    let text = match &settings.why {
        None => ui::answer(resolution, &instead, paint),
        Some(name) => ui::reasons(resolution, name, paint).ok_or_else(|| NothingCalled::new(name, resolution))?,
    };
    context.printer.result(&text);
    Ok(Exit::Done.into())
}

/// Every build of the releases asked for. Exit code 3 where none works.
fn all(context: &Context, request: &Request, matrix: &Matrix) -> Ending {
    let all = combinations(request, matrix);
    let works = all.iter().any(|one| one.outcome.is_ok());
    if context.printer.json() {
        context.printer.document(&document(matrix, works, "combinations", ui::documents::combinations(&all)));
    }
    let table = ui::combinations(&all);
    context.printer.result(&table.text(context.printer.width(), context.printer.paint()));
    if works { Exit::Done } else { Exit::Conflict }.into()
}

fn document(matrix: &Matrix, ok: bool, key: &str, value: Value) -> Value {
    let mut document = json!({"schema": 1, "ok": ok});
    document[key] = value;
    document["matrix"] = json!({"revision": matrix.revision()});
    if !matrix.notices().is_empty() {
        document["matrix"]["notices"] = json!(matrix.notices());
    }
    document
}

/// `--why` asks after something that was not chosen.
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
