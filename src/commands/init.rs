//! `envctl init`: writes a manifest from what the directory holds, from the command line, and from answers.
//!
//! It runs nothing of the directory and asks no network.

use std::path::PathBuf;

use serde_json::json;

use crate::draft::{Draft, DraftFit, DraftHost, DraftWishes, LeftReason, draft_manifest, fit_draft};
use crate::error::{Exit, Report, Result};
use crate::event::{Notice, Sink};
use crate::files::RootedDirectory;
use crate::manifest::{FrameworkId, Manifest, ManifestError};
use crate::matrix::Matrix;
use crate::project::MANIFEST;
use crate::settings::{self, NamedFramework};
use crate::text::shown;
use crate::ui;
use crate::version::VersionRequest;

use super::context::{Context, Outcome};
use crate::reconcile::consent::trusted_directories;

/// The failures of this verb.
#[derive(Debug, thiserror::Error)]
pub(super) enum InitError {
    #[error("`{}` exists", path.display())]
    Exists { path: PathBuf },
    #[error("nothing here names a framework")]
    NoFramework { parts: Vec<String> },
    #[error("there is no framework `{name}`")]
    UnknownFramework { name: String, known: Vec<String> },
}

impl Report for InitError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "manifest-exists",
            Self::NoFramework { .. } => "no-framework",
            Self::UnknownFramework { .. } => "unknown-framework",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Exists { .. } => vec![
                "`envctl init --dry-run` prints what would be written".to_owned(),
                "`envctl init --force` replaces it, and keeps it under another name".to_owned(),
            ],
            Self::NoFramework { parts } => {
                let part = parts.first().map(|part| format!("take a part of the repository: `--requirements {part}`"));
                part.into_iter().chain(["name one: `envctl init --framework pytorch`".to_owned()]).collect()
            }
            Self::UnknownFramework { known, .. } => vec![format!("the frameworks are {}", known.join(", "))],
        }
    }
}

/// Runs the verb.
pub fn run(context: &Context, settings: settings::Init) -> Outcome {
    let directory = RootedDirectory::open(&context.system.directory)?;
    let path = directory.path().join(MANIFEST);
    let exists = path.symlink_metadata().is_ok();
    if exists && !settings.force && !settings.dry_run {
        return Err(InitError::Exists { path }.into());
    }
    let matrix = context.matrix()?;
    let (force, dry_run, yes) = (settings.force, settings.dry_run, settings.yes);
    let mut wishes = wishes(settings, &matrix)?;
    let now = context.system.now();
    let host = DraftHost {
        project: directory.path().to_owned(),
        home: context.system.home(),
        trusted: trusted_directories(&context.system),
    };
    let mut draft = draft_manifest(&directory, &wishes, &matrix, &host, now);
    if !yes && ask(context, &draft, &mut wishes, &matrix)? {
        draft = draft_manifest(&directory, &wishes, &matrix, &host, now);
    }
    if draft.frameworks.is_empty() && !draft.has("cuda", "version") {
        context.printer.draft(&draft);
        let parts = draft.left.iter().filter(|left| left.why == LeftReason::Part).map(|left| shown(&left.text));
        return Err(InitError::NoFramework { parts: parts.collect() }.into());
    }
    let fit = fit_draft(&mut draft, &directory, &matrix)?;
    let text = draft.text() + &ui::left_comments(&draft);
    read_back(&text, &draft, &matrix)?;
    if !dry_run {
        write(context, &directory, &text, exists && force)?;
    }
    report(context, &draft, &text, &WriteTarget { path, dry_run }, &fit);
    Ok(Exit::Done.into())
}

/// Turns the settings into wishes, with the ids of the frameworks.
fn wishes(settings: settings::Init, matrix: &Matrix) -> Result<DraftWishes, InitError> {
    let settings::Init {
        frameworks,
        python,
        name,
        cpu,
        docker_run,
        requirements,
        exclude_newer,
        force: _,
        dry_run: _,
        yes: _,
    } = settings;
    Ok(DraftWishes {
        name,
        frameworks: frameworks.iter().map(|named| find_framework(named, matrix)).collect::<Result<_, _>>()?,
        python,
        cpu,
        docker_run,
        requirements,
        exclude_newer,
    })
}

/// Returns the id of a framework and the releases that are asked for.
pub(super) fn find_framework(
    named: &NamedFramework,
    matrix: &Matrix,
) -> Result<(FrameworkId, Option<VersionRequest>), InitError> {
    let Some(id) = matrix.framework_called(&named.name) else {
        let known = matrix.frameworks().map(|known| known.id.to_string()).collect();
        return Err(InitError::UnknownFramework { name: named.name.clone(), known });
    };
    Ok((id.clone(), named.version.clone()))
}

/// Asks what neither the directory nor the command line says. Returns whether an answer changes the draft.
fn ask(context: &Context, draft: &Draft, wishes: &mut DraftWishes, matrix: &Matrix) -> Result<bool> {
    let printer = &context.printer;
    if !printer.can_ask() {
        return Ok(false);
    }
    let mut changed = false;
    if draft.frameworks.is_empty() {
        let known: Vec<&FrameworkId> = matrix.frameworks().map(|known| known.id).collect();
        if let Some(answer) = printer.ask(&ui::framework_question(&known)) {
            wishes.frameworks.push(find_framework(&settings::framework(&answer)?, matrix)?);
            changed = true;
        }
    }
    if wishes.name.is_none()
        && let Some(answer) = printer.ask(&ui::name_question(&draft.name))
    {
        let bad = |error| settings::SettingsError::Checked { option: "--name", error };
        wishes.name = Some(answer.parse().map_err(bad)?);
        changed = true;
    }
    if !wishes.cpu && !draft.has("gpu", "devices") {
        wishes.cpu = !printer.accept(ui::GPU_QUESTION);
        changed |= wishes.cpu;
    }
    Ok(changed)
}

/// Reads the final text once more, with its comments.
fn read_back(text: &str, draft: &Draft, matrix: &Matrix) -> Result<(), ManifestError> {
    Manifest::parse(MANIFEST.as_ref(), text, draft.name.as_str(), &matrix.vocabulary()).map(|_| ())
}

/// Writes the manifest. An existing one is kept under another name.
fn write(context: &Context, directory: &RootedDirectory, text: &str, replaces: bool) -> Result<()> {
    if replaces {
        let old = directory.read(MANIFEST, crate::files::DOCUMENT)?;
        let mut names = std::iter::once("envctl.toml.old".to_owned())
            .chain((2_u32..).map(|number| format!("envctl.toml.old-{number}")));
        let is_free = |name: &String| directory.path().join(name).symlink_metadata().is_err();
        let kept = names.find(is_free).expect("the numbers have no end");
        directory.create(&kept, &old, 0o644)?;
        context.emit(Notice::Wrote(directory.path().join(kept)).into());
        return Ok(directory.replace_read(MANIFEST, &old, text.as_bytes(), 0o644)?);
    }
    // A question can take hours, and somebody else can write a manifest meanwhile.
    match directory.create(MANIFEST, text.as_bytes(), 0o644) {
        Err(error) if error.problem.is_taken() => {
            Err(InitError::Exists { path: directory.path().join(MANIFEST) }.into())
        }
        created => Ok(created?),
    }
}

/// Where the manifest is, or would be.
struct WriteTarget {
    path: PathBuf,
    dry_run: bool,
}

fn report(context: &Context, draft: &Draft, text: &str, written: &WriteTarget, fit: &DraftFit) {
    let WriteTarget { path, dry_run } = written;
    let printer = &context.printer;
    if printer.json() {
        let (taken, left) = ui::draft_document(draft);
        let check = json!({"ok": fit.error().is_none(), "message": fit.error().map(ui::error_message)});
        printer.document(&json!({
            "schema": 1, "ok": true, "manifest": path, "written": !dry_run, "text": text, "taken": taken, "left": left,
            "check": check,
        }));
        return;
    }
    printer.draft(draft);
    if let Some(error) = fit.error() {
        printer.warning(error);
    }
    if *dry_run {
        printer.file(text);
        return;
    }
    printer.result(&ui::manifest_written(MANIFEST));
    printer.hint(ui::after_draft(fit));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::shown_errors::{each_variant, shown_errors};

    #[test]
    fn errors_of_init() {
        let errors = each_variant![InitError;
            Exists { path: "/home/ada/lab/envctl.toml".into() },
            NoFramework { parts: Vec::new() },
            NoFramework { parts: vec!["train/requirements.txt".to_owned()] },
            UnknownFramework { name: "torchh".to_owned(), known: vec!["jax".to_owned(), "pytorch".to_owned()] },
        ];
        insta::assert_snapshot!(shown_errors(&errors));
    }
}
