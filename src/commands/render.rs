//! `envctl render`: writes the Dockerfile and the other files of the build.
//!
//! It builds no image, except a base that is made locally.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::error::{Exit, Result};
use crate::files::{FileError, RootedDirectory};
use crate::grants::Phase;
use crate::lock::{Lock, OldFormat, Upgrade};
use crate::matrix::Matrix;
use crate::packages::Access;
use crate::place::ImageBuilder;
use crate::project::Environment;
use crate::proof::FrameworkCode;
use crate::reconcile::consent::{Asking, EngineAssets};
use crate::reconcile::work::{Ask, BuildOptions};
use crate::reconcile::{base, image};
use crate::render::{self, BuildContext, ContextFile};
use crate::resolve::Overrides;
use crate::settings::{self, Consent};

use super::context::{Context, Outcome};
use super::{consent, lock};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Render) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let rendered = context.block_on(render_context(context, &environment, settings))?;
    if let Some(directory) = &settings.output {
        let directory = context.system.directory.join(directory);
        write_files(&open_output(&environment.project.directory, &directory)?, &rendered.files)?;
    }
    report_rendered(context, settings, &rendered);
    Ok(Exit::Done.into())
}

async fn render_context(
    context: &Context,
    environment: &Environment,
    settings: &settings::Render,
) -> Result<BuildContext> {
    let matrix = context.matrix()?;
    let overrides = Overrides { cpu: settings.cpu, ..Overrides::default() };
    let wish = lock::LockOptions {
        overrides: &overrides,
        usage: settings.lock,
        upgrade: &Upgrade::Nothing,
        allowed: &settings.allow,
        old_format: OldFormat::Kept,
        bootstrap: settings.bootstrap,
    };
    let asking =
        Asking { environment, system: &context.system, allowed: &settings.allow, phase: Phase::Build, verb: "render" };
    let terminal = consent::Terminal { context, consent: Consent { force: false, yes: false } };
    let agreed = asking.agree_once(&EngineAssets::none(), &environment.state()?, |grants| terminal.grant(grants))?;
    let lock = lock::ensure_lock(context, environment, &agreed, &matrix, wish).await?.lock;
    let made = make_bases(context, environment, settings, &matrix, &lock).await?;
    let (manifest, project) = (&environment.manifest, &environment.project.directory);
    let access = Access::new(&agreed, project, &context.system)?;
    Ok(render::context(&render::ImageInputs {
        lock: &lock,
        manifest,
        proofs: &FrameworkCode::of(&lock, &matrix),
        base: made.base.as_deref(),
        fetch_base: made.fetch.as_deref(),
        certificates: access.bundle().is_some(),
        own_index: access.indexes().is_own(),
        proxies: access.proxies(),
        copies: &image::collect_copies(manifest, project)?,
        environment: None,
    })?)
}

/// Returns the bases that are made locally. Such a base must exist before its hash is known; other bases need no
/// place.
async fn make_bases(
    context: &Context,
    environment: &Environment,
    settings: &settings::Render,
    matrix: &Matrix,
    lock: &Lock,
) -> Result<base::Made> {
    let place = context.place();
    let options = BuildOptions::from(settings);
    if !settings.bootstrap && place.is_err() {
        return Ok(base::Made::default());
    }
    if !base::bootstraps(&environment.manifest, settings.bootstrap, &environment.state()?) {
        return Ok(base::Made::default());
    }
    place?.make_bases(environment, &options, lock, matrix).await
}

/// Opens the output directory and creates it if it is missing. A directory inside the project is not reached through
/// a link to the outside.
fn open_output(project: &RootedDirectory, path: &Path) -> Result<RootedDirectory> {
    if let Some(inside) = project.entered_by(path) {
        project.create_directories(&inside)?;
        return Ok(project.directory(inside)?);
    }
    std::fs::create_dir_all(path).map_err(|error| FileError::write(path, error.into()))?;
    Ok(RootedDirectory::open(path)?)
}

fn write_files(directory: &RootedDirectory, files: &BTreeMap<String, ContextFile>) -> Result<()> {
    for (name, file) in files {
        if let Some(parent) = Path::new(name).parent() {
            directory.create_directories(parent)?;
        }
        directory.replace(name, &file.bytes, if file.executable { 0o755 } else { 0o644 })?;
    }
    Ok(())
}

fn report_rendered(context: &Context, settings: &settings::Render, rendered: &BuildContext) {
    let printer = &context.printer;
    let dockerfile = rendered.files.get("Dockerfile").map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let dockerfile = dockerfile.unwrap_or_default();
    if printer.json() {
        let secrets: Vec<&str> = rendered.secrets.iter().map(render::ContextSecret::id).collect();
        printer.document(&json!({
            "schema": 1,
            "ok": true,
            "dockerfile": dockerfile,
            "files": rendered.files.keys().collect::<Vec<_>>(),
            "secrets": secrets,
            "output": settings.output,
        }));
        return;
    }
    match &settings.output {
        None => printer.file(&dockerfile),
        Some(directory) => {
            printer.result(&format!("{} files in {}\n", rendered.files.len(), directory.display()));
        }
    }
}
