//! `envctl lock`: decides every version and writes `envctl.lock`.
//!
//! It builds no image.

use std::path::Path;

use serde_json::json;

use crate::error::{Exit, Result};
use crate::grants::{Agreed, Allowance, Phase};
use crate::lock::{Ensured, LockUse, OldFormat, Upgrade, Written};
use crate::matrix::Matrix;
use crate::place::{ImageBuilder, SourceRunnerOrder};
use crate::project::Environment;
use crate::reconcile::base;
use crate::reconcile::consent::{Asking, EngineAssets};
use crate::reconcile::locking::LockOrder;
use crate::reconcile::work::{Ask, BuildOptions, Effects};
use crate::resolve::Overrides;
use crate::settings::{self, Consent};
use crate::ui;

use super::consent;
use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::LockSettings) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let matrix = context.matrix()?;
    let wish = LockOptions {
        overrides: &settings.overrides,
        usage: settings.lock,
        upgrade: &settings.upgrade,
        allowed: &settings.allow,
        old_format: OldFormat::Rewritten,
        bootstrap: settings.bootstrap,
    };
    let asking = Asking {
        environment: &environment,
        system: &context.system,
        allowed: &settings.allow,
        phase: Phase::Resolve,
        verb: "lock",
    };
    let terminal = consent::Terminal { context, consent: Consent { force: false, yes: false } };
    let ensured = context.block_on(async {
        let state = &mut environment.state()?;
        let agreed = asking.agree(&EngineAssets::none(), state, |grants| terminal.grant(grants))?;
        ensure_lock(context, &environment, &agreed, &matrix, wish).await
    })?;
    report_lock(context, &ensured);
    Ok(Exit::Done.into())
}

/// The options for a lock.
#[derive(Clone, Copy)]
pub(super) struct LockOptions<'a> {
    pub(super) overrides: &'a Overrides,
    pub(super) usage: LockUse,
    pub(super) upgrade: &'a Upgrade,
    /// `--allow`
    pub(super) allowed: &'a [Allowance],
    pub(super) old_format: OldFormat,
    /// Whether bases are made locally and not pulled.
    pub(super) bootstrap: bool,
}

/// Returns the lock for the manifest, for this host or for the machine that the command line names.
pub(super) async fn ensure_lock(
    context: &Context,
    environment: &Environment,
    agreed: &Agreed<'_>,
    matrix: &Matrix,
    wish: LockOptions<'_>,
) -> Result<Ensured> {
    let system = &context.system;
    let facts = (!wish.overrides.no_host).then(|| crate::host::probe(system, Path::new("/"), None));
    let state = environment.state()?;
    let bootstrapped = base::bootstraps(&environment.manifest, wish.bootstrap, &state);
    let build = BuildOptions { bootstrap: wish.bootstrap, ..BuildOptions::default() };
    // A lock can be written without a place; the first build there asks for the digest later.
    let builder = context.place().ok();
    let runner = builder.as_ref().map(|builder| {
        builder.source_runner(SourceRunnerOrder { environment, options: &build, agreed, matrix, bootstrapped })
    });
    let order = LockOrder {
        environment,
        system,
        matrix,
        agreed,
        facts: facts.as_ref(),
        overrides: wish.overrides,
        usage: wish.usage,
        upgrade: wish.upgrade,
        allowed: wish.allowed,
        effects: Effects::Allowed,
        old_format: wish.old_format,
        runner: runner.as_deref(),
    };
    let digest = async |reference: &str| match &builder {
        Some(builder) if !bootstrapped => builder.base_digest(reference).await,
        _ => None,
    };
    order.ensure(digest, context).await
}

fn report_lock(context: &Context, ensured: &Ensured) {
    let Ensured { lock, path, written, tried, older } = ensured;
    let reasons: Vec<String> = match written {
        Written::Renewed(reasons) => reasons.iter().map(ui::stale).collect(),
        Written::Unchanged | Written::New | Written::Rewritten | Written::Upgraded => Vec::new(),
    };
    let printer = &context.printer;
    if printer.json() {
        printer.document(&json!({
            "schema": 1,
            "ok": true,
            "lock": path,
            "changed": *written != Written::Unchanged,
            "reasons": reasons,
            "resolution": lock.decision,
            "packages": lock.packages.len(),
            "tried": tried,
            "older": older,
        }));
        return;
    }
    for reason in &reasons {
        printer.message(&format!("{reason}\n"));
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    printer.result(&ui::lock_result(&name, written, lock));
}
