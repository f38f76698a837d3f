//! `lock`

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::engine::Engine;
use crate::engine::docker::Docker;
use crate::error::{Exit, Result};
use crate::grants::{self, GrantKind, Phase};
use crate::lock::{Ensured, LockFile, LockSources, Question, Stale, Written, ensure};
use crate::manifest::BaseImages;
use crate::matrix::Matrix;
use crate::packages::SourceBuilds;
use crate::project::{Environment, write};
use crate::reconcile::consent::Asking;
use crate::reconcile::up::Ask;
use crate::resolve::Request;
use crate::settings::{self, Consent, LockUse, Overrides, Upgrade};

use super::{Context, Outcome, consent};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Lock) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let matrix = context.matrix()?;
    let own = own_path(&environment);
    let file = file(&environment, &own, settings.overrides.cpu);
    let wish = Wish {
        overrides: &settings.overrides,
        usage: settings.lock,
        upgrade: &settings.upgrade,
        allowed: &settings.allow,
    };
    let ensured = context.block_on(answer(context, &environment, &matrix, file, wish))?;
    report(context, &file.path(), &ensured);
    Ok(Exit::Done.into())
}

/// How a lock is wanted.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) overrides: &'a Overrides,
    pub(super) usage: LockUse,
    pub(super) upgrade: &'a Upgrade,
    /// `--allow`
    pub(super) allowed: &'a [String],
}

/// Where it lies: a person's `--cpu` is not the team's decision.
pub(super) fn file<'a>(environment: &'a Environment, own: &'a Path, cpu: bool) -> LockFile<'a> {
    if cpu { LockFile::Own(own, &environment.project.directory) } else { LockFile::Team(&environment.project) }
}

/// This host's own lock, for the CPU.
pub(super) fn own_path(environment: &Environment) -> PathBuf {
    environment.directory.join("cpu.lock")
}

/// The lock that answers the manifest, for this host or the machine that the command line names.
pub(super) async fn answer(
    context: &Context,
    environment: &Environment,
    matrix: &Matrix,
    file: LockFile<'_>,
    wish: Wish<'_>,
) -> Result<Ensured> {
    let manifest = &environment.manifest;
    let asking = Asking { environment, system: &context.system, allowed: wish.allowed, phase: Phase::Resolve };
    let terminal = consent::Terminal { context, consent: Consent { force: false, yes: false } };
    let agreed = asking.agree(None::<&Docker>, &mut environment.state()?, |grants| terminal.grant(grants)).await?;
    let facts = (!wish.overrides.no_host).then(|| crate::host::probe(&context.system, Path::new("/"), None));
    let request = Request::new(manifest, facts.as_ref(), wish.overrides, matrix)?;
    if wish.overrides.cpu {
        write::private_directory(&environment.directory)?;
    }
    let builds = agreed.covers_package_builds();
    let foreign = grants::is_allowed(GrantKind::LockSources, wish.allowed);
    let question = Question {
        agreed: &agreed,
        request: &request,
        matrix,
        system: &context.system,
        project: &environment.project.directory,
        file,
        usage: wish.usage,
        upgrade: wish.upgrade,
        builds: if builds { SourceBuilds::Allowed } else { SourceBuilds::Refused },
        sources: if foreign { LockSources::Any } else { LockSources::Known },
    };
    let registry = manifest.network.base_images.value == BaseImages::Registry;
    let digest = async |reference: &str| {
        // A lock can be written where no engine runs; the first build there asks for the digest in its own time.
        let engine = Docker::connect(&context.system, context.global.engine.as_deref()).ok().filter(|_| registry)?;
        engine.registry_digest(reference).await.ok()
    };
    ensure(question, digest, context).await
}

fn report(context: &Context, path: &Path, ensured: &Ensured) {
    let Ensured { lock, written } = ensured;
    let reasons: Vec<String> = match written {
        Written::Renewed(reasons) => reasons.iter().map(Stale::to_string).collect(),
        Written::Unchanged | Written::New | Written::Upgraded => Vec::new(),
    };
    let printer = &context.printer;
    if printer.json() {
        printer.document(&json!({
            "schema": 1,
            "ok": true,
            "lock": path,
            "changed": *written != Written::Unchanged,
            "reasons": reasons,
            "resolution": lock.resolution,
            "packages": lock.packages.len(),
        }));
        return;
    }
    for reason in &reasons {
        printer.message(&format!("{reason}\n"));
    }
    let said = match written {
        Written::Unchanged => "is up to date",
        Written::New => "is written",
        Written::Renewed(_) => "is renewed",
        Written::Upgraded => "is upgraded",
    };
    let mut parts: Vec<String> = lock
        .resolution
        .frameworks
        .iter()
        .map(|framework| format!("{} {}", framework.name, framework.version))
        .collect();
    parts.push(format!("Python {}", lock.resolution.python));
    parts.push(format!("{} packages", lock.packages.len()));
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    printer.result(&format!("{name} {said}: {}\n", parts.join(", ")));
}
