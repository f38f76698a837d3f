//! `check --packages`: the answer of `lock`, without a lock.
//!
//! Without the option, `check` looks at no package, and says so.

use std::path::Path;

use serde_json::{Value, json};

use crate::commands::consent::Terminal;
use crate::commands::context::Context;
use crate::error::Result;
use crate::grants::Phase;
use crate::host::HostFacts;
use crate::lock::{Ensured, LockUse, OldFormat, Upgrade};
use crate::manifest::Manifest;
use crate::matrix::Matrix;
use crate::place::{ImageBuilder, SourceRunnerOrder};
use crate::reconcile::base;
use crate::reconcile::consent::{Asking, EngineAssets};
use crate::reconcile::locking::LockOrder;
use crate::reconcile::work::{Ask, BuildOptions, Effects};
use crate::resolve::{Decision, Request};
use crate::settings::{self, Consent};
use crate::ui;

/// What `check` knows about the packages.
pub(super) enum PackagesSeen {
    /// They were not looked at.
    NotLookedAt {
        /// The number of requirements in the manifest.
        requirements: usize,
        /// The number of files with requirements that the manifest names.
        files: usize,
    },
    /// They were resolved with the frameworks.
    Resolved(Box<Ensured>),
}

impl PackagesSeen {
    /// The packages of a manifest that nobody resolved.
    pub(super) fn of(manifest: &Manifest) -> Self {
        let python = &manifest.python;
        Self::NotLookedAt { requirements: python.packages.len(), files: python.requirements.len() }
    }

    /// Resolves them as `lock` does, and writes nothing.
    pub(super) fn resolve(
        context: &Context,
        settings: &settings::Check,
        matrix: &Matrix,
        facts: Option<&HostFacts>,
    ) -> Result<Self> {
        let environment = context.environment(settings.manifest.as_deref())?;
        let system = &context.system;
        let asking = Asking {
            environment: &environment,
            system,
            allowed: &settings.allow,
            phase: Phase::Resolve,
            verb: "check",
        };
        let terminal = Terminal { context, consent: Consent { force: false, yes: false } };
        let probed =
            (facts.is_none() && !settings.overrides.no_host).then(|| crate::host::probe(system, Path::new("/"), None));
        let ensured = context.block_on(async {
            let agreed =
                asking.agree(&EngineAssets::none(), &mut environment.state()?, |grants| terminal.grant(grants))?;
            let bootstrapped = base::bootstraps(&environment.manifest, false, &environment.state()?);
            let (build, builder) = (BuildOptions::default(), context.place().ok());
            let runner = builder.as_ref().map(|builder| {
                let (environment, agreed, options) = (&environment, &agreed, &build);
                builder.source_runner(SourceRunnerOrder { environment, options, agreed, matrix, bootstrapped })
            });
            let order = LockOrder {
                environment: &environment,
                system,
                matrix,
                agreed: &agreed,
                facts: facts.or(probed.as_ref()),
                overrides: &settings.overrides,
                usage: LockUse::Normal,
                upgrade: &Upgrade::Nothing,
                allowed: &settings.allow,
                effects: Effects::None,
                old_format: OldFormat::Kept,
                runner: runner.as_deref(),
            };
            order.ensure(async |_: &str| None, context).await
        })?;
        Ok(Self::Resolved(Box::new(ensured)))
    }

    /// The decision that the packages accept.
    pub(super) fn decision(&self) -> Option<&Decision> {
        match self {
            Self::NotLookedAt { .. } => None,
            Self::Resolved(ensured) => Some(&ensured.lock.decision),
        }
    }

    /// The note for people. `None`: there is nothing to say.
    pub(super) fn note(&self) -> Option<String> {
        match self {
            Self::NotLookedAt { requirements: 0, files: 0 } => None,
            Self::NotLookedAt { requirements, files } => Some(ui::packages_not_looked_at(*requirements, *files)),
            Self::Resolved(ensured) => Some(ui::packages_resolved(ensured.lock.packages.len())),
        }
    }

    /// The field of the document.
    pub(super) fn document(&self) -> Value {
        match self {
            Self::NotLookedAt { requirements, files } => {
                json!({"looked_at": false, "requirements": requirements, "files": files})
            }
            Self::Resolved(ensured) => {
                json!({"looked_at": true, "locked": ensured.lock.packages.len(), "tried": ensured.tried,
                       "older": ensured.older})
            }
        }
    }
}

/// The request that has this decision as its answer.
pub(super) fn narrowed(request: &Request, decision: &Decision) -> Request {
    let frameworks = decision.frameworks.iter();
    let fixed = frameworks.fold(request.clone(), |fixed, one| fixed.with_release(&one.name, &one.version));
    fixed.on_python(&decision.python)
}
